"""Setting up a supporting agreement: the case of an OLA or UC begins here."""

from zoneinfo import ZoneInfo

from fastapi import Response

from api.dependencies import TheParts
from api.pages.forms import Filled, Given, fields_of, filled
from api.pages.page import go_to, own, page_router
from api.pages.visitors import TheForm, TheVisitor, Visitor
from api.routes.supports import NeedBody, need_support
from domain.errors import Forbidden, ServandaError
from domain.people import Role

router = page_router()

_ZONE = ZoneInfo("UTC")


@router.get("/pages/supports/new")
async def show_need(visitor: TheVisitor) -> Response:
    """The form in which the supply manager says with whom."""
    return _page(visitor, Filled(None, fields_of(NeedBody, _given(visitor), _ZONE)))


@router.post("/pages/supports/new")
async def open_support(parts: TheParts, visitor: TheVisitor, sent: TheForm) -> Response:
    """Open the case; the page that shows it is next."""
    form = filled(NeedBody, fields_of(NeedBody, _given(visitor), _ZONE), sent, _ZONE)
    if not isinstance(form.body, NeedBody):
        return _page(visitor, form, 422)
    try:
        opened = await need_support(form.body, parts, visitor.someone, sent.text("key"))
    except ServandaError as refusal:
        return _page(visitor, form.blaming(str(refusal)), 422)
    return go_to(f"/pages/cases/{opened.case_id}")


def _given(visitor: Visitor) -> dict[str, Given]:
    if not visitor.someone.has(Role.SUPPLY_MANAGER):
        raise Forbidden("the supply manager sets up supports")
    return {"partner": Given(None, [(each.partner, each.partner) for each in visitor.someone.catalogue.partners])}


def _page(visitor: Visitor, form: Filled, status: int = 200) -> Response:
    return own("support_new", visitor, status, section="/pages/cases", form=form)
