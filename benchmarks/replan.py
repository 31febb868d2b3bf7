"""Open tickets moved to another version in a second, against bare signals of the same client to the same engine.

A re-plan is measured from its confirmation to the instant the last ticket's process was told: its process is started, each
ticket is read and folded, its move written down, its fact accepted and its clocks written, its history told to the trail,
and the forwarder of the API in this process signals it, with the terms it now runs under. The workers are in one other
process. Beside it stands what no re-plan can go without: as many bare workflows get a signal with the same message each, from
this process, and that is over when the engine has taken the last one. Tickets go to the second version and back in turns.
"""

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

from temporalio.client import WorkflowHandle

from api.app import create_app
from api.dependencies import Parts
from api.replan_desk import Asked
from benchmarks.bare import BARE_QUEUE, BareTicket
from benchmarks.engine import Site, running_engine, worker_process
from benchmarks.measuring import interleaved_async, side_by_side
from benchmarks.report import Other, Result, share
from benchmarks.tickets import agreement, created, new_ticket
from domain.effects import TicketRef
from domain.replan import Route, event_of, plan_move
from domain.terms import Agreement
from domain.ticket_messages import TicketNews, TicketOrder

_TICKETS, _TICKETS_FULL = 500, 10_000
_IN_FLIGHT = 16
_BATCH = 100
_ROUNDS, _ROUNDS_FULL = 4, 2
_FASTEST = 1000.0
_WAIT_SECONDS = 1800

_FIRST = agreement()
_SECOND = _FIRST.model_copy(update={"version": "2.0", "title": "with another title", "effective_from": "2090-01-01"})


def measure(*, full: bool) -> list[Result]:
    """Tickets a second of a re-plan, and of bare signals."""
    return [asyncio.run(_measure(_TICKETS_FULL if full else _TICKETS, _ROUNDS_FULL if full else _ROUNDS))]


async def _measure(number: int, rounds: int) -> Result:
    async with running_engine() as site, worker_process(site):
        app = create_app(site.settings, site.client)
        async with app.router.lifespan_context(app):
            parts: Parts = app.state.parts
            refs = await _open_tickets(parts, number)
            handles = await side_by_side(_IN_FLIGHT, [partial(_start_bare, site, ref) for ref in refs])
            turns = ["2.0", "1.0"] * rounds
            moved, told = await interleaved_async(rounds, partial(_replan, parts, turns, number), partial(_signal, handles, refs))
    result = share(f"re-plan of {number} tickets", moved, "/s", Other("bare signals, same message", told))
    return result.noted(f"{rounds} rounds; from the confirmation until the last process was told; allowed rate {_FASTEST:g}/s")


async def _open_tickets(parts: Parts, number: int) -> list[TicketRef]:
    """Tickets under the first version, with running processes."""
    for each in (_FIRST, _SECOND):
        await parts.registry.import_terms(each, "bench", datetime.now(UTC))
    refs, at = [new_ticket("bench") for _ in range(number)], datetime.now(UTC) - timedelta(minutes=5)
    for first in range(0, number, _BATCH):
        await parts.inbox.accept([created(ref, at) for ref in refs[first : first + _BATCH]])
    assert parts.forwarder is not None
    parts.forwarder.nudge()
    await _until(parts, 0)
    return refs


async def _until(parts: Parts, left: int) -> None:
    """Wait until the engine was told of everything."""
    for _ in range(_WAIT_SECONDS * 5):
        async with parts.database.reading() as connection:
            if len(await parts.tickets.waiting(connection, left + 1)) <= left:
                return
        await asyncio.sleep(0.2)
    raise TimeoutError("the engine was not told of every ticket")


async def _replan(parts: Parts, turns: list[str], number: int) -> float:
    """Tickets a second, from the confirmation until the last one's process was told."""
    entry = await parts.registry.entry(f"SLA/{datetime.now(UTC).year}/0001")
    assert entry is not None
    asked = Asked(None, turns.pop(0), "measured side by side", _FASTEST, "bench", uuid4().hex)
    dry = await parts.replan_desk.dry_run(entry, asked)
    began = time.perf_counter()
    row = await parts.replan_desk.confirm(entry, asked._replace(key=uuid4().hex), dry.replan)
    assert parts.case_forwarder is not None
    parts.case_forwarder.nudge()
    for _ in range(_WAIT_SECONDS * 5):
        async with parts.database.reading() as connection:
            now: Any = await parts.replans.replan(connection, row.replan)
            counts = await parts.replans.counts(connection, now)
        if counts.acknowledged == number and now.ended_at is not None:
            return number / (time.perf_counter() - began)
        await asyncio.sleep(0.2)
    raise TimeoutError(f"{counts} after {_WAIT_SECONDS} s")


async def _start_bare(site: Site, ref: TicketRef) -> WorkflowHandle[Any, Any]:
    order = TicketOrder(ticket=ref, agreements=(_FIRST,), events=(created(ref, datetime.now(UTC)),))
    return await site.client.start_workflow(BareTicket.run, order, id=f"bare:{ref.ticket_id}", task_queue=BARE_QUEUE)


async def _signal(handles: Sequence[WorkflowHandle[Any, Any]], refs: Sequence[TicketRef]) -> float:
    """Signals a second, each with the message a moved ticket's process gets."""
    news = [_news(ref, _SECOND) for ref in refs]
    began = time.perf_counter()
    await side_by_side(_IN_FLIGHT, [partial(handle.signal, "ticket_news", each) for handle, each in zip(handles, news, strict=True)])
    return len(handles) / (time.perf_counter() - began)


def _news(ref: TicketRef, to: Agreement) -> TicketNews:
    now, route = datetime.now(UTC), Route(agreement=to.agreement, to_version=to.version)
    move = plan_move([_FIRST], [created(ref, now)], route, to, now)
    assert move is not None
    return TicketNews(events=(event_of("replan-1", move, route, "measured side by side"),), agreements=(_FIRST, to))
