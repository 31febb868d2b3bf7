"""The formal review: every party decides on one hash, unanimously, the control tier among them."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import Field

from domain.actors import Act
from domain.agreement_case import AgreementCase, JustifiedReason, ReviewDecision, Reviewer
from domain.agreement_parts import Text
from domain.cases import Action
from domain.errors import BadInput, Conflict
from domain.lifecycle import AgreementState
from domain.stages.hashes import Hash, check_hash
from domain.stages.reviewers import reviewer_of


class ApproveDraft(Action):
    """A party approves the frozen draft."""

    action: Literal["approve_draft"] = "approve_draft"
    document_hash: Hash


class RejectCode(StrEnum):
    """Why a party rejects; it decides where the case goes back to."""

    TEXT = "TEXT"
    CONTROL_LAYER = "CONTROL_LAYER"
    SUPPORT = "SUPPORT"
    PRICE = "PRICE"
    REQUIREMENT_GAP = "REQUIREMENT_GAP"


class RejectDraft(Action):
    """A party rejects the frozen draft."""

    action: Literal["reject_draft"] = "reject_draft"
    document_hash: Hash
    reason_code: RejectCode
    reason: JustifiedReason


class ExtendReview(Action):
    """The SLM manager gives the review more time, once."""

    action: Literal["extend_review"] = "extend_review"
    business_days: Annotated[int, Field(gt=0, le=366)]
    reason: Text


BACK_TO: Mapping[RejectCode, AgreementState] = MappingProxyType(
    {
        RejectCode.TEXT: AgreementState.DRAFT_DISCUSSION,
        RejectCode.CONTROL_LAYER: AgreementState.DRAFT_DISCUSSION,
        RejectCode.SUPPORT: AgreementState.UNDERPINNING,
        RejectCode.PRICE: AgreementState.NEGOTIATION,
        RejectCode.REQUIREMENT_GAP: AgreementState.REQUIREMENTS,
    }
)
"""Where a rejection sends the case (T24)."""


def enter(case: AgreementCase, at: datetime) -> AgreementCase:
    """One task for each party."""
    case = case.asking("REVIEW_DRAFT", at, *(each.assignment for each in case.reviewers))
    return case.until("lapse", case.business_days_after(at, case.policy.review_lapse))


def approve_draft(case: AgreementCase, action: ApproveDraft, act: Act) -> AgreementCase:
    """One party's approval; the last one issues the draft for signature."""
    reviewer = _decides(case, action.document_hash, act)
    case = _with_decision(case.done("REVIEW_DRAFT", act), reviewer, act, approved=True)
    if len(case.approvals) < len(case.reviewers):
        return case
    return case.entering(AgreementState.SIGNING, act.at).but(issued_at=act.at)


def reject_draft(case: AgreementCase, action: RejectDraft, act: Act) -> AgreementCase:
    """One rejection sends the case back and voids what others decided on this draft."""
    reviewer = _decides(case, action.document_hash, act)
    case = _with_decision(case.done("REVIEW_DRAFT", act), reviewer, act, approved=False)
    void = tuple(each.model_copy(update={"is_void": True}) for each in case.decisions)
    decided = tuple(each.reviewer for each in case.approvals)
    case = case.entering(BACK_TO[action.reason_code], act.at, f"{action.reason_code}: {action.reason}").but(
        decisions=void, frozen_hash=None
    )
    body = f"{reviewer.name} rejected it ({action.reason_code}): {action.reason} You will be asked again."
    said = {"reviewer": reviewer.name, "code": str(action.reason_code), "reason": action.reason}
    return case.telling(*decided, subject="The draft changes", body=body, phrase="draft_changes", **said) if decided else case


def extend_review(case: AgreementCase, action: ExtendReview, act: Act) -> AgreementCase:
    """More time before the review lapses, once."""
    del act
    if case.extended:
        raise Conflict("ALREADY_EXTENDED", "the review was extended before")
    if action.business_days > case.policy.longest_extension:
        raise BadInput(f"business_days: {case.policy.longest_extension} at most")
    lapse_at = next(each.at for each in case.deadlines if each.name == "lapse")
    return case.until("lapse", case.business_days_after(lapse_at, action.business_days)).but(extended=True)


def _decides(case: AgreementCase, document_hash: str, act: Act) -> Reviewer:
    check_hash(document_hash, case.frozen_hash)
    reviewer = reviewer_of(case, act)
    if any(not each.is_void and each.reviewer == reviewer.name for each in case.decisions):
        raise Conflict("ALREADY_DECIDED", f"{reviewer.name} has decided on this draft; the decision stands")
    return reviewer


def _with_decision(case: AgreementCase, reviewer: Reviewer, act: Act, *, approved: bool) -> AgreementCase:
    assert case.frozen_hash is not None
    decision = ReviewDecision(
        reviewer=reviewer.name,
        by=act.by.person,
        on_behalf_of=act.on_behalf_of,
        document_hash=case.frozen_hash,
        approved=approved,
        at=act.at,
    )
    return case.but(decisions=(*case.decisions, decision))
