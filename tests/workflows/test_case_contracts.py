"""What a case's process owes to those who send it messages, in whatever form and number, and however late."""

import asyncio
from typing import Any

import pytest
from temporalio.client import WorkflowUpdateFailedError
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import WorkflowEnvironment

from domain.actors import actor_of
from domain.agreement_case import AgreementCase as Case
from domain.cases import Answer, Submission
from store.database import Database
from tests.api.people import office, workers
from tests.case_processes import CaseProcess, refusal_in
from tests.conftest import World
from tests.domain.case_stories import CATALOGUE, CaseStory, candidate, local
from workflows import case_process

AGENT = actor_of(CATALOGUE, "A1", local("2026-01-13T10:00").date())


def contact(note: str, key: str) -> Submission:
    """The agent notes a talk with the customer."""
    return Submission(key=key, action={"action": "log_contact", "channel": "call", "persons": ["B1"], "note": note}, by=AGENT)


async def with_requirements(world: World) -> CaseProcess:
    """The bank's case while the agent writes the requirements down."""
    case = CaseStory().play("bank-agreement", until="REQUIREMENTS").case
    return await CaseProcess.go_on(world, case)


async def contacts(process: CaseProcess) -> list[str]:
    """What was noted, as it is written down."""
    return [each.note for each in Case.model_validate((await process.record()).case).contacts]


async def test_an_update_sent_again_after_the_run_has_continued_as_new_is_done_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(case_process, "LONG_HISTORY", 5)
    async with world.workers():
        process = await with_requirements(world)
        answer = await process.tell(contact("First talk.", "k1"), "u1")
        again = await process.tell(contact("First talk.", "k1"), "u1")
        first = (await process.begun()).run_id
        await process.tell(contact("Second talk.", "k2"), "u2")
        await process.quiet()
        later = (await process.begun()).run_id
        after = await process.tell(contact("First talk.", "k1"), "u1")

        assert first != later
        assert answer == again == after
        assert await contacts(process) == ["First talk.", "Second talk."]


MALFORMED: dict[str, tuple[Any, str]] = {
    "an unknown action": ({"action": "dance"}, "BAD_INPUT"),
    "no action": ({}, "BAD_INPUT"),
    "an action that is no name": ({"action": ["log_contact"]}, "BAD_INPUT"),
    "a missing field": ({"action": "log_contact", "channel": "call", "persons": ["B1"]}, "INVALID"),
    "a field of a wrong type": ({"action": "log_contact", "channel": "call", "persons": "B1", "note": 5}, "INVALID"),
    "a field we do not know": ({"action": "requirements_complete", "why": "so"}, "INVALID"),
}


@pytest.mark.parametrize(("action", "code"), MALFORMED.values(), ids=MALFORMED)
async def test_a_malformed_action_is_refused_and_the_process_goes_on(world: World, action: Any, code: str) -> None:
    async with world.workers():
        process = await with_requirements(world)
        with pytest.raises(WorkflowUpdateFailedError) as failed:
            await process.tell(Submission(key="k1", action=action, by=AGENT))
        await process.tell(contact("All is well.", "k2"))

        assert refusal_in(failed.value).type == code
        assert await contacts(process) == ["All is well."]


@pytest.mark.parametrize("message", [{"key": "k1"}, {"key": 5, "action": "x", "by": None}, "log_contact", None], ids=repr)
async def test_a_message_that_is_no_submission_is_refused_and_the_process_goes_on(world: World, message: Any) -> None:
    async with world.workers():
        process = await with_requirements(world)
        untyped = world.client.get_workflow_handle(process.process)
        with pytest.raises(WorkflowUpdateFailedError):
            await asyncio.wait_for(untyped.execute_update("act", message), 10)
        await process.tell(contact("All is well.", "k2"))

        assert await contacts(process) == ["All is well."]


async def test_an_update_of_a_name_nobody_knows_is_refused_and_the_process_goes_on(world: World) -> None:
    async with world.workers():
        process = await with_requirements(world)
        with pytest.raises(WorkflowUpdateFailedError):
            await asyncio.wait_for(world.client.get_workflow_handle(process.process).execute_update("dance"), 10)
        await process.tell(contact("All is well.", "k2"))

        assert await contacts(process) == ["All is well."]


async def test_eleven_updates_at_once_are_each_answered_or_cleanly_refused(world: World) -> None:
    process = await with_requirements(world)
    sent = [asyncio.create_task(process.tell(contact(f"Talk {number}.", f"k{number}"))) for number in range(11)]
    await asyncio.sleep(0.5)  # all of them wait for a worker; the engine takes ten
    async with world.workers():
        heard = await asyncio.wait_for(asyncio.gather(*sent, return_exceptions=True), 30)
        noted = await contacts(process)

        refused = [each for each in heard if not isinstance(each, Answer)]
        assert all(isinstance(each, WorkflowUpdateFailedError | RPCError) for each in refused)
        assert len(heard) - len(refused) >= 10
        assert sorted(noted) == sorted(f"Talk {number}." for number, each in enumerate(heard) if isinstance(each, Answer))


async def test_nothing_is_found_to_decide_in_a_case_that_has_ended(world: World) -> None:
    async with world.workers():
        process = await with_requirements(world)
        await process.act("C1", "withdraw", reason="no need any more")
        await process.handle.result()
        with pytest.raises(RPCError) as failed:
            await process.tell(contact("Too late.", "k1"))

        assert failed.value.status is RPCStatusCode.NOT_FOUND


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_the_api_says_that_a_case_has_ended(engine: WorkflowEnvironment, database: Database) -> None:
    async with office(database, engine.client) as people, workers(engine.client, database):
        case_id = await people.open()
        withdrawn = await people.does("C1", case_id, "withdraw", reason="no need any more")
        await people.until(case_id, "CANCELLED")
        await engine.client.get_workflow_handle(f"agreement-case:{case_id}").result()
        late = await people.does("L1", case_id, "nominate_agent", agent=candidate("A1")["person"])

        assert withdrawn.status_code == 200
        assert (late.status_code, late.json()["code"]) == (409, "CASE_ENDED")
