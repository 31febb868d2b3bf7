"""Tickets by number of place, and how many there are: for readers who page by offset."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from store.tickets import tickets


class Counted(NamedTuple):
    """What a list is narrowed to; texts name one value or several. The instants themselves are left out, `sight` is whose they are."""

    customer: Sequence[str] = ()
    priority: Sequence[str] = ()
    created_after: datetime | None = None
    created_before: datetime | None = None
    sight: ColumnElement[bool] | None = None

    @property
    def conditions(self) -> list[ColumnElement[bool]]:
        """The same as SQL."""
        found: list[ColumnElement[bool]] = [tickets.c.created_at.is_not(None)]
        found += [tickets.c[name].in_(list(values)) for name in ("customer", "priority") if (values := getattr(self, name))]
        if self.sight is not None:
            found.append(self.sight)
        if self.created_after is not None:
            found.append(tickets.c.created_at > self.created_after)
        if self.created_before is not None:
            found.append(tickets.c.created_at < self.created_before)
        return found


async def count_tickets(connection: AsyncConnection, wanted: Counted) -> int:
    """How many there are."""
    return await connection.scalar(select(func.count()).select_from(tickets).where(*wanted.conditions)) or 0


async def tickets_at(connection: AsyncConnection, wanted: Counted, offset: int, limit: int) -> Sequence[Row[Any]]:
    """Some of them, newest first."""
    query = select(tickets).where(*wanted.conditions).order_by(tickets.c.created_at.desc(), tickets.c.subject.desc())
    return (await connection.execute(query.offset(offset).limit(limit))).all()
