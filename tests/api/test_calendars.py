"""A calendar changes: proposed with its effect, confirmed by its hash, carried out once. R-171's example: a free day on Mon 4 Jan 2027."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from temporalio.testing import WorkflowEnvironment

from api.replanner import Replanner
from connectors.documents import read_calendar
from domain.replan import PageOrder
from store.database import Database
from store.registry import AgreementRegistry
from tests.api.people import Office, office, workers
from tests.conftest import EXAMPLES, created, example, settings_for

NOW = "2026-12-31T16:00+01:00"
REASON = "Monday 4 January 2027 is given as a free day"
SIGNED = datetime(2026, 3, 2, 9, tzinfo=UTC)
BH = read_calendar(EXAMPLES / "calendars" / "pl-bh-8-17.yaml").model_dump(mode="json")
FREE_DAY = BH | {"holidays": [*BH["holidays"], "2027-01-04"]}


@pytest.fixture
async def people(database: Database) -> AsyncIterator[Office]:
    """On Thu 31 Dec 2026 at 16:00, with printers as ready terms and two open tickets."""
    await AgreementRegistry(database).import_terms(example("printers-warsaw"), "test", SIGNED)
    async with office(database, None, now=NOW) as made:
        await made.api.post(created("2026-12-31T15:00+01:00", "P-1"))
        await made.api.post(created("2026-12-31T09:00+01:00", "P-2"))
        yield made


async def propose(people: Office, definition: dict[str, Any] = FREE_DAY, person: str = "M1") -> dict[str, Any]:
    answer = await people.send(person, "/calendars", definition=definition, reason=REASON)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def confirm(people: Office, proposed: dict[str, Any], **more: Any) -> Any:
    return await people.send(
        "M1", f"/calendars/{proposed['calendar']}/{proposed['version']}/confirm", **({"hash": proposed["hash"]} | more)
    )


async def carried_out(people: Office, proposed: dict[str, Any]) -> dict[str, Any]:
    parts = people.api.app.state.parts
    await parts.calendar_desk.carry_out(proposed["calendar"], proposed["version"])
    shown = await people.get("M1", f"/calendars/{proposed['calendar']}/{proposed['version']}")
    return dict(shown.json()["outcomes"])


async def clock_of(people: Office, ticket: str) -> dict[str, Any]:
    [clock] = (await people.get("M1", f"/tickets/{ticket}")).json()["clocks"]
    return dict(clock)


async def test_a_proposal_shows_what_it_would_change_and_changes_nothing(people: Office) -> None:
    proposed = await propose(people)
    [effect] = proposed["effect"]

    assert (proposed["calendar"], proposed["version"], proposed["state"]) == ("PL-BH-8-17", 1, "PROPOSED")
    assert effect == {
        "registry_no": "SLA/2026/0001",
        "version": "1.0",
        "next_version": "1.1",
        "moved": 2,
        "unchanged": 1,
        "breaches": 0,
        "soonest_new_due": "2026-12-31T12:00:00Z",
        "at_risk": [],
    }
    assert (await clock_of(people, "P-1"))["due_at"] == "2027-01-04T09:00:00Z"
    assert len((await people.get("M1", "/registry")).json()) == 1


async def test_a_free_day_holds_for_new_tickets_at_once_and_for_open_ones_by_the_re_plan(people: Office) -> None:
    proposed = await propose(people)
    assert (await confirm(people, proposed)).json()["state"] == "CONFIRMED"
    outcomes = await carried_out(people, proposed)
    await people.api.post(created("2026-12-31T15:30+01:00", "P-3"))

    assert outcomes["SLA/2026/0001"]["version"] == "1.1"
    new = await clock_of(people, "P-3")
    assert (new["version"], new["due_at"]) == ("1.1", "2027-01-05T09:30:00Z")
    assert (await clock_of(people, "P-1"))["due_at"] == "2027-01-04T09:00:00Z", "not moved yet"
    parts, replan = people.api.app.state.parts, outcomes["SLA/2026/0001"]["replan"]
    order = PageOrder(replan=replan, after="", limit=250, rate=1000)
    assert [page.made async for page in Replanner(parts.database, parts.now).move(order)] == [2]
    moved = (await people.get("M1", "/tickets/P-1")).json()
    [move] = moved["moves"]
    due = {"clock": "response", "old_due_at": "2027-01-04T09:00:00Z", "new_due_at": "2027-01-05T09:00:00Z", "breaches": False}
    assert (move["clocks"], move["reason"], move["to_version"]) == ([due], REASON, "1.1")
    assert moved["clocks"][0]["due_at"] == "2027-01-05T09:00:00Z"


async def test_what_is_carried_out_twice_is_done_once(people: Office) -> None:
    proposed = await propose(people)
    await confirm(people, proposed)
    first, again = await carried_out(people, proposed), await carried_out(people, proposed)
    repeated = await confirm(people, proposed)

    assert first == again == repeated.json()["outcomes"]
    assert len((await people.get("M1", "/registry")).json()) == 2
    assert [each["state"] for each in (await people.get("M1", "/replans", agreement="SLA-2026-0001")).json()] == ["RUNNING", "COUNTED"]


async def test_versions_of_a_calendar_are_numbered_and_a_later_one_takes_the_place_of_a_proposal(people: Office) -> None:
    first, same = await propose(people), await propose(people)
    other = await propose(people, FREE_DAY | {"holidays": [*FREE_DAY["holidays"], "2027-01-05"]})

    assert [each["version"] for each in (first, same, other)] == [1, 1, 2]
    assert (await confirm(people, first)).json()["code"] == "SUPERSEDED"
    assert (await confirm(people, other, hash="0" * 64)).json()["code"] == "HASH_MISMATCH"
    assert (await confirm(people, other)).status_code == 200
    again = await people.send("M1", "/calendars", definition=other["definition"], reason=REASON)
    assert (again.status_code, again.json()["code"]) == (409, "SAME_CALENDAR")
    assert [each["version"] for each in (await people.get("M1", "/calendars")).json()] == [2, 1]


async def test_only_the_slm_manager_and_administrators_change_calendars(people: Office) -> None:
    for person in ("A1", "B1"):
        assert (await people.send(person, "/calendars", definition=FREE_DAY, reason=REASON)).status_code == 403
    assert (await people.get("M1", "/calendars/PL-BH-8-17/9")).status_code == 404
    faulty = await people.send("M1", "/calendars", definition=FREE_DAY | {"time_zone": "Mars/Base"}, reason=REASON)
    assert (faulty.status_code, faulty.json()["code"]) == (422, "INVALID_REQUEST")


async def test_a_confirmed_calendar_is_carried_out_and_its_tickets_moved(own_engine: WorkflowEnvironment, database: Database) -> None:
    await AgreementRegistry(database).import_terms(example("printers-warsaw"), "test", SIGNED)
    settings = settings_for(database.url, now=NOW)
    async with workers(own_engine.client, database, settings), office(database, own_engine.client, now=NOW) as people:
        await people.api.post(created("2026-12-31T15:00+01:00", "P-1"))
        proposed = await propose(people)
        await confirm(people, proposed)
        clock: dict[str, Any] = {}
        for _ in range(200):
            clock = await clock_of(people, "P-1")
            if clock["version"] == "1.1":
                break
            await asyncio.sleep(0.1)

    assert (clock["version"], clock["due_at"]) == ("1.1", "2027-01-05T09:00:00Z")
