"""Who looks at a page: the person whose browser is signed in. What a page sends must come from a page of theirs."""

import hmac
from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile

from api.bearers import someone_of
from api.dependencies import Parts, TheParts
from api.someone import Someone
from connectors.readable.words import Language
from domain.errors import BadInput, Forbidden, ServandaError

SESSION, LANGUAGE, BY_OPENID = "servanda_session", "servanda_language", "servanda_by_openid"
"""Names of the cookies; the last says that a session was begun with the OpenID provider."""


class NotSignedIn(ServandaError):
    """The browser is signed in by nobody; the page is shown after signing in."""

    code = "NOT_SIGNED_IN"


class Visitor(NamedTuple):
    """Somebody with a page before them; `form_token` proves that what a page sends was on a page of theirs.

    Who came by a personal link is not signed in: no other page is theirs.
    """

    someone: Someone
    language: Language
    form_token: str
    is_signed_in: bool = True

    @property
    def is_inside(self) -> bool:
        """Do they work for the provider?"""
        return self.someone.is_inside


def form_token_of(secret: str) -> str:
    """The token of a session's forms: it tells nothing of the session's secret, and follows from it alone."""
    return sha256(f"servanda form\n{secret}".encode()).hexdigest()


def language_of(request: Request, own: Language) -> Language:
    """The language a browser was switched to; else the person's own."""
    chosen = request.cookies.get(LANGUAGE)
    return chosen if chosen in {"pl", "en"} else own  # type: ignore[return-value]


async def _visitor(request: Request, parts: TheParts) -> Visitor:
    secret = request.cookies.get(SESSION)
    person = await parts.sessions.person_of(secret, datetime.now(UTC)) if secret else None
    if secret is None or person is None:
        raise NotSignedIn("sign in to see this page")
    someone = await someone_of(parts, person)
    request.state.person = person
    return Visitor(someone, language_of(request, someone.language), form_token_of(secret))


TheVisitor = Annotated[Visitor, Depends(_visitor)]


class Sent(NamedTuple):
    """What a form sent, without the fields that guard it."""

    fields: FormData

    def text(self, name: str) -> str:
        """A field as text, with plain line ends; empty if it was not sent."""
        value = self.fields.get(name, "")
        return "" if isinstance(value, UploadFile) else value.replace("\r\n", "\n").strip()

    def all(self, name: str) -> list[str]:
        """Every value of a field, such as ticked boxes."""
        return [value for value in self.fields.getlist(name) if isinstance(value, str)]

    def has(self, name: str) -> bool:
        """Was the field sent at all?"""
        return name in self.fields

    async def file(self, name: str) -> bytes | None:
        """The bytes of a file that was chosen."""
        value = self.fields.get(name)
        return await value.read() or None if isinstance(value, UploadFile) else None


async def sent_by(request: Request) -> Sent:
    """The fields of a form.

    Raises:
        BadInput: it is no form, or one of thousands of fields.
        Forbidden: it came from another site's page.
    """
    refuse_other_sites(request)
    try:
        fields = await request.form(max_files=5, max_fields=1000, max_part_size=5_000_000)
    except Exception as wrong:
        raise BadInput("the form could not be read") from wrong
    if any("\0" in str(value) for value in fields.values()):
        raise BadInput("the character NUL (U+0000) is no text", "NUL_CHARACTER")
    return Sent(fields)


async def _form(request: Request, visitor: TheVisitor, parts: TheParts) -> Sent:
    parts.limits.writes.take(visitor.someone.actor.person)
    sent = await sent_by(request)
    refuse_forged(sent, visitor)
    return sent


def refuse_forged(sent: Sent, visitor: Visitor) -> None:
    """Only a page of the visitor's holds the token that its forms send.

    Raises:
        Forbidden: the form is from somewhere else.
    """
    if not hmac.compare_digest(sent.text("form_token").encode(), visitor.form_token.encode()):
        raise Forbidden("this form is not from a page of yours; open the page again and send it from there")


TheForm = Annotated[Sent, Depends(_form)]


def refuse_other_sites(request: Request) -> None:
    """A browser tells which site a form came from; another's is refused before anything else is looked at.

    Raises:
        Forbidden: it came from another site.
    """
    origin, host = request.headers.get("origin"), request.headers.get("host")
    site = request.headers.get("sec-fetch-site", "same-origin")
    # A page with the policy no-referrer sends the origin "null"; then only the browser's own word counts.
    if site == "cross-site" or (origin not in {None, "null"} and urlsplit(origin or "").netloc != host):
        raise Forbidden("this form comes from another site")


def cookie(parts: Parts, **more: Any) -> dict[str, Any]:
    """How our cookies are set: no script reads them, no other site's form sends them, and off the loopback only TLS carries them."""
    return {"httponly": True, "samesite": "lax", "secure": parts.settings.links_to.startswith("https://"), "path": "/", **more}
