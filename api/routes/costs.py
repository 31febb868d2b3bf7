"""Costs of services: forecast against actual, month by month, and what finance states."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import Field

from api.cost_views import CostSheetView
from api.dependencies import TheParts
from api.people import TheInsider
from api.someone import Someone
from domain.agreement_parts import Money
from domain.costs import CostKind
from domain.errors import BadInput, Forbidden
from domain.people import Key, Role
from domain.values import Document
from store.actual_costs import ActualCost

router = APIRouter(tags=["costs"])

COST_READERS = (Role.FINANCE, Role.FINANCE_DIRECTOR, Role.SLM_MANAGER, Role.PRICING_APPROVER, Role.SLA_TEAM)
"""Who looks at what services cost and leave."""


class StatedCost(Document):
    """What a service cost in a month. It replaces what was stated of that service, month and kind; what was stated stays on record."""

    service: Key
    month: Annotated[str, Field(pattern=r"^\d{4}-\d{2}$", max_length=7, description="such as 2026-04")]
    kind: CostKind
    amount: Annotated[Money, Field(ge=0, description="in the house's currency")]
    source: Annotated[str, Field(min_length=1, max_length=200, description="where the figure can be looked up, such as an account")]


def cost_reader(someone: TheInsider) -> Someone:
    """Let those pass who look at costs.

    Raises:
        Forbidden: they do not.
    """
    if not someone.has(*COST_READERS):
        raise Forbidden("finance, the SLM manager, pricing approvers and the SLA team look at costs")
    return someone


CostReader = Annotated[Someone, Depends(cost_reader)]


@router.get("/costs")
async def show_costs(
    parts: TheParts, someone: CostReader, month: Annotated[str | None, Query(description="2026-04; left out: the last whole month")] = None
) -> CostSheetView:
    """Every service in a month: people, supplier fees and expected credits beside the actual, the error, and what the fees leave."""
    return CostSheetView.of(await parts.costs.look(month, someone.catalogue))


@router.post("/costs/actuals", status_code=201)
async def state_cost(body: StatedCost, parts: TheParts, someone: TheInsider) -> CostSheetView:
    """State what a service cost in a month that has begun."""
    if not someone.has(Role.FINANCE):
        raise Forbidden("finance states what services cost")
    if someone.catalogue.service_named(body.service) is None:
        raise BadInput(f"service: there is no service {body.service!r} in the catalogue")
    now = parts.now()
    if parts.costs.month(body.month, someone.catalogue).start > now:
        raise BadInput(f"month: {body.month} has not begun; a forecast is no statement")
    await parts.costs.actual.state(ActualCost(**dict(body)), someone.actor.person, now)
    return CostSheetView.of(await parts.costs.look(body.month, someone.catalogue))
