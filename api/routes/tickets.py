"""Tickets, their clocks, and people's commands on them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.dependencies import Parts, TheParts
from api.paging import decode_place, encode_place
from api.people import TicketReader
from api.replan_views import TicketMoveView
from api.ticket_sight import ChangedTicket, ReadTicket, for_caller, sight_of
from api.views import EventView, ExplainedClockView, ListedTicketView, ReachedView, ReceiptView, TicketPage, TicketView
from domain.attribution import attribute
from domain.clocks import ClockReading, read_clocks
from domain.cloud_events import PauseReason
from domain.effects import TicketRef
from domain.errors import Forbidden, NotFound
from domain.events import EventKind, TicketEvent, order_of
from domain.terms import SUPPORT_KINDS
from store.tickets import TicketFilter, subject_of
from workflows.names import ticket_workflow_id

router = APIRouter(prefix="/tickets", tags=["tickets"])


@router.get("")
async def list_tickets(
    parts: TheParts,
    caller: TicketReader,
    customer: str | None = None,
    service: str | None = None,
    alert: str | None = None,
    open: bool | None = None,  # noqa: A002  (the name in the URL)
    breached: bool | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    after: str | None = None,
) -> TicketPage:
    """Tickets one may see, newest first, as their clocks were last read."""
    sight, now = sight_of(caller), parts.now()
    if sight is not None and alert is not None:
        raise Forbidden("alert: that a ticket runs under no agreement is told to the provider's people")
    wanted = TicketFilter(customer, service, alert, open, breached, sight)
    async with parts.database.reading() as connection:
        rows = await parts.tickets.page(connection, wanted, now, limit, decode_place(after))
        clocks = await parts.tickets.clocks(connection, [row.subject for row in rows], sight)
    more = encode_place(rows[-1].created_at, rows[-1].subject) if len(rows) == limit else None
    views = [ListedTicketView.of(row, clocks[row.subject], now) for row in rows]
    return TicketPage(tickets=views if sight is None else [view.model_copy(update={"alert": None}) for view in views], next=more)


@router.get("/{ticket:path}")
async def show_ticket(ticket: ReadTicket, parts: TheParts, caller: TicketReader, as_of: datetime | None = None) -> TicketView:
    """A ticket with its clocks read now, or at an instant, and every due time explained."""
    return await for_caller(parts, caller, await _ticket_view(parts, ticket, as_of))


class PauseCommand(BaseModel):
    """Why the ticket waits."""

    reason: PauseReason
    key: Annotated[str, Field(max_length=100, description="sent again with the same key, the command counts once")] = ""


class ResumeCommand(BaseModel):
    """The ticket goes on."""

    key: Annotated[str, Field(max_length=100, description="sent again with the same key, the command counts once")] = ""


@router.post("/{ticket:path}/pause", status_code=202)
async def pause(ticket: ChangedTicket, command: PauseCommand, parts: TheParts) -> ReceiptView:
    """Pause the clocks of a ticket that may pause for this reason; refused if none may."""
    return await _command(parts, ticket, EventKind.PAUSED, command.key, command.reason)


@router.post("/{ticket:path}/resume", status_code=202)
async def resume(ticket: ChangedTicket, command: ResumeCommand, parts: TheParts) -> ReceiptView:
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


async def _ticket_view(parts: Parts, ticket: TicketRef, as_of: datetime | None) -> TicketView:
    subject, at = subject_of(ticket), as_of or parts.now()
    async with parts.database.reading() as connection:
        row = await parts.tickets.ticket(connection, subject)
        if row is None:
            raise NotFound(f"there is no ticket {subject}")
        agreements = await parts.agreements.of(connection, row.agreements)
        events = sorted(await parts.tickets.events(connection, subject), key=order_of)
        reached = await parts.tickets.milestones(connection, subject)
        moves = await parts.replans.of_ticket(connection, subject)
    return TicketView(
        ticket=subject,
        created_at=row.created_at,
        attributes=row.attributes,
        alert=row.alert,
        clocks=_explained(read_clocks(agreements, events, at), events, at),
        events=[_event_view(event) for event in events],
        milestones=[ReachedView.model_validate(each, from_attributes=True) for each in reached],
        moves=[TicketMoveView.of(each) for each in moves],
        process=_process_link(parts, ticket),
    )


def _explained(readings: Sequence[ClockReading], events: Sequence[TicketEvent], at: datetime) -> list[ExplainedClockView]:
    """Every clock with its reasons; those of promises that rest on teams or suppliers also say who had the ticket."""
    is_supported = any(reading.kind in SUPPORT_KINDS for reading in readings)
    return [
        ExplainedClockView.explained(
            reading, at, attribute(reading, readings, events, at) if is_supported and reading.kind not in SUPPORT_KINDS else ()
        )
        for reading in readings
    ]


def _event_view(event: TicketEvent) -> EventView:
    same = ("occurred_at", "received_at", "milestone", "reason")
    return EventView(
        id=event.event_id,
        kind=event.kind.value,
        late=event.is_late,
        attributes=dict(event.attributes),
        **{name: getattr(event, name) for name in same},
    )


def _process_link(parts: Parts, ticket: TicketRef) -> str | None:
    if parts.settings.temporal_ui is None:
        return None
    return f"{parts.settings.temporal_ui}/namespaces/{parts.settings.temporal_namespace}/workflows/{ticket_workflow_id(ticket)}"
