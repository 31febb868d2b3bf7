"""Where nobody is known yet: addresses that anybody may try are limited by where the request comes from."""

from fastapi import Depends, Request

from api.dependencies import TheParts


def address_of(request: Request) -> str:
    """Where a request comes from; behind a proxy that is trusted, where it says so."""
    return request.client.host if request.client is not None else "nowhere"


def _door(request: Request, parts: TheParts) -> None:
    parts.limits.doors.take(address_of(request))


AtTheDoor = Depends(_door)
"""Counts an attempt of somebody who is not known yet."""


def _reader(request: Request, parts: TheParts) -> None:
    parts.limits.readers.take(address_of(request))


AsReader = Depends(_reader)
"""Counts a look of anybody at what is published; who looks too often may still sign in."""
