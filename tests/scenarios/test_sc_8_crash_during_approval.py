"""SC-8: API and workers die while a draft is reviewed. No decision is lost or counted twice, nobody is reminded of what they did."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.testing import WorkflowEnvironment

from domain.agreement_case import AgreementCase
from domain.case_messages import CaseOrder
from store.audit import AuditTrail
from store.inbox_rows import InboxRows
from tests.case_reviews import FROZEN, R1, R2, R3, R4, R5, in_review
from tests.company import Company, company
from tests.domain.case_stories import local
from tests.domain.drafts import catalogue
from workflows.names import case_workflow_id
from workflows.starting import start_case

WAITING = 'AgreementState = "FINAL_REVIEW" AND PendingRole = "CONTROL_TIER"'


@pytest.fixture(params=[1000, 0], ids=["cached", "every task replayed"])
async def printers(own_engine: WorkflowEnvironment, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Company]:
    async with company(own_engine, tmp_path, catalogue(), request.param, FROZEN) as made:
        await made.adopt(in_review())
        yield made


async def approve(printers: Company, person: str, key: str | None = None) -> httpx2.Response:
    """Somebody approves the frozen draft, and takes the first answer."""
    address, digest = f"/cases/{printers.case_id}/approve_draft", (await printers.case()).frozen_hash
    return await printers.office.send(person, address, key, document_hash=digest)


async def fired(printers: Company) -> int:
    """How many timers of the case have run out."""
    history = await printers.handle.fetch_history()
    return sum(event.event_type == EventType.EVENT_TYPE_TIMER_FIRED for event in history.events)


async def found(printers: Company, query: str, number: int) -> list[str]:
    """Processes an administrator finds, as soon as the index has caught up."""
    for _ in range(100):
        ids = [each.id async for each in printers.client.list_workflows(query)]
        if len(ids) == number:
            break
        await asyncio.sleep(0.05)
    return ids


async def all_heard(printers: Company, approvals: int) -> AgreementCase:
    """The case once so many approvals are written down."""
    for _ in range(300):
        case = await printers.case()
        if len(case.approvals) >= approvals:
            break
        await asyncio.sleep(0.05)
    return case


async def test_a_crash_loses_no_decision_and_reminds_only_who_has_not_decided(printers: Company) -> None:  # noqa: PLR0915  (one story, in its order)
    case = await printers.case()
    at = local
    [*_, control] = case.open_tasks
    assert len(case.reviewers) == 5, "5 reviewers"
    assert [nudge.at for nudge in control.nudges] == [at("2026-02-24T12:00"), at("2026-02-26T12:00"), at("2026-02-27T12:00")], "reminders"
    assert {task.due_at for task in case.open_tasks} == {at("2026-02-27T12:00")}, "due Fri 27 Feb 12:00"
    assert [(each.name, each.at) for each in case.deadlines] == [("lapse", at("2026-03-13T12:00"))], "lapse Fri 13 Mar 12:00"
    run = (await printers.handle.describe()).run_id

    for person, when in ((R1, "2026-02-20T14:00"), (R2, "2026-02-23T09:00"), (R3, "2026-02-23T11:00")):
        await printers.until(at(when))
        assert (await approve(printers, person)).status_code == 200, when
    assert len((await printers.settled()).approvals) == 3, "23 Feb 11:00: 3 of 5"

    await printers.until(at("2026-02-24T10:11:57"))
    await crash_while_r4_decides(printers)
    timers = await fired(printers)
    await asyncio.sleep(3)  # 12:00 passes
    assert await fired(printers) == timers + 1, "12:00: reminder due"
    assert await printers.letters("reminder") == [], "12:00: nothing can be sent"

    await printers.open_api(at("2026-02-24T12:30"))
    assert len((await printers.office.case(printers.case_id))["tasks"]) > 0, "12:30: API back"
    printers.clock_shows(at("2026-02-24T13:00"))
    received = await approve(printers, R4, "k-77")
    assert (received.status_code, received.json()["outcome"]) == (202, "RECEIVED"), "13:00: R4 retries with k-77"
    assert await in_inbox(printers) == ["k-77"], "13:00: kept as an inbox row, no worker to judge it yet"

    await printers.jump_to(at("2026-02-24T16:40"))
    printers.clock_shows(at("2026-02-24T16:40"))
    printers.start_workers()
    case = await all_heard(printers, 4)
    assert (case.state, len(case.approvals)) == ("FINAL_REVIEW", 4), "16:40: state FINAL_REVIEW, 4 of 5"
    await printers.until(at("2026-02-24T16:41"))
    case = await printers.settled()
    decided = case.revision - 1  # the reminder came after it
    [decision] = [each for each in case.decisions if each.reviewer == "SUPPLY_MANAGER"]
    assert (decision.by, decision.approved) == (R4, True), "16:40: R4's decision recorded once"
    assert decision.at < at("2026-02-24T13:00:10"), "16:40: it counts when it reached us"
    assert await in_inbox(printers) == [], "16:40: judged"
    assert (await printers.handle.describe()).run_id == run, "16:40: same workflow id and run"
    reminded = await printers.letters("reminder")
    assert [(key.split(":")[-2:], to) for key, to in reminded] == [(["reminder", "1"], ("CONTROL_TIER",))], (
        "16:40: one reminder, to R5 only"
    )
    assert await minutes_of(printers, "nudge") == ["24 Feb 16:40"], "16:40: and not before"

    again, once_more = await approve(printers, R4, "k-77"), await approve(printers, R4, "k-77")
    stands = {"state": "FINAL_REVIEW", "reason": None, "waiting_for": ["CONTROL_TIER"], "revision": decided}
    answer = {"outcome": "JUDGED", "case_id": case.case_id, **stands}
    assert [(each.status_code, each.json()) for each in (again, once_more)] == [(200, answer)] * 2, "16:41: same answer"
    assert await other_decision(printers, "k-77") == (409, "ALREADY_DECIDED"), "16:41: different decision"
    assert await other_decision(printers, "k-78") == (409, "ALREADY_DECIDED"), "16:41: nor under another key"
    assert len((await printers.settled()).decisions) == 4, "16:41: nothing is recorded twice"

    await printers.until(at("2026-02-26T09:00"))
    assert (await approve(printers, R5)).json()["state"] == "SIGNING", "26 Feb 09:00: R5 (control tier) approves"
    case = await printers.settled()
    assert all(task.nudges == () for task in case.tasks if task.kind == "REVIEW_DRAFT"), "26 Feb 09:00: due timers cancelled"
    assert [each.name for each in case.deadlines] == ["signing_lapsed"], "26 Feb 09:00: lapse timer cancelled"
    assert (await printers.handle.describe()).run_id == run, "26 Feb 09:00: still the same run"
    await printers.until(at("2026-02-26T12:00:01"))
    await printers.settled()
    assert await printers.letters("REVIEW_DRAFT", "reminder") == reminded, "26 Feb 12:00: reminder not sent"
    await printers.until(at("2026-03-13T12:00:01"))
    case = await printers.settled()
    assert (case.state, await printers.letters("REVIEW_DRAFT", "escalation")) == ("SIGNING", []), "27 Feb, 13 Mar 12:00: nothing is due"


async def crash_while_r4_decides(printers: Company) -> None:
    """R4 decides at 10:11:58, and API and workers die at 10:12: the decision is under way, and nobody knows of it."""
    await printers.kill_workers()
    await printers.until(local("2026-02-24T11:59:58"))  # the engine's clock: with a decision under way it would stand still
    printers.clock_shows(local("2026-02-24T10:11:58"))
    sending = asyncio.create_task(approve(printers, R4, "k-77"))
    await asyncio.sleep(1)
    assert not sending.done(), "10:11:58: no answer"
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    await printers.kill_api()


async def in_inbox(printers: Company) -> list[str]:
    """Keys of the decisions that wait for a worker."""
    async with printers.database.reading() as connection:
        return [row.event["deed"]["key"] for row in await InboxRows(printers.database).waiting(connection, 10)]


async def minutes_of(printers: Company, action: str) -> list[str]:
    """When something happened to the case, by its trail."""
    rows = await AuditTrail(printers.database).of(case_workflow_id(printers.case_id))
    return [row.at.astimezone(FROZEN.tzinfo).strftime("%d %b %H:%M") for row in rows if row.event["action"] == action]


async def other_decision(printers: Company, key: str) -> tuple[int, str]:
    """How R4 is answered who decides otherwise now."""
    fields: dict[str, Any] = {"reason_code": "TEXT", "reason": "on second thoughts"}
    digest = (await printers.case()).frozen_hash
    answer = await printers.office.does(R4, printers.case_id, "reject_draft", key, document_hash=digest, **fields)
    return answer.status_code, answer.json()["code"]


async def test_administrators_find_the_cases_that_wait_for_the_control_tier(printers: Company) -> None:
    decided = in_review(R1, R5)
    await start_case(printers.client, CaseOrder(case=decided, time_shift=printers.clock_shift))
    await printers.until(local("2026-02-26T08:59"))
    await printers.settled()
    assert await found(printers, WAITING, 1) == [printers.handle.id], "8g: before Thu 26 Feb 09:00 this case only"
    assert len(await found(printers, 'AgreementState = "FINAL_REVIEW"', 2)) == 2, "8g: though another is in review"

    await printers.until(local("2026-02-26T09:00"))
    await approve(printers, R5)
    assert await found(printers, WAITING, 0) == [], "8g: after that none"
