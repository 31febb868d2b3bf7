"""The bank's agreement and its tickets of April 2026: SC-1's figures for Warsaw and Podlasie."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from store.database import Database
from store.registry import AgreementRegistry
from tests.api.people import Office, office
from tests.conftest import event
from tests.domain.drafts import support
from tests.store.test_registry import registration

OPENED = datetime(2026, 4, 8, 6, 0, tzinfo=UTC)
"""Wednesday 8 April, 08:00 in Warsaw."""
SUPPORTS = ("desk", "field-warsaw", "techteren")


def told(number: int, site: str, minutes: int, **more: Any) -> list[dict[str, Any]]:
    """A ticket of April that was answered so many minutes after it was opened."""
    name, answered = f"{site}-{number}", OPENED + timedelta(minutes=minutes)
    created = event("created", OPENED.isoformat(), name, customer="Bank Narew S.A.", service="MPS", site=site, **more)
    return [created, event("milestone", answered.isoformat(), name, milestone="RESPONDED")]


@asynccontextmanager
async def bank_april(database: Database, now: str = "2026-05-04T09:00+02:00", *, supported: bool = False) -> AsyncIterator[Office]:
    """The office with April's tickets: 37 of 40 met in Warsaw, all 6 in Podlasie."""
    registry = AgreementRegistry(database)
    if supported:
        for name in SUPPORTS:
            await registry.register(registration(f"case-{name}", support(name)))
    await registry.register(registration())
    async with office(database, None, now=now) as people:
        warsaw = [each for number in range(40) for each in told(number, "warsaw", 30 if number < 37 else 241)]
        podlasie = [each for number in range(6) for each in told(number, "sejny", 500)]
        await people.api.post(*warsaw, *podlasie, batch=True)
        yield people
