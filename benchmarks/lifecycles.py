"""Whole lives of tickets a second, against a bare workflow that gets the same messages.

A life is: created, responded, paused, resumed, resolved, with no milestone reached. A ticket's process and the bare
workflow get the very same values through the same converter, from the same client, in workers with the same options in
one other process, on the same server. The bare one counts messages and re-arms one timer where ours does. Ours folds,
tells, and keeps search attributes and details up to date.

The next message is sent when the one before was dealt with, because events of a ticket are far apart: sent at once they
would share a workflow task, and the slower side would do less. A query says when; the engine answers it with the
workflow task that was due anyway, so it hardly costs, and the same on both sides.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from temporalio.client import Client, WorkflowHandle

from benchmarks.bare import BARE_QUEUE, BareTicket
from benchmarks.engine import running_engine, worker_process
from benchmarks.measuring import interleaved_async, side_by_side
from benchmarks.report import Other, Result, share
from benchmarks.tickets import agreement, life, new_ticket
from domain.ticket_messages import TicketNews, TicketOrder
from workflows.names import ticket_workflow_id
from workflows.starting import start_ticket
from workflows.ticket import Ticket

_TICKETS, _TICKETS_FULL = 100, 1000
_IN_FLIGHT = 20
_ROUNDS = 7
_WARM_UP = 40
_AIM = 0.7

TAKEN = "__temporal_workflow_metadata"
"""A query every workflow answers; the engine sees to it that all messages before it are dealt with first."""

_AGREEMENTS = (agreement(),)

Start = Callable[[Client, TicketOrder], Awaitable[WorkflowHandle[Any, Any]]]


def measure(*, full: bool) -> list[Result]:
    """Lives a second of ours and of the bare workflow."""
    return [asyncio.run(_measure(_TICKETS_FULL if full else _TICKETS))]


async def _measure(number: int) -> Result:
    async with running_engine() as site, worker_process(site):
        await _rate(site.client, start_ours, _WARM_UP)
        await _rate(site.client, start_bare, _WARM_UP)
        ours, bare = await interleaved_async(
            _ROUNDS, partial(_rate, site.client, start_ours, number), partial(_rate, site.client, start_bare, number)
        )
        lengths = [await _history_length(site.client, start) for start in (start_ours, start_bare)]
    result = share("ticket lives", ours, "/s", Other("bare workflow, same messages", bare), _AIM)
    return result.noted(
        f"{_ROUNDS} rounds of {number} tickets, {_IN_FLIGHT} in flight; a life has {lengths[0]} history events here, {lengths[1]} there"
    )


async def start_ours(client: Client, order: TicketOrder) -> WorkflowHandle[Any, Any]:
    """Start a ticket's process as the forwarder does."""
    await start_ticket(client, order, datetime.now(UTC))
    return client.get_workflow_handle_for(Ticket.run, ticket_workflow_id(order.ticket))


async def start_bare(client: Client, order: TicketOrder) -> WorkflowHandle[Any, Any]:
    """Start the bare workflow with the same value."""
    return await client.start_workflow(BareTicket.run, order, id=f"bare:{order.ticket.ticket_id}", task_queue=BARE_QUEUE)


async def _rate(client: Client, start: Start, number: int) -> float:
    began = time.perf_counter()
    await side_by_side(_IN_FLIGHT, [partial(_live, client, start)] * number)
    return number / (time.perf_counter() - began)


async def _live(client: Client, start: Start) -> WorkflowHandle[Any, Any]:
    ticket = new_ticket("bench")
    first, *others = life(ticket, datetime.now(UTC))
    handle = await start(client, TicketOrder(ticket=ticket, agreements=_AGREEMENTS, events=(first,)))
    for event in others:
        await handle.query(TAKEN)
        await handle.signal("ticket_news", TicketNews(events=(event,)))
    await handle.result()
    return handle


async def _history_length(client: Client, start: Start) -> int:
    return (await (await _live(client, start)).describe()).history_length
