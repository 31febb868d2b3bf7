"""Charts and reports of an agreement in force: from closed periods where there are any, from the tickets as they stand where not."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from domain.agreement_parts import Period
from domain.credit_standing import standings_of
from domain.errors import NotFound
from domain.follow_ups.follow_up import FollowUp, FollowUpKind
from domain.improvement import improvement_of
from domain.judged_periods import JudgedPeriod, judged_period, judged_within
from domain.period_evidence import PeriodEvidence
from domain.period_figures import PeriodFigures, figure_changes, figures_of
from domain.periods import kind_of, period_at
from domain.service_report import KnownPeriod, ReportParts, ReportVersion, ServiceReport, service_report
from domain.slam import Closed, SlamChart, SlamFrame, months_until, slam_chart
from domain.versions import place_of
from store.database import Database
from store.entries import Entry
from store.evidence import Evidence
from store.follow_ups import FollowUpStore
from store.period_results import ClosedPeriods
from store.periods import PeriodFrame, Periods, frame_of
from store.stated import Stated

_A_MOMENT = timedelta(microseconds=1)


class Reports:
    """Draws charts and writes reports."""

    def __init__(self, database: Database) -> None:
        """Work on a database."""
        self._database = database
        self._follow_ups = FollowUpStore(database)
        self._periods = Periods(database)
        self._closed = ClosedPeriods(database)
        self._evidence = Evidence(database)

    async def slam(self, entry: Entry, until: str | None, now: datetime) -> SlamChart:
        """The chart of twelve months, from the last version of each closed period: one query however many tickets there are.

        Raises:
            NotFound: the agreement states no shares.
            BadInput: `until` is no month.
        """
        frame = _slam_frame(entry, until, now)
        return slam_chart(frame, _closed_by_name(await self._rows(entry, frame)))

    async def report(self, entry: Entry, name: str, now: datetime, version: int | None = None) -> ServiceReport:
        """The report of a period: of its last version or the one asked for; of one that is not closed, as it stands.

        Plans, reviews and what became of credits always as they stand: what became of them is the point.

        Raises:
            NotFound: the agreement states no shares, was not in force in the period, or there is no such version.
            BadInput: there is no such period.
        """
        frame = frame_of(entry, name)
        versions = await self._closed.versions(entry.registry_no, frame.period.name)
        if version is not None and not 0 < version <= len(versions):
            raise NotFound(f"{name} of {entry.registry_no} has no version {version}")
        chosen = versions[(version or len(versions)) - 1] if versions else None
        found = _known(chosen) if chosen is not None else await self._as_it_stands(entry, frame, now)
        as_of = chosen.closed_at if chosen is not None else now
        last_month = period_at(Period.MONTH, frame.period.end.astimezone(frame.asked.zone) - _A_MOMENT, frame.asked.zone)
        chart = _slam_frame(entry, last_month.name, as_of)
        rows = await self._rows(entry, chart, as_of)
        cases = await self._cases(entry)
        parts = ReportParts(
            frame.document,
            found,
            as_of,
            _version(versions, chosen),
            slam_chart(chart, _closed_by_name(rows)),
            {each: _known(row) for each, row in rows.items() if kind_of(each) is Period.MONTH},
            improvement_of(cases, frame.period, frame.asked.zone),
            await self._judged_in(entry, frame, as_of),
            standings_of(cases, frame.period.name),
        )
        return service_report(parts)

    async def _cases(self, entry: Entry) -> list[FollowUp]:
        async with self._database.reading() as connection:
            return await self._follow_ups.of(connection, entry.registry_no, FollowUpKind.PLAN, FollowUpKind.REVIEW, FollowUpKind.CREDIT)

    async def _judged_in(self, entry: Entry, frame: PeriodFrame, as_of: datetime) -> tuple[JudgedPeriod, ...] | None:
        found = judged_within(frame.document.periods, frame.period, entry.stages, as_of)
        if found is None:
            return None
        closed = _closed_by_name(await self._closed.last(entry.registry_no, [each.name for each in found], as_of))
        return tuple(judged_period(entry.registry_no, each, closed.get(each.name), as_of) for each in found)

    async def _rows(self, entry: Entry, frame: SlamFrame, known_at: datetime | None = None) -> dict[str, Row[Any]]:
        """The closed periods of a chart; of one that a change of versions split, the part that came last."""
        split = [f"{name}@{stage.version}" for name in frame.periods for stage in entry.stages[1:] and entry.stages]
        rows = await self._closed.last(entry.registry_no, [*frame.periods, *split], known_at)
        ordered = sorted(rows, key=lambda name: (_whole(name), place_of(name.partition("@")[2] or "0.0")))
        return {_whole(name): rows[name] for name in ordered}

    async def _as_it_stands(self, entry: Entry, frame: PeriodFrame, now: datetime) -> KnownPeriod:
        found = await self._periods.within(frame, now)
        return KnownPeriod(figures_of(entry.registry_no, found), await self._evidence.of(frame, found, now))


def _whole(name: str) -> str:
    return name.partition("@")[0]


def _slam_frame(entry: Entry, until: str | None, now: datetime) -> SlamFrame:
    stated = Stated.of(entry)
    return SlamFrame(entry.registry_no, stated.document, stated.term, months_until(until, stated.zone, now))


def _closed_by_name(rows: Mapping[str, Row[Any]]) -> dict[str, Closed]:
    return {name: Closed(row.version, PeriodFigures.model_validate(row.content)) for name, row in rows.items()}


def _known(row: Row[Any]) -> KnownPeriod:
    return KnownPeriod(PeriodFigures.model_validate(row.content), PeriodEvidence.model_validate(row.content.get("evidence", {})))


def _version(versions: Sequence[Row[Any]], row: Row[Any] | None) -> ReportVersion | None:
    if row is None:
        return None
    before = versions[row.version - 2].content if row.version > 1 else row.content
    return ReportVersion(
        number=row.version,
        hash=row.digest,
        closed_by=row.closed_by,
        closed_at=row.closed_at,
        differences=tuple(figure_changes(before, row.content)),
    )
