"""Cases as people look at them, and the pages on which they decide."""

from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from fastapi import Response
from sqlalchemy import Row

from api.case_desk import Received
from api.case_views import HIDDEN_FROM_CUSTOMER
from api.decisions import Signed, decide
from api.dependencies import Parts, TheParts
from api.pages.case_capacity import CapacityCard, capacity_card
from api.pages.credit_card import credit_card
from api.pages.deciding import DOCUMENT_OF, AnyCase, Option, case_of, content_of, form_of, option_named, options_for, table_of
from api.pages.forms import Field, FieldKind, Filled, filled
from api.pages.had_it_been import of_case
from api.pages.looked_at import LookedAt, looked_at
from api.pages.page import go_to, own, page_router
from api.pages.stage_table import stage_table
from api.pages.visitors import Sent, TheForm, TheVisitor, Visitor
from api.pages.words import page_words
from api.proof_desk import DECIDING
from api.routes.cases import list_cases, proofs_offered, show_case, show_events, show_stages, the_case
from api.routes.scans import kept_scan
from domain.agreement_case import AgreementCase
from domain.errors import Conflict, Forbidden, NotFound, ServandaError
from domain.follow_ups.follow_up import FollowUpKind
from domain.lifecycle import STAGES, AgreementState

router = page_router()


@router.get("/pages/cases")
async def show_cases(parts: TheParts, visitor: TheVisitor, state: str | None = None, after: str | None = None) -> Response:
    """Cases one may see, newest first."""
    found = await list_cases(parts, visitor.someone, state=state or None, limit=50, after=after)
    return own("cases", visitor, section="/pages/cases", cases=found.cases, next=found.next, state=state or "", states=STAGES)


@router.get("/pages/reviews")
async def show_follow_ups(
    parts: TheParts, visitor: TheVisitor, kind: str = FollowUpKind.REVIEW.value, state: str | None = None, after: str | None = None
) -> Response:
    """What follows from agreements in force, a kind at a time, newest first."""
    kinds = [each.value for each in FollowUpKind if visitor.is_inside or each.value in HIDDEN_FROM_CUSTOMER]
    if kind not in kinds:
        raise NotFound(f"there are no cases of the kind {kind}")
    found = await list_cases(parts, visitor.someone, kind=kind, state=state or None, limit=50, after=after)
    states = sorted({to.value for each in table_of(kind) for to in (each.at, *each.to)})
    asked = {"kind": kind, "state": state or ""}
    return own("follow_ups", visitor, section="/pages/reviews", found=found, asked=asked, kinds=kinds, states=states, now=parts.now())


@router.get("/pages/cases/{case_id}")
async def show_one(case_id: str, parts: TheParts, visitor: TheVisitor, done: str | None = None) -> Response:
    """A case: its stage, what is asked of the visitor, its documents, its way so far."""
    row = await the_case(case_id, parts, visitor.someone)
    case, view = case_of(row), await show_case(row, parts, visitor.someone)
    trail = await show_events(row, parts, visitor.someone, after=0, limit=1000) if visitor.is_inside else []
    stages = await show_stages(row, parts, visitor.someone) if visitor.is_inside else None
    documents = [await looked_at(name, case, row, parts, visitor) for name in _documents_of(row, case)]
    return own(
        "case",
        visitor,
        section="/pages/cases",
        view=view,
        stages=stage_table(stages, parts.now()) if stages is not None else None,
        stage_bar=[each.value for each in STAGES] if row.kind == "AGREEMENT" else [],
        trail=trail,
        options=options_for(row, visitor.someone),
        content=content_of(case, view.case, page_words(visitor.language)),
        credit=await credit_card(case, parts),
        documents=[each for each in documents if each is not None],
        proofs=await proofs_offered(row, parts) if row.kind == "AGREEMENT" else [],
        addable=await _addable(case, parts, visitor),
        capacity=await capacity_card(row, parts, visitor),
        done=done,
        had=await of_case(row, case, parts, visitor),
        now=parts.now(),
    )


async def _addable(case: AnyCase, parts: Parts, visitor: Visitor) -> list[str]:
    """Published proofs of the case's services that its offer does not have yet, for those who may add them."""
    if not isinstance(case, AgreementCase) or not visitor.someone.has(*DECIDING):
        return []
    async with parts.database.reading() as connection:
        known = await parts.proofs.offered_in(connection, case.case_id)
        found = [await parts.proofs.published_of(connection, service) for service in case.request.services]
    return [proof for proof in found if proof is not None and proof not in known]


def _documents_of(row: Row[Any], case: AnyCase) -> tuple[str, ...]:
    """The documents a case's page shows, newest work first."""
    if isinstance(case, AgreementCase):
        return ("draft", "proposal", "statement")
    return ("document",) if row.kind == "SUPPORT" else ("minutes", "content", "edited")


# ---- deciding -------------------------------------------------------------------------------------------------------


class Deciding(NamedTuple):
    """Somebody before a decision. `address` is where the form goes: the page's own, or that of a personal link."""

    option: Option
    row: Row[Any]
    case: AnyCase
    visitor: Visitor
    parts: Parts
    address: str

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which times are typed."""
        return ZoneInfo(self.visitor.someone.catalogue.calendar.time_zone)

    def form(self) -> list[Field]:
        """The fields, as nobody has filled them in."""
        return form_of(self.option, self.case, self.visitor, self.zone)


async def before(case_id: str, action: str, parts: Parts, visitor: Visitor) -> Deciding:
    """The decision as it stands before the visitor.

    Raises:
        NotFound: there is no such case or decision, or it is none of theirs.
    """
    row = await the_case(case_id, parts, visitor.someone)
    option = option_named(action, options_for(row, visitor.someone), row)
    return Deciding(option, row, case_of(row), visitor, parts, f"/pages/cases/{case_id}/{action}")


async def decision_page(deciding: Deciding, form: Filled, status: int = 200) -> Response:
    """What one decides, on what, who has decided already, what follows, and the form."""
    document: LookedAt | None = await looked_at(
        DOCUMENT_OF.get(deciding.option.decision.action), deciding.case, deciding.row, deciding.parts, deciding.visitor
    )
    view = await show_case(deciding.row, deciding.parts, deciding.visitor.someone)
    return own(
        "decision",
        deciding.visitor,
        status,
        section="/pages/cases",
        view=view,
        option=deciding.option,
        document=document,
        content=content_of(deciding.case, view.case, page_words(deciding.visitor.language)),
        credit=await credit_card(deciding.case, deciding.parts),
        tells_billing=deciding.option.decision.action in _TELL_BILLING,
        decided=[task for task in view.tasks if task.state == "DECIDED"],
        capacity=await _capacity_of(deciding),
        form=form,
        address=deciding.address,
        now=deciding.parts.now(),
    )


async def _capacity_of(deciding: Deciding) -> CapacityCard | None:
    """What feasibility is decided on; nothing of it by a personal link, from which no other page is open."""
    if deciding.row.state != AgreementState.FEASIBILITY or not deciding.visitor.is_signed_in:
        return None
    return await capacity_card(deciding.row, deciding.parts, deciding.visitor)


@router.get("/pages/cases/{case_id}/{action}")
async def show_decision(case_id: str, action: str, parts: TheParts, visitor: TheVisitor) -> Response:
    """A decision, before it is taken."""
    deciding = await before(case_id, action, parts, visitor)
    return await decision_page(deciding, Filled(None, deciding.form()))


@router.post("/pages/cases/{case_id}/{action}")
async def take_decision(case_id: str, action: str, parts: TheParts, visitor: TheVisitor, sent: TheForm) -> Response:
    """Take a decision; what is wrong with it is told where it was typed."""
    deciding = await before(case_id, action, parts, visitor)
    taken = await take(deciding, sent)
    return taken if isinstance(taken, Response) else go_to(f"/pages/cases/{case_id}?done={taken}")


async def take(deciding: Deciding, sent: Sent) -> Response | str:
    """Carry a filled form out: `judged` or `received`; or the page again with what is wrong."""
    form = filled(deciding.option.decision.body, _own_fields(deciding), sent, deciding.zone)
    try:
        scan = await sent.file("scan_file")
        if scan is not None and form.body is not None:
            digest = await kept_scan(deciding.row, scan, deciding.parts, deciding.visitor.someone)
            form = form._replace(body=form.body.model_copy(update={"scan": digest}))
        if form.body is None:
            return await decision_page(deciding, _again(deciding, form), 422)
        signed = Signed(deciding.visitor.someone, sent.text("key") or "page", None, sent.text("acting_for") or None)
        answer = await decide(deciding.option.decision, deciding.row, form.body, signed, deciding.parts)
    except (Conflict, Forbidden) as refusal:
        return await decision_page(deciding, _again(deciding, form).blaming(str(refusal)), 409)
    except ServandaError as refusal:
        return await decision_page(deciding, _again(deciding, form).blaming(str(refusal)), 422)
    return "received" if isinstance(answer, Received) else "judged"


_TELL_BILLING = frozenset({"approve_credit", "resolve_credit"})

_BESIDE = frozenset({"key", "acting_for"})
"""Fields of every form that are no part of what is decided."""


def _own_fields(deciding: Deciding) -> list[Field]:
    return [field for field in deciding.form() if field.name not in _BESIDE]


def _again(deciding: Deciding, form: Filled) -> Filled:
    """The form as it is shown again: what was typed stays, what nobody types is as it is now, such as the document's hash."""
    typed = {field.name: field for field in form.fields if field.kind is not FieldKind.HIDDEN}
    return form._replace(body=None, fields=[typed.get(field.name, field) for field in deciding.form()])
