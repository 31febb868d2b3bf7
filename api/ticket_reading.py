"""A ticket as it stands at an instant: its row, events and clocks; what its page and its JSON are made from."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row

from api.dependencies import Parts
from domain.attribution import Part, attribute
from domain.clocks import ClockReading, read_clocks
from domain.effects import TicketRef
from domain.errors import NotFound
from domain.events import TicketEvent, order_of
from domain.terms import SUPPORT_KINDS
from store.tickets import subject_of, ticket_of


class ReadTicket(NamedTuple):
    """A ticket read at `at`; events are in the order in which they happened."""

    row: Row[Any]
    at: datetime
    events: Sequence[TicketEvent]
    readings: Sequence[ClockReading]
    reached: Sequence[Row[Any]]
    moves: Sequence[Any]

    @property
    def ref(self) -> TicketRef:
        """The ticket's own name."""
        return ticket_of(self.row.subject)

    def parts_of(self, reading: ClockReading) -> Sequence[Part]:
        """Who had the ticket while a promise's clock ran; nobody is named where it rests on no team or supplier."""
        is_supported = any(each.kind in SUPPORT_KINDS for each in self.readings)
        if not is_supported or reading.kind in SUPPORT_KINDS:
            return ()
        return attribute(reading, self.readings, self.events, self.at)


async def read_ticket(parts: Parts, ticket: TicketRef, as_of: datetime | None = None) -> ReadTicket:
    """Read a ticket now, or at an instant.

    Raises:
        NotFound: there is no such ticket.
    """
    subject, at = subject_of(ticket), as_of or parts.now()
    async with parts.database.reading() as connection:
        row = await parts.tickets.ticket(connection, subject)
        if row is None:
            raise NotFound(f"there is no ticket {subject}")
        agreements = await parts.agreements.of(connection, row.agreements)
        events = sorted(await parts.tickets.events(connection, subject), key=order_of)
        reached = await parts.tickets.milestones(connection, subject)
        moves = await parts.replans.of_ticket(connection, subject)
    return ReadTicket(row, at, events, read_clocks(agreements, events, at), reached, moves)
