"""A case's process that no worker has in memory: a decision finds it replayed, and it can be replayed again."""

import asyncio

from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

from connectors.memory import MemoryCrm
from domain.effects import CrmCaseUpdate
from tests.case_processes import CaseProcess
from tests.conftest import World
from tests.domain.case_stories import candidate
from worker import WORKFLOWS, sandbox
from workflows.names import CASES_QUEUE


class SlowCrm(MemoryCrm):
    """Answers last, when everything else is done."""

    async def update_case(self, update: CrmCaseUpdate) -> None:
        await asyncio.sleep(0.5)
        await super().update_case(update)


async def decided(process: CaseProcess) -> None:
    """Three decisions, each after everything that the last one brought about was delivered."""
    for person, action in (("L1", "nominate_agent"), ("C1", "confirm_agent")):
        await process.quiet()
        await process.act(person, action, agent=candidate("A1"))
    await process.quiet()
    await process.act("C1", "withdraw", reason="no need any more")
    await asyncio.wait_for(process.handle.result(), 20)


async def test_decisions_that_find_the_case_in_no_memory_leave_a_history_that_replays(world: World) -> None:
    world.crm = SlowCrm()
    async with world.workers(max_cached_workflows=0):
        processes = [await CaseProcess.start(world) for _ in range(4)]
        await asyncio.gather(*(decided(process) for process in processes))

    replayer = Replayer(workflows=WORKFLOWS[CASES_QUEUE], workflow_runner=sandbox(), data_converter=pydantic_data_converter)
    for process in processes:
        await replayer.replay_workflow(await process.handle.fetch_history())
