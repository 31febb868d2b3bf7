"""KPIs as they are asked of the API: the bank's April, outages of R-112, and whose business they are."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event as listened

from domain.kpis import Kpi
from store.database import Database
from tests.api.bank_april import OPENED, bank_april
from tests.api.bank_april import told as april_ticket
from tests.api.people import Office
from tests.api.test_measurements import august, stretch, told  # noqa: F401  (a fixture)
from tests.conftest import event

BANK = {"customer": "Bank Narew S.A.", "service": "MPS", "site": "warsaw"}


@pytest.fixture
async def april(database: Database) -> AsyncIterator[Office]:
    async with bank_april(database) as people:
        yield people


async def kpis(people: Office, period: str = "2026-04", person: str = "M1", **scope: str) -> dict[str, dict[str, Any]]:
    answer = await people.get(person, "/kpis", period=period, **scope)
    assert answer.status_code == 200, answer.text
    return {each["kpi"]: each for each in answer.json()["kpis"]}


async def test_kpis_of_an_agreement_are_those_of_its_results(april: Office) -> None:
    found = await kpis(april, registry_no="SLA-2026-0002")
    [target] = (await april.get("M1", "/registry/SLA-2026-0002/results", period="2026-04")).json()["targets"]

    assert set(found) == {kpi.value for kpi in Kpi}
    assert f"{found['attainment']['value']} %" == target["achieved"] == "92.5000 %"
    assert (found["attainment"]["numerator"], found["attainment"]["denominator"]) == (37, 40)
    assert (found["credits"]["value"], found["credits"]["unit"]) == ("540.00", "PLN")
    assert (found["coverage"]["value"], found["coverage"]["reason"]) == (None, "NOT_RECORDED")


@pytest.mark.parametrize(
    ("scope", "met", "judged"),
    [
        ({"service": "MPS"}, 43, 46),
        ({"customer": "Bank Narew S.A."}, 43, 46),
        ({"region": "METRO"}, 37, 40),
        ({"region": "REMOTE"}, 6, 6),
    ],
)
async def test_kpis_over_several_agreements_add_up(april: Office, scope: dict[str, str], met: int, judged: int) -> None:
    found = await kpis(april, **scope)

    assert (found["attainment"]["numerator"], found["attainment"]["denominator"]) == (met, judged)


async def test_coverage_is_that_of_the_offers_sold_now(april: Office) -> None:
    none_sold = (await kpis(april, "2026-05", customer="Bank Narew S.A."))["coverage"]
    offers = (await april.get("M1", "/coverage")).json()["offers"]
    mine = [each["offer"] for each in offers if each["customer"] == "Bank Narew S.A." and each["agreement"] is not None]
    assert (await april.send("M1", f"/offers/{mine[0]}/activate")).status_code == 200
    sold, past = [(await kpis(april, period, customer="Bank Narew S.A."))["coverage"] for period in ("2026-05", "2026-04")]
    single = (await kpis(april, "2026-05", registry_no="SLA-2026-0002"))["coverage"]

    assert (none_sold["value"], none_sold["reason"]) == (None, "NOTHING_COUNTED")
    assert (sold["value"], sold["numerator"], sold["denominator"]) == ("100.0000", 1, 1)
    assert {each["reason"] for each in (past, single)} == {"NOT_RECORDED"}, "nobody kept April's catalogue; one agreement covers itself"


async def test_three_outages_of_april_are_restored_in_40_minutes(august: Office) -> None:  # noqa: F811
    for day, minutes in ((5, 40), (12, 60), (19, 20)):
        await told(august, stretch(f"o-{day}", "DOWN", f"2026-04-{day:02}T10:00:00+02:00", minutes))
    found = await kpis(august, registry_no="SLA-2026-0001")

    assert {name: found[name]["value"] for name in ("mttr", "mtbf", "availability")} == {
        "mttr": "40.00",
        "mtbf": "14360.00",
        "availability": "99.7222",
    }


async def test_tickets_that_came_back_were_handed_over_or_wait(april: Office) -> None:
    def at(minutes: int) -> str:
        return (OPENED + timedelta(minutes=minutes)).isoformat()

    answered = {"milestone": "RESPONDED"}
    await april.api.post(event("created", at(0), "one", **BANK, held_by="Desk"), event("milestone", at(9), "one", **answered), batch=True)
    await april.api.post(
        event("created", at(0), "two", **BANK, held_by="Desk"),
        event("changed", at(5), "two", held_by="Field"),
        event("milestone", at(9), "two", **answered),
        event("reopened", at(60), "two"),
        batch=True,
    )
    await april.api.post(event("created", (OPENED + timedelta(days=22, hours=7)).isoformat(), "late", **BANK))
    found = await kpis(april, registry_no="SLA-2026-0002")
    may = await kpis(april, "2026-05", registry_no="SLA-2026-0002")

    def counted(kpi: str) -> tuple[float, float]:
        return found[kpi]["numerator"], found[kpi]["denominator"]

    assert counted("first_contact_resolution") == (1, 2)
    assert counted("reopen_rate") == (1, 42)
    assert (found["backlog"]["value"], may["backlog"]["value"]) == ("1", "1")


async def test_near_breaches_of_a_region_are_those_of_its_tickets(april: Office) -> None:
    metro, remote = [(await kpis(april, region=region))["near_breach_rate"] for region in ("METRO", "REMOTE")]

    assert (metro["numerator"], metro["denominator"]) == (3, 40)
    assert remote["denominator"] == 6


async def test_a_clock_that_used_almost_all_of_its_limit_is_near_breached(april: Office) -> None:
    """Three of 40 were late; one more is answered 216 minutes after it came, 90 % of four hours."""
    await april.api.post(*april_ticket(900, "warsaw", 216), batch=True)
    found = await kpis(april, registry_no="SLA-2026-0002")

    assert (found["near_breach_rate"]["numerator"], found["near_breach_rate"]["denominator"]) == (4, 41)


@pytest.mark.parametrize(
    ("person", "asked", "status"),
    [
        (None, {"service": "MPS"}, 401),
        ("B1", {"service": "MPS"}, 403),
        ("B1", {"region": "METRO"}, 403),
        ("B1", {"customer": "Bank Narew S.A."}, 200),
        ("K1", {"customer": "Bank Narew S.A."}, 403),
        ("B1", {"registry_no": "SLA-2026-0002"}, 200),
        ("K1", {"registry_no": "SLA-2026-0002"}, 404),
        ("M1", {}, 422),
        ("M1", {"service": "MPS", "region": "METRO"}, 422),
        ("M1", {"service": "COPIERS"}, 404),
        ("M1", {"service": "MPS", "period": "soon"}, 422),
    ],
)
async def test_whose_business_kpis_are(april: Office, person: str | None, asked: dict[str, str], status: int) -> None:
    answer = await april.get(person, "/kpis", **({"period": "2026-04"} | asked))

    assert answer.status_code == status, answer.text


async def test_a_customer_sees_nothing_of_teams_and_suppliers(april: Office) -> None:
    found = await kpis(april, person="B1", customer="Bank Narew S.A.")

    assert {"support_attainment", "first_contact_resolution"}.isdisjoint(found)


@pytest.mark.parametrize(("language", "name"), [("pl", "Poziom dotrzymania"), ("en", "Attainment")])
async def test_kpis_are_told_in_words(april: Office, language: str, name: str) -> None:
    page = await april.get("M1", "/kpis", period="2026-04", service="MPS", language=language, **{"as": "html"})
    found = await april.get("M1", "/kpis", period="2026-04", service="MPS", language=language)

    assert f'<th scope="row">{name}</th>' in page.text
    assert found.json()["kpis"][0]["name"] == name
    assert found.json()["agreements"] == ["SLA/2026/0002", "SLA/2026/0003"]


async def test_the_queries_do_not_grow_with_the_agreements(april: Office) -> None:
    parts, asked = april.api.app.state.parts, list[str]()
    listened.listen(parts.database.engine.sync_engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
    await kpis(april, region="METRO")
    counts = []
    for scope in ({"region": "METRO"}, {"customer": "Bank Narew S.A."}):
        asked.clear()
        await kpis(april, **scope)
        counts.append(len(asked))

    assert counts[0] == counts[1] <= 25, counts
