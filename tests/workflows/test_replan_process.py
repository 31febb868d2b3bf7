"""The process of a re-plan: page after page to the end, over several runs."""

import asyncio

from domain.replan import ReplanResult
from tests.conftest import World
from tests.record_histories import replanned
from workflows.replan import PAGES_PER_RUN


async def test_every_page_is_asked_for_once_over_two_runs(world: World) -> None:
    world.replans.tickets = [f"crm/T-{number:03}" for number in range(PAGES_PER_RUN + 3)]
    async with world.workers():
        handle = await replanned(world)
        result = await asyncio.wait_for(handle.result(), 30)

    assert result == ReplanResult(moved=PAGES_PER_RUN + 3)
    assert world.replans.moved == world.replans.tickets
    assert world.replans.finished == [handle.id.removeprefix("replan:")]
    began = (await handle.fetch_history()).events[0].workflow_execution_started_event_attributes
    assert began.continued_execution_run_id, "another run went on where the first left off"


async def test_an_agreement_without_open_tickets_is_soon_done(world: World) -> None:
    async with world.workers():
        handle = await replanned(world)

        assert await asyncio.wait_for(handle.result(), 30) == ReplanResult(moved=0)
