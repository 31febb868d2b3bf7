"""Charts and reports of an agreement in force, as data and as people read them."""

import asyncio
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response

from api.dependencies import TheParts
from api.people import ReportReader
from api.rendered import page, told_as
from api.routes.case_documents import Language
from api.routes.registry import the_entry
from connectors.readable.report import readable_report
from connectors.readable.slam import readable_slam
from connectors.readable.words import Words, phrases_of
from connectors.report_csv import report_csv
from connectors.slam_svg import slam_svg
from domain.registry_numbers import in_addresses
from domain.service_report import ServiceReport, for_outsiders
from domain.slam import SlamChart

router = APIRouter(tags=["results"])

ChartForm = Annotated[Literal["json", "svg", "html"], Query(alias="as", description="data, a picture, or a page with the same as tables")]
ReportForm = Annotated[Literal["json", "html", "pdf", "csv"], Query(alias="as", description="data, a page, a file, or a row a figure")]

_CHART: dict[int | str, dict[str, Any]] = {200: {"model": SlamChart, "content": {"image/svg+xml": {}, "text/html": {}}}}
_REPORT: dict[int | str, dict[str, Any]] = {
    200: {"model": ServiceReport, "content": {"text/html": {}, "application/pdf": {}, "text/csv": {}}}
}


@router.get("/registry/{registry_no}/slam", response_model=None, responses=_CHART)
async def show_slam(
    registry_no: str,
    parts: TheParts,
    someone: ReportReader,
    until: Annotated[str | None, Query(description="the last month, such as 2026-12; left out: the last that is over")] = None,
    form: ChartForm = "json",
    language: Language = None,
) -> SlamChart | Response:
    """Twelve months by targets, each cell from the last version of its closed period. Numbers are written SLA-2026-0001 here."""
    chart = await parts.reports.slam(await the_entry(registry_no, parts, someone), until, parts.now())
    if form == "json":
        return chart
    words = Words(phrases_of(language or someone.language, "report"))
    if form == "svg":
        return page(slam_svg(chart, words), "image/svg+xml")
    return await asyncio.to_thread(told_as, readable_slam(chart, words), "html", "slam")


@router.get("/registry/{registry_no}/reports/{period}", response_model=None, responses=_REPORT)
async def show_report(
    registry_no: str,
    period: str,
    parts: TheParts,
    someone: ReportReader,
    form: ReportForm = "json",
    language: Language = None,
    version: Annotated[int | None, Query(ge=1, description="an earlier version of the closed period; left out: the last")] = None,
) -> ServiceReport | Response:
    """What was agreed and achieved in a month, quarter or year, from a version of the closed period; before, as it stands."""
    entry = await the_entry(registry_no, parts, someone)
    report = await parts.reports.report(entry, period, parts.now(), version)
    if not someone.is_inside:
        report = for_outsiders(report)
    if form == "json":
        return report
    if form == "csv":
        return page(report_csv(report), "text/csv; charset=utf-8")
    words = Words(phrases_of(language or someone.language, "report"))
    name = f"{in_addresses(entry.registry_no)}-{report.period}"
    return await asyncio.to_thread(told_as, readable_report(report, words), form, name)
