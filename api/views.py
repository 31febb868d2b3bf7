"""What the API shows: JSON forms of tickets, clocks, and their reasons. Times are RFC 3339 in UTC."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, BaseModel
from sqlalchemy import Row

from api.inbox import Receipt
from api.replan_views import TicketMoveView
from domain.attribution import Part
from domain.clocks import ClockReading
from domain.durations import format_duration
from domain.explanation import Step, explain_clock
from domain.instants import from_us
from domain.wording import verdict_of


class StepView(BaseModel):
    """A stretch of open hours, and what it added."""

    kind: str
    start: AwareDatetime
    end: AwareDatetime
    counted_seconds: int
    total_seconds: int


class MilestoneView(BaseModel):
    """Something a clock reached or will reach as things stand."""

    kind: str
    level: int
    at: AwareDatetime


class ClockView(BaseModel):
    """A clock, read now. Local times are in the agreement's zone."""

    clock: str
    agreement: str
    version: str
    agreement_kind: str
    target: str
    target_kind: str
    calendar: str
    cycle: int
    state: str
    verdict: str
    reason: str | None
    started_at: AwareDatetime | None
    due_at: AwareDatetime | None
    due_local: str | None
    completed_at: AwareDatetime | None
    breached: bool
    breach_at: AwareDatetime | None
    executed_early: bool
    reopened: int
    spent: str
    spent_seconds: int
    remaining: str | None
    remaining_seconds: int | None

    @classmethod
    def of(cls, reading: ClockReading) -> "ClockView":
        """The view of a reading."""
        zone = reading.segment.agreement.calendar("24x7").zone
        same = ("clock", "agreement", "version", "target", "calendar", "cycle", "reason", "breached", "executed_early", "reopened")
        instants = ("started_at", "due_at", "completed_at", "breach_at")
        return cls(
            **{name: getattr(reading, name) for name in (*same, *instants)},
            agreement_kind=reading.kind.value,
            target_kind=reading.target_kind.value,
            state=reading.state.value,
            verdict=verdict_of(reading),
            due_local=reading.due_at.astimezone(zone).isoformat() if reading.due_at is not None else None,
            spent=format_duration(reading.spent),
            spent_seconds=int(reading.spent.total_seconds()),
            remaining=format_duration(reading.remaining) if reading.remaining is not None else None,
            remaining_seconds=int(reading.remaining.total_seconds()) if reading.remaining is not None else None,
        )


class PartView(BaseModel):
    """Business time of a promise's clock in one team's or supplier's hands; the parts' `over_seconds` sum up to its lateness."""

    holder: str
    held_seconds: float
    limit_seconds: float | None
    over_seconds: float


class ExplainedClockView(ClockView):
    """A clock with the reasons for its due time: what was counted, what was not, what comes when, in whose hands it was."""

    milestones: list[MilestoneView]
    steps: list[StepView]
    not_counted: list[tuple[AwareDatetime, AwareDatetime | None]]
    parts: list[PartView]

    @classmethod
    def explained(cls, reading: ClockReading, as_of: datetime, parts: Sequence[Part] = ()) -> "ExplainedClockView":
        """The view of a reading with its explanation; `parts` say who had the ticket."""
        excluded = reading.plan.excluded if reading.plan is not None else ()
        return cls(
            parts=[_part(part) for part in parts],
            **ClockView.of(reading).model_dump(),
            milestones=[MilestoneView(kind=each.kind.value, level=each.level, at=each.at) for each in reading.milestones()],
            steps=[_step(step) for step in explain_clock(reading, as_of)],
            not_counted=[(from_us(start), from_us(end) if end is not None else None) for start, end in excluded],
        )


def _part(part: Part) -> PartView:
    return PartView(
        holder=part.holder,
        held_seconds=part.held.total_seconds(),
        limit_seconds=part.limit.total_seconds() if part.limit is not None else None,
        over_seconds=part.over.total_seconds(),
    )


def _step(step: Step) -> StepView:
    return StepView(
        kind=step.kind.value,
        start=step.start,
        end=step.end,
        counted_seconds=int(step.counted.total_seconds()),
        total_seconds=int(step.total.total_seconds()),
    )


class ReceiptView(BaseModel):
    """What became of an event, and its ticket's clocks after it."""

    id: str
    status: str
    ticket: str
    clocks: list[ClockView]
    alert: str | None = None
    not_paused: list[str] = []
    late: bool = False

    @classmethod
    def of(cls, receipt: Receipt) -> "ReceiptView":
        """The view of a receipt."""
        return cls(
            id=receipt.event_id,
            status=receipt.taken.value,
            ticket=f"{receipt.ticket.source}/{receipt.ticket.ticket_id}",
            clocks=[ClockView.of(reading) for reading in receipt.readings],
            alert=receipt.alert.value if receipt.alert else None,
            not_paused=list(receipt.not_paused),
            late=receipt.late,
        )


class ListedClockView(BaseModel):
    """A clock in a list: as it was last read, and whether it is breached by now."""

    clock: str
    agreement: str
    state: str
    due_at: AwareDatetime | None
    completed_at: AwareDatetime | None
    breached: bool
    breach_at: AwareDatetime | None
    near_breach: bool

    @classmethod
    def of(cls, row: Row[Any], now: datetime) -> "ListedClockView":
        """The view of a clock's row: past its due time it is breached, whether or not anybody noticed yet."""
        passed = row.due_at if row.breach_at is None and row.state == "RUNNING" and row.due_at is not None and row.due_at <= now else None
        breach_at = row.breach_at or passed
        return cls(
            **{name: getattr(row, name) for name in ("clock", "agreement", "state", "due_at", "completed_at")},
            breached=breach_at is not None,
            breach_at=breach_at,
            near_breach=breach_at is None and row.state == "RUNNING" and row.warn_at is not None and row.warn_at <= now,
        )


class ListedTicketView(BaseModel):
    """A ticket in a list."""

    ticket: str
    created_at: AwareDatetime
    customer: str | None
    service: str | None
    region: str | None
    priority: str | None
    alert: str | None
    open: bool
    clocks: list[ListedClockView]

    @classmethod
    def of(cls, row: Row[Any], clocks: Sequence[Row[Any]], now: datetime) -> "ListedTicketView":
        """The view of a ticket's row."""
        same = ("created_at", "customer", "service", "region", "priority", "alert")
        return cls(
            ticket=row.subject,
            **{name: getattr(row, name) for name in same},
            open=row.is_open,
            clocks=[ListedClockView.of(clock, now) for clock in clocks],
        )


class TicketPage(BaseModel):
    """Some tickets, newest first; `next` asks for those after them."""

    tickets: list[ListedTicketView]
    next: str | None


class EventView(BaseModel):
    """An event of a ticket."""

    id: str
    kind: str
    occurred_at: AwareDatetime
    received_at: AwareDatetime
    late: bool
    milestone: str | None
    reason: str | None
    attributes: dict[str, str | None]


class ReachedView(BaseModel):
    """A milestone that was reached: when it was true, when it was noticed, and whether it was told."""

    clock: str
    kind: str
    level: int
    at: AwareDatetime
    detected_at: AwareDatetime
    telling: str
    recipients: list[str]


class TicketView(BaseModel):
    """A ticket with its clocks explained, its events, what its clocks reached, and the versions it was moved between."""

    ticket: str
    created_at: AwareDatetime | None
    attributes: dict[str, str]
    alert: str | None
    clocks: list[ExplainedClockView]
    events: list[EventView]
    milestones: list[ReachedView]
    moves: list[TicketMoveView]
    process: str | None


class MessageView(BaseModel):
    """A letter in the mailbox: the notice it tells, whom it is for (a person, or nobody known), and whom the notice named."""

    id: int
    message_id: str
    notice: str
    receiver: str
    ticket: str
    recipients: list[str]
    subject: str
    body: str
    link: str | None
    received_at: AwareDatetime


class MailboxPage(BaseModel):
    """Some messages, newest first; `next` asks for those before them."""

    messages: list[MessageView]
    next: int | None
