"""Capacity at the API: tickets of the store, statements of people, and what follows, with the numbers of the requirements."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event as listened
from sqlalchemy import select, update

from domain.audit import AuditEvent
from domain.resources import ResourcePool
from store.cases import cases
from store.database import Database
from store.tables import TicketRow
from tests.api.people import Office, office, request

DESK = {"pool": "desk", "name": "Service desk", "services": ["MPS"], "people": 5, "minutes_per_ticket": 35}
FIELD: dict[str, Any] = {"services": ["MPS"], "on_site": True}
METRO = FIELD | {"pool": "field-metro", "name": "Field Warsaw", "regions": ["METRO"], "people": 7, "minutes_per_ticket": 60}
REMOTE = FIELD | {"pool": "field-remote", "name": "Podlasie", "regions": ["REMOTE"], "people": 1, "minutes_per_ticket": 90}
STATED: dict[str, Any] = {"service": "MPS", "region": "METRO", "tickets": 90, "probability": 60, "source": "tender, annex 3"}


async def came(database: Database, month: str, count: int, region: str | None = "METRO", service: str = "MPS") -> None:
    """Tickets spread over the days of a month, from its first minute on the clocks of Warsaw."""
    begins = datetime.fromisoformat(f"{month}-01").replace(tzinfo=ZoneInfo("Europe/Warsaw")).astimezone(UTC)
    same = {"source": "crm", "attributes": {}, "agreements": [], "clocks": [], "updated_at": begins, "terms_sent": []}
    rows = [
        same
        | {"subject": f"crm/{month}-{service}-{region}-{number}", "ticket_id": str(number), "service": service, "region": region}
        | {"created_at": begins + timedelta(minutes=number % 40_000)}
        for number in range(count)
    ]
    async with database.writing() as connection:
        for start in range(0, count, 500):
            await connection.execute(database.insert(TicketRow), rows[start : start + 500])


async def pools(people: Office, *made: dict[str, Any]) -> None:
    """Put these pools in place of all others."""
    parts = people.api.app.state.parts
    before = await parts.directory.now()
    after = before.model_copy(update={"pools": [ResourcePool.model_validate(each) for each in made]})
    same = {"subject": "catalogue", "action": "change", "from_state": "OLD", "to_state": "NEW", "actor": "X1", "at": parts.now()}
    assert await parts.directory.replace(after, before, AuditEvent(key=uuid4().hex, **same))


async def asks(people: Office, **more: Any) -> None:
    """The case stands in a stage, with the bank's first requirements."""
    said: dict[str, Any] = {
        "requirement": "podlasie",
        "text": "Four hours.",
        "service": "MPS",
        "regions": ["REMOTE"],
        "metric": "response",
        "value": "4",
    }
    said |= {"unit": "business hours", "calendar": "PL-BH-8-17", "on_site": True}
    asked = {"requirements": [said, said | {"requirement": "warsaw", "regions": ["METRO"]}], "topics": {}}
    parts = people.api.app.state.parts
    async with parts.database.writing() as connection:
        [row] = (await connection.execute(select(cases))).all()
        document = row.document | {"requirements": asked, "state": "FEASIBILITY"} | more
        await connection.execute(update(cases).values(document=document, state=document["state"]))


@pytest.fixture
async def july(database: Database) -> AsyncIterator[Office]:
    """The office on 6 July 2026 with 1,200 tickets of June, five people and the bank's case."""
    await came(database, "2026-06", 1200)
    async with office(database, None, now="2026-07-06T09:00+02:00") as people:
        await pools(people, DESK)
        await people.api.post(request("CRM-1"))
        yield people


async def the_case(people: Office) -> str:
    case_id: str = (await people.get("M1", "/cases")).json()["cases"][0]["case_id"]
    return case_id


async def pool(people: Office, name: str = "desk", **asked: Any) -> dict[str, Any]:
    answer = await people.get("M1", f"/capacity/{name}", **asked)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_june_was_more_than_five_people_had_time_for(july: Office) -> None:
    found = await pool(july)

    assert [(each["month"], each["is_over"]) for each in found["observed"]] == [("2026-06", True), ("2026-07", False)]
    june = found["observed"][0]
    assert (june["tickets"], june["hours"], june["utilisation"], june["use"], june["colour"]) == (1200, "700.00", "104.2 %", "OVER", "RED")
    assert (found["forecast"]["basis"], found["forecast"]["history_months"], found["ahead"], found["advice"]) == ("NONE", 0, [], None)
    assert found["hours_per_person"] == "134.4"


async def test_growth_and_pipeline_ask_for_eight_people(july: Office) -> None:
    await pools(july, DESK | {"people": 7, "growth": 3})
    case_id = await the_case(july)
    stated = await july.send("A1", f"/cases/{case_id}/expected-volumes", **(STATED | {"tickets": 150}))
    found = await pool(july)
    last = found["ahead"][-1]

    assert stated.status_code == 201, stated.text
    assert (last["month"], last["tickets"], last["pipeline"], last["hours"]) == ("2026-09", 1311, "90.0", "817.25"), "R-143, R-144"
    assert (found["people_at_full"], found["people_at_limit"], found["recommended"], found["gap"]) == ("6.08", "7.15", 8, "1.00")
    assert (last["utilisation"], last["colour"]) == ("86.9 %", "AMBER")
    assert (found["advice"]["advice"], found["advice"]["why"]) == ("INVEST", "above 85.0 % in 1 of 3 months, most in 2026-09: 86.9 %")
    assert [(each["case_id"], each["likely"]) for each in found["pipeline"]] == [(case_id, "90.0")]
    assert len((await pool(july, months=12))["ahead"]) == 12


async def test_if_signed_it_asks_for_45_hundredths_of_a_person(july: Office) -> None:
    case_id = await the_case(july)
    before = (await july.get("A1", f"/cases/{case_id}/what-if")).json()
    await july.send("A1", f"/cases/{case_id}/expected-volumes", **(STATED | {"minutes_per_ticket": 40}))
    found = (await july.get("A1", f"/cases/{case_id}/what-if")).json()
    [desk] = found["pools"]

    assert before["pools"] == []
    assert (found["said"], desk["people"], desk["hours"]) == ("If signed: +0.45 FTE", "+0.45", "60.00"), "R-147"
    assert (desk["before"]["utilisation"], desk["after"]["utilisation"]) == ("104.2 %", "113.1 %"), "700 and 760 of 672 h"


async def test_a_later_statement_replaces_and_the_earlier_one_stays_on_record(july: Office) -> None:
    address = f"/cases/{await the_case(july)}/expected-volumes"
    await july.send("A1", address, **STATED)
    await july.send("L1", address, **(STATED | {"tickets": 120, "source": "second talk"}))
    found = (await july.send("A1", address, **(STATED | {"region": "REMOTE", "tickets": 10}))).json()

    said = [(each["region"], each["tickets"], each["stated_by"], each["counts"]) for each in found]
    assert said == [("REMOTE", 10, "A1", True), ("METRO", 120, "L1", True), ("METRO", 90, "A1", False)]
    assert found[0]["stated_at"].startswith("2026-07-06T07:00:0")
    assert {each["region"]: each["tickets"] for each in (await pool(july))["pipeline"]} == {"METRO": 120, "REMOTE": 10}
    await july.send("A1", address, **(STATED | {"tickets": 0, "source": "withdrawn"}))
    assert [(each["region"], each["tickets"]) for each in (await pool(july))["pipeline"]] == [("REMOTE", 10)]


async def test_four_hours_are_promised_in_the_city_and_flagged_in_the_countryside(july: Office) -> None:
    await pools(july, DESK, METRO, REMOTE)
    await asks(july)
    found = (await july.get("A1", f"/cases/{await the_case(july)}/what-if")).json()["reach"]

    said = {each["requirement"]: (each["people"], each["sites"], each["limit_hours"], each["verdict"]) for each in found}
    assert said == {"podlasie": ("1", 6, "4.0", "NOT_COMMERCIALLY_FEASIBLE"), "warsaw": ("7", 1, "4.0", "FEASIBLE")}, "R-108"


async def test_a_case_that_has_ended_is_no_pipeline_any_longer(july: Office) -> None:
    case_id = await the_case(july)
    await july.send("A1", f"/cases/{case_id}/expected-volumes", **STATED)
    parts = july.api.app.state.parts
    async with parts.database.writing() as connection:
        await connection.exec_driver_sql("UPDATE agreement_case SET state = 'DECLINED'")

    again = await july.send("A1", f"/cases/{case_id}/expected-volumes", **STATED)
    assert (await pool(july))["pipeline"] == []
    assert (again.status_code, again.json()["code"]) == (409, "CASE_ENDED")


WRONG: tuple[tuple[str, dict[str, Any], int, str], ...] = (
    ("B1", {}, 403, "FORBIDDEN"),
    ("P1", {}, 403, "FORBIDDEN"),
    ("A1", {"service": "NONE"}, 422, "BAD_INPUT"),
    ("A1", {"region": "NONE"}, 422, "BAD_INPUT"),
    ("A1", {"probability": 101}, 422, "INVALID_REQUEST"),
    ("A1", {"tickets": -1}, 422, "INVALID_REQUEST"),
    ("A1", {"colour": "red"}, 422, "INVALID_REQUEST"),
)


async def test_what_is_stated_wrongly_is_refused_and_nothing_is_kept(july: Office) -> None:
    address = f"/cases/{await the_case(july)}/expected-volumes"
    for person, more, status, code in WRONG:
        answer = await july.send(person, address, **(STATED | more))
        assert (answer.status_code, answer.json()["code"]) == (status, code), more
    assert (await july.get("A1", address)).json() == []


async def test_months_are_those_of_the_provider_and_pools_those_of_their_places(database: Database) -> None:
    for month in range(1, 7):
        await came(database, f"2026-0{month}", 10 * month, "REMOTE")
    await came(database, "2026-06", 7, "METRO")
    await came(database, "2026-06", 4, None, "OTHER")
    async with office(database, None, now="2026-07-06T09:00+02:00") as people:
        await pools(people, METRO, REMOTE)
        found = (await people.get("L1", "/capacity")).json()
        statements: list[str] = []
        engine = people.api.app.state.parts.database.engine.sync_engine
        listened.listen(engine, "before_cursor_execute", lambda *said: statements.append(said[2]))
        await people.api.app.state.parts.capacity.look(await people.api.app.state.parts.directory.now(), 3)

    metro, remote = found["pools"]
    assert [each["tickets"] for each in remote["observed"]] == [10, 20, 30, 40, 50, 60, 0], "each from midnight in Warsaw on"
    assert [(each["month"], each["tickets"]) for each in metro["observed"]] == [("2026-06", 7), ("2026-07", 0)]
    assert found["without_pool"] == [{"service": "OTHER", "region": None, "tickets": 4}]
    asked = [each for each in statements if "FROM expected_volume" in each or "ticket" in each]
    assert len(asked) == 2, "the pipeline, and the volumes of all pools"


async def test_nine_months_and_more_are_forecast_and_the_methods_stand_beside_each_other(database: Database) -> None:
    for number, month in enumerate([*(f"2025-{month:02}" for month in range(4, 13)), *(f"2026-{month:02}" for month in range(1, 7))]):
        await came(database, month, 100 + 10 * number)
    async with office(database, None, now="2026-07-06T09:00+02:00") as people:
        await pools(people, DESK | {"people": 1})
        found = await pool(people)

    said = found["forecast"]
    assert (said["basis"], said["history_months"], said["held_back"]) == ("HISTORY", 14, 3)
    assert {each["method"]: each["outcome"] for each in said["trials"]} == {
        "NAIVE": "BEATEN",
        "SEASONAL_NAIVE": "TOO_THIN",
        "DAMPED_TREND": "CHOSEN",
        "SEASONAL_SMOOTHING": "TOO_THIN",
    }
    assert 245 <= found["ahead"][0]["tickets"] <= 255
    assert found["advice"]["advice"] == "INVEST", "about 250 of 35 minutes are more than 134.4 h"


async def test_capacity_is_no_business_of_customers_and_suppliers(july: Office) -> None:
    answers = [(await july.get(person, "/capacity")).status_code for person in (None, "B1", "U1", "C1", "F1", "L1", "A1", "M1")]

    assert answers == [401, 403, 403, 403, 200, 200, 200, 200]
    assert (await july.get("M1", "/capacity/none")).status_code == 404
    assert (await july.get("M1", "/capacity", months=2)).status_code == 422
