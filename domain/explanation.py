"""Why a due time is what it is: every stretch that was counted, and every pause that was not."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from domain.calendar_definitions import Weekday
from domain.calendars import ServiceCalendar
from domain.clocks import ClockReading
from domain.instants import from_us, to_us

_Stretch = tuple[int, int | None]


class StepKind(StrEnum):
    """What a stretch of open hours did to a clock."""

    COUNTED = "COUNTED"
    NOT_COUNTED = "NOT_COUNTED"


class Step(NamedTuple):
    """One stretch of open hours; `total` is what was counted up to its end."""

    kind: StepKind
    start: datetime
    end: datetime
    counted: timedelta
    total: timedelta


def explain(calendar: ServiceCalendar, start: datetime, end: datetime, excluded: Sequence[_Stretch] = ()) -> list[Step]:
    """Walk the open hours between two instants; `excluded` are merged stretches that do not count."""
    steps: list[Step] = []
    total = timedelta()
    for span in calendar.open_spans(start, end):
        for kind, low, high in _cut(to_us(span.start), to_us(span.end), excluded):
            counted = timedelta(microseconds=high - low) if kind is StepKind.COUNTED else timedelta()
            total += counted
            steps.append(Step(kind, from_us(low), from_us(high), counted, total))
    return steps


def _cut(low: int, high: int, excluded: Sequence[_Stretch]) -> list[tuple[StepKind, int, int]]:
    parts: list[tuple[StepKind, int, int]] = []
    for start, end in excluded:
        begins, finishes = max(low, start), high if end is None else min(high, end)
        if finishes <= begins:
            continue
        if begins > low:
            parts.append((StepKind.COUNTED, low, begins))
        parts.append((StepKind.NOT_COUNTED, begins, finishes))
        low = finishes
    if high > low:
        parts.append((StepKind.COUNTED, low, high))
    return parts


def free_dates(calendar: ServiceCalendar, start: datetime, end: datetime, most: int = 30) -> list[date]:
    """The first dates between two instants that are closed though their weekday is open: holidays, and exceptions without hours."""
    first, last = start.astimezone(calendar.zone).date(), end.astimezone(calendar.zone).date()
    known = {*calendar.definition.holidays, *(on for on, hours in calendar.definition.exceptions.items() if not hours)}
    weekly = calendar.definition.weekly
    return sorted(on for on in known if first <= on <= last and weekly.get(list(Weekday)[on.weekday()]))[:most]


def explain_clock(reading: ClockReading, as_of: datetime) -> list[Step]:
    """The stretches behind a clock's due time; behind what was spent so far while it has none."""
    if reading.plan is None or reading.started_at is None:
        return []
    end = reading.due_at or reading.completed_at or as_of
    return explain(reading.plan.calendar, reading.started_at, max(end, reading.started_at), reading.plan.excluded)
