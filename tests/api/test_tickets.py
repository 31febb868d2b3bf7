"""Tickets as people and machines ask for them."""

from typing import Any

import pytest

from api.errors import STATUS
from domain.errors import ServandaError
from store.database import Database
from tests.conftest import API_TOKEN, Api, created, event, serve, settings_for


async def test_a_ticket_shows_its_clocks_events_and_why_it_is_due_then(api: Api) -> None:
    await api.post(created("2026-03-16T15:30:00+01:00"))
    await api.post(event("paused", "2026-03-16T16:00:00+01:00", reason="AWAITING_CUSTOMER"))
    await api.post(event("resumed", "2026-03-17T09:00:00+01:00"))
    shown = (await api.http.get("/tickets/crm/P-1")).json()

    [clock] = shown["clocks"]
    assert clock["due_local"] == "2026-03-17T12:30:00+01:00"
    assert [(step["kind"], step["start"], step["total_seconds"]) for step in clock["steps"]] == [
        ("COUNTED", "2026-03-16T14:30:00Z", 1800),
        ("NOT_COUNTED", "2026-03-16T15:00:00Z", 1800),
        ("NOT_COUNTED", "2026-03-17T07:00:00Z", 1800),
        ("COUNTED", "2026-03-17T08:00:00Z", 14400),
    ]
    assert [each["kind"] for each in shown["events"]] == ["created", "paused", "resumed"]
    assert shown["process"].endswith("/workflows/ticket:crm:P-1")


async def test_a_ticket_can_be_read_as_it_stood_at_an_instant(api: Api) -> None:
    await api.post(created("2026-03-17T09:00:00+01:00"))
    await api.post(event("milestone", "2026-03-17T10:00:00+01:00", milestone="RESPONDED"))
    before = (await api.http.get("/tickets/P-1", params={"as_of": "2026-03-17T09:30:00+01:00"})).json()

    assert (before["clocks"][0]["state"], before["clocks"][0]["spent_seconds"]) == ("RUNNING", 1800)


async def test_an_instant_without_a_zone_is_refused(api: Api) -> None:
    await api.post(created("2026-03-17T09:00:00+01:00"))
    answer = await api.http.get("/tickets/P-1", params={"as_of": "2026-03-17T09:30:00"})

    assert answer.status_code == 422


async def test_a_ticket_that_is_not_there_is_a_404_in_words(api: Api) -> None:
    answer = await api.http.get("/tickets/crm/NOPE")

    assert (answer.status_code, answer.json()["code"], answer.json()["detail"]) == (404, "NOT_FOUND", "there is no ticket crm/NOPE")


async def test_a_number_two_systems_have_must_name_its_system(api: Api) -> None:
    await api.post(created("2026-03-17T09:00:00+01:00"))
    await api.post(created("2026-03-17T09:00:00+01:00") | {"source": "helpdesk"})
    answer = await api.http.get("/tickets/P-1")

    assert answer.status_code == 422
    assert "write" in answer.json()["detail"]


async def test_a_list_is_paged_newest_first_without_a_gap_or_a_repeat(api: Api) -> None:
    await api.post(*[created(f"2026-03-17T09:{number % 3:02}:00+01:00", f"L-{number}") for number in range(7)], batch=True)
    seen: list[str] = []
    place: str | None = None
    while True:
        page = (await api.http.get("/tickets", params={"limit": 3} | ({"after": place} if place else {}))).json()
        seen += [ticket["ticket"] for ticket in page["tickets"]]
        place = page["next"]
        if place is None:
            break

    assert seen == ["crm/L-5", "crm/L-2", "crm/L-4", "crm/L-1", "crm/L-6", "crm/L-3", "crm/L-0"]


async def test_a_list_is_narrowed_to_what_is_breached_by_now_though_nobody_noticed(api: Api) -> None:
    await api.post(created("2026-03-16T08:00:00+01:00", "LATE"), created("2026-03-17T11:30:00+01:00", "FRESH"), batch=True)
    breached = (await api.http.get("/tickets", params={"breached": True})).json()
    in_time = (await api.http.get("/tickets", params={"breached": False, "open": True})).json()

    assert [ticket["ticket"] for ticket in breached["tickets"]] == ["crm/LATE"]
    assert breached["tickets"][0]["clocks"][0]["breach_at"] == "2026-03-16T11:00:00Z"
    assert [ticket["ticket"] for ticket in in_time["tickets"]] == ["crm/FRESH"]


@pytest.mark.parametrize("after", ["x", "aGVsbG8=", "MjAyNi0wMS0wMSBh", "é"])
async def test_a_made_up_place_in_a_list_is_refused(api: Api, after: str) -> None:
    assert (await api.http.get("/tickets", params={"after": after})).status_code == 422


async def test_a_persons_pause_that_no_clock_allows_is_refused_and_says_what_is_allowed(api: Api) -> None:
    """SC-2, J5: a person's command with `AWAITING_SUPPLIER`."""
    await api.post(
        created("2026-03-17T09:00:00+01:00", customer="HR", service="NEW_USER", region=None),
        event("milestone", "2026-03-17T09:00:00+01:00", milestone="FORM_APPROVED"),
        batch=True,
    )
    refused = await api.http.post("/tickets/crm/P-1/pause", json={"reason": "AWAITING_SUPPLIER"})
    taken = await api.http.post("/tickets/crm/P-1/pause", json={"reason": "AWAITING_CUSTOMER", "key": "k-1"})
    again = await api.http.post("/tickets/crm/P-1/pause", json={"reason": "AWAITING_CUSTOMER", "key": "k-1"})
    resumed = await api.http.post("/tickets/crm/P-1/resume", json={})

    assert (refused.status_code, refused.json()["code"]) == (422, "PAUSE_REASON_NOT_ALLOWED"), "J5 person's command"
    assert refused.json()["detail"].endswith("allowed now: AWAITING_CUSTOMER")
    assert (taken.status_code, taken.json()["clocks"][0]["state"]) == (202, "PAUSED")
    assert again.json()["status"] == "duplicate"
    assert resumed.json()["clocks"][0]["state"] == "RUNNING"


async def test_an_adverse_exit_cannot_be_paused_by_a_person(api: Api) -> None:
    """SC-2, L2: pause attempt refused."""
    leaver: dict[str, Any] = {"customer": "HR", "service": "USER_TERMINATION", "region": None, "attributes": {"exit_type": "ADVERSE"}}
    await api.post(created("2026-03-17T11:50:00+01:00", **leaver))
    answer = await api.http.post("/tickets/crm/P-1/pause", json={"reason": "AWAITING_CUSTOMER"})

    assert (answer.status_code, answer.json()["code"]) == (422, "PAUSE_REASON_NOT_ALLOWED"), "L2"


async def test_the_token_of_the_setting_opens_tickets_and_nobody_sees_them_without_one(database: Database) -> None:
    async with serve(settings_for(database.url)) as api:
        without = await api.http.get("/tickets", headers={"authorization": ""})
        wrong = await api.http.get("/tickets", headers={"authorization": "Bearer no"})
        right = await api.http.get("/tickets", headers={"authorization": f"Bearer {API_TOKEN}"})
        health = await api.http.get("/healthz")

    assert [answer.status_code for answer in (without, wrong, right, health)] == [401, 401, 200, 200]
    assert without.headers["www-authenticate"] == "Bearer"


async def test_readiness_says_when_the_database_is_not_migrated(database_url: str) -> None:
    async with serve(settings_for(database_url)) as api:
        answer = await api.http.get("/readyz")

    assert (answer.status_code, answer.json()["detail"]) == (503, "the database is not migrated; run servanda migrate")


async def test_the_openapi_document_describes_the_events_it_takes(api: Api) -> None:
    document = (await api.http.get("/openapi.json")).json()

    assert document["openapi"].startswith("3.1")
    assert "TicketData" in document["components"]["schemas"]
    assert document["components"]["schemas"]["CloudEvent"]["required"] == ["specversion", "id", "source", "type", "time", "data"]


def test_every_refusal_of_the_domain_has_an_answer() -> None:
    def leaves(kind: type[ServandaError]) -> set[type[ServandaError]]:
        return {kind} | {leaf for child in kind.__subclasses__() for leaf in leaves(child)}

    domain = {
        kind
        for kind in leaves(ServandaError)
        if kind.__module__ in {"domain.errors", "api.errors", "api.inbox", "connectors.signatures", "connectors.openid_client"}
    }
    assert domain - {ServandaError} <= set(STATUS)


async def test_a_late_ticket_shows_whose_hands_it_was_in_and_the_parts_add_up(api: Api) -> None:
    ticket = {"customer": "Logistyka Wisła S.A.", "service": "ERP", "priority": "1"}
    await api.post(event("created", "2026-03-11T09:00:00+01:00", "INC-1", **ticket, held_by="desk"))
    await api.post(event("changed", "2026-03-11T09:50:00+01:00", "INC-1", held_by="servers"))
    await api.post(event("changed", "2026-03-11T13:20:00+01:00", "INC-1", held_by="vendor"))
    await api.post(event("milestone", "2026-03-12T08:40:00+01:00", "INC-1", milestone="RESOLVED"))
    clocks = {clock["clock"]: clock for clock in (await api.http.get("/tickets/INC-1")).json()["clocks"]}

    parts = clocks["solution"]["parts"]
    assert [(part["holder"], part["over_seconds"] / 60) for part in parts] == [("desk", -10), ("servers", 30), ("vendor", 20)]
    assert sum(part["over_seconds"] for part in parts) == -clocks["solution"]["remaining_seconds"] == 2400
    assert clocks["erp-vendor/vendor"]["parts"] == []
