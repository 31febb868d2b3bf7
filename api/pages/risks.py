"""The risk list: agreements that may be lost."""

from datetime import date

from fastapi import Response

from api.dependencies import TheParts
from api.pages.agreements import last_day
from api.pages.page import own, page_router
from api.pages.visitors import TheVisitor
from api.pages.words import page_words
from api.routes.risks import show_risks
from domain.business_risk import RiskSign
from domain.errors import Forbidden

router = page_router()

SECTION = "/pages/risks"


@router.get(SECTION)
async def show_list(parts: TheParts, visitor: TheVisitor) -> Response:
    """Agreements by their risk, the highest first, with the signs of it."""
    if not visitor.is_inside:
        raise Forbidden("the risk list is for the provider's people")
    words = page_words(visitor.language)

    def about_said(sign: RiskSign, about: str) -> str:
        if sign is RiskSign.NOTICE_NEAR:
            return words.day(date.fromisoformat(about))
        return words.figure(about) if sign is RiskSign.CSAT_BELOW_GOAL else about

    found = await show_risks(parts, visitor.someone)
    return own("risks", visitor, section=SECTION, found=found, about_said=about_said, last_day=last_day)
