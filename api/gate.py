"""What no route has to look for: a body larger than this installation takes, and text that no database keeps."""

import re
from collections.abc import Sequence

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import BodyTooLarge, answer_to
from api.routes.scans import KINDS
from domain.errors import BadInput, ServandaError

_NUL_IN_JSON = re.compile(rb"\x00|(?<!\\)(?:\\\\)*\\u0000")
"""As it stands, which is also how every JSON shows that is not UTF-8, or written as an escape that is not escaped itself."""


class Gate:
    """Reads each request whole before anybody works on it."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        """Stand before an application; `limit` is the largest body in bytes."""
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer why not."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            taken = await self._take(receive)
            _refuse_nul(scope, b"".join(each.get("body", b"") for each in taken))
        except ServandaError as refusal:
            await answer_to(refusal)(scope, receive, send)
            return
        await self._app(scope, _again(taken, receive), send)

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


def _refuse_nul(scope: Scope, body: bytes) -> None:
    """PostgreSQL keeps no NUL in a text: what was taken in could never be written down. A scan is no text."""
    is_scan = body.startswith(tuple(KINDS.values()))
    if "\0" in scope["path"] or b"%00" in scope["query_string"] or (not is_scan and _NUL_IN_JSON.search(body)):
        raise BadInput("the character NUL (U+0000) is no text", "NUL_CHARACTER")


def _again(taken: Sequence[Message], receive: Receive) -> Receive:
    """Give what was read once more, then what comes after it."""
    left = list(reversed(taken))

    async def once_more() -> Message:
        return left.pop() if left else await receive()

    return once_more
