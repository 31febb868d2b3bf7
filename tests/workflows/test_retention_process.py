"""The process of retention: batch after batch until nothing is left, started by the engine's own schedule."""

import asyncio
from datetime import time

import pytest
from temporalio.client import WorkflowHandle
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

from tests.conftest import World
from tests.record_histories import started
from workflows.names import RETENTION_ID
from workflows.retention import BATCHES_PER_RUN, Retention, set_schedule


async def result_of(world: World, batches: list[int]) -> tuple[int, WorkflowHandle[Retention, int]]:
    world.retention.batches = batches
    async with world.workers():
        handle = await started(world)
        return await asyncio.wait_for(handle.result(), 120), handle


async def test_batches_run_until_one_finds_nothing(world: World) -> None:
    gone, _ = await result_of(world, [1200, 300, 0, 7])

    assert (gone, world.retention.batches) == (1500, [7])


async def test_another_run_goes_on_where_one_has_become_long(world: World) -> None:
    gone, handle = await result_of(world, [4] * (BATCHES_PER_RUN + 2))
    began = (await handle.fetch_history()).events[0].workflow_execution_started_event_attributes

    assert gone == 4 * (BATCHES_PER_RUN + 2)
    assert began.continued_execution_run_id, "another run went on where the first left off"


async def test_the_schedule_is_made_changed_and_taken_away(own_engine: WorkflowEnvironment) -> None:
    client = own_engine.client
    handle = client.get_schedule_handle(RETENTION_ID)
    await set_schedule(client, time(2, 30))
    await set_schedule(client, time(3, 15))
    described = (await handle.describe()).schedule
    [daily] = described.spec.calendars
    await set_schedule(client, None)
    await set_schedule(client, None)

    assert ([each.start for each in daily.hour], [each.start for each in daily.minute]) == ([3], [15])
    with pytest.raises(RPCError, match="not found"):
        await handle.describe()


async def test_what_the_schedule_starts_runs_to_its_end(own_engine: WorkflowEnvironment) -> None:
    world, handle = World(own_engine), own_engine.client.get_schedule_handle(RETENTION_ID)
    world.retention.batches = [5]
    await set_schedule(own_engine.client, time(2, 30))
    async with world.workers():
        await handle.trigger()
        for _ in range(200):
            if not world.retention.batches:
                break
            await asyncio.sleep(0.05)

    assert world.retention.batches == []
