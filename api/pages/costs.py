"""Costs of services: forecast against actual, and the form by which finance states what something cost."""

from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Query, Response

from api.cost_views import CostSheetView
from api.dependencies import Parts, TheParts
from api.errors import status_of
from api.pages.forms import Field, Filled, Given, fields_of, filled
from api.pages.page import go_to, own, page_router
from api.pages.visitors import TheForm, TheVisitor, Visitor
from api.pages.words import page_words
from api.people import refuse_outsiders
from api.routes.costs import StatedCost, cost_reader, show_costs, state_cost
from domain.costs import CostKind
from domain.errors import ServandaError
from domain.people import Role

router = page_router()

SECTION = "/pages/costs"


@router.get(SECTION)
async def show_sheet(parts: TheParts, visitor: TheVisitor, month: Annotated[str, Query(max_length=20)] = "") -> Response:
    """A month: every service with what it was forecast to cost, what it did cost, and what its fees leave."""
    return await _page(parts, visitor, month)


@router.post(SECTION)
async def take_cost(parts: TheParts, visitor: TheVisitor, sent: TheForm) -> Response:
    """Keep what finance states."""
    form = filled(StatedCost, _fields(visitor, sent.text("month")), sent, ZoneInfo("UTC"))
    if not isinstance(form.body, StatedCost):
        return await _page(parts, visitor, "", form, 422)
    try:
        await state_cost(form.body, parts, refuse_outsiders(visitor.someone))
    except ServandaError as refusal:
        return await _page(parts, visitor, "", form.blaming(str(refusal)), status_of(refusal))
    return go_to(f"{SECTION}?month={form.body.month}")


def _fields(visitor: Visitor, month: str) -> list[Field]:
    words = page_words(visitor.language)
    given = {
        "service": Given(None, [(each.service, each.name) for each in visitor.someone.catalogue.services]),
        "kind": Given(None, [(kind.value, words[f"costs.kind_{kind.value}"]) for kind in CostKind]),
        "month": Given(month),
    }
    return fields_of(StatedCost, given, ZoneInfo("UTC"))


async def _page(parts: Parts, visitor: Visitor, month: str, form: Filled | None = None, status: int = 200) -> Response:
    someone = cost_reader(refuse_outsiders(visitor.someone))
    sheet: CostSheetView = await show_costs(parts, someone, month or None)
    return own(
        "costs",
        visitor,
        status,
        section=SECTION,
        sheet=sheet,
        services={each.service: each.name for each in someone.catalogue.services},
        form=form or Filled(None, _fields(visitor, sheet.month)),
        may_state=someone.has(Role.FINANCE),
    )
