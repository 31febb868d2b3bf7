"""What was measured of services, each stretch once by its source and name."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, literal_column, select, tuple_, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.measurements import Measured, MeasurementKind, Measurements
from domain.spans import Span
from store.condensed import UP, Wanted, by_neighbours, by_window, known, stretches
from store.database import Database
from store.period_tables import MeasurementRow

_AT_ONCE = 200
"""Targets one query looks at; SQLite joins at most 500 queries to one."""


class MeasurementStore:
    """Keeps stretches; none is ever changed."""

    def __init__(self, database: Database) -> None:
        """Work on a database."""
        self._database = database

    async def add(self, incoming: Measurements, by: str, at: datetime) -> int:
        """Keep what is new, all or nothing; says how many stretches were."""
        same = {"registry_no": incoming.number, "target": incoming.target, "source": incoming.source}
        rows = [
            same
            | {"name": each.measurement, "kind": each.kind.value, "starts_at": each.start, "ends_at": each.end, "note": each.note}
            | {"reported_by": by, "received_at": at}
            for each in incoming.measurements
        ]
        statement = self._database.insert(MeasurementRow).on_conflict_do_nothing(index_elements=["source", "name"])
        async with self._database.writing() as connection:
            added = await connection.execute(statement.returning(stretches.c.id), rows)
            return len(added.all())

    async def page(
        self, registry_no: str, target: str, span: Span | None, limit: int, after: tuple[datetime, int] | None
    ) -> Sequence[Row[Any]]:
        """Stretches of a target by their ends, those that reach into a span; `after` are end and id of the last one had."""
        measured = stretches.c
        query = select(stretches).where(measured.registry_no == registry_no, measured.target == target)
        if span is not None:
            query = query.where(measured.ends_at > span.start, measured.starts_at < span.end)
        if after is not None:
            query = query.where(tuple_(measured.ends_at, measured.id) > after)
        async with self._database.reading() as connection:
            return (await connection.execute(query.order_by(measured.ends_at, measured.id).limit(limit))).all()

    async def of(self, connection: AsyncConnection, wanted: Wanted) -> list[Measured]:
        """What is known of a target in a period: `facts_in` gives the same as from every stretch that reaches into it."""
        return (await self.of_all(connection, [wanted]))[wanted]

    async def of_all(self, connection: AsyncConnection, wanted: Sequence[Wanted]) -> dict[Wanted, list[Measured]]:
        """The same of several targets, each in its own period: two queries for every two hundred of them."""
        found: dict[Wanted, list[Measured]] = {}
        for start in range(0, len(wanted), _AT_ONCE):
            found |= await self._of_some(connection, list(wanted[start : start + _AT_ONCE]))
        return found

    async def _of_some(self, connection: AsyncConnection, wanted: list[Wanted]) -> dict[Wanted, list[Measured]]:
        condensed = by_neighbours if self._database.is_sqlite else by_window
        edges, is_up = [], []
        for place, each in enumerate(wanted):
            edge = condensed(each).subquery()
            edges.append(select(literal_column(str(place)).label("place"), edge))
            first = select(stretches.c.kind).where(*each.reaching(), stretches.c.kind == UP).order_by(stretches.c.ends_at).limit(1)
            is_up.append(select(literal_column(str(place)), first.scalar_subquery()))
        rows: dict[int, list[Row[Any]]] = {place: [] for place in range(len(wanted))}
        for row in await connection.execute(union_all(*edges)):
            rows[row.place].append(row)
        up = {place for place, kind in await connection.execute(union_all(*is_up)) if kind is not None}
        return {each: _measured(rows[place], is_up=place in up) for place, each in enumerate(wanted)}


def _measured(rows: Sequence[Row[Any]], *, is_up: bool) -> list[Measured]:
    found = [Measured(MeasurementKind(row.kind), Span(row.starts_at, row.ends_at)) for row in rows if row.kind != UP]
    return [*found, *(Measured(MeasurementKind.UP, span) for span in known(rows))] if is_up else found
