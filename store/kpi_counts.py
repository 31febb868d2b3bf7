"""Counting the tickets of many agreements at once, for KPIs: one query for each kind of fact. What counts is as in `store.results`."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    case,
    cast,
    false,
    func,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.agreement_parts import TICKETS
from domain.attainment import Attainment, Counted
from domain.clocks import ClockState
from domain.early_warning import NEAR_FROM, NearBreaches
from domain.events import EventKind
from domain.kpis import TicketFacts
from domain.periods import period_at, periods
from domain.registry_numbers import in_addresses
from domain.spans import Span
from store.periods import PeriodFrame
from store.tickets import clocks, inbox, tickets

_Query: TypeAlias = Select[*tuple[Any, ...]] | CompoundSelect[*tuple[Any, ...]]

_ENDED = (ClockState.CANCELLED.value, ClockState.VOIDED.value)


class Looked(NamedTuple):
    """Periods of several agreements, in which as many facts are counted as have happened by now."""

    frames: Sequence[PeriodFrame]
    now: datetime

    def by_span(self) -> Iterator[tuple[Span, dict[str, PeriodFrame]]]:
        """Periods that last equally long, by the agreement's name on clocks: no agreement has two of them."""
        found: dict[Span, dict[str, PeriodFrame]] = {}
        for frame in self.frames:
            found.setdefault(frame.so_far(self.now), {})[frame.asked.agreement] = frame
        return iter(found.items())

    def of(self, span: Span, agreement: str) -> int:
        """The place of a frame."""
        return next(place for place, each in enumerate(self.frames) if each.asked.agreement == agreement and each.so_far(self.now) == span)


async def attainments(connection: AsyncConnection, looked: Looked) -> list[dict[str, Counted]]:
    """Met and breached clocks of each frame, by target."""
    spans, beyond = list(looked.by_span()), await _beyond(connection, looked)
    queries: list[_Query] = []
    for place, (span, frames) in enumerate(spans):
        judged = _judged(span, frames, looked.now)
        is_over = beyond[place]
        met, within = func.sum(case((and_(clocks.c.is_met, ~is_over), 1), else_=0)), func.sum(case((is_over, 0), else_=1))
        query = select(literal_column(str(place)), clocks.c.agreement, clocks.c.target, met, within, func.count())
        queries.append(query.where(judged).group_by(clocks.c.agreement, clocks.c.target))
    found: list[dict[str, Counted]] = [{} for _ in looked.frames]
    for place, agreement, target, met, within, every in await connection.execute(_all(queries)):
        counted = Counted(Attainment(int(met), int(within) - int(met)), int(every) - int(within))
        found[looked.of(spans[place][0], agreement)][target] = counted
    return found


async def near_breaches(connection: AsyncConnection, looked: Looked) -> NearBreaches:
    """Completed clocks of all frames that used almost all of their limit or more, and all."""
    beyond = await _beyond(connection, looked)
    used_up = cast(clocks.c.spent_seconds, BigInteger) * 100 >= clocks.c.limit_seconds * int(NEAR_FROM)
    near = func.sum(case((or_(clocks.c.breach_at.is_not(None), clocks.c.executed_early, used_up), 1), else_=0))
    spans = enumerate(looked.by_span())
    queries: list[_Query] = [select(near, func.count()).where(_completed_in(*each), ~beyond[place]) for place, each in spans]
    return NearBreaches(*await _sums(connection, queries))


async def supported(connection: AsyncConnection, looked: Looked) -> Attainment:
    """Clocks of OLAs and UCs on the tickets of the agreements that rest on them."""
    rests = [(each.asked.agreement, {in_addresses(number) for number in each.supports}) for each in looked.frames]
    promise = clocks.alias()
    queries: list[_Query] = []
    for span, frames in looked.by_span():
        names = {in_addresses(number) for frame in frames.values() for number in frame.supports}
        on = clocks.c.agreement.in_(sorted(names)), promise.c.agreement.in_(sorted(frames))
        each = (
            select(clocks.c.subject, clocks.c.clock, clocks.c.agreement, clocks.c.is_met, promise.c.agreement.label("carried"))
            .join(promise, promise.c.subject == clocks.c.subject)
            .where(*on, *_verdict_in(span, looked.now), *_in_region(frames))
            .distinct()
            .subquery()
        )
        met = func.sum(case((each.c.is_met, 1), else_=0))
        queries.append(select(each.c.carried, each.c.agreement, met, func.count()).group_by(each.c.carried, each.c.agreement))
    counted = [
        Attainment(int(met), int(every) - int(met))
        for carried, support, met, every in await connection.execute(_all(queries))
        if any(carried == agreement and support in supports for agreement, supports in rests)
    ]
    return sum(counted, Attainment())


async def ticket_facts(connection: AsyncConnection, looked: Looked) -> TicketFacts:
    """What happened to the tickets of all frames."""
    completed: list[_Query] = []
    held: list[_Query] = []
    backlog: list[_Query] = []
    for span, frames in looked.by_span():
        mine = _of(frames, clocks.c.state.not_in(_ENDED))
        done = _done(mine, span).subquery()
        completed.append(select(func.count(), func.sum(done.c.reopened)))
        held.append(_held(done))
        open_then = and_(clocks.c.completed_at.is_(None) | (clocks.c.completed_at >= span.end), tickets.c.created_at < span.end)
        waiting = select(clocks.c.agreement, clocks.c.subject).join(tickets, tickets.c.subject == clocks.c.subject)
        backlog.append(select(func.count()).select_from(waiting.where(mine, open_then).distinct().subquery()))
    near = await near_breaches(connection, looked)
    every, reopened = await _sums(connection, completed)
    known, once = await _sums(connection, held)
    [waiting_then] = await _sums(connection, backlog)
    return TicketFacts(every, reopened, known, once, waiting_then, near.near, near.completed)


async def _sums(connection: AsyncConnection, queries: Sequence[_Query]) -> list[int]:
    """Each column of all of them added up."""
    rows = (await connection.execute(_all(queries))).all()
    return [sum(int(each or 0) for each in column) for column in zip(*rows, strict=True)]


# ---- conditions -----------------------------------------------------------------------------------------------------


def _all(queries: Sequence[_Query]) -> _Query:
    return union_all(*queries) if len(queries) > 1 else queries[0]


def _of(frames: dict[str, PeriodFrame], *more: ColumnElement[bool]) -> ColumnElement[bool]:
    return and_(clocks.c.agreement.in_(sorted(frames)), *_in_region(frames), *more)


def _in_region(frames: dict[str, PeriodFrame]) -> list[ColumnElement[bool]]:
    """The condition of the region that was asked for; it is the same for all."""
    [region] = {frame.asked.region for frame in frames.values()}
    return [] if region is None else [clocks.c.subject.in_(select(tickets.c.subject).where(tickets.c.region == region))]


def _verdict_in(span: Span, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return clocks.c.verdict_at >= span.start, clocks.c.verdict_at < span.end, clocks.c.verdict_at <= now


def _judged(span: Span, frames: dict[str, PeriodFrame], now: datetime) -> ColumnElement[bool]:
    return _of(frames, *_verdict_in(span, now))


def _completed_in(span: Span, frames: dict[str, PeriodFrame]) -> ColumnElement[bool]:
    within = clocks.c.completed_at >= span.start, clocks.c.completed_at < span.end
    return _of(frames, clocks.c.state == ClockState.COMPLETED.value, *within)


async def _beyond(connection: AsyncConnection, looked: Looked) -> list[ColumnElement[bool]]:
    """For the frames of each span the condition that a clock's ticket is beyond its agreement's volume."""
    limited: list[tuple[Span, dict[str, PeriodFrame]]] = []
    queries: list[_Query] = []
    for place, (span, frames) in enumerate(looked.by_span()):
        mine = {name: frame for name, frame in frames.items() if any(limit.unit == TICKETS for limit in frame.asked.limits)}
        limited.append((span, mine))
        counted = or_(_judged(span, mine, looked.now), _completed_in(span, mine)) if mine else false()
        oldest = select(literal_column(str(place)), clocks.c.agreement, func.min(clocks.c.created_at)).where(counted)
        queries += [oldest.group_by(clocks.c.agreement)] if mine else []
    rows: Sequence[Any] = (await connection.execute(_all(queries))).all() if queries else []
    found: list[list[ColumnElement[bool]]] = [[] for _ in limited]
    for place, agreement, oldest_at in rows:
        span, mine = limited[place]
        found[place] += _beyond_limits(mine[agreement], span, oldest_at)
    return [or_(false(), *conditions) for conditions in found]


def _beyond_limits(frame: PeriodFrame, span: Span, oldest: datetime) -> Iterator[ColumnElement[bool]]:
    """In the order in which tickets came in, those after the agreed volume of the stretch they were created in (R-087)."""
    asked = frame.asked
    for limit in (each for each in asked.limits if each.unit == TICKETS):
        begins = period_at(limit.per, min(oldest, span.start), asked.zone).start
        for each in periods(limit.per, Span(begins, span.end), asked.zone):
            within = clocks.c.created_at >= each.start, clocks.c.created_at < each.end
            place = clocks.c.created_at, clocks.c.subject
            came = select(*place).where(clocks.c.agreement == asked.agreement, *within).distinct()
            late = came.order_by(*place).offset(limit.volume).subquery()
            yield and_(clocks.c.agreement == asked.agreement, clocks.c.subject.in_(select(late.c.subject)))


def _done(mine: ColumnElement[bool], span: Span) -> Select[*tuple[Any, ...]]:
    """Tickets all of whose clocks are completed, the last one in the span, and whether they were ever reopened."""
    last = func.max(clocks.c.completed_at)
    completed = func.count() == func.count(clocks.c.completed_at), last >= span.start, last < span.end
    done = select(clocks.c.agreement, clocks.c.subject).where(mine).group_by(clocks.c.agreement, clocks.c.subject).having(*completed)
    each = done.subquery()
    again = select(1).where(inbox.c.subject == each.c.subject, inbox.c.event["kind"].as_string() == EventKind.REOPENED.value).exists()
    return select(each.c.agreement, each.c.subject, case((again, 1), else_=0).label("reopened"))


def _held(done: Any) -> _Query:
    """Of these tickets, those whose holder is known; of them those that one team alone held and nobody reopened."""
    holder = inbox.c.event[("attributes", "held_by")].as_string()
    ticket = done.c.agreement, done.c.subject, done.c.reopened
    known = (
        select(done.c.reopened, func.count(holder.distinct()).label("holders"))
        .join(inbox, inbox.c.subject == done.c.subject)
        .where(holder.is_not(None))
        .group_by(*ticket)
        .subquery()
    )
    return select(func.count(), func.sum(case((and_(known.c.holders == 1, known.c.reopened == 0), 1), else_=0))).select_from(known)
