"""Proposing that a ticket counts nowhere: the case of an exclusion begins here."""

from typing import Annotated
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from fastapi import Query, Response

from api.dependencies import Parts, TheParts
from api.pages.forms import Field, Filled, Given, fields_of, filled
from api.pages.page import go_to, own, page_router
from api.pages.visitors import TheForm, TheVisitor, Visitor
from api.pages.words import page_words
from api.routes.follow_ups import PROPOSE_EXCLUSIONS, ExclusionBody, propose_exclusion
from api.ticket_reading import read_ticket
from api.ticket_sight import seen_ticket
from domain.effects import TicketRef
from domain.errors import Forbidden, ServandaError
from domain.follow_ups.exclusion import ExclusionReason

router = page_router()

_ZONE = ZoneInfo("UTC")

Ticket = Annotated[str, Query(max_length=310, description="the ticket, as source/number")]


@router.get("/pages/exclusions/new")
async def show_proposal(parts: TheParts, visitor: TheVisitor, ticket: Ticket) -> Response:
    """The form that asks why."""
    found = await _ticket(parts, visitor, ticket)
    return _page(visitor, found, Filled(None, _fields(visitor)))


@router.post("/pages/exclusions/new")
async def propose(parts: TheParts, visitor: TheVisitor, ticket: Ticket, sent: TheForm) -> Response:
    """Open the case; the page that shows it is next."""
    found = await _ticket(parts, visitor, ticket)
    form = filled(ExclusionBody, _fields(visitor), sent, _ZONE)
    if not isinstance(form.body, ExclusionBody):
        return _page(visitor, found, form, 422)
    try:
        opened = await propose_exclusion(found, form.body, parts, visitor.someone, sent.text("key"))
    except ServandaError as refusal:
        return _page(visitor, found, form.blaming(str(refusal)), 422)
    return go_to(f"/pages/cases/{quote(opened.case_id)}")


async def _ticket(parts: Parts, visitor: Visitor, subject: str) -> TicketRef:
    ticket = (await read_ticket(parts, await seen_ticket(parts, visitor.someone, subject))).ref
    if not visitor.someone.has(*PROPOSE_EXCLUSIONS):
        raise Forbidden("the SLA team, the SLM manager and customer representatives propose that a ticket is left out")
    return ticket


def _fields(visitor: Visitor) -> list[Field]:
    words = page_words(visitor.language)
    reasons = [(reason.value, words.called("because", reason.value)) for reason in ExclusionReason]
    return fields_of(ExclusionBody, {"because": Given(None, reasons)}, _ZONE)


def _page(visitor: Visitor, ticket: TicketRef, form: Filled, status: int = 200) -> Response:
    address = f"/pages/exclusions/new?{urlencode({'ticket': f'{ticket.source}/{ticket.ticket_id}'})}"
    return own("exclusion_new", visitor, status, section="/pages/tickets", form=form, ticket=ticket, here=address)
