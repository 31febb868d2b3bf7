"""Reports of an agreement in force: its periods, one report with what stands behind each figure."""

from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from fastapi import Query, Response

from api.dependencies import TheParts
from api.pages.page import own, page_router
from api.pages.visitors import TheVisitor
from api.routes.judged import list_judged
from api.routes.registry import the_entry
from api.routes.reports import show_report
from api.routes.results import ClosedPeriodView, list_periods
from api.routes.terminations import show_final_report
from connectors.readable.report import readable_report
from connectors.readable.words import Words, phrases_of
from domain.agreement_parts import Period
from domain.attainment import Judgement
from domain.documents import AgreementDocument
from domain.periods import period_at
from domain.registry_numbers import in_addresses
from domain.service_report import ServiceReport
from domain.terms import SUPPORT_KINDS

router = page_router()

SECTION = "/pages/agreements"


@router.get("/pages/agreements/{number}/reports")
async def show_reports(number: str, parts: TheParts, visitor: TheVisitor) -> Response:
    """The periods of an agreement: those that run, and those that are closed, newest first."""
    entry = await the_entry(number, parts, visitor.someone)
    closed: dict[str, list[ClosedPeriodView]] = {}
    for each in await list_periods(number, parts, visitor.someone):
        closed.setdefault(each.period, []).append(each)
    zone, now = ZoneInfo(entry.time_zone), parts.now()
    runs = entry.case_id is not None and entry.kind not in SUPPORT_KINDS
    running = {kind: period_at(kind, now, zone).name for kind in Period} if runs else {}
    return own(
        "reports",
        visitor,
        section=SECTION,
        entry=entry,
        number=in_addresses(entry.registry_no),
        running={kind.value: name for kind, name in running.items() if name not in closed},
        judged={kind.value for kind in AgreementDocument.model_validate(entry.document).periods} if runs else set(),
        closed=dict(sorted(closed.items(), reverse=True)),
        agreement_zone=zone,
    )


@router.get("/pages/agreements/{number}/reports/{period}")
async def show_one(
    number: str, period: str, parts: TheParts, visitor: TheVisitor, version: Annotated[int | None, Query(ge=1)] = None
) -> Response:
    """The service report of a period, with the tickets behind its figures."""
    found = await show_report(number, period, parts, visitor.someone, version=version)
    assert isinstance(found, ServiceReport)
    told = readable_report(found, Words(phrases_of(visitor.language, "report")))
    address = f"/registry/{in_addresses(found.registry_no)}/reports/{found.period}"  # its files are the API's
    return own("report", visitor, section=SECTION, told=told, report=found, address=address, version=version)


@router.get("/pages/agreements/{number}/reports/{period}/file")
async def show_file(
    number: str,
    period: str,
    parts: TheParts,
    visitor: TheVisitor,
    form: Annotated[Literal["pdf", "csv"], Query(alias="as")],
    version: Annotated[int | None, Query(ge=1)] = None,
) -> Response:
    """The report as a file to keep."""
    found = await show_report(number, period, parts, visitor.someone, form, visitor.language, version)
    assert isinstance(found, Response)
    return found


@router.get("/pages/agreements/{number}/judged/{target}")
async def show_judged(
    number: str,
    target: str,
    parts: TheParts,
    visitor: TheVisitor,
    period: Annotated[str, Query(max_length=20)],
    verdict: Literal["met", "breached", "over_limit"] = "breached",
    after: str | None = None,
) -> Response:
    """The tickets a figure was counted from."""
    found = await list_judged(number, target, period, parts, visitor.someone, Judgement(verdict), 50, after)
    asked = {"number": number, "target": target, "period": period, "verdict": verdict}
    return own("judged", visitor, section=SECTION, found=found, asked=asked, verdicts=[each.value for each in Judgement])


@router.get("/pages/agreements/{number}/final-report")
async def show_final(number: str, parts: TheParts, visitor: TheVisitor) -> Response:
    """What was agreed and achieved over the whole term of an agreement that has ended."""
    found = await show_final_report(number, parts, visitor.someone)
    entry = await the_entry(number, parts, visitor.someone)
    number = in_addresses(found.registry_no)
    return own("final_report", visitor, section=SECTION, found=found, number=number, agreement_zone=ZoneInfo(entry.time_zone))
