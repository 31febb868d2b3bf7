"""A backtest from the request to the report, over the real engine and the product's own workers."""

import asyncio

from temporalio.testing import WorkflowEnvironment

from domain.backtest.asked import AskedBacktest
from domain.backtest.report import BacktestReport
from domain.backtest.running import Backtest
from store.database import Database
from store.records import RecordStore, Wanted
from store.registry import AgreementRegistry
from tests.api.bank_april import told
from tests.api.people import Office, office, workers
from tests.store.test_registry import registration

NOW = "2026-05-04T09:00+02:00"


async def until_done(bank: Office, address: str) -> dict[str, object]:
    for _ in range(200):
        found = dict((await bank.get("P1", address)).json())
        if found["state"] != "RUNNING":
            return found
        await asyncio.sleep(0.1)
    raise AssertionError(found)


async def over_the_same_stories(database: Database, name: str, bank: Office) -> BacktestReport:
    """The report that the stories give where nothing else is at work."""
    parts = bank.api.app.state.parts
    async with database.reading() as connection:
        row = await parts.backtests.backtest(connection, name)
    asked = AskedBacktest.model_validate(row.question)
    found = Backtest(asked.question, asked.record(row.asked_at))
    async for stories in RecordStore(database).stories(Wanted.by(asked.question, asked.span)):
        for story in stories:
            found.add(story)
    return found.report()


async def test_what_is_asked_while_the_engine_is_away_is_measured_when_it_is_back(database: Database, engine: WorkflowEnvironment) -> None:
    await AgreementRegistry(database).register(registration())
    async with office(database, None, now=NOW) as bank:
        for number in range(12):
            await bank.api.post(*told(number, "warsaw", 30 if number < 10 else 241), batch=True)
        asked = (await bank.send("P1", "/backtests", versions=["SLA/2026/0002@1.0"])).json()
        assert (asked["since"], asked["until"]) == ("2025-05-01", "2026-05-05")
    async with office(database, engine.client, now=NOW) as bank:
        async with workers(engine.client, database):
            found = await until_done(bank, asked["address"])

        report = BacktestReport.model_validate(found["report"])
        assert report == await over_the_same_stories(database, asked["backtest"], bank)
        assert (found["state"], found["tickets"], report.proposals[0].breached) == ("DONE", 12, 2)
