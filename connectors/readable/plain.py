"""Limits and hours in plain words, as people say them: "4 business hours, Monday to Friday 8–17 (not on public holidays)"."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import groupby

from connectors.readable.words import Words
from domain.calendar_definitions import CalendarDefinition, Weekday, parse_interval
from domain.targets import ALWAYS, Limit, TargetKind

_HOUR = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)
_WHOLE_DAY = ("00:00-24:00",)


def limit_said(row: Limit, hours: CalendarDefinition, words: Words) -> str:
    """How long something may take, without the hours it is counted in, which `hours_said` tells."""
    length = row.limit or timedelta()
    match row.kind:
        case TargetKind.IMMEDIATE:
            return words.say("at_once", length=_length(length, words, is_business=False))
        case TargetKind.BUSINESS_DAYS:
            return words.counted("within_days", row.days or 0)
        case TargetKind.CALENDAR_DAYS:
            return words.counted("calendar_days", row.days or 0)
        case TargetKind.END_OF_DATE:
            return words["on_date"]
        case TargetKind.NEXT_BUSINESS_DAY:
            by = _earliest(row.by, hours)
            return words.say("next_day_by", by=by) if by is not None else words["next_day"]
    return _length(length, words, is_business=row.calendar != ALWAYS)


def hours_said(hours: CalendarDefinition, words: Words) -> str:
    """The hours of an ordinary week; whether dates are free is said after them."""
    said = words["and"].join(_stretches(hours, words)) or words["only_some_dates"]
    return words.say("not_on_holidays", hours=said) if hours.holidays else said


def in_hours(row: Limit, hours: CalendarDefinition, words: Words) -> str:
    """A limit with the hours it is counted in, where it is counted in hours."""
    said = limit_said(row, hours, words)
    return words.say("in_hours", length=said, hours=hours_said(hours, words)) if row.kind is TargetKind.DURATION else said


def _length(length: timedelta, words: Words, *, is_business: bool) -> str:
    """Whole hours or minutes counted; any other length as it is."""
    for unit, one in (("hours", _HOUR), ("minutes", _MINUTE)):
        if length and not length % one and (unit == "minutes" or length >= _HOUR) and (unit == "hours" or length < _HOUR):
            return words.counted(f"business_{unit}" if is_business else unit, length // one)
    said = words.length(length)
    return words.say("business_length", length=said) if is_business else said


def _earliest(by: str | None, hours: CalendarDefinition) -> str | None:
    """The time of day at which a business day is over: the agreed one, or the common close; None where days close at different times."""
    closes = {max(parse_interval(each)[1] for each in intervals) for intervals in hours.weekly.values() if intervals}
    if len(closes) != 1:
        return by
    [close] = closes
    common = f"{close // 3600:02}:{close % 3600 // 60:02}"
    return min(by, common) if by is not None else common


def _stretches(hours: CalendarDefinition, words: Words) -> Iterator[str]:
    """Days that follow each other with the same hours are said together; closed ones are left out."""
    for intervals, group in groupby(Weekday, key=lambda day: tuple(hours.weekly.get(day, ()))):
        days = list(group)
        if not intervals:
            continue
        open_for = words["day_and_night"] if intervals == _WHOLE_DAY else words["and"].join(map(_interval, intervals))
        if len(days) == len(Weekday):
            yield open_for if intervals == _WHOLE_DAY else words.say("every_day", hours=open_for)
        elif len(days) == 1:
            yield words.say("day", first=words[f"day_name.{days[0]}"], hours=open_for)
        else:
            yield words.say("days", first=words[f"day_from.{days[0]}"], last=words[f"day_to.{days[-1]}"], hours=open_for)


def _interval(interval: str) -> str:
    begins, _, ends = interval.partition("-")
    return f"{_time(begins)}–{_time(ends)}"


def _time(shown: str) -> str:
    """A time of day without what says nothing: 08:00 is 8, 08:30 is 8:30."""
    hour, _, minute = shown.partition(":")
    return str(int(hour)) if minute == "00" else f"{int(hour)}:{minute}"
