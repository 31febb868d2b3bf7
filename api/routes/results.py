"""What an agreement's promises came to in a period, from its tickets and measurements as they stand."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel
from sqlalchemy import Row

from api.dependencies import TheParts
from api.people import TheInsider, ThePerson
from api.period_desk import PeriodResults
from api.routes.registry import the_entry
from domain.availability import Availability
from domain.errors import Conflict, Forbidden
from domain.figures import shown
from domain.people import Role
from domain.results import Colour, Verdict
from domain.watermelon import WatermelonReason
from store.period_results import Closing
from store.results import Counted

router = APIRouter(tags=["results"])


class TargetResultView(BaseModel):
    """A promise in the period; shares in per cent, cut off after four decimals.

    Of tickets: clocks met and breached; `over_limit` are those beyond the agreed volume. Of availability: minutes agreed,
    down, and left out as unknown. `warnings`: BURN_RATE while a running period uses its allowance too fast, CHRONIC and
    MAY_BE_ENDED where this period and the closed ones before it were missed too often.
    """

    target: str
    promised: str
    achieved: str | None
    allowance_used: str | None
    verdict: Verdict
    colour: Colour
    warnings: list[str]
    met: int | None = None
    breached: int | None = None
    over_limit: int | None = None
    agreed_minutes: float | None = None
    down_minutes: float | None = None
    unknown_minutes: float | None = None

    @classmethod
    def of(cls, target: str, found: PeriodResults) -> "TargetResultView":
        """A result as it is shown."""
        result, measured = found.results[target], found.measured.get(target)
        return cls(
            target=target,
            promised=f"{shown(result.promised, 4)} %",
            achieved=result.shown,
            allowance_used=f"{shown(result.used, 1)} %" if result.used is not None else None,
            verdict=result.verdict,
            colour=result.colour,
            warnings=list(found.warnings(target)),
            **(_minutes(measured) if measured is not None else _counts(found.counted.get(target, Counted()))),
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


class SatisfactionView(BaseModel):
    """Answers of the period; the share of content ones once there are enough of them."""

    content: int
    answers: int
    share: str | None


class OutcomeView(BaseModel):
    """How often the customer reached what it wants."""

    outcome: str
    reached: int
    of: int


class ResultsView(BaseModel):
    """A period of an agreement as it stands; while it is not over, it may still change by time alone.

    `watermelon` says why it is green outside and red inside; nothing where it is not.
    """

    registry_no: str
    period: str
    start: AwareDatetime
    end: AwareDatetime
    is_over: bool
    targets: list[TargetResultView]
    credits: list[CreditView]
    satisfaction: SatisfactionView
    outcomes: list[OutcomeView]
    watermelon: list[WatermelonReason]


class FigureChange(BaseModel):
    """A figure that is not what it was."""

    target: str
    figure: str
    before: str | None
    after: str | None


def figure_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[FigureChange]:
    """What changed between two versions of a period, target by target."""
    found = []
    for kind, name in (("targets", ""), ("credits", "credit ")):
        old, new = ({each["target"]: each for each in version[kind]} for version in (before, after))
        for target in dict.fromkeys([*old, *new]):
            was, now = old.get(target, {}), new.get(target, {})
            found += [
                FigureChange(target=target, figure=name + figure, before=_said(was.get(figure)), after=_said(now.get(figure)))
                for figure in dict.fromkeys([*was, *now])
                if was.get(figure) != now.get(figure)
            ]
    return found


def _said(figure: Any) -> str | None:
    return None if figure is None else str(figure)


@router.get("/registry/{registry_no}/results")
async def show_results(
    registry_no: str, parts: TheParts, someone: ThePerson, period: Annotated[str, Query(description="2026-04, 2026-Q2 or 2026")]
) -> ResultsView:
    """Each target that is promised by this kind of period, and the credits its misses give. Numbers are written SLA-2026-0001 here."""
    entry = await the_entry(registry_no, parts, someone)
    return _shown(entry.registry_no, await parts.periods.results(entry, period))


def _shown(registry_no: str, found: PeriodResults) -> ResultsView:
    price, said = found.document.price, found.satisfaction
    return ResultsView(
        satisfaction=SatisfactionView(
            content=said.content, answers=said.answers, share=f"{shown(said.percent, 1)} %" if said.percent is not None else None
        ),
        outcomes=[OutcomeView(outcome=name, reached=each.reached, of=each.of) for name, each in sorted(found.outcomes.items())],
        watermelon=list(found.watermelon),
        registry_no=registry_no,
        period=found.period.name,
        start=found.period.start,
        end=found.period.end,
        is_over=found.is_over,
        targets=[TargetResultView.of(name, found) for name in found.results],
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


class ClosedPeriodView(BaseModel):
    """A version of a closed period; `differences` is what changed since the version before."""

    period: str
    version: int
    hash: str
    closed_by: str
    closed_at: AwareDatetime
    results: ResultsView
    differences: list[FigureChange]

    @classmethod
    def of(cls, row: Row[Any], before: Row[Any] | None) -> "ClosedPeriodView":
        """A version as it is shown, beside the one before it."""
        return cls(
            period=row.period,
            version=row.version,
            hash=row.digest,
            closed_by=row.closed_by,
            closed_at=row.closed_at,
            results=ResultsView.model_validate(row.content),
            differences=figure_changes(before.content, row.content) if before is not None else [],
        )


@router.post("/registry/{registry_no}/periods/{period}/close")
async def close_period(registry_no: str, period: str, parts: TheParts, someone: TheInsider) -> ClosedPeriodView:
    """Keep a period's figures as a version, once it is over; closing it again changes nothing unless facts came late."""
    if not someone.has(Role.SLM_MANAGER, Role.SLA_TEAM):
        raise Forbidden("the SLM manager and the SLA team close periods")
    entry = await the_entry(registry_no, parts, someone)
    found = await parts.periods.results(entry, period)
    if not found.is_over:
        raise Conflict("PERIOD_NOT_OVER", f"{period} is over on {found.period.end:%Y-%m-%d}; until then its figures still change")
    content = _shown(entry.registry_no, found).model_dump(mode="json")
    row = await parts.closed.close(Closing(entry.registry_no, found.period.name, content, someone.actor.person, parts.now()))
    versions = await parts.closed.versions(entry.registry_no, row.period)
    return ClosedPeriodView.of(row, versions[row.version - 2] if row.version > 1 else None)


@router.get("/registry/{registry_no}/periods")
async def list_periods(registry_no: str, parts: TheParts, someone: ThePerson, period: str | None = None) -> list[ClosedPeriodView]:
    """Every version of the agreement's closed periods, earliest first; an older one stays as it was."""
    entry = await the_entry(registry_no, parts, someone)
    rows = await parts.closed.versions(entry.registry_no, period)
    before = {(row.period, row.version): row for row in rows}
    return [ClosedPeriodView.of(row, before.get((row.period, row.version - 1))) for row in rows]
