"""Where the time of a ticket went: whose hands it was in, and whose lateness made the promise late. The parts add up."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from domain.clocks import ClockReading
from domain.events import TicketEvent
from domain.history import TicketHistory, tell
from domain.instants import to_us
from domain.limits import Plan
from domain.terms import SUPPORT_KINDS

NOBODY = "nobody"
"""The part of the time in which no team or supplier held the ticket."""
SLACK = "slack"
"""What the chain's limits leave of the promise's limit, or take beyond it: planned, nobody's lateness."""


class Part(NamedTuple):
    """A team's or supplier's part: business time of the promise's clock in its hands, its own limit, and what is beyond it."""

    holder: str
    held: timedelta
    limit: timedelta | None
    over: timedelta


def attribute(promise: ClockReading, readings: Sequence[ClockReading], events: Iterable[TicketEvent], as_of: datetime) -> list[Part]:
    """Who spent a promise's time, in the order in which they first held the ticket.

    Everything is counted in the promise's own business time, so the parts' `over` sum up to its lateness exactly; a
    negative one is time left. `NOBODY` and `SLACK` stand at the end where they are not zero.

    Args:
        promise: an SLA's clock.
        readings: all clocks of the ticket; those of OLAs and UCs give the limits.
        events: the ticket's events.
        as_of: the instant of the readings.
    """
    history, plan = tell(events, to_us(as_of)), promise.plan
    if history is None or plan is None:
        return []
    end = to_us(promise.completed_at) if promise.completed_at is not None else to_us(as_of)
    held = _held(history, plan, end)
    limits = _limits(readings)
    parts = [_part(holder, spent, limits.get(holder)) for holder, spent in held.items() if holder != NOBODY]
    if unheld := held.get(NOBODY, 0):
        parts.append(Part(NOBODY, timedelta(microseconds=unheld), None, timedelta(microseconds=unheld)))
    planned = sum(limits.get(part.holder, 0) for part in parts)
    if slack := planned - plan.budget:
        parts.append(Part(SLACK, timedelta(), None, timedelta(microseconds=slack)))
    return parts


def lateness(promise: ClockReading) -> timedelta:
    """Business time beyond a promise's limit; negative while there is some left."""
    return -promise.remaining if promise.remaining is not None else timedelta()


def _part(holder: str, spent: int, limit: int | None) -> Part:
    over = spent - (limit or 0)
    return Part(
        holder, timedelta(microseconds=spent), None if limit is None else timedelta(microseconds=limit), timedelta(microseconds=over)
    )


def _held(history: TicketHistory, plan: Plan, end: int) -> dict[str, int]:
    """The promise's business time by who held the ticket, first holder first."""
    found: dict[str, int] = {}
    starts = [at for at, _ in history.changes]
    for (at, attributes), following in zip(history.changes, [*starts[1:], end], strict=True):
        low, high = max(at, plan.start), min(following, end)
        if high > low:
            holder = attributes.get("held_by", NOBODY)
            found[holder] = found.get(holder, 0) + plan.calendar.elapsed_us(low, high, plan.excluded)
    return found


def _limits(readings: Sequence[ClockReading]) -> dict[str, int]:
    """Each holder's own limit: the longest, where one team has several targets on the ticket."""
    limits: dict[str, int] = {}
    for reading in readings:
        holder = reading.segment.target.held_by
        if reading.kind in SUPPORT_KINDS and holder is not None and reading.plan is not None:
            limits[holder] = max(limits.get(holder, 0), reading.plan.budget)
    return limits
