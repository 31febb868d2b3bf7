"""Orders of the CRM at the API: each once, all or none; and what they make of tickets that come in."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event as listening
from sqlalchemy import select, update

from domain.events import EventKind
from store.database import Database
from store.entries import entries
from store.registry import AgreementRegistry
from store.tickets import inbox
from tests.api.people import Office, office
from tests.conftest import event
from tests.store.test_registry import registration

NOW = "2026-04-20T10:00+02:00"
SLA = "SLA/2026/0003"


@pytest.fixture
async def april(database: Database) -> AsyncIterator[Office]:
    """The bank's agreements in force, in April."""
    await AgreementRegistry(database).register(registration())
    async with database.writing() as connection:
        await connection.execute(update(entries).values(state="ACTIVE"))
    async with office(database, None, now=NOW) as people:
        yield people


def order(event_id: str = "CRM-77", kind: str = "ordered", at: str = NOW, number: str = SLA, **data: Any) -> dict[str, Any]:
    """What the CRM sends."""
    said = {"registry_no": number, "requested_by": "Bank Narew S.A.", **data}
    if kind == "ordered":
        said = {"basis": "NOTICE", "legal_ref": "WYP/2026/77", "effective_at": "2026-05-01T00:00:00+02:00", **said}
    return {"specversion": "1.0", "id": event_id, "source": "crm", "type": f"agreement.termination_{kind}", "time": at, "data": said}


def created(ticket: str, at: str = "2026-04-20T09:00:00+02:00") -> dict[str, Any]:
    return event("created", at, ticket, customer="Bank Narew S.A.", service="MPS", site="warsaw")


async def the_number(people: Office) -> str:
    """The agreement a ticket of Warsaw runs under."""
    answer = (await people.api.post(created("P-0"))).json()["results"][0]
    return str(answer["clocks"][0]["agreement"]).replace("-", "/")


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """The statements that are run meanwhile."""
    seen: list[str] = []

    def note(*said: Any) -> None:
        seen.append(" ".join(str(said[2]).split()))

    engine = database.engine.sync_engine
    listening.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        listening.remove(engine, "before_cursor_execute", note)


async def of_ticket(database: Database, ticket: str) -> list[tuple[str, str]]:
    """The events of a ticket that we wrote ourselves."""
    query = select(inbox.c.event).where(inbox.c.subject == f"crm/{ticket}").order_by(inbox.c.id)
    async with database.reading() as connection:
        found = list(await connection.scalars(query))
    return [(each["kind"], each["occurred_at"]) for each in found if each["kind"] in {EventKind.ENDED, EventKind.MOVED}]


async def test_an_order_three_times_is_one_order_and_one_answer(april: Office) -> None:
    number = await the_number(april)
    answers = [await april.api.post(order(number=number)) for _ in range(3)]

    assert [each.status_code for each in answers] == [202] * 3
    assert answers[0].json() == answers[1].json() == answers[2].json()
    address = f"/registry/{number.replace('/', '-')}"
    [kept] = (await april.get("M1", f"{address}/terminations")).json()
    assert (kept["state"], kept["basis"], kept["requested_by"]) == ("STANDING", "NOTICE", "Bank Narew S.A.")
    entry = (await april.get("M1", address)).json()
    assert (entry["state"], entry["terminates_at"], entry["legal_hold"]) == ("TERMINATING", "2026-04-30T22:00:00Z", False)


async def test_of_a_batch_with_an_order_that_is_refused_nothing_is_kept(april: Office, database: Database) -> None:
    number = await the_number(april)
    refused = await april.api.post(order(number=number), order("CRM-78", number="SLA/2026/0099"), batch=True)

    assert (refused.status_code, refused.json()["code"]) == (404, "NOT_FOUND")
    assert (await april.get("M1", f"/registry/{number.replace('/', '-')}/terminations")).json() == []
    assert await of_ticket(database, "P-0") == []


async def test_orders_that_come_out_of_their_order_leave_the_newest_standing(april: Office) -> None:
    number = await the_number(april)
    await april.api.post(order("CRM-78", at="2026-04-20T09:30:00+02:00", number=number, effective_at="2026-06-01T00:00:00+02:00"))
    late = (await april.api.post(order("CRM-77", at="2026-04-20T09:00:00+02:00", number=number))).json()["results"][0]

    assert late["terminates_at"] == "2026-05-31T22:00:00Z"
    kept = (await april.get("M1", f"/registry/{number.replace('/', '-')}/terminations")).json()
    assert {each["crm_case"]: each["state"] for each in kept} == {"CRM-77": "SUPERSEDED", "CRM-78": "STANDING"}


async def test_a_revocation_needs_an_order_that_has_not_taken_effect(april: Office) -> None:
    number = await the_number(april)
    revoke = order("CRM-79", "revoked", number=number, reason="the bank stays")
    nothing = await april.api.post(revoke)
    await april.api.post(order(number=number))
    revoked = await april.api.post(revoke)

    assert (nothing.status_code, nothing.json()["code"], revoked.status_code) == (409, "NOT_TERMINATING", 202)
    entry = (await april.get("M1", f"/registry/{number.replace('/', '-')}")).json()
    assert (entry["state"], entry["terminates_at"]) == ("ACTIVE", None)


async def test_a_ticket_created_while_it_ends_knows_so_in_the_same_transaction(april: Office, database: Database) -> None:
    number = await the_number(april)
    await april.api.post(order(number=number))
    await april.api.post(created("P-1"))
    await april.api.post(created("P-1"))

    assert await of_ticket(database, "P-1") == [("ended", "2026-04-30T22:00:00Z")]


async def test_a_ticket_created_after_the_instant_is_uncovered(april: Office, database: Database) -> None:
    number = await the_number(april)
    await april.api.post(order(number=number, effective_at="2026-04-20T08:30:00+02:00"))
    taken = (await april.api.post(created("P-1"))).json()["results"][0]

    assert (taken["clocks"], taken["alert"] is not None, await of_ticket(database, "P-1")) == ([], True, [])


async def test_only_what_is_created_asks_for_orders(april: Office) -> None:
    """An order must cost the events of tickets that are there nothing."""
    database: Database = april.api.app.state.parts.database
    await april.api.post(created("P-1"), created("P-2"), batch=True)
    with counted(database) as seen:
        await april.api.post(event("changed", "2026-04-20T09:10:00+02:00", "P-1", note="called"))
    assert [each for each in seen if "FROM termination" in each] == []
    with counted(database) as seen:
        await april.api.post(*(created(f"P-{number}") for number in range(3, 23)), batch=True)
    assert len([each for each in seen if "FROM termination" in each]) == 1


async def test_nobody_ends_an_agreement_here(april: Office) -> None:
    number = (await the_number(april)).replace("/", "-")
    refused = {person: await april.send(person, f"/registry/{number}/terminate") for person in ("M1", "B1", "X1")}
    assert {(each.status_code, each.json()["code"]) for each in refused.values()} == {(403, "TERMINATE_VIA_CRM")}
    assert (await april.get("M1", f"/registry/{number}/final-report")).json()["code"] == "NOT_ENDED"
