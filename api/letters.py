"""Whose letters of the local mailbox are whose: those to a person, or to a role of theirs about what is their business."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Row

from api.case_views import concerns
from api.dependencies import Parts
from api.routes.registry import is_concerned
from api.someone import Caller, Program, Someone
from api.ticket_sight import sight_of
from domain.people import Role
from domain.registry_numbers import in_registry
from store.tickets import ticket_of

_MOST_LOOKS = 20
"""How many times a page's worth is looked through for one page; then it is short, and `next` goes on."""


class LettersAsked(NamedTuple):
    """A page of the mailbox: how many letters, before which, about what."""

    limit: int
    before: int | None
    about: str | None


class Letters(NamedTuple):
    """Letters, newest first, and before which number others stand."""

    rows: Sequence[Row[Any]]
    next: int | None


async def letters_for(parts: Parts, caller: Caller, asked: LettersAsked) -> Letters:
    """The letters somebody may read: programs and administrators all, others their own."""
    limit, before, about = asked
    if isinstance(caller, Program) or caller.has(Role.ADMIN):
        rows = await parts.mailbox.messages(limit, before, about)
        return Letters(rows, rows[-1].id if len(rows) == limit else None)
    found: list[Row[Any]] = []
    for _ in range(_MOST_LOOKS):
        rows = await parts.mailbox.messages(limit, before, about, _names_of(caller))
        for row in rows:
            if await _is_theirs(parts, caller, row):
                found.append(row)
            if len(found) == limit:
                return Letters(found, row.id)
        if len(rows) < limit:
            return Letters(found, None)
        before = rows[-1].id
    return Letters(found, before)


def _names_of(someone: Someone) -> set[str]:
    """How letters may name somebody, and those they stand in for today."""
    everybody = (someone.actor, *someone.actor.deputises)
    return {name for each in everybody for name in (each.person, *(role.value for role in each.roles))}


async def _is_theirs(parts: Parts, someone: Someone, row: Row[Any]) -> bool:
    receivers = set(row.recipients) & _names_of(someone)
    if not receivers:
        return False
    is_named = any(each.person in receivers for each in (someone.actor, *someone.actor.deputises))
    return someone.is_inside or is_named or await _concerns(parts, someone, row.subject)


async def _concerns(parts: Parts, someone: Someone, about: str) -> bool:
    """Is what a letter is about the business of an outsider's party? Customers share the names of their roles."""
    async with parts.database.reading() as connection:
        case = await parts.cases.case(connection, about)
        sight = sight_of(someone)
        if case is None and sight is not None and await parts.tickets.is_seen(connection, ticket_of(about), sight):
            return True
    if case is not None:
        return concerns(case, someone)
    entry = await parts.registry.entry(in_registry(about))
    return entry is not None and is_concerned(entry, someone)
