"""OLAs and UCs under the promise: linked, aligned, accepted."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from domain.actors import Act
from domain.agreement_case import AgreementCase, Support
from domain.agreement_parts import Text
from domain.alignment import check_alignment
from domain.cases import Action
from domain.documents import AgreementDocument, FinalDraft
from domain.errors import BadInput, Conflict
from domain.findings import AlignmentReport, Verdict
from domain.lifecycle import AgreementState
from domain.people import Role
from domain.stages.drafts import refuse_misplaced


class LinkSupports(Action):
    """The supply manager says which OLA or UC carries which target, by document."""

    action: Literal["link_supports"] = "link_supports"
    draft: Annotated[FinalDraft, Field(description="the promise as it will be written: its targets and calendars, with links")]
    supports: tuple[Support, ...] = ()


class Unsupportable(Action):
    """No supports can be had for a target: back to the negotiation with what could be promised."""

    action: Literal["unsupportable"] = "unsupportable"
    target: Annotated[str, Field(min_length=1, max_length=200)]
    achievable: Text


class SupportReady(Action):
    """Every target is carried by accepted supports."""

    action: Literal["support_ready"] = "support_ready"
    supports: tuple[Support, ...] = ()


def enter(case: AgreementCase, at: datetime) -> AgreementCase:
    """The supply manager sets up what the promise rests on."""
    return case.asking("SET_UP_SUPPORT", at, case.staff(Role.SUPPLY_MANAGER))


def link_supports(case: AgreementCase, action: LinkSupports, act: Act) -> AgreementCase:
    """Which OLA or UC carries which target; the answer of the alignment check is kept with it."""
    del act
    refuse_misplaced(action.draft)
    supports = {each.support: each for each in action.supports}
    named = {link.support for document in action.draft.documents for link in document.links}
    if unknown := sorted(named - set(supports)):
        raise BadInput(f"links: there is no support {unknown[0]!r}")
    return case.but(draft=action.draft, compiled_by=None, supports=supports, alignment=align(action.draft, supports))


def align(draft: FinalDraft, supports: Mapping[str, Support]) -> tuple[AlignmentReport, ...]:
    """Every document of a draft against its supports."""
    documents = {name: AgreementDocument.model_validate(each.document) for name, each in supports.items()}
    return tuple(check_alignment(draft.in_full(each), documents) for each in draft.documents)


def refuse_misaligned(reports: tuple[AlignmentReport, ...]) -> None:
    """Refuse promises that nothing carries.

    Raises:
        Conflict: MISALIGNED, with each broken rule.
    """
    failures = [(report.document, each) for report in reports for each in report.failures]
    if failures:
        message = "; ".join(f"{document}.{each.target}: {each.code}: {each.message}" for document, each in failures)
        raise Conflict("MISALIGNED", message)


def support_ready(case: AgreementCase, action: SupportReady, act: Act) -> AgreementCase:
    """Every target is carried, every support agreed."""
    if case.draft is None:
        raise Conflict("NO_LINKS", "no target is linked to a support, nor marked as provided by ourselves")
    supports = dict(case.supports) | {each.support: each for each in action.supports}
    reports = align(case.draft, supports)
    refuse_misaligned(reports)
    if waiting := sorted(name for name, each in supports.items() if each.registry_no is None):
        raise Conflict("SUPPORT_NOT_ACCEPTED", f"not agreed yet: {', '.join(waiting)}")
    case = case.done("SET_UP_SUPPORT", act).but(supports=supports, alignment=reports)
    return case.entering(AgreementState.DRAFT_DISCUSSION, act.at)


def release(case: AgreementCase, at: datetime) -> AgreementCase:
    """The case ends without an agreement: OLAs and UCs under way for it may be withdrawn; registered ones serve others too."""
    del at
    under_way = sorted(name for name, each in case.supports.items() if each.registry_no is None)
    if not under_way:
        return case
    body = f"{case.case_id} has ended without an agreement; under way for it: {', '.join(under_way)}."
    return case.telling(
        "SUPPLY_MANAGER", subject="Supports no longer needed", body=body, phrase="supports_not_needed", supports=", ".join(under_way)
    )


def unsupportable(case: AgreementCase, action: Unsupportable, act: Act) -> AgreementCase:
    """Back to the negotiation with what could be promised."""
    failing = {each.target for report in case.alignment for each in report.findings if each.verdict is Verdict.FAILS}
    if action.target not in failing:
        raise Conflict("ALIGNED", f"the alignment check does not fail for {action.target!r}")
    case = case.done("SET_UP_SUPPORT", act).entering(
        AgreementState.NEGOTIATION, act.at, f"UNSUPPORTABLE_TARGET: {action.target}, achievable {action.achievable}"
    )
    return case.telling(
        "CRM_STAFF",
        "CUSTOMER_REP",
        subject=f"{action.target} cannot be held",
        body=f"Achievable: {action.achievable}",
        phrase="target_cannot_be_held",
        target=action.target,
        achievable=str(action.achievable),
    )
