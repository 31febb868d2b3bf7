"""Laws of the audit stream: every event once, in an order that never changes, whoever writes at the same time."""

import asyncio
from datetime import UTC, datetime, timedelta

from domain.audit import AuditEvent
from store.audit import AuditTrail
from store.audit_stream import AuditStream
from store.database import Database

MARCH = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def deed(subject: str, name: str, minute: int = 0) -> AuditEvent:
    at = MARCH + timedelta(minutes=minute)
    return AuditEvent(
        key=f"{subject}:{name}", subject=subject, action=name, from_state="A", to_state="B", actor="M1", role="SLM_MANAGER", at=at
    )


async def write(database: Database, *events: AuditEvent) -> None:
    async with database.writing() as connection:
        await AuditTrail(database).append(connection, events)


async def test_events_of_all_trails_come_by_time_and_no_trail_out_of_its_order(database: Database) -> None:
    await write(database, deed("case-1", "first", 10), deed("case-1", "told late", 2), deed("case-2", "between", 5))
    lines = await AuditStream(database).after(0, 100)

    assert [(line.place, line.subject, line.number, line.action) for line in lines] == [
        (1, "case-2", 1, "between"),
        (2, "case-1", 1, "first"),
        (3, "case-1", 2, "told late"),
    ]
    assert [line.hash for line in lines if line.subject == "case-1"] == [row.link for row in await AuditTrail(database).of("case-1")]
    assert await AuditTrail(database).broken_at("case-1") is None, "a place is no part of the chain"


async def test_who_reads_on_gets_what_came_since_even_if_it_is_older(database: Database) -> None:
    stream = AuditStream(database)
    await write(database, deed("case-1", "first", 10), deed("case-1", "second", 11))
    read = await stream.after(0, 1)
    await write(database, deed("case-2", "older", 1))

    assert [line.action for line in await stream.after(read[-1].place, 100)] == ["second", "older"]
    assert [line.place for line in await stream.after(0, 100)] == [1, 2, 3], "an older event moves no other"


async def test_a_transaction_that_takes_longer_than_the_next_is_not_missed(database: Database) -> None:
    stream, trail = AuditStream(database), AuditTrail(database)
    if database.is_sqlite:  # it has one writer: none takes longer than the next
        return
    async with database.writing() as slow:
        await trail.append(slow, [deed("case-1", "slow")])
        await write(database, deed("case-2", "quick", 5))
        seen = await stream.after(0, 100)
    rest = await stream.after(seen[-1].place, 100)

    assert ([line.action for line in seen], [line.action for line in rest]) == (["quick"], ["slow"])


async def test_many_writers_and_readers_lose_and_repeat_nothing(database: Database) -> None:
    async def work(subject: str) -> None:
        for number in range(8):
            await write(database, deed(subject, f"deed-{number}", number))

    async def read() -> list[tuple[int, str]]:
        stream, place = AuditStream(database), 0
        found: list[tuple[int, str]] = []
        while len(found) < 40:
            for line in await stream.after(place, 7):
                place = line.place
                found.append((place, f"{line.subject}:{line.action}"))
        return found

    readers = asyncio.gather(read(), read())
    await asyncio.gather(*(work(f"case-{each}") for each in range(5)))
    first, second = await asyncio.wait_for(readers, 60)

    assert first == second
    assert [place for place, _ in first] == list(range(1, 41))
    assert len({name for _, name in first}) == 40
