"""Tickets, their clocks, and people's commands on them."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import uuid4

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.dependencies import Parts, TheParts
from api.paging import decode_place, encode_place
from api.people import TicketReader
from api.replan_views import TicketMoveView
from api.someone import Caller, is_provider
from api.ticket_reading import read_ticket
from api.ticket_sight import ChangeableTicket, ReadableTicket, narrowed, outside, seen_clocks
from api.views import EventView, ExplainedClockView, ListedTicketView, ReachedView, ReceiptView, TicketPage, TicketView
from domain.cloud_events import PauseReason
from domain.effects import TicketRef
from domain.errors import Forbidden
from domain.events import EventKind, TicketEvent
from store.ticket_lists import counted, due_next, newest
from store.tickets import TicketFilter
from workflows.names import ticket_workflow_id

router = APIRouter(prefix="/tickets", tags=["tickets"])


@router.get("")
async def list_tickets(
    parts: TheParts,
    caller: TicketReader,
    customer: str | None = None,
    service: str | None = None,
    region: str | None = None,
    priority: str | None = None,
    alert: str | None = None,
    open: bool | None = None,  # noqa: A002  (the name in the URL)
    breached: bool | None = None,
    near_breach: Annotated[bool | None, Query(description="with a clock that is past its first warning, and not late")] = None,
    promises: Annotated[bool | None, Query(description="only clocks of SLAs count and are shown, none of an OLA or UC")] = None,
    order: Annotated[
        Literal["newest", "due"], Query(description="`due`: those with a running clock that is not late, soonest due first")
    ] = "newest",
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    after: str | None = None,
) -> TicketPage:
    """Tickets one may see, newest first or soonest due first, as their clocks were last read.

    A page looks at five thousand tickets at most: it may be short, or empty, and have a `next` all the same.
    """
    if alert is not None and not is_provider(caller):
        raise Forbidden("alert: that a ticket runs under no agreement is told to the provider's people")
    asked = TicketFilter(customer, service, alert, open, breached, region, priority, near_breach, promises=bool(promises))
    wanted = narrowed(caller, asked)
    now, place, look = parts.now(), decode_place(after), due_next if order == "due" else newest
    async with parts.database.reading() as connection:
        found = await look(connection, wanted, now, limit, place)
        clocks = await parts.tickets.clocks(connection, [row.subject for row in found.rows], counted(wanted))
    more = encode_place(*found.next) if found.next is not None else None
    views = [ListedTicketView.of(row, clocks[row.subject], now) for row in found.rows]
    return TicketPage(tickets=views if is_provider(caller) else [view.model_copy(update={"alert": None}) for view in views], next=more)


@router.get("/{ticket:path}")
async def show_ticket(ticket: ReadableTicket, parts: TheParts, caller: TicketReader, as_of: datetime | None = None) -> TicketView:
    """A ticket with its clocks read now, or at an instant, and every due time explained."""
    view = await _ticket_view(parts, caller, ticket, as_of)
    return view if is_provider(caller) else outside(view)


class PauseCommand(BaseModel):
    """Why the ticket waits."""

    reason: PauseReason
    key: Annotated[str, Field(max_length=100, description="sent again with the same key, the command counts once")] = ""


class ResumeCommand(BaseModel):
    """The ticket goes on."""

    key: Annotated[str, Field(max_length=100, description="sent again with the same key, the command counts once")] = ""


@router.post("/{ticket:path}/pause", status_code=202)
async def pause(ticket: ChangeableTicket, command: PauseCommand, parts: TheParts) -> ReceiptView:
    """Pause the clocks of a ticket that may pause for this reason; refused if none may."""
    return await _command(parts, ticket, EventKind.PAUSED, command.key, command.reason)


@router.post("/{ticket:path}/resume", status_code=202)
async def resume(ticket: ChangeableTicket, command: ResumeCommand, parts: TheParts) -> ReceiptView:
    """Let the clocks of a ticket run again."""
    return await _command(parts, ticket, EventKind.RESUMED, command.key, None)


async def _command(parts: Parts, ticket: TicketRef, kind: EventKind, key: str, reason: str | None) -> ReceiptView:
    now = parts.now()
    event = TicketEvent(
        source=ticket.source,
        event_id=f"servanda:{ticket.ticket_id}:{kind.value}:{key or uuid4()}",
        ticket_id=ticket.ticket_id,
        kind=kind,
        occurred_at=now,
        received_at=now,
        reason=reason,
    )
    receipt = await parts.inbox.command(ticket, event)
    if parts.forwarder is not None:
        parts.forwarder.nudge()
    return ReceiptView.of(receipt)


async def _ticket_view(parts: Parts, caller: Caller, ticket: TicketRef, as_of: datetime | None) -> TicketView:
    read = await read_ticket(parts, ticket, as_of)
    return TicketView(
        ticket=read.row.subject,
        created_at=read.row.created_at,
        attributes=read.row.attributes,
        alert=read.row.alert,
        clocks=[ExplainedClockView.explained(each, read.at, read.parts_of(each)) for each in seen_clocks(caller, read.readings)],
        events=[_event_view(event) for event in read.events],
        milestones=[ReachedView.model_validate(each, from_attributes=True) for each in read.reached],
        moves=[TicketMoveView.of(each) for each in read.moves],
        process=process_link(parts, ticket),
    )


def _event_view(event: TicketEvent) -> EventView:
    same = ("occurred_at", "received_at", "milestone", "reason")
    return EventView(
        id=event.event_id,
        kind=event.kind.value,
        late=event.is_late,
        attributes=dict(event.attributes),
        **{name: getattr(event, name) for name in same},
    )


def process_link(parts: Parts, ticket: TicketRef) -> str | None:
    """Where the engine's UI shows the ticket's process; None if no UI is set."""
    if parts.settings.temporal_ui is None:
        return None
    return f"{parts.settings.temporal_ui}/namespaces/{parts.settings.temporal_namespace}/workflows/{ticket_workflow_id(ticket)}"
