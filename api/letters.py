"""Whose letters of the local mailbox are whose."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Row

from api.dependencies import Parts
from api.someone import Caller, Program
from domain.errors import Forbidden
from domain.people import Role


class LettersAsked(NamedTuple):
    """A page of the mailbox: how many letters, before which, about what, of whom."""

    limit: int
    before: int | None
    about: str | None
    receiver: str | None


class Letters(NamedTuple):
    """Letters, newest first, and before which number others stand."""

    rows: Sequence[Row[Any]]
    next: int | None


async def letters_for(parts: Parts, caller: Caller, asked: LettersAsked) -> Letters:
    """The letters somebody may read: programs and administrators all, others theirs and those of whom they stand in for today.

    Raises:
        Forbidden: they ask for somebody else's.
    """
    receivers = [asked.receiver] if asked.receiver is not None else None
    if not (isinstance(caller, Program) or caller.has(Role.ADMIN)):
        own = [each.person for each in (caller.actor, *caller.actor.deputises)]
        if asked.receiver is not None and asked.receiver not in own:
            raise Forbidden("receiver: an administrator reads the letters of others")
        receivers = receivers or own
    rows = await parts.mailbox.messages(asked.limit, asked.before, asked.about, receivers)
    return Letters(rows, rows[-1].id if len(rows) == asked.limit else None)
