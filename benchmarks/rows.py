"""Many tickets, samples and cases, written straight into the tables by the driver's own bulk statement: the same ones each time.

What is measured is reading. Each ticket has one clock, of the agreement it is asked for under: nine in ten are met, one in
twenty-five is still open, the rest are late. Samples follow each other minute by minute; now and then one says that the
service was down, and now and then one is missing.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, NamedTuple

from sqlalchemy import Table

from domain.clocks import ClockState
from domain.measurements import MeasurementKind
from domain.spans import Span
from store.cases import cases, tasks
from store.condensed import stretches
from store.database import Database
from store.tickets import clocks, tickets

_SOURCE = "bench"
_LIMIT = timedelta(hours=4)
_MINUTE = timedelta(minutes=1)


class Volume(NamedTuple):
    """So many tickets of an agreement (`SLA-2026-0001`) and its target, created evenly over a span; `first` numbers them.

    `terms` is the digest of the published terms they run under.
    """

    agreement: str
    terms: str
    target: str
    span: Span
    number: int
    first: int = 0


async def add_tickets(database: Database, volume: Volume) -> None:
    """Tickets and their clocks."""
    await _fill(database, tickets, _ticket_rows(volume, _written(database)))
    await _fill(database, clocks, _clock_rows(volume, _written(database)))


async def add_samples(database: Database, registry_no: str, target: str, span: Span) -> None:
    """A sample for each minute."""
    await _fill(database, stretches, _sample_rows(registry_no, target, span, _written(database)))


async def add_cases(database: Database, number: int, span: Span) -> None:
    """Agreement cases that wait in their first stage for somebody to select an agent, opened evenly over a span."""
    await _fill(database, cases, _case_rows(number, span, _written(database)))
    await _fill(database, tasks, _task_rows(number, span, _written(database)))


async def settle(database: Database) -> None:
    """What a PostgreSQL does by itself some time after so many rows came in. SQLite does nothing, here as anywhere."""
    if not database.is_sqlite:
        async with database.engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            await connection.exec_driver_sql("VACUUM ANALYZE")


_Row = tuple[Any, ...]
_Written = Callable[[datetime], Any]


def _written(database: Database) -> _Written:
    """How the driver takes an instant (UTC)."""
    return (lambda at: at.strftime("%Y-%m-%d %H:%M:%S.%f")) if database.is_sqlite else (lambda at: at)


async def _fill(database: Database, table: Table, rows: Iterable[_Row]) -> None:
    names = [column.name for column in table.columns if column.name != "id"]
    async with database.writing() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        if database.is_sqlite:
            await driver.executemany(f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})", rows)  # noqa: S608
        else:
            await driver.copy_records_to_table(table.name, records=rows, columns=names)


def _case_rows(number: int, span: Span, written: _Written) -> Iterator[_Row]:
    for name, at in _evenly("case", number, span):
        opened = written(at)
        yield (
            *(name, "AGREEMENT", _SOURCE, name, 1, "AGENT_SELECTION", None, "Bank Narew S.A.", None, None, None),
            *(opened, opened, None, "[]", "{}", opened),
        )


def _task_rows(number: int, span: Span, written: _Written) -> Iterator[_Row]:
    for name, at in _evenly("case", number, span):
        opened, due = written(at), written(at + 24 * _LIMIT)
        same = ("CRM_STAFF", "PROVIDER", None, None, "OPEN", False, opened, due, None, None, None)
        yield (name, "SELECT_AGENT:1", "SELECT_AGENT", *same)


def _created(volume: Volume) -> Iterator[tuple[str, datetime]]:
    return _evenly("T", volume.number, volume.span, volume.first)


def _evenly(kind: str, number: int, span: Span, first: int = 0) -> Iterator[tuple[str, datetime]]:
    """Names and instants."""
    step, start = (span.end - span.start) / number, span.start.astimezone(UTC)
    for place in range(number):
        yield f"{kind}-{first + place:08}", start + step * place


def _ticket_rows(volume: Volume, written: _Written) -> Iterator[_Row]:
    agreements, names = json.dumps([volume.terms]), json.dumps([volume.target])
    for name, at in _created(volume):
        created = written(at)
        yield (
            *(f"{_SOURCE}/{name}", _SOURCE, name, created),
            *("Bank Narew S.A.", "MPS", "METRO", "3", "{}", agreements, names),
            *(None, False, created, created, "[]"),
        )


def _clock_rows(volume: Volume, written: _Written) -> Iterator[_Row]:
    chance = Random(volume.first)
    for name, at in _created(volume):
        drawn = chance.random()
        took = _LIMIT * (chance.random() if drawn < 0.9 else 1 + chance.random())
        is_open = drawn > 0.96
        due = at + _LIMIT
        yield (
            *(f"{_SOURCE}/{name}", volume.target, volume.agreement, "1.0", "CUSTOMER_SLA", volume.target, 1, written(at)),
            *((ClockState.RUNNING if is_open else ClockState.COMPLETED).value, None, written(at), written(due)),
            *(None if is_open else written(at + took), written(due) if drawn >= 0.9 and not is_open else None),
            *(False, 0, int(took.total_seconds()), int(_LIMIT.total_seconds()), written(at + took if drawn < 0.9 else due), drawn < 0.9),
            written(at + 0.75 * _LIMIT) if is_open else None,
        )


def _sample_rows(registry_no: str, target: str, span: Span, written: _Written) -> Iterator[_Row]:
    chance, at, end = Random(0), span.start.astimezone(UTC), span.end.astimezone(UTC)
    kind, received = MeasurementKind.UP, written(end)
    while at < end:
        drawn = chance.random()
        if drawn < (0.0005 if kind is MeasurementKind.UP else 0.2):
            kind = MeasurementKind.DOWN if kind is MeasurementKind.UP else MeasurementKind.UP
        following = at + _MINUTE
        if drawn < 0.9995:
            name = f"{at:%Y%m%dT%H%M}"
            yield (registry_no, target, _SOURCE, name, kind.value, written(at), written(following), "", _SOURCE, received)
        at = following
