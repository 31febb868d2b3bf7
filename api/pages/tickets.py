"""The list of tickets: what is due next, what is late, and everything else."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import Query, Response
from pydantic import BaseModel, Field

from api.dependencies import TheParts
from api.pages.due_words import due_said, standing_of
from api.pages.page import own, page_router
from api.pages.visitors import TheVisitor
from api.pages.words import page_words
from api.routes.tickets import list_tickets

router = page_router()

Show = Literal["due", "near", "late", "open", "breached", "all"]

_ASKED: Mapping[Show, Mapping[str, Any]] = {
    "due": {"order": "due"},
    "near": {"order": "due", "near_breach": True},
    "late": {"open": True, "breached": True},
    "open": {"open": True},
    "breached": {"breached": True},
    "all": {},
}
"""What each choice of the list asks of the API's."""

_A_PAGE = 50

Name = Annotated[str, Field(max_length=200)]


class TicketsAsked(BaseModel):
    """What the form of the list says."""

    show: Show = "due"
    customer: Name = ""
    service: Name = ""
    region: Name = ""
    priority: Name = ""
    after: Annotated[str | None, Field(max_length=1000)] = None

    @property
    def typed(self) -> dict[str, str]:
        """The fields that narrow the list, as they were typed."""
        return {name: getattr(self, name).strip() for name in ("customer", "service", "region", "priority")}


@router.get("/pages/tickets")
async def show_tickets(parts: TheParts, visitor: TheVisitor, asked: Annotated[TicketsAsked, Query()]) -> Response:
    """Tickets one may see, narrowed by a form; the next page by a link."""
    wanted = {name: value for name, value in asked.typed.items() if value}
    narrowed = {**_ASKED[asked.show], **wanted}
    found = await list_tickets(parts, visitor.someone, **narrowed, limit=_A_PAGE, after=asked.after)
    address = {"show": asked.show, **wanted}
    more = urlencode({**address, "after": found.next}) if found.next is not None else None
    catalogue = visitor.someone.catalogue
    return own(
        "tickets",
        visitor,
        section="/pages/tickets",
        tickets=found.tickets,
        more=more,
        show=asked.show,
        shows=list(_ASKED),
        typed=asked.typed,
        customers=[(each.customer, each.customer) for each in catalogue.customers] if visitor.is_inside else [],
        services=[(each.service, each.name) for each in catalogue.services],
        regions=[(each.region, each.name) for each in catalogue.regions],
        now=parts.now(),
        standing=standing_of,
        due_said=lambda due_at: due_said(due_at, parts.now(), page_words(visitor.language)),
        here=f"/pages/tickets?{urlencode(address)}",
    )
