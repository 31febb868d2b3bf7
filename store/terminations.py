"""Orders to end agreements early: all are kept, of each agreement one stands at most."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.effects import TicketRef
from domain.lifecycle import AgreementState
from domain.termination import TerminationOrder
from store.database import Database
from store.entries import Entry, entries, entries_of
from store.tables import IS_OPEN
from store.termination_table import TerminationRow
from store.tickets import clocks, ticket_of

terminations = TerminationRow.__table__  # type: ignore[attr-defined]


class OrderState(StrEnum):
    """What became of an order."""

    STANDING = "STANDING"
    SUPERSEDED = "SUPERSEDED"
    REVOKED = "REVOKED"
    ALREADY_ENDED = "ALREADY_ENDED"


class TerminationStore:
    """Keeps orders, and what they make of the registry's entries; on the caller's transaction."""

    def __init__(self, database: Database) -> None:
        """Work on a database."""
        self._database = database

    async def hold(self, connection: AsyncConnection, numbers: Sequence[str]) -> None:
        """Let nobody else order the end of these agreements until the transaction ends."""
        await self._database.hold(connection, *(f"terminate:{number}" for number in sorted(set(numbers))))

    async def entry(self, connection: AsyncConnection, registry_no: str) -> Entry | None:
        """The newest version of an agreement, as the transaction sees it."""
        found = entries_of((await connection.execute(select(entries).where(entries.c.registry_no == registry_no))).all())
        return found[0] if found else None

    async def standing(self, connection: AsyncConnection, registry_no: str) -> TerminationOrder | None:
        """The order that counts for an agreement, whether its instant has come or not."""
        mine = terminations.c.registry_no == registry_no, terminations.c.state == OrderState.STANDING.value
        order = await connection.scalar(select(terminations.c.order).where(*mine))
        return TerminationOrder.model_validate(order) if order is not None else None

    async def all_standing(self, connection: AsyncConnection) -> dict[str, TerminationOrder]:
        """Every order that counts, by the name clocks know the agreement by."""
        rows = await connection.scalars(select(terminations.c.order).where(terminations.c.state == OrderState.STANDING.value))
        found = [TerminationOrder.model_validate(order) for order in rows]
        return {each.agreement: each for each in found}

    async def of(self, connection: AsyncConnection, registry_no: str) -> Sequence[Row[Any]]:
        """Every order there ever was for an agreement, earliest first."""
        query = select(terminations).where(terminations.c.registry_no == registry_no)
        return (await connection.execute(query.order_by(terminations.c.received_at, terminations.c.order_id))).all()

    async def tickets_under(
        self, connection: AsyncConnection, agreement: str, since: datetime | None, limit: int, after: str
    ) -> list[tuple[TicketRef, str]]:
        """Tickets with an open clock of an agreement, or one completed since an instant, with their version of it; by subject."""
        touched = text(IS_OPEN) if since is None else or_(text(IS_OPEN), clocks.c.completed_at >= since)
        mine = clocks.c.agreement == agreement, clocks.c.subject > after, touched
        query = select(clocks.c.subject, func.max(clocks.c.version)).where(*mine).group_by(clocks.c.subject)
        rows = await connection.execute(query.order_by(clocks.c.subject).limit(limit))
        return [(ticket_of(subject), version) for subject, version in rows]

    async def keep(self, connection: AsyncConnection, order: TerminationOrder, event: tuple[str, str], state: OrderState) -> None:
        """Keep an order; `event` is the source and the id of the CRM's."""
        values = {
            "order_id": order.order_id,
            "source": event[0],
            "event_id": event[1],
            "registry_no": order.registry_no,
            "state": state.value,
            "order": order.model_dump(mode="json"),
            "received_at": order.received_at,
        }
        await connection.execute(self._database.insert(TerminationRow), values)

    async def mark(self, connection: AsyncConnection, order_id: str, state: OrderState, said: Mapping[str, Any] | None = None) -> None:
        """Note what became of an order."""
        await connection.execute(update(terminations).where(terminations.c.order_id == order_id).values(state=state.value, **(said or {})))

    async def end(self, connection: AsyncConnection, order: TerminationOrder, now: datetime) -> None:
        """The entry's versions end at the order's instant; those in force are TERMINATING until then."""
        mine = entries.c.registry_no == order.registry_no
        values: dict[str, Any] = {"terminates_at": order.effective_at, "legal_hold": order.holds}
        await connection.execute(update(entries).where(mine).values(**values))
        if order.effective_at > now:
            active = entries.c.state == AgreementState.ACTIVE.value
            await connection.execute(update(entries).where(mine, active).values(state=AgreementState.TERMINATING.value))

    async def restore(self, connection: AsyncConnection, registry_no: str) -> None:
        """The entry's versions go on as if no order had come."""
        mine = entries.c.registry_no == registry_no
        await connection.execute(update(entries).where(mine).values(terminates_at=None, legal_hold=False))
        ending = entries.c.state == AgreementState.TERMINATING.value
        await connection.execute(update(entries).where(mine, ending).values(state=AgreementState.ACTIVE.value))

    async def release(self, connection: AsyncConnection, registry_no: str) -> None:
        """Somebody ruled on a withdrawal: nothing is held any longer."""
        await connection.execute(update(entries).where(entries.c.registry_no == registry_no).values(legal_hold=False))


class Leavings:
    """The orders that stand, read at most once in a transaction, and only where somebody asks."""

    def __init__(self, store: TerminationStore, connection: AsyncConnection) -> None:
        """Look there, in that transaction."""
        self.connection = connection
        self._store = store
        self._known: dict[str, TerminationOrder] | None = None

    @property
    def are_known(self) -> bool:
        """Did somebody ask?"""
        return self._known is not None

    async def known(self) -> dict[str, TerminationOrder]:
        """Every order that counts, by the name clocks know the agreement by."""
        if self._known is None:
            self._known = await self._store.all_standing(self.connection)
        return self._known
