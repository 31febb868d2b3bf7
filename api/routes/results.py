"""What an agreement's promises came to in a period, from its tickets and measurements as they stand."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel
from sqlalchemy import Row

from api.dependencies import TheParts
from api.people import ReportReader, TheInsider
from api.routes.registry import the_entry
from api.someone import Someone
from domain.errors import Forbidden
from domain.people import Role
from domain.period_figures import FigureChange, PeriodFigures, figure_changes, figures_of, seen_outside
from domain.results import Verdict

router = APIRouter(tags=["results"])


class DisputedView(BaseModel):
    """A target somebody measured otherwise: what it would come to by their account, until it is resolved."""

    target: str
    achieved: str | None
    verdict: Verdict


class ResultsView(PeriodFigures):
    """A period as it stands, with what is disputed of it."""

    disputed: tuple[DisputedView, ...] = ()


@router.get("/registry/{registry_no}/results")
async def show_results(
    registry_no: str, parts: TheParts, someone: ReportReader, period: Annotated[str, Query(description="2026-04, 2026-Q2 or 2026")]
) -> ResultsView:
    """Each target that is promised by this kind of period, and the credits its misses give. Numbers are written SLA-2026-0001 here."""
    entry = await the_entry(registry_no, parts, someone)
    found = await parts.periods.results(entry, period, parts.now())
    disputed = tuple(DisputedView(target=name, achieved=each.shown, verdict=each.verdict) for name, each in found.disputed.items())
    return ResultsView(**dict(figures_of(entry.registry_no, found)), disputed=disputed)


class ClosedPeriodView(BaseModel):
    """A version of a closed period; `differences` is what changed since the version before."""

    period: str
    version: int
    hash: str
    closed_by: str
    closed_at: AwareDatetime
    results: PeriodFigures
    differences: list[FigureChange]

    @classmethod
    def of(cls, row: Row[Any], before: Row[Any] | None, someone: Someone) -> "ClosedPeriodView":
        """A version as it is shown to somebody, beside the one before it."""
        differences = figure_changes(before.content, row.content) if before is not None else []
        return cls(
            period=row.period,
            version=row.version,
            hash=row.digest,
            closed_by=row.closed_by,
            closed_at=row.closed_at,
            results=PeriodFigures.model_validate(row.content),
            differences=differences if someone.is_inside else list(seen_outside(differences)),
        )


@router.post("/registry/{registry_no}/periods/{period}/close")
async def close_period(registry_no: str, period: str, parts: TheParts, someone: TheInsider) -> ClosedPeriodView:
    """Keep a period's figures as a version, once it is over; closing it again changes nothing unless facts came late.

    The agreement's process closes each period by itself, and looks for late facts every day; this does it now.
    """
    if not someone.has(Role.SLM_MANAGER, Role.SLA_TEAM):
        raise Forbidden("the SLM manager and the SLA team close periods")
    entry = await the_entry(registry_no, parts, someone)
    row = await parts.closer.close(entry, period, someone.actor.person, parts.now())
    await parts.intake.figures_changed(entry.registry_no, row)
    if parts.case_forwarder is not None:
        parts.case_forwarder.nudge()
    versions = await parts.closed.versions(entry.registry_no, row.period)
    return ClosedPeriodView.of(row, versions[row.version - 2] if row.version > 1 else None, someone)


@router.get("/registry/{registry_no}/periods")
async def list_periods(registry_no: str, parts: TheParts, someone: ReportReader, period: str | None = None) -> list[ClosedPeriodView]:
    """Every version of the agreement's closed periods, earliest first; an older one stays as it was."""
    entry = await the_entry(registry_no, parts, someone)
    rows = await parts.closed.versions(entry.registry_no, period)
    before = {(row.period, row.version): row for row in rows}
    return [ClosedPeriodView.of(row, before.get((row.period, row.version - 1)), someone) for row in rows]
