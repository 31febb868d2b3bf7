"""What was measured of services, each stretch once by its source and name."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.measurements import Measured, MeasurementKind, Measurements
from domain.spans import Span
from store.condensed import UP, Wanted, by_neighbours, by_window, known, stretches
from store.database import Database
from store.period_tables import MeasurementRow


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

    async def of(self, connection: AsyncConnection, wanted: Wanted) -> list[Measured]:
        """What is known of a target in a period: `facts_in` gives the same as from every stretch that reaches into it."""
        condensed = by_neighbours if self._database.is_sqlite else by_window
        rows = (await connection.execute(condensed(wanted))).all()
        found = [Measured(MeasurementKind(row.kind), Span(row.starts_at, row.ends_at)) for row in rows if row.kind != UP]
        is_up = select(stretches.c.kind).where(*wanted.reaching(), stretches.c.kind == UP).order_by(stretches.c.ends_at).limit(1)
        if await connection.scalar(is_up):
            found += [Measured(MeasurementKind.UP, span) for span in known(rows)]
        return found
