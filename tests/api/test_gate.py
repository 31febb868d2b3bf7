"""What any request may bring, whoever sends it: each refusal is a problem document with a code, on both databases."""

import json
from typing import Any

import pytest

from store.database import Database
from tests.api.people import Office, office, request
from tests.conftest import Api, created, serve, settings_for

NUL = "a\0b"


async def send(people: Office, body: bytes) -> Any:
    """L1 nominates an agent in a case that waits for its process, by a body as it stands."""
    answer = await people.api.post(request("CRM-1"))
    case_id = answer.json()["results"][0]["case_id"]
    headers = {"authorization": f"Bearer {people.tokens['L1']}", "idempotency-key": "k-1", "content-type": "application/json"}
    return await people.api.http.post(f"/cases/{case_id}/nominate_agent", content=body, headers=headers)


BODIES = [
    ("larger than the limit", b'{"agent": "' + b"x" * 2_000_000 + b'"}', (413, "BODY_TOO_LARGE")),
    ("a NUL in a text", json.dumps({"agent": NUL}).encode(), (422, "NUL_CHARACTER")),
    ("a NUL in UTF-16", json.dumps({"agent": NUL}, ensure_ascii=False).encode("utf-16"), (422, "NUL_CHARACTER")),
    ("nested a hundred thousand deep", b"[" * 100_000, (422, "NESTED_TOO_DEEP")),
    ("no JSON", b"\xff", (422, "INVALID_REQUEST")),
    ("half a character", b'{"agent": "\\ud800"}', (422, "INVALID_REQUEST")),
]


@pytest.mark.parametrize(("body", "answered"), [case[1:] for case in BODIES], ids=[case[0] for case in BODIES])
async def test_a_body_nobody_can_use_is_refused_by_a_code(database: Database, body: bytes, answered: tuple[int, str]) -> None:
    async with office(database, None) as people:
        answer = await send(people, body)

    assert (answer.status_code, answer.json()["code"]) == answered
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_backslash_before_u0000_is_text_and_no_nul(database: Database) -> None:
    async with office(database, None) as people:
        answer = await people.api.post(request("CRM-2", wish="the printer shows \\u0000"))

    assert answer.status_code == 202


async def test_an_event_with_a_nul_is_refused_before_it_is_taken_in(api: Api) -> None:
    answer = await api.post(created("2026-03-17T10:00:00+01:00", customer=NUL))

    assert (answer.status_code, answer.json()["code"]) == (422, "NUL_CHARACTER")


ADDRESSES = [
    "/cases/%00",
    "/cases?state=%00",
    "/cases?after=MDAwMS0wMS0wMVQwMDowMDowMCsxNDowMCB4",  # the year 1, in a zone where UTC is in the year 0
    "/cases?after=MjAyNi0wMS0wMVQwMDowMDowMCswMDowMCAA",  # a NUL behind an instant
    "/cases?after=x",
    "/tickets?after=x",
    "/tickets/%00",
    "/registry?text=%00",
    "/registry/SLA-2026-0001?version=%00",
    f"/mailbox?before={10**30}",
    "/tasks?limit=-1",
]


@pytest.mark.parametrize("address", ADDRESSES)
async def test_an_address_nobody_can_answer_is_refused_by_a_code(database: Database, address: str) -> None:
    async with office(database, None) as people:
        answer = await people.api.http.get(address, headers={"authorization": f"Bearer {people.tokens['M1']}"})

    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")


async def test_a_number_no_trail_reaches_is_refused(database: Database) -> None:
    async with office(database, None) as people:
        asked = await people.api.post(request("CRM-3"))
        answer = await people.get("M1", f"/cases/{asked.json()['results'][0]['case_id']}/events", after=10**30)

    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_REQUEST")


@pytest.mark.parametrize("as_of", ["2026-03-17T10:00:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
async def test_a_ticket_is_read_at_any_instant_or_the_instant_is_refused(api: Api, as_of: str) -> None:
    await api.post(created("2026-03-17T10:00:00+01:00"))
    answer = await api.http.get("/tickets/crm/P-1", params={"as_of": as_of})

    assert answer.status_code in {200, 422}, answer.text


async def test_our_own_failure_is_answered_as_a_problem_too(tmp_path: Any) -> None:
    async with serve(settings_for(f"sqlite+aiosqlite:///{tmp_path / 'never-migrated.db'}")) as api:
        api.http._transport.raise_app_exceptions = False  # type: ignore[attr-defined]
        answer = await api.http.get("/tickets")

    assert (answer.status_code, answer.json()["code"]) == (500, "INTERNAL_ERROR")
    assert answer.headers["content-type"] == "application/problem+json"
