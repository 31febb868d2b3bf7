"""Lists of tickets: what is due next, what is near its limit, and that no page looks at all there are."""

from typing import Any

import pytest

import store.ticket_lists
from tests.conftest import Api, created, event

AT = "2026-03-17T{}:00+01:00"
"""The API's clocks show 12:00 that Tuesday; a printer in Warsaw has four hours, and a first warning after three."""


@pytest.fixture
async def morning(api: Api) -> Api:
    """A late one, one near its limit, two with time left, one that waits for the customer, one that was answered."""
    await api.post(
        created("2026-03-16T09:00:00+01:00", "LATE"),
        created(AT.format("08:30"), "NEAR"),
        created(AT.format("10:00"), "SOON", priority="1"),
        created(AT.format("11:00"), "CALM"),
        created(AT.format("09:00"), "WAITS"),
        event("paused", AT.format("09:30"), "WAITS", reason="AWAITING_CUSTOMER"),
        created(AT.format("08:00"), "DONE"),
        event("milestone", AT.format("08:30"), "DONE", milestone="RESPONDED"),
        batch=True,
    )
    return api


async def names(api: Api, **wanted: Any) -> list[str]:
    answer = (await api.http.get("/tickets", params=wanted)).json()
    return [ticket["ticket"].partition("/")[2] for ticket in answer["tickets"]]


async def test_what_is_due_next_comes_first_and_what_is_late_or_waits_is_not_among_it(morning: Api) -> None:
    assert await names(morning, order="due") == ["NEAR", "SOON", "CALM"]
    assert await names(morning, order="due", customer="Bank Narew S.A.", promises=True) == ["NEAR", "SOON", "CALM"]
    assert await names(morning, order="due", customer="Bank Wkra S.A.") == []


async def test_tickets_are_narrowed_to_those_near_their_limit_and_by_what_they_are_about(morning: Api) -> None:
    assert await names(morning, near_breach=True) == ["NEAR"]
    assert await names(morning, order="due", near_breach=False) == ["SOON", "CALM"]
    assert await names(morning, priority="1") == ["SOON"]
    assert await names(morning, region="METRO", open=False) == ["DONE"]
    assert await names(morning, customer="Bank Narew S.A.", open=True, breached=True) == ["LATE"]


async def test_what_is_due_next_is_paged_without_a_gap_or_a_repeat(morning: Api) -> None:
    first = (await morning.http.get("/tickets", params={"order": "due", "limit": 2})).json()
    second = (await morning.http.get("/tickets", params={"order": "due", "limit": 2, "after": first["next"]})).json()

    assert [each["ticket"] for each in (*first["tickets"], *second["tickets"])] == ["crm/NEAR", "crm/SOON", "crm/CALM"]
    assert second["next"] is None


@pytest.mark.parametrize("order", ["newest", "due"])
async def test_a_page_that_found_too_little_says_where_to_go_on(morning: Api, monkeypatch: pytest.MonkeyPatch, order: str) -> None:
    monkeypatch.setattr(store.ticket_lists, "_LOOKED_AT", 1)
    seen: list[str] = []
    place: dict[str, str] = {}
    for _ in range(10):
        page = (await morning.http.get("/tickets", params={"order": order, "priority": "1", **place})).json()
        seen += [each["ticket"] for each in page["tickets"]]
        if page["next"] is None:
            break
        place = {"after": page["next"]}

    assert (seen, page["next"]) == (["crm/SOON"], None)


async def test_a_clock_that_is_answered_warns_no_more(morning: Api) -> None:
    await morning.post(event("milestone", AT.format("11:59"), "NEAR", milestone="RESPONDED"))

    assert await names(morning, near_breach=True) == []
