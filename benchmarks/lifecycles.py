"""Whole lives of tickets a second, against a bare workflow that gets the same messages.

A life is: created, responded, paused, resumed, resolved, with no milestone reached. Each message is sent when the engine
has taken the one before; a ticket's process and the bare workflow get the very same values through the same converter,
from the same client, to workers with the same options in one other process, on the same server. The bare one counts
messages and re-arms one timer where ours does. Ours folds, keeps its search attributes and its details up to date.
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

_TICKETS, _TICKETS_FULL = 200, 2000
_IN_FLIGHT = 20
_ROUNDS = 5
_WARM_UP = 40
_AIM = 0.7
_TAKEN = "__temporal_workflow_metadata"

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
        lengths = [await 0 for start in (start_ours, start_bare)]
    note = f"{number} tickets a round, {_IN_FLIGHT} in flight; a life has {lengths[0]} history events here, {lengths[1]} there"
    return share("ticket lives", ours, "/s", Other("bare workflow, same messages", bare), _AIM).noted(note)


async def start_ours(client: Client, order: TicketOrder) -> WorkflowHandle[Any, Any]:
    """Start a ticket's process as the forwarder does."""
    await start_ticket(client, order, datetime.now(UTC))
    return client.get_workflow_handle_for(Ticket.run, ticket_workflow_id(order.ticket))


async def start_bare(client: Client, order: TicketOrder) -> WorkflowHandle[Any, Any]:
    """Start the bare workflow with the same value."""
    return await client.start_workflow(BareTicket.run, order, id=f"bare:{order.ticket.ticket_id}", task_queue=BARE_QUEUE)


async def _rate(client: Client, start: Start, number: int) -> float:
    began = time.perf_counter()
    h = await side_by_side(_IN_FLIGHT, [partial(_live, client, start)] * number)
    took = time.perf_counter() - began
    import statistics

    print(start.__name__, number / took, statistics.mean([(await x.describe()).history_length for x in h]))
    return number / took


async def _live(client: Client, start: Start) -> WorkflowHandle[Any, Any]:
    ticket = new_ticket("bench")
    first, *others = life(ticket, datetime.now(UTC))
    handle = await start(client, TicketOrder(ticket=ticket, agreements=_AGREEMENTS, events=(first,)))
    for event in others:
        await handle.query(_TAKEN)
        await handle.signal("ticket_news", TicketNews(events=(event,)))
    await handle.result()
    return handle
