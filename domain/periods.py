"""Periods in which a promise is measured: months, quarters and years of local time, so that an hour gained or lost counts."""

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from domain.agreement_parts import Period
from domain.errors import BadInput
from domain.instants import SERVICE_YEARS
from domain.spans import Span

_NAMES = re.compile(r"(?P<year>\d{4})(-(?P<month>0[1-9]|1[0-2])|-Q(?P<quarter>[1-4]))?(@\d+\.\d+)?")

MONTHS = {Period.MONTH: 1, Period.QUARTER: 3, Period.YEAR: 12}
"""How many months each kind lasts."""


class PeriodSpan(NamedTuple):
    """A period by its name (`2026-04`, `2026-Q2`, `2026`), and the instants it lasts from and to, the end not included.

    Where one version of an agreement follows another in it, its parts are named with theirs: `2026-04@2.0`.
    """

    name: str
    start: datetime
    end: datetime

    def cut_to(self, span: Span) -> "PeriodSpan | None":
        """The part of it that lies in a span, as an agreement's term; None if there is none."""
        start, end = max(self.start, span.start), min(self.end, span.end)
        return PeriodSpan(self.name, start, end) if start < end else None


def period_at(kind: Period, at: datetime, zone: ZoneInfo) -> PeriodSpan:
    """The period an instant lies in; October 2026 in Warsaw has 44,700 minutes, March 44,580."""
    local, months = at.astimezone(zone), MONTHS[kind]
    first = (local.month - 1) // months * months + 1
    following = first + months
    ends = date(local.year + (following > 12), (following - 1) % 12 + 1, 1)
    return PeriodSpan(_name(kind, local.year, first), _midnight(date(local.year, first, 1), zone), _midnight(ends, zone))


def periods(kind: Period, span: Span, zone: ZoneInfo) -> Iterator[PeriodSpan]:
    """Every period a span touches, earliest first, the first and the last cut to it."""
    at = span.start
    while at < span.end:
        whole = period_at(kind, at, zone)
        part = whole.cut_to(span)
        assert part is not None
        yield part
        at = whole.end


def _name(kind: Period, year: int, first: int) -> str:
    return {Period.MONTH: f"{year}-{first:02}", Period.QUARTER: f"{year}-Q{(first + 2) // 3}", Period.YEAR: str(year)}[kind]


def _midnight(on: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(on, time(), zone)


def months_after(on: date, months: int) -> date:
    """The same day so many months on, or the last one of a shorter month."""
    count = on.month - 1 + months
    year, month = on.year + count // 12, count % 12 + 1
    longest = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month, min(on.day, longest))


def month_after(at: datetime, zone: ZoneInfo, months: int) -> datetime:
    """The first instant of the month, so many months after the one an instant lies in."""
    return _midnight(months_after(at.astimezone(zone).date().replace(day=1), months), zone)


def period_named(name: str, zone: ZoneInfo) -> tuple[Period, PeriodSpan]:
    """A period by its name.

    Raises:
        BadInput: it is no name of one, or lies outside the years that count.
    """
    found, kind = _read(name), kind_of(name)
    month = int(found["month"] or 3 * int(found["quarter"] or 1) - 2)
    return kind, period_at(kind, _midnight(date(int(found["year"]), month, 1), zone), zone)


def closed_kinds(kinds: Iterable[Period]) -> tuple[Period, ...]:
    """The kinds of periods that are closed of an agreement: months, and those its shares are judged by."""
    return tuple(dict.fromkeys((Period.MONTH, *kinds)))


def kind_of(name: str) -> Period:
    """Whether a name is that of a month, a quarter or a year.

    Raises:
        BadInput: it is no name of a period.
    """
    found = _read(name)
    return Period.MONTH if found["month"] else Period.QUARTER if found["quarter"] else Period.YEAR


def _read(name: str) -> re.Match[str]:
    found = _NAMES.fullmatch(name)
    if found is None or int(found["year"]) not in SERVICE_YEARS:
        raise BadInput(f"period: {name!r} is none; write 2026-04, 2026-Q2 or 2026")
    return found
