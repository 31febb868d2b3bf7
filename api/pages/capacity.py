"""Capacity at a glance: pool by pool its months, both limits, the forecast, what is advised and why."""

from typing import Annotated, NamedTuple

from fastapi import Query, Response

from api.capacity_views import PoolView, percent
from api.dependencies import TheParts
from api.pages.capacity_chart import capacity_chart
from api.pages.page import own, page_router
from api.pages.visitors import TheVisitor
from api.pages.words import page_words
from api.routes.capacity import reader
from domain.capacity import OVER, UNDER
from domain.errors import Forbidden
from domain.forecasting import LONGEST, SHORTEST

router = page_router()

SECTION = "/pages/capacity"

REACHES = (SHORTEST, 6, LONGEST)
"""Months ahead that can be chosen."""


class ShownPool(NamedTuple):
    """A pool with its picture; None where there is nobody to draw a share of."""

    view: PoolView
    picture: str | None


@router.get(SECTION)
async def show_capacity(
    parts: TheParts, visitor: TheVisitor, months: Annotated[int, Query(ge=SHORTEST, le=LONGEST)] = SHORTEST
) -> Response:
    """Every pool, those first that need people soonest."""
    if not visitor.is_inside:
        raise Forbidden("capacity is for the provider's people")
    someone, words = reader(visitor.someone), page_words(visitor.language)
    found = await parts.capacity.look(someone.catalogue, months)
    plans = sorted(found.plans, key=lambda plan: plan.gap if plan.gap is not None else 0, reverse=True)
    return own(
        "capacity",
        visitor,
        section=SECTION,
        pools=[ShownPool(PoolView.of(plan), capacity_chart(plan, words, f"pool-{place}")) for place, plan in enumerate(plans)],
        without_pool=found.without_pool,
        over=percent(OVER),
        under=percent(UNDER),
        is_plain=not parts.capacity.methods,
        months=months,
        reaches=REACHES,
        places={each.region: each.name for each in someone.catalogue.regions},
        called={each.service: each.name for each in someone.catalogue.services},
    )
