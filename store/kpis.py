"""The facts of KPIs: of one agreement, or of all promises of a service, to a customer, in a region. The database counts."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.attainment import Attainment, Counted
from domain.availability import Availability
from domain.errors import NotFound
from domain.follow_ups.credit import Credit
from domain.follow_ups.follow_up import FollowUp, FollowUpKind
from domain.follow_ups.plan import Plan
from domain.follow_ups.review import Review
from domain.kpis import KpiFacts, Uptime, actions_on_time, reviews_on_time
from domain.measurements import Measured
from domain.period_results import credits_of, results_of
from domain.periods import period_named
from domain.spans import Span
from domain.versions import parts
from domain.watermelon import Satisfaction
from store.case_tables import CaseRow, RegistryRow
from store.condensed import Wanted
from store.database import Database
from store.entries import PROMISES, Entry, entries_of
from store.feedback import FeedbackStore
from store.follow_ups import FollowUpStore, credited_in
from store.kpi_counts import Looked, attainments, supported, ticket_facts
from store.measurements import MeasurementStore
from store.periods import PeriodFrame, availability_of, frame_of, outages_of

cases, entries = CaseRow.__table__, RegistryRow.__table__  # type: ignore[attr-defined]


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


AT_ONCE = 100
"""Agreements whose facts one query counts; SQLite joins at most 500 queries to one."""


class Kpis:
    """Gathers facts."""

    def __init__(self, database: Database) -> None:
        """Work on a database."""
        self._database = database
        self._feedback = FeedbackStore(database)
        self._follow_ups = FollowUpStore(database)
        self._measurements = MeasurementStore(database)

    async def facts(self, asked: KpisAsked, now: datetime) -> tuple[KpiFacts, list[str]]:
        """The facts, and the agreements they are of: signed here, and in force in the period.

        One query counts each kind of fact for a hundred agreements.

        Raises:
            NotFound: no agreement is of that scope.
            BadInput: there is no such period.
        """
        pairs = [(entry, frame) for entry in await self._entries(asked) for frame in _frames(entry, asked)]
        found = KpiFacts()
        async with self._database.reading() as connection:
            for start in range(0, len(pairs), AT_ONCE):
                found = _added(found, await self._of(connection, pairs[start : start + AT_ONCE], now))
        return found, list(dict.fromkeys(entry.registry_no for entry, _ in pairs))

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

    async def _of(self, connection: AsyncConnection, pairs: Sequence[tuple[Entry, PeriodFrame]], now: datetime) -> KpiFacts:
        frames = [frame for _, frame in pairs]
        looked = Looked(frames, now)
        counted = await attainments(connection, looked)
        wanted = {
            place: [Wanted(frame.registry_no, target.target, frame.so_far(now)) for target in frame.document.availability]
            for place, frame in enumerate(frames)
        }
        measured = await self._measurements.of_all(connection, [each for listed in wanted.values() for each in listed])
        kinds = FollowUpKind.REVIEW, FollowUpKind.PLAN, FollowUpKind.CREDIT
        followed = await self._follow_ups.of_all(connection, sorted({frame.registry_no for frame in frames}), *kinds)
        said = [(frame.registry_no, frame.so_far(now)) for frame in frames]
        found = KpiFacts(
            supports=await supported(connection, looked),
            tickets=await ticket_facts(connection, looked),
            satisfaction=await self._feedback.answers(connection, said),
            lead_times=await _lead_times(connection, pairs, now),
        )
        for place, frame in enumerate(frames):
            stretches = {each.target: measured[each] for each in wanted[place] if measured[each]}
            found = _added(found, _own(frame, counted[place], stretches, followed[frame.registry_no], now))
        return found


def _own(
    frame: PeriodFrame,
    counted: Mapping[str, Counted],
    stretches: Mapping[str, Sequence[Measured]],
    followed: Sequence[FollowUp],
    now: datetime,
) -> KpiFacts:
    """What an agreement came to by its own text."""
    document, span, is_over = frame.document, frame.so_far(now), frame.is_over(now)
    measured = availability_of(document, span, stretches)
    results = results_of(document, frame.kind, counted, measured)
    known = credited_in([each for each in followed if isinstance(each, Credit)], frame.period.name)
    drafts = credits_of(document, results, known, frame.share) if is_over else []
    return KpiFacts(
        attainment=sum((each.within for each in counted.values()), Attainment()),
        uptime=_uptime(measured, outages_of(document, span, stretches)),
        credits={document.price.currency: sum((draft.amount for draft in drafts), Decimal(0))} if document.price is not None else {},
        reviews=reviews_on_time([each for each in followed if isinstance(each, Review)], span),
        improvement=actions_on_time([each for each in followed if isinstance(each, Plan)], span),
        is_over=is_over,
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
        reviews=one.reviews + other.reviews,
        improvement=one.improvement + other.improvement,
        is_over=one.is_over and other.is_over,
    )


def _uptime(found: Mapping[str, Availability], outages: Mapping[str, int]) -> Uptime:
    measured = [Uptime(each.agreed, each.down, outages[name]) for name, each in found.items() if each.is_measured]
    return sum(measured, Uptime(is_unknown=len(measured) < len(found)))


async def _lead_times(connection: AsyncConnection, pairs: Sequence[tuple[Entry, PeriodFrame]], now: datetime) -> tuple[timedelta, ...]:
    """From the request of its case to its registration, of each agreement that was registered in its period."""
    signed = [entry for entry, frame in pairs if (span := frame.so_far(now)).start <= entry.registered_at < span.end]
    rows = await connection.execute(
        select(cases.c.case_id, cases.c.opened_at).where(cases.c.case_id.in_([each.case_id for each in signed]))
    )
    opened = {row.case_id: row.opened_at for row in rows}
    return tuple(entry.registered_at - opened[entry.case_id] for entry in signed if entry.case_id in opened)
