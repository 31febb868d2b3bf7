"""An agreement case in a real process, whose time a test moves to instants of its story."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from temporalio.client import WorkflowExecutionDescription, WorkflowExecutionStatus, WorkflowHandle, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError

from connectors.agreement_stories import Deed
from domain.actors import actor_of
from domain.agreement_case import AgreementCase as Case
from domain.case_messages import CaseOrder, CaseRecord, CaseResult, CaseStanding
from domain.cases import Answer, Submission
from tests.conftest import World
from tests.domain.case_stories import CATALOGUE, CaseStory, enriched, hashes_of, local
from workflows.agreement_case import AgreementCase
from workflows.names import CASES_QUEUE, case_workflow_id
from workflows.starting import start_case

BEGUN = 4
"""Events of a run whose first task is done: it was started, and the task took three."""


class CaseProcess:
    """Drives one case's process as its people do, through the same message as the API."""

    def __init__(self, world: World, handle: WorkflowHandle[AgreementCase, CaseResult], case_id: str, shift: timedelta) -> None:
        self.world = world
        self.handle = handle
        self.case_id = case_id
        self.shift = shift

    @classmethod
    async def start(cls, world: World, at: str = "2026-01-12T09:15", hear_first: float = 2, **request: Any) -> "CaseProcess":
        """Start a case at an instant of its story."""
        return await cls.go_on(world, CaseStory(at, **request).steps[0].before, hear_first)

    @classmethod
    async def go_on(cls, world: World, case: Case, hear_first: float = 2) -> "CaseProcess":
        """Start a process with a case that stands anywhere in its story."""
        case = case.but(case_id=f"case-{uuid4().hex[:12]}")
        shift = datetime.now(UTC) - case.last_at
        order = CaseOrder(case=case, time_shift=shift, hear_first=timedelta(seconds=hear_first))
        await start_case(world.client, order)
        handle = world.client.get_workflow_handle_for(AgreementCase.run, case_workflow_id(case.case_id))
        return cls(world, handle, case.case_id, shift)

    @property
    def process(self) -> str:
        """The process's id."""
        return case_workflow_id(self.case_id)

    async def begun(self) -> WorkflowExecutionDescription:
        """The run, once its first task is done: until then its time cannot be moved."""
        for _ in range(1000):
            shown = await self.handle.describe()
            if shown.history_length >= BEGUN:
                return shown
            await asyncio.sleep(0.02)
        raise AssertionError("the run does not begin")

    async def now(self) -> datetime:
        """Business time there."""
        return await self.world.engine.get_current_time(self.handle) - self.shift

    async def until(self, at: str | datetime) -> None:
        """Move the process's time to an instant; everything due before happens on the way."""
        instant = local(at) if isinstance(at, str) else at
        await self.begun()
        ahead = instant - await self.now()
        if ahead > timedelta():
            await self.world.engine.fast_forward(self.handle, ahead)
            await self._arrived(instant)

    async def _arrived(self, instant: datetime) -> None:
        """Wait until its time is there, or it has ended: moved again before, it would be moved too far."""
        for _ in range(500):
            if await self.now() >= instant or (await self.begun()).status is not WorkflowExecutionStatus.RUNNING:
                return
            await asyncio.sleep(0.02)
        raise AssertionError(f"the process's time does not come to {instant}")

    async def act(self, person: str, action: str, at: str | datetime | None = None, key: str | None = None, **fields: Any) -> Answer:
        """Somebody does something at an instant of the story."""
        if at is not None:
            await self.until(at)
        who = actor_of(CATALOGUE, person, (local(at) if isinstance(at, str) else at or datetime.now(UTC) - self.shift).date())
        return await self.tell(Submission(key=key or uuid4().hex, action={"action": action, **fields}, by=who))

    async def tell(self, said: Submission, update: str | None = None) -> Answer:
        """Tell the process of a deed, in an update of its own or in one that may have been sent before."""
        return await self.handle.execute_update(AgreementCase.act, said, id=update or said.key)

    async def refused(self, person: str, action: str, at: str | None = None, key: str | None = None, **fields: Any) -> str:
        """The code somebody is refused with."""
        with pytest.raises(WorkflowUpdateFailedError) as refused:
            await self.act(person, action, at, key, **fields)
        return str(refusal_in(refused.value).type)

    async def record(self) -> CaseRecord:
        """The case as it was written down last, once everything is written and told."""
        for _ in range(200):
            standing = await self.standing()
            known = self.world.cases.records.get(self.case_id)
            if known is not None and standing is not None and not (standing.unwritten or standing.untold):
                return known
            await asyncio.sleep(0.05)
        raise AssertionError("the case was not written down")

    async def quiet(self, revision: int = 0) -> None:
        """Wait until the case has come so far and nothing is left to write or to tell, the CRM neither."""
        for _ in range(1000):
            standing = await self.standing()
            if (
                standing is not None
                and standing.revision >= revision
                and not (standing.unwritten or standing.untold or standing.unknown_to_crm)
            ):
                return
            await asyncio.sleep(0.02)
        raise AssertionError("the case's deliveries do not end")

    async def standing(self) -> CaseStanding | None:
        """How far the process is; None before its first task."""
        try:
            return await self.handle.query(AgreementCase.standing)
        except RPCError:
            return None

    async def state(self) -> str:
        """Where it stands."""
        return (await self.record()).state

    async def do(self, deed: Deed) -> Answer:
        """One line of a story."""
        fields = deed.filled(await self.hashes())
        answer = await self.act(deed.person, deed.action, deed.at, **enriched(fields))
        assert deed.leads_to in {None, answer.state}, f"{deed.at} {deed.person} {deed.action}: {answer}"
        return answer

    async def hashes(self) -> dict[str, str | None]:
        """The hashes of the case's documents now."""
        return hashes_of(Case.model_validate((await self.record()).case))

    def told(self, *parts: str) -> list[str]:
        """Notices of the case whose key has these parts, without the process's id."""
        own = [notice for notice in self.world.notifier.sent if notice.case_id == self.case_id]
        return [notice.key.removeprefix(self.process + ":") for notice in own if all(part in notice.key for part in parts)]


def refusal_in(failed: WorkflowUpdateFailedError) -> ApplicationError:
    """A refusal as it travelled through the engine."""
    assert isinstance(failed.cause, ApplicationError), failed.cause
    return failed.cause


__all__ = ["CASES_QUEUE", "CaseProcess"]
