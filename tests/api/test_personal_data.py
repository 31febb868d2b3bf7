"""A person's data over the API: their own for everybody, that of others for administrators, who erase with a reason."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from store.database import Database
from tests.api.people import Office, office, other_bank

WHY = "request of 20 November, letter 17"


@pytest.fixture
async def people(database: Database) -> AsyncIterator[Office]:
    async with office(database, None, now="2026-11-27T10:00+01:00") as made:
        yield made


async def leaves(people: Office, person: str) -> None:
    value = other_bank().model_dump(mode="json", by_alias=True)
    value["people"] = [each | {"active": False} for each in value["people"] if each["person"] == person] + [
        each for each in value["people"] if each["person"] != person
    ]
    assert (await people.send("X1", "/catalogue", verb="PUT", **value)).status_code == 200


async def test_people_see_their_own_data(people: Office) -> None:
    mine, named = [(await people.get("B3", f"/people/{who}/data")).json() for who in ("me", "B3")]

    assert mine == named
    assert (mine["person"], mine["is_known"]) == ("B3", True)
    [entry] = [each for each in mine["found"] if each["table"] == "catalogue_version"]
    assert entry["content"][0]["name"] == "Beata Prezes"
    assert len(mine["elsewhere"]) == 3


@pytest.mark.parametrize(("asker", "status"), [(None, 401), ("B3", 403), ("M1", 403), ("X1", 200)])
async def test_the_data_of_others_is_an_administrators_to_ask(people: Office, asker: str | None, status: int) -> None:
    assert (await people.get(asker, "/people/B4/data")).status_code == status
    assert (await people.get(asker, "/people/nobody@narew.example/data")).status_code == status
    assert (await people.send(asker, "/people/B4/erase", reason=WHY)).status_code == status


@pytest.mark.parametrize("also", [{}, {"also": "Karol Obcy"}], ids=["oneself", "by the name of another"])
async def test_nobody_finds_another_under_their_own_key(people: Office, also: dict[str, Any]) -> None:
    assert (await people.get("B3", "/people/me/data", **also)).status_code == (403 if also else 200)


@pytest.mark.parametrize(
    ("person", "body", "status", "code"),
    [
        ("B4", {"reason": WHY, "confirm": True}, 409, "PERSON_ACTIVE"),
        ("B4", {"reason": "short"}, 422, "INVALID_REQUEST"),
        ("ab", {"reason": WHY}, 422, "BAD_INPUT"),
    ],
)
async def test_an_erasure_may_be_refused(people: Office, person: str, body: dict[str, Any], status: int, code: str) -> None:
    answer = await people.send("X1", f"/people/{person}/erase", **body)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_an_erasure_is_shown_first_then_done_then_known_to_everybody(people: Office) -> None:
    await leaves(people, "B3")
    shown = (await people.send("X1", "/people/B3/erase", reason=WHY)).json()
    before = (await people.get("M1", "/catalogue")).json()
    done = (await people.send("X1", "/people/B3/erase", reason=WHY, confirm=True)).json()
    after = (await people.get("M1", "/catalogue")).json()
    names = [next(each["name"] for each in catalogue["people"] if each["person"] == "B3") for catalogue in (before, after)]

    assert {each["table"] for each in shown["found"] if each["fate"] == "ERASE"} == {"catalogue_version", "person_token"}
    assert names == ["Beata Prezes", "erased person"], "the API reads the catalogue again"
    assert [each["fate"] for each in done["found"] if each["fate"] == "ERASE"] == []
    assert (await people.get("B3", "/people/me/data")).status_code == 401, "the token is gone"
    trail = await people.api.app.state.parts.audit.of("person:B3")
    assert {(row.event["actor"], row.event["reason"].partition(": ")[2]) for row in trail} == {("X1", WHY)}
