"""What was observed on tickets: how many met a promise, or would have met a limit, and how long it took."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, case, func, select
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
    in_time = clocks.c.spent_seconds <= limit.total_seconds() if limit is not None else clocks.c.breach_at.is_(None)
    met = and_(_COMPLETED, clocks.c.executed_early.is_(False), in_time)
    query = select(func.coalesce(func.sum(case((met, 1), else_=0)), 0), func.count()).select_from(_OF_TICKETS)
    row = (await connection.execute(query.where(*_asked(asked, _COMPLETED | breached_by(now))))).one()
    return Observed(int(row[0]), int(row[1]))


async def nine_in_ten(connection: AsyncConnection, asked: Asked) -> timedelta | None:
    """The business time within which nine of ten completed clocks were completed; None where none was."""
    mine = _asked(asked, _COMPLETED)
    count = await connection.scalar(select(func.count()).select_from(_OF_TICKETS).where(*mine)) or 0
    if not count:
        return None
    place = -(-9 * count // 10) - 1
    query = select(clocks.c.spent_seconds).select_from(_OF_TICKETS).where(*mine).order_by(clocks.c.spent_seconds)
    return timedelta(seconds=await connection.scalar(query.offset(place).limit(1)) or 0)


_OF_TICKETS = clocks.join(tickets, tickets.c.subject == clocks.c.subject)
_COMPLETED = clocks.c.state == ClockState.COMPLETED.value


def _asked(asked: Asked, has_verdict: ColumnElement[bool]) -> list[ColumnElement[bool]]:
    verdict_at = func.coalesce(clocks.c.breach_at, clocks.c.completed_at, clocks.c.due_at)
    found = [tickets.c.service == asked.service, clocks.c.target == asked.target, has_verdict, verdict_at >= asked.since]
    found.append(clocks.c.kind.not_in([kind.value for kind in SUPPORT_KINDS]))
    return [*found, tickets.c.region == asked.region] if asked.region is not None else found
