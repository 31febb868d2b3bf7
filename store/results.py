"""Counting the clocks of an agreement that came to a verdict in a period: the database counts, the domain judges."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, ColumnElement, Select, and_, case, cast, false, func, or_, select, tuple_, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.agreement_parts import TICKETS, WorkloadLimit
from domain.attainment import Attainment, Counted, Judgement
from domain.clocks import ClockState
from domain.early_warning import NEAR_FROM, NearBreaches
from domain.periods import PeriodSpan, period_at, periods
from domain.spans import Span
from store.tickets import clocks, tickets


class Asked(NamedTuple):
    """Which clocks: those of an agreement by its name on clocks (`SLA-2026-0001`), its zone, and the workload it holds for.

    Narrowed, where asked for, to tickets of one region, and to tickets that also run under another agreement.
    """

    agreement: str
    zone: ZoneInfo
    limits: Sequence[WorkloadLimit] = ()
    region: str | None = None
    carrying: str | None = None


class Page(NamedTuple):
    """Which clocks of a target, how many of them, and the place of the last one of the page before."""

    target: str
    judgement: Judgement
    limit: int
    after: tuple[datetime, str, str] | None = None


async def attainment_of(connection: AsyncConnection, asked: Asked, period: Span, now: datetime) -> dict[str, Counted]:
    """Met and breached clocks by target; those without a verdict in the period are left out.

    The verdict's instant is the breach, whether anybody noticed it yet or not, else the completion. What was executed too
    early counts as breached. Tickets beyond the agreed volume of the period they were created in count neither way (R-087).
    """
    judged = _judged(asked, period, now)
    is_over = await _over_limit(connection, asked, period, judged)
    within = func.count() if is_over is _NOWHERE else func.sum(case((is_over, 0), else_=1))
    query = (
        select(clocks.c.target, func.sum(case((and_(clocks.c.is_met, ~is_over), 1), else_=0)), within, func.count())
        .where(judged)
        .group_by(clocks.c.target)
    )
    rows = await connection.execute(query)
    return {target: Counted(Attainment(int(met), int(within) - int(met)), int(every) - int(within)) for target, met, within, every in rows}


async def near_breaches_of(connection: AsyncConnection, asked: Asked, window: Span) -> dict[str, NearBreaches]:
    """Clocks completed in a window, by target: those that used almost all of their limit or more, and all.

    Work for a date has no limit to come near to: of it only breaches count. What was executed too early counts as breached;
    tickets beyond the agreed volume are left out, as everywhere.
    """
    completed = and_(
        clocks.c.agreement == asked.agreement,
        clocks.c.state == ClockState.COMPLETED.value,
        clocks.c.completed_at >= window.start,
        clocks.c.completed_at < window.end,
    )
    is_over = await _over_limit(connection, asked, window, completed)
    used_up = cast(clocks.c.spent_seconds, BigInteger) * 100 >= clocks.c.limit_seconds * int(NEAR_FROM)
    near = or_(clocks.c.breach_at.is_not(None), clocks.c.executed_early, used_up)
    query = select(clocks.c.target, func.sum(case((near, 1), else_=0)), func.count()).where(completed, ~is_over).group_by(clocks.c.target)
    return {target: NearBreaches(int(close), int(every)) for target, close, every in await connection.execute(query)}


async def judged_clocks(connection: AsyncConnection, asked: Asked, period: Span, now: datetime, page: Page) -> Sequence[Any]:
    """The clocks behind a figure, newest verdict first: subject, clock, verdict's instant, whether it was met."""
    judged = and_(_judged(asked, period, now), clocks.c.target == page.target)
    is_over = await _over_limit(connection, asked, period, judged)
    query = select(clocks.c.subject, clocks.c.clock, clocks.c.verdict_at, clocks.c.is_met).where(judged)
    if page.judgement is Judgement.OVER_LIMIT:
        query = query.where(is_over)
    else:
        query = query.where(clocks.c.is_met.is_(page.judgement is Judgement.MET), ~is_over)
    place = (clocks.c.verdict_at, clocks.c.subject, clocks.c.clock)
    if page.after is not None:
        query = query.where(clocks.c.verdict_at <= page.after[0], tuple_(*place) < page.after)
    return (await connection.execute(query.order_by(*(column.desc() for column in place)).limit(page.limit))).all()


async def created_under(connection: AsyncConnection, asked: Asked, span: Span) -> int:
    """How many tickets of the agreement were created in a span."""
    return int(await connection.scalar(select(func.count()).select_from(_created(asked, span).subquery())) or 0)


def _judged(asked: Asked, period: Span, now: datetime) -> ColumnElement[bool]:
    """Clocks whose verdict fell into the period and is known by now."""
    known = clocks.c.agreement == asked.agreement, clocks.c.verdict_at >= period.start, clocks.c.verdict_at < period.end
    narrowed = []
    if asked.region is not None:
        narrowed.append(clocks.c.subject.in_(select(tickets.c.subject).where(tickets.c.region == asked.region)))
    if asked.carrying is not None:
        promise = clocks.alias()
        narrowed.append(select(1).where(promise.c.subject == clocks.c.subject, promise.c.agreement == asked.carrying).exists())
    return and_(*known, clocks.c.verdict_at <= now, *narrowed)


_NOWHERE = false()
"""The condition of a clock beyond the agreed volume, where none is."""


async def _over_limit(connection: AsyncConnection, asked: Asked, period: Span, judged: ColumnElement[bool]) -> ColumnElement[bool]:
    """The condition that a clock's ticket is beyond the agreed volume."""
    limits = [limit for limit in asked.limits if limit.unit == TICKETS]
    if not limits:
        return _NOWHERE
    oldest = await connection.scalar(select(func.min(clocks.c.created_at)).where(judged))
    if oldest is None:
        return _NOWHERE
    beyond = []
    for limit in limits:
        begins = period_at(limit.per, min(oldest, period.start), asked.zone).start
        for each in periods(limit.per, Span(begins, period.end), asked.zone):
            beyond += await _beyond(connection, asked, limit, each)
    return clocks.c.subject.in_(union_all(*beyond)) if beyond else _NOWHERE


async def _beyond(connection: AsyncConnection, asked: Asked, limit: WorkloadLimit, created_in: PeriodSpan) -> list[Select[Any]]:
    """The tickets created in a period beyond its agreed volume: the first one of them, and all that follow it."""
    created = _created(asked, Span(created_in.start, created_in.end))
    first = (await connection.execute(created.order_by(*_PLACE).offset(limit.volume).limit(1))).one_or_none()
    return [] if first is None else [created.with_only_columns(clocks.c.subject).where(tuple_(*_PLACE) >= tuple(first))]


_PLACE = clocks.c.created_at, clocks.c.subject
"""The order in which tickets came in."""


def _created(asked: Asked, span: Span) -> Select[Any]:
    """The tickets of an agreement that were created in a span, each once."""
    created = clocks.c.created_at >= span.start, clocks.c.created_at < span.end
    return select(*_PLACE).where(clocks.c.agreement == asked.agreement, *created).distinct()
