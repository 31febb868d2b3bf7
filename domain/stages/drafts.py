"""The final version: written by the SLA team, sent to all parties."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from domain.actors import Act
from domain.agreement_case import AgreementCase, Reviewer
from domain.cases import Action
from domain.consistency import faults_of
from domain.documents import FinalDraft, hash_of
from domain.errors import BadInput
from domain.lifecycle import REVIEWERS
from domain.people import SIDES_OF, Role, Side


class CompileDraft(Action):
    """The SLA team writes the final version and sends it to all parties."""

    action: Literal["compile_draft"] = "compile_draft"
    draft: FinalDraft
    reviewers: Annotated[tuple[Reviewer, ...], Field(description="parties to it; none: the usual ones")] = ()
    faults: Annotated[tuple[str, ...], Field(description="what its check found, by the catalogue of the day")] = ()


MISPLACED = frozenset(
    {
        "TARGET_NOT_ALLOWED_AT_LEVEL",
        "ONE_SERVICE_PER_DOCUMENT",
        "BLANKET_SLA",
        "NO_PARENT",
        "WRONG_PARENT",
        "WEAKENS_MANDATORY",
        "WRONG_KIND",
    }
)
"""Faults of the structure: refused at once. What is merely open may stay open until the draft is frozen."""


def refuse_misplaced(draft: FinalDraft) -> None:
    """Refuse a draft whose structure is wrong.

    Raises:
        BadInput: with the code of the first fault.
    """
    for fault in faults_of(draft):
        if fault.code in MISPLACED:
            raise BadInput(f"{fault.where}: {fault.message}", fault.code)


def enter(case: AgreementCase, at: datetime) -> AgreementCase:
    """The SLA team compiles; decisions and signatures on an earlier draft are void."""
    void = tuple(each.model_copy(update={"is_void": True}) for each in case.decisions)
    case = case.asking("COMPILE_DRAFT", at, case.staff(Role.SLA_TEAM))
    return case.but(
        decisions=void, signatures=(), receipts={}, frozen_hash=None, issued_at=None, extended=False, compiled_by=None, draft_faults=()
    )


def compile_draft(case: AgreementCase, action: CompileDraft, act: Act) -> AgreementCase:
    """A version of the draft; every party must say that it has it."""
    refuse_misplaced(action.draft)
    for fault in action.faults:
        code, _, message = fault.partition(": ")
        if code in MISPLACED:
            raise BadInput(message, code)
    reviewers = action.reviewers or case.reviewers or usual_reviewers(case)
    _check_reviewers(case, reviewers, act)
    is_new = hash_of(action.draft) != case.compiled_hash
    case = case.voiding(act.at, "ACKNOWLEDGE_DRAFT", "ACKNOWLEDGE_DRAFT_INTERNAL").but(
        draft=action.draft,
        draft_version=case.draft_version + is_new,
        compiled_hash=hash_of(action.draft),
        draft_faults=action.faults,
        compiled_by=act.by.person,
        reviewers=reviewers,
        receipts={},
    )
    for each in reviewers:
        is_external = each.side is Side.CUSTOMER and not case.request.is_internal
        case = case.asking("ACKNOWLEDGE_DRAFT" if is_external else "ACKNOWLEDGE_DRAFT_INTERNAL", act.at, each.assignment)
    return case


def usual_reviewers(case: AgreementCase) -> tuple[Reviewer, ...]:
    """Customer, its lawyer if it has one, CRM, SLM manager, supply manager, control tier."""
    customer = {"side": Side.CUSTOMER, "party": case.request.customer}
    legal = (Reviewer(role=Role.LEGAL, **customer),) if case.request.customer_has_legal else ()
    ours = tuple(Reviewer(role=role) for role in (Role.CRM_STAFF, Role.SLM_MANAGER, Role.SUPPLY_MANAGER, Role.CONTROL_TIER))
    return (Reviewer(role=Role.CUSTOMER_REP, **customer), *legal, *ours)


def _check_reviewers(case: AgreementCase, reviewers: Sequence[Reviewer], act: Act) -> None:
    """Everybody on the list can decide, and nobody stands twice."""
    roles = [each.role for each in reviewers]
    for needed in (Role.CUSTOMER_REP, Role.CONTROL_TIER):
        if needed not in roles:
            raise BadInput(f"reviewers: {needed} must be among them")
    names = [each.name for each in reviewers]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise BadInput(f"reviewers: {twice[0]} stands twice; name the persons")
    named = {(each.role, each.side) for each in reviewers if each.person is not None}
    if both := [each.name for each in reviewers if each.person is None and (each.role, each.side) in named]:
        raise BadInput(f"reviewers: {both[0]} stands beside a person of that role; name all persons")
    for each in reviewers:
        party = case.request.customer if each.side is Side.CUSTOMER else None
        if each.role not in REVIEWERS or each.side not in SIDES_OF.get(each.role, {Side.PROVIDER}) or each.party != party:
            raise BadInput(f"reviewers: {each.name} of {each.party or 'the provider'} is no party to this agreement")
        if each.role is Role.CONTROL_TIER and each.person in {act.by.person, case.agent, case.price_approved_by} - {None}:
            raise BadInput(f"reviewers: {each.person} wrote or priced it and cannot be its control tier", "SEPARATION_OF_DUTIES")
