"""Duties that were kept or missed, each once by its source and name; a period counts them."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.duties import Duties, Duty, DutyCount
from domain.people import Side
from domain.spans import Span
from store.database import Database
from store.period_tables import DutyRow

facts = DutyRow.__table__  # type: ignore[attr-defined]


class DutyStore:
    """Keeps what was seen; nothing is ever changed."""

    def __init__(self, database: Database) -> None:
        """Work on a database."""
        self._database = database

    async def add(self, seen: Duties, sides: Mapping[str, Side], by: str, at: datetime) -> int:
        """Keep what is new, all or nothing; says how much was. `sides` tells whose duty each obligation is."""
        same = {"registry_no": seen.number, "source": seen.source, "reported_by": by, "received_at": at}
        rows = [
            same
            | {"name": each.fact, "obligation": each.obligation, "side": sides[each.obligation].value}
            | {"kept": each.kept, "at": each.at, "note": each.note}
            for each in seen.duties
        ]
        statement = self._database.insert(DutyRow).on_conflict_do_nothing(index_elements=["source", "name"])
        async with self._database.writing() as connection:
            return len((await connection.execute(statement.returning(facts.c.id), rows)).all())

    async def of(self, connection: AsyncConnection, registry_no: str, period: Span) -> dict[Duty, DutyCount]:
        """How often each duty was kept and missed in a period; those nothing was reported of are left out."""
        within = facts.c.registry_no == registry_no, facts.c.at >= period.start, facts.c.at < period.end
        kept = func.sum(case((facts.c.kept, 1), else_=0))
        query = select(facts.c.obligation, facts.c.side, kept, func.count()).where(*within).group_by(facts.c.obligation, facts.c.side)
        rows = await connection.execute(query)
        return {Duty(name, Side(side)): DutyCount(int(good), int(every) - int(good)) for name, side, good, every in rows}
