"""Measuring backtests on both databases: how far it is, that it may be given up, and whose samples count."""

from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from domain.backtest.asked import AskedBacktest
from domain.backtest.orders import BacktestFault
from domain.backtest.report import BacktestReport, Gap
from domain.documents import content_of
from domain.errors import NotFound
from domain.measurements import MeasurementKind, Measurements
from store import measuring, records
from store.backtests import About, BacktestStore, order_of
from store.database import Database
from store.measurements import MeasurementStore
from store.measuring import Measuring
from tests.domain.proposals import day, fix, proposal
from tests.store.test_records import keep

NOW = day("2026-01-01")
NAME = "backtest-1"


def now() -> datetime:
    return NOW


async def ask(database: Database, **more: Any) -> None:
    """A backtest of a promise to the shop, on the tickets of 2025."""
    promise = proposal(fix(compliance="90"), availability=[{"target": "up", "percent": "99"}])
    asked = AskedBacktest(proposals=(promise,), since=date(2025, 1, 1), until=date(2026, 1, 1), **more)
    values = {"backtest": NAME, "asked_by": "P1", "asked_at": NOW, "question": content_of(asked), "names": ["tills"], "remarks": []}
    async with database.writing() as connection:
        await BacktestStore(database).add(connection, values | {"since": asked.since, "until": asked.until, "state": "RUNNING"})


async def row(database: Database) -> Any:
    async with database.reading() as connection:
        return await BacktestStore(database).backtest(connection, NAME)


async def told(found: AsyncIterator[int]) -> list[int]:
    return [done async for done in found]


async def test_how_far_it_is_is_told_batch_by_batch_and_written_down(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "_AT_ONCE", 10)
    monkeypatch.setattr(measuring, "_AT_ONCE", 4)
    monkeypatch.setattr(measuring, "_SECOND", 0)
    await keep(database, 25, "Shop")
    await ask(database)
    seen = []
    async for done in Measuring(database, now).measure(NAME):
        found = await row(database)
        seen.append((done, found.tickets_done, found.tickets))
    assert [done for done, _, _ in seen][:8] == [4, 8, 10, 14, 18, 20, 24, 25]
    assert seen[3] == (14, 10, 25)
    ended = await row(database)
    assert (ended.state, ended.tickets_done, ended.done_at) == ("DONE", 25, NOW)
    assert BacktestReport.model_validate(ended.report).measured.tickets == 25


async def test_one_that_is_given_up_on_the_way_comes_to_no_report(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "_AT_ONCE", 10)
    monkeypatch.setattr(measuring, "_SECOND", 0)
    await keep(database, 25, "Shop")
    await ask(database)
    at_work, seen = Measuring(database, now), []
    async for done in at_work.measure(NAME):
        seen.append(done)
        await at_work.fail(BacktestFault(backtest=NAME, fault="it was cancelled"))
    await at_work.fail(BacktestFault(backtest=NAME, fault="once more"))
    ended = await row(database)
    assert (seen, ended.state, ended.fault, ended.report, ended.done_at) == ([10], "FAILED", "it was cancelled", None, NOW)


async def test_samples_of_the_agreement_it_is_about_count(database: Database) -> None:
    stretch = {"measurement": "m1", "kind": MeasurementKind.DOWN, "start": day("2025-02-02"), "end": day("2025-02-02") + timedelta(hours=6)}
    stated = {"registry_no": "SLA/2026/0001", "target": "up", "source": "probe", "measurements": [stretch]}
    await MeasurementStore(database).add(Measurements.model_validate(stated), "probe", NOW)
    await ask(database, registry_no="SLA/2026/0001")
    await told(Measuring(database, now).measure(NAME))
    report = BacktestReport.model_validate((await row(database)).report)
    [up] = [each for each in report.proposals[0].promises if each.is_availability]
    assert next(each for each in up.months if each.period == "2025-02").down_minutes == 360
    assert Gap.NO_SAMPLES not in {each.gap for each in report.unknown}


async def test_nobody_measures_what_nobody_asked(database: Database) -> None:
    with pytest.raises(NotFound):
        await told(Measuring(database, now).measure("backtest-none"))


async def test_the_process_is_told_whose_it_is(database: Database) -> None:
    await ask(database)
    order = order_of(await row(database))
    assert (order.proposals, order.customer, order.days, order.registry_no) == (("tills",), "Shop", "2025-01-01/2026-01-01", None)


async def test_lists_leave_questions_and_reports_out(database: Database) -> None:
    await ask(database)
    async with database.reading() as connection:
        [listed] = await BacktestStore(database).page(connection, About(), 10)
    assert {"question", "report"} & set(listed._mapping) == set()
