"""Events coming in: what is accepted is kept, what is refused says why."""

import asyncio
import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from standardwebhooks import Webhook

from connectors.signatures import sign
from store.database import Database
from store.tables import ClockRow, InboxRow, TicketRow
from tests.conftest import SECRET, Api, created, event, serve, settings_for


async def count(database: Database, table: Any) -> int:
    async with database.reading() as connection:
        return int(await connection.scalar(select(func.count()).select_from(table.__table__)) or 0)


async def test_a_created_ticket_is_answered_with_its_clocks_and_due_times(api: Api) -> None:
    answer = await api.post(created("2026-03-16T15:30:00+01:00"))

    [result] = answer.json()["results"]
    [clock] = result["clocks"]
    assert answer.status_code == 202
    assert (result["status"], result["ticket"], result["alert"]) == ("accepted", "crm/P-1", None)
    assert (clock["clock"], clock["due_at"], clock["due_local"]) == ("response", "2026-03-17T09:30:00Z", "2026-03-17T10:30:00+01:00")
    assert (clock["breached"], clock["breach_at"]) == (True, "2026-03-17T09:30:00Z")


async def test_a_repeated_event_changes_nothing_and_is_answered_the_same(api: Api, database: Database) -> None:
    first = await api.post(created("2026-03-17T11:00:00+01:00"))
    second = await api.post(created("2026-03-17T11:00:00+01:00"))

    assert second.status_code == 202
    assert second.json()["results"][0]["status"] == "duplicate"
    assert [clock["due_at"] for clock in second.json()["results"][0]["clocks"]] == [
        clock["due_at"] for clock in first.json()["results"][0]["clocks"]
    ]
    assert await count(database, InboxRow) == 1


async def test_events_that_come_before_their_ticket_are_kept_and_counted_when_it_comes(api: Api) -> None:
    early = await api.post(event("milestone", "2026-03-17T10:00:00+01:00", milestone="RESPONDED"))
    late = await api.post(created("2026-03-17T09:00:00+01:00"))

    assert early.json()["results"][0]["clocks"] == []
    assert late.json()["results"][0]["clocks"][0]["verdict"] == "MET"


async def test_a_batch_is_taken_whole_and_answered_in_order(api: Api, database: Database) -> None:
    answer = await api.post(
        created("2026-03-17T09:00:00+01:00", "B-1"),
        created("2026-03-17T09:00:00+01:00", "B-2"),
        event("milestone", "2026-03-17T09:30:00+01:00", "B-1", milestone="RESPONDED"),
        created("2026-03-17T09:00:00+01:00", "B-1"),
        batch=True,
    )

    results = answer.json()["results"]
    assert [(result["ticket"], result["status"]) for result in results] == [
        ("crm/B-1", "accepted"),
        ("crm/B-2", "accepted"),
        ("crm/B-1", "accepted"),
        ("crm/B-1", "duplicate"),
    ]
    assert await count(database, TicketRow) == 2


async def test_a_batch_with_one_faulty_event_is_refused_whole_naming_number_and_field(api: Api, database: Database) -> None:
    faulty = created("2026-03-17T09:00:00+01:00", "B-2")
    faulty["data"]["pryority"] = "1"
    answer = await api.post(created("2026-03-17T09:00:00+01:00", "B-1"), faulty, batch=True)

    assert answer.status_code == 422
    assert answer.json()["faults"] == [{"field": "1.data.pryority", "message": "unknown field"}]
    assert await count(database, InboxRow) == 0


@pytest.mark.parametrize(
    ("damage", "field"),
    [
        ({"time": "2026-03-17T09:00:00"}, "time"),
        ({"time": None}, "time"),
        ({"time": "2099-01-01T00:00:00Z"}, "time"),
        ({"time": "1969-12-31T23:59:59Z"}, "time"),
        ({"time": "9999-12-31T23:59:59-05:00"}, "time"),
        ({"time": "0001-01-01T00:00:00+05:00"}, "time"),
        ({"type": "ticket.exploded"}, "type"),
        ({"type": "ticket.voided"}, "type"),
        ({"type": "ticket.milestone"}, "data.milestone"),
        ({"type": "ticket.paused"}, "data.reason"),
        ({"specversion": "0.3"}, "specversion"),
        ({"id": ""}, "id"),
        ({"id": None}, "id"),
        ({"source": "a b"}, "source"),
        ({"source": "a" * 141}, "source"),
        ({"sequence": -1}, "sequence"),
        ({"data": {"ticket_id": "../etc/passwd"}}, "data.ticket_id"),
        ({"data": {}}, "data.ticket_id"),
        ({"data": {"ticket_id": "X", "attributes": {"Bad Name": "x"}}}, "data.attributes.Bad Name"),
        ({"data": None}, "data"),
    ],
)
async def test_a_malformed_event_is_refused_naming_its_field(api: Api, database: Database, damage: dict[str, Any], field: str) -> None:
    answer = await api.post(created("2026-03-17T09:00:00+01:00") | damage)

    body = answer.json()
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    named = [fault["field"] for fault in body.get("faults", [])] or [body["detail"].split(":")[0]]
    assert any(name.startswith(field) for name in named), body
    assert await count(database, InboxRow) == 0


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[]", b"42", b"null", b'"x"', b"[" * 100_000])
async def test_a_body_that_is_no_event_is_refused_in_words(api: Api, body: bytes) -> None:
    headers = sign(SECRET, "m", datetime.now(UTC), body)
    answer = await api.http.post("/crm/events", content=body, headers=headers)

    assert answer.status_code == 422
    assert answer.json()["code"] == ("NESTED_TOO_DEEP" if len(body) > 1000 else "INVALID_EVENT")


async def test_a_message_with_a_wrong_signature_is_refused(api: Api, database: Database) -> None:
    body = json.dumps(created("2026-03-17T09:00:00+01:00")).encode()
    headers = sign(SECRET, "m", datetime.now(UTC), body)
    tampered = await api.http.post("/crm/events", content=body.replace(b"METRO", b"REMOTE"), headers=headers)
    unsigned = await api.http.post("/crm/events", content=body)
    odd = await api.http.post("/crm/events", content=body, headers=headers | {"webhook-signature": "v1"})

    assert [answer.status_code for answer in (tampered, unsigned, odd)] == [401, 401, 401]
    assert tampered.json()["code"] == "BAD_SIGNATURE"
    assert await count(database, InboxRow) == 0


@pytest.mark.parametrize("age", [timedelta(minutes=6), timedelta(minutes=-6)])
async def test_a_message_signed_too_long_ago_or_in_the_future_is_refused(api: Api, age: timedelta) -> None:
    body = json.dumps(created("2026-03-17T09:00:00+01:00")).encode()
    answer = await api.http.post("/crm/events", content=body, headers=sign(SECRET, "m", datetime.now(UTC) - age, body))

    assert (answer.status_code, answer.json()["code"]) == (401, "STALE_TIMESTAMP")


async def test_a_message_signed_by_the_standards_own_library_is_taken(api: Api) -> None:
    body, now = json.dumps(created("2026-03-17T09:00:00+01:00")), datetime.now(UTC)
    signature = Webhook(SECRET).sign("m-1", now, body)
    headers = {"webhook-id": "m-1", "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": signature}
    answer = await api.http.post("/crm/events", content=body.encode(), headers=headers)

    assert answer.status_code == 202


async def test_a_body_over_the_limit_is_refused_before_it_is_read_to_its_end(api: Api) -> None:
    body = b" " * 2_000_001
    answer = await api.http.post("/crm/events", content=body, headers=sign(SECRET, "m", datetime.now(UTC), body))

    assert (answer.status_code, answer.json()["code"]) == (413, "BODY_TOO_LARGE")


async def test_a_ticket_of_an_unknown_service_is_kept_with_an_alert(api: Api) -> None:
    answer = await api.post(created("2026-03-17T09:00:00+01:00", service="COFFEE"))

    [result] = answer.json()["results"]
    assert (result["status"], result["alert"], result["clocks"]) == ("accepted", "UNCOVERED_TICKET", [])


async def test_a_ticket_of_an_unknown_region_is_kept_with_an_alert_and_gets_its_clock_with_the_region(api: Api) -> None:
    without = await api.post(created("2026-03-17T09:00:00+01:00", region="MOON"))
    moved = await api.post(event("changed", "2026-03-17T09:30:00+01:00", region="METRO"))

    assert without.json()["results"][0]["alert"] == "NO_REGION"
    [result] = moved.json()["results"]
    assert result["alert"] is None
    assert [(clock["clock"], clock["due_local"]) for clock in result["clocks"]] == [("response", "2026-03-17T13:00:00+01:00")]


async def test_a_ticket_moved_to_another_region_goes_on_with_its_clock_under_the_other_agreement(api: Api) -> None:
    await api.post(created("2026-03-17T09:00:00+01:00"))
    moved = await api.post(event("changed", "2026-03-17T09:30:00+01:00", region="REMOTE"))

    [clock] = moved.json()["results"][0]["clocks"]
    assert (clock["agreement"], clock["clock"], clock["due_local"]) == ("printers-podlasie", "response", "2026-03-18T17:00:00+01:00")


async def test_a_help_desks_pause_that_no_clock_allows_is_kept_and_the_answer_says_so(api: Api) -> None:
    await api.post(created("2026-03-17T09:00:00+01:00"))
    answer = await api.post(event("paused", "2026-03-17T09:30:00+01:00", reason="AWAITING_SUPPLIER"))

    [result] = answer.json()["results"]
    assert (result["status"], result["not_paused"]) == ("accepted", ["response"])
    assert result["clocks"][0]["state"] == "RUNNING"


async def test_a_clock_that_runs_a_little_ahead_is_taken_as_now(api: Api) -> None:
    ahead = created((datetime(2026, 3, 17, 11, 0, tzinfo=UTC) + timedelta(minutes=4)).isoformat())
    answer = await api.post(ahead)

    assert answer.status_code == 202
    assert answer.json()["results"][0]["clocks"][0]["state"] == "RUNNING"


async def test_fifty_events_of_one_ticket_at_the_same_time_are_all_counted(api: Api, database: Database) -> None:
    await api.post(created("2026-03-17T09:00:00+01:00"))
    answers = await asyncio.gather(
        *(api.post(event("changed", f"2026-03-17T09:00:{second:02}+01:00", attributes={"n": str(second)})) for second in range(50))
    )
    shown = (await api.http.get("/tickets/P-1")).json()

    assert {answer.status_code for answer in answers} == {202}
    assert len(shown["events"]) == 51
    assert shown["attributes"]["n"] == "49"
    assert await count(database, ClockRow) == 1


async def test_a_fact_that_arrives_a_day_late_is_flagged(api: Api) -> None:
    answer = await api.post(created("2026-03-16T08:00:00+01:00"))

    assert answer.json()["results"][0]["late"] is True


async def test_two_api_processes_take_the_same_batch_in_two_orders_at_once(api: Api, database: Database) -> None:
    async with serve(settings_for(database.url, now="2026-03-17T12:00+01:00")) as other:
        for number in range(4):
            batch = [created("2026-03-17T09:00:00+01:00", f"R-{number}-{each}") for each in range(300)]
            answers = await asyncio.gather(api.post(*batch), other.post(*reversed(batch)))
            assert [answer.status_code for answer in answers] == [202, 202]
            taken = Counter(result["status"] for answer in answers for result in answer.json()["results"])
            assert taken == {"accepted": 300, "duplicate": 300}
