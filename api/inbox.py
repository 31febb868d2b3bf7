"""The inbox: events become facts and clocks in one transaction, before anybody is answered.

What is accepted here is not lost: the engine is told afterwards, by the forwarder, as often as it takes.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from api.clock import BusinessClock
from domain.clocks import ClockReading, ClockState, read_clocks
from domain.cloud_events import CloudEvent
from domain.effects import TicketRef
from domain.errors import BadInput, NotFound, PauseReasonNotAllowed
from domain.events import EventKind, TicketEvent
from domain.history import tell
from domain.instants import to_us
from domain.terms import Alert, Terms, terms_for
from store.agreements import AgreementStore
from store.database import Database
from store.tickets import TicketStore, subject_of

CLOCK_SKEW = timedelta(minutes=5)
"""How far a source's clock may run ahead of ours. Such an event counts from when we got it: nothing can be known before
it happened."""


class Taken(StrEnum):
    """What became of an event."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"


class FutureEvent(BadInput):
    """An event that says it will happen."""

    code = "FUTURE_EVENT"


class Receipt(NamedTuple):
    """What became of an event, and the clocks of its ticket after it."""

    event_id: str
    ticket: TicketRef
    taken: Taken
    readings: Sequence[ClockReading]
    alert: Alert | None
    not_paused: tuple[str, ...]
    late: bool


class _Standing(NamedTuple):
    """A ticket after its events were folded."""

    readings: list[ClockReading]
    alert: Alert | None


class Inbox:
    """Takes events in."""

    def __init__(self, database: Database, tickets: TicketStore, agreements: AgreementStore, now: BusinessClock) -> None:
        """Work on a database, by the business's clock."""
        self._database = database
        self._tickets = tickets
        self._agreements = agreements
        self._now = now

    async def accept(self, incoming: Sequence[CloudEvent]) -> list[Receipt]:
        """Take events in, all or none, and answer each with its ticket's clocks.

        Raises:
            FutureEvent: an event happens later than our clock can explain.
        """
        received_at = self._now()
        return await self._take([_as_fact(event, received_at) for event in incoming], received_at)

    async def command(self, ticket: TicketRef, event: TicketEvent) -> Receipt:
        """Take a person's command in.

        Raises:
            NotFound: there is no such ticket.
            PauseReasonNotAllowed: no running clock of the ticket may pause for that reason.
        """
        if event.kind is EventKind.PAUSED:
            await self._check_pause(ticket, event.reason or "")
        return (await self._take([event], self._now()))[0]

    async def _take(self, facts: Sequence[TicketEvent], at: datetime) -> list[Receipt]:
        by_ticket: dict[TicketRef, list[TicketEvent]] = {}
        for fact in facts:
            by_ticket.setdefault(TicketRef(source=fact.source, ticket_id=fact.ticket_id), []).append(fact)
        standings: dict[TicketRef, _Standing] = {}
        async with self._database.writing() as connection:
            new = await self._tickets.add_events(connection, facts)
            # One order for all, so that two batches never hold a ticket each and wait for the other's.
            for ticket in sorted(by_ticket, key=subject_of):
                standings[ticket] = await self._stand(connection, ticket, at)
        receipts = []
        for fact in facts:
            ticket = TicketRef(source=fact.source, ticket_id=fact.ticket_id)
            taken = Taken.ACCEPTED if (fact.source, fact.event_id) in new else Taken.DUPLICATE
            new.discard((fact.source, fact.event_id))
            receipts.append(_receipt(fact, taken, standings[ticket], ticket))
        return receipts

    async def _stand(self, connection: AsyncConnection, ticket: TicketRef, at: datetime) -> _Standing:
        """Fold a ticket's events and write what is true of it now."""
        row = await self._tickets.lock(connection, ticket, at)
        events = await self._tickets.events(connection, row.subject)
        history = tell(events, to_us(at))
        if history is None:
            return _Standing([], None)
        attributes = history.changes[-1][1]
        created = next(event for event in sorted(events, key=lambda event: event.occurred_at) if event.kind is EventKind.CREATED)
        terms = await self._terms(connection, row, attributes, created.occurred_at)
        readings = read_clocks(terms.agreements, events, at)
        await self._tickets.save(connection, row.subject, _ticket_values(attributes, created, terms, readings, at), readings)
        return _Standing(readings, terms.alert)

    async def _terms(self, connection: AsyncConnection, row: Any, attributes: Mapping[str, str], created_at: datetime) -> Terms:
        """The pinned terms; looked up again only when what they are chosen by has changed."""
        pinned = await self._agreements.of(connection, row.agreements)
        chosen_by = (row.customer, row.service, row.region)
        if row.created_at == created_at and chosen_by == tuple(attributes.get(name) for name in ("customer", "service", "region")):
            return Terms(pinned, Alert(row.alert) if row.alert else None)
        return terms_for(await self._agreements.all(connection), attributes, created_at, pinned if row.created_at == created_at else ())

    async def _check_pause(self, ticket: TicketRef, reason: str) -> None:
        async with self._database.reading() as connection:
            row = await self._tickets.ticket(connection, subject_of(ticket))
            if row is None or row.created_at is None:
                raise NotFound(f"there is no ticket {subject_of(ticket)}")
            events = await self._tickets.events(connection, row.subject)
            readings = read_clocks(await self._agreements.of(connection, row.agreements), events, self._now())
        running = [reading for reading in readings if reading.state in {ClockState.RUNNING, ClockState.PAUSED}]
        if not any(reason in _reasons(reading) for reading in running):
            allowed = sorted({allowed for reading in running for allowed in _reasons(reading)})
            raise PauseReasonNotAllowed(f"no clock of the ticket may pause for {reason}; allowed now: {', '.join(allowed) or 'none'}")


def _as_fact(event: CloudEvent, received_at: datetime) -> TicketEvent:
    if event.time - received_at > CLOCK_SKEW:
        raise FutureEvent(f"time: {event.time.isoformat()} of event {event.id!r} lies in the future")
    fact = event.ticket_event(received_at)
    return fact if fact.occurred_at <= received_at else fact.model_copy(update={"occurred_at": received_at})


def _ticket_values(
    attributes: Mapping[str, str], created: TicketEvent, terms: Terms, readings: Sequence[ClockReading], at: datetime
) -> dict[str, Any]:
    return {
        **{name: attributes.get(name) for name in ("customer", "service", "region", "priority")},
        "created_at": created.occurred_at,
        "attributes": dict(attributes),
        "agreements": [agreement.digest for agreement in terms.agreements],
        "alert": terms.alert.value if terms.alert else None,
        "is_open": any(reading.is_open for reading in readings),
        "updated_at": at,
    }


def _receipt(fact: TicketEvent, taken: Taken, standing: _Standing, ticket: TicketRef) -> Receipt:
    not_paused: tuple[str, ...] = ()
    if fact.kind is EventKind.PAUSED:
        running = [reading for reading in standing.readings if reading.state is ClockState.RUNNING]
        not_paused = tuple(reading.clock for reading in running if fact.reason not in _reasons(reading))
    return Receipt(fact.event_id, ticket, taken, standing.readings, standing.alert, not_paused, fact.is_late)


def _reasons(reading: ClockReading) -> tuple[str, ...]:
    return (reading.segment.row.pauses or ()) if reading.segment.row is not None else ()
