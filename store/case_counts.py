"""How many cases stand where, and how many tasks wait for whom; counted by the database from indexes."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from store.cases import cases, tasks


class Whose(NamedTuple):
    """Whose cases and tasks are counted: everybody's, a customer's, or those of a party on the other side."""

    side: str | None = None
    customer: str | None = None
    party: str | None = None


class StageCount(NamedTuple):
    """How many cases of a kind are in a state."""

    kind: str
    state: str
    cases: int


class Waiting(NamedTuple):
    """How many tasks wait for a role of a side, since when, how many of them are overdue, and when the soonest is due."""

    role: str
    side: str
    tasks: int
    overdue: int
    since: datetime
    next_due_at: datetime


async def cases_by_stage(connection: AsyncConnection, whose: Whose) -> Sequence[StageCount]:
    """Cases by kind and state, those that have ended too."""
    query = select(cases.c.kind, cases.c.state, func.count())
    if whose.customer is not None:
        query = query.where(cases.c.customer == whose.customer)
    if whose.party is not None:
        query = query.where(cases.c.party == whose.party)
    rows = await connection.execute(query.group_by(cases.c.kind, cases.c.state).order_by(cases.c.kind, cases.c.state))
    return [StageCount(kind, state, int(count)) for kind, state, count in rows]


async def tasks_by_role(connection: AsyncConnection, whose: Whose, now: datetime) -> Sequence[Waiting]:
    """Open tasks by role, the most overdue first."""
    overdue, soonest = func.sum(case((tasks.c.due_at < now, 1), else_=0)), func.min(tasks.c.due_at)
    query = select(tasks.c.role, tasks.c.side, func.count(), overdue, func.min(tasks.c.opened_at), soonest).where(tasks.c.state == "OPEN")
    if whose.side is not None:
        query = query.where(tasks.c.side == whose.side, tasks.c.party == (whose.customer or whose.party))
    rows = await connection.execute(query.group_by(tasks.c.role, tasks.c.side).order_by(overdue.desc(), soonest, tasks.c.role))
    return [Waiting(role, side, int(count), int(late), *times) for role, side, count, late, *times in rows]
