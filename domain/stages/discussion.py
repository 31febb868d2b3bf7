"""Discussing the final version: receipts, comments, and the freeze."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

from domain.actors import Act
from domain.agreement_case import AgreementCase, Comment
from domain.agreement_parts import Text
from domain.amendment import refuse_unamendable
from domain.cases import Action
from domain.consistency import faults_of
from domain.errors import BadInput, Conflict, Forbidden
from domain.lifecycle import AgreementState
from domain.people import Key, Side
from domain.stages.hashes import Hash, check_hash
from domain.stages.reviewers import reviewer_of
from domain.stages.underpinning import align, refuse_misaligned


class AcknowledgeReceipt(Action):
    """A party has the final version."""

    action: Literal["acknowledge_receipt"] = "acknowledge_receipt"
    document_hash: Hash


class CommentKind(StrEnum):
    """What a comment is about; all but TEXT belong to an earlier stage."""

    TEXT = "TEXT"
    REQUIREMENT = "REQUIREMENT"
    PRICE = "PRICE"
    SUPPORT = "SUPPORT"


class MakeComment(Action):
    """A party remarks on the final version."""

    action: Literal["comment"] = "comment"
    comment: Key
    kind: CommentKind = CommentKind.TEXT
    text: Text


class ResolveComment(Action):
    """The SLA team answers a comment."""

    action: Literal["resolve_comment"] = "resolve_comment"
    comment: Key
    resolution: Text


class ConfirmComment(Action):
    """Its author agrees with the answer, or does not."""

    action: Literal["confirm_comment"] = "confirm_comment"
    comment: Key
    is_settled: bool


class CommentRequires(Action):
    """A comment sends the case back to the stage it is about."""

    action: Literal["comment_requires"] = "comment_requires"
    comment: Key


class FreezeDraft(Action):
    """The final version goes to the formal review; from here on its hash counts."""

    action: Literal["freeze_draft"] = "freeze_draft"
    document_hash: Hash


BACK_TO: Mapping[str, AgreementState] = MappingProxyType(
    {
        CommentKind.REQUIREMENT: AgreementState.REQUIREMENTS,
        CommentKind.PRICE: AgreementState.NEGOTIATION,
        CommentKind.SUPPORT: AgreementState.UNDERPINNING,
    }
)


def acknowledge_receipt(case: AgreementCase, action: AcknowledgeReceipt, act: Act) -> AgreementCase:
    """A party has this version."""
    check_hash(action.document_hash, case.draft_hash if case.compiled_by is not None else None)
    reviewer = reviewer_of(case, act)
    case = case.done("ACKNOWLEDGE_DRAFT", act).done("ACKNOWLEDGE_DRAFT_INTERNAL", act)
    return case.but(receipts=dict(case.receipts) | {reviewer.name: act.at})


def make_comment(case: AgreementCase, action: MakeComment, act: Act) -> AgreementCase:
    """A remark, which the SLA team must answer."""
    reviewer_of(case, act)
    if any(each.comment == action.comment for each in case.comments):
        raise BadInput(f"comment: {action.comment!r} is taken; give it another name")
    comment = Comment(
        comment=action.comment, by=act.entitled.person, written_by=act.by.person, role=act.role, kind=action.kind.value, text=action.text
    )
    case = case.telling(
        "SLA_TEAM", subject=f"Comment on the draft: {action.comment}", body=action.text, phrase="comment", comment=action.comment
    )
    return case.but(comments=(*case.comments, comment))


def resolve_comment(case: AgreementCase, action: ResolveComment, act: Act) -> AgreementCase:
    """The SLA team's answer; its author confirms it."""
    del act
    comment = _comment(case, action.comment)
    case = _replaced(case, comment.model_copy(update={"resolution": action.resolution, "is_settled": False}))
    return case.telling(
        comment.by,
        subject=f"Your comment {comment.comment} is answered",
        body=action.resolution,
        phrase="comment_answered",
        comment=comment.comment,
    )


def confirm_comment(case: AgreementCase, action: ConfirmComment, act: Act) -> AgreementCase:
    """Its author agrees with the answer, or asks for another."""
    comment = _comment(case, action.comment)
    if act.entitled.person != comment.by:
        raise Forbidden(f"{comment.comment} is {comment.by}'s comment")
    if comment.resolution is None:
        raise Conflict("NOT_RESOLVED", f"{comment.comment} has no answer yet")
    update = {"is_settled": True} if action.is_settled else {"resolution": None}
    return _replaced(case, comment.model_copy(update=update))


def comment_requires(case: AgreementCase, action: CommentRequires, act: Act) -> AgreementCase:
    """Back to the stage the comment is about; it counts as settled there."""
    comment = _comment(case, action.comment)
    if comment.is_settled:
        raise Conflict("SETTLED", f"{comment.comment} is settled; make another comment")
    if comment.kind not in BACK_TO:
        raise Conflict("ABOUT_THE_TEXT", f"{comment.comment} is about the text: resolve it here")
    case = _replaced(case, comment.model_copy(update={"is_settled": True, "resolution": f"back to {BACK_TO[comment.kind]}"}))
    return case.entering(BACK_TO[comment.kind], act.at, comment.text)


def freeze_draft(case: AgreementCase, action: FreezeDraft, act: Act) -> AgreementCase:
    """From here on the hash counts. Nothing may be open: receipts, comments, points, supports."""
    if case.draft is None or not case.reviewers or case.compiled_by is None:
        raise Conflict("NO_DRAFT", "the final version is not compiled yet")
    check_hash(action.document_hash, case.draft_hash)
    if both := sorted({person for person, side in case.required_signatories if (person, _other(side)) in case.required_signatories}):
        raise BadInput(f"{both[0]} cannot sign for both sides", "SEPARATION_OF_DUTIES")
    if missing := [each.name for each in case.reviewers if each.name not in case.receipts]:
        raise Conflict("RECEIPTS_MISSING", f"not acknowledged by {', '.join(missing)}")
    if unsettled := [each.comment for each in case.comments if not each.is_settled]:
        raise Conflict("OPEN_COMMENTS", f"not settled: {', '.join(unsettled)}")
    if faults := [*map(str, faults_of(case.draft)), *case.draft_faults]:
        raise BadInput("; ".join(dict.fromkeys(faults)), faults[0].partition(":")[0])
    refuse_misaligned(align(case.draft, case.supports))
    refuse_unamendable(case, act.at)
    case = case.done("COMPILE_DRAFT", act).but(frozen_hash=case.draft_hash)
    return case.entering(AgreementState.FINAL_REVIEW, act.at)


def _other(side: Side) -> Side:
    return Side.CUSTOMER if side is Side.PROVIDER else Side.PROVIDER


def _comment(case: AgreementCase, name: str) -> Comment:
    found = next((each for each in case.comments if each.comment == name), None)
    if found is None:
        raise BadInput(f"comment: there is none named {name!r}")
    return found


def _replaced(case: AgreementCase, comment: Comment) -> AgreementCase:
    return case.but(comments=tuple(comment if each.comment == comment.comment else each for each in case.comments))
