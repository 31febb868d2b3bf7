"""What finance states services cost; every statement is kept with who made it and where the figure comes from."""

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import select

from domain.costs import CostKind
from store.cost_tables import ActualCostRow
from store.database import Database

stated = ActualCostRow.__table__  # type: ignore[attr-defined]


class ActualCost(NamedTuple):
    """What a service cost in a month (`2026-04`), of one kind; `source` says where the figure can be looked up."""

    service: str
    month: str
    kind: CostKind
    amount: Decimal
    source: str


class CostStatement(NamedTuple):
    """A statement, who made it and when; `counts` unless a later one of the same service, month and kind replaced it."""

    cost: ActualCost
    stated_by: str
    stated_at: datetime
    counts: bool


class ActualCosts:
    """Keeps statements; none is ever changed."""

    def __init__(self, database: Database) -> None:
        """Work on a database."""
        self._database = database

    async def state(self, cost: ActualCost, by: str, at: datetime) -> None:
        """Keep a statement; it counts instead of earlier ones of the same service, month and kind."""
        row = cost._asdict() | {"kind": cost.kind.value, "amount": f"{cost.amount:f}", "stated_by": by, "stated_at": at}
        async with self._database.writing() as connection:
            await connection.execute(self._database.insert(ActualCostRow), row)

    async def of_month(self, month: str) -> list[CostStatement]:
        """Every statement of a month, newest first."""
        async with self._database.reading() as connection:
            rows = (await connection.execute(select(stated).where(stated.c.month == month).order_by(stated.c.id.desc()))).all()
        newest = {(row.service, row.kind): row.id for row in reversed(rows)}
        return [
            CostStatement(
                ActualCost(row.service, row.month, CostKind(row.kind), Decimal(row.amount), row.source),
                row.stated_by,
                row.stated_at,
                counts=row.id == newest[row.service, row.kind],
            )
            for row in rows
        ]
