"""Which offers have an agreement of their own, and which are sold."""

from typing import Annotated

from fastapi import Query, Response

from api.dependencies import TheParts
from api.pages.page import go_to, own, page_router
from api.pages.visitors import TheForm, TheVisitor, Visitor
from api.routes.catalogue import ACTIVATE_OFFERS, activate_offer, show_coverage
from domain.errors import Forbidden

router = page_router()

_MOST = 500
"""Offers on one page; more are found by a word."""


@router.get("/pages/coverage")
async def show_offers(
    parts: TheParts, visitor: TheVisitor, text: Annotated[str, Query(max_length=100)] = "", show: str = "", done: str | None = None
) -> Response:
    """Every offer with what covers it now; `show` is `uncovered` for those that nothing covers."""
    refuse_outsiders(visitor)
    catalogue = visitor.someone.catalogue
    report = await show_coverage(parts, visitor.someone)
    services, regions = ({each.service: each.name for each in catalogue.services}, {each.region: each.name for each in catalogue.regions})
    wanted = [
        each
        for each in report.offers
        if (show != "uncovered" or each.agreement is None)
        and text.strip().lower() in f"{each.offer} {each.customer} {services.get(each.service, each.service)} {each.service}".lower()
    ]
    return own(
        "coverage",
        visitor,
        section="/pages/coverage",
        report=report,
        offers=wanted[:_MOST],
        hidden=max(0, len(wanted) - _MOST),
        services=services,
        regions=regions,
        text=text,
        show=show,
        may_activate=visitor.someone.has(*ACTIVATE_OFFERS),
        done=done if done in {each.offer for each in report.offers} else None,
    )


@router.post("/pages/coverage/{offer}/activate")
async def activate(offer: str, parts: TheParts, visitor: TheVisitor, _: TheForm) -> Response:
    """Sell a covered offer."""
    refuse_outsiders(visitor)
    activated = await activate_offer(offer, parts, visitor.someone)
    return go_to(f"/pages/coverage?done={activated.offer}")


def refuse_outsiders(visitor: Visitor) -> None:
    """Let only the provider's people through.

    Raises:
        Forbidden: they work for somebody else.
    """
    if not visitor.is_inside:
        raise Forbidden("this is for the provider's people")
