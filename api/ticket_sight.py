"""What of tickets is whose business: outsiders see their own, and of those the clocks of their own agreements.

A customer's own are its tickets; a supplier's are those it holds or held.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Annotated

from fastapi import Depends, Path
from sqlalchemy import ColumnElement

from api.dependencies import Parts, TheParts
from api.people import TheCaller, TicketReader, TicketWriter
from api.replan_views import TicketMoveView
from api.someone import Caller, Program, is_provider
from api.views import TicketView
from domain.clocks import ClockReading
from domain.effects import TicketRef
from domain.errors import Forbidden, NotFound
from domain.people import Side
from domain.terms import SUPPORT_KINDS, Agreement, AgreementKind
from store.ticket_sight import is_customers, was_held_by
from store.tickets import TicketFilter, subject_of

TicketName = Annotated[str, Path(description="`source/number`, or the number alone where only one system has it")]

INSIDE = frozenset({"held_by"})
"""What a ticket says of how the provider works: who of its teams and suppliers has it."""


def narrowed(caller: Caller, wanted: TicketFilter) -> TicketFilter:
    """A list of tickets, narrowed to what somebody may see."""
    if isinstance(caller, Program) or caller.is_inside:
        return wanted
    party = caller.actor.party or ""
    if caller.actor.side is Side.CUSTOMER:
        return wanted._replace(customer=party, promises=True)
    return wanted._replace(supplier=party, promises=False)


def seen_clocks(caller: Caller, readings: Sequence[ClockReading]) -> list[ClockReading]:
    """A ticket's clocks that somebody may see: the customer those of its promises, a supplier those of its contracts."""
    return [each for each in readings if sees_agreement(caller, each.segment.agreement)]


def sees_agreement(caller: Caller, agreement: Agreement) -> bool:
    """May somebody see a ticket's clocks of an agreement: the customer those of its promises, a supplier those of its contracts?"""
    if isinstance(caller, Program) or caller.is_inside:
        return True
    if caller.actor.side is Side.CUSTOMER:
        return agreement.kind not in SUPPORT_KINDS
    return agreement.kind is AgreementKind.UC and agreement.provider == caller.actor.party


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


def sight_of(caller: Caller) -> ColumnElement[bool] | None:
    """The condition of tickets that are somebody's business; None where all are."""
    if isinstance(caller, Program) or caller.is_inside:
        return None
    party = caller.actor.party
    return is_customers(party) if caller.actor.side is Side.CUSTOMER else was_held_by(party or "")


async def _read(ticket: TicketName, parts: TheParts, caller: TicketReader) -> TicketRef:
    return await seen_ticket(parts, caller, ticket)


async def _changed(ticket: TicketName, parts: TheParts, caller: TicketWriter) -> TicketRef:
    found = await seen_ticket(parts, caller, ticket)
    if not is_provider(caller):
        raise Forbidden("the provider's people pause tickets and let them go on")
    return found


async def _own(ticket: TicketName, parts: TheParts, caller: TheCaller) -> TicketRef:
    return await seen_ticket(parts, caller, ticket)


ReadableTicket = Annotated[TicketRef, Depends(_read)]
"""A ticket somebody, or a program, may look at."""
ChangeableTicket = Annotated[TicketRef, Depends(_changed)]
"""A ticket somebody, or a program, may pause."""
OwnTicket = Annotated[TicketRef, Depends(_own)]
"""A ticket that is some of the caller's business."""


def outside(view: TicketView) -> TicketView:
    """A ticket as outsiders see it; its clocks are those they may see already."""
    names = {each.clock for each in view.clocks}
    return view.model_copy(
        update={
            "attributes": outside_attributes(view.attributes),
            "alert": None,
            "clocks": [each.model_copy(update={"parts": []}) for each in view.clocks],
            "events": [each.model_copy(update={"attributes": outside_attributes(each.attributes)}) for each in view.events],
            "milestones": [each.model_copy(update={"recipients": []}) for each in view.milestones if each.clock in names],
            "moves": [each for move in view.moves if (each := _move(move, names)).clocks],
            "process": None,
        }
    )


def outside_attributes(attributes: Mapping[str, str | None]) -> dict[str, str | None]:
    """What outsiders see of what is said of a ticket."""
    return {name: value for name, value in attributes.items() if name not in INSIDE}


def _move(move: TicketMoveView, names: Collection[str]) -> TicketMoveView:
    return move.model_copy(update={"clocks": [each for each in move.clocks if each.clock in names]})
