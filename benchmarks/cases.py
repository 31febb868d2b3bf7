"""What a thousand agreement cases that wait for people cost: processor time of the worker, and the lists that show them.

Cases wait in the engine, so the worker should not notice them. The same worker process is looked at before they are there
and after, each time while nothing happens; a list is one indexed query however many there are.
"""

import asyncio
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from uuid import uuid4

from temporalio.client import Client

from benchmarks.engine import Site, WorkerProcess, running_engine, worker_process
from benchmarks.measuring import percentile, side_by_side
from benchmarks.report import Other, Result, within
from connectors.documents import read_catalogue
from domain.case_messages import CaseOrder
from domain.case_requests import AgreementRequested, open_case
from domain.case_telling import record_of
from domain.timer_policy import TimerPolicy
from store.cases import CaseFilter, CaseStore
from workflows.starting import start_case

_CASES, _CASES_FULL = 1000, 5000
_WATCHED_SECONDS = 30.0
_SETTLE_SECONDS = 600
_IN_FLIGHT = 10
_LOOKS = 100
_AIM_CORE = 1.0
"""Per cent of a core above the idle worker."""

_CATALOGUE = read_catalogue(Path(__file__).parent.parent / "examples" / "catalogues" / "serwis-druk.yaml")


def measure(*, full: bool) -> list[Result]:
    """Per cent of a core, and milliseconds a list."""
    return asyncio.run(_measure(_CASES_FULL if full else _CASES))


async def _measure(number: int) -> list[Result]:
    async with running_engine() as site, worker_process(site) as process:
        await _open(site, 20)
        await _settled(site, 20)
        idle = await _busy(process)
        await _open(site, number)
        await _settled(site, number + 20)
        waiting = await _busy(process)
        looks = [await _look(site) for _ in range(_LOOKS)]
    extra = max(waiting - idle, 0.0)
    processor = within(
        f"worker, {number} cases waiting, above idle", extra, "% of a core", _AIM_CORE, Other("idle worker", max(idle, 0.01))
    )
    lists = Result("list of 50 cases waiting for a role, p95", percentile(looks, 95), "ms")
    return [
        processor.noted(
            f"processor time of the worker process over {_WATCHED_SECONDS:.0f} s: {waiting:.2f} % with them, {idle:.2f} % without"
        ),
        lists.noted(f"one query among {number + 20} cases, on SQLite, rows read and turned into values"),
    ]


async def _open(site: Site, number: int) -> None:
    await side_by_side(_IN_FLIGHT, [partial(_open_one, site.client, CaseStore(site.database), site)] * number)


async def _open_one(client: Client, store: CaseStore, site: Site) -> None:
    now, name = datetime.now(UTC), f"bench-{uuid4().hex[:12]}"
    asked = AgreementRequested.model_validate(
        {
            "specversion": "1.0",
            "id": name,
            "source": "bench",
            "type": "agreement.requested",
            "time": now,
            "data": {"crm_case": name, "customer": "Bank Narew S.A.", "services": ["MPS"]},
        }
    )
    case = open_case(asked, _CATALOGUE, TimerPolicy(), now)
    async with site.database.writing() as connection:
        await store.open(connection, record_of(case), asked.source, asked.id)
    await start_case(client, CaseOrder(case=case))


async def _settled(site: Site, number: int) -> None:
    """Wait until every case is in its first stage and everybody was told."""
    from sqlalchemy import text  # noqa: PLC0415

    until = time.monotonic() + _SETTLE_SECONDS
    while time.monotonic() < until:
        async with site.database.reading() as connection:
            told = await connection.scalar(text("SELECT count(*) FROM mailbox"))
        if told == 2 * number:  # two are asked at the start of each
            await asyncio.sleep(5)
            return
        await asyncio.sleep(0.5)
    raise TimeoutError(f"{number} cases did not settle within {_SETTLE_SECONDS} s")


async def _busy(process: WorkerProcess) -> float:
    """Per cent of a core the worker takes while nothing happens."""
    before, began = process.processor_seconds(), time.monotonic()
    await asyncio.sleep(_WATCHED_SECONDS)
    return 100 * (process.processor_seconds() - before) / (time.monotonic() - began)


async def _look(site: Site) -> float:
    store, began = CaseStore(site.database), time.perf_counter()
    async with site.database.reading() as connection:
        rows = await store.page(connection, CaseFilter(pending_role="CRM_STAFF", state="AGENT_SELECTION"), 50, None)
    assert len(rows) == 50
    return 1000 * (time.perf_counter() - began)
