"""The inbox: events become facts and clocks in one transaction, before anybody is answered.

What is accepted here is not lost: the engine is told afterwards, by the forwarder, as often as it takes.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.audit import AuditEvent
from domain.clocks import ClockReading, ClockState, read_clocks
from domain.cloud_events import CloudEvent
from domain.effects import TicketRef
from domain.errors import BadInput, NotFound, PauseReasonNotAllowed
from domain.events import EventKind, TicketEvent
from domain.history import tell
from domain.instants import from_us, to_us
from domain.termination import leaving, promising
from domain.terms import Alert, Terms, terms_for
from domain.ticket_audit import told
from store.agreements import AgreementStore
from store.audit import AuditTrail
from store.database import Database
from store.directory import Directory
from store.group_commit import GroupCommit
from store.terminations import Leavings, TerminationStore
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
    """A ticket after its events were folded; `values` are those of its row, none before it is created."""

    readings: list[ClockReading]
    alert: Alert | None
    values: dict[str, Any]


class Inbox:
    """Takes events in."""

    def __init__(self, database: Database, tickets: TicketStore, agreements: AgreementStore, now: Callable[[], datetime]) -> None:
        """Work on a database, by the business's clock."""
        self._database = database
        self._tickets = tickets
        self._agreements = agreements
        self._now = now
        self._audit = AuditTrail(database)
        self._directory = Directory(database)
        self._terminations = TerminationStore(database)
        self._together = GroupCommit(self._take)

    def facts(self, incoming: Sequence[CloudEvent]) -> list[TicketEvent]:
        """What events say, as it reached us now.

        Raises:
            FutureEvent: an event happens later than our clock can explain.
        """
        received_at = self._now()
        return [_as_fact(event, received_at) for event in incoming]

    async def accept(self, facts: Sequence[TicketEvent]) -> list[Receipt]:
        """Take facts in, all or none, and answer each with its ticket's clocks."""
        return await self._together.take(facts) if facts else []

    async def command(self, ticket: TicketRef, event: TicketEvent) -> Receipt:
        """Take a person's command in.

        Raises:
            NotFound: there is no such ticket.
            PauseReasonNotAllowed: no running clock of the ticket may pause for that reason.
        """
        if event.kind is EventKind.PAUSED:
            await self._check_pause(ticket, event.reason or "")
        return (await self._together.take([event]))[0]

    async def _take(self, facts: Sequence[TicketEvent]) -> list[Receipt]:
        at = self._now()
        refs = {subject_of(ref): ref for ref in (TicketRef(source=fact.source, ticket_id=fact.ticket_id) for fact in facts)}
        async with self._database.writing() as connection:
            facts = await self._placed(connection, facts)
            new = await self._tickets.add_events(connection, facts)
            rows = await self._tickets.lock(connection, refs.values(), at)
            events = await self._tickets.events_of(connection, list(refs))
            leavings = Leavings(self._terminations, connection)
            standings = {subject: await self._stand(leavings, rows[subject], events[subject], at) for subject in sorted(refs)}
            if leavings.are_known or any(fact.kind is EventKind.REOPENED for fact in facts):
                for subject in await self._leave(leavings, refs, standings, events):
                    standings[subject] = await self._stand(leavings, rows[subject], events[subject], at)
            await self._save(connection, rows, standings)
            fresh = {(fact.source, fact.event_id): fact for fact in facts if (fact.source, fact.event_id) in new}
            await self._audit.append(connection, [_audited(fact, rows, standings) for fact in fresh.values()])
        receipts = []
        for fact in facts:
            subject = f"{fact.source}/{fact.ticket_id}"
            taken = Taken.ACCEPTED if (fact.source, fact.event_id) in new else Taken.DUPLICATE
            new.discard((fact.source, fact.event_id))
            receipts.append(_receipt(fact, taken, standings[subject], refs[subject]))
        return receipts

    async def _placed(self, connection: AsyncConnection, facts: Sequence[TicketEvent]) -> list[TicketEvent]:
        """Facts with what the catalogue of the day says of a ticket's site; kept so, whatever becomes of the catalogue."""
        if not any(fact.attributes.get("site") for fact in facts):
            return list(facts)
        catalogue = await self._directory.newest(connection)
        if catalogue is None:
            return list(facts)
        placed = [catalogue.placed(fact.attributes) for fact in facts]
        pairs = zip(facts, placed, strict=True)
        return [fact.model_copy(update={"attributes": {**fact.attributes, **more}}) if more else fact for fact, more in pairs]

    async def _leave(
        self,
        leavings: Leavings,
        refs: Mapping[str, TicketRef],
        standings: Mapping[str, _Standing],
        events: Mapping[str, list[TicketEvent]],
    ) -> list[str]:
        """Write down at once that the agreements of tickets are ordered to end; gives the tickets that did not know it."""
        ending, more = await leavings.known(), []
        for subject, standing in standings.items():
            versions = {reading.agreement: reading.version for reading in standing.readings if reading.is_open}
            told = [leaving(ending[name], refs[subject], versions[name], self._now()) for name in sorted(versions.keys() & ending.keys())]
            more += [(subject, event) for event in told if event.key not in {known.key for known in events[subject]}]
        if more:
            await self._tickets.add_events(leavings.connection, [event for _, event in more])
        for subject, event in more:
            events[subject].append(event)
        return sorted({subject for subject, _ in more})

    async def _stand(self, leavings: Leavings, row: Any, events: Sequence[TicketEvent], at: datetime) -> _Standing:
        """Fold a ticket's events: what is true of it now."""
        connection = leavings.connection
        history = tell(events, to_us(at))
        if history is None:
            return _Standing([], None, {})
        attributes = history.changes[-1][1]
        created_at = from_us(history.created_at)
        terms = await self._terms(leavings, row, attributes, created_at)
        if led_to := history.departures.led_to:
            terms = terms.moved(await self._agreements.all(connection), led_to)
        readings = read_clocks(terms.agreements, events, at)
        return _Standing(readings, terms.alert, _ticket_values(attributes, created_at, terms, readings))

    async def _save(self, connection: AsyncConnection, rows: Mapping[str, Any], standings: Mapping[str, _Standing]) -> None:
        """Write what is true of tickets now, as far as it is not what was written before."""
        changed = []
        for subject, standing in standings.items():
            values = {name: value for name, value in standing.values.items() if getattr(rows[subject], name) != value}
            if values:
                changed.append({"subject": subject, **values})
            if gone := set(rows[subject].clocks) - {reading.clock for reading in standing.readings}:
                await self._tickets.remove_clocks(connection, subject, gone)
        read = {subject: (each.values["created_at"], each.readings) for subject, each in standings.items() if each.values}
        await self._tickets.save(connection, changed, read)

    async def _terms(self, leavings: Leavings, row: Any, attributes: Mapping[str, str], created_at: datetime) -> Terms:
        """The pinned terms; looked up again only when what they are chosen by has changed.

        An agreement whose end was ordered promises nothing to a ticket that is created from its instant on.
        """
        connection = leavings.connection
        pinned = await self._agreements.of(connection, row.agreements)
        chosen_by = (row.customer, row.service, row.region)
        if row.created_at == created_at and chosen_by == tuple(attributes.get(name) for name in ("customer", "service", "region")):
            return Terms(pinned, Alert(row.alert) if row.alert else None)
        published = promising(await self._agreements.all(connection), await leavings.known(), created_at)
        return terms_for(published, attributes, created_at, pinned if row.created_at == created_at else ())

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


def _audited(fact: TicketEvent, rows: Mapping[str, Any], standings: Mapping[str, _Standing]) -> AuditEvent:
    subject = f"{fact.source}/{fact.ticket_id}"
    before, after = rows[subject], standings[subject].values
    return told(fact, was_open=before.is_open if before.created_at is not None else None, is_open=after.get("is_open"))


def _ticket_values(attributes: Mapping[str, str], created_at: datetime, terms: Terms, readings: Sequence[ClockReading]) -> dict[str, Any]:
    return {
        **{name: attributes.get(name) for name in ("customer", "service", "region", "priority")},
        "created_at": created_at,
        "attributes": dict(attributes),
        "agreements": [agreement.digest for agreement in terms.agreements],
        "alert": terms.alert.value if terms.alert else None,
        "is_open": any(reading.is_open for reading in readings),
        "clocks": [reading.clock for reading in readings],
    }


def _receipt(fact: TicketEvent, taken: Taken, standing: _Standing, ticket: TicketRef) -> Receipt:
    not_paused: tuple[str, ...] = ()
    if fact.kind is EventKind.PAUSED:
        running = [reading for reading in standing.readings if reading.state is ClockState.RUNNING]
        not_paused = tuple(reading.clock for reading in running if fact.reason not in _reasons(reading))
    return Receipt(fact.event_id, ticket, taken, standing.readings, standing.alert, not_paused, fact.is_late)


def _reasons(reading: ClockReading) -> tuple[str, ...]:
    return (reading.segment.row.pauses or ()) if reading.segment.row is not None else ()
