"""Events taken in a second, against a bare FastAPI app that inserts what it gets and commits.

Both apps run in this process and are called without a network (ASGI), by the same client with the same signed bodies,
made before. Both have a database of their own of the same kind, reached through the same `Database`: the same engine,
pool, pragmas and way to begin and commit. The bare app parses the JSON and inserts it as it stands. Ours checks the
signature and the event, writes it once, folds the ticket's clocks and writes them, and answers with them. Ours runs
without an engine, so that only the taking in is measured: telling the engine happens after the answer.
"""

import asyncio
import json
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import httpx2
from fastapi import FastAPI
from sqlalchemy import JSON, Column, Integer, MetaData, Table, event, insert

from api.app import create_app
from benchmarks.databases import add_databases, postgresql
from benchmarks.engine import plain_settings
from benchmarks.measuring import interleaved_async, side_by_side
from benchmarks.report import Other, Result, share
from benchmarks.tickets import agreement, life, new_ticket
from connectors.signatures import sign
from domain.cloud_events import cloud_event
from settings import new_secret
from store.agreements import AgreementStore
from store.database import Database
from store.migrate import migrate

_TICKETS, _TICKETS_FULL = 96, 960
_EVENTS_OF_A_TICKET = 5
_IN_FLIGHT = 16
_BATCH = 100
_ROUNDS = 5
_AIM = 0.5

_events = Table("event", MetaData(), Column("id", Integer, primary_key=True), Column("body", JSON, nullable=False))


class App(NamedTuple):
    """An app behind a client."""

    http: httpx2.AsyncClient
    secret: str
    database: Database


class Message(NamedTuple):
    """A body and its signature."""

    body: bytes
    headers: dict[str, str]


def measure(*, full: bool) -> list[Result]:
    """Single events and batches, on SQLite and on PostgreSQL where it starts."""
    number = _TICKETS_FULL if full else _TICKETS
    with tempfile.TemporaryDirectory(prefix="servanda-bench-") as folder:
        path = Path(folder)
        results = asyncio.run(_measure("SQLite", [f"sqlite+aiosqlite:///{path / name}.db" for name in ("ours", "bare")], path, number))
        with postgresql(path) as server:
            return results if server is None else results + asyncio.run(_measure_postgresql(server, path, number))


async def _measure_postgresql(server: str, folder: Path, number: int) -> list[Result]:
    return await _measure("PostgreSQL", await add_databases(server, "ours", "bare"), folder, number)


async def _measure(kind: str, urls: list[str], folder: Path, number: int) -> list[Result]:
    async with AsyncExitStack() as running:
        ours = await running.enter_async_context(_our_app(urls[0], folder))
        bare = await running.enter_async_context(_bare_app(urls[1]))
        statements = [await _statements(app) for app in (ours, bare)]
        single = await interleaved_async(_ROUNDS, partial(_single_rate, ours, number), partial(_single_rate, bare, number))
        batch = await interleaved_async(_ROUNDS, partial(_batch_rate, ours, number), partial(_batch_rate, bare, number))
    return [
        share(f"events taken, {kind}", single[0], "/s", Other("bare FastAPI insert and commit", single[1]), _AIM).noted(
            f"{_ROUNDS} rounds of {number * _EVENTS_OF_A_TICKET} events of {number} tickets, {_IN_FLIGHT} requests in flight; "
            f"{statements[0]:.1f} statements an event here, {statements[1]:.1f} there"
        ),
        share(f"events taken in batches, {kind}", batch[0], "/s", Other("bare FastAPI insert of the batch", batch[1])).noted(
            f"{_BATCH} events a request, one after the other; ours folds each ticket of the batch once"
        ),
    ]


@asynccontextmanager
async def _our_app(url: str, folder: Path) -> AsyncIterator[App]:
    settings = plain_settings(folder).model_copy(update={"database_url": url})
    database = Database(url)
    await migrate(database)
    await AgreementStore(database).add(agreement(), datetime.now(UTC))
    await database.close()
    app = create_app(settings, None)
    async with app.router.lifespan_context(app), _client(app) as http:
        yield App(http, settings.crm_secret[0], app.state.parts.database)


@asynccontextmanager
async def _bare_app(url: str) -> AsyncIterator[App]:
    database, app = Database(url), FastAPI()
    async with database.writing() as connection:
        await connection.run_sync(_events.metadata.create_all)

    @app.post("/crm/events", status_code=202)
    async def take(told: dict[str, Any] | list[dict[str, Any]]) -> dict[str, int]:
        rows = told if isinstance(told, list) else [told]
        async with database.writing() as connection:
            await connection.execute(insert(_events), [{"body": row} for row in rows])
        return {"taken": len(rows)}

    async with _client(app) as http:
        yield App(http, new_secret(), database)
    await database.close()


def _client(app: FastAPI) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://bench")


async def _single_rate(app: App, tickets: int) -> float:
    """Events a second, one a request. Tickets take turns, as they do in a help desk."""
    told = [each for steps in zip(*_lives(tickets), strict=True) for each in steps]
    return len(told) / await _post_all(app, [_message(app, each) for each in told], _IN_FLIGHT)


async def _statements(app: App) -> float:
    """Statements an event takes, counted before anything is measured."""
    count = 0

    def _count(*_: object) -> None:
        nonlocal count
        count += 1

    event.listen(app.database.engine.sync_engine, "before_cursor_execute", _count)
    await _single_rate(app, _IN_FLIGHT)
    event.remove(app.database.engine.sync_engine, "before_cursor_execute", _count)
    return count / (_IN_FLIGHT * _EVENTS_OF_A_TICKET)


async def _batch_rate(app: App, tickets: int) -> float:
    """Events a second, many a request."""
    told = [each for life_of in _lives(tickets) for each in life_of]
    batches = [told[i : i + _BATCH] for i in range(0, len(told), _BATCH)]
    return len(told) / await _post_all(app, [_message(app, batch) for batch in batches], 1)


def _lives(tickets: int) -> list[list[dict[str, Any]]]:
    now = datetime.now(UTC)
    return [[cloud_event(each) for each in life(new_ticket("bench"), now)] for _ in range(tickets)]


def _message(app: App, value: object) -> Message:
    body = json.dumps(value).encode()
    return Message(body, {"content-type": "application/json", **sign(app.secret, uuid4().hex, datetime.now(UTC), body)})


async def _post_all(app: App, messages: list[Message], in_flight: int) -> float:
    """Seconds until all are taken."""
    began = time.perf_counter()
    answers = await side_by_side(
        in_flight, [partial(app.http.post, "/crm/events", content=each.body, headers=each.headers) for each in messages]
    )
    took = time.perf_counter() - began
    refused = next((answer for answer in answers if answer.status_code != httpx2.codes.ACCEPTED), None)
    if refused is not None:
        raise RuntimeError(f"an event was answered {refused.status_code}: {refused.text}")
    return took
