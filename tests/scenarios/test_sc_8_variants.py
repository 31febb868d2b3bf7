"""SC-8, variants b, c and e: a worker that dies with the registry's answer, a CRM that is away for days, a release in between."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.field_mask_pb2 import FieldMask
from temporalio.api.activity.v1 import ActivityOptions
from temporalio.api.common.v1 import RetryPolicy, WorkflowExecution
from temporalio.api.enums.v1 import EventType
from temporalio.api.workflowservice.v1 import UpdateActivityOptionsRequest
from temporalio.client import WorkflowExecutionStatus
from temporalio.testing import WorkflowEnvironment

from domain import case_wording
from domain.case_messages import CaseRecord, Registration
from domain.documents import content_of
from domain.ports import DeliveryState
from store.registry import AgreementRegistry
from tests.case_processes import CaseProcess
from tests.case_reviews import FROZEN, R1, R2, R3, R4, R5, SIGNATORIES, almost_signed, in_discussion, in_review
from tests.company import Company, company
from tests.conftest import World
from tests.domain.case_stories import local
from tests.domain.drafts import catalogue, changed, support
from workflows.names import agreement_workflow_id

NUMBERS = ["SLA/2026/0001", "SLA/2026/0002", "SLA/2026/0003"]

both_ways = pytest.mark.parametrize("cached", [1000, 0], ids=["cached", "every task replayed"])


# ---- 8b: the registry has it, and nobody knows ----------------------------------------------------------------------


@pytest.fixture
async def printers(own_engine: WorkflowEnvironment, tmp_path: Path, cached: int) -> AsyncIterator[Company]:
    async with company(own_engine, tmp_path, catalogue(), cached, FROZEN) as made:
        await made.adopt(almost_signed())
        yield made


@both_ways
async def test_a_worker_that_dies_with_the_registrys_answer_makes_no_second_entry(printers: Company) -> None:
    registry = AgreementRegistry(printers.database)
    printers.staff.deadly.add("registry.register")
    await printers.until(local("2026-02-20T15:00"))
    fields = {"document_hash": (await printers.case()).frozen_hash, "method": "QUALIFIED_ESIGN"}
    await printers.office.does(SIGNATORIES[-1], printers.case_id, "sign", **fields)
    await asyncio.wait_for(printers.staff.died.wait(), 20)
    written = await registry.search({}, None, 10, None)
    assert [each.registry_no for each in written] == NUMBERS, "8b: after the registry transaction"
    assert (await printers.case()).state == "SIGNING", "8b: before the activity result"

    await printers.kill_workers()
    printers.start_workers()
    result = await asyncio.wait_for(printers.handle.result(), 30)
    entries = await registry.search({}, None, 10, None)
    assert list(result.registry_nos) == NUMBERS, "8b: restart"
    assert [(each.registry_no, each.registered_at) for each in entries] == [(each.registry_no, each.registered_at) for each in written], (
        "8b: still 3 entries, the same"
    )
    [next_one] = await registry.register(another())
    assert next_one.registry_no == "SLA/2026/0004", "8b: numbers without gap"


def another() -> Registration:
    """A signed agreement of somebody else."""
    document = changed(support("desk"), kind="CUSTOMER_SLA", services=["COPIERS"])
    return Registration(case_id="case-2", documents=(content_of(document),), document_hash="0" * 64, signed_at=local("2026-03-01T12:00"))


# ---- 8c: the CRM is away --------------------------------------------------------------------------------------------


async def space_out(process: CaseProcess, hours: int) -> None:
    """Have an administrator space out the attempts: hundreds of them would be tried one by one, and show nothing more."""
    await process.world.client.workflow_service.update_activity_options(
        UpdateActivityOptionsRequest(
            namespace=process.world.client.namespace,
            execution=WorkflowExecution(workflow_id=process.handle.id),
            type="crm.update_case",
            activity_options=ActivityOptions(retry_policy=RetryPolicy(maximum_interval=Duration(seconds=hours * 3600))),
            update_mask=FieldMask(paths=["retry_policy.maximum_interval"]),
        )
    )


@both_ways
async def test_a_crm_that_is_away_for_days_delays_no_registration_and_hears_everything_once(
    own_engine: WorkflowEnvironment, cached: int
) -> None:
    world, case = World(own_engine), in_review(R1, R2, R3, R4)
    async with world.workers(max_cached_workflows=cached):
        process = await CaseProcess.go_on(world, case)
        world.crm.is_down = True
        issued = {"document_hash": case.frozen_hash}
        assert (await process.act(R5, "approve_draft", "2026-02-26T09:00", **issued)).state == "SIGNING", "8c: CRM down from issue"
        for person, at in zip(SIGNATORIES, ("2026-02-26T10:00", "2026-02-26T11:00", "2026-02-26T12:00"), strict=True):
            await process.act(person, "sign", at, method="QUALIFIED_ESIGN", **issued)
        registered = await until_state(process, "REGISTERED")
        assert list(registered.registry_nos) == NUMBERS, "8c: registration in time"
        assert timedelta() <= registered.entered_at - local("2026-02-26T12:00") < timedelta(minutes=1), "8c: at the last signature"

        for number in NUMBERS:  # their own processes have nothing to tell before March, and the engine's clock would wait for them
            await world.client.get_workflow_handle(agreement_workflow_id(number)).terminate()
        await space_out(process, hours=6)
        await process.until("2026-02-28T12:00")
        assert world.crm.case_updates == [], "8c: to two days after registration"
        assert (await process.handle.describe()).status == WorkflowExecutionStatus.RUNNING, "8c: it still has to be told"
        tried = {key for key, _ in world.deliveries.states}
        world.crm.is_down = False
        await process.until("2026-02-28T18:01")
        await asyncio.wait_for(process.handle.result(), 20)

    told = [(each.state, each.at.astimezone(FROZEN.tzinfo).strftime("%d %b %H:%M")) for each in world.crm.case_updates]
    assert told == [("SIGNING", "26 Feb 09:00"), ("REGISTERED", "26 Feb 12:00")], "8c: in order afterwards, once each"
    assert world.crm.case_updates[-1].registry_nos == tuple(NUMBERS)
    [first, second] = [each.key for each in world.crm.case_updates]
    assert (first in tried, second in tried) == (True, False), "8c: the second waited for the first"
    assert world.deliveries.states[second, world.crm.name] is DeliveryState.DELIVERED


async def until_state(process: CaseProcess, state: str) -> CaseRecord:
    """The case, once it stands there."""
    for _ in range(200):
        record = process.world.cases.records[process.case_id]
        if record.state == state:
            break
        await asyncio.sleep(0.05)
    return record


# ---- 8e: a release with another wording -----------------------------------------------------------------------------

AT_ONCE = 2


async def each_of(processes: Sequence[CaseProcess], person: str, action: str, **fields: str | None) -> list[str]:
    """Somebody does the same in many cases; where they stand then."""
    states: list[str] = []
    for first in range(0, len(processes), AT_ONCE):
        some = processes[first : first + AT_ONCE]
        states += [answer.state for answer in await asyncio.gather(*(each.act(person, action, **fields) for each in some))]
    return states


@pytest.mark.parametrize(("cached", "number"), [(1000, 100), (0, 4)], ids=["cached", "every task replayed"])
async def test_waiting_cases_go_on_under_a_release_that_words_notices_otherwise(
    own_engine: WorkflowEnvironment, cached: int, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, case = World(own_engine), in_discussion()
    async with world.workers(max_cached_workflows=cached):
        cases = [case.but(case_id=f"{case.case_id}-{each}") for each in range(number)]
        waiting = [await CaseProcess.go_on(world, each) for each in cases]
        states = await each_of(waiting, "L1", "freeze_draft", document_hash=case.draft_hash)
        assert states == ["FINAL_REVIEW"] * number
        await asyncio.gather(*(each.record() for each in waiting))
    before = {notice.subject for notice in world.notifier.sent}
    monkeypatch.setitem(case_wording.TASK_TITLES, "REVIEW_DRAFT", "Please read the final draft and decide")

    async with world.workers(max_cached_workflows=cached):
        states = await each_of(waiting, R1, "approve_draft", document_hash=case.draft_hash)
        assert states == ["FINAL_REVIEW"] * number, "8e: waiting cases go on"
        await waiting[0].until("2026-02-24T12:00:01")
        await waiting[0].record()
        for person in (R2, R3, R4, R5):
            await waiting[0].act(person, "approve_draft", document_hash=case.draft_hash)
        assert await waiting[0].state() == "SIGNING", "8e: to their next stage"
    reminders = {notice.subject for notice in world.notifier.sent if "reminder" in notice.key}
    assert before == {"Decide on the final draft"}, "8e: with the old text until then"
    assert reminders == {"Reminder: Please read the final draft and decide"}, "8e: changed notification text"
    assert await failures(waiting) == [], "8e: no non-determinism error"


async def failures(processes: Sequence[CaseProcess]) -> list[str]:
    """Cases of which a task failed in a worker."""
    histories = [await each.handle.fetch_history() for each in processes]
    failed = EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED
    return [history.workflow_id for history in histories if any(event.event_type == failed for event in history.events)]
