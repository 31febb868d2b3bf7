"""One ticket: its clocks over their calendars, why each is due when it is, what happened, and the buttons to pause it."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from babel.dates import format_datetime
from fastapi import Response
from pydantic import ValidationError

from api.dependencies import Parts, TheParts
from api.pages.due_words import due_said
from api.pages.own_tickets import VisitedTicket
from api.pages.page import go_to, own, page_router
from api.pages.shown_clock import ShownClock, shown_clock
from api.pages.visitors import TheForm, TheVisitor, Visitor
from api.pages.words import PageWords, page_words
from api.replan_views import TicketMoveView
from api.routes.follow_ups import PROPOSE_EXCLUSIONS
from api.routes.tickets import PauseCommand, ResumeCommand, pause, process_link, resume
from api.ticket_reading import ReadTicket, read_ticket
from api.ticket_sight import INSIDE, seen_clocks
from connectors.readable.words import Words, phrases_of
from domain.clocks import ClockState
from domain.effects import TicketRef
from domain.errors import BadInput, Forbidden
from domain.people import Role
from domain.replan import MovedClock
from store.tickets import subject_of

router = page_router()

_EVENTS = 200
"""How many events are listed: the last ones."""


@router.post("/pages/tickets/{ticket:path}/pause")
async def pause_ticket(ticket: VisitedTicket, parts: TheParts, visitor: TheVisitor, sent: TheForm) -> Response:
    """Pause the ticket's clocks for a reason, then show it."""
    await _the_ticket(parts, ticket, visitor, to_change=True)
    try:
        command = PauseCommand(reason=sent.text("reason"), key=sent.text("key"))
    except ValidationError as wrong:
        raise BadInput("reason: choose why the ticket waits") from wrong
    await pause(ticket, command, parts)
    return go_to(address_of(ticket))


@router.post("/pages/tickets/{ticket:path}/resume")
async def resume_ticket(ticket: VisitedTicket, parts: TheParts, visitor: TheVisitor, sent: TheForm) -> Response:
    """Let the ticket's clocks run again, then show it."""
    await _the_ticket(parts, ticket, visitor, to_change=True)
    await resume(ticket, ResumeCommand(key=sent.text("key")[:100]), parts)
    return go_to(address_of(ticket))


@router.get("/pages/tickets/{ticket:path}")
async def show_ticket(ticket: VisitedTicket, parts: TheParts, visitor: TheVisitor) -> Response:
    """A ticket as it stands now."""
    read = await _the_ticket(parts, ticket, visitor)
    words = page_words(visitor.language)
    seen = sorted(seen_clocks(visitor.someone, read.readings), key=lambda reading: not reading.breached)  # what broke comes first
    clocks = [shown_clock(each, read, words, number) for number, each in enumerate(seen, start=1)]
    return own(
        "ticket",
        visitor,
        section="/pages/tickets",
        ticket=ticket,
        read=read,
        events=read.events[-_EVENTS:],
        clocks=clocks,
        facts={name: value for name, value in read.row.attributes.items() if visitor.is_inside or name not in INSIDE},
        changes=lambda event: {name: value for name, value in event.attributes.items() if visitor.is_inside or name not in INSIDE},
        reached=_seen(read.reached, clocks),
        moves=_seen_moves(read.moves, clocks),
        terms=Words(phrases_of(visitor.language)),
        process=process_link(parts, ticket) if visitor.someone.has(Role.ADMIN) else None,
        pauses=_reasons(read) if visitor.is_inside else [],
        is_paused=visitor.is_inside and any(each.reading.state is ClockState.PAUSED for each in clocks),
        may_exclude=visitor.someone.has(*PROPOSE_EXCLUSIONS) and bool(clocks),
        now=read.at,
        agreement_address=agreement_address,
        due_said=lambda due_at: due_said(due_at, read.at, words),
        second=lambda at: _second(at, clocks, words),
        here=address_of(ticket),
    )


def address_of(ticket: TicketRef) -> str:
    """Where a ticket is shown."""
    return f"/pages/tickets/{quote(subject_of(ticket))}"


def agreement_address(name: str) -> str | None:
    """Where the agreement that a clock names is shown; terms that came without a registry number have no page."""
    return f"/pages/agreements/{name}" if re.fullmatch(r"[A-Z]+-\d{4}-\d{4,}", name) else None


async def _the_ticket(parts: Parts, ticket: TicketRef, visitor: Visitor, *, to_change: bool = False) -> ReadTicket:
    read = await read_ticket(parts, ticket)
    if to_change and not visitor.is_inside:
        raise Forbidden("the provider's people pause tickets")
    return read


def _reasons(read: ReadTicket) -> list[str]:
    """The reasons for which a clock that runs may pause."""
    running = [each for each in read.readings if each.state is ClockState.RUNNING and each.segment.row is not None]
    return sorted({reason for each in running for reason in (each.segment.row.pauses if each.segment.row is not None else None) or ()})


def _seen(reached: Sequence[Any], clocks: Sequence[ShownClock]) -> list[Any]:
    names = {each.reading.clock for each in clocks}
    return [each for each in reached if each.clock in names]


def _seen_moves(moves: Sequence[Any], clocks: Sequence[ShownClock]) -> list[tuple[TicketMoveView, list[MovedClock]]]:
    """The ticket's moves, each with the clocks it changed."""
    names = {each.reading.clock for each in clocks}
    views = [TicketMoveView.of(each) for each in moves]
    found = [(move, [each for each in move.clocks if each.clock in names]) for move in views]
    return [(move, changed) for move, changed in found if changed]


def _second(at: datetime, clocks: Sequence[ShownClock], words: PageWords) -> str:
    """An instant on the clocks of the ticket's first agreement; with seconds where it has some."""
    zone = clocks[0].zone if clocks else None
    shown = "EEE d MMM y, HH:mm:ss" if at.second else "EEE d MMM y, HH:mm"
    return format_datetime(at, shown, tzinfo=zone, locale=words.language)
