"""A calendar year as people look at it: each day open, shorter than usual, closed, or a holiday."""

from calendar import monthrange
from collections import Counter
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from domain.calendar_definitions import DAY_SECONDS, CalendarDefinition, Weekday, parse_interval

WEEKDAYS = tuple(Weekday)


class DayKind(StrEnum):
    """What a date is in a calendar."""

    OPEN = "open"
    OTHER = "other"
    CLOSED = "closed"
    HOLIDAY = "holiday"


class Day(NamedTuple):
    """A date, what it is, its hours as they are written, and whether it is an exception."""

    on: date
    kind: DayKind
    hours: tuple[str, ...]
    is_exception: bool


class Month(NamedTuple):
    """A month in weeks from Monday to Sunday; None stands for days of its neighbours."""

    first: date
    weeks: tuple[tuple[Day | None, ...], ...]


class Year(NamedTuple):
    """The months of a year, and how many days of each kind it has."""

    year: int
    months: tuple[Month, ...]
    counts: Counter[DayKind]

    @property
    def special(self) -> list[Day]:
        """Holidays and exceptions, earliest first."""
        days = (day for month in self.months for week in month.weeks for day in week if day is not None)
        return [day for day in days if day.kind is DayKind.HOLIDAY or day.is_exception]


def year_of(definition: CalendarDefinition, year: int) -> Year:
    """A year of a calendar. A day is shorter or longer than usual by the hours of most open weekdays."""
    usual = _usual(definition)
    months = tuple(_month(definition, date(year, number, 1), usual) for number in range(1, 13))
    counts = Counter(day.kind for month in months for week in month.weeks for day in week if day is not None)
    return Year(year, months, counts)


def _month(definition: CalendarDefinition, first: date, usual: int) -> Month:
    days = monthrange(first.year, first.month)[1]
    cells: list[Day | None] = [None] * first.weekday()
    cells += [_day(definition, first.replace(day=number), usual) for number in range(1, days + 1)]
    cells += [None] * (-len(cells) % 7)
    return Month(first, tuple(tuple(cells[start : start + 7]) for start in range(0, len(cells), 7)))


def _day(definition: CalendarDefinition, on: date, usual: int) -> Day:
    is_exception = on in definition.exceptions
    hours = definition.exceptions[on] if is_exception else definition.weekly.get(WEEKDAYS[on.weekday()], ())
    if on in definition.holidays:
        return Day(on, DayKind.HOLIDAY, (), is_exception)
    kind = DayKind.CLOSED if not hours else DayKind.OPEN if _seconds(hours) == usual else DayKind.OTHER
    return Day(on, kind, tuple(hours), is_exception)


def _usual(definition: CalendarDefinition) -> int:
    lengths = Counter(_seconds(hours) for hours in definition.weekly.values() if hours)
    return lengths.most_common(1)[0][0] if lengths else DAY_SECONDS


def _seconds(hours: tuple[str, ...]) -> int:
    return sum(end - start for start, end in map(parse_interval, hours))
