"""Other libraries that count business time, each used as its documentation advises and as fast as it honestly can be.

What an office is made of (rules, offsets, compiled timelines) is made once, outside of what is measured. Every `due`
takes an aware instant in UTC and a budget, every `elapsed` two instants, and both answer what the question needs.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib.metadata import version
from itertools import accumulate
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import businesstimedelta
import pandas as pd
import pytz  # type: ignore[import-untyped]
import timegrid
import workclock

from domain.calendar_definitions import CalendarDefinition, Weekday
from domain.calendars import ServiceCalendar

_HOUR = timedelta(hours=1)
_COMPILED = (datetime(2025, 1, 1), datetime(2029, 1, 1))
"""The years that are laid out before anybody asks; ours and the floors have about as many."""

Due = Callable[[datetime, timedelta], datetime]
Elapsed = Callable[[datetime, datetime], timedelta]


class Hours(NamedTuple):
    """One opening a day on some weekdays (0 is Monday); it may pass midnight. Holidays are local dates."""

    zone: str
    opens: time
    closes: time
    days: tuple[int, ...]
    holidays: tuple[date, ...]


class Office(NamedTuple):
    """One library, ready to answer."""

    due: Due
    elapsed: Elapsed


def _as_it_is(value: Any) -> Any:
    return value


class Peer(NamedTuple):
    """A library to compare with. Slow ones are asked fewer times a round; `takes` turns an argument into what it is told."""

    name: str
    package: str
    build: Callable[[Hours], Office]
    aim: float | None
    calls: int
    takes: Callable[[Any], Any] = _as_it_is
    remark: str | None = None

    @property
    def release(self) -> str:
        """What was measured, with its version."""
        return f"{self.package} {version(self.package)}"


def servanda(hours: Hours) -> Office:
    """Ours."""
    calendar = service_calendar(hours)
    return Office(calendar.due, calendar.elapsed)


def service_calendar(hours: Hours) -> ServiceCalendar:
    """Our calendar of these hours."""
    interval = f"{hours.opens:%H:%M}-{hours.closes:%H:%M}"
    weekly = {day: (interval,) for number, day in enumerate(Weekday) if number in hours.days}
    return ServiceCalendar(CalendarDefinition(calendar="office", time_zone=hours.zone, weekly=weekly, holidays=hours.holidays))


def workclock_office(hours: Hours) -> Office:
    """A schedule with its zone; it takes and gives aware datetimes."""
    day = workclock.WorkDay(hours.opens, hours.closes, days=hours.days)
    schedule = workclock.Schedule([day, workclock.Holidays(hours.holidays)], time_zone=ZoneInfo(hours.zone))
    return Office(schedule.add, schedule.between)


def businesstimedelta_office(hours: Hours) -> Office:
    """Rules with their zone; holidays as a set, which is quicker to search than the `holidays` object of its README."""
    zone = pytz.timezone(hours.zone)
    day = businesstimedelta.WorkDayRule(start_time=hours.opens, end_time=hours.closes, working_days=list(hours.days), tz=zone)
    rules = businesstimedelta.Rules([day, businesstimedelta.HolidayRule(frozenset(hours.holidays), tz=zone)])
    amount = cache(lambda budget: businesstimedelta.BusinessTimeDelta(rules, timedelta=budget))

    def due(start: datetime, budget: timedelta) -> datetime:
        ends: datetime = start + amount(budget)
        return ends

    def elapsed(start: datetime, end: datetime) -> timedelta:
        spent: timedelta = rules.difference(start, end).timedelta
        return spent

    return Office(due, elapsed)


def pandas_office(hours: Hours) -> Office:
    """`CustomBusinessHour`: adding an offset made before; elapsed by counting the hours of a `date_range`, as it has no other way."""
    zone = ZoneInfo(hours.zone)
    week = " ".join(("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[day] for day in hours.days)

    def _offset(number: float) -> pd.offsets.CustomBusinessHour:
        return pd.offsets.CustomBusinessHour(
            n=number, start=f"{hours.opens:%H:%M}", end=f"{hours.closes:%H:%M}", weekmask=week, holidays=list(hours.holidays)
        )

    step = cache(lambda budget: _offset(budget // _HOUR if budget % _HOUR == timedelta() else budget / _HOUR))
    hour = _offset(1)

    def due(start: datetime, budget: timedelta) -> datetime:
        ends: datetime = pd.Timestamp(start).tz_convert(zone) + step(budget)
        return ends

    def elapsed(start: datetime, end: datetime) -> timedelta:
        first, last = pd.Timestamp(start).tz_convert(zone), pd.Timestamp(end).tz_convert(zone)
        return len(pd.date_range(first, last, freq=hour, inclusive="left")) * _HOUR

    return Office(due, elapsed)


def timegrid_office(hours: Hours) -> Office:
    """It takes naive datetimes only, so each question is turned into the office's wall clock and each answer back.

    `elapsed` asks a timeline compiled before, which is the quicker of its two ways; only the calendar itself can add.
    """
    zone, calendar = ZoneInfo(hours.zone), _timegrid_calendar(hours)
    timeline = calendar.compile(*_COMPILED)
    add, count = calendar.add_work_duration, timeline.get_working_duration

    def due(start: datetime, budget: timedelta) -> datetime:
        ends: datetime = add(start.astimezone(zone).replace(tzinfo=None), budget)
        return ends.replace(tzinfo=zone).astimezone(UTC)

    def elapsed(start: datetime, end: datetime) -> timedelta:
        spent: timedelta = count(start.astimezone(zone).replace(tzinfo=None), end.astimezone(zone).replace(tzinfo=None))
        return spent

    return Office(due, elapsed)


def timegrid_naive_office(hours: Hours) -> Office:
    """The same without the conversions: for whoever has wall-clock times already and wants them back."""
    calendar = _timegrid_calendar(hours)
    return Office(calendar.add_work_duration, calendar.compile(*_COMPILED).get_working_duration)


def _on_the_wall(value: Any) -> Any:
    return value.astimezone(ZoneInfo("Europe/Warsaw")).replace(tzinfo=None) if isinstance(value, datetime) else value


def _timegrid_calendar(hours: Hours) -> timegrid.TimeGridCalendar:
    calendar = timegrid.TimeGridCalendar.create()
    for day in hours.days:
        # Its days begin with Sunday.
        calendar = calendar.add_open_rule((day + 1) % 7, hours.opens, hours.closes)
    for on in hours.holidays:
        calendar = calendar.close(on)
    return calendar


def bare_microseconds(hours: Hours) -> Office:
    """The floor: two binary searches over lists of microseconds made before, with the conversions in and out, and no checks."""
    starts, ends = ([round(at.timestamp() * 1e6) for at in column] for column in zip(*_spans(hours), strict=True))
    totals: list[int] = list(accumulate(end - start for start, end in zip(starts, ends, strict=True)))

    def due(start: datetime, budget: timedelta) -> datetime:
        at = round(start.timestamp() * 1e6)
        i = bisect_right(starts, at) - 1
        goal = (budget.days * 86_400 + budget.seconds) * 1_000_000 + budget.microseconds
        goal += totals[i] if at >= ends[i] else totals[i] - ends[i] + at
        i = bisect_left(totals, goal)
        return datetime.fromtimestamp((ends[i] - totals[i] + goal) / 1e6, UTC)

    def elapsed(start: datetime, end: datetime) -> timedelta:
        first, last = round(start.timestamp() * 1e6), round(end.timestamp() * 1e6)
        i, j = bisect_right(starts, first) - 1, bisect_right(starts, last) - 1
        before = totals[i] if first >= ends[i] else totals[i] - ends[i] + first
        return timedelta(microseconds=(totals[j] if last >= ends[j] else totals[j] - ends[j] + last) - before)

    return Office(due, elapsed)


def bare_datetimes(hours: Hours) -> Office:
    """A lower floor: the same two searches over lists of UTC datetimes, which need no conversion out and hardly one in."""
    starts, ends = (list(column) for column in zip(*_spans(hours), strict=True))
    totals: list[timedelta] = list(accumulate(end - start for start, end in zip(starts, ends, strict=True)))

    def due(start: datetime, budget: timedelta) -> datetime:
        at = start.astimezone(UTC)
        i = bisect_right(starts, at) - 1
        goal = budget + (totals[i] if at >= ends[i] else totals[i] - (ends[i] - at))
        i = bisect_left(totals, goal)
        reached: datetime = ends[i] - (totals[i] - goal)
        return reached

    def elapsed(start: datetime, end: datetime) -> timedelta:
        first, last = start.astimezone(UTC), end.astimezone(UTC)
        i, j = bisect_right(starts, first) - 1, bisect_right(starts, last) - 1
        before = totals[i] if first >= ends[i] else totals[i] - (ends[i] - first)
        return (totals[j] if last >= ends[j] else totals[j] - (ends[j] - last)) - before

    return Office(due, elapsed)


def _spans(hours: Hours) -> list[tuple[datetime, datetime]]:
    first, last = (each.replace(tzinfo=UTC) for each in _COMPILED)
    return [(span.start, span.end) for span in service_calendar(hours).open_spans(first, last)]


PEERS = (
    Peer("workclock", "workclock", workclock_office, aim=3, calls=400),
    Peer("businesstimedelta", "businesstimedelta", businesstimedelta_office, aim=80, calls=40),
    Peer("CustomBusinessHour", "pandas", pandas_office, aim=60, calls=15),
    Peer("timegrid", "timegrid", timegrid_office, aim=2, calls=400),
    Peer(
        "timegrid naive",
        "timegrid",
        timegrid_naive_office,
        aim=None,
        calls=400,
        takes=_on_the_wall,
        remark="wall-clock times in and out, without a zone: not the same job, so without an aim",
    ),
)
