"""Laws of the case tables, on both databases: newest state, every event once, chained."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import text

from domain.actors import actor_of
from domain.case_messages import CaseRecord
from domain.case_telling import effects_of, record_of
from domain.cases import Submission
from domain.errors import Conflict
from store.audit import AuditTrail
from store.cases import CaseFilter, CaseStore
from store.database import Database
from store.inbox_rows import InboxRows
from tests.databases import set_up
from tests.domain.case_stories import CATALOGUE, CaseStory

PROCESS = "agreement-case:case-1"


def records(story: CaseStory) -> list[CaseRecord]:
    """What the process would have written down, step by step."""
    return [effects_of([step], PROCESS).records[0] for step in story.steps]


async def opened(database: Database, story: CaseStory) -> CaseStore:
    store = CaseStore(database)
    async with database.writing() as connection:
        await store.open(connection, record_of(story.steps[0].before), "crm", "CRM-000341")
    return store


async def test_a_case_stands_as_its_newest_record_says_whatever_comes_late_or_twice(database: Database) -> None:
    story = CaseStory().play("bank-agreement", until="FEASIBILITY")
    store, written = await opened(database, story), records(story)
    for each in [*written, written[0], written[-1]]:
        await store.record(each)
    async with database.reading() as connection:
        row = await store.case(connection, "case-1")
        tasks = (await store.tasks_of(connection, ["case-1"]))["case-1"]

    assert row is not None
    assert (row.state, row.agent, row.revision) == ("FEASIBILITY", "A1", story.case.revision)
    assert [task.kind for task in tasks if task.state == "OPEN"] == ["DECIDE_FEASIBILITY"]
    trail = await AuditTrail(database).of(PROCESS)
    assert [row.event["action"] for row in trail] == [step.action for step in story.steps]
    assert [row.number for row in trail] == list(range(1, len(trail) + 1))


async def test_a_trail_that_was_tampered_with_is_found(database: Database) -> None:
    story = CaseStory().play("bank-agreement", until="FEASIBILITY")
    store = await opened(database, story)
    for each in records(story):
        await store.record(each)
    audit = AuditTrail(database)
    whole = await audit.broken_at(PROCESS)
    async with database.writing() as connection:
        await connection.execute(text("DELETE FROM audit_event WHERE number = 3"))

    assert whole is None
    assert await audit.broken_at(PROCESS) == 3
    assert await audit.subjects() == [PROCESS]


async def test_versions_of_documents_are_kept_by_their_hash(database: Database) -> None:
    story = CaseStory().play("bank-agreement")
    store = await opened(database, story)
    for each in records(story):
        await store.record(each)
    async with database.reading() as connection:
        rows = await store.documents(connection, "case-1")

    assert [(row.kind, row.number) for row in rows if row.kind in {"statement", "draft"}] == [
        ("statement", 1),
        ("statement", 2),
        ("draft", 1),
        ("draft", 2),
    ]


async def test_tasks_are_found_for_a_role_a_person_and_a_party(database: Database) -> None:
    story = CaseStory().play("bank-agreement", until="FINAL_REVIEW")
    store = await opened(database, story)
    await store.record(records(story)[-1])

    async with database.reading() as connection:
        control = await store.open_tasks(connection, ["CONTROL_TIER"], ["T1"], None, 10)
        bank = await store.open_tasks(connection, ["CUSTOMER_REP"], ["B1"], "Bank Narew S.A.", 10)
        other = await store.open_tasks(connection, ["CUSTOMER_REP"], ["X9"], "Other Bank", 10)

    assert [(row.kind, row.role) for row in (*control, *bank)] == [("REVIEW_DRAFT", "CONTROL_TIER"), ("REVIEW_DRAFT", "CUSTOMER_REP")]
    assert other == []


async def test_listing_and_filtering_cases_is_one_statement(database: Database) -> None:
    story = CaseStory().play("bank-agreement", until="FINAL_REVIEW")
    store = await opened(database, story)
    await store.record(records(story)[-1])
    statements: list[str] = []
    sqlalchemy_event.listen(database.engine.sync_engine, "before_cursor_execute", lambda *said: statements.append(said[2]))
    async with database.reading() as connection:
        found = await store.page(connection, CaseFilter(state="FINAL_REVIEW", pending_role="CONTROL_TIER"), 50, None)
        none = await store.page(connection, CaseFilter(state="FINAL_REVIEW", pending_role="FINANCE_DIRECTOR"), 50, None)

    assert ([row.case_id for row in found], none) == (["case-1"], [])
    assert sum(statement.startswith("SELECT") for statement in statements) == 2


@pytest.mark.parametrize(
    "wanted",
    [
        CaseFilter(),
        CaseFilter(state="AGENT_SELECTION"),
        CaseFilter(state="AGENT_SELECTION", pending_role="CRM_STAFF"),
        CaseFilter(customer="Bank Narew S.A."),
        CaseFilter(agent="A1"),
        CaseFilter(party="TechTeren"),
    ],
    ids=lambda wanted: " ".join(name for name, value in wanted._asdict().items() if value) or "all",
)
async def test_a_list_is_read_from_an_index_and_nothing_is_sorted(tmp_path: Path, wanted: CaseFilter) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'servanda.db'}")
    await set_up(database)
    asked: list[tuple[str, Any]] = []
    sqlalchemy_event.listen(database.engine.sync_engine, "before_cursor_execute", lambda *said: asked.append((said[2], said[3])))
    async with database.reading() as connection:
        await CaseStore(database).page(connection, wanted, 50, None)
        statement, values = asked[-1]
        plan = [str(row.detail) for row in await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
    await database.close()

    assert not any("TEMP B-TREE" in step for step in plan), plan
    assert all("USING" in step for step in plan if step.startswith(("SCAN", "SEARCH"))), plan
    assert not any("ix_task_open" in step for step in plan), "looked up by case, not through every task of the role"


async def test_a_key_that_is_kept_for_one_deed_is_not_taken_for_another(database: Database) -> None:
    rows, at = InboxRows(database), CaseStory().case.last_at
    said = Submission(key="k-77", action={"action": "approve_draft"}, by=actor_of(CATALOGUE, "S1", at.date()))
    for _ in range(2):
        await rows.keep_deed("AGREEMENT", "case-1", said, at)
    with pytest.raises(Conflict, match="k-77 was used for another decision"):
        await rows.keep_deed("AGREEMENT", "case-1", said.model_copy(update={"action": {"action": "reject_draft"}}), at)
    async with database.reading() as connection:
        waiting = await rows.waiting(connection, 10)

    assert [row.event["deed"]["action"] for row in waiting] == [{"action": "approve_draft"}]


async def test_a_record_that_comes_late_opens_no_task_that_was_decided(database: Database) -> None:
    story = CaseStory().play("bank-agreement", until="FEASIBILITY")
    store, written = await opened(database, story), records(story)
    for each in [written[0], written[-1], *written[1:-1]]:
        await store.record(each)
    async with database.reading() as connection:
        tasks = (await store.tasks_of(connection, ["case-1"]))["case-1"]

    assert [task.kind for task in tasks if task.state == "OPEN"] == ["DECIDE_FEASIBILITY"]
