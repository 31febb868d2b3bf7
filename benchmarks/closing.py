"""Closing a month of 100,000 tickets and 44,640 samples, against the bare SQL aggregates over the same rows.

A month is closed by what its figures need: the agreement is read, the month's verdicts are counted, its availability is
measured, the figures are made and kept as a version. Beside it stands the whole of what an agreement's process asks for: it
also gathers what stands behind the figures, with the volume of tickets, and says what follows.

The bare side is statements written by hand with the same indexes: one GROUP BY over the month's verdicts, one over its
samples, and beside the whole closing one that counts the month's tickets, as it does. It sums what samples say as if none
overlapped: it counts no service hours, finds nothing that no sample stands for, takes out nothing agreed, judges nothing
and keeps nothing. The months before and after are as full, so that a month has to be found.
"""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from sqlalchemy import delete, text

from benchmarks.bank import AGREEMENT, AVAILABILITY, REGISTRY_NO, RESPONSE, month, register_bank
from benchmarks.databases import add_databases, postgresql
from benchmarks.measuring import interleaved_async
from benchmarks.report import Other, Result, cost
from benchmarks.rows import Volume, add_samples, add_tickets, settle
from domain.period_figures import figures_of
from store.database import Database
from store.migrate import migrate
from store.period_book import PeriodBook
from store.period_results import ClosedPeriods, Closing, closed
from store.periods import Periods
from store.registry import AgreementRegistry

_TICKETS = 100_000
_MONTHS = ("2026-04", "2026-05", "2026-06")
_CLOSED = "2026-05"
_NOW = datetime(2026, 7, 6, tzinfo=UTC)
_ROUNDS, _ROUNDS_FULL = 9, 31
_AIM = 2.0

_VERDICTS = """
    SELECT target, sum(CASE WHEN is_met THEN 1 ELSE 0 END), count(*) FROM ticket_clock
    WHERE agreement = :agreement AND verdict_at >= :start AND verdict_at < :end GROUP BY target
"""
_SAMPLES = """
    SELECT kind, sum({length}) FROM measurement WHERE registry_no = :registry_no AND target = :target
    AND ends_at > :start AND starts_at < :end AND ends_at < :latest GROUP BY kind
"""
_VOLUME = """
    SELECT count(DISTINCT subject) FROM ticket_clock WHERE agreement = :agreement AND created_at >= :start AND created_at < :end
"""
_LENGTH_SQLITE = "julianday(min(ends_at, :end)) - julianday(max(starts_at, :start))"
_LENGTH_POSTGRESQL = "least(ends_at, :end) - greatest(starts_at, :start)"


def measure(*, full: bool) -> list[Result]:
    """A closing over the bare aggregates, on SQLite and on PostgreSQL where it starts."""
    rounds = _ROUNDS_FULL if full else _ROUNDS
    with tempfile.TemporaryDirectory(prefix="servanda-bench-") as folder:
        path = Path(folder)
        results = asyncio.run(_measure("SQLite", [f"sqlite+aiosqlite:///{path / name}.db" for name in ("plain", "limited")], rounds))
        with postgresql(path) as server:
            return results if server is None else results + asyncio.run(_measure_postgresql(server, rounds))


async def _measure_postgresql(server: str, rounds: int) -> list[Result]:
    return await _measure("PostgreSQL", await add_databases(server, "plain", "limited"), rounds)


async def _measure(kind: str, urls: list[str], rounds: int) -> list[Result]:
    """One agreement without a limit, and one that promises nothing beyond nine tickets in ten."""
    results = []
    for url, volume in zip(urls, (None, _TICKETS * 9 // 10), strict=True):
        async with _filled(url, volume) as database:
            sides = [partial(side, database) for side in (_keep_figures, _close_whole, _aggregate, _aggregate_all)]
            figures, whole, bare, bare_all = await interleaved_async(rounds, *sides)
        aim = _AIM if volume is None else None
        other, other_all = Other("bare SQL aggregates", bare), Other("bare SQL aggregates, volume too", bare_all)
        limited, said = ", volume limited" if volume else "", "the evidence behind the figures, and what follows from them, too"
        if volume is None:
            data = f"{_TICKETS:,} tickets and 44,640 samples in the month, as many before and after; median of {rounds} rounds"
        else:
            data = f"the tickets of a month are put in order to find those beyond {volume:,}; the aggregates do not know of it"
        results += [
            cost(f"closing a month{limited}, {kind}", figures, "ms", other, aim).noted(data),
            cost(f"closing a month as its process does{limited}, {kind}", whole, "ms", other_all, aim).noted(said),
        ]
    return results


@asynccontextmanager
async def _filled(url: str, volume: int | None) -> AsyncIterator[Database]:
    database = Database(url)
    await migrate(database)
    terms = await register_bank(database, volume)
    for place, name in enumerate(_MONTHS):
        await add_tickets(database, Volume(AGREEMENT, terms, RESPONSE, month(name), _TICKETS, place * _TICKETS))
        await add_samples(database, REGISTRY_NO, AVAILABILITY, month(name))
    await settle(database)
    yield database
    await database.close()


async def _keep_figures(database: Database) -> float:
    """Milliseconds of the figures and their version, which is a first one: that of the round before is taken away."""
    await _open_again(database)
    began = time.perf_counter()
    entry = await AgreementRegistry(database).entry(REGISTRY_NO)
    assert entry is not None
    figures = figures_of(entry.registry_no, await Periods(database).results(entry, _CLOSED, _NOW))
    row = await ClosedPeriods(database).close(Closing(entry.registry_no, _CLOSED, figures.model_dump(mode="json"), "bench", _NOW))
    assert (row.version, len(figures.targets)) == (1, 2)
    return 1000 * (time.perf_counter() - began)


async def _close_whole(database: Database) -> float:
    """Milliseconds of all that an agreement's process asks for."""
    await _open_again(database)
    began = time.perf_counter()
    found = await PeriodBook(database).close(REGISTRY_NO, _CLOSED, _NOW)
    assert found is not None
    assert (found.version, len(found.targets)) == (1, 2)
    return 1000 * (time.perf_counter() - began)


async def _open_again(database: Database) -> None:
    async with database.writing() as connection:
        await connection.execute(delete(closed))


async def _aggregate_all(database: Database) -> float:
    """Milliseconds of the three statements."""
    start, end = (at.astimezone(UTC) for at in month(_CLOSED))
    written = (lambda at: f"{at:%Y-%m-%d %H:%M:%S.%f}") if database.is_sqlite else (lambda at: at)
    took = await _aggregate(database)
    began = time.perf_counter()
    async with database.reading() as connection:
        volume = await connection.scalar(text(_VOLUME), {"agreement": AGREEMENT, "start": written(start), "end": written(end)})
    assert volume == _TICKETS
    return took + 1000 * (time.perf_counter() - began)


async def _aggregate(database: Database) -> float:
    """Milliseconds of the two statements."""
    start, end, latest = (at.astimezone(UTC) for at in (*month(_CLOSED), _NOW))
    written = (lambda at: f"{at:%Y-%m-%d %H:%M:%S.%f}") if database.is_sqlite else (lambda at: at)
    span = {"start": written(start), "end": written(end)}
    samples = text(_SAMPLES.format(length=_LENGTH_SQLITE if database.is_sqlite else _LENGTH_POSTGRESQL))
    began = time.perf_counter()
    async with database.reading() as connection:
        verdicts = (await connection.execute(text(_VERDICTS), {**span, "agreement": AGREEMENT})).all()
        lengths = (
            await connection.execute(samples, {**span, "registry_no": REGISTRY_NO, "target": AVAILABILITY, "latest": written(latest)})
        ).all()
    assert (len(verdicts), {row.kind for row in lengths}) == (1, {"UP", "DOWN"})
    return 1000 * (time.perf_counter() - began)
