"""Who gets through which door: nobody without a token, outsiders only to their own business, and of the provider the right role."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from temporalio.testing import WorkflowEnvironment

from store.audit import AuditTrail
from store.database import Database
from tests.api.people import Office, office, request, working
from tests.databases import set_up
from tests.domain.drafts import catalogue


@pytest.fixture
async def people(tmp_path: Path) -> AsyncIterator[Office]:
    """Everybody at their desks; nothing is judged."""
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'servanda.db'}")
    await set_up(database)
    async with office(database, None) as made:
        yield made
    await database.close()


NEED, DEPUTY = {"partner": "TechTeren"}, {"deputy": "A2", "first_on": "2026-01-01", "last_on": "2026-01-02", "reason": "holiday"}
DOORS: list[tuple[str, str, Any, dict[str | None, int]]] = [
    ("GET", "/catalogue", None, {None: 401, "B1": 403, "U1": 403, "L1": 200}),
    ("PUT", "/catalogue", catalogue().model_dump(mode="json", by_alias=True), {None: 401, "B1": 403, "M1": 403, "X1": 200}),
    ("GET", "/coverage", None, {None: 401, "B1": 403, "U1": 403, "L1": 200}),
    ("POST", "/support-cases", NEED, {None: 401, "B1": 403, "U1": 403, "M1": 403, "S1": 201}),
    ("POST", "/people/L1/delegations", DEPUTY, {None: 401, "B1": 403, "U1": 403, "C1": 403, "M1": 201, "L1": 201}),
    ("POST", "/offers/nowhere/activate", {}, {None: 401, "B1": 403, "U1": 403, "L1": 403, "M1": 404, "C1": 404}),
    ("POST", "/offers/mps-warsaw/activate", {}, {None: 401, "B1": 403, "L1": 403, "M1": 409}),
    ("GET", "/registry", None, {None: 401, "B1": 200, "U1": 200, "L1": 200}),
    ("GET", "/registry/SLA-2026-0001", None, {None: 401, "B1": 404, "L1": 404}),
    ("GET", "/registry/SLA-2026-0001/rendering", None, {None: 401, "B1": 404, "L1": 404}),
    ("GET", "/cases", None, {None: 401, "B1": 200, "U1": 200, "L1": 200}),
    ("GET", "/tasks", None, {None: 401, "B1": 200, "U1": 200, "L1": 200}),
]


@pytest.mark.parametrize(("verb", "path", "body", "answers"), DOORS, ids=[f"{verb} {path}" for verb, path, _, _ in DOORS])
async def test_who_gets_through(people: Office, verb: str, path: str, body: Any, answers: dict[str | None, int]) -> None:
    for person, status in answers.items():
        answer = await people.send(person, path, verb=verb, **body) if body is not None else await people.get(person, path)
        assert answer.status_code == status, (person, answer.text)
        if status >= 400:
            assert answer.headers["content-type"] == "application/problem+json"


CASE = ("", "/documents", "/offer", "/alignment", "/supply", "/events", f"/documents/{'0' * 64}", f"/scans/{'0' * 64}")


@pytest.mark.parametrize("path", CASE)
async def test_a_case_does_not_exist_for_those_it_is_none_of_the_business_of(people: Office, path: str) -> None:
    asked = await people.api.post(request("CRM-1"))
    case = asked.json()["results"][0]["case_id"]
    need = (await people.send("S1", "/support-cases", partner="TechTeren")).json()["case_id"]

    assert [(await people.get(person, f"/cases/{case}{path}")).status_code for person in (None, "K1", "U1")] == [401, 404, 404]
    assert [(await people.get(person, f"/cases/{need}{path}")).status_code for person in (None, "K1", "B1")] == [401, 404, 404]


async def test_a_deed_on_anothers_case_is_refused_as_if_there_were_none(people: Office) -> None:
    asked = await people.api.post(request("CRM-1"))
    case = asked.json()["results"][0]["case_id"]
    need = (await people.send("S1", "/support-cases", partner="TechTeren")).json()["case_id"]
    withdraw = {"reason": "we do not want it any more"}

    assert (await people.send("U1", f"/cases/{case}/withdraw", **withdraw)).status_code == 404
    assert (await people.send("B1", f"/support-cases/{need}/withdraw_support", **withdraw)).status_code == 404
    assert (await people.send("C1", f"/cases/{need}/withdraw", **withdraw)).status_code == 404, "nor by the other kind's address"
    assert (await people.send("S1", f"/support-cases/{case}/withdraw_support", **withdraw)).status_code == 404


async def test_a_covered_offer_is_activated_and_the_trail_says_by_whom(tmp_path: Path, own_engine: WorkflowEnvironment) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'servanda.db'}")
    await set_up(database)
    async with working(own_engine.client, database) as people:
        case_id = await people.open()
        await people.play(case_id)
        await people.until(case_id, "REGISTERED")
        offers = (await people.get("M1", "/coverage")).json()["offers"]
        covered = next(offer["offer"] for offer in offers if offer["agreement"] is not None)
        activated = await people.send("M1", f"/offers/{covered}/activate")
    trail = await AuditTrail(database).of(f"offer:{covered}")
    await database.close()

    assert (activated.status_code, activated.json()["active"]) == (200, True)
    assert [(row.event["actor"], row.event["to_state"]) for row in trail] == [("M1", "ACTIVE")]
