"""A backtest whose worker is killed with -9 on the way: another begins anew and comes to the same report."""

import asyncio
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import httpx2
import pytest

from domain.backtest.asked import AskedBacktest
from domain.backtest.report import BacktestReport
from domain.backtest.running import Backtest
from domain.events import TicketEvent
from settings import Settings
from store.backtests import BacktestStore
from store.database import Database
from store.tables import TicketRow
from store.tickets import TicketStore
from tests.case_crashes import tokens_of
from tests.domain.proposals import day, fix, proposal, ticket
from tests.processes import Installation
from worker import connect
from workflows.names import backtest_workflow_id

TICKETS = 6000
LIMITS = ("1h", "2h", "3h", "4h", "5h")
HOURS = (0.5, 1.5, 2.5, 3.5, 4.5, 5.5)


def stories() -> Iterator[list[TicketEvent]]:
    for number in range(TICKETS):
        yield ticket(number, day("2025-02-01") + timedelta(hours=number), HOURS[number % len(HOURS)])


async def keep(database: Database) -> None:
    told = {"customer": "Shop", "service": "TILLS", "attributes": {}, "agreements": [], "clocks": [], "terms_sent": [], "is_open": False}
    made = list(stories())
    rows = [
        {"subject": f"test/{name}", "source": "test", "ticket_id": name, "created_at": at, "updated_at": at, **told}
        for name, at in ((story[0].ticket_id, story[0].occurred_at) for story in made)
    ]
    async with database.writing() as connection:
        await TicketStore(database).add_events(connection, [event for story in made for event in story])
        await connection.execute(database.insert(TicketRow), rows)


class Shown(NamedTuple):
    """What the API shows of a backtest."""

    state: str
    done: int
    report: Any


class Asking:
    """Somebody who asks for a backtest and looks at it."""

    def __init__(self, installation: Installation, token: str) -> None:
        self.address = f"http://127.0.0.1:{installation.api_port}/backtests"
        self.headers = {"authorization": f"Bearer {token}", "idempotency-key": uuid4().hex}

    def ask(self) -> str:
        proposals = [proposal(fix(limit, compliance=90), name=limit).model_dump(mode="json") for limit in LIMITS]
        body = {"proposals": proposals, "since": "2025-02-01", "until": "2026-01-01"}
        answer = httpx2.post(self.address, json=body, headers=self.headers, timeout=20).raise_for_status()
        return str(answer.json()["backtest"])

    def look(self, name: str) -> Shown:
        found = httpx2.get(f"{self.address}/{name}", headers=self.headers, timeout=20).raise_for_status().json()
        return Shown(found["state"], found["tickets_done"], found["report"])

    def until(self, name: str, *, is_begun: bool) -> Shown:
        """Wait until some tickets are done, or until it has ended."""
        ends = time.monotonic() + 60
        while time.monotonic() < ends:
            found = self.look(name)
            if found.state != "RUNNING" or (is_begun and found.done):
                return found
            time.sleep(0.1)
        raise AssertionError(found)


async def over_the_same_stories(database: Database, name: str) -> BacktestReport:
    async with database.reading() as connection:
        row: Any = await BacktestStore(database).backtest(connection, name)
    asked = AskedBacktest.model_validate(row.question)
    found = Backtest(asked.question, asked.record(row.asked_at))
    for story in stories():
        found.add(story)
    return found.report()


async def attempts(installation: Installation, name: str) -> list[int]:
    """Which attempt each activity of its process came to its end with."""
    client = await connect(Settings(temporal_address=f"127.0.0.1:{installation.engine_port}"))
    history = await client.get_workflow_handle(backtest_workflow_id(name)).fetch_history()
    started = [
        each.activity_task_started_event_attributes for each in history.events if each.HasField("activity_task_started_event_attributes")
    ]
    assert len(history.events) == 11, "an attempt that died leaves nothing behind"
    return [each.attempt for each in started]


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_a_worker_that_is_killed_on_the_way_changes_nothing_of_the_report(tmp_path: Path) -> None:
    with Installation(tmp_path) as installation:
        database = Database(f"sqlite+aiosqlite:///{tmp_path / 'servanda.db'}")
        asyncio.run(keep(database))
        asking = Asking(installation, asyncio.run(tokens_of(installation))["P1"])
        name = asking.ask()
        begun = asking.until(name, is_begun=True)
        installation.worker.kill()
        installation.worker.start()
        ended = asking.until(name, is_begun=False)

        assert (begun.state, 0 < begun.done < TICKETS) == ("RUNNING", True)
        assert (ended.state, ended.done) == ("DONE", TICKETS)
        assert BacktestReport.model_validate(ended.report) == asyncio.run(over_the_same_stories(database, name))
        assert asyncio.run(attempts(installation, name)) == [2]
