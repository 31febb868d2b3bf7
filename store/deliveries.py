"""The delivery log."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, func, literal, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.effects import Notice
from domain.ports import Attempt, DeliveryState, Waiting
from store.database import Database
from store.group_commit import GroupCommit
from store.tables import DeliveryRow

deliveries = DeliveryRow.__table__  # type: ignore[attr-defined]

_ORDER = (deliveries.c.last_at, deliveries.c.key, deliveries.c.channel, deliveries.c.receiver)


class DeliveryName(NamedTuple):
    """What tells one delivery from all others."""

    key: str
    channel: str
    receiver: str


class Wanted(NamedTuple):
    """What a list of deliveries is narrowed to."""

    state: str | None = None
    channel: str | None = None
    receiver: str | None = None


class Deliveries:
    """Carries out `domain.ports.DeliveryLog`."""

    def __init__(self, database: Database) -> None:
        """Work on a database."""
        self._database = database
        note = database.insert(DeliveryRow)
        changed = {name: note.excluded[name] for name in ("state", "error", "last_at")} | {
            "attempts": deliveries.c.attempts + note.excluded.attempts,
            "due_at": func.coalesce(note.excluded.due_at, deliveries.c.due_at),
        }
        self._statement = note.on_conflict_do_update(index_elements=["key", "channel", "receiver"], set_=changed)
        self._notes = GroupCommit(self._note)

    async def state(self, key: str, channel: str) -> DeliveryState:
        """How far an effect has come that has no receivers of its own; PENDING if nothing is known of it."""
        return (await self.states_of(key)).get((channel, ""), DeliveryState.PENDING)

    async def states_of(self, key: str) -> dict[tuple[str, str], DeliveryState]:
        """How far an effect has come, by channel and receiver."""
        query = select(deliveries.c.channel, deliveries.c.receiver, deliveries.c.state).where(deliveries.c.key == key)
        async with self._database.reading() as connection:
            return {(row.channel, row.receiver): DeliveryState(row.state) for row in await connection.execute(query)}

    async def waiting(self, receiver: str, until: datetime) -> list[Waiting]:
        """What waits for a receiver until an instant, or was tried in vain since then, earliest first."""
        open_states = [DeliveryState.WAITING.value, DeliveryState.PENDING.value]
        query = (
            select(deliveries.c.effect, deliveries.c.channel)
            .where(deliveries.c.receiver == receiver, deliveries.c.due_at <= until, deliveries.c.state.in_(open_states))
            .order_by(deliveries.c.first_at, deliveries.c.key)
        )
        async with self._database.reading() as connection:
            return [Waiting(Notice.model_validate(row.effect), row.channel) for row in await connection.execute(query)]

    async def note(self, attempt: Attempt) -> None:
        """Note how an attempt ended."""
        await self._notes.take([attempt])

    async def _note(self, attempts: Sequence[Attempt]) -> list[None]:
        async with self._database.writing() as connection:
            await connection.execute(self._statement, [_row(attempt) for attempt in attempts])
        return [None for _ in attempts]

    async def of_ticket(self, prefix: str) -> Sequence[Row[Any]]:
        """Deliveries whose key begins so, earliest first."""
        query = select(deliveries).where(deliveries.c.key >= prefix, deliveries.c.key < prefix + "\uffff").order_by(deliveries.c.first_at)
        async with self._database.reading() as connection:
            return (await connection.execute(query)).all()

    # ---- for administrators -----------------------------------------------------------------------------------------

    async def page(self, wanted: Wanted, limit: int, after: tuple[datetime, DeliveryName] | None) -> Sequence[Row[Any]]:
        """Deliveries, last tried first; those after a place in that order."""
        query = select(deliveries).order_by(*(each.desc() for each in _ORDER)).limit(limit)
        for name, value in wanted._asdict().items():
            if value is not None:
                query = query.where(deliveries.c[name] == value)
        if after is not None:
            last = zip((after[0], *after[1]), _ORDER, strict=True)
            query = query.where(tuple_(*_ORDER) < tuple_(*(literal(value, column.type) for value, column in last)))
        async with self._database.reading() as connection:
            return (await connection.execute(query)).all()

    async def one(self, connection: AsyncConnection, name: DeliveryName) -> Row[Any] | None:
        """One delivery."""
        return (await connection.execute(select(deliveries).where(*_named(name)))).one_or_none()

    async def put_back(self, connection: AsyncConnection, name: DeliveryName, due_at: datetime) -> None:
        """Let a delivery wait until an instant, whatever became of it before; its attempts stay counted."""
        await connection.execute(update(deliveries).where(*_named(name)).values(state=DeliveryState.WAITING.value, due_at=due_at))


def _named(name: DeliveryName) -> tuple[ColumnElement[bool], ...]:
    return deliveries.c.key == name.key, deliveries.c.channel == name.channel, deliveries.c.receiver == name.receiver


def _row(attempt: Attempt) -> dict[str, Any]:
    return {
        "key": attempt.effect.key,
        "channel": attempt.channel,
        "receiver": attempt.receiver,
        "state": attempt.state.value,
        "attempts": 0 if attempt.state is DeliveryState.WAITING else 1,
        "due_at": attempt.due_at,
        "effect": attempt.effect.model_dump(mode="json"),
        "error": attempt.error[:2000] if attempt.error else None,
        "first_at": attempt.at,
        "last_at": attempt.at,
    }
