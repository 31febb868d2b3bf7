"""A service calendar as it is written, published and hashed: hours by weekday, holidays, exceptions, in one time zone."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from domain.durations import Duration, format_duration
from domain.errors import InvalidCalendar
from domain.values import Document

_INTERVAL = re.compile(r"^([01]\d|2[0-3]):([0-5]\d)-(?:([01]\d|2[0-3]):([0-5]\d)|(24):(00))$", re.ASCII)
DAY_SECONDS = 86_400


class Weekday(StrEnum):
    """Days as the YAML form names them, Monday first."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


def parse_interval(text: str) -> tuple[int, int]:
    """Read `08:00-17:00` as seconds of the local day; an end past 86400 lies on the next date.

    Raises:
        InvalidCalendar: not two times of day, or an interval without length.
    """
    match = _INTERVAL.match(text.strip())
    if match is None:
        raise InvalidCalendar(f"{text!r} is no interval; write HH:MM-HH:MM, for example 08:00-17:00 or 22:00-06:00")
    hour, minute, end_hour, end_minute, midnight, _ = match.groups()
    start = int(hour) * 3600 + int(minute) * 60
    end = DAY_SECONDS if midnight else int(end_hour) * 3600 + int(end_minute) * 60
    if start == end:
        raise InvalidCalendar(f"{text!r} has no length; a whole day is 00:00-24:00")
    return start, end if end > start else end + DAY_SECONDS


def _check_interval(text: str) -> str:
    try:
        parse_interval(text)
    except InvalidCalendar as wrong:
        raise ValueError(str(wrong)) from wrong
    return text


def _check_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as wrong:  # the library has a different one for each way to be wrong
        raise ValueError(f"{name!r} is no time zone; use an IANA name such as Europe/Warsaw") from wrong
    return name


Interval = Annotated[
    str,
    AfterValidator(_check_interval),
    WithJsonSchema({"type": "string", "pattern": _INTERVAL.pattern, "examples": ["08:00-17:00", "22:00-06:00"]}),
]
Zone = Annotated[str, AfterValidator(_check_zone), WithJsonSchema({"type": "string", "examples": ["Europe/Warsaw"]})]


CALENDAR_YEARS = range(3, 9997)
"""Years that calendars count: a table of them reaches a year back and two ahead, and the offsets of zones a day more."""

LocalDate = Annotated[date, Field(ge=date(CALENDAR_YEARS[0], 1, 1), le=date(CALENDAR_YEARS[-1], 12, 31))]


class CalendarDefinition(Document):
    """A calendar as it is written, published and hashed."""

    calendar: Annotated[str, Field(min_length=1, max_length=100, description="name of the calendar")]
    time_zone: Zone
    weekly: Annotated[Mapping[Weekday, tuple[Interval, ...]], Field(description="open intervals by weekday; a missing day is closed")] = {}
    business_day: Annotated[Duration | None, Field(description="length of a business day; default: the common length of the open days")] = (
        None
    )
    holidays: Annotated[tuple[LocalDate, ...], Field(description="local dates that are closed, written out")] = ()
    exceptions: Annotated[
        Mapping[LocalDate, tuple[Interval, ...]], Field(description="hours that replace those of a date; [] opens nothing that day")
    ] = {}

    @model_validator(mode="after")
    def _is_consistent(self) -> "CalendarDefinition":
        for day, intervals in self.weekly.items():
            _refuse_overlap(day.value, intervals)
        for on, intervals in self.exceptions.items():
            _refuse_overlap(on.isoformat(), intervals)
        for day, following in zip(Weekday, [*list(Weekday)[1:], Weekday.MON], strict=True):
            _refuse_spill(day, self.weekly.get(day, ()), following, self.weekly.get(following, ()))
        if not any(self.weekly.values()) and not any(self.exceptions.values()):
            raise ValueError(f"calendar {self.calendar!r} never opens: give it weekly hours or an exception with hours")
        if self.business_day is not None and self.business_day > timedelta(days=1):
            raise ValueError(f"business_day {format_duration(self.business_day)} is longer than a day")
        return self


def _refuse_overlap(where: str, intervals: Iterable[str]) -> None:
    ordered = sorted((parse_interval(text), text) for text in intervals)
    for ((_, end), text), ((start, _), next_text) in pairwise(ordered):
        if start < end:
            raise ValueError(f"{where}: {text} and {next_text} overlap")


def _refuse_spill(day: Weekday, intervals: Iterable[str], following: Weekday, next_intervals: Iterable[str]) -> None:
    for text in intervals:
        for next_text in next_intervals:
            if parse_interval(next_text)[0] < parse_interval(text)[1] - DAY_SECONDS:
                raise ValueError(f"{day.value} {text} runs into {following.value} {next_text}: they overlap")
