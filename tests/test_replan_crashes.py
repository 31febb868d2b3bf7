"""500 open tickets moved while processes are killed with -9: every one once, every process told."""

import asyncio
import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from settings import Settings
from store.database import Database
from store.replans import Counts, ReplanStore
from store.tickets import inbox
from tests.conftest import event
from tests.processes import Installation
from worker import connect
from workflows.names import NEXT_DUE_AT

TICKETS = 500
BATCH = 100
REASON = "one hour more for everybody"

AGREEMENT = """
agreement: quick
version: "{version}"
kind: CUSTOMER_SLA
provider: us
customer: them
service: quick
time_zone: Europe/Warsaw
effective_from: {effective_from}
targets:
  - target: response
    stop: RESPONDED
    limit: {limit}
    calendar: 24x7
    warn_at: [99]
"""


def prepare(installation: Installation, folder: Path) -> dict[str, datetime]:
    """Two versions, the second from tomorrow on, and open tickets under the first; gives when each began."""
    versions = (("1.0", "2h", date(2026, 1, 1)), ("2.0", "3h", datetime.now(UTC).date() + timedelta(days=2)))
    for version, limit, effective_from in versions:
        path = folder / f"quick-{version}.yaml"
        path.write_text(AGREEMENT.format(version=version, limit=limit, effective_from=effective_from), encoding="utf-8")
        installation.run("agreement", "import", str(path))
    began = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=30)
    started = {f"Q-{number:03}": began + timedelta(seconds=number) for number in range(TICKETS)}
    events = [event("created", at.isoformat(), ticket, customer="them", service="quick") for ticket, at in started.items()]
    for first in range(0, TICKETS, BATCH):
        assert installation.post(*events[first : first + BATCH]).status_code == 202
    return started


def ask(installation: Installation, *more: str) -> dict[str, Any]:
    number = f"SLA/{datetime.now(UTC).year}/0001"
    shown: dict[str, Any] = json.loads(installation.run("replan", number, "--to", "2.0", "--reason", REASON, *more, "--json"))
    return shown


async def look(store: ReplanStore, database: Database, name: str) -> tuple[str, Counts]:
    async with database.reading() as connection:
        row: Any = await store.replan(connection, name)
        return row.state, await store.counts(connection, row)


async def follow(installation: Installation, name: str) -> Counts:
    """Kill one process after the other as the moves go on, until all is done and told."""
    database = Database(f"sqlite+aiosqlite:///{installation.folder / 'servanda.db'}")
    store, kills = ReplanStore(database), [(80, installation.worker), (250, installation.engine), (400, installation.api)]
    state, counts = "", Counts(0, 0, 0, None)
    for _ in range(200):
        state, counts = await look(store, database, name)
        if kills and counts.moved >= kills[0][0]:
            child = kills.pop(0)[1]
            child.kill()
            child.start()
        if (state, counts.acknowledged) == ("DONE", TICKETS):
            break
        await asyncio.sleep(0.3)
    await database.close()
    assert (state, kills) == ("DONE", []), counts
    return counts


async def due_in_the_engine(installation: Installation) -> dict[str, datetime]:
    """When each ticket's process says that its clock is due: what it read itself."""
    client = await connect(Settings(temporal_address=f"127.0.0.1:{installation.engine_port}"))
    found = {}
    async for each in client.list_workflows('WorkflowType = "Ticket"'):
        due = each.typed_search_attributes.get(NEXT_DUE_AT)
        if due is not None:
            found[each.id.rpartition(":")[2]] = due
    return found


async def moves(installation: Installation) -> dict[str, int]:
    """How often each ticket was moved."""
    database = Database(f"sqlite+aiosqlite:///{installation.folder / 'servanda.db'}")
    async with database.reading() as connection:
        facts = await connection.scalars(select(inbox.c.event).where(inbox.c.event_id.startswith("servanda:replan-")))
        found = Counter(fact["ticket_id"] for fact in facts)
    await database.close()
    return dict(found)


async def settled(installation: Installation, wanted: dict[str, datetime]) -> dict[str, datetime]:
    for _ in range(40):
        found = await due_in_the_engine(installation)
        if found == wanted:
            break
        await asyncio.sleep(0.5)
    return found


@pytest.mark.slow
@pytest.mark.timeout(150)
def test_a_re_plan_that_is_killed_moves_every_ticket_once_and_every_process_is_told(tmp_path: Path) -> None:
    with Installation(tmp_path) as installation:
        started = prepare(installation, tmp_path)
        dry = ask(installation)
        running = ask(installation, "--confirm", dry["replan"])
        counts = asyncio.run(follow(installation, running["replan"]))
        due = {ticket: at + timedelta(hours=3) for ticket, at in started.items()}

        assert asyncio.run(settled(installation, due)) == due
        assert counts == Counts(TICKETS, 0, 0, min(due.values()), acknowledged=TICKETS)
        assert asyncio.run(moves(installation)) == dict.fromkeys(started, 1)
        for ticket in list(started)[::100]:
            shown: dict[str, Any] = installation.get(f"/tickets/{ticket}")
            moved = [each for each in shown["events"] if each["kind"] == "moved"]
            assert len(moved) == len(shown["moves"]) == 1, "moved once"
            assert datetime.fromisoformat(shown["clocks"][0]["due_at"]) == due[ticket]
    assert dry["moved"] == TICKETS
