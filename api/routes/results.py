"""What an agreement's promises came to in a period, from its tickets and measurements as they stand."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel

from api.dependencies import TheParts
from api.people import TheInsider, ThePerson
from api.period_desk import PeriodResults
from api.routes.registry import the_entry
from domain.availability import Availability
from domain.documents import AgreementDocument
from domain.errors import BadInput, Forbidden
from domain.figures import shown
from domain.measurements import Measurements
from domain.people import Role
from domain.results import Colour, TargetResult, Verdict
from store.results import Counted

router = APIRouter(tags=["results"])


class TargetResultView(BaseModel):
    """A promise in the period; shares in per cent, cut off after four decimals.

    Of tickets: clocks met and breached; `over_limit` are those beyond the agreed volume. Of availability: minutes agreed,
    down, and left out as unknown.
    """

    target: str
    promised: str
    achieved: str | None
    allowance_used: str | None
    verdict: Verdict
    colour: Colour
    met: int | None = None
    breached: int | None = None
    over_limit: int | None = None
    agreed_minutes: float | None = None
    down_minutes: float | None = None
    unknown_minutes: float | None = None

    @classmethod
    def of(cls, target: str, result: TargetResult, counted: Counted, measured: Availability | None) -> "TargetResultView":
        """A result as it is shown."""
        return cls(
            target=target,
            promised=f"{shown(result.promised, 4)} %",
            achieved=result.shown,
            allowance_used=f"{shown(result.used, 1)} %" if result.used is not None else None,
            verdict=result.verdict,
            colour=result.colour,
            **(_minutes(measured) if measured is not None else _counts(counted)),
        )


def _counts(counted: Counted) -> dict[str, float]:
    return {"met": counted.within.met, "breached": counted.within.breached, "over_limit": counted.over_limit}


def _minutes(measured: Availability) -> dict[str, float]:
    return {f"{name}_minutes": getattr(measured, name) / timedelta(minutes=1) for name in measured._fields}


class CreditView(BaseModel):
    """A credit the table gives for it; finance has not approved anything."""

    target: str
    percent: str
    amount: str
    currency: str
    why: list[str]


class ResultsView(BaseModel):
    """A period of an agreement as it stands; while it is not over, it may still change by time alone."""

    registry_no: str
    period: str
    start: AwareDatetime
    end: AwareDatetime
    is_over: bool
    targets: list[TargetResultView]
    credits: list[CreditView]


@router.get("/registry/{registry_no}/results")
async def show_results(
    registry_no: str, parts: TheParts, someone: ThePerson, period: Annotated[str, Query(description="2026-04, 2026-Q2 or 2026")]
) -> ResultsView:
    """Each target that is promised by this kind of period, and the credits its misses give. Numbers are written SLA-2026-0001 here."""
    entry = await the_entry(registry_no, parts, someone)
    return _shown(entry.registry_no, await parts.periods.results(entry, period))


def _shown(registry_no: str, found: PeriodResults) -> ResultsView:
    price = found.document.price
    return ResultsView(
        registry_no=registry_no,
        period=found.period.name,
        start=found.period.start,
        end=found.period.end,
        is_over=found.is_over,
        targets=[
            TargetResultView.of(name, result, found.counted.get(name, Counted()), found.measured.get(name))
            for name, result in found.results.items()
        ],
        credits=[
            CreditView(
                target=draft.target,
                percent=f"{draft.percent.normalize():f} %",
                amount=f"{draft.amount:.2f}",
                currency=price.currency,
                why=list(draft.why),
            )
            for draft in found.drafts
            if price is not None
        ],
    )


class MeasurementsTaken(BaseModel):
    """How many stretches were kept, and how many were known before."""

    accepted: int
    duplicates: int


@router.post("/measurements", status_code=202)
async def take_measurements(body: Measurements, parts: TheParts, someone: TheInsider) -> MeasurementsTaken:
    """Take samples or outages of an availability target, at most 10,000 at once; what was sent before changes nothing."""
    if not someone.has(Role.SLA_TEAM, Role.SLM_MANAGER, Role.ADMIN):
        raise Forbidden("the SLA team, the SLM manager and administrators report measurements")
    entry = await the_entry(body.registry_no, parts, someone)
    targets = [each.target for each in AgreementDocument.model_validate(entry.document).availability] if entry.case_id is not None else []
    if body.target not in targets:
        raise BadInput(f"target: {body.registry_no} promises no availability named {body.target!r}")
    now = parts.now()
    for each in body.measurements:
        if each.end - now > timedelta(minutes=5):
            raise BadInput(f"measurements: {each.measurement} lies in the future", "FUTURE_EVENT")
    accepted = await parts.measurements.add(body, someone.actor.person, now)
    return MeasurementsTaken(accepted=accepted, duplicates=len(body.measurements) - accepted)
