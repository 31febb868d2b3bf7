"""What was observed on tickets: how many met a promise, or would have met a limit."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.clocks import ClockState
from domain.terms import SUPPORT_KINDS
from store.tickets import breached_by, clocks, tickets


class Asked(NamedTuple):
    """What is looked at: the clocks of a target on the tickets of a service and region that came to a verdict since an instant."""

    service: str
    region: str | None
    target: str
    since: datetime


class Observed(NamedTuple):
    """Clocks with a verdict, and those that met it."""

    met: int
    counted: int


async def observed(connection: AsyncConnection, asked: Asked, limit: timedelta | None, now: datetime) -> Observed:
    """How many clocks met their promise; with a limit, how many were completed within it, in the business time they ran in."""
    completed = clocks.c.state == ClockState.COMPLETED.value
    late = breached_by(now)
    in_time = clocks.c.spent_seconds <= limit.total_seconds() if limit is not None else clocks.c.breach_at.is_(None)
    met = and_(completed, clocks.c.executed_early.is_(False), in_time)
    verdict_at = func.coalesce(clocks.c.breach_at, clocks.c.completed_at, clocks.c.due_at)
    query = (
        select(func.coalesce(func.sum(case((met, 1), else_=0)), 0), func.count())
        .select_from(clocks.join(tickets, tickets.c.subject == clocks.c.subject))
        .where(tickets.c.service == asked.service, clocks.c.target == asked.target)
        .where(clocks.c.kind.not_in([kind.value for kind in SUPPORT_KINDS]), completed | late, verdict_at >= asked.since)
    )
    if asked.region is not None:
        query = query.where(tickets.c.region == asked.region)
    row = (await connection.execute(query)).one()
    return Observed(int(row[0]), int(row[1]))
