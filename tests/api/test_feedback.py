"""Green outside, red inside: SC-5's quarter as the API shows it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from store.database import Database
from store.registry import AgreementRegistry
from tests.api.people import Office, office
from tests.api.test_results import told
from tests.store.test_registry import registration

SLA = "SLA/2026/0002"


@pytest.fixture
async def quarter(database: Database) -> AsyncIterator[Office]:
    """The bank's agreement for Warsaw with a good second quarter of tickets, looked at on 1 July 2026."""
    await AgreementRegistry(database).register(registration())
    async with office(database, None, now="2026-07-01T09:00+02:00") as people:
        for number in range(50):
            await people.api.post(*told(number, "warsaw", 30 if number else 241), batch=True)
        yield people


def answers(content: int, of: int) -> list[dict[str, Any]]:
    at = datetime(2026, 5, 11, 9, tzinfo=UTC)
    return [{"answer": f"a-{n}", "score": 4 if n < content else 3, "at": (at + timedelta(hours=n)).isoformat()} for n in range(of)]


def outcomes(*reached: bool) -> list[dict[str, Any]]:
    return [
        {"value": f"o-{n}", "outcome": "branches-print", "reached": each, "at": f"2026-0{4 + n}-01T08:00:00+02:00"}
        for n, each in enumerate(reached)
    ]


async def said(people: Office, person: str | None = "C1", **body: Any) -> Any:
    return await people.send(person, "/feedback", registry_no=SLA, source="survey", **body)


async def the_quarter(people: Office) -> dict[str, Any]:
    return dict((await people.get("B1", "/registry/SLA-2026-0002/results", period="2026-Q2")).json())


async def test_a_green_quarter_with_unhappy_customers_and_missed_outcomes_is_a_watermelon(quarter: Office) -> None:
    taken = await said(quarter, answers=answers(24, 42), outcomes=outcomes(True, False, False))
    again = await said(quarter, answers=answers(24, 42))
    found = await the_quarter(quarter)

    assert (taken.json(), again.json()) == ({"accepted": 45, "duplicates": 0}, {"accepted": 0, "duplicates": 42})
    assert found["satisfaction"] == {"content": 24, "answers": 42, "share": "57.1 %"}
    assert found["outcomes"] == [{"outcome": "branches-print", "reached": 1, "of": 3}]
    assert found["watermelon"] == ["CSAT_BELOW_GOAL", "OUTCOME_MISSED"]


async def test_six_answers_say_nothing(quarter: Office) -> None:
    await said(quarter, answers=answers(2, 6), outcomes=outcomes(True, True, True))
    found = await the_quarter(quarter)

    assert (found["satisfaction"]["share"], found["watermelon"]) == (None, [])


async def test_a_red_quarter_is_no_watermelon(quarter: Office) -> None:
    for number in range(100, 110):
        await quarter.api.post(*told(number, "warsaw", 241), batch=True)
    await said(quarter, answers=answers(24, 42))

    assert (await the_quarter(quarter))["watermelon"] == []


@pytest.mark.parametrize(
    ("person", "body", "status"),
    [
        (None, {"answers": answers(1, 1)}, 401),
        ("B1", {"answers": answers(1, 1)}, 403),
        ("A1", {"answers": answers(1, 1)}, 403),
        ("C1", {"answers": [{"answer": "a", "score": 6, "at": "2026-05-11T09:00:00+02:00"}]}, 422),
        ("C1", {"answers": [{"answer": "a", "score": 5, "at": "2026-08-11T09:00:00+02:00"}]}, 422),
        ("C1", {"outcomes": [outcomes(True)[0] | {"outcome": "world-peace"}]}, 422),
    ],
    ids=["anonymous", "customer", "agent", "no such score", "future", "no such outcome"],
)
async def test_what_is_said_is_checked(quarter: Office, person: str | None, body: dict[str, Any], status: int) -> None:
    assert (await said(quarter, person, **body)).status_code == status
