"""Backtests on pages: asked for, followed while they are measured, read."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal
from uuid import uuid4
from zoneinfo import ZoneInfo

import yaml
from fastapi import Query, Response
from pydantic import BaseModel, ValidationError
from pydantic import Field as Bounds

from api.dependencies import TheParts
from api.errors import status_of
from api.pages.forms import Field, Filled, Given, fields_of, filled
from api.pages.page import go_to, own, page_router
from api.pages.visitors import TheForm, TheVisitor, Visitor
from api.pages.words import page_words
from api.routes.backtests import BacktestBody, NothingToMeasure, ask_for_backtest, list_backtests, refuse_others, show_backtest, show_report
from connectors.readable.backtest import readable_backtest, words_of_backtests
from domain.backtest.asked import MOST_PROPOSALS
from domain.backtest.orders import BacktestState
from domain.backtest.proposals import Proposal, Whose
from domain.errors import BadInput, ServandaError

router = page_router()

SECTION = "/pages/backtests"

_A_PAGE = 50
_LOOK_AGAIN = "3"
"""Seconds after which the page of one that is measured is loaded again."""


class BacktestForm(BaseModel):
    """The form of a backtest."""

    proposals: Annotated[tuple[Proposal, ...], Bounds(min_length=1, max_length=MOST_PROPOSALS)]
    whose: Whose | None = None
    since: date | None = None
    until: date | None = None
    wanted: Annotated[Decimal, Bounds(gt=0, le=100)] | None = None


@router.get(SECTION)
async def show_backtests(parts: TheParts, visitor: TheVisitor, after: str | None = None) -> Response:
    """Backtests, newest first."""
    refuse_others(visitor.someone)
    found = await list_backtests(parts, visitor.someone, limit=_A_PAGE, after=after)
    return own("backtests", visitor, section=SECTION, found=found.backtests, next=found.next)


@router.get(f"{SECTION}/new")
async def show_new(visitor: TheVisitor) -> Response:
    """The form of a backtest."""
    refuse_others(visitor.someone)
    return _form_page(visitor, Filled(None, _fields(visitor)), uuid4().hex)


@router.post(f"{SECTION}/new")
async def take_new(parts: TheParts, visitor: TheVisitor, sent: TheForm) -> Response:
    """Have the proposals measured; the page that shows how far it is comes next."""
    refuse_others(visitor.someone)
    key = sent.text("key") or uuid4().hex
    form = filled(BacktestForm, _fields(visitor), sent, ZoneInfo("UTC"))
    if not isinstance(form.body, BacktestForm):
        return _form_page(visitor, form, key, 422)
    try:
        body = BacktestBody.model_validate(dict(form.body))
        asked = await ask_for_backtest(body, parts, visitor.someone, key)
    except ServandaError as refusal:
        return _form_page(visitor, form.blaming(str(refusal)), key, status_of(refusal))
    return go_to(f"{SECTION}/{asked.backtest}")


@router.post(f"{SECTION}/start")
async def start(parts: TheParts, visitor: TheVisitor, sent: TheForm) -> Response:
    """Have measured what a button of another page names: what a case offers, or versions of an agreement."""
    refuse_others(visitor.someone)
    named = {"versions": sent.all("version"), "case": sent.text("case") or None, "replan": sent.text("replan") or None}
    try:
        body = BacktestBody.model_validate(named)
    except ValidationError as wrong:
        raise BadInput(f"the form names nothing that can be measured: {wrong.errors()[0]['msg']}") from wrong
    try:
        asked = await ask_for_backtest(body, parts, visitor.someone, sent.text("key") or uuid4().hex)
    except NothingToMeasure as refusal:
        return own("backtest_nothing", visitor, status_of(refusal), section=SECTION, remarks=refusal.remarks, case_id=body.case)
    return go_to(f"{SECTION}/{asked.backtest}")


def _fields(visitor: Visitor) -> list[Field]:
    words = page_words(visitor.language)
    whose = [(each.value, words[f"backtests.whose_{each.value}"]) for each in Whose]
    return fields_of(BacktestForm, {"proposals": Given(_skeleton(visitor)), "whose": Given(None, whose)}, ZoneInfo("UTC"))


def _skeleton(visitor: Visitor) -> str:
    """A promise of the catalogue's first service to its first customer, to be changed into what one has in mind."""
    catalogue = visitor.someone.catalogue
    document = {
        "document": "gold",
        "kind": "CUSTOMER_SLA",
        "title": "Gold",
        "provider": {"name": catalogue.provider},
        "customer": {"name": next((each.customer for each in catalogue.customers), "")},
        "services": [next((each.service for each in catalogue.services), "")],
        "time_zone": catalogue.calendar.time_zone,
        "targets": [{"target": "response", "stop": "RESPONDED", "limit": "4h", "calendar": "24x7", "compliance": 95}],
        "price": {"monthly": 10000},
        "credits": [{"target": "response", "bands": [{"below": 95, "credit": 5}, {"below": 90, "credit": 10}]}],
    }
    return yaml.safe_dump([{"proposal": "gold", "documents": [document]}], allow_unicode=True, sort_keys=False, width=100)


def _form_page(visitor: Visitor, form: Filled, key: str, status: int = 200) -> Response:
    return own("backtest_form", visitor, status, section=SECTION, form=form, key=key)


@router.get(f"{SECTION}/{{backtest}}")
async def show_one(backtest: str, parts: TheParts, visitor: TheVisitor) -> Response:
    """How far a backtest is; once it is there, its report."""
    refuse_others(visitor.someone)
    found = await show_backtest(backtest, parts, visitor.someone)
    told = readable_backtest(found.report, words_of_backtests(visitor.language)) if found.report is not None else None
    shown = own("backtest", visitor, section=SECTION, found=found, told=told)
    if found.state is BacktestState.RUNNING:
        shown.headers["refresh"] = _LOOK_AGAIN
    return shown


@router.get(f"{SECTION}/{{backtest}}/report")
async def show_file(
    backtest: str, parts: TheParts, visitor: TheVisitor, form: Annotated[Literal["html", "pdf"], Query(alias="as")] = "html"
) -> Response:
    """The report to print or to keep."""
    refuse_others(visitor.someone)
    found = await show_report(backtest, parts, visitor.someone, form, visitor.language)
    assert isinstance(found, Response)
    return found
