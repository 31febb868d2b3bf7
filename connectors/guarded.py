"""Requests to other systems, on a short leash: no redirects, no waiting without end, no answer that fills the memory."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any, NamedTuple, Self

import httpx2

from domain.ports import Refused

SECONDS_TO_ANSWER = 15.0
"""All in all, however slowly the bytes come."""

MAX_ANSWER_BYTES = 10_000_000
"""A hundred tickets with all their fields are a tenth of this."""

_CONNECT_SECONDS = 5.0
_TRY_AGAIN = frozenset({408, 425, 429})
_NOT_LET_IN = frozenset({401, 403})


class NotTold(Exception):
    """The other side did not take it now; somebody may put that right, so it is tried again."""


class Response(NamedTuple):
    """What was answered."""

    status: int
    body: bytes

    def json(self) -> Any:
        """The body as JSON.

        Raises:
            NotTold: it is none.
        """
        try:
            return json.loads(self.body) if self.body else None
        except (ValueError, RecursionError) as wrong:
            raise NotTold(f"answered {self.status}, but no JSON") from wrong


class GuardedClient:
    """Calls one system."""

    def __init__(
        self, base: str = "", headers: Mapping[str, str] | None = None, transport: httpx2.AsyncBaseTransport | None = None
    ) -> None:
        """Call addresses below `base` with these headers; `transport` stands in for the network."""
        self._base = base.rstrip("/")
        limits = httpx2.Timeout(SECONDS_TO_ANSWER, connect=_CONNECT_SECONDS)
        self._client = httpx2.AsyncClient(timeout=limits, headers=dict(headers or {}), follow_redirects=False, transport=transport)

    async def __aenter__(self) -> Self:
        """Use it in an `async with`."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def call(self, method: str, path: str, **request: Any) -> Response:
        """Make a request; whatever is answered in time and size is given.

        Raises:
            NotTold: nobody answered in time, or with more than we read.
        """
        try:
            async with asyncio.timeout(SECONDS_TO_ANSWER), self._client.stream(method, self._base + path, **request) as answer:
                return Response(answer.status_code, await _read(answer))
        except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError) as failure:
            raise NotTold(f"{type(failure).__name__}: {failure}") from failure


async def _read(answer: httpx2.Response) -> bytes:
    parts, size = [], 0
    async for part in answer.aiter_bytes():
        size += len(part)
        if size > MAX_ANSWER_BYTES:
            raise NotTold(f"answered with more than {MAX_ANSWER_BYTES} bytes")
        parts.append(part)
    return b"".join(parts)


def check_taken(response: Response) -> None:
    """Was it taken?

    Raises:
        Refused: no, and it never will be; a redirect is none of our addresses.
        NotTold: no, and it may be later: the system is away, busy, or does not let us in.
    """
    status = response.status
    if 200 <= status < 300:
        return
    if 300 <= status < 500 and status not in _TRY_AGAIN | _NOT_LET_IN:
        raise Refused(f"answered {status}")
    raise NotTold(f"answered {status}" + (": it does not let us in; look at the token" if status in _NOT_LET_IN else ""))
