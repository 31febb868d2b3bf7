"""A renewal: whether an agreement goes on when its term ends. Silence is never consent where no clause says so."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Literal, Self

from pydantic import AwareDatetime

from domain.actors import Act
from domain.agreement_parts import RenewalClause
from domain.cases import Action
from domain.errors import Conflict
from domain.follow_ups.change import Change, ChangeState, raised_from
from domain.follow_ups.follow_up import CUSTOMER_REP, FollowUp, FollowUpKind, Kind, News, Reason, row
from domain.follow_ups.triggers import ChangeTrigger, Trigger
from domain.human_tasks import Assignment
from domain.people import Role
from domain.periods import months_after


class RenewalState(StrEnum):
    """Where a renewal stands."""

    OPEN = "OPEN"
    RENEWED = "RENEWED"
    RENEGOTIATED = "RENEGOTIATED"
    EXPIRING = "EXPIRING"
    LAPSED = "LAPSED"


S = RenewalState


class RenewalDecision(StrEnum):
    """What is to happen at the end of the term."""

    RENEW_AS_IS = "RENEW_AS_IS"
    RENEGOTIATE = "RENEGOTIATE"
    LET_EXPIRE = "LET_EXPIRE"


D = RenewalDecision
DECIDING = (Role.SLM_MANAGER, Role.CRM_STAFF, Role.CUSTOMER_REP)
"""Who must name the same: two for the provider, one for the customer."""


class Renewal(FollowUp):
    """The renewal of an agreement whose term ends at `ends_at`; renewed as it is, it would end on `renewed_until`.

    `named` is what each role wants; `stopped_by` are those who said in time that an automatic clause is not to work.
    Once it is to be renewed it is `agreed`, or `by_clause`, and waits for its version in the registry.
    """

    state: RenewalState = S.OPEN
    ends_at: AwareDatetime
    renewed_until: date
    clause: RenewalClause | None = None
    pack: tuple[str, ...] = ()
    named: Mapping[Role, RenewalDecision] = {}
    stopped_by: tuple[Role, ...] = ()
    warned: tuple[int, ...] = ()
    agreed: bool = False
    by_clause: bool = False
    registered_as: str | None = None

    @property
    def kind(self) -> FollowUpKind:
        """A renewal."""
        return FollowUpKind.RENEWAL

    @property
    def has_effect(self) -> bool:
        """One that is agreed on becomes a version; news tell which."""
        return self.state is S.OPEN and (self.agreed or self.by_clause)

    @property
    def note(self) -> str:
        """What the registry notes."""
        by = "by its clause, as nobody decided otherwise in time" if self.by_clause else "by both sides"
        return f"renewed as it is until {self.renewed_until}, {by}"

    @property
    def successors(self) -> tuple[Change, ...]:
        """What both sides want to negotiate anew is a change, and a material one."""
        if self.state is not S.RENEGOTIATED:
            return ()
        text = self.reason or f"negotiated anew before {self.about}"
        same = {"source": self.case_id, "event": "renegotiate", "at": self.last_at, "text": text}
        trigger = Trigger(code=ChangeTrigger.RENEWAL, needed_by=date.fromisoformat(self.about), needed_at=self.ends_at, **same)
        return (raised_from(self, trigger, ChangeState.MATERIAL),)

    @property
    def notice_at(self) -> datetime | None:
        """The last instant at which an automatic clause can be stopped; none where nothing goes on by itself."""
        if self.clause is None or not self.clause.automatic:
            return None
        return self.days_after(self.ends_at, -self.clause.notice_days)

    @property
    def decide_by(self) -> datetime:
        """When a decision is expected."""
        return self.days_after(self.ends_at, -self.policy.renewal_decision_days)

    def begun(self) -> Self:
        """Both sides are asked.

        A clause works at the start of the last day of the term, so that the version is registered before the agreement has ended.
        """
        case = self.asked(self.entered_at).warned_in_time(self.entered_at)
        undecided = self.days_after(self.ends_at, -self.policy.renewal_escalation_days)
        if undecided > self.entered_at:
            case = case.until("undecided", undecided)
        over = self.ends_at if self.notice_at is None else self.days_after(self.ends_at, -1)
        said = f"The term ends on {self.about}. Read before: {', '.join(self.pack) or 'nothing'}."
        case = case.telling(
            "SLM_MANAGER",
            "CRM_STAFF",
            "CUSTOMER_REP",
            subject=f"Renewal of {self.registry_no}",
            body=said,
            phrase="renewal",
            pack=", ".join(self.pack),
        )
        return case.until("term_over", max(over, self.entered_at))

    def asked(self, at: datetime) -> Self:
        """The renewal with everybody asked who has no task of it."""
        case = self
        for role in DECIDING:
            whom = Assignment(*CUSTOMER_REP, party=self.customer) if role is Role.CUSTOMER_REP else Assignment(role)
            if not any(task.role is role for task in case.open_tasks):
                case = case.asking_by("DECIDE_RENEWAL", self.decide_by, at, whom)
        return case

    def warned_in_time(self, at: datetime) -> Self:
        """The renewal with a deadline for the next warning before the notice deadline."""
        to_come = [instant for instant, _ in self.warnings if instant >= at]
        return self.until("notice_deadline", min(to_come)) if to_come else self

    @property
    def warnings(self) -> list[tuple[datetime, int]]:
        """Instants of the warnings that were not told, with the days before the notice deadline."""
        if self.notice_at is None:
            return []
        left = [days for days in self.policy.renewal_notice_warnings if days not in self.warned]
        return [(self.days_after(self.notice_at, -days), days) for days in left]


def next_end(begins: date, ends: date, clause: RenewalClause | None) -> date:
    """The first day no longer in force after a renewal: later by the clause's months, else by the length of the term."""
    whole = (ends.year - begins.year) * 12 + ends.month - begins.month
    months = clause.months if clause is not None and clause.months is not None else whole if months_after(begins, whole) == ends else 0
    return months_after(ends, months) if months else ends + (ends - begins)


class DecideRenewal(Action):
    """What one role wants at the end of the term; until all name the same it may be named anew."""

    action: Literal["decide_renewal"] = "decide_renewal"
    decision: RenewalDecision
    reason: Reason | None = None


def decide_renewal(case: Renewal, action: DecideRenewal, act: Act) -> Renewal:
    """Once all three have named the same it is decided."""
    if case.has_effect:
        raise Conflict("ALREADY_DECIDED", f"it is decided: {case.note}")
    stops = action.decision is D.LET_EXPIRE and case.notice_at is not None and act.at <= case.notice_at
    others = tuple(role for role in case.stopped_by if role is not act.role)
    case = case.done("DECIDE_RENEWAL", act).but(
        named={**case.named, act.role: action.decision}, stopped_by=(*others, act.role) if stops else others
    )
    if set(case.named) != set(DECIDING):
        return case
    if len(set(case.named.values())) > 1:
        wanted = ", ".join(f"{role}: {case.named[role]}" for role in DECIDING)
        case = case.telling(
            *DECIDING, subject=f"Renewal of {case.registry_no}: not the same wish", body=wanted, phrase="renewal_differs", wanted=wanted
        )
        return case.asked(act.at)
    if action.decision is D.RENEW_AS_IS:
        return case.but(agreed=True)
    state = S.RENEGOTIATED if action.decision is D.RENEGOTIATE else S.EXPIRING
    case = case.entering(state, act.at, action.reason)
    said = {S.RENEGOTIATED: "It is negotiated anew.", S.EXPIRING: f"It ends on {case.about}."}[state]
    return case.telling(
        "SLM_MANAGER",
        "CRM_STAFF",
        "CUSTOMER_REP",
        subject=f"Renewal of {case.registry_no}: {action.decision}",
        body=said,
        phrase="renewal_decided",
        decision=action.decision.value,
    )


def _notice_deadline(case: Renewal, at: datetime) -> Renewal:
    due = [days for instant, days in case.warnings if instant <= at]
    last = case.notice_at
    assert last is not None
    day = f"{last.astimezone(case.provider_days.zone):%Y-%m-%d}"
    said = f"Without a word it goes on until {case.renewed_until}. Who wants it to end says so by {day} 00:00."
    case = case.but(warned=(*case.warned, *due)).warned_in_time(at)
    subject = f"Notice deadline of {case.registry_no} in {min(due)} days"
    return case.telling(
        "SLM_MANAGER",
        "CRM_STAFF",
        "CUSTOMER_REP",
        subject=subject,
        body=said,
        phrase="notice_deadline",
        days=min(due),
        until=str(case.renewed_until),
        day=day,
    )


def _undecided(case: Renewal, _: datetime) -> Renewal:
    if case.has_effect:
        return case
    missing = [role.value for role in DECIDING if role not in case.named]
    said = f"The term ends on {case.about}. Not heard: {', '.join(missing) or 'nobody, but they want different things'}."
    return case.telling(
        "SERVICE_DIRECTOR",
        subject=f"Renewal of {case.registry_no} not decided",
        body=said,
        phrase="renewal_undecided",
        missing=", ".join(missing),
    )


def _term_over(case: Renewal, at: datetime) -> Renewal:
    if case.has_effect:
        return case
    if case.notice_at is not None and not case.stopped_by:
        return case.voiding(at).but(by_clause=True)
    reason = f"ended by {', '.join(case.stopped_by)} in time" if case.stopped_by else "nobody decided on it"
    return _expires(case.entering(S.LAPSED, at, reason))


def _registered(case: Renewal, news: News) -> Renewal:
    if not case.has_effect:
        return case
    case = case.entering(S.RENEWED, news.at).but(registered_as=str(news.content["version"]))
    subject = f"{case.registry_no} {case.registered_as}: renewed until {case.renewed_until}"
    return case.telling(
        "SLM_MANAGER",
        "CRM_STAFF",
        "CUSTOMER_REP",
        subject=subject,
        body=case.note,
        phrase="renewed",
        version=case.registered_as or "",
        until=str(case.renewed_until),
    )


def _not_registered(case: Renewal, news: News) -> Renewal:
    return _expires(case.entering(S.LAPSED, news.at, str(news.content["reason"]))) if case.has_effect else case


def _expires(case: Renewal) -> Renewal:
    subject = f"{case.registry_no} is not renewed and ends on {case.about}"
    return case.telling("SLM_MANAGER", "CRM_STAFF", "CUSTOMER_REP", subject=subject, body=case.reason or "", phrase="not_renewed")


RENEWAL = Kind(
    table=(
        row(S.OPEN, "decide_renewal", DECIDING, S.OPEN, S.RENEGOTIATED, S.EXPIRING),
        row(S.OPEN, "notice_deadline", ()),
        row(S.OPEN, "undecided", ()),
        row(S.OPEN, "term_over", (), S.OPEN, S.LAPSED),
        row(S.OPEN, "registered", (), S.RENEWED),
        row(S.OPEN, "not_registered", (), S.LAPSED),
    ),
    actions={DecideRenewal: decide_renewal},
    stages={},
    deadlines={"notice_deadline": _notice_deadline, "undecided": _undecided, "term_over": _term_over},
    hears={"registered": _registered, "not_registered": _not_registered},
    ends=frozenset({S.RENEWED, S.RENEGOTIATED, S.EXPIRING, S.LAPSED}),
)
