"""Addresses of pages that are not there; it stands after all others."""

from fastapi import Response

from api.pages.page import page_router
from api.pages.visitors import TheVisitor
from domain.errors import NotFound

router = page_router()


@router.get("/pages/{address:path}")
async def show_nothing(address: str, _: TheVisitor) -> Response:
    """A page that says so, in the words of the others."""
    raise NotFound(f"there is no page /pages/{address}")
