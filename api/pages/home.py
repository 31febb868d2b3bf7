"""The page people begin with."""

from fastapi import Response

from api.pages.page import own, page_router
from api.pages.visitors import TheVisitor

router = page_router()


@router.get("/pages")
async def show_home(visitor: TheVisitor) -> Response:
    """What needs attention now."""
    return own("home", visitor, section="/pages")
