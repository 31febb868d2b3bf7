"""Duties of both sides, reported and counted: the customer's forms of March 2026 (R-088)."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from domain.documents import AgreementDocument
from store.database import Database
from store.registry import AgreementRegistry
from tests.api.people import Office, office
from tests.domain.drafts import bank_draft, changed
from tests.store.test_registry import registration

SLA = "SLA/2026/0001"
FORM = {"obligation": "form", "side": "CUSTOMER", "text": "The customer approves the form in one business day."}
REPAIR = {"obligation": "repair", "side": "PROVIDER", "text": "Printers are repaired or replaced."}


def with_duties() -> AgreementDocument:
    duties = [each | {"packages": [{"package": "p", "task": "It is done.", "owner": "Desk"}]} for each in (REPAIR, FORM)]
    return changed(bank_draft().named("warsaw"), parent=None, obligations=duties, effective_from="2026-03-01")


@pytest.fixture
async def march(database: Database) -> AsyncIterator[Office]:
    """An agreement with a duty of each side, looked at on 2 April 2026."""
    await AgreementRegistry(database).register(registration("case-1", with_duties()))
    async with office(database, None, now="2026-04-02T09:00+02:00") as people:
        yield people


def fact(name: str, at: str, *, obligation: str = "form", kept: bool = False) -> dict[str, Any]:
    return {"fact": name, "obligation": obligation, "kept": kept, "at": at, "note": "approved on the third day"}


MISSED = [fact(f"form-{day}", f"2026-03-{day}T10:00:00+01:00") for day in ("04", "11", "25")]


async def seen(people: Office, *facts: dict[str, Any], person: str | None = "C1", registry_no: str = SLA) -> Any:
    return await people.send(person, "/duties", registry_no=registry_no, source="forms", duties=list(facts))


async def shown(people: Office, period: str) -> list[dict[str, Any]]:
    return list((await people.get("B1", "/registry/SLA-2026-0001/results", period=period)).json()["duties"])


async def test_a_duty_of_the_customer_missed_three_times_in_march_is_shown_beside_those_of_the_provider(march: Office) -> None:
    april = fact("form-april", "2026-04-01T00:00:00+02:00")
    taken = await seen(march, *MISSED, fact("form-05", "2026-03-05T10:00:00+01:00", kept=True), april)
    again = await seen(march, *MISSED, registry_no="SLA-2026-0001")

    assert (taken.status_code, taken.json(), again.json()) == (
        202,
        {"accepted": 5, "duplicates": 0},
        {"accepted": 0, "duplicates": 3},
    )
    assert await shown(march, "2026-03") == [
        {"obligation": "repair", "side": "PROVIDER", "kept": 0, "missed": 0},
        {"obligation": "form", "side": "CUSTOMER", "kept": 1, "missed": 3},
    ]
    assert [each["missed"] for each in await shown(march, "2026-04")] == [0, 1]
    assert [each["missed"] for each in await shown(march, "2026")] == [0, 4]


async def test_a_late_fact_makes_another_version_of_a_closed_period_and_is_named(march: Office) -> None:
    await seen(march, *MISSED[:2])
    address = "/registry/SLA-2026-0001/periods/2026-03/close"
    first, again = (await march.send("M1", address)).json(), (await march.send("M1", address)).json()
    await seen(march, MISSED[2])
    second = (await march.send("M1", address)).json()

    assert (first["version"], again["version"], second["version"]) == (1, 1, 2)
    assert second["differences"] == [{"target": "form (CUSTOMER)", "figure": "duty missed", "before": "2", "after": "3"}]


@pytest.mark.parametrize(
    ("person", "facts", "status"),
    [
        (None, MISSED, 401),
        ("B1", MISSED, 403),
        ("A1", MISSED, 403),
        ("C1", [], 422),
        ("C1", [*MISSED, fact("other", "2026-03-04T10:00:00+01:00", obligation="world-peace")], 422),
        ("C1", [*MISSED, fact("later", "2026-04-04T10:00:00+02:00")], 422),
        ("C1", [MISSED[0] | {"at": "2026-03-04T10:00:00"}], 422),
    ],
    ids=["anonymous", "customer", "agent", "nothing", "no such obligation", "future", "no time zone"],
)
async def test_a_report_that_is_wrong_anywhere_is_refused_as_a_whole(
    march: Office, person: str | None, facts: list[dict[str, Any]], status: int
) -> None:
    answer = await seen(march, *facts, person=person)

    assert answer.status_code == status
    assert [each["missed"] for each in await shown(march, "2026-03")] == [0, 0]
