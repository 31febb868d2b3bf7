"""What the database condenses of a period's measurements is held to every stretch that was measured; what it reads, to an index."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import select

from benchmarks.bank import AGREEMENT, AVAILABILITY, REGISTRY_NO, RESPONSE, month, register_bank
from benchmarks.rows import Volume, add_samples, add_tickets, settle
from domain.availability import availability_in
from domain.calendars import calendar_of
from domain.measurements import Measured, MeasurementKind, facts_in
from domain.spans import Span
from domain.terms import around_the_clock
from store.condensed import Wanted, by_neighbours, by_window, known, stretches
from store.database import Database
from store.measurements import MeasurementStore
from store.period_tables import MeasurementRow
from store.periods import Periods
from store.registry import AgreementRegistry
from store.results import Asked, created_under
from store.terminations import TerminationStore
from store.tickets import TicketStore, subject_of

SLA, START = "SLA/2026/0001", datetime(2026, 5, 1, tzinfo=UTC)
HOURS = calendar_of(around_the_clock("Europe/Warsaw"))


def span(start: int, minutes: int) -> Span:
    return Span(START + timedelta(minutes=start), START + timedelta(minutes=start + minutes))


PERIOD = span(100, 200)


def by_chance(chance: Random) -> list[Measured]:
    """Stretches before, in and after the period: samples that follow each other, with overlaps, copies, gaps and long ones."""
    lengths, kinds = chance.choice([(1,), (5, 5, 7), (1, 30), (20, 60, 250)]), list(MeasurementKind)
    found, at = [], chance.choice([0, 50, 98, 100, 150])
    for _ in range(chance.randrange(40)):
        length = chance.choice(lengths)
        kind = chance.choices(kinds, weights=chance.choice([(30, 1, 1, 1), (0, 3, 1, 1), (1, 1, 1, 1)]))[0]
        found += [Measured(kind, span(at, length))] * chance.choice((1, 1, 1, 2))
        at = max(0, at + chance.choice((length, length, length, length + 3, length // 2, 0, -4)))
    return found


async def kept(database: Database, target: str, measured: list[Measured]) -> None:
    same = {"registry_no": SLA, "target": target, "source": "monitor", "note": "", "reported_by": "X1", "received_at": START}
    rows = [
        same | {"name": f"{target}-{number}", "kind": each.kind.value, "starts_at": each.span.start, "ends_at": each.span.end}
        for number, each in enumerate(measured)
    ]
    if rows:
        async with database.writing() as connection:
            await connection.execute(database.insert(MeasurementRow), rows)


async def test_availability_from_what_is_condensed_is_that_from_every_stretch(database: Database) -> None:
    store, cases = MeasurementStore(database), [by_chance(Random(seed)) for seed in range(300)]
    for number, measured in enumerate(cases):
        await kept(database, f"t-{number}", measured)
    gaps = 0
    async with database.reading() as connection:
        for number, measured in enumerate(cases):
            reaching = [each for each in measured if each.span.start < PERIOD.end and each.span.end > PERIOD.start]
            condensed = await store.of(connection, Wanted(SLA, f"t-{number}", PERIOD))
            plain = availability_in(PERIOD, HOURS, facts_in(PERIOD, reaching))
            assert availability_in(PERIOD, HOURS, facts_in(PERIOD, condensed)) == plain, (number, measured)
            assert bool(condensed) == bool(reaching), number
            gaps += sum(each.kind is MeasurementKind.UP for each in condensed) > 1

    assert gaps > 50, "the cases have gaps to be found"


@pytest.mark.parametrize("condense", [by_window, by_neighbours])
async def test_both_ways_to_find_gaps_find_the_same_ones(database: Database, condense: Any) -> None:
    measured = [Measured(MeasurementKind.UP, each) for each in (span(90, 20), span(110, 1), span(120, 5), span(118, 9), span(200, 300))]
    await kept(database, "t", measured)
    async with database.reading() as connection:
        rows = (await connection.execute(condense(Wanted(SLA, "t", PERIOD)))).all()

    assert known(rows) == [span(90, 21), span(118, 9), span(200, 300)]


async def test_a_month_of_samples_comes_as_its_outages_and_gaps(database: Database) -> None:
    await add_samples(database, REGISTRY_NO, AVAILABILITY, month("2026-05"))
    await settle(database)
    async with database.reading() as connection:
        every = len((await connection.execute(select(stretches.c.id))).all())
        condensed = await MeasurementStore(database).of(connection, Wanted(REGISTRY_NO, AVAILABILITY, month("2026-05")))

    assert (every > 44_000, len(condensed) < 300) == (True, True)


async def test_a_closing_reads_clocks_and_measurements_from_their_indexes(database: Database) -> None:
    terms = await register_bank(database)
    for number, name in enumerate(("2026-04", "2026-05", "2026-06")):
        await add_tickets(database, Volume(AGREEMENT, terms, RESPONSE, month(name), 4_000, number * 4_000))
        await add_samples(database, REGISTRY_NO, AVAILABILITY, Span(month(name).start, month(name).start + timedelta(days=4)))
    await settle(database)
    entry = await AgreementRegistry(database).entry(REGISTRY_NO)
    assert entry is not None
    asked: list[tuple[str, Any]] = []
    sqlalchemy_event.listen(database.engine.sync_engine, "before_cursor_execute", lambda *said: asked.append((said[2], said[3])))
    await Periods(database).results(entry, "2026-05", datetime(2026, 7, 6, tzinfo=UTC))
    read = [each for each in asked if "FROM ticket_clock" in each[0] or "FROM measurement" in each[0]]
    plans = [await plan_of(database, *each) for each in read]

    assert len(plans) == 3, "verdicts, stretches, and whether one is UP"
    for plan in plans:
        assert "ix_clock_verdict" in plan or "ix_measurement_target" in plan, plan
        assert not any(f"{verb} {table}" in plan for verb in ("SCAN", "Seq Scan on") for table in ("ticket_clock", "measurement")), plan


async def test_open_tickets_and_volumes_are_read_from_the_clocks_own_indexes(database: Database) -> None:
    terms, may = await register_bank(database), month("2026-05")
    for number, name in enumerate(("2026-03", "2026-04", "2026-05", "2026-06", "2026-07")):
        await add_tickets(database, Volume(AGREEMENT, terms, RESPONSE, month(name), 4_000, number * 4_000))
    await settle(database)
    asked: list[tuple[str, Any]] = []
    sqlalchemy_event.listen(database.engine.sync_engine, "before_cursor_execute", lambda *said: asked.append((said[2], said[3])))
    async with database.reading() as connection:
        first = await TicketStore(database).open_under(connection, AGREEMENT, 3)
        then = await TicketStore(database).open_under(connection, AGREEMENT, 3, subject_of(first[-1]))
        leaving = await TerminationStore(database).tickets_under(connection, AGREEMENT, None, 3, subject_of(first[-1]))
        volume = await created_under(connection, Asked(AGREEMENT, ZoneInfo("Europe/Warsaw")), may)
    read = [each for each in asked if "FROM ticket_clock" in each[0]]
    plans = [await plan_of(database, *each) for each in read]

    assert (len(first), len(then), volume) == (3, 3, 4_000)
    assert [ticket for ticket, _ in leaving] == then
    assert subject_of(first[-1]) < subject_of(then[0])
    for plan, index in zip(plans, (*["ix_clock_open"] * 3, "ix_clock_created"), strict=True):
        assert index in plan, plan


async def test_tickets_of_others_take_no_place_in_the_agreed_volume(database: Database) -> None:
    terms, may = await register_bank(database, volume=50), month("2026-05")
    await add_tickets(database, Volume("SLA-2026-0009", terms, RESPONSE, may, 100, 1000))
    await add_tickets(database, Volume(AGREEMENT, terms, RESPONSE, may, 60))
    entry = await AgreementRegistry(database).entry(REGISTRY_NO)
    assert entry is not None
    found = await Periods(database).results(entry, "2026-05", datetime(2026, 7, 6, tzinfo=UTC))

    assert (found.counted[RESPONSE].within.judged, found.counted[RESPONSE].over_limit) == (50, 10)


async def plan_of(database: Database, statement: str, values: Any) -> str:
    """How the database would answer."""
    explain = "EXPLAIN QUERY PLAN" if database.is_sqlite else "EXPLAIN"
    async with database.reading() as connection:
        rows = await connection.exec_driver_sql(f"{explain} {statement}", values)
        return "\n".join(str(row[-1]) for row in rows)
