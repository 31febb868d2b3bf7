"""When a clock ran: from its start milestone to its stop milestones, again after a reopening, or cycle by cycle."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from domain.calendars import ServiceCalendar
from domain.errors import CalendarNeverOpens, NoBusinessDay
from domain.history import Moment, TicketHistory
from domain.instants import from_us, to_us
from domain.segments import Segment
from domain.targets import ServiceTarget

Run = tuple[int, int | None]
"""Start in, end out, in microseconds; an end of None has not come yet."""

_FOR_EVER = 2**62
"""A window of business days in a calendar that has no more of them never ends."""

_FINAL = ("RESOLVED", "FULFILLED")
"""Milestones that end the holding of a ticket by a team, unless the target names others."""


class Cycle(NamedTuple):
    """One cycle of a clock; without runs its start milestone has not come."""

    number: int
    runs: tuple[Run, ...]
    completed_at: int | None
    reopened: int = 0
    reason: str | None = None


def cycles_of(segment: Segment, history: TicketHistory) -> list[Cycle]:
    """The cycles of a clock that is now (or was last) under this segment's target."""
    target = segment.target
    if target.held_by is not None:
        return _held(target, target.held_by, history)
    if target.repeats:
        return _repeated(target, history)
    start = history.first(target.start)
    if start is None:
        return [Cycle(1, (), _instant(_all_reached(target, history)), reason=target.start)]
    return list(_reopened(segment, history, start[0]))


def _instant(moment: Moment | None) -> int | None:
    return moment[0] if moment is not None else None


def _all_reached(target: ServiceTarget, history: TicketHistory) -> Moment | None:
    reached = [history.first(name) for name in target.stop]
    return None if any(moment is None for moment in reached) else max(moment for moment in reached if moment is not None)


def _any_reached(names: tuple[str, ...], history: TicketHistory, since: Moment) -> Moment | None:
    return min((moment for name in names if (moment := history.first(name, since)) is not None), default=None)


def _reopened(segment: Segment, history: TicketHistory, start: int) -> Iterator[Cycle]:
    """The first cycle, going on after reopenings within the window; a new cycle for each later reopening."""
    target, number, reopened = segment.target, 1, 0
    completed = _all_reached(target, history)
    runs: list[Run] = [(start, None if completed is None else max(start, completed[0]))]
    for again in history.reopenings if target.may_reopen else ():
        if completed is None or again < completed:
            continue
        if again[0] <= _window_end(segment, completed[0]):
            reopened += 1
        else:
            yield Cycle(number, tuple(runs), completed[0], reopened)
            number, reopened, runs = number + 1, 0, []
        # What was reached once need not be reached again: the first stop milestone after the reopening completes it.
        completed = _any_reached(target.stop, history, again)
        runs.append((again[0], _instant(completed)))
    yield Cycle(number, tuple(runs), _instant(completed), reopened)


def _window_end(segment: Segment, completed: int) -> int:
    """The last instant at which a reopening continues the clock."""
    row, days = segment.row, segment.agreement.reopening_days
    calendar = segment.agreement.calendar(row.calendar if row is not None and row.calendar is not None else "24x7")
    try:
        return to_us(_business_days_later(calendar, from_us(completed), days))
    except CalendarNeverOpens:
        return _FOR_EVER


def _business_days_later(calendar: ServiceCalendar, completed: datetime, days: int) -> datetime:
    try:
        return calendar.due(completed, days * calendar.business_day)
    except NoBusinessDay:
        # Days of different length have no common measure: the window ends with the last of so many open days.
        return calendar.close_of_business_day(completed, ahead=days)


def _repeated(target: ServiceTarget, history: TicketHistory) -> list[Cycle]:
    cycles: list[Cycle] = []
    start = history.first(target.start)
    while start is not None:
        end = _any_reached(target.stop, history, start)
        cycles.append(Cycle(len(cycles) + 1, ((start[0], _instant(end)),), _instant(end)))
        start = history.first(target.start, end) if end is not None else None
    return cycles


def _held(target: ServiceTarget, team: str, history: TicketHistory) -> list[Cycle]:
    """One cycle of all stretches in which the team held the ticket, each ended by handing over or by a final milestone."""
    runs: list[Run] = []
    for start, until in _holdings(team, history):
        final = _instant(_any_reached(target.stop or _FINAL, history, (start, 0)))
        runs.append((start, min((at for at in (until, final) if at is not None), default=None)))
    return [Cycle(1, tuple(runs), runs[-1][1], reopened=len(runs) - 1)] if runs else []


def _holdings(team: str, history: TicketHistory) -> Iterator[Run]:
    since: int | None = None
    for at, attributes in history.changes:
        holds = attributes.get("held_by") == team
        if holds and since is None:
            since = at
        elif not holds and since is not None:
            yield since, at
            since = None
    if since is not None:
        yield since, None
