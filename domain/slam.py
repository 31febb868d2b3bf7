"""The SLAM chart: what each target came to, month by month, as ITIL draws it (R-111). Pure, from closed periods alone."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from itertools import groupby
from typing import Annotated, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import Field

from domain.agreement_parts import Period
from domain.documents import AgreementDocument
from domain.errors import BadInput
from domain.figures import shown
from domain.in_force import Term
from domain.period_figures import PeriodFigures
from domain.periods import PeriodSpan, kind_of, period_at, period_named
from domain.registry_numbers import in_addresses
from domain.results import Colour, Verdict
from domain.spans import Span
from domain.values import Message

MONTHS_SHOWN = 12


class CellReason(StrEnum):
    """Why a cell is grey."""

    NOT_CLOSED = "NOT_CLOSED"
    """The period is over, and nobody has closed it."""
    NOT_PROMISED = "NOT_PROMISED"
    """The agreement, or this target, was not in force."""
    NOT_MEASURED = "NOT_MEASURED"
    """Too much is unknown."""
    NO_DATA = "NO_DATA"
    """Nothing happened that could be judged."""


class SlamCell(Message):
    """A target in a closed period: the last version of its figures, and where they are explained.

    A month fills one column; a quarter or a year fills the columns of its months that are shown.
    """

    period: str
    columns: Annotated[int, Field(description="how many months of the chart it fills")]
    first_month: str
    colour: Colour
    reason: Annotated[CellReason | None, Field(description="why it is grey")]
    achieved: str | None
    allowance_used: str | None
    version: Annotated[int | None, Field(description="which version of the closed period; none where it is not closed")]
    address: str


class SlamRow(Message):
    """A target and its cells, earliest first; months without one belong to a period that goes on after the chart."""

    target: str
    promised: str
    cells: tuple[SlamCell, ...]


class SlamChart(Message):
    """Months by targets; the running month and those to come are left out."""

    registry_no: str
    title: str
    months: tuple[str, ...]
    rows: tuple[SlamRow, ...]


class Closed(NamedTuple):
    """The version of a closed period that counts."""

    version: int
    figures: PeriodFigures


class SlamFrame(NamedTuple):
    """What a chart is drawn of: an agreement, its term, and the months that are columns, earliest first."""

    registry_no: str
    document: AgreementDocument
    term: Term
    months: tuple[PeriodSpan, ...]

    @property
    def zone(self) -> ZoneInfo:
        """The agreement's zone."""
        return ZoneInfo(self.document.time_zone)

    def stretches(self, kind: Period) -> Iterator[tuple[PeriodSpan, list[PeriodSpan]]]:
        """Periods of a kind that end within the chart, each with its columns."""
        for period, columns in groupby(self.months, key=lambda month: period_at(kind, month.start, self.zone)):
            inside = list(columns)
            if inside[-1].end == period.end:
                yield period, inside

    @property
    def periods(self) -> list[str]:
        """Names of all periods the chart may show."""
        return sorted({period.name for kind in Period for period, _ in self.stretches(kind)})


def months_until(until: str | None, zone: ZoneInfo, now: datetime) -> tuple[PeriodSpan, ...]:
    """The twelve months up to one, or up to the last that is over, without those that are not over.

    Raises:
        BadInput: `until` is no month.
    """
    if until is not None and kind_of(until) is not Period.MONTH:
        raise BadInput(f"until: {until!r} is no month; write 2026-12")
    last = period_named(until, zone)[1] if until is not None else _before(period_at(Period.MONTH, now, zone), zone)
    found = [last]
    while len(found) < MONTHS_SHOWN:
        found.insert(0, _before(found[0], zone))
    return tuple(month for month in found if month.end <= now)


def slam_chart(frame: SlamFrame, closed: Mapping[str, Closed]) -> SlamChart:
    """The chart of an agreement from its closed periods, by name."""
    return SlamChart(
        registry_no=frame.registry_no,
        title=frame.document.title,
        months=tuple(month.name for month in frame.months),
        rows=tuple(
            SlamRow(target=target, promised=promised, cells=tuple(_cells(frame, closed, target, kind)))
            for (target, kind), promised in _targets(frame.document, closed).items()
        ),
    )


def _before(month: PeriodSpan, zone: ZoneInfo) -> PeriodSpan:
    year, number = map(int, month.name.split("-"))
    return period_named(f"{year - (number == 1)}-{(number - 2) % 12 + 1:02}", zone)[1]


def _targets(document: AgreementDocument, closed: Mapping[str, Closed]) -> dict[tuple[str, Period], str]:
    """Each target by name and kind of period, with its promise: those of the agreement, then those it had once."""
    stated = {(each.target, each.period): each.compliance for each in document.targets if each.compliance is not None}
    stated |= {(each.target, each.period): each.percent for each in document.availability}
    once = {(each.target, kind_of(name)): each.promised for name in sorted(closed) for each in closed[name].figures.targets}
    return {key: f"{shown(Fraction(share), 4)} %" for key, share in stated.items()} | {key: once[key] for key in once if key not in stated}


def _cells(frame: SlamFrame, closed: Mapping[str, Closed], target: str, kind: Period) -> Iterator[SlamCell]:
    for period, columns in frame.stretches(kind):
        version = closed.get(period.name)
        figures = version.figures.of_target(target) if version is not None else None
        cell = {
            "period": period.name,
            "columns": len(columns),
            "first_month": columns[0].name,
            "address": f"/registry/{in_addresses(frame.registry_no)}/results?period={version.figures.period if version else period.name}",
        }
        if version is None or figures is None:
            is_promised = version is None and period.cut_to(Span(frame.term.begins, frame.term.ends or period.end)) is not None
            reason = CellReason.NOT_CLOSED if is_promised else CellReason.NOT_PROMISED
            yield SlamCell(**cell, colour=Colour.GREY, reason=reason, achieved=None, allowance_used=None, version=None)
            continue
        yield SlamCell(
            **cell,
            colour=figures.colour,
            reason=_WITHOUT_RESULT.get(figures.verdict),
            achieved=figures.achieved,
            allowance_used=figures.allowance_used,
            version=version.version,
        )


_WITHOUT_RESULT = {Verdict.NOT_MEASURED: CellReason.NOT_MEASURED, Verdict.NO_DATA: CellReason.NO_DATA}
