"""Signing in with the OpenID provider: there, back with a code, and into a session of ours."""

from typing import Annotated

from fastapi import Query, Request, Response
from pydantic import BaseModel, Field

from api.bearers import openid_of
from api.dependencies import Parts, TheParts
from api.doors import AtTheDoor
from api.pages.page import go_to, page_router
from api.pages.sign_in import Next, signed_in
from api.pages.visitors import BY_OPENID, cookie
from connectors.openid_client import NotProven, Pending
from domain.errors import Forbidden
from domain.identities import person_of

router = page_router()

_ADDRESS = "/sign-in/openid"

PENDING = "servanda_openid"
"""The cookie of a sign-in that has begun."""

_HAS_SECONDS = 600
"""How long somebody may take to sign in there."""

Text = Annotated[str | None, Field(max_length=4000)]


class Brought(BaseModel):
    """What a browser brings back from the provider (RFC 6749, 4.1.2 and RFC 9207)."""

    code: Text = None
    state: Text = None
    iss: Text = None
    error: Text = None


@router.get(_ADDRESS, dependencies=[AtTheDoor])
async def send_to_provider(parts: TheParts, next: Next = "/pages") -> Response:  # noqa: A002  (the name in the address)
    """Send a browser to the provider, remembering in the browser alone what it must bring back."""
    pending = Pending.new()
    answer = go_to(await openid_of(parts).address_to_sign_in(pending, _back_to(parts)))
    kept = "\n".join((*pending, next)).encode().hex()
    answer.set_cookie(PENDING, kept, **cookie(parts, max_age=_HAS_SECONDS, path=_ADDRESS))
    return answer


@router.get(f"{_ADDRESS}/callback", dependencies=[AtTheDoor])
async def take_back(request: Request, parts: TheParts, brought: Annotated[Brought, Query()]) -> Response:
    """Sign in whom the provider says it is, if the directory knows them."""
    pending, wanted = _begun(request, brought.state)
    provider = openid_of(parts)
    if not provider.is_issued_by(brought.iss):
        raise NotProven("the answer comes from another provider")
    if brought.error is not None or brought.code is None:
        raise NotProven(f"the provider signed nobody in: {brought.error or 'it sent no code'}")
    claims = await provider.signed_in(pending, brought.code, _back_to(parts))
    catalogue = await parts.directory.now()
    person = person_of(catalogue, claims, parts.settings.openid_person)
    if person is None:
        raise Forbidden("the directory has nobody for this account; ask an administrator")
    answer = await signed_in(parts, person.person, wanted)
    answer.delete_cookie(PENDING, path=_ADDRESS)
    answer.set_cookie(BY_OPENID, "1", **cookie(parts, max_age=int(parts.settings.session_hours * 3600)))
    return answer


@router.get("/sign-out/openid")
async def leave_provider(parts: TheParts) -> Response:
    """Send a browser that signed out here to end its session with the provider too."""
    address = await openid_of(parts).address_to_leave(f"{parts.settings.links_to}/sign-in")
    return go_to(address or "/sign-in")


def _begun(request: Request, state: str | None) -> tuple[Pending, str]:
    """The sign-in this browser began, and the page it wanted.

    Raises:
        NotProven: it began none, or another.
    """
    try:
        *begun, wanted = bytes.fromhex(request.cookies.get(PENDING, "")).decode().split("\n", 3)
        pending = Pending(*begun)
    except (ValueError, TypeError) as wrong:
        raise NotProven("this browser began no sign-in, or took too long; begin again") from wrong
    if state is None or state != pending.state:
        raise NotProven("this answer belongs to another sign-in; begin again")
    return pending, wanted


def _back_to(parts: Parts) -> str:
    return f"{parts.settings.links_to}{_ADDRESS}/callback"
