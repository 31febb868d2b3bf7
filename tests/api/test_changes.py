"""Changes at the API: raised by the CRM and by people, one open for an agreement, refused where nothing is changed any more."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import select, update

from domain.audit import AuditEvent
from domain.case_messages import StateChange
from domain.follow_ups.change import Change
from domain.follow_ups.follow_up import FollowUpKind
from store.changes import ChangeStore
from store.database import Database
from store.entries import entries
from store.follow_ups import FollowUpStore, cases
from store.inbox_rows import inbox
from store.registry import AgreementRegistry
from tests.api.people import Office, office
from tests.conftest import created
from tests.domain.drafts import support
from tests.domain.follow_up_stories import change
from tests.store.test_registry import SIGNED, registration

SLA, CORPORATE = "/registry/SLA-2026-0002/changes", "/registry/SLA-2026-0001/changes"
WISH = {"trigger": "SERVICE_CHANGE_PROMISED", "text": "open until 19:00 and on Saturdays"}


@pytest.fixture
async def july(database: Database) -> AsyncIterator[Office]:
    """The bank's agreements on Mon 20 Jul 2026 at nine."""
    await AgreementRegistry(database).register(registration())
    async with office(database, None, now="2026-07-20T09:00+02:00") as people:
        yield people


def requested(event_id: str = "E-1", registry_no: str = "SLA/2026/0002", **data: Any) -> dict[str, Any]:
    """A request of the CRM."""
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": "crm",
        "type": "agreement.change_requested",
        "time": "2026-07-20T09:00:00+02:00",
        "data": {"registry_no": registry_no, **WISH, **data},
    }


async def raised(people: Office, person: str, path: str = SLA, key: str | None = None, **body: Any) -> str:
    answer = await people.send(person, path, key, **(WISH | body))
    assert answer.status_code == 201, answer.text
    case_id: str = answer.json()["case_id"]
    return case_id


async def changes_of(people: Office, number: str = "SLA-2026-0002") -> list[str]:
    listed = await people.get("M1", f"/registry/{number}/follow-ups", kind="CHANGE")
    return [each["case_id"] for each in listed.json()]


async def is_now(database: Database, state: str) -> None:
    """The agreement gets into a state."""
    event = AuditEvent(
        key=f"test:{state}", subject="agreement", action="test", from_state="REGISTERED", to_state=state, actor="crm", at=SIGNED
    )
    await AgreementRegistry(database).change_state(StateChange(registry_no="SLA/2026/0002", event=event))


# ---- raised ---------------------------------------------------------------------------------------------------------


async def test_a_request_of_the_crm_raises_a_change_once(july: Office) -> None:
    first = await july.api.post(requested(trigger="WORKING_HOURS", needed_by="2026-09-01"))
    again = await july.api.post(requested(trigger="WORKING_HOURS", needed_by="2026-09-01"))
    [one], [other] = first.json()["results"], again.json()["results"]

    assert (first.status_code, again.status_code) == (202, 200)
    assert (one["taken"], other["taken"], one["case_id"]) == ("accepted", "duplicate", other["case_id"])
    shown = await july.case(one["case_id"])
    assert (shown["kind"], shown["state"], shown["case"]["about"]) == ("CHANGE", "RAISED", "WORKING_HOURS")
    assert shown["case"]["triggers"][0]["needed_at"] == "2026-09-01T00:00:00+02:00"
    assert await changes_of(july) == [one["case_id"]]


async def test_a_person_raises_a_change_once_for_a_key(july: Office) -> None:
    first = await raised(july, "B1", key="k1")
    assert await raised(july, "B1", key="k1") == first
    assert first.startswith("change:SLA-2026-0002:")
    assert (await july.case(first, "B1"))["allowed"] == ["edit_minor", "keep_agreement", "renegotiate"]


async def test_a_second_trigger_is_answered_with_the_change_that_is_open(july: Office, database: Database) -> None:
    first = await raised(july, "B1")
    answer = await july.api.post(requested("E-2", trigger="RESPONSE_TIME"))
    assert (answer.status_code, answer.json()["results"][0]["case_id"]) == (202, first)
    assert await raised(july, "L1") == first
    assert await changes_of(july) == [first]

    async with database.reading() as connection:
        rows = (await connection.execute(select(inbox.c.event).where(inbox.c.subject == f"case {first}").order_by(inbox.c.id))).all()
    assert [list(row.event) for row in rows] == [["start"], ["news"], ["news"]], "nothing that was taken in is lost"
    assert rows[1].event["news"]["content"]["code"] == "RESPONSE_TIME"


async def test_two_that_arrive_at_once_open_one_change(july: Office) -> None:
    found = await asyncio.gather(
        *(raised(july, person) for person in ("B1", "L1", "C1")), *(raised(july, "M1", "/registry/SLA-2026-0003/changes") for _ in range(2))
    )
    assert len(set(found[:3])) == len(set(found[3:])) == 1
    assert await changes_of(july) == [found[0]]


async def test_a_batch_carries_changes_tickets_and_requests_all_or_none(july: Office) -> None:
    ticket = created("2026-07-20T08:30:00+02:00")
    answer = await july.api.post(ticket, requested(), requested("E-2"), batch=True)
    assert answer.status_code == 202
    assert [each.get("taken") or each["status"] for each in answer.json()["results"]] == ["accepted", "accepted", "accepted"]

    refused = await july.api.post(requested("E-3"), requested("E-4", "SLA/2026/0099"), batch=True)
    assert refused.status_code == 404
    assert len(await changes_of(july)) == 1


async def test_a_change_out_of_a_follow_up_belongs_to_the_one_that_is_open(july: Office, database: Database) -> None:
    first = await raised(july, "B1")
    led_to = change("2026-07-20T09:00", "REVIEW_OUTCOME").but(registry_no="SLA/2026/0002")
    found = await ChangeStore(database).open(led_to)
    assert (found.case_id, [each.name for each in found.news]) == (first, ["trigger"])
    assert (await ChangeStore(database).open(led_to)).news == found.news, "the same again, until it is heard"


# ---- refused --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("person", "path", "body", "code"),
    [
        ("K1", SLA, {}, "NOT_FOUND"),
        ("M1", "/registry/SLA-2026-0099/changes", {}, "NOT_FOUND"),
        ("F1", SLA, {}, "FORBIDDEN"),
        ("M1", SLA, {"trigger": "BAD_LUCK"}, "INVALID_REQUEST"),
        ("M1", SLA, {"trigger": "RENEWAL"}, "INVALID_REQUEST"),
        ("M1", SLA, {"text": "more"}, "INVALID_REQUEST"),
    ],
)
async def test_what_is_no_change_is_refused(july: Office, person: str, path: str, body: dict[str, str], code: str) -> None:
    refused = await july.send(person, path, **(WISH | body))
    assert refused.json()["code"] == code
    assert await changes_of(july) == []


@pytest.mark.parametrize(
    ("state", "code"), [("TERMINATING", "AGREEMENT_TERMINATING"), ("TERMINATED", "AGREEMENT_ENDED"), ("EXPIRED", "AGREEMENT_ENDED")]
)
async def test_an_agreement_that_ends_is_not_changed_any_more(july: Office, database: Database, state: str, code: str) -> None:
    if state == "EXPIRED":
        async with database.writing() as connection:
            await connection.execute(update(entries).where(entries.c.registry_no == "SLA/2026/0002").values(state=state))
    else:
        await is_now(database, state)
    by_person, by_crm = await july.send("M1", SLA, **WISH), await july.api.post(requested())

    assert {(answer.status_code, answer.json()["code"]) for answer in (by_person, by_crm)} == {(409, code)}
    assert await changes_of(july) == []


async def test_supports_are_changed_by_their_partners(july: Office, database: Database) -> None:
    await AgreementRegistry(database).register(registration("case-desk", support("desk")))
    refused = await july.send("M1", "/registry/OLA-2026-0001/changes", **WISH)
    assert refused.status_code == 422
    assert "is a support" in refused.json()["detail"]


# ---- corporate documents --------------------------------------------------------------------------------------------


async def test_r_018_a_corporate_change_shows_what_it_reaches_and_a_second_one_needs_a_reason(july: Office, database: Database) -> None:
    first = await july.case(await raised(july, "M1", CORPORATE))
    assert first["case"]["impact"] == ["SLA/2026/0002", "SLA/2026/0003"]
    await ended(database, first["case_id"])

    refused = await july.send("M1", CORPORATE, **WISH)
    assert (refused.status_code, refused.json()["code"]) == (422, "REASON_NEEDED")
    assert "SLA/2026/0002, SLA/2026/0003" in refused.json()["detail"]
    assert await raised(july, "T1", CORPORATE, trigger="LAW") != first["case_id"], "nobody plans what the law demands"


async def test_with_a_reason_a_corporate_document_is_changed_again(july: Office, database: Database) -> None:
    first = await raised(july, "M1", CORPORATE)
    await ended(database, first)
    again = await raised(july, "M1", CORPORATE, reason="the merger changes every address")
    assert (await july.case(again))["case"]["why"] == "the merger changes every address"


async def ended(database: Database, case_id: str) -> None:
    """The change was registered."""
    async with database.writing() as connection:
        [found] = await FollowUpStore(database).of(connection, "SLA/2026/0001", FollowUpKind.CHANGE)
        assert isinstance(found, Change)
        assert found.case_id == case_id
        document = found.model_dump(mode="json") | {"state": "REGISTERED", "tasks": []}
        await connection.execute(update(cases).where(cases.c.case_id == case_id).values(state="REGISTERED", document=document))
