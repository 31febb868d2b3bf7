"""What an agreement's promises came to in a period, counted from its tickets as they stand."""

from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel

from api.dependencies import TheParts
from api.people import ThePerson
from api.routes.registry import the_entry
from domain.agreement_parts import DocumentTarget
from domain.credits import CreditBounds, CreditDraft, Missed, credit_drafts
from domain.documents import AgreementDocument
from domain.errors import NotFound
from domain.figures import shown
from domain.periods import period_named
from domain.results import Colour, TargetResult, Verdict, of_attainment
from domain.spans import Span
from store.results import Asked, Counted, attainment_of

router = APIRouter(prefix="/registry", tags=["results"])


class TargetResultView(BaseModel):
    """A promise in the period; shares in per cent, cut off after four decimals. `over_limit` are clocks beyond the agreed volume."""

    target: str
    promised: str
    met: int
    breached: int
    over_limit: int
    achieved: str | None
    allowance_used: str | None
    verdict: Verdict
    colour: Colour

    @classmethod
    def of(cls, target: str, counted: Counted, result: TargetResult) -> "TargetResultView":
        """A result as it is shown."""
        return cls(
            target=target,
            promised=f"{shown(result.promised, 4)} %",
            met=counted.within.met,
            breached=counted.within.breached,
            over_limit=counted.over_limit,
            achieved=result.shown,
            allowance_used=f"{shown(result.used, 1)} %" if result.used is not None else None,
            verdict=result.verdict,
            colour=result.colour,
        )


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


@router.get("/{registry_no}/results")
async def show_results(
    registry_no: str, parts: TheParts, someone: ThePerson, period: Annotated[str, Query(description="2026-04, 2026-Q2 or 2026")]
) -> ResultsView:
    """Each target that is promised by this kind of period, and the credits its misses give. Numbers are written SLA-2026-0001 here."""
    entry = await the_entry(registry_no, parts, someone)
    if entry.case_id is None:
        raise NotFound(f"{registry_no} came as ready terms: they state no shares to be met")
    document, now = AgreementDocument.model_validate(entry.document), parts.now()
    kind, span = period_named(period, ZoneInfo(document.time_zone))
    async with parts.database.reading() as connection:
        asked = Asked(entry.registry_no.replace("/", "-"), ZoneInfo(document.time_zone), document.workload_limits or ())
        counted = await attainment_of(connection, asked, Span(span.start, span.end), now)
    promised = [target for target in document.targets if target.period is kind and target.compliance is not None]
    results = {target.target: _result(target, counted) for target in promised}
    return ResultsView(
        registry_no=entry.registry_no,
        period=span.name,
        start=span.start,
        end=span.end,
        is_over=now >= span.end,
        targets=[TargetResultView.of(name, counted.get(name, Counted()), result) for name, result in results.items()],
        credits=_credits(document, results, span.end, now),
    )


def _result(target: DocumentTarget, counted: dict[str, Counted]) -> TargetResult:
    assert target.compliance is not None
    return of_attainment(Fraction(target.compliance), counted.get(target.target, Counted()).within)


def _credits(document: AgreementDocument, results: dict[str, TargetResult], end: datetime, now: datetime) -> list[CreditView]:
    """What the tables give back for a period that is over."""
    if document.price is None or now < end:
        return []
    missed = [Missed(name, each.achieved) for name, each in results.items() if each.verdict is Verdict.MISSED and each.achieved is not None]
    drafts = credit_drafts(document.credits or (), missed, document.price.monthly, CreditBounds())
    return [_credit(draft, document.price.currency) for draft in drafts]


def _credit(draft: CreditDraft, currency: str) -> CreditView:
    percent = f"{draft.percent.quantize(Decimal(1)) if draft.percent == draft.percent.to_integral() else draft.percent} %"
    return CreditView(target=draft.target, percent=percent, amount=f"{draft.amount:.2f}", currency=currency, why=list(draft.why))
