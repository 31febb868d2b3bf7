"""The book of an agreement's periods, as its process reads it: closed, reported, looked at."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from domain.agreement_parts import Period
from domain.canonical import digest_of
from domain.closing import LATE_FACTS_FOR, ClosedTarget, Closing, Due, Irregularity, Looked
from domain.consequences import report_notice
from domain.credits import penalised
from domain.effects import Notice
from domain.errors import BadInput, NotFound
from domain.follow_ups.correction import AT_RISK_UNSUPPORTED
from domain.penalties import penalties_counted
from domain.period_results import PeriodResults
from domain.periods import closed_kinds, kind_of, period_at
from domain.results import is_chronic, may_be_ended
from domain.rising import QUARTERS, proposals
from domain.spans import Span
from domain.terms import SUPPORT_KINDS, AgreementKind
from domain.versions import parts
from domain.watermelon import is_satisfied
from store.alignments import Alignments
from store.database import Database
from store.entries import Entry
from store.evidence import PeriodCloser
from store.follow_ups import FollowUpStore
from store.judged import JudgedClocks
from store.period_results import ClosedPeriods
from store.periods import Periods, frame_of
from store.registry import AgreementRegistry
from store.stated import Stated
from store.warnings import EarlyWarnings

CLOSED_BY = "servanda"
"""Who closed a period that nobody closed by hand."""


class PeriodBook:
    """Carries out `domain.ports.PeriodBook`."""

    def __init__(self, database: Database) -> None:
        """Work on a database."""
        self._database = database
        self._registry = AgreementRegistry(database)
        self._periods = Periods(database)
        self._closed = ClosedPeriods(database)
        self._closer = PeriodCloser(database)
        self._judged = JudgedClocks(database)
        self._follow_ups = FollowUpStore(database)
        self._warnings = EarlyWarnings(database)
        self._alignments = Alignments(database)

    async def close(self, registry_no: str, period: str, at: datetime) -> Closing | None:
        """Close a period as it stands; the same figures again are the same version. None where nothing can be closed."""
        entry = await self._registry.entry(registry_no)
        found = await self._found(entry, period, at)
        if entry is None or found is None or not found.is_over:
            return None
        row = await self._closer.keep(entry, found, CLOSED_BY, at)
        async with self._database.reading() as connection:
            plans = await self._follow_ups.open_plans(connection, registry_no)
        due, late = await self._due(entry, found, at)
        return Closing(
            period=found.period.name,
            ended=found.period.end,
            version=row.version,
            targets=tuple(_closed_target(name, found) for name in found.results),
            due=due,
            caused=(*await self._caused(entry, found, at), *late) if entry.kind in SUPPORT_KINDS else (),
            watermelon=found.watermelon,
            satisfied=is_satisfied(found.satisfaction, found.outcomes.values()),
            plans=plans,
            proposals=await self._proposals(entry, found, at),
        )

    async def report(self, registry_no: str, period: str, at: datetime) -> Notice | None:
        """Who is told that the report of a period is ready."""
        entry = await self._registry.entry(registry_no)
        found = await self._found(entry, period, at)
        if entry is None or found is None or not found.is_over:
            return None
        return report_notice(registry_no, AgreementKind(entry.kind), found.period.name)

    async def look(self, registry_no: str, at: datetime) -> Looked:
        """What is irregular now, and the closed periods whose facts came late."""
        entry = await self._registry.entry(registry_no)
        if entry is None or entry.case_id is None:
            return Looked()
        warnings = [
            Irregularity(kind=each.kind.value, target=each.target, why=each.why) for each in await self._warnings.warnings(entry.at(at), at)
        ]
        return Looked(irregular=(*warnings, *await self._unsupported(entry, at)), late=tuple(await self._late(entry, at)))

    # ---- what it is made of -----------------------------------------------------------------------------------------

    async def _found(self, entry: Entry | None, period: str, at: datetime) -> PeriodResults | None:
        if entry is None:
            return None
        try:
            return await self._periods.results(entry, period, at)
        except (NotFound, BadInput):  # not in force then, or split by a change of versions
            return None

    async def _unsupported(self, entry: Entry, at: datetime) -> list[Irregularity]:
        """The targets whose supports carried them when they were signed, and do not any more (R-078)."""
        lost: dict[str, list[str]] = {}
        for each in await self._alignments.lost(entry, at):
            lost.setdefault(each.target, []).append(each.message)
        return [Irregularity(kind=AT_RISK_UNSUPPORTED, target=target, why="; ".join(lost[target])) for target in sorted(lost)]

    async def _late(self, entry: Entry, at: datetime) -> list[str]:
        """Periods that ended lately whose figures are no longer those of their last version."""
        stated = Stated.of(entry)
        lately = Span(at - LATE_FACTS_FOR, at)
        ended = [
            period
            for kind in closed_kinds(stated.document.periods)
            for period, _ in parts(kind, entry.stages, lately, stated.zone)
            if period.end < at
        ]
        found = []
        for period in ended:
            if not (versions := await self._closed.versions(entry.registry_no, period.name)):
                continue
            results = await self._found(entry, period.name, at)
            if results is not None and digest_of(await self._closer.content(entry, results, at)) != versions[-1].digest:
                found.append(period.name)
        return found

    async def _due(self, entry: Entry, found: PeriodResults, at: datetime) -> tuple[tuple[Due, ...], list[str]]:
        """What the period costs by the agreement's tables and penalties, target by target; and the tickets penalties are for."""
        currency = found.document.currency
        due = {
            each.target: Due(target=each.target, amount=each.amount, currency=currency, why=each.why)
            for each in found.drafts
            if each.target not in found.disputed
        }
        tickets: list[str] = []
        for penalty in penalties_counted(found.document, kind_of(found.period.name)):
            late = await self._judged.late(frame_of(entry, found.period.name), penalty.target, at)
            if late:
                known = due.get(penalty.target)
                due[penalty.target] = penalised(penalty, late, currency, known)
                tickets += late
        return tuple(due[target] for target in sorted(due)), tickets

    async def _proposals(self, entry: Entry, found: PeriodResults, at: datetime) -> tuple[str, ...]:
        """Tighter promises, where the period ends a year of quarters in which a target was kept easily; told once, with the month."""
        zone = ZoneInfo(found.document.time_zone)
        quarter = period_at(Period.QUARTER, found.period.end - timedelta(microseconds=1), zone)
        if entry.kind in SUPPORT_KINDS or kind_of(found.period.name) is not Period.MONTH or quarter.end != found.period.end:
            return ()
        quarters: list[PeriodResults] = []
        while len(quarters) < QUARTERS:
            results = await self._found(entry, quarter.name, at)
            if results is None:
                return ()
            quarters.insert(0, results)
            quarter = period_at(Period.QUARTER, quarter.start - timedelta(days=1), zone)
        return tuple(each.said for each in proposals(found.document, [each.every for each in quarters]))

    async def _caused(self, entry: Entry, found: PeriodResults, at: datetime) -> tuple[str, ...]:
        """The agreements that rest on a support and were missed with it in the same period."""
        if not found.is_missed:
            return ()
        late = []
        for row in await self._registry.resting_on(entry.registry_no):
            theirs = await self._found(row, found.period.name, at)
            if theirs is not None and theirs.is_missed:
                late.append(row.registry_no)
        return tuple(late)


def _closed_target(name: str, found: PeriodResults) -> ClosedTarget:
    result = found.results[name]
    colours = [*found.earlier.get(name, []), result.colour]
    return ClosedTarget(
        target=name,
        promised=result.promised_shown,
        achieved=result.shown,
        verdict=result.verdict,
        colour=result.colour,
        chronic=is_chronic(colours),
        may_be_ended=may_be_ended(colours),
        disputed=name in found.disputed,
    )
