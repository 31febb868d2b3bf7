"""Memory that one open ticket takes in the worker while it is cached, and what a bare workflow takes there.

Each side has a fresh worker process, large enough a cache, and the same messages: created and responded. What the first
tickets cost once for all (modules, calendars, pools of memory) is spent before the measuring begins.
"""

import asyncio
from datetime import UTC, datetime
from functools import partial

from temporalio.client import Client

from benchmarks.engine import WorkerProcess, running_engine, worker_process
from benchmarks.lifecycles import TAKEN, Start, start_bare, start_ours
from benchmarks.measuring import side_by_side
from benchmarks.report import Other, Result, within
from benchmarks.tickets import agreement, life, new_ticket
from domain.ticket_messages import TicketNews, TicketOrder

_TICKETS, _TICKETS_FULL = 500, 4000
_WARM_UP = 100
_IN_FLIGHT = 20
_AIM = 120

_AGREEMENTS = (agreement(),)


def measure(*, full: bool) -> list[Result]:
    """KiB a ticket."""
    return [asyncio.run(_measure(_TICKETS_FULL if full else _TICKETS))]


async def _measure(number: int) -> Result:
    found = []
    async with running_engine() as site:
        for start in (start_ours, start_bare):
            async with worker_process(site) as process:
                found.append(await _kib_a_ticket(site.client, process, start, number))
    ours, bare = found
    result = within("memory of an open ticket", ours, "KiB", _AIM, Other("bare workflow, same messages", bare))
    return result.noted(
        f"growth of the worker's resident memory by {number} cached tickets after the first {_WARM_UP}; the engine's sandbox loads "
        "each ticket's workflow module anew, except for what worker.PASSED_THROUGH names"
    )


async def _kib_a_ticket(client: Client, process: WorkerProcess, start: Start, number: int) -> float:
    await _open(client, start, _WARM_UP)
    before = process.resident_kib()
    await _open(client, start, number)
    return (process.resident_kib() - before) / number


async def _open(client: Client, start: Start, number: int) -> None:
    await side_by_side(_IN_FLIGHT, [partial(_open_one, client, start)] * number)


async def _open_one(client: Client, start: Start) -> None:
    """Open a ticket; the query is answered when the worker has dealt with both events."""
    ticket = new_ticket("bench")
    created, responded, *_ = life(ticket, datetime.now(UTC))
    handle = await start(client, TicketOrder(ticket=ticket, agreements=_AGREEMENTS, events=(created,)))
    await handle.signal("ticket_news", TicketNews(events=(responded,)))
    await handle.query(TAKEN)
