"""Measuring backtests: tickets are read, folded beside the event loop, and the report is written down."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from domain.backtest.asked import AskedBacktest
from domain.backtest.orders import BacktestFault, BacktestState
from domain.backtest.running import Backtest, begun
from domain.errors import NotFound
from domain.events import TicketEvent
from store.backtests import BacktestStore
from store.database import Database
from store.records import RecordStore, Wanted

_AT_ONCE = 25
"""Tickets folded before others get the interpreter: some milliseconds, so that what else a worker does goes on."""
_SECOND = 1.0
"""Between two notes of how far it is."""


class Measuring:
    """Carries out `domain.backtest.orders.Backtests`."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        """Work on a database, by the business's clock."""
        self._database = database
        self._now = now
        self._backtests = BacktestStore(database)
        self._records = RecordStore(database)

    async def measure(self, backtest: str) -> AsyncIterator[int]:
        """Measure one from its first ticket on and keep its report; gives the tickets done."""
        row = await self._row(backtest)
        done = 0
        if row.state != BacktestState.RUNNING.value:
            yield row.tickets_done
            return
        asked = AskedBacktest.model_validate(row.question)
        wanted = Wanted.by(asked.question, asked.span)
        await self._note(backtest, tickets_done=0, tickets=await self._records.count(wanted))
        found, noted = await self._begun(asked, row.asked_at), time.monotonic()
        async for stories in self._records.stories(wanted):
            for some in _batches(stories):
                await asyncio.to_thread(_add, found, some)
                done += len(some)
                yield done
            if time.monotonic() - noted >= _SECOND:
                if not await self._note(backtest, tickets_done=done):
                    return  # it was given up meanwhile
                noted = time.monotonic()
        reporting = asyncio.ensure_future(asyncio.to_thread(_report, found))
        while not reporting.done():
            await asyncio.wait({reporting}, timeout=_SECOND)
            yield done
        ended = {"state": BacktestState.DONE.value, "tickets_done": done, "tickets": done, "done_at": self._now()}
        await self._note(backtest, **ended, report=await reporting)

    async def fail(self, fault: BacktestFault) -> None:
        """Note that it comes to no report; one that has ended stays as it is."""
        await self._note(fault.backtest, state=BacktestState.FAILED.value, fault=fault.fault, done_at=self._now())

    async def _row(self, backtest: str) -> Any:
        async with self._database.reading() as connection:
            row = await self._backtests.backtest(connection, backtest)
        if row is None:
            raise NotFound(f"there is no backtest {backtest}")
        return row

    async def _begun(self, asked: AskedBacktest, asked_at: datetime) -> Backtest:
        record = asked.record(asked_at)
        if asked.registry_no is not None:
            record = record._replace(samples=await self._records.samples(asked.question, asked.registry_no, asked.span))
        return begun(asked.question, record)

    async def _note(self, backtest: str, **values: Any) -> bool:
        async with self._database.writing() as connection:
            return await self._backtests.note(connection, backtest, **values)


def _batches(stories: Sequence[list[TicketEvent]]) -> Iterator[Sequence[list[TicketEvent]]]:
    return (stories[first : first + _AT_ONCE] for first in range(0, len(stories), _AT_ONCE))


def _add(backtest: Backtest, stories: Sequence[list[TicketEvent]]) -> None:
    for story in stories:
        backtest.add(story)


def _report(backtest: Backtest) -> dict[str, Any]:
    return backtest.report().model_dump(mode="json")
