"""What people state that agreements not signed yet would bring; every statement is kept with who made it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.expected_volumes import ExpectedVolume, PipelineVolume
from domain.lifecycle import CASE_ENDS
from store.case_tables import CaseRow
from store.database import Database
from store.planning_tables import ExpectedVolumeRow

stated, cases = ExpectedVolumeRow.__table__, CaseRow.__table__  # type: ignore[attr-defined]

_ENDED = sorted(state.value for state in CASE_ENDS)


class Statement(NamedTuple):
    """A statement, who made it and when; `counts` unless a later one of the same service and region replaced it."""

    volume: ExpectedVolume
    stated_by: str
    stated_at: datetime
    counts: bool


class ExpectedVolumes:
    """Keeps statements; none is ever changed."""

    def __init__(self, database: Database) -> None:
        """Work on a database."""
        self._database = database

    async def state(self, case_id: str, volume: ExpectedVolume, by: str, at: datetime) -> None:
        """Keep a statement; it counts instead of an earlier one of the same case, service and region."""
        row = {"case_id": case_id, "service": volume.service, "region": volume.region, "volume": volume.model_dump(mode="json")}
        async with self._database.writing() as connection:
            await connection.execute(self._database.insert(ExpectedVolumeRow), row | {"stated_by": by, "stated_at": at})

    async def of_case(self, case_id: str) -> list[Statement]:
        """Every statement of a case, newest first."""
        query = select(stated).where(stated.c.case_id == case_id).order_by(stated.c.id.desc())
        async with self._database.reading() as connection:
            rows = (await connection.execute(query)).all()
        newest = {(row.service, row.region): row.id for row in reversed(rows)}
        return [
            Statement(
                ExpectedVolume.model_validate(row.volume), row.stated_by, row.stated_at, counts=row.id == newest[row.service, row.region]
            )
            for row in rows
        ]


async def pipeline_at(connection: AsyncConnection) -> Sequence[PipelineVolume]:
    """What counts of agreement cases that have not ended, earliest statement first. One query."""
    of_open = stated.join(cases, cases.c.case_id == stated.c.case_id)
    open_cases = cases.c.kind == "AGREEMENT", cases.c.state.not_in(_ENDED)
    query = select(stated, cases.c.customer).select_from(of_open).where(*open_cases).order_by(stated.c.id)
    return _newest((await connection.execute(query)).all())


def _newest(rows: Iterable[Row[Any]]) -> list[PipelineVolume]:
    """Of each case, service and region the last statement, unless it takes the others back."""
    kept = {(row.case_id, row.service, row.region): row for row in rows}
    found = [PipelineVolume(row.case_id, row.customer, ExpectedVolume.model_validate(row.volume)) for row in kept.values()]
    return [each for each in found if each.volume.tickets]
