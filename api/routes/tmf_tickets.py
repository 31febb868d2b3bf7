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
from api.tmf.answering import COUNTS, Fields, Limit, Offset, Resource, chosen, count, one_of
from api.tmf.tickets import TICKETS, Told, status_changes, ticket_of
from domain.errors import BadInput, NotFound
from domain.people import Side
from store.ticket_counts import Counted, count_tickets, tickets_at

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
    """Tickets, newest first; a customer's people see its own."""
    wanted = _seen_by(someone, Counted(_values(party), _values(priority), (), after, before))
    if wanted is None:
        count(response, 0, [])
        return []
    async with parts.database.reading() as connection:
        whole = await count_tickets(connection, wanted)
        if status is None:
            page = await _told(parts, connection, await tickets_at(connection, wanted, offset, limit))
        elif whole > MOST_BY_STATUS:
            raise BadInput(f"status: {whole} tickets would have to be read; name the customer, or creationDate.gt")
        else:
            all_told = await _told(parts, connection, await tickets_at(connection, wanted, 0, MOST_BY_STATUS))
            found = [each for each in all_told if (done := status_changes(each.events, parts.now())) and one_of(done[-1].status, status)]
            whole, page = len(found), found[offset : offset + limit]
    count(response, whole, page)
    return [chosen(_resource(parts, someone, each), fields) for each in page]


@router.get("/{ticket:path}")
async def show_tmf_ticket(ticket: str, parts: TheParts, someone: TicketLister, fields: Fields = None) -> Resource:
    """One ticket, by its `id` in the list: its system and its number there."""
    async with parts.database.reading() as connection:
        row = await parts.tickets.ticket(connection, ticket)
        if row is None or row.created_at is None or _seen_by(someone, Counted((row.customer or "",))) is None:
            raise NotFound(f"there is no ticket {ticket}")
        [told] = await _told(parts, connection, [row])
    return chosen(_resource(parts, someone, told), fields)


def _seen_by(someone: Someone, wanted: Counted) -> Counted | None:
    """A list narrowed to what is somebody's business; None where nothing of it is: tickets are none of a supplier's."""
    if someone.is_inside:
        return wanted
    own = someone.actor.party
    if someone.actor.side is not Side.CUSTOMER or own is None or (wanted.customer and own not in wanted.customer):
        return None
    return wanted._replace(customer=(own,))


async def _told(parts: Parts, connection: AsyncConnection, rows: Sequence[Row[Any]]) -> list[Told]:
    """What is known of some tickets, read for all of them at once."""
    subjects = [row.subject for row in rows]
    clocks, events = await parts.tickets.clocks(connection, subjects), await parts.tickets.events_of(connection, subjects)
    known = {each.digest: each for each in await parts.agreements.of(connection, sorted({name for row in rows for name in row.agreements}))}
    numbers = await parts.registry.numbers(each.agreement for each in known.values())
    return [Told(row, clocks[row.subject], events[row.subject], [known[name] for name in row.agreements], numbers) for row in rows]


def _resource(parts: Parts, someone: Someone, told: Told) -> Resource:
    return ticket_of(told, status_changes(told.events, parts.now()), is_inside=someone.is_inside)


def _values(named: str | None) -> tuple[str, ...]:
    return tuple(each.strip() for each in named.split(",")) if named is not None else ()
