"""The risk list: agreements that may be lost."""

from fastapi import Response

from api.dependencies import TheParts
from api.pages.page import own, page_router
from api.pages.visitors import TheVisitor
from api.routes.risks import show_risks
from domain.errors import Forbidden

router = page_router()

SECTION = "/pages/risks"


@router.get(SECTION)
async def show_list(parts: TheParts, visitor: TheVisitor) -> Response:
    """Agreements by their risk, the highest first, with the signs of it."""
    if not visitor.is_inside:
        raise Forbidden("the risk list is for the provider's people")
    return own("risks", visitor, section=SECTION, found=await show_risks(parts, visitor.someone))
