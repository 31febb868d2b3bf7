"""Tickets and samples for a backtest, on both databases."""

from datetime import timedelta

import pytest

from domain.backtest.proposals import Whose
from domain.backtest.question import Question
from domain.measurements import Measured, MeasurementKind, Measurements
from domain.spans import Span
from store import records
from store.database import Database
from store.measurements import MeasurementStore
from store.records import RecordStore, Wanted
from store.tables import TicketRow
from store.tickets import TicketStore
from tests.domain.proposals import day, fix, proposal, ticket

SPAN = Span(day("2025-01-01"), day("2026-01-01"))
OWN = Question([proposal(fix(), availability=[{"target": "up", "percent": "99"}, {"target": "portal", "percent": "99"}])])


async def keep(database: Database, count: int, customer: str, service: str = "TILLS", first: int = 0) -> None:
    store = TicketStore(database)
    async with database.writing() as connection:
        for number in range(first, first + count):
            story = ticket(number, day("2025-02-01") + timedelta(minutes=number // 2), 1, customer=customer)
            await store.add_events(connection, story)
            subject, at = f"test/{story[0].ticket_id}", story[0].occurred_at
            row = {"subject": subject, "source": "test", "ticket_id": story[0].ticket_id, "created_at": at, "updated_at": at}
            told = {"customer": customer, "service": service, "attributes": {}, "agreements": [], "clocks": [], "terms_sent": []}
            await connection.execute(database.insert(TicketRow), row | told | {"is_open": False})


async def numbers(store: RecordStore, wanted: Wanted) -> list[str]:
    return [story[0].ticket_id async for stories in store.stories(wanted) for story in stories]


async def test_every_ticket_comes_once_in_the_order_of_creation(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "_AT_ONCE", 4)
    await keep(database, 11, "Shop")
    store, wanted = RecordStore(database), Wanted.by(OWN, SPAN)
    assert await numbers(store, wanted) == [f"T-{number:05}" for number in range(11)]
    assert await store.count(wanted) == 11
    stories = [story async for some in store.stories(wanted) for story in some]
    assert stories[3] == ticket(3, day("2025-02-01") + timedelta(minutes=1), 1, customer="Shop")


async def test_whose_tickets_are_read(database: Database) -> None:
    await keep(database, 2, "Shop")
    await keep(database, 3, "Another", first=10)
    await keep(database, 4, "Another", service="LIFTS", first=20)
    store = RecordStore(database)
    assert await store.count(Wanted.by(OWN, SPAN)) == 2
    assert await store.count(Wanted.by(OWN._replace(whose=Whose.ANYBODY), SPAN)) == 5
    assert await store.count(Wanted.by(OWN, Span(day("2025-03-01"), day("2026-01-01")))) == 0


async def test_samples_are_those_of_the_named_targets(database: Database) -> None:
    stretch = {"measurement": "m1", "kind": "DOWN", "start": "2025-02-02T00:00Z", "end": "2025-02-02T06:00Z"}
    told = {"registry_no": "SLA/2025/0001", "source": "probe", "target": "up", "measurements": [stretch]}
    await MeasurementStore(database).add(Measurements.model_validate(told), "M1", day("2025-02-03"))
    found = await RecordStore(database).samples(OWN, "SLA-2025-0001", SPAN)
    down = Measured(MeasurementKind.DOWN, Span(day("2025-02-02"), day("2025-02-02") + timedelta(hours=6)))
    assert found == {"up": [down]}
