"""What was measured of services, each stretch once by its source and name."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.measurements import LONGEST, Measured, MeasurementKind, Measurements
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

    async def of(self, connection: AsyncConnection, registry_no: str, target: str, period: Span) -> list[Measured]:
        """What is known of a target in a period, condensed: `facts_in` gives the same as from every stretch that reaches into it.

        A month may hold a sample a minute, and almost all of them say UP. Those only tell that something is known, so they
        come joined with what they touch: the database looks for the gaps.
        """
        rows = (await connection.execute(_edges(registry_no, target, period))).all()
        found = [Measured(MeasurementKind(row.kind), Span(row.starts_at, row.ends_at)) for row in rows if row.kind != _UP]
        if await connection.scalar(select(stretches.c.id).where(*_reaching(registry_no, target, period), stretches.c.kind == _UP).limit(1)):
            found += [Measured(MeasurementKind.UP, known) for known in _known(rows)]
        return found


_UP = MeasurementKind.UP.value


def _reaching(registry_no: str, target: str, period: Span) -> tuple[ColumnElement[bool], ...]:
    """The condition of a stretch that it reaches into a period; as none is longer than the longest, it ends soon after it."""
    of_target = stretches.c.registry_no == registry_no, stretches.c.target == target
    return *of_target, stretches.c.ends_at > period.start, stretches.c.ends_at < period.end + LONGEST, stretches.c.starts_at < period.end


def _edges(registry_no: str, target: str, period: Span) -> Select[Any]:
    """From the last to the first by their ends: all that is not UP, each before a gap, the first and the last.

    `reached` is the earliest start among those that end later: what ends before it is followed by a gap.
    """
    reaching = _reaching(registry_no, target, period)
    backwards = stretches.c.ends_at.desc(), stretches.c.starts_at.desc()
    reached = func.min(stretches.c.starts_at).over(order_by=backwards, rows=(None, -1)).label("reached")
    each = select(stretches.c.kind, stretches.c.starts_at, stretches.c.ends_at, reached).where(*reaching).subquery()
    earliest = select(func.min(stretches.c.ends_at)).where(*reaching).scalar_subquery()
    is_edge = or_(each.c.kind != _UP, each.c.reached.is_(None), each.c.ends_at < each.c.reached, each.c.ends_at == earliest)
    return select(each).where(is_edge).order_by(each.c.ends_at.desc(), each.c.starts_at.desc())


def _known(edges: Sequence[Row[Any]]) -> Iterator[Span]:
    """The stretches of which anything is known, between the gaps, the last first."""
    end = edges[0].ends_at
    for row in edges:
        if row.reached is not None and row.ends_at < row.reached:
            yield Span(row.reached, end)
            end = row.ends_at
    last = edges[-1]
    yield Span(min(last.starts_at, last.reached or last.starts_at), end)
