"""From the inbox to the cases' processes: whatever one row is like, and whoever wrote it, the others are sent."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

from store.cases import cases
from store.database import Database
from store.inbox_rows import inbox
from store.registry import AgreementRegistry
from tests.api.people import Office, office, request, workers
from tests.api.test_forwarding import until
from tests.conftest import example, movable_engine, serve, settings_for
from tests.databases import set_up
from workflows.names import agreement_workflow_id

NOW = datetime(2026, 1, 12, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
async def engine() -> AsyncIterator[WorkflowEnvironment]:
    """An engine for these tests: registry numbers begin at 0001 in it."""
    async with movable_engine() as environment:
        yield environment


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """A database of its own."""
    made = Database(f"sqlite+aiosqlite:///{tmp_path / 'servanda.db'}")
    await set_up(made)
    yield made
    await made.close()


async def put(database: Database, name: str, event: dict[str, Any]) -> None:
    """A row as an older or a newer release may have left it."""
    row = {"source": "people", "event_id": name, "subject": f"case {name}", "event": event, "occurred_at": NOW, "received_at": NOW}
    async with database.writing() as connection:
        await connection.execute(insert(inbox), row)


async def started(database: Database, case_id: str) -> bool:
    async with database.reading() as connection:
        return await connection.scalar(select(cases.c.started_at).where(cases.c.case_id == case_id)) is not None


async def forwarded(database: Database, subject: str) -> bool:
    async with database.reading() as connection:
        return None not in set(await connection.scalars(select(inbox.c.forwarded_at).where(inbox.c.subject == subject)))


async def runs(client: Client, process: str) -> bool:
    try:
        await client.get_workflow_handle(process).describe()
    except RPCError:
        return False
    return True


async def test_a_row_nobody_can_read_keeps_no_other_case_waiting(database: Database, engine: WorkflowEnvironment) -> None:
    for number in range(120):
        await put(database, f"poisoned-{number}", {"deed": {"not": "a deed"}, "kind": "AGREEMENT"})
    async with office(database, engine.client) as people:
        asked = await people.api.post(request("CRM-AFTER-POISON"))
        case_id = asked.json()["results"][0]["case_id"]
        await until(lambda: started(database, case_id), 5)
        ready = await people.api.http.get("/readyz")

    assert ready.json()["engine"] == "ok", "it is not the engine that is away"


async def test_what_another_process_wrote_into_the_inbox_is_sent_without_being_told(
    database: Database, engine: WorkflowEnvironment
) -> None:
    async with office(database, engine.client) as people:
        asked = await people.api.post(request("CRM-BEFORE-THE-IMPORT"))
        await until(lambda: forwarded(database, f"case {asked.json()['results'][0]['case_id']}"))
        await AgreementRegistry(database).import_terms(example("printers-warsaw"), "X1", NOW)  # as `servanda agreement import` does
        assert await until(lambda: runs(engine.client, agreement_workflow_id("SLA/2026/0001")))


async def test_a_deed_that_came_too_late_for_its_case_is_in_the_trail(database: Database, engine: WorkflowEnvironment) -> None:
    async with office(database, engine.client) as people:
        async with workers(engine.client, database):
            case_id = await people.open()
        await people.send("L1", f"/cases/{case_id}/nominate_agent", "late", agent="A1")
        await engine.client.get_workflow_handle(f"agreement-case:{case_id}").terminate()
        async with database.writing() as connection:
            await connection.execute(update(cases).values(state="CANCELLED"))
        await until(lambda: forwarded(database, f"case {case_id}"))
        trail = (await people.get("M1", f"/cases/{case_id}/events")).json()

    assert trail[-1]["event"]["reason"].startswith("REFUSED CASE_ENDED")


async def test_a_deed_is_kept_while_the_engine_does_not_know_its_case(database: Database, engine: WorkflowEnvironment) -> None:
    async with office(database, engine.client) as people:
        async with workers(engine.client, database):
            case_id = await people.open()
        await engine.client.get_workflow_handle(f"agreement-case:{case_id}").terminate()
        answer = await people.send("L1", f"/cases/{case_id}/nominate_agent", "kept", agent="A1")

    assert (answer.status_code, answer.json()["outcome"]) == (202, "RECEIVED")
    assert not await forwarded(database, f"case {case_id}")


async def test_a_need_sent_twice_is_one_case_and_its_key_is_no_key_of_another(database: Database, engine: WorkflowEnvironment) -> None:
    async with office(database, engine.client) as people:
        twice = await asyncio.gather(*(people.send("S1", "/support-cases", "need", partner="TechTeren") for _ in range(2)))
        other = await people.send("S1", "/support-cases", "need", partner="Service desk")

    assert [answer.status_code for answer in twice] == [201, 201]
    assert twice[0].json() == twice[1].json()
    assert (other.status_code, other.json()["code"]) == (409, "ALREADY_DECIDED")


async def states(database: Database) -> list[tuple[str, str]]:
    return [(row.version, row.state) for row in await AgreementRegistry(database).search({}, None, 10, None)]


async def end_of(client: Client, registry_no: str) -> bool:
    try:
        found = await client.get_workflow_handle(agreement_workflow_id(registry_no)).describe()
    except RPCError:
        return False
    return found.status is WorkflowExecutionStatus.COMPLETED


TERMS = [
    ("over already", (date(2025, 1, 1), date(2025, 7, 1)), "EXPIRED"),
    ("in force", (date(2025, 1, 1), date(2100, 12, 31)), "ACTIVE"),
    ("yet to come", (date(2100, 1, 1), None), "REGISTERED"),
]


@pytest.mark.parametrize(("term", "state"), [case[1:] for case in TERMS], ids=[case[0] for case in TERMS])
async def test_an_imported_agreement_stands_where_its_term_says(
    database: Database, own_engine: WorkflowEnvironment, term: tuple[date, date | None], state: str
) -> None:
    agreement = example("printers-warsaw").model_copy(update={"effective_from": term[0], "effective_until": term[1]})
    await AgreementRegistry(database).import_terms(agreement, "X1", NOW)  # the API is down

    async def stands() -> bool:
        return await runs(own_engine.client, agreement_workflow_id("SLA/2026/0001")) and await states(database) == [("1.0", state)]

    async with office(database, own_engine.client), workers(own_engine.client, database):
        assert await until(stands)

        async def is_over_or_not() -> bool:
            return await end_of(own_engine.client, "SLA/2026/0001") == (state == "EXPIRED")

        assert await until(is_over_or_not)


async def test_two_api_processes_hear_two_deciders_and_one_key_at_once(database: Database, engine: WorkflowEnvironment) -> None:
    async with (
        workers(engine.client, database),
        office(database, engine.client) as one,
        serve(settings_for(database.url), engine.client) as api,
    ):
        other = Office(api, one.tokens)
        case_id = await one.open()
        await one.play(case_id, until="REQUIREMENTS_APPROVAL")
        digest = (await one.case(case_id))["hashes"]["statement"]
        no = {"document_hash": digest, "reason": "this is not what we asked you for"}
        yes = {"document_hash": digest}
        answers = await asyncio.gather(
            one.does("B1", case_id, "approve_requirements", "yes", **yes),
            other.does("B1", case_id, "reject_requirements", "no", **no),
            other.does("B1", case_id, "approve_requirements", "yes", **yes),
            one.does("B1", case_id, "reject_requirements", "no", **no),
        )
        trail = (await one.get("M1", f"/cases/{case_id}/events")).json()

    kept, refused = [a for a in answers if a.status_code == 200], [a for a in answers if a.status_code == 409]
    assert (len(kept), len(refused)) == (2, 2), [answer.text for answer in answers]
    assert kept[0].json() == kept[1].json()
    decided = [each["event"]["reason"] for each in trail if each["event"]["action"] in {"approve_requirements", "reject_requirements"}]
    assert len([reason for reason in decided if not (reason or "").startswith("REFUSED")]) == 1
    assert len(decided) == 2, "one decision, one refusal, however often they were sent"
