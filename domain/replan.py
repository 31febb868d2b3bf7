"""Re-planning: open tickets move from one version of their agreement to another, each with its due times before and after.

A move is a fact of the ticket (`domain/departures.py`); here it is reckoned what it brings, before it is made and when it is.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field

from domain.clocks import ClockReading, read_clocks
from domain.effects import TicketRef
from domain.errors import Conflict
from domain.events import EventKind, TicketEvent
from domain.terms import Agreement
from domain.values import Document, Message

CONFIRM_WITHIN = timedelta(days=1)
"""How long the numbers of a dry run may be acted on; what is open changes by the hour."""

Rate = Annotated[float, Field(ge=1, le=1000, description="tickets moved in a second, at most")]


class ReplanState(StrEnum):
    """How far a dry run, or a re-plan, has come."""

    COUNTING = "COUNTING"
    COUNTED = "COUNTED"
    RUNNING = "RUNNING"
    DONE = "DONE"


class MoveState(StrEnum):
    """What became of one ticket: listed by a dry run; about to be moved; moved; or closed before its turn came."""

    LISTED = "LISTED"
    PLANNED = "PLANNED"
    MOVED = "MOVED"
    CLOSED = "CLOSED"


class Route(Document):
    """From which version of an agreement to which; without the first from every other one.

    `agreement` is the name that clocks have (`SLA-2026-0001`). `1.*` are all versions between two material changes.
    """

    agreement: str
    from_version: str | None = None
    to_version: str

    def leaves(self, version: str) -> bool:
        """Does it lead away from this version?"""
        if version == self.to_version:
            return False
        return self.from_version is None or self.from_version in {version, f"{version.partition('.')[0]}.*"}

    def refuse_standstill(self) -> None:
        """Refuse to move tickets to where they are.

        Raises:
            Conflict: SAME_VERSION.
        """
        if self.from_version == self.to_version:
            raise Conflict("SAME_VERSION", f"{self.agreement}: tickets under {self.to_version} are under it already")


class MovedClock(Message):
    """A clock before and after the move; no due time is one that it does not have then: paused, pending, or not promised.

    `breaches` says that the move makes it late: its new due time was passed by the instant of the move.
    """

    clock: str
    old_due_at: AwareDatetime | None
    new_due_at: AwareDatetime | None
    breaches: bool


class TicketMove(Message):
    """What moving one ticket at an instant brings."""

    ticket: TicketRef
    left: str
    at: AwareDatetime
    clocks: tuple[MovedClock, ...]

    @property
    def changes(self) -> bool:
        """Is any clock due at another time, or late?"""
        return any(each.breaches or each.old_due_at != each.new_due_at for each in self.clocks)

    @property
    def breaches(self) -> bool:
        """Does the move make any clock late?"""
        return any(each.breaches for each in self.clocks)

    @property
    def new_due_at(self) -> datetime | None:
        """The soonest of the new due times."""
        return min((each.new_due_at for each in self.clocks if each.new_due_at is not None), default=None)


class ReplanOrder(Message):
    """Move the open tickets of an agreement; `after` is the last ticket a former run came to."""

    replan: str
    agreement: str
    to_version: str
    rate: Rate
    after: str = ""
    moved: int = 0


class ReplanResult(Message):
    """How many tickets were moved."""

    moved: int


class PageOrder(Message):
    """Move the next tickets, in the order of their names, after the one a former page ended with."""

    replan: str
    after: str
    limit: int
    rate: Rate


class PageMoved(Message):
    """How far a page has come: its last ticket, and whether none is left.

    `made` are the tickets moved by this attempt, `moved` those of the whole re-plan.
    """

    after: str
    made: int
    moved: int
    is_last: bool


def plan_move(
    agreements: Sequence[Agreement], events: Sequence[TicketEvent], route: Route, to: Agreement, at: datetime
) -> TicketMove | None:
    """Reckon what moving a ticket brings; None if no clock of it is open under what it would leave.

    Args:
        agreements: the versions the ticket runs under.
        events: all that is known of the ticket; there is at least one.
        route: which agreement, and from which version.
        to: the version it is moved to.
        at: the instant of the move. From then on the ticket is measured by `to`, from its original start, with the
            pauses it had; what is late by that is late from this instant on.
    """
    before = [each for each in read_clocks(agreements, events, at) if _leaves(each, route)]
    if not before:
        return None
    ticket, left = TicketRef(source=events[0].source, ticket_id=events[0].ticket_id), before[0].version
    story = [*events, _moved(ticket, left, route, at)]
    terms = [*agreements, *(each for each in (to,) if each not in agreements)]
    after = {each.clock: each for each in read_clocks(terms, story, at)}
    known = {each.clock for each in read_clocks(agreements, events, at)}
    clocks = [_compared(each.clock, each, after.get(each.clock)) for each in before]
    clocks += [_compared(name, None, each) for name, each in after.items() if name not in known]
    return TicketMove(ticket=ticket, left=left, at=at, clocks=tuple(clocks))


def event_of(replan: str, move: TicketMove, route: Route, reason: str) -> TicketEvent:
    """The fact of a move; its name makes a second attempt the same fact."""
    event = _moved(move.ticket, move.left, route, move.at)
    attributes = {**event.attributes, "order": replan}
    return event.model_copy(update={"event_id": event_name(replan, move.ticket), "reason": reason, "attributes": attributes})


def event_name(replan: str, ticket: TicketRef) -> str:
    """How the fact of a ticket's move is called."""
    return f"servanda:{replan}:{ticket.ticket_id}"


def _leaves(reading: ClockReading, route: Route) -> bool:
    return reading.agreement == route.agreement and reading.is_open and route.leaves(reading.version)


def _moved(ticket: TicketRef, left: str, route: Route, at: datetime) -> TicketEvent:
    return TicketEvent(
        source=ticket.source,
        event_id="move",
        ticket_id=ticket.ticket_id,
        kind=EventKind.MOVED,
        occurred_at=at,
        received_at=at,
        attributes={"agreement": route.agreement, "version": left, "to": route.agreement, "to_version": route.to_version},
    )


def _compared(clock: str, before: ClockReading | None, after: ClockReading | None) -> MovedClock:
    was_late = before is not None and before.breached
    return MovedClock(
        clock=clock,
        old_due_at=before.due_at if before is not None else None,
        new_due_at=after.due_at if after is not None and after.is_open else None,
        breaches=after is not None and after.breached and not was_late,
    )
