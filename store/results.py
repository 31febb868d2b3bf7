"""Counting the clocks of an agreement that came to a verdict in a period: the database counts, the domain judges."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, case, func, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.agreement_parts import WorkloadLimit
from domain.attainment import Attainment, Counted
from domain.periods import period_at, periods
from domain.spans import Span
from store.tickets import clocks, tickets

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
    judged = _judged(asked, period, now)
    is_over = await _over_limit(connection, asked, period, judged)
    is_met: ColumnElement[bool] = clocks.c.is_met
    within: ColumnElement[int] = func.count()
    if is_over is not None:
        is_met, within = and_(is_met, ~is_over), func.sum(case((is_over, 0), else_=1))
    rows = await connection.execute(
        select(clocks.c.target, func.sum(case((is_met, 1), else_=0)), within, func.count()).where(judged).group_by(clocks.c.target)
    )
    return {row[0]: _counted(*map(int, row[1:])) for row in rows}


def _counted(met: int, within: int, every: int) -> Counted:
    return Counted(Attainment(met, within - met), every - within)


def _judged(asked: Asked, period: Span, now: datetime) -> ColumnElement[bool]:
    """Clocks whose verdict fell into the period and is known by now."""
    known = clocks.c.agreement == asked.agreement, clocks.c.verdict_at >= period.start, clocks.c.verdict_at < period.end
    return and_(*known, clocks.c.verdict_at <= now)


async def _over_limit(connection: AsyncConnection, asked: Asked, period: Span, judged: ColumnElement[bool]) -> ColumnElement[bool] | None:
    """The condition that a clock's ticket is beyond the agreed volume; None where no volume was agreed, or nothing judged."""
    if not any(limit.unit == TICKETS for limit in asked.limits):
        return None
    oldest = await connection.scalar(
        select(func.min(tickets.c.created_at)).join(clocks, clocks.c.subject == tickets.c.subject).where(judged)
    )
    beyond = _beyond(asked, Span(min(oldest, period.start), period.end)) if oldest is not None else []
    return clocks.c.subject.in_(union_all(*beyond)) if beyond else None


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
