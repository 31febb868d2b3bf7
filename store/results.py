"""Counting the clocks of an agreement that came to a verdict in a period: the database counts, the domain judges."""

from datetime import datetime

from sqlalchemy import and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.attainment import Attainment
from domain.clocks import ClockState
from domain.spans import Span
from store.tickets import clocks

_NOT_COUNTED = (ClockState.CANCELLED.value, ClockState.VOIDED.value)


async def attainment_of(connection: AsyncConnection, agreement: str, period: Span, now: datetime) -> dict[str, Attainment]:
    """Met and breached clocks by target; those without a verdict in the period are left out.

    The verdict's instant is the breach, whether anybody noticed it yet or not, else the completion. What was executed too
    early counts as breached.

    Args:
        connection: the caller's transaction.
        agreement: its name on clocks, as `SLA-2026-0001`.
        period: from, to, the end not included.
        now: the instant of the reading.
    """
    is_late = and_(clocks.c.state == ClockState.RUNNING.value, clocks.c.due_at <= now)
    verdict_at = func.coalesce(clocks.c.breach_at, case((is_late, clocks.c.due_at), else_=clocks.c.completed_at))
    is_met = and_(clocks.c.state == ClockState.COMPLETED.value, clocks.c.breach_at.is_(None), clocks.c.executed_early.is_(False))
    query = (
        select(clocks.c.target, func.sum(case((is_met, 1), else_=0)), func.count())
        .where(clocks.c.agreement == agreement, clocks.c.state.not_in(_NOT_COUNTED))
        .where(verdict_at >= period.start, verdict_at < period.end, verdict_at <= now)
        .group_by(clocks.c.target)
    )
    return {target: Attainment(int(met), int(judged) - int(met)) for target, met, judged in await connection.execute(query)}
