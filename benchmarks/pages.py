"""What people wait for with 1,000,000 tickets in the store: the server's time of each address, at p95.

The API runs in this process and is called without a network (ASGI). The tickets are those of one agreement over ten
months, one of which was closed and is looked at again.
"""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import httpx2

from api.app import create_app
from benchmarks.bank import AGREEMENT, AVAILABILITY, REGISTRY_NO, RESPONSE, month, register_bank
from benchmarks.databases import add_databases, postgresql
from benchmarks.engine import plain_settings
from benchmarks.measuring import percentile
from benchmarks.report import Result, within
from benchmarks.rows import Volume, add_cases, add_samples, add_tickets, settle
from connectors.documents import read_catalogue
from domain.spans import Span
from store.database import Database
from store.directory import Directory
from store.migrate import migrate

_TICKETS = 1_000_000
_CASES = 10_000
_CLOSED = "2026-05"
_NOW = datetime(2027, 1, 20, tzinfo=UTC)
_LOOKS, _LOOKS_FULL = 40, 200
_AIM_MS = 200.0

ADDRESSES = (
    f"/registry/{AGREEMENT}/results?period={_CLOSED}",
    f"/registry/{AGREEMENT}/periods",
    f"/registry/{AGREEMENT}/slam?until={_CLOSED}",
    "/tickets",
    "/cases",
)
"""What is looked at."""


class _Desk(NamedTuple):
    """The SLM manager at a client of the API."""

    http: httpx2.AsyncClient
    filling_seconds: float


def measure(*, full: bool) -> list[Result]:
    """Milliseconds of each address, on SQLite and on PostgreSQL where it starts."""
    looks = _LOOKS_FULL if full else _LOOKS
    with tempfile.TemporaryDirectory(prefix="servanda-bench-") as folder:
        path = Path(folder)
        results = asyncio.run(_measure("SQLite", f"sqlite+aiosqlite:///{path / 'pages.db'}", path, looks))
        with postgresql(path) as server:
            return results if server is None else results + asyncio.run(_measure_postgresql(server, path, looks))


async def _measure_postgresql(server: str, folder: Path, looks: int) -> list[Result]:
    [url] = await add_databases(server, "pages")
    return await _measure("PostgreSQL", url, folder, looks)


async def _measure(kind: str, url: str, folder: Path, looks: int) -> list[Result]:
    async with _desk(url, folder) as desk:
        taken: dict[str, list[float]] = {address: [] for address in ADDRESSES}
        for _ in range(looks):
            for address, times in taken.items():
                times.append(await _look(desk.http, address))
    said = f"{_TICKETS:,} tickets, {_CASES:,} cases, put in within {desk.filling_seconds:.0f} s; {looks} looks"
    return [
        within(f"GET {address}, p95, {kind}", percentile(times, 95), "ms", _AIM_MS).noted(f"median {percentile(times, 50):.0f} ms; {said}")
        for address, times in taken.items()
    ]


@asynccontextmanager
async def _desk(url: str, folder: Path) -> AsyncIterator[_Desk]:
    database, began = Database(url), time.perf_counter()
    await migrate(database)
    token = await _filled(database)
    filling = time.perf_counter() - began
    await database.close()
    settings = plain_settings(folder).model_copy(update={"database_url": url, "time_shift": datetime.now(UTC) - _NOW})
    app = create_app(settings, None)
    async with app.router.lifespan_context(app):
        client = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app), base_url="http://bench", headers={"authorization": f"Bearer {token}"}, timeout=60
        )
        async with client as http:
            closing = await http.post(f"/registry/{AGREEMENT}/periods/{_CLOSED}/close", headers={"idempotency-key": "bench"})
            closing.raise_for_status()
            yield _Desk(http, filling)


async def _filled(database: Database) -> str:
    """Fill the store; gives the SLM manager's token."""
    directory = Directory(database)
    await directory.load(read_catalogue(Path(__file__).parent.parent / "examples" / "catalogues" / "serwis-druk.yaml"), "bench", _NOW)
    terms = await register_bank(database)
    start = month("2026-04").start
    await add_tickets(database, Volume(AGREEMENT, terms, RESPONSE, Span(start, start + timedelta(days=290)), _TICKETS))
    await add_samples(database, REGISTRY_NO, AVAILABILITY, month(_CLOSED))
    await add_cases(database, _CASES, Span(start, start + timedelta(days=290)))
    await settle(database)
    return await directory.new_token("M1", _NOW)


async def _look(http: httpx2.AsyncClient, address: str) -> float:
    began = time.perf_counter()
    answer = await http.get(address)
    answer.raise_for_status()
    return 1000 * (time.perf_counter() - began)
