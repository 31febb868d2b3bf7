"""Who is waited for, where cases stand, and what was breached of late: to each no more than is theirs."""

from collections.abc import AsyncIterator

import pytest

from store.database import Database
from store.registry import AgreementRegistry
from tests.api.people import Office, office
from tests.api.test_follow_ups import EXCLUSION
from tests.api.test_results import told
from tests.conftest import event
from tests.store.test_registry import registration

SINCE = {"since": "2026-05-04T00:00:00+02:00"}


@pytest.fixture
async def monday(database: Database) -> AsyncIterator[Office]:
    """Monday 4 May, 15:00: a ticket breached at noon, noticed by nobody, one answered too late, and a proposal that waits."""
    await AgreementRegistry(database).register(registration())
    async with office(database, None, now="2026-05-04T15:00+02:00") as people:
        ticket = {"customer": "Bank Narew S.A.", "service": "MPS", "site": "warsaw"}
        await people.api.post(*told(1, "warsaw", 241), batch=True)
        await people.api.post(event("created", "2026-05-04T08:00:00+02:00", "NOON", **ticket))
        await people.api.post(event("created", "2026-05-04T08:30:00+02:00", "ANSWERED", **ticket))
        await people.api.post(event("milestone", "2026-05-04T14:00:00+02:00", "ANSWERED", milestone="RESPONDED"))
        await people.send("L1", "/tickets/crm/warsaw-1/exclusions", **EXCLUSION)
        yield people


async def test_breaches_of_today_are_told_newest_first_though_nobody_noticed(monday: Office) -> None:
    today = (await monday.get("M1", "/breaches", **SINCE)).json()

    assert [(each["ticket"], each["breach_at"]) for each in today] == [
        ("crm/ANSWERED", "2026-05-04T10:30:00Z"),
        ("crm/NOON", "2026-05-04T10:00:00Z"),
    ]


@pytest.mark.parametrize(("person", "status", "count"), [("B1", 200, 2), ("K1", 200, 0), ("U1", 403, 0), (None, 401, 0)])
async def test_breaches_are_the_business_of_those_they_were_promised_to(
    monday: Office, person: str | None, status: int, count: int
) -> None:
    answer = await monday.get(person, "/breaches", **SINCE)

    assert answer.status_code == status
    assert status != 200 or len(answer.json()) == count


@pytest.mark.parametrize("since", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-05-04T00:00:00", "today"])
async def test_what_is_no_instant_is_refused(monday: Office, since: str) -> None:
    assert (await monday.get("M1", "/breaches", since=since)).status_code == 422


async def test_open_cases_are_counted_by_stage_and_each_sees_its_own(monday: Office) -> None:
    shown = {person: (await monday.get(person, "/waiting")).json() for person in ("M1", "B1", "K1", "U1")}
    stages = {person: [(each["kind"], each["state"], each["cases"]) for each in view["stages"]] for person, view in shown.items()}

    assert stages == {"M1": [("EXCLUSION", "PROPOSED", 1)], "B1": [("EXCLUSION", "PROPOSED", 1)], "K1": [], "U1": []}
