"""The facts of KPIs: of one agreement, or of all promises of a service, to a customer, in a region. The database counts."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Select, and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.attainment import Attainment
from domain.clocks import ClockState
from domain.errors import NotFound
from domain.events import EventKind
from domain.kpis import KpiFacts, TicketFacts, Uptime
from domain.period_results import PeriodResults
from domain.periods import period_named
from domain.registry_numbers import in_addresses
from domain.spans import Span
from domain.versions import parts
from domain.watermelon import Satisfaction
from store.case_tables import CaseRow, RegistryRow
from store.database import Database
from store.entries import PROMISES, Entry, entries_of
from store.periods import PeriodFrame, Periods, frame_of
from store.results import Asked, attainment_of, met_after_warning
from store.tickets import clocks, inbox, tickets

cases, entries = CaseRow.__table__, RegistryRow.__table__  # type: ignore[attr-defined]

_ENDED = (ClockState.CANCELLED.value, ClockState.VOIDED.value)


class Scope(StrEnum):
    """What KPIs are asked of."""

    REGISTRY_NO = "registry_no"
    SERVICE = "service"
    CUSTOMER = "customer"
    REGION = "region"


class KpisAsked(NamedTuple):
    """KPIs of a period, of whatever has this name in the scope."""

    scope: Scope
    name: str
    period: str


class Kpis:
    """Gathers facts."""

    def __init__(self, database: Database) -> None:
        """Work on a database."""
        self._database = database
        self._periods = Periods(database)

    async def facts(self, asked: KpisAsked, now: datetime) -> tuple[KpiFacts, list[str]]:
        """The facts, and the agreements they are of: signed here, and in force in the period.

        The queries grow with the number of agreements, not with what is asked of each.

        Raises:
            NotFound: no agreement is of that scope.
            BadInput: there is no such period.
        """
        found, numbers = KpiFacts(), list[str]()
        for entry in await self._entries(asked):
            for frame in _frames(entry, asked):
                found = _added(found, await self._of(entry, frame, now))
                numbers = list(dict.fromkeys([*numbers, entry.registry_no]))
        return found, numbers

    async def _entries(self, asked: KpisAsked) -> Sequence[Entry]:
        query = select(entries).where(entries.c.case_id.is_not(None))
        if asked.scope is Scope.REGION:
            query = query.where(entries.c.kind.in_([kind.value for kind in PROMISES]), entries.c.service.is_not(None))
        elif asked.scope is Scope.REGISTRY_NO:
            query = query.where(entries.c.registry_no == asked.name)
        else:
            query = query.where(entries.c[asked.scope.value] == asked.name, entries.c.kind.in_([kind.value for kind in PROMISES]))
        async with self._database.reading() as connection:
            rows = (await connection.execute(query.order_by(entries.c.registry_no, entries.c.registered_at))).all()
        if asked.scope is Scope.REGION:
            rows = [row for row in rows if not row.regions or asked.name in row.regions]
        if not rows:
            raise NotFound(f"there is no agreement for {asked.scope.value} {asked.name}")
        return entries_of(rows)

    async def _of(self, entry: Entry, frame: PeriodFrame, now: datetime) -> KpiFacts:
        results, span = await self._periods.within(frame, now), frame.so_far(now)
        async with self._database.reading() as connection:
            supports = Attainment()
            for number in entry.supports:
                carried = Asked(in_addresses(number), frame.asked.zone, region=frame.asked.region, carrying=frame.asked.agreement)
                supports = sum((each.within for each in (await attainment_of(connection, carried, span, now)).values()), supports)
            counted = await _tickets(connection, frame.asked, span, now)
            lead_times = tuple([each async for each in _lead_times(connection, entry, span)])
        price = results.document.price
        return KpiFacts(
            attainment=sum((each.within for each in results.counted.values()), Attainment()),
            supports=supports,
            tickets=counted,
            uptime=_uptime(results),
            satisfaction=results.satisfaction,
            credits={price.currency: sum((draft.amount for draft in results.drafts), Decimal(0))} if price is not None else {},
            lead_times=lead_times,
            is_over=results.is_over,
        )


def _frames(entry: Entry, asked: KpisAsked) -> list[PeriodFrame]:
    """The period of an agreement, in its parts where one version followed another in it; none where it was not in force."""
    zone = ZoneInfo(entry.time_zone)
    kind, whole = period_named(asked.period, zone)
    named = parts(kind, entry.stages, Span(whole.start, whole.end), zone)
    frames = [frame_of(entry, part.name) for part, _ in named if asked.period in {part.name, part.name.partition("@")[0]}]
    if asked.scope is not Scope.REGION:
        return frames
    return [frame._replace(asked=frame.asked._replace(region=asked.name)) for frame in frames]


def _added(one: KpiFacts, other: KpiFacts) -> KpiFacts:
    said = [one.satisfaction, other.satisfaction]
    return KpiFacts(
        attainment=one.attainment + other.attainment,
        supports=one.supports + other.supports,
        tickets=one.tickets + other.tickets,
        uptime=one.uptime + other.uptime,
        satisfaction=Satisfaction(sum(each.content for each in said), sum(each.answers for each in said)),
        credits={name: one.credits.get(name, Decimal(0)) + other.credits.get(name, Decimal(0)) for name in {*one.credits, *other.credits}},
        lead_times=(*one.lead_times, *other.lead_times),
        is_over=one.is_over and other.is_over,
    )


def _uptime(results: PeriodResults) -> Uptime:
    measured = [Uptime(each.agreed, each.down, results.outages[name]) for name, each in results.measured.items() if each.is_measured]
    return sum(measured, Uptime(is_unknown=len(measured) < len(results.measured)))


async def _tickets(connection: AsyncConnection, asked: Asked, span: Span, now: datetime) -> TicketFacts:
    """What happened to the agreement's tickets in a span that is gone."""
    mine = [clocks.c.agreement == asked.agreement, clocks.c.state.not_in(_ENDED)]
    if asked.region is not None:
        mine.append(clocks.c.subject.in_(select(tickets.c.subject).where(tickets.c.region == asked.region)))
    completed = _completed(mine, span).cte("completed")
    holder = inbox.c.event[("attributes", "held_by")].as_string()
    held = (
        select(completed.c.subject, completed.c.reopened, func.count(holder.distinct()).label("holders"))
        .join(inbox, inbox.c.subject == completed.c.subject)
        .where(holder.is_not(None))
        .group_by(completed.c.subject, completed.c.reopened)
        .subquery()
    )
    once = and_(held.c.holders == 1, held.c.reopened == 0)
    by_completed = (await connection.execute(select(func.count(), func.sum(completed.c.reopened)).select_from(completed))).one()
    by_held = (await connection.execute(select(func.count(), func.sum(case((once, 1), else_=0))).select_from(held))).one()
    open_then = and_(clocks.c.completed_at.is_(None) | (clocks.c.completed_at >= span.end), tickets.c.created_at < span.end)
    backlog = select(func.count(clocks.c.subject.distinct())).join(tickets, tickets.c.subject == clocks.c.subject).where(*mine, open_then)
    return TicketFacts(
        completed=int(by_completed[0]),
        reopened=int(by_completed[1] or 0),
        held=int(by_held[0]),
        held_once=int(by_held[1] or 0),
        backlog=int(await connection.scalar(backlog) or 0),
        near_breached=await met_after_warning(connection, asked, span, now),
    )


def _completed(mine: list[Any], span: Span) -> Select[Any]:
    """Tickets all of whose clocks are completed, the last one in the span, and whether they were ever reopened."""
    last = func.max(clocks.c.completed_at)
    done = (
        select(clocks.c.subject)
        .where(*mine)
        .group_by(clocks.c.subject)
        .having(func.count() == func.count(clocks.c.completed_at), last >= span.start, last < span.end)
        .subquery()
    )
    again = select(1).where(inbox.c.subject == done.c.subject, inbox.c.event["kind"].as_string() == EventKind.REOPENED.value).exists()
    return select(done.c.subject, case((again, 1), else_=0).label("reopened"))


async def _lead_times(connection: AsyncConnection, entry: Entry, span: Span) -> AsyncIterator[Any]:
    """From the request of its case to its registration, if it was registered in the span."""
    if span.start <= entry.registered_at < span.end:
        opened_at = await connection.scalar(select(cases.c.opened_at).where(cases.c.case_id == entry.case_id))
        if opened_at is not None:
            yield entry.registered_at - opened_at
