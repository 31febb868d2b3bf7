"""Charts and reports of an agreement in force: from closed periods where there are any, from the tickets as they stand where not."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row

from domain.agreement_life import term_of
from domain.agreement_parts import Period
from domain.case_messages import Registered
from domain.errors import NotFound
from domain.period_evidence import PeriodEvidence
from domain.period_figures import PeriodFigures, figure_changes, figures_of
from domain.periods import kind_of, period_at
from domain.service_report import ImprovementSection, KnownPeriod, ReportParts, ReportVersion, ServiceReport, service_report
from domain.slam import Closed, SlamChart, SlamFrame, months_until, slam_chart
from store.database import Database
from store.evidence import Evidence
from store.period_results import ClosedPeriods
from store.periods import PeriodFrame, Periods, frame_of
from store.stated import Stated

_A_MOMENT = timedelta(microseconds=1)


class Reports:
    """Draws charts and writes reports."""

    def __init__(self, database: Database) -> None:
        """Work on a database."""
        self._periods = Periods(database)
        self._closed = ClosedPeriods(database)
        self._evidence = Evidence(database)

    async def slam(self, entry: Any, until: str | None, now: datetime) -> SlamChart:
        """The chart of twelve months, from the last version of each closed period: one query however many tickets there are.

        Raises:
            NotFound: the agreement states no shares.
            BadInput: `until` is no month.
        """
        frame = _slam_frame(entry, until, now)
        return slam_chart(frame, _closed_in(await self._closed.last(entry.registry_no, frame.periods)))

    async def report(
        self, entry: Any, name: str, now: datetime, version: int | None = None, improvement: ImprovementSection | None = None
    ) -> ServiceReport:
        """The report of a period: of its last version or the one asked for; of one that is not closed, as it stands.

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
        rows = await self._closed.last(entry.registry_no, chart.periods, as_of)
        parts = ReportParts(
            frame.document,
            found,
            as_of,
            _version(versions, chosen),
            slam_chart(chart, _closed_in(rows)),
            {each: _known(row) for each, row in rows.items() if kind_of(each) is Period.MONTH},
        )
        return service_report(parts, improvement)

    async def _as_it_stands(self, entry: Any, frame: PeriodFrame, now: datetime) -> KnownPeriod:
        found = await self._periods.within(frame, now)
        return KnownPeriod(figures_of(entry.registry_no, found), await self._evidence.of(entry, frame, found, now))


def _slam_frame(entry: Any, until: str | None, now: datetime) -> SlamFrame:
    document = Stated.of(entry).document
    months = months_until(until, ZoneInfo(document.time_zone), now)
    return SlamFrame(entry.registry_no, document, term_of(Registered.model_validate(entry, from_attributes=True)), months)


def _closed_in(rows: Mapping[str, Row[Any]]) -> dict[str, Closed]:
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
