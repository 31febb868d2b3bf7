"""Had these terms been in force: backtests of proposals on this installation's own tickets, for those who price and agree."""

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal, NamedTuple

from fastapi import APIRouter, Depends, Header, Query, Response
from pydantic import BaseModel, Field, ValidationError

from api.backtest_desk import Asked
from api.backtest_views import BacktestPageView, BacktestView, BacktestWithReport
from api.dependencies import Parts, TheParts
from api.paging import decode_place, encode_place
from api.people import TheInsider
from api.rendered import told_as
from api.routes.case_decisions import IdempotencyKey
from api.routes.case_documents import Language
from api.routes.cases import the_case
from api.routes.registry import the_entry
from api.someone import Someone
from connectors.readable.backtest import readable_backtest, words_of_backtests
from connectors.readable.words import Words
from domain.agreement_case import AgreementCase
from domain.backtest.asked import MOST_PROPOSALS, AskedBacktest, first_day_before
from domain.backtest.completing import Remark
from domain.backtest.proposals import Proposal, Whose
from domain.backtest.question import SEED, zone_of
from domain.backtest.report import BacktestReport
from domain.errors import BadInput, Conflict, Forbidden, NotFound
from domain.people import Role
from domain.registry_numbers import in_registry
from store.backtests import About

router = APIRouter(tags=["backtests"])

ASKERS = (
    *(Role.SLM_MANAGER, Role.SLA_TEAM, Role.REQUIREMENTS_AGENT, Role.PRICING_APPROVER),
    *(Role.FINANCE, Role.FINANCE_DIRECTOR, Role.SERVICE_DIRECTOR, Role.RESOURCE_MANAGER),
)
"""Who asks what promises would have come to, and sees what they would have cost."""

_Version = Annotated[str, Field(pattern=r"^[\w./-]{1,40}@\d+\.\d+$")]


class NothingToMeasure(BadInput):
    """No proposal was named, or nothing of a case can be measured; `remarks` say why."""

    code = "NOTHING_TO_MEASURE"

    def __init__(self, remarks: Sequence[Remark]) -> None:
        """Keep the reasons; the message names them."""
        told = "; ".join(f"{each.about}: {each.remark}" for each in remarks)
        super().__init__(f"there is nothing to measure; {told or 'name proposals, versions or a case'}")
        self.remarks = remarks


class BacktestBody(BaseModel):
    """What is measured: proposals of one's own, registered versions, or what a case has on the table; at most five in all."""

    proposals: Annotated[tuple[Proposal, ...], Field(max_length=MOST_PROPOSALS, description="each a name and its documents")] = ()
    versions: Annotated[tuple[_Version, ...], Field(max_length=MOST_PROPOSALS, description="such as SLA/2026/0001@1.0")] = ()
    case: Annotated[str | None, Field(max_length=100, description="an agreement case")] = None
    whose: Annotated[Whose | None, Field(description="left out: the customer's; anybody's where it has no tickets")] = None
    wanted: Annotated[
        Decimal | None, Field(gt=0, le=100, description="share the strictest limits are for; left out: each target's own")
    ] = None
    seed: Annotated[int, Field(ge=0, le=2**31, description="of the draws behind the ranges")] = SEED
    since: Annotated[date | None, Field(description="first day; left out: twelve whole months before that of `until`")] = None
    until: Annotated[date | None, Field(description="first day that is not looked at; left out: tomorrow")] = None
    registry_no: Annotated[str | None, Field(max_length=40, description="agreement it is about, whose samples of availability count")] = (
        None
    )
    replan: Annotated[str | None, Field(max_length=40, description="dry run of moves it is about")] = None


def refuse_others(someone: Someone) -> Someone:
    """Let those pass who price, agree and staff services.

    Raises:
        Forbidden: they are none of them.
    """
    if not someone.has(*ASKERS):
        raise Forbidden("backtests are for those who price, agree and staff services")
    return someone


def _asker(someone: TheInsider) -> Someone:
    return refuse_others(someone)


TheAsker = Annotated[Someone, Depends(_asker)]
"""Somebody who may ask for backtests, and look at them."""


@router.post("/backtests", status_code=202)
async def ask_for_backtest(body: BacktestBody, parts: TheParts, someone: TheAsker, idempotency_key: IdempotencyKey) -> BacktestView:
    """Have proposals measured on the tickets of this installation; its address says how far it is. The same key asks once."""
    tried = await _tried(body, parts, someone)
    if not tried.proposals:
        raise NothingToMeasure(tried.remarks)
    question = await _question(body, tried, parts)
    row = await parts.backtest_desk.ask(Asked(question, tried.about, tried.remarks, someone.actor.person, idempotency_key))
    if parts.case_forwarder is not None:
        parts.case_forwarder.nudge()
    return BacktestView.of(row)


@router.get("/backtests")
async def list_backtests(
    parts: TheParts,
    _: TheAsker,
    case_id: Annotated[str | None, Query(max_length=100)] = None,
    registry_no: Annotated[str | None, Query(max_length=40)] = None,
    replan: Annotated[str | None, Query(max_length=40)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    after: str | None = None,
) -> BacktestPageView:
    """Backtests, newest first: all, or those for a case, an agreement or a dry run of moves."""
    about = About(case_id, in_registry(registry_no) if registry_no is not None else None, replan)
    async with parts.database.reading() as connection:
        rows = await parts.backtests.page(connection, about, limit, decode_place(after))
    more = encode_place(rows[-1].asked_at, rows[-1].backtest) if len(rows) == limit else None
    return BacktestPageView(backtests=[BacktestView.of(row) for row in rows], next=more)


@router.get("/backtests/{backtest}")
async def show_backtest(backtest: str, parts: TheParts, _: TheAsker) -> BacktestWithReport:
    """How far it is, and its report once it is there."""
    async with parts.database.reading() as connection:
        row = await parts.backtests.backtest(connection, backtest)
    if row is None:
        raise NotFound(f"there is no backtest {backtest}")
    return BacktestWithReport.of(row, report=row.report)


@router.get(
    "/backtests/{backtest}/report",
    response_model=None,
    responses={200: {"model": BacktestReport, "content": {"text/html": {}, "application/pdf": {}}}},
)
async def show_report(
    backtest: str,
    parts: TheParts,
    someone: TheAsker,
    form: Annotated[
        Literal["json", "html", "pdf"] | None, Query(alias="as", description="left out: a page for who accepts text/html, else data")
    ] = None,
    language: Language = None,
    accept: Annotated[str, Header()] = "",
) -> BacktestReport | Response:
    """The report as data, as a page that needs nothing else, or as a file."""
    found = await show_backtest(backtest, parts, someone)
    if found.report is None:
        raise Conflict(
            "NO_REPORT", f"{backtest} is {found.state}" + (f": {found.fault}" if found.fault else "; its report is not there yet")
        )
    form = form or ("html" if "text/html" in accept else "json")
    if form == "json":
        return found.report
    words = words_of_backtests(language or someone.language)
    return await asyncio.to_thread(_told, found.report, words, form, backtest)


def _told(report: BacktestReport, words: Words, form: Literal["html", "pdf"], name: str) -> Response:
    return told_as(readable_backtest(report, words), form, name)


# ---- what is tried --------------------------------------------------------------------------------------------------


class _Tried(NamedTuple):
    """The proposals with what was assumed, what they are for, and whose samples count."""

    proposals: list[Proposal]
    remarks: list[Remark]
    about: About
    samples_of: str | None


async def _tried(body: BacktestBody, parts: Parts, someone: Someone) -> _Tried:
    proposals, remarks, numbers = list(body.proposals), [], []
    for version in body.versions:
        number, proposal = await _version(version, parts, someone)
        proposals.append(proposal)
        numbers.append(number)
    samples_of = numbers[0] if len(set(numbers)) == 1 else None
    about = samples_of
    if body.case is not None:
        case = await _case(body.case, parts, someone)
        found = await parts.backtest_desk.of_case(case)
        proposals, remarks, samples_of = [*proposals, *found.proposals], list(found.remarks), samples_of or case.request.amends
    if body.registry_no is not None:
        about = samples_of = (await the_entry(body.registry_no, parts, someone)).registry_no
    return _Tried(proposals, remarks, About(body.case, about, body.replan), samples_of)


async def _version(written: str, parts: Parts, someone: Someone) -> tuple[str, Proposal]:
    number, _, version = written.partition("@")
    entry = await the_entry(number, parts, someone)
    if version not in {each.version for each in entry.versions}:
        raise NotFound(f"{entry.registry_no} has no version {version}")
    document = entry.of_version(version).text
    return entry.registry_no, Proposal(proposal=f"{entry.registry_no} {version}", documents=(document,))


async def _case(case_id: str, parts: Parts, someone: Someone) -> AgreementCase:
    row = await the_case(case_id, parts, someone)
    if row.kind != "AGREEMENT":
        raise BadInput(f"{case_id} is no agreement case; name the version of the agreement that it is about")
    return AgreementCase.model_validate(row.document)


async def _question(body: BacktestBody, tried: _Tried, parts: Parts) -> AskedBacktest:
    zone = zone_of(tried.proposals)
    until = body.until or parts.now().astimezone(zone).date() + timedelta(days=1)
    values: dict[str, Any] = {
        "proposals": tried.proposals,
        "wanted": body.wanted,
        "seed": body.seed,
        "since": body.since or first_day_before(until),
        "until": until,
        "registry_no": tried.samples_of,
    }
    try:
        asked = AskedBacktest.model_validate({**values, "whose": body.whose or Whose.THE_CUSTOMER})
        if body.whose is None:
            asked = asked.model_copy(update={"whose": await parts.backtest_desk.whose(asked.proposals, asked.span)})
    except ValidationError as wrong:
        raise BadInput(_first(wrong)) from wrong
    return asked


def _first(wrong: ValidationError) -> str:
    first = wrong.errors()[0]
    where = ".".join(map(str, first["loc"]))
    return (f"{where}: " if where else "") + str(first["msg"]).removeprefix("Value error, ")
