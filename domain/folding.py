"""A ticket as it stands at an instant: its terms, found along its story, and its clocks."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from domain.clocks import ClockReading, read_history
from domain.events import TicketEvent
from domain.history import TicketHistory, tell
from domain.instants import from_us, to_us
from domain.terms import Agreement, Terms, scope_of, terms_for


class FoldedTicket(NamedTuple):
    """What was true of a ticket at an instant."""

    attributes: Mapping[str, str]
    terms: Terms
    readings: list[ClockReading]


def fold_ticket(agreements: Sequence[Agreement], events: Iterable[TicketEvent], as_of: datetime) -> FoldedTicket | None:
    """Fold a ticket's events, in any order, at an instant; None if the ticket did not exist yet.

    The terms are those in force when it was created. A change of customer, service or region adds the terms it leads
    to, and keeps those the ticket came with.
    """
    at = to_us(as_of)
    history = tell(events, at)
    return fold_history(agreements, history, at) if history is not None else None


def fold_history(agreements: Sequence[Agreement], history: TicketHistory, as_of: int) -> FoldedTicket:
    """The same for a ticket that was told already, at the instant (microseconds) it was told for.

    One story may be folded under the terms of several proposals.
    """
    terms, created_at, last = Terms(), from_us(history.created_at), None
    for _, attributes in history.changes:
        if (scope := scope_of(attributes)) != last:
            terms, last = terms_for(agreements, attributes, created_at, terms.agreements), scope
    terms = terms.moved(agreements, history.departures.led_to)
    return FoldedTicket(history.changes[-1][1], terms, read_history(terms.agreements, history, as_of))
