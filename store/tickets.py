"""Tickets, their events and their clocks."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, FromClause, Row, and_, bindparam, delete, func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.announcements import SILENTLY
from domain.attainment import verdict_at
from domain.clocks import ClockReading, ClockState
from domain.effects import Telling, TicketRef
from domain.errors import BadInput, NotFound
from domain.events import TicketEvent
from domain.instants import SECOND_US, from_us
from store.database import Database
from store.tables import IS_OPEN, ClockRow, InboxRow, MilestoneRow, TicketRow

# The tables as SQLAlchemy sees them: SQLModel's own attributes are typed as the values of a row.
inbox, tickets, clocks, milestones = (table.__table__ for table in (InboxRow, TicketRow, ClockRow, MilestoneRow))  # type: ignore[union-attr]

_CLOCK_KEYS = ("subject", "clock")


def ticket_of(subject: str) -> TicketRef:
    """The ticket that the tables name so; a ticket's number has no slash, its source may."""
    source, _, ticket_id = subject.rpartition("/")
    return TicketRef(source=source, ticket_id=ticket_id)


def subject_of(ticket: TicketRef) -> str:
    """How the tables name a ticket."""
    return f"{ticket.source}/{ticket.ticket_id}"


class Waiting(NamedTuple):
    """Events of one ticket that the engine has not been told of."""

    subject: str
    row_ids: tuple[int, ...]
    events: tuple[TicketEvent, ...]


class TicketFilter(NamedTuple):
    """What a list of tickets is narrowed to."""

    customer: str | None = None
    service: str | None = None
    alert: str | None = None
    is_open: bool | None = None
    breached: bool | None = None
    region: str | None = None
    priority: str | None = None
    near_breach: bool | None = None
    supplier: str | None = None
    """Tickets that this supplier held, and only the clocks of its contracts count."""
    promises: bool = False
    """Only clocks of SLAs count, none of an OLA or UC."""

    @property
    def is_narrow(self) -> bool:
        """Does it ask for more than an index gives at once?"""
        return any(value is not None for value in self[1:-1])


class TicketStore:
    """Reads and writes tickets; every method is one or a few indexed statements on the caller's transaction."""

    def __init__(self, database: Database) -> None:
        """Work on a database. Statements of the inbox are built once: building one costs more than running it."""
        self._database = database
        add = database.insert(InboxRow).on_conflict_do_nothing(index_elements=["source", "event_id"])
        self._add_events = add.returning(inbox.c.source, inbox.c.event_id)
        touch = database.insert(TicketRow)
        touch = touch.on_conflict_do_update(index_elements=["subject"], set_={"updated_at": touch.excluded.updated_at})
        self._touch = touch.returning(*tickets.c)
        self._upsert_clocks = database.upsert(ClockRow, _CLOCK_KEYS)
        one_of = inbox.c.subject.in_(bindparam("subjects", expanding=True))
        self._select_events = select(inbox.c.subject, inbox.c.event).where(one_of).order_by(inbox.c.id)

    # ---- what comes in ------------------------------------------------------------------------------------------

    async def add_events(self, connection: AsyncConnection, events: Sequence[TicketEvent]) -> set[tuple[str, str]]:
        """Write events; returns the keys that are new. An event known before is left as it was."""
        rows = [
            {
                "source": event.source,
                "event_id": event.event_id,
                "subject": f"{event.source}/{event.ticket_id}",
                "event": event.model_dump(mode="json", exclude_defaults=True),
                "occurred_at": event.occurred_at,
                "received_at": event.received_at,
            }
            # One order for all, so that two transactions with the same events never wait for each other.
            for event in sorted(events, key=lambda event: event.key)
        ]
        added = await connection.execute(self._add_events, rows)
        return {(source, event_id) for source, event_id in added}

    async def lock(self, connection: AsyncConnection, refs: Iterable[TicketRef], at: datetime) -> dict[str, Row[Any]]:
        """The rows of tickets, made if need be and held until the transaction ends, so that every fold sees all events."""
        fresh = {"attributes": {}, "agreements": [], "terms_sent": [], "clocks": [], "is_open": False, "updated_at": at}
        rows = [{"subject": subject_of(ref), "source": ref.source, "ticket_id": ref.ticket_id, **fresh} for ref in refs]
        # One order for all, so that two transactions never hold a ticket each and wait for the other's.
        found = await connection.execute(self._touch, sorted(rows, key=lambda row: str(row["subject"])))
        return {row.subject: row for row in found}

    async def events(self, connection: AsyncConnection, subject: str) -> list[TicketEvent]:
        """Every event of a ticket, as it came in."""
        return (await self.events_of(connection, [subject]))[subject]

    async def events_of(self, connection: AsyncConnection, subjects: Sequence[str]) -> dict[str, list[TicketEvent]]:
        """Every event of some tickets, as they came in."""
        found: dict[str, list[TicketEvent]] = {subject: [] for subject in subjects}
        for subject, event in await connection.execute(self._select_events, {"subjects": list(subjects)}):
            found[subject].append(TicketEvent.model_validate(event))
        return found

    async def save(
        self, connection: AsyncConnection, changed: Sequence[Mapping[str, Any]], read: Mapping[str, tuple[datetime, Sequence[ClockReading]]]
    ) -> None:
        """Write what changed of tickets (values by column, with their subject), and their creation and clocks as read now."""
        for values in changed:
            await connection.execute(update(tickets).where(tickets.c.subject == values["subject"]).values(**values))
        rows = [clock_values(subject, created_at, reading) for subject, (created_at, each) in read.items() for reading in each]
        if rows:
            await connection.execute(self._upsert_clocks, rows)

    async def remove_clocks(self, connection: AsyncConnection, subject: str, names: Iterable[str]) -> None:
        """Remove clocks a ticket no longer has."""
        await connection.execute(delete(clocks).where(clocks.c.subject == subject, clocks.c.clock.in_(list(names))))

    # ---- what goes on to the engine -----------------------------------------------------------------------------

    async def waiting(self, connection: AsyncConnection, limit: int) -> list[Waiting]:
        """Tickets with events the engine was not told of, oldest event first; those not created yet are left waiting."""
        heads = (
            select(inbox.c.subject, func.min(inbox.c.id).label("head"))
            .join(tickets, tickets.c.subject == inbox.c.subject)
            .where(inbox.c.forwarded_at.is_(None), tickets.c.created_at.is_not(None))
            .group_by(inbox.c.subject)
            .order_by("head")
            .limit(limit)
            .subquery()
        )
        rows = await connection.execute(
            select(inbox.c.id, inbox.c.subject, inbox.c.event)
            .join(heads, heads.c.subject == inbox.c.subject)
            .where(inbox.c.forwarded_at.is_(None))
            .order_by(heads.c.head, inbox.c.id)
        )
        found: dict[str, list[tuple[int, TicketEvent]]] = {}
        for row_id, subject, event in rows:
            found.setdefault(subject, []).append((row_id, TicketEvent.model_validate(event)))
        return [Waiting(subject, tuple(i for i, _ in pairs), tuple(event for _, event in pairs)) for subject, pairs in found.items()]

    async def mark_forwarded(self, connection: AsyncConnection, row_ids: Iterable[int], at: datetime) -> None:
        """The engine has these events."""
        await connection.execute(update(inbox).where(inbox.c.id.in_(list(row_ids))).values(forwarded_at=at))

    async def mark_started(self, connection: AsyncConnection, subject: str, at: datetime, terms: Sequence[str]) -> None:
        """The engine runs the ticket's process, under these terms."""
        await connection.execute(update(tickets).where(tickets.c.subject == subject).values(started_at=at, terms_sent=list(terms)))

    # ---- what is asked ------------------------------------------------------------------------------------------

    async def ticket(self, connection: AsyncConnection, subject: str) -> Row[Any] | None:
        """A ticket's row."""
        return (await connection.execute(select(tickets).where(tickets.c.subject == subject))).one_or_none()

    async def is_seen(self, connection: AsyncConnection, ticket: TicketRef, sight: ColumnElement[bool]) -> bool:
        """Does a condition hold for a ticket?"""
        query = select(tickets.c.subject).where(tickets.c.subject == subject_of(ticket), sight)
        return await connection.scalar(query) is not None

    async def named(self, connection: AsyncConnection, ticket_id: str, sight: ColumnElement[bool] | None = None) -> TicketRef:
        """The ticket with this number, among those for which a condition holds.

        Raises:
            NotFound: there is none.
            BadInput: several systems have one.
        """
        query = select(tickets.c.source).where(tickets.c.ticket_id == ticket_id)
        if sight is not None:
            query = query.where(sight)
        sources = list(await connection.scalars(query.limit(2)))
        if not sources:
            raise NotFound(f"there is no ticket {ticket_id}")
        if len(sources) > 1:
            raise BadInput(f"several systems have a ticket {ticket_id}: write {sources[0]}/{ticket_id} or {sources[1]}/{ticket_id}")
        return TicketRef(source=sources[0], ticket_id=ticket_id)

    async def open_under(
        self, connection: AsyncConnection, agreement: str, limit: int, after: str = "", version: str | None = None
    ) -> list[TicketRef]:
        """Tickets with an open clock of an agreement (`SLA-2026-0001`), or of one version of it, in the order of their subjects."""
        query = select(clocks.c.subject).where(clocks.c.agreement == agreement, clocks.c.subject > after, text(IS_OPEN))
        if version is not None:
            query = query.where(clocks.c.version == version)
        subjects = await connection.scalars(query.distinct().order_by(clocks.c.subject).limit(limit))
        return [ticket_of(subject) for subject in subjects]

    async def clocks(
        self, connection: AsyncConnection, subjects: Sequence[str], seen: Sequence[ColumnElement[bool]] = ()
    ) -> dict[str, list[Row[Any]]]:
        """The clocks of some tickets, as last read; those for which the conditions hold."""
        found: dict[str, list[Row[Any]]] = {subject: [] for subject in subjects}
        query = select(clocks).where(clocks.c.subject.in_(list(subjects)), *seen).order_by(clocks.c.kind, clocks.c.clock)
        for row in await connection.execute(query):
            found[row.subject].append(row)
        return found

    async def told(self, connection: AsyncConnection, ticket: TicketRef, workflow_id: str) -> dict[str, datetime]:
        """Milestones of a ticket that were dealt with, by the key its process knows them by."""
        query = select(milestones.c.key, milestones.c.at, milestones.c.telling).where(milestones.c.subject == subject_of(ticket))
        told: dict[str, datetime] = {}
        for key, at, telling in await connection.execute(query):
            step = key.removeprefix(f"{workflow_id}:")
            told[step] = at
            if telling in {Telling.DIGEST.value, Telling.SUPERSEDED.value}:
                told[f"{step}:{SILENTLY}"] = at
        return told

    async def milestones(self, connection: AsyncConnection, subject: str) -> Sequence[Row[Any]]:
        """What a ticket's clocks reached, earliest first."""
        return (await connection.execute(select(milestones).where(milestones.c.subject == subject).order_by(milestones.c.at))).all()


def breached_by(now: datetime, of: FromClause = clocks) -> ColumnElement[bool]:
    """The condition of a clock row that its limit was passed by `now`, noticed or not."""
    return or_(of.c.breach_at <= now, and_(of.c.state == ClockState.RUNNING.value, of.c.due_at <= now))


def near_breach_by(now: datetime, of: FromClause = clocks) -> ColumnElement[bool]:
    """The condition of a clock row that it is at risk: past its first warning, not past its limit."""
    return and_(of.c.state == ClockState.RUNNING.value, of.c.breach_at.is_(None), of.c.warn_at <= now, of.c.due_at > now)


def _due_within_terms(reading: ClockReading) -> datetime | None:
    """When a clock that runs is breached if nothing happens; not at all if its agreement ends by then."""
    if reading.state is not ClockState.RUNNING or reading.due_at is None:
        return None
    return reading.due_at if reading.ends_at is None or reading.due_at < reading.ends_at else None


def _warns_at(reading: ClockReading) -> datetime | None:
    """The first warning of a clock that runs, if nothing more happens."""
    levels = reading.segment.target.warn_at
    if reading.state is not ClockState.RUNNING or reading.plan is None or not levels:
        return None
    at = reading.plan.at_share(min(levels))
    return from_us(at) if at is not None else None


def clock_values(subject: str, created_at: datetime, reading: ClockReading) -> dict[str, Any]:
    """A reading as a row."""
    limit = reading.plan.limit if reading.plan is not None else None
    return {
        "subject": subject,
        "clock": reading.clock,
        "agreement": reading.agreement,
        "version": reading.version,
        "kind": reading.kind.value,
        "target": reading.target,
        "cycle": reading.cycle,
        "created_at": created_at,
        "state": reading.state.value,
        "reason": reading.reason,
        "started_at": reading.started_at,
        "due_at": reading.due_at,
        "completed_at": reading.completed_at,
        "breach_at": reading.breach_at,
        "executed_early": reading.executed_early,
        "reopened": reading.reopened,
        "spent_seconds": int(reading.spent.total_seconds()),
        "limit_seconds": limit // SECOND_US if limit is not None else None,
        "verdict_at": verdict_at(reading) or _due_within_terms(reading),
        "is_met": reading.met,
        "warn_at": _warns_at(reading),
    }
