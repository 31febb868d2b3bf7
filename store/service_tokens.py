"""Tokens of programs: what each may do, until when, and on which day it was last used."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any, NamedTuple

from sqlalchemy import Row, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.audit import AuditEvent
from domain.errors import BadInput, NotFound
from domain.scopes import Scope
from store.audit import AuditTrail
from store.database import Database
from store.service_token_table import ServiceTokenRow

tokens = ServiceTokenRow.__table__  # type: ignore[attr-defined]

PREFIX = "servanda_"
"""How every service token begins: people see at once what it is, and so do programs that look for secrets in files."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,59}")


class NewToken(NamedTuple):
    """What a program is called, what it may do, and until when."""

    name: str
    scopes: frozenset[Scope]
    expires_at: datetime | None = None


class Done(NamedTuple):
    """Who does something to a token, and when."""

    by: str
    at: datetime


class ServiceTokens:
    """Keeps the hashes of service tokens; a token is shown once and kept nowhere."""

    def __init__(self, database: Database) -> None:
        """Work on a database."""
        self._database = database
        self._audit = AuditTrail(database)

    async def new(self, wanted: NewToken, done: Done) -> str:
        """Make a token.

        Raises:
            BadInput: the name is not one, or was given before; or the token would have expired already.
        """
        if not _NAME.fullmatch(wanted.name):
            raise BadInput(f"name: {wanted.name!r} is no name; small letters, digits, dot, dash and underscore, 60 at most")
        if wanted.expires_at is not None and wanted.expires_at <= done.at:
            raise BadInput("expires: that is over already")
        token = PREFIX + token_urlsafe(32)
        made = {"made_by": done.by, "made_at": done.at, "expires_at": wanted.expires_at}
        row = {"name": wanted.name, "digest": _digest_of(token), "scopes": sorted(wanted.scopes), **made}
        async with self._database.writing() as connection:
            add = self._database.insert(ServiceTokenRow).on_conflict_do_nothing(index_elements=["name"])
            if (await connection.execute(add, row)).rowcount != 1:
                raise BadInput(f"name: {wanted.name!r} was given before, and trails name it; take another, such as {wanted.name}-2")
            may = f"may {', '.join(sorted(wanted.scopes))}"
            await self._audit.append(connection, [_event(wanted.name, "make", ("NONE", "VALID"), done, may)])
        return token

    async def revoke(self, name: str, done: Done) -> bool:
        """End a token; False if it had ended.

        Raises:
            NotFound: there is none of that name.
        """
        async with self._database.writing() as connection:
            mine = tokens.c.name == name, tokens.c.revoked_at.is_(None)
            if (await connection.execute(update(tokens).where(*mine).values(revoked_at=done.at))).rowcount == 1:
                await self._audit.append(connection, [_event(name, "revoke", ("VALID", "REVOKED"), done)])
                return True
            if await connection.scalar(select(tokens.c.name).where(tokens.c.name == name)) is None:
                raise NotFound(f"there is no service token {name}")
            return False

    async def all(self) -> Sequence[Row[Any]]:
        """Every token there was, by name."""
        async with self._database.reading() as connection:
            return (await connection.execute(select(tokens).order_by(tokens.c.name))).all()

    async def valid(self, connection: AsyncConnection, token: str, at: datetime) -> Row[Any] | None:
        """The row of a token that counts; None if there is none, it was revoked, or has expired."""
        lives = tokens.c.revoked_at.is_(None), or_(tokens.c.expires_at.is_(None), tokens.c.expires_at > at)
        return (await connection.execute(select(tokens).where(tokens.c.digest == _digest_of(token), *lives))).one_or_none()

    async def used(self, row: Row[Any], at: datetime) -> None:
        """Note the day on which a token was used, once a day."""
        today = at.astimezone(UTC).date()
        if row.last_used_on is not None and row.last_used_on >= today:
            return
        async with self._database.writing() as connection:
            await connection.execute(update(tokens).where(tokens.c.name == row.name, _before(today)).values(last_used_on=today))


def _before(day: date) -> Any:
    return or_(tokens.c.last_used_on.is_(None), tokens.c.last_used_on < day)


def _event(name: str, action: str, states: tuple[str, str], done: Done, reason: str | None = None) -> AuditEvent:
    subject = f"service-token:{name}"
    told = {"action": action, "from_state": states[0], "to_state": states[1], "actor": done.by, "at": done.at, "reason": reason}
    return AuditEvent(key=f"{subject}:{action}", subject=subject, **told)


def _digest_of(token: str) -> str:
    return sha256(token.encode()).hexdigest()
