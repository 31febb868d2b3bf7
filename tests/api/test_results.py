"""What a period came to, as it is asked of the API: SC-1's April for Warsaw and Podlasie."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from domain.attainment import Cell, attainment
from domain.clocks import read_clocks
from domain.periods import period_named
from domain.spans import Span
from store.database import Database
from store.registry import AgreementRegistry
from store.results import Asked, attainment_of
from tests.api.people import Office, office
from tests.conftest import event
from tests.store.test_registry import registration

WARSAW = ZoneInfo("Europe/Warsaw")
OPENED = datetime(2026, 4, 8, 6, 0, tzinfo=UTC)
"""Wednesday 8 April, 08:00 in Warsaw."""


def told(number: int, site: str, minutes: int) -> list[dict[str, Any]]:
    """A ticket of April that was answered so many minutes after it was opened."""
    name, answered = f"{site}-{number}", OPENED + timedelta(minutes=minutes)
    created = event("created", OPENED.isoformat(), name, customer="Bank Narew S.A.", service="MPS", site=site)
    return [created, event("milestone", answered.isoformat(), name, milestone="RESPONDED")]


@pytest.fixture
async def april(database: Database) -> AsyncIterator[Office]:
    """The bank's agreement, and its tickets of April 2026, looked at on 4 May."""
    await AgreementRegistry(database).register(registration())
    async with office(database, None, now="2026-05-04T09:00+02:00") as people:
        for number in range(40):
            await people.api.post(*told(number, "warsaw", 30 if number < 37 else 241), batch=True)
        for number in range(6):
            await people.api.post(*told(number, "sejny", 500), batch=True)
        yield people


async def test_april_is_red_in_warsaw_and_green_in_podlasie(april: Office) -> None:
    warsaw = (await april.get("B1", "/registry/SLA-2026-0002/results", period="2026-04")).json()
    podlasie = (await april.get("B1", "/registry/SLA-2026-0003/results", period="2026-04")).json()

    [response] = warsaw["targets"]
    assert (response["met"], response["breached"], response["achieved"], response["colour"]) == (37, 3, "92.5000 %", "RED")
    [credit] = warsaw["credits"]
    assert (credit["percent"], credit["amount"], credit["currency"]) == ("5 %", "540.00", "PLN"), "5 % x 10 800"
    assert (warsaw["period"], warsaw["is_over"]) == ("2026-04", True)
    assert [(each["met"], each["colour"]) for each in podlasie["targets"]] == [(6, "GREEN")], "never mixed with the city's"
    assert podlasie["credits"] == []


async def test_a_month_without_tickets_is_grey_and_one_that_is_not_over_gives_no_credit(april: Office) -> None:
    march = (await april.get("M1", "/registry/SLA-2026-0002/results", period="2026-03")).json()
    may = (await april.get("M1", "/registry/SLA-2026-0002/results", period="2026-05")).json()
    year = (await april.get("M1", "/registry/SLA-2026-0002/results", period="2026")).json()

    assert [(each["colour"], each["achieved"]) for each in march["targets"]] == [("GREY", None)]
    assert (may["is_over"], may["credits"]) == (False, [])
    assert year["targets"] == [], "the response is promised by the month"


@pytest.mark.parametrize(("person", "status"), [(None, 401), ("K1", 404), ("U1", 404), ("B1", 200), ("M1", 200)])
async def test_results_are_the_business_of_the_two_sides(april: Office, person: str | None, status: int) -> None:
    assert (await april.get(person, "/registry/SLA-2026-0002/results", period="2026-04")).status_code == status


@pytest.mark.parametrize("period", ["2026-13", "April", "2026-Q5", "0001-01", "9999"])
async def test_what_is_no_period_is_refused_in_words(april: Office, period: str) -> None:
    answer = await april.get("M1", "/registry/SLA-2026-0002/results", period=period)

    assert (answer.status_code, "write 2026-04, 2026-Q2 or 2026" in answer.json()["detail"]) == (422, True)


async def test_tickets_beyond_the_agreed_volume_count_neither_way(april: Office) -> None:
    for number in range(100, 190):
        await april.api.post(*told(number, "warsaw", 300), batch=True)
    [response] = (await april.get("M1", "/registry/SLA-2026-0002/results", period="2026-04")).json()["targets"]
    [rural] = (await april.get("M1", "/registry/SLA-2026-0003/results", period="2026-04")).json()["targets"]

    assert (response["met"] + response["breached"], response["over_limit"]) == (120, 10), "120 a month are promised, 130 came"
    assert rural["over_limit"] == 0


async def test_a_closed_period_is_kept_and_late_facts_make_another_version(april: Office) -> None:
    address = "/registry/SLA-2026-0002/periods/2026-04/close"
    first, again = (await april.send("M1", address)).json(), (await april.send("L1", address)).json()
    late = event("milestone", (OPENED + timedelta(minutes=60)).isoformat(), "warsaw-39", milestone="RESPONDED") | {"id": "late"}
    await april.api.post(late)
    second = (await april.send("M1", address)).json()
    kept = (await april.get("B1", "/registry/SLA-2026-0002/periods")).json()

    assert (first["version"], again["version"], again["closed_by"]) == (1, 1, "M1"), "closing twice changes nothing"
    assert [(each["version"], each["results"]["targets"][0]["achieved"]) for each in kept] == [(1, "92.5000 %"), (2, "95.0000 %")]
    changed = {(each["figure"], each["before"], each["after"]) for each in second["differences"]}
    assert {("met", "37", "38"), ("colour", "RED", "AMBER"), ("credit amount", "540.00", None)} <= changed


@pytest.mark.parametrize(
    ("person", "period", "status", "code"),
    [
        (None, "2026-04", 401, "UNAUTHORIZED"),
        ("B1", "2026-04", 403, "FORBIDDEN"),
        ("A1", "2026-04", 403, "FORBIDDEN"),
        ("M1", "2026-05", 409, "PERIOD_NOT_OVER"),
        ("M1", "2025-12", 404, "NOT_FOUND"),
    ],
)
async def test_who_may_close_what(april: Office, person: str | None, period: str, status: int, code: str) -> None:
    answer = await april.send(person, f"/registry/SLA-2026-0002/periods/{period}/close")

    assert (answer.status_code, answer.json()["code"]) == (status, code)


def by_chance(chance: Random, number: int) -> list[dict[str, Any]]:
    """A ticket of spring 2026 to which anything may happen."""
    opened = datetime(2026, 3, 17, tzinfo=UTC) + timedelta(minutes=chance.randrange(47 * 24 * 60))
    name, at = f"C-{number}", opened
    told = [event("created", opened.isoformat(), name, customer="Bank Narew S.A.", service="MPS", site="warsaw", priority="1")]
    for kind, more in chance.choices(
        [
            ("paused", {"reason": "AWAITING_CUSTOMER"}),
            ("resumed", {}),
            ("milestone", {"milestone": "RESPONDED"}),
            ("cancelled", {"reason": "DUPLICATE"}),
        ],
        weights=(2, 2, 5, 1),
        k=chance.randrange(4),
    ):
        at += timedelta(minutes=chance.choice((5, 100, 200, 241, 3000)))
        told.append(event(kind, at.isoformat(), name, **more))
    return [each for each in told if datetime.fromisoformat(each["time"]) < NOW]


NOW = datetime(2026, 5, 4, 7, 0, tzinfo=UTC)


async def test_what_the_database_counts_is_what_the_fold_of_every_ticket_says(april: Office) -> None:
    chance = Random(20260504)
    for number in range(150):
        await april.api.post(*by_chance(chance, number), batch=True)
    parts, now = april.api.app.state.parts, april.api.app.state.parts.now()
    async with parts.database.reading() as connection:
        agreements = await parts.agreements.all(connection)
        subjects = [f"crm/C-{number}" for number in range(150)] + [f"crm/warsaw-{number}" for number in range(40)]
        events = await parts.tickets.events_of(connection, subjects)
        warsaw = [each for each in agreements if each.agreement == "SLA-2026-0002"]
        readings = [("1", reading) for each in events.values() for reading in read_clocks(warsaw, each, now)]
        folded = attainment(readings)
        for name in ("2026-03", "2026-04", "2026-05"):
            _, period = period_named(name, WARSAW)
            counted = await attainment_of(connection, Asked("SLA-2026-0002", WARSAW), Span(period.start, period.end), now)
            assert counted["response"].within == folded[Cell("response", "1", name)], name

    assert sum(each.judged for each in folded.values()) > 120
