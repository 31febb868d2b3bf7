"""What a person may decide in a case now, on which document, and the form they do it with."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import Row

from api.case_views import hashes_of, may_see
from api.decisions import DECISIONS, Decision
from api.pages.case_words import in_words
from api.pages.forms import Field, FieldKind, Given, fields_of
from api.pages.visitors import Visitor
from api.pages.words import PageWords, page_words
from api.someone import Someone
from domain.agreement_case import AgreementCase
from domain.errors import NotFound
from domain.follow_ups.follow_up import FollowUp
from domain.follow_ups.handover import Handover
from domain.follow_ups.kinds import KINDS
from domain.lifecycle import TRANSITIONS, Transition
from domain.people import Role
from domain.support_case import SUPPORT_TRANSITIONS, SupportCase
from store.follow_ups import follow_up_of

AnyCase = AgreementCase | SupportCase | FollowUp

DOCUMENT_OF: Mapping[str, str] = {
    "approve_requirements": "statement",
    "reject_requirements": "statement",
    "approve_price": "proposal",
    "approve_exception": "proposal",
    "reject_price": "proposal",
    "accept_offer": "proposal",
    "counter_offer": "proposal",
    "refuse_offer": "proposal",
    "link_supports": "draft",
    "acknowledge_receipt": "draft",
    "comment": "draft",
    "freeze_draft": "draft",
    "approve_draft": "draft",
    "reject_draft": "draft",
    "sign": "draft",
    "refuse_to_sign": "draft",
    "accept_support": "document",
    "reject_support": "document",
    "sign_support": "document",
    "approve_minutes": "minutes",
    "reject_minutes": "minutes",
    "approve_plan": "content",
    "reject_plan": "content",
    "acknowledge_change": "edited",
    "refuse_change": "edited",
}
"""The document that each decision is about, by the name of its hash."""


class Option(NamedTuple):
    """A decision a person may take now, and where it may lead."""

    decision: Decision
    leads_to: tuple[str, ...]


def case_of(row: Row[Any]) -> AnyCase:
    """The case of a row, whatever its kind."""
    if row.kind == "AGREEMENT":
        return AgreementCase.model_validate(row.document)
    return SupportCase.model_validate(row.document) if row.kind == "SUPPORT" else follow_up_of(row.document)


_OF_EVERY_FOLLOW_UP = frozenset(FollowUp.model_fields) - {"about", "period"}
_ELSEWHERE = frozenset({"state", "minutes", "content", "edited", "document", "before"})
"""What a page shows in a place of its own, or not at all."""


def content_of(case: AnyCase, visible: Mapping[str, Any], words: PageWords) -> dict[str, Any]:
    """What a follow-up is about, as far as it may be seen; cases of agreements are their documents."""
    if not isinstance(case, FollowUp):
        return {}
    own = [name for name in type(case).model_fields if name not in _OF_EVERY_FOLLOW_UP | _ELSEWHERE]
    shown = {name: visible[name] for name in own if visible.get(name) not in (None, "", [], {}, False)}
    return in_words(shown, words)


def table_of(kind: str) -> Sequence[Transition]:
    """The table by which cases of a kind go on."""
    by_kind: Mapping[str, Sequence[Transition]] = {"AGREEMENT": TRANSITIONS, "SUPPORT": SUPPORT_TRANSITIONS}
    return by_kind[kind] if kind in by_kind else next(each.table for name, each in KINDS.items() if name.value == kind)


def options_for(row: Row[Any], someone: Someone, role: Role | None = None) -> list[Option]:
    """What somebody may decide as the case stands, in one of their roles or in the one that is meant; the case has the last word."""
    roles = {role} if role is not None else {each for who in (someone.actor, *someone.actor.deputises) for each in who.roles}
    rows = [each for each in table_of(row.kind) if each.at.value == row.state and each.roles & roles]
    return [Option(DECISIONS[row.kind][each.action], tuple(dict.fromkeys(to.value for to in each.to))) for each in rows]


def option_named(action: str, options: Sequence[Option], row: Row[Any]) -> Option:
    """One of the options.

    Raises:
        NotFound: there is no such decision here now.
    """
    found = next((each for each in options if each.decision.action == action), None)
    if found is None:
        raise NotFound(f"{action!r} cannot be done in {row.case_id} as it stands, or not by you")
    return found


def hash_of_document(case: AnyCase, name: str) -> str | None:
    """The hash that a decision on a document is attached to."""
    if isinstance(case, AgreementCase):
        return hashes_of(case).get(name)
    found: str | None = getattr(case, f"{name}_hash", None)
    return found


def form_of(option: Option, case: AnyCase, visitor: Visitor, zone: ZoneInfo) -> list[Field]:
    """The fields of a decision, filled with what is known, and the key that makes it count once."""
    given = {name: value for name, value in _given(option.decision.action, case, visitor) if value.value is not None or value.choices}
    fields = fields_of(option.decision.body, given, zone)
    if visitor.someone.actor.deputises:
        fields.append(_acting_for(visitor))
    return [*fields, Field("key", FieldKind.HIDDEN, is_required=True, value=uuid4().hex)]


def _acting_for(visitor: Visitor) -> Field:
    actor = visitor.someone.actor
    choices = [(actor.person, actor.name), *((each.person, each.name) for each in actor.deputises)]
    return Field("acting_for", FieldKind.CHOICE, is_required=True, value=actor.person, choices=choices)


def _given(action: str, case: AnyCase, visitor: Visitor) -> Iterator[tuple[str, Given]]:
    """What a form knows before anybody typed: hashes that are looked at, names that can be chosen, texts that are edited on."""
    if (document := DOCUMENT_OF.get(action)) is not None:
        yield "document_hash", Given(hash_of_document(case, document), is_fixed=True)
    if isinstance(case, AgreementCase):
        yield from _of_agreement(action, case, visitor)
    elif isinstance(case, SupportCase):
        if action == "propose_support" and case.document is not None:
            yield "document", Given(_plain(case.document))
    else:
        yield from _of_follow_up(action, case)
    yield from _named_codes(action, visitor)


def _of_agreement(action: str, case: AgreementCase, visitor: Visitor) -> Iterator[tuple[str, Given]]:
    catalogue = visitor.someone.catalogue
    if action in {"nominate_agent", "confirm_agent", "appoint_agent"}:
        agents = catalogue.people_with(Role.REQUIREMENTS_AGENT)
        yield "agent", Given(next(iter(case.nominations.values()), None), [(each.person, each.name) for each in agents])
    if action == "set_requirements" and case.requirements is not None:
        yield "requirements", Given(_plain(case.requirements))
    if action == "feasibility_done":
        statement = {"text": case.statement.text if case.statement is not None else "", "version": case.requirements_version}
        yield "statement", Given(statement)
    if action == "set_prices" and case.proposal is not None:
        yield "proposal", Given(_plain(case.proposal))
    if action == "accept_offer" and case.proposal is not None and may_see(case, "proposal"):
        named = [
            (each.option, f"{each.level} · {each.region} · {each.price:.2f} {case.proposal.currency}") for each in case.proposal.options
        ]
        yield "options", Given(list(case.proposal.offered), named)
    if action in {"link_supports", "compile_draft"} and case.draft is not None:
        yield "draft", Given(_plain(case.draft))
    if action in {"link_supports", "support_ready"}:
        yield "supports", Given("\n".join(case.supports))
    if action == "comment":
        yield "comment", Given(f"c{len(case.comments) + 1}", is_fixed=True)
    if action in {"resolve_comment", "confirm_comment", "comment_requires"}:
        yield "comment", Given(None, [(each.comment, each.text) for each in case.comments if not each.is_settled])


def _of_follow_up(action: str, case: FollowUp) -> Iterator[tuple[str, Given]]:
    if action in {"approve_credit", "resolve_credit"}:
        yield "amount", Given(f"{getattr(case, 'amount', 0):.2f}", is_fixed=action == "approve_credit")
    for name in ("minutes", "content"):
        if action in {"record_minutes", "describe_plan"} and (known := getattr(case, name, None)) is not None:
            yield name, Given(_plain(known))
    if action == "finish_action" and (content := getattr(case, "content", None)) is not None:
        yield "finished", Given(None, [(each.action, each.text) for each in content.actions])
    if action == "name_owner" and isinstance(case, Handover):
        left = [each for each in case.packages if each.owner is None]
        yield "packages", Given([str(each.name) for each in left], [(str(each.name), f"{each.name}: {each.task}") for each in left])


_CODES = {"reason_code": "reject", "method": "method", "decision": "decision", "cause": "cause"}


def _named_codes(action: str, visitor: Visitor) -> Iterator[tuple[str, Given]]:
    """Codes people choose from, under their names."""
    words = page_words(visitor.language)
    for decisions in DECISIONS.values():
        if action in decisions:
            for field in fields_of(decisions[action].body, {}, ZoneInfo("UTC")):
                group = _CODES.get(field.name, "comment" if (action, field.name) == ("comment", "kind") else None)
                if group is not None and field.choices:
                    yield field.name, Given(field.value, [(code, words.called(group, code)) for code, _ in field.choices])


def _plain(document: Any) -> Any:
    return document.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
