"""From a rule to instants: when a clock warns, is due, and escalates."""

from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from domain.calendars import ServiceCalendar
from domain.errors import CalendarNeverOpens
from domain.instants import from_us, span_us, to_us
from domain.segments import Segment
from domain.spans import merge
from domain.targets import DATE_KINDS, TargetKind, TargetRule

Stretch = tuple[int, int | None]

_LAST_SECOND = time(23, 59, 59)
_AN_INSTANT = timedelta(microseconds=1)
_STEP_WITHOUT_BUSINESS_TIME = 24 * 3600 * 1_000_000
"""A date kind whose start and due have no business time between them still escalates: once a day."""


class Plan(NamedTuple):
    """The instants of one clock under one rule, in microseconds.

    `budget` is the business time it has. `due` is None while a pause without an end holds it, and when its calendar never
    opens long enough again: what cannot be late is never due. `not_before` is the opening of an END_OF_DATE window.
    `excluded` is what does not count: pauses, and times between completion and reopening.
    """

    calendar: ServiceCalendar
    start: int
    budget: int
    due: int | None
    excluded: tuple[Stretch, ...]
    not_before: int | None

    @property
    def limit(self) -> int | None:
        """The business time its use is judged by. None of work for a date, which takes its time by agreement, and where there is none."""
        return self.budget if self.budget > 0 and self.not_before is None else None

    def spent(self, until: int) -> int:
        """Business time used from the start to an instant."""
        return self.calendar.elapsed_us(self.start, until, self.excluded)

    def at_share(self, percent: int) -> int | None:
        """When that share of the budget is used; more than 100 lies after the due instant."""
        if self.budget > 0:
            return _reach(self.calendar, self.start, max(1, self.budget * percent // 100), self.excluded)
        steps = percent // 100 - 1
        return self.due + steps * _STEP_WITHOUT_BUSINESS_TIME if self.due is not None and steps > 0 else None


def plan_of(segment: Segment, start: int, gaps: list[Stretch], pauses: list[Stretch]) -> Plan:
    """The plan of a clock that started at `start` under the segment's rule, with what does not count."""
    row = segment.row
    assert row is not None
    assert row.calendar is not None
    calendar = segment.agreement.calendar(row.calendar)
    excluded = tuple(merge(gaps + pauses)) if gaps or pauses else ()
    if row.kind not in DATE_KINDS:
        budget = _budget(row, calendar)
        return Plan(calendar, start, budget, _reach(calendar, start, budget, excluded), excluded, None)
    try:
        fixed = to_us(_fixed_due(row, calendar, from_us(start), segment.on))
    except CalendarNeverOpens:
        return Plan(calendar, start, 0, None, excluded, None)
    budget = calendar.elapsed_us(start, fixed)
    due = _reach(calendar, start, budget, excluded) if excluded and budget > 0 else fixed
    not_before = min(to_us(calendar.close_of_date(segment.on)), fixed) if segment.on is not None else None
    return Plan(calendar, start, budget, due, excluded, not_before)


def due_of(row: TargetRule, calendar: ServiceCalendar, start: datetime) -> datetime:
    """When a clock started at `start` is due if it never pauses; of kinds that need no date of the ticket.

    Raises:
        CalendarNeverOpens: business time does not suffice within the horizon.
    """
    return (
        _fixed_due(row, calendar, start, None) if row.kind in DATE_KINDS else calendar.due(start, timedelta(0, 0, _budget(row, calendar)))
    )


def _reach(calendar: ServiceCalendar, start: int, budget: int, excluded: tuple[Stretch, ...]) -> int | None:
    try:
        return calendar.reach(start, budget, excluded)
    except CalendarNeverOpens:
        return None


def _budget(row: TargetRule, calendar: ServiceCalendar) -> int:
    if row.kind is TargetKind.BUSINESS_DAYS:
        return (row.days or 0) * span_us(calendar.business_day)
    assert row.limit is not None
    return span_us(row.limit)


def _fixed_due(row: TargetRule, calendar: ServiceCalendar, start: datetime, on: date | None) -> datetime:
    if row.kind is TargetKind.NEXT_BUSINESS_DAY:
        close = calendar.close_of_next_business_day(start)
        if row.by is None:
            return close
        day = (close - _AN_INSTANT).astimezone(calendar.zone).date()
        return min(close, calendar.local(day, time.fromisoformat(row.by)))
    if row.kind is TargetKind.CALENDAR_DAYS:
        return calendar.same_time_days_later(start, row.days or 0)
    assert on is not None
    return calendar.local(on, _LAST_SECOND)
