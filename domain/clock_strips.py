"""A clock laid over its calendar: what became of every stretch of time from its start to its due time, its end, or now."""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from domain.clock_milestones import MilestoneKind
from domain.clocks import ClockReading, ClockState
from domain.explanation import StepKind, explain
from domain.instants import from_us, span_us, to_us
from domain.limits import Plan
from domain.spans import Span


class StretchKind(StrEnum):
    """What a stretch of time was to a clock."""

    CLOSED = "CLOSED"
    """Outside of the calendar's hours."""
    AHEAD = "AHEAD"
    """Open hours still to come, or left over."""
    COUNTED = "COUNTED"
    """Open hours that were counted."""
    OVER = "OVER"
    """Open hours counted beyond the due time."""
    PAUSED = "PAUSED"
    """Open hours that do not count: a pause, or between completion and reopening."""


class Stretch(NamedTuple):
    """A stretch of time of one kind; they follow each other without a gap."""

    kind: StretchKind
    start: datetime
    end: datetime


class MarkKind(StrEnum):
    """What happens at an instant of a clock."""

    START = "START"
    WARNING = "WARNING"
    DUE = "DUE"
    BREACH = "BREACH"
    COMPLETED = "COMPLETED"
    NOW = "NOW"


class Mark(NamedTuple):
    """An instant of a clock; `level` is the per cent of a warning."""

    kind: MarkKind
    at: datetime
    level: int = 0


class ClockStrip(NamedTuple):
    """A clock over its calendar; stretches and marks earliest first. `zone` is that of the calendar."""

    clock: str
    zone: ZoneInfo
    stretches: tuple[Stretch, ...]
    pauses: tuple[Span, ...]
    marks: tuple[Mark, ...]


def clock_strip(reading: ClockReading, as_of: datetime) -> ClockStrip | None:
    """A clock as it was read at an instant; None of one that never started."""
    plan = reading.plan
    if plan is None or reading.started_at is None:
        return None
    used_until = _used_until(reading, plan, as_of)
    end = max(each for each in (reading.started_at, used_until, reading.due_at, reading.breach_at) if each is not None)
    due = reading.due_at or (from_us(plan.due) if plan.due is not None else None)
    return ClockStrip(
        reading.clock,
        plan.calendar.zone,
        tuple(_stretches(plan, Span(reading.started_at, end), used_until, due)),
        tuple(_pauses(plan, end)),
        tuple(_marks(reading, as_of)),
    )


def _used_until(reading: ClockReading, plan: Plan, as_of: datetime) -> datetime:
    """Up to when time was counted; of a clock that was taken out, the instant at which it had used what it had."""
    if reading.completed_at is not None:
        return reading.completed_at
    if reading.state in {ClockState.CANCELLED, ClockState.VOIDED}:
        spent = span_us(reading.spent)
        reached = plan.calendar.reach(plan.start, spent, plan.excluded) if spent > 0 else plan.start
        return from_us(reached) if reached is not None else as_of
    return max(as_of, from_us(plan.start))


def _stretches(plan: Plan, whole: Span, used_until: datetime, due: datetime | None) -> Iterator[Stretch]:
    at = whole.start
    for step in explain(plan.calendar, whole.start, whole.end, plan.excluded):
        if step.start > at:
            yield Stretch(StretchKind.CLOSED, at, step.start)
        if step.kind is StepKind.NOT_COUNTED:
            yield Stretch(StretchKind.PAUSED, step.start, step.end)
        else:
            yield from _cut(step.start, step.end, used_until, due)
        at = step.end
    if whole.end > at:
        yield Stretch(StretchKind.CLOSED, at, whole.end)


def _cut(start: datetime, end: datetime, used_until: datetime, due: datetime | None) -> Iterator[Stretch]:
    """A stretch that counts, by what had been used and by the due time."""
    edges = sorted({start, end, *(each for each in (used_until, due) if each is not None and start < each < end)})
    for low, high in pairwise(edges):
        is_over = due is not None and low >= due
        is_used = low < used_until
        yield Stretch((StretchKind.OVER if is_over else StretchKind.COUNTED) if is_used else StretchKind.AHEAD, low, high)


def _pauses(plan: Plan, end: datetime) -> Iterator[Span]:
    last = to_us(end)
    for start, until in plan.excluded:
        low, high = max(start, plan.start), last if until is None else min(until, last)
        if high > low:
            yield Span(from_us(low), from_us(high))


def _marks(reading: ClockReading, as_of: datetime) -> list[Mark]:
    assert reading.started_at is not None
    found = [Mark(MarkKind.START, reading.started_at)]
    found += [Mark(MarkKind.WARNING, each.at, each.level) for each in reading.milestones() if each.kind is MilestoneKind.WARNING]
    if reading.due_at is not None:
        found.append(Mark(MarkKind.DUE, reading.due_at))
    if reading.breach_at is not None and reading.breach_at != reading.due_at:
        found.append(Mark(MarkKind.BREACH, reading.breach_at))
    if reading.completed_at is not None:
        found.append(Mark(MarkKind.COMPLETED, reading.completed_at))
    if reading.is_open:
        found.append(Mark(MarkKind.NOW, as_of))
    ends_at = max(each.at for each in found if each.kind is not MarkKind.WARNING)
    return sorted((each for each in found if each.at <= ends_at), key=lambda each: each.at)
