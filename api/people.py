"""Who acts: the person behind a token, as the directory knows them today."""

from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends, Header, Request

from api.dependencies import Parts, TheParts
from api.errors import Unauthorized
from api.someone import Someone
from domain.actors import actor_of
from domain.errors import Forbidden


async def _someone(parts: TheParts, request: Request, authorization: Annotated[str | None, Header()] = None) -> Someone:
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthorized("send your token as Authorization: Bearer …")
    async with parts.database.reading() as connection:
        person = await parts.directory.person_of(connection, token.strip())
    if person is None:
        raise Unauthorized("nobody has this token; ask an administrator for yours")
    request.state.person = person
    return await someone_of(parts, person)


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


ThePerson = Annotated[Someone, Depends(_someone)]


def _insider(someone: ThePerson) -> Someone:
    if not someone.is_inside:
        raise Forbidden("this is for the provider's people")
    return someone


TheInsider = Annotated[Someone, Depends(_insider)]
"""Somebody of the provider."""
