"""What is read before a planned review: the reports of the stretch it looks at. Pure."""

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from domain.agreement_parts import Period, ReviewPlan
from domain.periods import MONTHS, months_after, period_named
from domain.spans import Span
from domain.versions import VersionTerm, parts

_LONGER = re.compile(r"(?P<start>\d{4}-\d{2})-(?P<months>\d+)m")
"""A stretch that is no month, quarter or year, as the review calendar names it: `2026-01-6m`."""


def reports_read(name: str, plan: ReviewPlan | None, terms: Sequence[VersionTerm], zone: ZoneInfo) -> tuple[str, ...]:
    """The periods whose reports are read before a planned review, earliest first: the longest that together are its stretch.

    A stretch that lies wholly before the agreement's first day has no report; one that a change of versions split has one
    for each of its parts. The agreement itself, once a year, is looked at by its chart alone.

    Args:
        name: the review's, as the review calendar has it.
        plan: when reviews are held; by one with a first date reviews are named by the month of their meeting.
        terms: the stages of the agreement.
        zone: its time zone.
    """
    if name.startswith("annual"):
        return ()
    start, months = _stretch(name, plan, zone)
    found = []
    for kind, begins, after in _periods(start, months):
        span = Span(datetime.combine(begins, time(), zone), datetime.combine(after, time(), zone))
        found += [period.name for period, _ in parts(kind, terms, span, zone)]
    return tuple(found)


def _stretch(name: str, plan: ReviewPlan | None, zone: ZoneInfo) -> tuple[date, int]:
    """Its first day, and how many months it lasts."""
    if longer := _LONGER.fullmatch(name):
        return date.fromisoformat(f"{longer['start']}-01"), int(longer["months"])
    kind, period = period_named(name, zone)
    first = period.start.astimezone(zone).date()
    if plan is not None and plan.first_on is not None:
        return months_after(first, -plan.every_months), plan.every_months
    return first, MONTHS[kind]


def _periods(start: date, months: int) -> Iterator[tuple[Period, date, date]]:
    while months > 0:
        kind = next(kind for kind in (Period.YEAR, Period.QUARTER, Period.MONTH) if _fits(kind, start, months))
        after = months_after(start, MONTHS[kind])
        yield kind, start, after
        start, months = after, months - MONTHS[kind]


def _fits(kind: Period, start: date, months: int) -> bool:
    return MONTHS[kind] <= months and (start.month - 1) % MONTHS[kind] == 0
