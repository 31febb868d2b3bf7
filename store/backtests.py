"""Backtests as they are kept: asked, under way, and with their reports."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.backtest.asked import AskedBacktest
from domain.backtest.orders import BacktestOrder, BacktestState
from store.backtest_table import BacktestRow
from store.database import Database

backtests = BacktestRow.__table__  # type: ignore[attr-defined]

_LISTED = [column for column in backtests.c if column.name not in {"question", "report"}]


class About(NamedTuple):
    """What backtests are for: a case, an agreement by its registry number, a dry run of moves; of none named: anything."""

    case_id: str | None = None
    registry_no: str | None = None
    replan: str | None = None


def order_of(row: Any) -> BacktestOrder:
    """What the process of a backtest is told, from its row."""
    customers = {each.customer.name for proposal in AskedBacktest.model_validate(row.question).proposals for each in proposal.promising}
    return BacktestOrder(
        backtest=row.backtest,
        proposals=tuple(row.names),
        days=f"{row.since}/{row.until}",
        registry_no=row.registry_no,
        customer=customers.pop() if len(customers) == 1 else None,
    )


class BacktestStore:
    """Reads and writes them, on the caller's transaction."""

    def __init__(self, database: Database) -> None:
        """Work on a database."""
        self._database = database

    async def add(self, connection: AsyncConnection, values: Mapping[str, Any]) -> None:
        """Write one down; one that is there already stays as it is."""
        await connection.execute(self._database.insert(BacktestRow).on_conflict_do_nothing(index_elements=["backtest"]), values)

    async def backtest(self, connection: AsyncConnection, name: str) -> Row[Any] | None:
        """One by its name, with its question and its report."""
        return (await connection.execute(select(backtests).where(backtests.c.backtest == name))).one_or_none()

    async def page(
        self, connection: AsyncConnection, about: About, limit: int, after: tuple[datetime, str] | None = None
    ) -> Sequence[Row[Any]]:
        """Those that are for something, newest first, without questions and reports; `after` is the last of the page before."""
        place = backtests.c.asked_at, backtests.c.backtest
        query = select(*_LISTED).order_by(*(column.desc() for column in place)).limit(limit)
        for name, value in about._asdict().items():
            if value is not None:
                query = query.where(backtests.c[name] == value)
        if after is not None:
            query = query.where(tuple_(*place) < after)
        return (await connection.execute(query)).all()

    async def note(self, connection: AsyncConnection, name: str, **values: Any) -> bool:
        """Note how far it has come, or how it ended; False if it has ended already, and then it stays as it is."""
        mine = backtests.c.backtest == name, backtests.c.state == BacktestState.RUNNING.value
        return bool((await connection.execute(update(backtests).where(*mine).values(**values))).rowcount)
