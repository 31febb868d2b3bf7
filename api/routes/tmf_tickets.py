"""TM Forum TMF621 Trouble Ticket v4, to read."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from api.dependencies import Parts, TheParts
from api.people import TicketLister
from api.someone import Someone
from api.ticket_sight import ReadableTicket, sees_agreement, sight_of
from api.tmf.answering import COUNTS, Fields, Limit, Offset, Resource, chosen, count, one_of
from api.tmf.tickets import TICKETS, Told, status_changes, ticket_of
from domain.errors import BadInput, NotFound
from store.ticket_counts import Counted, count_tickets, tickets_at
from store.tickets import subject_of

router = APIRouter(prefix=TICKETS, tags=["TM Forum"])

MOST_BY_STATUS = 5_000
"""Tickets that are read to find those of a status, which is not stored but follows from their events."""

Filter = Annotated[str | None, Query(max_length=500, description="one value, or several separated by commas")]


@router.get("", responses={**COUNTS})
async def list_tmf_tickets(
    parts: TheParts,
    someone: TicketLister,
    response: Response,
    fields: Fields = None,
    offset: Offset = 0,
    limit: Limit = 50,
    status: Filter = None,
    priority: Filter = None,
    party: Annotated[str | None, Query(alias="relatedParty.name", max_length=500, description="the customer")] = None,
    after: Annotated[AwareDatetime | None, Query(alias="creationDate.gt")] = None,
    before: Annotated[AwareDatetime | None, Query(alias="creationDate.lt")] = None,
) -> list[Resource]:
    """Tickets one may see, newest first."""
    wanted = Counted(_values(party), _values(priority), after, before, sight_of(someone))
    async with parts.database.reading() as connection:
        whole = await count_tickets(connection, wanted)
        if status is None:
            page = await _told(parts, someone, connection, await tickets_at(connection, wanted, offset, limit))
        elif whole > MOST_BY_STATUS:
            raise BadInput(f"status: {whole} tickets would have to be read; name the customer, or creationDate.gt")
        else:
            all_told = await _told(parts, someone, connection, await tickets_at(connection, wanted, 0, MOST_BY_STATUS))
            found = [each for each in all_told if (done := status_changes(each.events, parts.now())) and one_of(done[-1].status, status)]
            whole, page = len(found), found[offset : offset + limit]
    count(response, whole, page)
    return [chosen(_resource(parts, each), fields) for each in page]


@router.get("/{ticket:path}")
async def show_tmf_ticket(ticket: ReadableTicket, parts: TheParts, someone: TicketLister, fields: Fields = None) -> Resource:
    """One ticket, by its `id` in the list, or by its number where only one system has it."""
    subject = subject_of(ticket)
    async with parts.database.reading() as connection:
        row = await parts.tickets.ticket(connection, subject)
        if row is None or row.created_at is None:
            raise NotFound(f"there is no ticket {subject}")
        [told] = await _told(parts, someone, connection, [row])
    return chosen(_resource(parts, told), fields)


async def _told(parts: Parts, someone: Someone, connection: AsyncConnection, rows: Sequence[Row[Any]]) -> list[Told]:
    """What is known of some tickets, read for all of them at once."""
    subjects = [row.subject for row in rows]
    clocks, events = await parts.tickets.clocks(connection, subjects), await parts.tickets.events_of(connection, subjects)
    known = {each.digest: each for each in await parts.agreements.of(connection, sorted({name for row in rows for name in row.agreements}))}
    numbers = await parts.registry.numbers(each.agreement for each in known.values())
    seen = {digest: each for digest, each in known.items() if sees_agreement(someone, each)}
    mine = {row.subject: [seen[digest] for digest in row.agreements if digest in seen] for row in rows}
    return [Told(row, clocks[row.subject], events[row.subject], mine[row.subject], numbers) for row in rows]


def _resource(parts: Parts, told: Told) -> Resource:
    return ticket_of(told, status_changes(told.events, parts.now()))


def _values(named: str | None) -> tuple[str, ...]:
    return tuple(each.strip() for each in named.split(",")) if named is not None else ()
