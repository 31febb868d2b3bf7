"""Counting the clocks of an agreement that came to a verdict in a period: the database counts, the domain judges."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, Select, and_, case, cast, func, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.agreement_parts import WorkloadLimit
from domain.attainment import Attainment, Counted
from domain.clocks import ClockState
from domain.early_warning import NEAR_FROM, NearBreaches
from domain.periods import period_at, periods
from domain.spans import Span
from store.tickets import clocks, tickets

_NOT_COUNTED = (ClockState.CANCELLED.value, ClockState.VOIDED.value)

TICKETS = "tickets"
"""The unit of workload limits that is counted here."""


class Asked(NamedTuple):
    """Which clocks: those of an agreement by its name on clocks (`SLA-2026-0001`), its zone, and the workload it holds for."""

    agreement: str
    zone: ZoneInfo
    limits: Sequence[WorkloadLimit] = ()


async def attainment_of(connection: AsyncConnection, asked: Asked, period: Span, now: datetime) -> dict[str, Counted]:
    """Met and breached clocks by target; those without a verdict in the period are left out.

    The verdict's instant is the breach, whether anybody noticed it yet or not, else the completion. What was executed too
    early counts as breached. Tickets beyond the agreed volume of the period they were created in count neither way (R-087).
    """
    is_late = and_(clocks.c.state == ClockState.RUNNING.value, clocks.c.due_at <= now)
    verdict_at = func.coalesce(clocks.c.breach_at, case((is_late, clocks.c.due_at), else_=clocks.c.completed_at))
    is_met = and_(clocks.c.state == ClockState.COMPLETED.value, clocks.c.breach_at.is_(None), clocks.c.executed_early.is_(False))
    judged = (
        clocks.c.agreement == asked.agreement,
        clocks.c.state.not_in(_NOT_COUNTED),
        verdict_at >= period.start,
        verdict_at < period.end,
        verdict_at <= now,
    )
    is_over = await _is_beyond(connection, asked, period, judged)
    query = (
        select(
            clocks.c.target,
            func.sum(case((and_(is_met, ~is_over), 1), else_=0)),
            func.sum(case((is_over, 0), else_=1)),
            func.count(),
        )
        .where(*judged)
        .group_by(clocks.c.target)
    )
    rows = await connection.execute(query)
    return {target: Counted(Attainment(int(met), int(within) - int(met)), int(every) - int(within)) for target, met, within, every in rows}


async def near_breaches_of(connection: AsyncConnection, asked: Asked, window: Span) -> dict[str, NearBreaches]:
    """Clocks completed in a window, by target: those that used almost all of their limit or more, and all.

    Work for a date has no limit to come near to: of it only breaches count. What was executed too early counts as breached;
    tickets beyond the agreed volume are left out, as everywhere.
    """
    completed = (
        clocks.c.agreement == asked.agreement,
        clocks.c.state == ClockState.COMPLETED.value,
        clocks.c.completed_at >= window.start,
        clocks.c.completed_at < window.end,
    )
    is_over = await _is_beyond(connection, asked, window, completed)
    used_up = cast(clocks.c.spent_seconds, BigInteger) * 100 >= clocks.c.limit_seconds * int(NEAR_FROM)
    near = or_(clocks.c.breach_at.is_not(None), clocks.c.executed_early, used_up)
    query = select(clocks.c.target, func.sum(case((near, 1), else_=0)), func.count()).where(*completed, ~is_over).group_by(clocks.c.target)
    return {target: NearBreaches(int(close), int(every)) for target, close, every in await connection.execute(query)}


async def volume_of(connection: AsyncConnection, agreement: str, span: Span) -> int:
    """How many tickets that came in a span have clocks of an agreement."""
    held = select(clocks.c.subject).where(clocks.c.agreement == agreement)
    created = tickets.c.created_at >= span.start, tickets.c.created_at < span.end
    return int(await connection.scalar(select(func.count()).select_from(tickets).where(tickets.c.subject.in_(held), *created)) or 0)


async def _is_beyond(connection: AsyncConnection, asked: Asked, period: Span, counted: Sequence[Any]) -> Any:
    """The condition that a clock's ticket is beyond the agreed volume, for the clocks that are counted in a period."""
    oldest = await connection.scalar(
        select(func.min(tickets.c.created_at)).join(clocks, clocks.c.subject == tickets.c.subject).where(*counted)
    )
    beyond = _beyond(asked, Span(min(oldest, period.start), period.end)) if oldest is not None else []
    return clocks.c.subject.in_(union_all(*beyond)) if beyond else clocks.c.subject.is_(None)


def _beyond(asked: Asked, span: Span) -> list[Select[Any]]:
    """Tickets beyond the agreed volume, by the periods they were created in: the first ones are within it."""
    held = select(clocks.c.subject).where(clocks.c.agreement == asked.agreement)
    found = []
    for limit in (each for each in asked.limits if each.unit == TICKETS):
        begins = period_at(limit.per, span.start, asked.zone).start
        for each in periods(limit.per, Span(begins, span.end), asked.zone):
            created = tickets.c.created_at >= each.start, tickets.c.created_at < each.end
            ranked = (
                select(tickets.c.subject, func.row_number().over(order_by=(tickets.c.created_at, tickets.c.subject)).label("place"))
                .where(tickets.c.subject.in_(held), *created)
                .subquery()
            )
            found.append(select(ranked.c.subject).where(ranked.c.place > limit.volume))
    return found
