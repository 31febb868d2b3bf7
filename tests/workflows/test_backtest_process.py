"""The process of a backtest: one activity, however many tickets; and a clear line where it comes to no report."""

import asyncio

import pytest
from temporalio.client import WorkflowFailureError

from domain.backtest.orders import BacktestFault, BacktestResult
from domain.errors import BadInput
from tests.conftest import World
from tests.record_histories import measuring

ITS_EVENTS = 11
"""Begun and done; two steps of the process; one activity."""


@pytest.mark.parametrize("tickets", [3, 3000])
async def test_its_history_does_not_grow_with_the_tickets(world: World, tickets: int) -> None:
    world.backtests.tickets = tickets
    async with world.workers():
        handle = await measuring(world)
        result = await asyncio.wait_for(handle.result(), 30)

    assert result == BacktestResult(tickets=tickets)
    assert world.backtests.measured == [handle.id.removeprefix("backtest:")]
    assert len((await handle.fetch_history()).events) == ITS_EVENTS


async def test_one_that_is_cancelled_says_so(world: World) -> None:
    world.backtests.tickets, world.backtests.pause = 10_000, 0.01
    async with world.workers():
        handle = await measuring(world)
        await asyncio.sleep(0.3)
        await handle.cancel()
        with pytest.raises(WorkflowFailureError):
            await asyncio.wait_for(handle.result(), 30)

    name = handle.id.removeprefix("backtest:")
    assert world.backtests.faults == [BacktestFault(backtest=name, fault="it was cancelled before every ticket was measured")]


async def test_one_that_cannot_be_measured_says_why_and_is_not_tried_again(world: World) -> None:
    world.backtests.refusal = BadInput("gold promises nothing that could be measured: it has no targets")
    async with world.workers():
        handle = await measuring(world)
        with pytest.raises(WorkflowFailureError):
            await asyncio.wait_for(handle.result(), 30)

    [told] = world.backtests.faults
    assert told.fault == "it could not be measured: BadInput: gold promises nothing that could be measured: it has no targets"
