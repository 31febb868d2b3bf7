"""A service review: pack in time, meeting, minutes with a decision for every target, actions with owner and date."""

from datetime import datetime
from enum import StrEnum
from typing import Literal, Self

from pydantic import AwareDatetime

from domain.actors import Act
from domain.business_days import business_days_from
from domain.cases import Action
from domain.documents import hash_of
from domain.errors import BadInput, Conflict
from domain.follow_ups.change import Change, raised_from
from domain.follow_ups.follow_up import CUSTOMER_REP, FollowUp, FollowUpKind, Kind, News, Reason, row
from domain.follow_ups.minutes import Minutes
from domain.follow_ups.review_telling import telling_of_minutes, telling_of_miss, telling_of_pack, telling_of_postponement
from domain.follow_ups.triggers import ChangeTrigger, Trigger
from domain.human_tasks import Assignment
from domain.people import Role
from domain.stages.hashes import Hash, check_hash


class ReviewState(StrEnum):
    """Where a review stands; a missed one may still be held."""

    SCHEDULED = "SCHEDULED"
    PACK_READY = "PACK_READY"
    PACK_SENT = "PACK_SENT"
    HELD = "HELD"
    MINUTES_APPROVED = "MINUTES_APPROVED"
    CLOSED = "CLOSED"
    MISSED = "MISSED"
    CANCELLED = "CANCELLED"


S = ReviewState


class Review(FollowUp):
    """A review of an agreement; `about` names the occasion, `targets` what must be decided on, `pack` the reports it rests on.

    One out of turn must be held by `due_at` (R-137); its meeting may be earlier on that day.
    """

    state: ReviewState = S.SCHEDULED
    meeting_at: AwareDatetime
    due_at: AwareDatetime | None = None
    reasons: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    pack: tuple[str, ...] = ()
    postponed: bool = False
    was_missed: bool = False
    pack_sent_at: AwareDatetime | None = None
    held_at: AwareDatetime | None = None
    minutes: Minutes | None = None

    @property
    def kind(self) -> FollowUpKind:
        """A review."""
        return FollowUpKind.REVIEW

    @property
    def successors(self) -> tuple[Change, ...]:
        """What the minutes say is to be different asks for a change, linked to the review (R-128)."""
        if self.state is not S.CLOSED or self.minutes is None or not self.minutes.changes:
            return ()
        text = "; ".join(self.minutes.changes)
        code = ChangeTrigger.REVIEW_OUTCOME
        return (raised_from(self, Trigger(code=code, text=text, source=self.case_id, event="minutes", at=self.last_at)),)

    @property
    def minutes_hash(self) -> str | None:
        """What the customer's approval is attached to."""
        return hash_of(self.minutes) if self.minutes is not None else None

    def begun(self) -> Self:
        """The pack is ready some days before the meeting, at once where there are fewer."""
        return self.dated(self.entered_at)

    @property
    def hold_by(self) -> datetime:
        """When it is to have been held."""
        return max(self.due_at or self.meeting_at, self.meeting_at)

    def pack_at(self, days: int) -> datetime:
        """So many business days before the meeting."""
        return business_days_from(self.provider_days, self.meeting_at, -days)

    def dated(self, at: datetime) -> Self:
        """The review with the deadlines of its meeting."""
        case = self.until("review_missed", business_days_from(self.provider_days, self.meeting_at, self.policy.review_missed_days))
        if self.state is S.SCHEDULED:
            case = case.until("pack_ready", max(self.pack_at(self.policy.pack_ready_days), at))
        if self.state is S.PACK_READY:
            case = case.until("pack_due", max(self.pack_at(self.policy.pack_sent_days), at))
        return case


def _pack_ready(case: Review, at: datetime) -> Review:
    return _asked(case.dated(at), at)


def _asked(case: Review, at: datetime) -> Review:
    """Whoever must act before the meeting, by its date."""
    if case.state is S.PACK_READY:
        return case.asking_by("SEND_PACK", case.pack_at(case.policy.pack_sent_days), at, Assignment(Role.SLA_TEAM))
    return case.asking_by("HOLD_REVIEW", max(case.hold_by, at), at, Assignment(Role.SLM_MANAGER)) if case.state is not S.SCHEDULED else case


def _pack_sent(case: Review, at: datetime) -> Review:
    return _asked(telling_of_pack(case.but(pack_sent_at=at).dated(at)), at)


def _held(case: Review, at: datetime) -> Review:
    return case.asking("WRITE_MINUTES", at, Assignment(Role.SLA_TEAM)) if case.minutes is None else case


def _minutes_approved(case: Review, at: datetime) -> Review:
    return case.asking("CLOSE_REVIEW", at, Assignment(Role.SLM_MANAGER))


class SendPack(Action):
    """The pack goes to the customer; on its last day it goes by itself."""

    action: Literal["send_pack"] = "send_pack"


class PostponeReview(Action):
    """The meeting takes place later, once, and not much."""

    action: Literal["postpone_review"] = "postpone_review"
    meeting_at: AwareDatetime
    reason: Reason


class HoldReview(Action):
    """The meeting took place."""

    action: Literal["hold_review"] = "hold_review"


class RecordMinutes(Action):
    """The minutes, for the customer's approval; another version takes the place of the one before."""

    action: Literal["record_minutes"] = "record_minutes"
    minutes: Minutes


class ApproveMinutes(Action):
    """The customer agrees with the minutes."""

    action: Literal["approve_minutes"] = "approve_minutes"
    document_hash: Hash


class RejectMinutes(Action):
    """The customer remembers something else."""

    action: Literal["reject_minutes"] = "reject_minutes"
    document_hash: Hash
    reason: Reason


class CloseReview(Action):
    """All is decided, every action has an owner and a date."""

    action: Literal["close_review"] = "close_review"


def send_pack(case: Review, action: SendPack, act: Act) -> Review:
    """It is on its way."""
    del action
    return case.done("SEND_PACK", act).entering(S.PACK_SENT, act.at)


def postpone_review(case: Review, action: PostponeReview, act: Act) -> Review:
    """Once, by ten business days at most."""
    if case.postponed:
        raise Conflict("POSTPONED_BEFORE", "a review is postponed once")
    latest = business_days_from(case.provider_days, case.meeting_at, case.policy.review_postponed_days)
    if not max(case.meeting_at, act.at) < action.meeting_at <= latest:
        raise BadInput(f"meeting_at: later than it is, still to come, and by {latest.isoformat()} at the latest")
    case = case.but(meeting_at=action.meeting_at, postponed=True).dated(act.at).voiding(act.at, "SEND_PACK", "HOLD_REVIEW")
    case = _asked(case, act.at)
    return telling_of_postponement(case, action.reason)


def hold_review(case: Review, action: HoldReview, act: Act) -> Review:
    """Minutes are written next."""
    del action
    return case.done("HOLD_REVIEW", act).entering(S.HELD, act.at).but(held_at=act.at)


def record_minutes(case: Review, action: RecordMinutes, act: Act) -> Review:
    """Complete minutes go to the customer."""
    if missing := sorted(set(case.targets) - set(action.minutes.targets)):
        raise BadInput(f"minutes.targets: no decision on {', '.join(missing)}", "DECISION_MISSING")
    if unknown := sorted(set(action.minutes.targets) - set(case.targets)):
        raise BadInput(f"minutes.targets: {unknown[0]!r} is not a target of {case.registry_no}")
    case = case.done("WRITE_MINUTES", act).but(minutes=action.minutes)
    if case.state is not S.HELD:
        case = case.entering(S.HELD, act.at)
    case = case.voiding(act.at, "WRITE_MINUTES", "APPROVE_MINUTES")
    return case.asking("APPROVE_MINUTES", act.at, Assignment(*CUSTOMER_REP, party=case.customer))


def approve_minutes(case: Review, action: ApproveMinutes, act: Act) -> Review:
    """The SLM manager closes next."""
    _check_minutes(case, action.document_hash, act)
    return case.done("APPROVE_MINUTES", act).entering(S.MINUTES_APPROVED, act.at)


def reject_minutes(case: Review, action: RejectMinutes, act: Act) -> Review:
    """They are written anew."""
    _check_minutes(case, action.document_hash, act)
    return case.done("APPROVE_MINUTES", act).asking("WRITE_MINUTES", act.at, Assignment(Role.SLA_TEAM)).but(reason=action.reason)


def _check_minutes(case: Review, document_hash: str, act: Act) -> None:
    check_hash(document_hash, case.minutes_hash)
    case.refuse_second_decision("APPROVE_MINUTES", act)


def close_review(case: Review, action: CloseReview, act: Act) -> Review:
    """What is to change is told to those who change agreements."""
    del action
    minutes = case.minutes
    assert minutes is not None
    if open_ended := [each.text for each in minutes.actions if each.owner is None or each.due is None]:
        raise BadInput(f"minutes.actions: {open_ended[0]!r} has no owner or no date", "ACTION_WITHOUT_OWNER")
    case = case.done("CLOSE_REVIEW", act).entering(S.CLOSED, act.at)
    return telling_of_minutes(case, minutes)


def _ready(case: Review, at: datetime) -> Review:
    return case.entering(S.PACK_READY, at)


def _sent_by_itself(case: Review, at: datetime) -> Review:
    return case.entering(S.PACK_SENT, at)


def _missed(case: Review, at: datetime) -> Review:
    case = case.entering(S.MISSED, at, "not held in time").but(was_missed=True)
    return telling_of_miss(case)


_SLM, _TEAM, _CUSTOMER = (Role.SLM_MANAGER,), (Role.SLM_MANAGER, Role.SLA_TEAM), (Role.CUSTOMER_REP,)
_BEFORE = (S.SCHEDULED, S.PACK_READY, S.PACK_SENT)


def _cancelled(case: Review, news: News) -> Review:
    return case.entering(S.CANCELLED, news.at, "the agreement has ended")


REVIEW = Kind(
    table=(
        row(S.SCHEDULED, "pack_ready", (), S.PACK_READY),
        row(S.PACK_READY, "send_pack", _TEAM, S.PACK_SENT),
        row(S.PACK_READY, "pack_due", (), S.PACK_SENT),
        *(row(at, "postpone_review", _SLM) for at in _BEFORE),
        *(row(at, "hold_review", _SLM, S.HELD) for at in (*_BEFORE, S.MISSED)),
        *(row(at, "review_missed", (), S.MISSED) for at in _BEFORE),
        *(row(at, "agreement_ended", (), S.CANCELLED) for at in (*_BEFORE, S.MISSED)),
        row(S.HELD, "record_minutes", _TEAM),
        row(S.HELD, "approve_minutes", _CUSTOMER, S.MINUTES_APPROVED),
        row(S.HELD, "reject_minutes", _CUSTOMER),
        row(S.MINUTES_APPROVED, "record_minutes", _TEAM, S.HELD),
        row(S.MINUTES_APPROVED, "close_review", _SLM, S.CLOSED),
    ),
    actions={
        SendPack: send_pack,
        PostponeReview: postpone_review,
        HoldReview: hold_review,
        RecordMinutes: record_minutes,
        ApproveMinutes: approve_minutes,
        RejectMinutes: reject_minutes,
        CloseReview: close_review,
    },
    stages={S.PACK_READY: _pack_ready, S.PACK_SENT: _pack_sent, S.HELD: _held, S.MINUTES_APPROVED: _minutes_approved, S.MISSED: _asked},
    deadlines={"pack_ready": _ready, "pack_due": _sent_by_itself, "review_missed": _missed},
    hears={"agreement_ended": _cancelled},
    ends=frozenset({S.CLOSED, S.CANCELLED}),
)
