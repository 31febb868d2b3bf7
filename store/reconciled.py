"""Our tickets as they are held beside those of the system they live in."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from store.tables import TicketRow

tickets: Any = TicketRow.__table__  # type: ignore[attr-defined]


async def attributes_of(connection: AsyncConnection, source: str, ticket_ids: Sequence[str]) -> dict[str, Mapping[str, str]]:
    """What is true of the tickets of a source that were created here, by their numbers."""
    subjects = [f"{source}/{ticket_id}" for ticket_id in ticket_ids]
    query = select(tickets.c.ticket_id, tickets.c.attributes).where(tickets.c.subject.in_(subjects), tickets.c.created_at.is_not(None))
    return {row.ticket_id: row.attributes for row in await connection.execute(query)}


async def open_tickets(connection: AsyncConnection, source: str, limit: int) -> tuple[list[str], int]:
    """The numbers of a source's open tickets, those that were not heard of longest first, and how many there are."""
    of_source = tickets.c.source == source, tickets.c.is_open.is_(True)
    query = select(tickets.c.ticket_id).where(*of_source).order_by(tickets.c.updated_at, tickets.c.subject).limit(limit)
    total = await connection.scalar(select(func.count()).select_from(tickets).where(*of_source))
    return list(await connection.scalars(query)), int(total or 0)
