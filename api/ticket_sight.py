"""What of a ticket is somebody's business: outsiders see their own tickets, and of those the clocks of their own agreements."""

from collections.abc import Collection, Mapping
from typing import Annotated

from fastapi import Depends, Path

from api.dependencies import Parts, TheParts
from api.people import TheCaller, TicketReader, TicketWriter
from api.replan_views import TicketMoveView
from api.someone import Caller, Program, is_provider
from api.views import TicketView
from domain.effects import TicketRef
from domain.errors import Forbidden, NotFound
from domain.people import Side
from store.ticket_sight import Sight
from store.tickets import subject_of

TicketName = Annotated[str, Path(description="`source/number`, or the number alone where only one system has it")]

_INSIDE = frozenset({"held_by"})
"""What a ticket says of how the provider works."""


def sight_of(caller: Caller) -> Sight | None:
    """The bounds of what somebody sees of tickets; None for the provider's people and programs, who see all."""
    if isinstance(caller, Program) or caller.is_inside:
        return None
    party = caller.actor.party
    return Sight(customer=party) if caller.actor.side is Side.CUSTOMER else Sight(supplier=party)


async def seen_ticket(parts: Parts, caller: Caller, name: str) -> TicketRef:
    """The ticket of a name, if it is some of their business.

    Raises:
        NotFound: there is none, or it is none of theirs.
        BadInput: several systems have one of that number.
    """
    source, slash, ticket_id = name.rpartition("/")
    sight = sight_of(caller)
    async with parts.database.reading() as connection:
        if not slash:
            return await parts.tickets.named(connection, ticket_id, sight)
        ticket = TicketRef(source=source, ticket_id=ticket_id)
        if sight is not None and not await parts.tickets.is_seen(connection, ticket, sight):
            raise NotFound(f"there is no ticket {subject_of(ticket)}")
    return ticket


async def _read(ticket: TicketName, parts: TheParts, caller: TicketReader) -> TicketRef:
    return await seen_ticket(parts, caller, ticket)


async def _written(ticket: TicketName, parts: TheParts, caller: TicketWriter) -> TicketRef:
    found = await seen_ticket(parts, caller, ticket)
    if not is_provider(caller):
        raise Forbidden("the provider's people pause tickets and let them go on")
    return found


async def _looked_up(ticket: TicketName, parts: TheParts, caller: TheCaller) -> TicketRef:
    return await seen_ticket(parts, caller, ticket)


ReadTicket = Annotated[TicketRef, Depends(_read)]
"""A ticket somebody may look at."""
ChangedTicket = Annotated[TicketRef, Depends(_written)]
"""A ticket somebody may pause."""
OwnTicket = Annotated[TicketRef, Depends(_looked_up)]
"""A ticket that is some of the caller's business."""


async def for_caller(parts: Parts, caller: Caller, view: TicketView) -> TicketView:
    """A ticket as somebody may see it."""
    sight = sight_of(caller)
    if sight is None:
        return view
    async with parts.database.reading() as connection:
        rows = (await parts.tickets.clocks(connection, [view.ticket], sight))[view.ticket]
    names = {row.clock for row in rows}
    return view.model_copy(
        update={
            "attributes": _outside(view.attributes),
            "alert": None,
            "clocks": [each.model_copy(update={"parts": []}) for each in view.clocks if each.clock in names],
            "events": [each.model_copy(update={"attributes": _outside(each.attributes)}) for each in view.events],
            "milestones": [each.model_copy(update={"recipients": []}) for each in view.milestones if each.clock in names],
            "moves": [each for move in view.moves if (each := _move(move, names)).clocks],
            "process": None,
        }
    )


def _move(move: TicketMoveView, names: Collection[str]) -> TicketMoveView:
    return move.model_copy(update={"clocks": [each for each in move.clocks if each.clock in names]})


def _outside(attributes: Mapping[str, str | None]) -> dict[str, str | None]:
    return {name: value for name, value in attributes.items() if name not in _INSIDE}
