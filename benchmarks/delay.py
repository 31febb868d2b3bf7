"""Delay from the instant a ticket is due to the notice of its breach in the mailbox, beside the bare engine's own delay.

Ours is the whole way: timer, fold, record of the milestone, notice in the local mailbox (the default channel), each in
an activity, with the write-back to the CRM beside it. The bare engine's is a workflow that sleeps until the same kind of
instant and runs one activity that looks at the clock, in the same process, on the same server, with the same options.

Alone: one at a time, ours and bare in turns. A herd: all due at the same instant, once ours, once bare, in turns.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from statistics import median
from typing import Any, TypeVar
from uuid import uuid4

from sqlalchemy import select
from temporalio.client import WorkflowHandle

from benchmarks.bare import BARE_QUEUE, BareAlarm
from benchmarks.engine import Site, running_engine, worker_process
from benchmarks.measuring import percentile, side_by_side
from benchmarks.report import Other, Result, cost, within
from benchmarks.tickets import agreement_of_one_hour, created, new_ticket
from domain.effects import TicketRef
from domain.ticket_messages import TicketOrder
from store.mailbox import mailbox
from store.tickets import subject_of
from workflows.starting import start_ticket

_ALONE, _ALONE_FULL = 60, 300
_APART = timedelta(seconds=0.5)
_HERD, _HERD_FULL = 500, 5000
_ROUNDS, _ROUNDS_FULL = 3, 1
_IN_FLIGHT = 20
_STARTS_A_SECOND = 25
"""How many workflows are surely started in a second: all must be waiting when the instant comes."""
_PATIENCE_SECONDS = 600
_ALONE_AIM, _HERD_AIM = 2, 1.5
_LIMIT = timedelta(hours=1)

_AGREEMENTS = (agreement_of_one_hour(),)

Delays = list[float]
Alarm = WorkflowHandle[Any, datetime]
T = TypeVar("T")


def measure(*, full: bool) -> list[Result]:
    """Delays alone and in a herd."""
    return asyncio.run(_measure_full() if full else _measure(_ALONE, _HERD, _ROUNDS))


async def _measure_full() -> list[Result]:
    return await _measure(_ALONE_FULL, _HERD_FULL, _ROUNDS_FULL)


async def _measure(alone: int, herd: int, rounds: int) -> list[Result]:
    async with running_engine() as site, worker_process(site):
        ours, bare = await _alone(site, alone)
        herds = [(await _our_herd(site, herd), await _bare_herd(site, herd)) for _ in range(rounds)]
    return [*_alone_results(ours, bare), *_herd_results(herds)]


def _alone_results(ours: Delays, bare: Delays) -> Iterable[Result]:
    for percent, aim in ((50, None), (99, _ALONE_AIM)):
        mine, other = percentile(ours, percent), Other("bare timer and activity", percentile(bare, percent))
        name = f"notice alone, p{percent} of delay"
        result = cost(name, mine, "s", other) if aim is None else within(name, mine, "s", aim, other)
        yield result.noted(f"{len(ours)} tickets due one after another, a bare timer between each two")


def _herd_results(herds: Sequence[tuple[Delays, Delays]]) -> Iterable[Result]:
    size = len(herds[0][0])
    for percent, aim in ((50, None), (99, _HERD_AIM)):
        mine = median(percentile(ours, percent) for ours, _ in herds)
        other = Other("bare timers and activities", median(percentile(bare, percent) for _, bare in herds))
        result = cost(f"{size} notices at once, p{percent} of delay", mine, "s", other, aim)
        yield result.noted(
            f"median of {len(herds)} herds each; ours records the milestone, sends the notice and tells the CRM, each in an activity "
            "with its transactions, the bare one runs one empty activity"
        )


async def _alone(site: Site, number: int) -> tuple[Delays, Delays]:
    begin = _soon(2 * number)
    dues = [begin + _APART * place for place in range(2 * number)]
    tickets = await _started([partial(_start_ours, site, due) for due in dues[::2]], begin)
    alarms = await _started([partial(_start_bare, site, due) for due in dues[1::2]], begin)
    return await _our_delays(site, tickets, dues[::2]), await _bare_delays(alarms, dues[1::2])


async def _our_herd(site: Site, size: int) -> Delays:
    due = _soon(size)
    tickets = await _started([partial(_start_ours, site, due)] * size, due)
    return await _our_delays(site, tickets, [due] * size)


async def _bare_herd(site: Site, size: int) -> Delays:
    due = _soon(size)
    alarms = await _started([partial(_start_bare, site, due)] * size, due)
    return await _bare_delays(alarms, [due] * size)


def _soon(number: int) -> datetime:
    """An instant by which so many workflows wait."""
    return datetime.now(UTC) + timedelta(seconds=5 + number / _STARTS_A_SECOND)


async def _started(starts: Sequence[Callable[[], Awaitable[T]]], due: datetime) -> list[T]:
    started = await side_by_side(_IN_FLIGHT, starts)
    if datetime.now(UTC) > due - timedelta(seconds=2):
        raise TimeoutError(f"{len(starts)} workflows were not started before they were due: this machine is too busy to measure delays")
    return started


async def _start_ours(site: Site, due: datetime) -> TicketRef:
    ticket = new_ticket("bench")
    order = TicketOrder(ticket=ticket, agreements=_AGREEMENTS, events=(created(ticket, due - _LIMIT),))
    await start_ticket(site.client, order, datetime.now(UTC))
    return ticket


async def _start_bare(site: Site, due: datetime) -> Alarm:
    return await site.client.start_workflow(BareAlarm.run, due, id=f"alarm:{uuid4().hex}", task_queue=BARE_QUEUE)


async def _our_delays(site: Site, tickets: Sequence[TicketRef], dues: Sequence[datetime]) -> Delays:
    """Delays by the mailbox's own time of arrival, once every notice is there."""
    due_by_subject = {subject_of(ticket): due for ticket, due in zip(tickets, dues, strict=True)}
    arrived: dict[str, datetime] = {}
    async with asyncio.timeout((max(dues) - datetime.now(UTC)).total_seconds() + _PATIENCE_SECONDS):
        while len(arrived) < len(due_by_subject):
            await asyncio.sleep(1)
            async with site.database.reading() as connection:
                rows = await connection.execute(select(mailbox.c.subject, mailbox.c.received_at))
                arrived = {subject: at for subject, at in rows if subject in due_by_subject}
    return [(at - due_by_subject[subject]).total_seconds() for subject, at in arrived.items()]


async def _bare_delays(alarms: Sequence[Alarm], dues: Sequence[datetime]) -> Delays:
    async with asyncio.timeout((max(dues) - datetime.now(UTC)).total_seconds() + _PATIENCE_SECONDS):
        # Not all at once: five hundred open requests would be a load on the server that ours does not put on it.
        ran_at = await side_by_side(_IN_FLIGHT, [alarm.result for alarm in alarms])
    return [(at - due).total_seconds() for at, due in zip(ran_at, dues, strict=True)]
