"""What was measured of services, each stretch once by its source and name."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.measurements import Measured, MeasurementKind, Measurements
from domain.spans import Span
from store.database import Database
from store.period_tables import MeasurementRow

stretches = MeasurementRow.__table__  # type: ignore[attr-defined]


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

    async def of(self, connection: AsyncConnection, registry_no: str, period: Span) -> dict[str, Sequence[Measured]]:
        """The stretches that reach into a period, by target."""
        reaching = stretches.c.registry_no == registry_no, stretches.c.starts_at < period.end, stretches.c.ends_at > period.start
        columns = (stretches.c.target, stretches.c.kind, stretches.c.starts_at, stretches.c.ends_at)
        found: dict[str, list[Measured]] = {}
        for target, kind, start, end in await connection.execute(select(*columns).where(*reaching)):
            found.setdefault(target, []).append(Measured(MeasurementKind(kind), Span(start, end)))
        return dict(found)
