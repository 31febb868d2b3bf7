"""Obligations and the work that fulfils them: what nobody acts on, and what nobody owns."""

from fastapi import Response

from api.dependencies import TheParts
from api.pages.page import own, page_router
from api.pages.visitors import TheVisitor
from api.routes.work_packages import NeglectedDutyView, list_orphaned_packages
from domain.errors import Forbidden
from domain.neglect import Silence

router = page_router()

SECTION = "/pages/duties"


@router.get(SECTION)
async def show_lists(parts: TheParts, visitor: TheVisitor) -> Response:
    """Neglected obligations, orphaned work packages, and obligations without a record that are not due regularly."""
    if not visitor.is_inside:
        raise Forbidden("who does the work of obligations is for the provider's people")
    now = parts.now()
    silent = [NeglectedDutyView.of(each) for each in await parts.neglect.at(now)]
    return own(
        "duties",
        visitor,
        section=SECTION,
        neglected=[each for each in silent if each.finding is Silence.NEGLECTED],
        unreported=[each for each in silent if each.finding is Silence.NO_ACTIVITY],
        orphaned=await list_orphaned_packages(parts, visitor.someone),
        now=now,
    )
