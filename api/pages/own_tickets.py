"""The ticket a page is about, if it is some of the visitor's business."""

from typing import Annotated

from fastapi import Depends

from api.dependencies import TheParts
from api.pages.visitors import TheVisitor
from api.ticket_sight import TicketName, seen_ticket
from domain.effects import TicketRef


async def _own(ticket: TicketName, parts: TheParts, visitor: TheVisitor) -> TicketRef:
    return await seen_ticket(parts, visitor.someone, ticket)


VisitedTicket = Annotated[TicketRef, Depends(_own)]
