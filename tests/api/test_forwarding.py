"""From the inbox to the ticket's process and back: a real engine, a real database, the product's own workers."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select, update
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

from connectors.documents import read_agreement
from store.agreements import AgreementStore
from store.database import Database
from store.milestones import Milestones
from store.tickets import inbox, milestones, tickets
from tests.conftest import EXAMPLES, Api, created, event, serve, settings_for
from worker import build_workers, connect

NOW = "2026-03-17T12:00+01:00"


@pytest.fixture
async def office(database: Database) -> Database:
    """A database with the agreements of the examples."""
    store = AgreementStore(database)
    for path in sorted((EXAMPLES / "agreements").glob("*.yaml")):
        await store.add(read_agreement(path), datetime.now(UTC))
    return database


@asynccontextmanager
async def working(client: Client, database: Database) -> AsyncIterator[None]:
    async with AsyncExitStack() as running:
        for worker in build_workers(client, settings_for(database.url, now=NOW), database):
            await running.enter_async_context(worker)
        yield


@asynccontextmanager
async def api_with_engine(engine: WorkflowEnvironment, database: Database) -> AsyncIterator[Api]:
    async with serve(settings_for(database.url, now=NOW), engine.client) as api:
        yield api


async def until(look: Callable[[], Any], seconds: float = 20) -> Any:
    """What `look` finds, as soon as it finds something."""
    for _ in range(int(seconds / 0.1)):
        if found := await look():
            return found
        await asyncio.sleep(0.1)
    raise AssertionError("it never came")


def number() -> str:
    return f"F-{uuid4().hex[:10]}"


async def messages(api: Api, ticket: str) -> list[str]:
    answer = await api.http.get("/mailbox", params={"ticket": f"crm/{ticket}"})
    return [message["subject"].split(":")[0] for message in reversed(answer.json()["messages"])]


async def ended(client: Client, ticket: str) -> bool:
    try:
        return (await client.get_workflow_handle(f"ticket:crm:{ticket}").describe()).status is WorkflowExecutionStatus.COMPLETED
    except RPCError:
        return False  # not started yet


async def test_a_breach_found_by_the_process_is_in_the_ticket_and_in_the_mailbox(engine: WorkflowEnvironment, office: Database) -> None:
    ticket = number()
    async with api_with_engine(engine, office) as api, working(engine.client, office):
        await api.post(created("2026-03-17T07:50:00+01:00", ticket))
        assert await until(lambda: messages(api, ticket)) == ["Breached"]
        await api.post(event("milestone", "2026-03-17T11:59:00+01:00", ticket, milestone="RESPONDED"))
        shown = (await api.http.get(f"/tickets/{ticket}")).json()
        await until(lambda: ended(engine.client, ticket))

    assert shown["clocks"] == [] or shown["clocks"][0]["verdict"] == "MET", "answered a minute before it was due"
    reached = {(each["kind"], each["level"]): each for each in shown["milestones"]}
    assert set(reached) <= {("WARNING", 75), ("WARNING", 90), ("BREACH", 0)}


async def test_a_reopened_ticket_gets_another_run_that_tells_nothing_twice(engine: WorkflowEnvironment, office: Database) -> None:
    ticket = number()
    erp = {"customer": "Logistyka Wisła S.A.", "service": "ERP", "region": None, "priority": "1"}
    async with api_with_engine(engine, office) as api, working(engine.client, office):
        await api.post(
            created("2026-03-16T14:00:00+01:00", ticket, **erp),
            event("milestone", "2026-03-17T11:30:00+01:00", ticket, milestone="RESOLVED"),
            batch=True,
        )
        await until(lambda: ended(engine.client, ticket))
        first = (await engine.client.get_workflow_handle(f"ticket:crm:{ticket}").describe()).run_id
        await api.post(event("reopened", "2026-03-17T11:45:00+01:00", ticket))

        async def runs_again() -> bool:
            return (await engine.client.get_workflow_handle(f"ticket:crm:{ticket}").describe()).run_id != first

        await until(runs_again)
        await api.post(event("milestone", "2026-03-17T11:50:00+01:00", ticket, milestone="RESOLVED"))
        await until(lambda: ended(engine.client, ticket))
        told = await messages(api, ticket)
        shown = (await api.http.get(f"/tickets/{ticket}")).json()

    assert told == []
    assert (shown["clocks"][0]["reopened"], shown["clocks"][0]["verdict"]) == (1, "MET")


async def test_a_late_fact_that_disproves_a_told_breach_starts_a_run_that_withdraws_it(
    engine: WorkflowEnvironment, office: Database
) -> None:
    ticket = number()
    async with api_with_engine(engine, office) as api, working(engine.client, office):
        await api.post(created("2026-03-17T08:00:00+01:00", ticket, region="METRO") | {"time": "2026-03-16T16:00:00+01:00"})
        assert await until(lambda: messages(api, ticket)) == ["Breached"]
        await api.post(event("milestone", "2026-03-17T11:55:00+01:00", ticket, milestone="RESPONDED"))
        await until(lambda: ended(engine.client, ticket))
        await api.post(event("milestone", "2026-03-17T09:00:00+01:00", ticket, milestone="RESPONDED"))

        async def withdrawn() -> bool:
            return len(await messages(api, ticket)) == 2

        await until(withdrawn)
        told = await messages(api, ticket)

    assert told == ["Breached", "Withdrawn"]


async def test_while_the_engine_is_away_events_are_taken_and_answered_and_it_gets_them_when_it_is_back(
    engine: WorkflowEnvironment, office: Database
) -> None:
    ticket = number()
    nowhere = await connect(settings_for(office.url, temporal_address="127.0.0.1:1"), lazy=True)
    async with serve(settings_for(office.url, now=NOW), nowhere) as api:
        answer = await api.post(created("2026-03-17T07:50:00+01:00", ticket))
        await asyncio.sleep(0.5)
        ready = (await api.http.get("/readyz")).json()
    async with api_with_engine(engine, office) as api, working(engine.client, office):
        told = await until(lambda: messages(api, ticket))

    assert (answer.status_code, answer.json()["results"][0]["clocks"][0]["due_local"]) == (202, "2026-03-17T12:00:00+01:00")
    assert ready == {"status": "ok", "database": "ok", "engine": "away, events are kept"}
    assert told == ["Breached"]


async def test_an_uncovered_ticket_is_told_to_the_service_level_manager_once(engine: WorkflowEnvironment, office: Database) -> None:
    ticket = number()
    async with api_with_engine(engine, office) as api, working(engine.client, office):
        await api.post(created("2026-03-17T11:50:00+01:00", ticket, region="MOON"))
        told = await until(lambda: messages(api, ticket))
        await until(lambda: ended(engine.client, ticket))
        await api.post(event("changed", "2026-03-17T11:55:00+01:00", ticket, region="METRO"))

        async def started() -> bool:
            return not await ended(engine.client, ticket)

        await until(started)
        await api.post(event("milestone", "2026-03-17T11:56:00+01:00", ticket, milestone="RESPONDED"))
        await until(lambda: ended(engine.client, ticket))

    assert told == ["NO_REGION"]


async def test_imported_history_is_recorded_and_counted_for_the_digest(engine: WorkflowEnvironment, office: Database) -> None:
    ticket = number()
    async with api_with_engine(engine, office) as api, working(engine.client, office):
        await api.post(event("created", "2016-03-16T08:00:00+01:00", ticket, **INCIDENT))
        await api.post(event("milestone", "2016-03-18T08:00:00+01:00", ticket, milestone="RESPONDED"))
        await api.post(event("milestone", "2016-03-18T09:00:00+01:00", ticket, milestone="RESOLVED"))

        async def recorded() -> list[dict[str, Any]]:
            shown = (await api.http.get(f"/tickets/crm/{ticket}")).json()
            return [each for each in shown["milestones"] if each["kind"] == "BREACH" and each["clock"] == "response"]

        [breach] = await until(recorded)
        await until(lambda: ended(engine.client, ticket))
        told = await messages(api, ticket)

    async with office.reading() as connection:
        bucket = await connection.scalar(select(func.max(milestones.c.digest)))
    assert bucket is not None
    counts = await Milestones(office, lambda _: "").digest_counts(bucket)
    assert (breach["telling"], told) == ("DIGEST", [])
    assert counts["CUSTOMER_REP"] == {"BREACH": 1}


INCIDENT = {"customer": "Anonymous IT company", "service": "it-support", "priority": "3"}


async def test_a_ticket_nobody_can_read_keeps_no_other_ticket_waiting(engine: WorkflowEnvironment, office: Database) -> None:
    sound, poisoned = f"z-{number()}", f"a-{number()}"
    async with serve(settings_for(office.url, now=NOW)) as api:
        await api.post(created("2026-03-17T11:00:00+01:00", poisoned), created("2026-03-17T11:00:00+01:00", sound))
    async with office.writing() as connection:
        await connection.execute(update(tickets).where(tickets.c.ticket_id == poisoned).values(agreements=["0" * 64]))
    async with api_with_engine(engine, office):
        assert await until(lambda: forwarded(office, sound))


async def forwarded(database: Database, ticket: str) -> bool:
    async with database.reading() as connection:
        return None not in set(await connection.scalars(select(inbox.c.forwarded_at).where(inbox.c.subject == f"crm/{ticket}")))
