"""What the tickets of April 2026 warn of, counted by the database: the bank's promise for Warsaw, 4 h, 95 %, 120 tickets a month."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from domain.early_warning import EarlyWarning
from domain.errors import NotFound
from store.database import Database
from store.registry import AgreementRegistry
from store.warnings import EarlyWarnings
from tests.api.people import Office, office
from tests.api.test_results import told
from tests.conftest import example
from tests.store.test_registry import registration

NINTH = datetime(2026, 4, 9, tzinfo=ZoneInfo("Europe/Warsaw"))
"""The tickets came and were answered the day before; 8 of April's 30 days are gone."""


@pytest.fixture
async def april(database: Database) -> AsyncIterator[Office]:
    await AgreementRegistry(database).register(registration())
    async with office(database, None, now="2026-04-30T09:00+02:00") as people:
        yield people


async def answered(people: Office, count: int, minutes: int, first: int = 1000) -> None:
    for number in range(first, first + count):
        await people.api.post(*told(number, "warsaw", minutes), batch=True)


async def warnings(database: Database, now: datetime, number: str = "SLA/2026/0002") -> dict[str, EarlyWarning]:
    entry = await AgreementRegistry(database).entry(number)
    assert entry is not None
    return {warning.kind.value: warning for warning in await EarlyWarnings(database).warnings(entry, now)}


def told_of(found: dict[str, EarlyWarning]) -> dict[str, Any]:
    return {kind: (warning.target, warning.figure, warning.limit) for kind, warning in found.items()}


async def test_clocks_near_a_breach_warn_for_a_week(april: Office, database: Database) -> None:
    await answered(april, 7, 216)  # 90 % of 240
    await answered(april, 25, 215, first=2000)
    found = await warnings(database, NINTH)

    assert told_of(found) == {"NEAR_BREACH": ("response", 100 * 7 / 32, 15)}
    assert found["NEAR_BREACH"].why.startswith("7 of 32 clocks completed in 7 days used 90 % of their limit or more")
    assert await warnings(database, NINTH + timedelta(days=7)) == {}, "a week later they are gone"


async def test_a_share_of_tickets_that_fails_too_often_warns_while_it_does(april: Office, database: Database) -> None:
    await answered(april, 3, 241)
    await answered(april, 17, 30, first=2000)

    assert told_of(await warnings(database, NINTH)) == {"BURN_RATE": ("response", 3, 2)}, "15 % late of 5 % allowed; 15 % near is no more"
    assert await warnings(database, NINTH + timedelta(days=1)) == {}, "nothing failed on the 9th"


async def test_volume_on_its_way_above_the_limit_warns(april: Office, database: Database) -> None:
    await answered(april, 32, 30)
    exactly = await warnings(database, NINTH)
    await answered(april, 1, 30, first=2000)

    assert exactly == {}, "32 in 8 of 30 days are 120 in all"
    assert told_of(await warnings(database, NINTH)) == {"WORKLOAD": ("tickets", 100 * 33 * 30 / (8 * 120), 100)}


async def test_tickets_beyond_the_agreed_volume_are_not_near_a_breach(april: Office, database: Database) -> None:
    await answered(april, 120, 30)
    await answered(april, 30, 239, first=2000)

    assert set(await warnings(database, NINTH)) == {"WORKLOAD"}


async def test_nothing_is_warned_of_outside_the_term(april: Office, database: Database) -> None:
    await answered(april, 10, 300)

    assert set(await warnings(database, NINTH)) == {"BURN_RATE", "NEAR_BREACH"}
    assert await warnings(database, datetime(2026, 3, 15, 22, 59, tzinfo=UTC)) == {}
    assert await warnings(database, datetime(2029, 3, 15, 23, tzinfo=UTC)) == {}


async def test_ready_terms_state_nothing_to_hold_against(database: Database) -> None:
    await AgreementRegistry(database).import_terms(example("printers-warsaw"), "X1", NINTH)
    with pytest.raises(NotFound, match="came as ready terms"):
        await warnings(database, NINTH, "SLA/2026/0001")
