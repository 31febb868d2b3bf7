"""Gathering what stands behind a period's figures, and closing periods with it."""

from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.agreement_parts import TICKETS
from domain.attainment import Judgement
from domain.errors import Conflict
from domain.period_evidence import (
    MOST_BREACHES,
    BreachFigures,
    PartFigures,
    PeriodEvidence,
    SupportFigures,
    TargetBreaches,
    WorkloadFigures,
)
from domain.period_figures import figures_of
from domain.period_results import PeriodResults
from domain.periods import period_at, periods
from domain.registry_numbers import in_addresses
from domain.spans import Span
from domain.terms import AgreementKind
from store.database import Database
from store.entries import Entry
from store.judged import JudgedClocks
from store.period_results import ClosedPeriods, Closing
from store.periods import PeriodFrame, Periods, frame_of
from store.registry import AgreementRegistry
from store.results import Asked, Page, attainment_of, created_under
from store.stated import Stated


class Evidence:
    """Gathers it."""

    def __init__(self, database: Database) -> None:
        """Work on a database."""
        self._database = database
        self._judged = JudgedClocks(database)
        self._registry = AgreementRegistry(database)

    async def of(self, frame: PeriodFrame, found: PeriodResults, now: datetime) -> PeriodEvidence:
        """What stands behind results that were just counted."""
        span = frame.so_far(now)
        breaches = [await self._breaches(frame, target, counted.within.breached, now) for target, counted in found.counted.items()]
        async with self._database.reading() as connection:
            workload = [each async for each in _workload(connection, frame, span)]
        supports = [each for number in frame.supports for each in await self._supports(number, frame, span, now)]
        return PeriodEvidence(
            breaches=tuple(each for each in breaches if each.target in found.results), workload=tuple(workload), supports=tuple(supports)
        )

    async def _breaches(self, frame: PeriodFrame, target: str, count: int, now: datetime) -> TargetBreaches:
        # Read as of the period's end, so that one that is still open is not later each time somebody looks.
        as_of = min(now, frame.period.end - timedelta(microseconds=1))
        rows = await self._judged.page(frame, Page(target, Judgement.BREACHED, MOST_BREACHES), now, as_of) if count else []
        tickets = [
            BreachFigures(
                ticket=row.subject,
                clock=row.clock,
                breach_at=row.verdict_at,
                late_minutes=row.late_by / timedelta(minutes=1) if row.late_by is not None else None,
                parts=tuple(PartFigures.of(part) for part in row.parts),
            )
            for row in rows
        ]
        return TargetBreaches.of(target, count, tickets)

    async def _supports(self, number: str, frame: PeriodFrame, span: Span, now: datetime) -> list[SupportFigures]:
        entry = await self._registry.entry(number)
        if entry is None:
            return []
        asked = Asked(in_addresses(number), frame.asked.zone, carrying=frame.asked.agreement)
        async with self._database.reading() as connection:
            counted = await attainment_of(connection, asked, span, now)
        promised = _shares(entry.at(frame.period.start))
        names = dict.fromkeys([*promised, *sorted(counted)])
        return [
            SupportFigures.of(number, AgreementKind(entry.kind), name, promised.get(name), counted[name])
            for name in names
            if name in counted
        ]


async def _workload(connection: AsyncConnection, frame: PeriodFrame, span: Span) -> Any:
    """The volume of each stretch that a limit is agreed for and the period touches."""
    limits = [(each.unit, each.per, each.volume) for each in frame.document.workload_limits or ()]
    for unit, per, limit in [*limits, *([] if any(unit == TICKETS for unit, *_ in limits) else [(TICKETS, frame.kind, None)])]:
        for part in periods(per, span, frame.asked.zone):
            whole = period_at(per, part.start, frame.asked.zone)
            stretch = Span(whole.start, min(whole.end, span.end))
            volume = await created_under(connection, frame.asked, stretch) if unit == TICKETS else None
            yield WorkloadFigures.of(unit, per, whole.name, volume, limit)


def _shares(entry: Entry) -> dict[str, Fraction]:
    """By target: the share of tickets a support promised, if it has a text that says so."""
    if entry.case_id is None:
        return {}
    return {each.target: Fraction(each.compliance) for each in Stated.of(entry).document.targets if each.compliance is not None}


class PeriodCloser:
    """Closes periods: the one way in which a version comes to be."""

    def __init__(self, database: Database) -> None:
        """Work on a database."""
        self._periods = Periods(database)
        self._evidence = Evidence(database)
        self._closed = ClosedPeriods(database)

    async def close(self, entry: Entry, period: str, by: str, now: datetime) -> Row[Any]:
        """Keep a period's figures, with what stands behind them, as its next version, unless nothing changed since the last.

        Raises:
            Conflict: the period is not over.
            NotFound, BadInput: as `frame_of` says.
        """
        found = await self._periods.results(entry, period, now)
        if not found.is_over:
            raise Conflict("PERIOD_NOT_OVER", f"{period} is over on {found.period.end:%Y-%m-%d}; until then its figures still change")
        return await self.keep(entry, found, by, now)

    async def keep(self, entry: Entry, found: PeriodResults, by: str, now: datetime) -> Row[Any]:
        """`close`, of results that were just counted of a period that is over."""
        return await self._closed.close(Closing(entry.registry_no, found.period.name, await self.content(entry, found, now), by, now))

    async def content(self, entry: Entry, found: PeriodResults, now: datetime) -> dict[str, Any]:
        """What a version of these results holds."""
        evidence = await self._evidence.of(frame_of(entry, found.period.name), found, now)
        return figures_of(entry.registry_no, found).model_dump(mode="json") | {"evidence": evidence.model_dump(mode="json")}
