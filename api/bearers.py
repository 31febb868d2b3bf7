"""Whose a bearer token is: a person's of the directory or of the OpenID provider, or a program's."""

import hmac
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from api.dependencies import Parts
from api.errors import Unauthorized
from api.someone import Caller, Program, Someone
from connectors.openid_client import NotProven
from domain.actors import actor_of
from domain.errors import Forbidden, NotFound
from domain.identities import person_of
from domain.scopes import Scope
from store.service_tokens import PREFIX

if TYPE_CHECKING:
    from connectors.openid_provider import OpenIdProvider

_OF_THE_SETTING = Program("api-token", frozenset({Scope.TICKETS_READ, Scope.TICKETS_WRITE, Scope.MAILBOX_READ}))
"""What the one token of the setting opens."""


def bearer_in(authorization: str | None) -> str:
    """The token of a header `Authorization`.

    Raises:
        Unauthorized: there is none.
    """
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthorized("send your token as Authorization: Bearer …")
    return token.strip()


async def caller_of(parts: Parts, token: str) -> Caller:
    """Who has a token.

    Raises:
        Unauthorized: nobody has it, or not any longer.
        ProviderAway: it is the OpenID provider's, whose keys cannot be had now.
    """
    own = parts.settings.api_token
    if own is not None and hmac.compare_digest(token.encode(), own.encode()):
        return _OF_THE_SETTING
    if token.startswith(PREFIX):
        return await _program_of(parts, token)
    if parts.openid is not None and token.count(".") == 2:
        return await _signed_in_elsewhere(parts, token)
    async with parts.database.reading() as connection:
        person = await parts.directory.person_of(connection, token)
    if person is None:
        raise Unauthorized("nobody has this token; ask an administrator for yours")
    return await someone_of(parts, person)


async def _signed_in_elsewhere(parts: Parts, token: str) -> Someone:
    try:
        claims = await openid_of(parts).bearer_of(token)
    except NotProven as wrong:
        raise Unauthorized(str(wrong)) from wrong
    person = person_of(await parts.directory.now(), claims, parts.settings.openid_person)
    if person is None:
        raise Unauthorized("the directory has nobody for this token; ask an administrator")
    return await someone_of(parts, person.person)


def openid_of(parts: Parts) -> "OpenIdProvider":
    """The OpenID provider.

    Raises:
        NotFound: this installation has none.
    """
    if parts.openid is None:
        raise NotFound("this installation has no OpenID provider; sign in with a token")
    return parts.openid


async def _program_of(parts: Parts, token: str) -> Program:
    now = datetime.now(UTC)
    async with parts.database.reading() as connection:
        row = await parts.service_tokens.valid(connection, token, now)
    if row is None:
        raise Unauthorized("this service token does not count: it was revoked, has expired, or nobody made it")
    await parts.service_tokens.used(row, now)
    # A scope that an older release knew opens nothing.
    return Program(row.name, frozenset(scope for scope in Scope if scope.value in row.scopes))


async def someone_of(parts: Parts, person: str) -> Someone:
    """A person as the directory knows them now.

    Raises:
        Unauthorized: they have left.
        BadInput: there is no such person.
    """
    catalogue = await parts.directory.now()
    today = parts.now().astimezone(ZoneInfo(catalogue.calendar.time_zone)).date()
    try:
        actor = actor_of(catalogue, person, today)
    except Forbidden as left:
        raise Unauthorized(str(left)) from left
    return Someone(actor, catalogue)
