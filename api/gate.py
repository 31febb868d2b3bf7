"""What no route has to look for: bodies too large, too slow, too deep; text no database keeps; servers that are not meant."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import BodyTooLarge, RequestTooSlow, WrongHost, answer_to
from api.routes.scans import KINDS
from domain.errors import BadInput, ServandaError
from settings import LOOPBACK, Settings

_NUL_IN_JSON = re.compile(rb"\x00|(?<!\\)(?:\\\\)*\\u0000")
"""As it stands, which is also how every JSON shows that is not UTF-8, or written as an escape that is not escaped itself."""

_STRING_OR_BRACKET = re.compile(rb'"(?:[^"\\]|\\.)*+"?|[\[{\]}]', re.DOTALL)
"""A string that does not end goes on to the end of the body, so that each byte is looked at once."""

_DEEPEST = 64
"""How deep JSON may be nested: nothing that is taken is deeper than a dozen, and what checks it calls itself at every level."""

_STEPS = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}

_FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")

_ON_EVERY_ANSWER: Mapping[str, str] = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "content-security-policy": "frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}
"""Where a route says nothing else: an answer is what it says it is, in no frame, told to nobody, and kept in no cache."""

_A_YEAR = "max-age=31536000"


class Gate:
    """Reads each request whole before anybody works on it, and says on each answer what a browser may do with it."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        """Stand before an application."""
        self._app = app
        self._limit = settings.max_body_bytes
        self._seconds = settings.body_seconds
        self._hosts = _hosts_of(settings)
        self._more = {"strict-transport-security": _A_YEAR} if settings.links_to.startswith("https://") else {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer why not."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in {**_ON_EVERY_ANSWER, **self._more}.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            self._refuse_wrong_host(Headers(scope=scope))
            taken = await self._in_time(receive)
            _refuse_unusable(scope, b"".join(each.get("body", b"") for each in taken))
        except ServandaError as refusal:
            await answer_to(refusal)(scope, receive, answer)
            return
        await self._app(scope, _again(taken, receive), answer)

    def _refuse_wrong_host(self, headers: Headers) -> None:
        """A page of another site whose name was pointed at this server must not reach it."""
        if self._hosts and _host_in(headers) not in self._hosts:
            raise WrongHost("this server is known by another name: SERVANDA_PUBLIC_URL says which")

    async def _in_time(self, receive: Receive) -> list[Message]:
        try:
            async with asyncio.timeout(self._seconds):
                return await self._take(receive)
        except TimeoutError as slow:
            raise RequestTooSlow(f"the body did not come within {self._seconds:g} s") from slow

    async def _take(self, receive: Receive) -> list[Message]:
        """The messages that bring the body; a body over the limit is not read to its end."""
        taken, size = [await receive()], 0
        while True:
            size += len(taken[-1].get("body", b""))
            if size > self._limit:
                raise BodyTooLarge(f"the body is larger than {self._limit} bytes")
            if not taken[-1].get("more_body", False):
                return taken
            taken.append(await receive())


def _host_in(headers: Headers) -> str | None:
    """The name of the server that is asked for; None where it is none."""
    try:
        return urlsplit(f"//{headers.get('host', '')}").hostname
    except ValueError:
        return None


def _hosts_of(settings: Settings) -> frozenset[str]:
    """The names this server is asked by: its own, and those by which this machine reaches it; none where nobody said its name."""
    public = urlsplit(settings.public_url).hostname if settings.public_url is not None else None
    return frozenset({public, settings.api_host, *LOOPBACK}) if public is not None else frozenset()


def _refuse_unusable(scope: Scope, body: bytes) -> None:
    """PostgreSQL keeps no NUL in a text: what was taken in could never be written down. A scan is no text."""
    is_scan = body.startswith(tuple(KINDS.values()))
    if "\0" in scope["path"] or b"%00" in scope["query_string"] or (not is_scan and _NUL_IN_JSON.search(body)):
        raise BadInput("the character NUL (U+0000) is no text", "NUL_CHARACTER")
    is_form = Headers(scope=scope).get("content-type", "").startswith(_FORMS)
    if not (is_scan or is_form) and _is_too_deep(body):
        raise BadInput(f"the JSON is nested more than {_DEEPEST} deep", "NESTED_TOO_DEEP")


def _is_too_deep(body: bytes) -> bool:
    if body.count(b"[") + body.count(b"{") <= _DEEPEST:
        return False
    depth = 0
    for found in _STRING_OR_BRACKET.finditer(body):
        depth += _STEPS.get(body[found.start()], 0)
        if depth > _DEEPEST:
            return True
    return False


def _again(taken: Sequence[Message], receive: Receive) -> Receive:
    """Give what was read once more, then what comes after it."""
    left = list(reversed(taken))

    async def once_more() -> Message:
        return left.pop() if left else await receive()

    return once_more
