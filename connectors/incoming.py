"""What other systems post to us, and what an adapter for a maker's system has to know."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple

from connectors.outgoing import Desk
from domain.errors import BadInput

MAX_POSTINGS = 1000
"""Postings in one request; the makers' own bounds are 100."""


class UnreadablePosting(BadInput):
    """What was posted does not have the form its maker publishes, or the mapping does not fit it."""

    code = "UNREADABLE_POSTING"


class Incoming(NamedTuple):
    """A request as it came in: `url` is the address the maker posts to, header names are in lower case."""

    method: str
    url: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes


class Posting(NamedTuple):
    """One thing a maker tells: `key` names it for ever, `at` is when it says so, if it says so outside of the record."""

    key: str
    record: Mapping[str, Any]
    at: datetime | None = None


class Answer(NamedTuple):
    """How a maker wants to hear that all is well."""

    status: int
    media_type: str
    body: bytes


class Maker(NamedTuple):
    """An adapter: proof of origin, and what was told. What the fields mean is the mapping's business.

    `verify` takes the request, the secrets (several while one replaces another) and the real time, and raises `BadSignature` or
    `StaleTimestamp`; `postings` raises `UnreadablePosting`.
    """

    verify: Callable[[Incoming, Sequence[str], datetime], None]
    postings: Callable[[Incoming], list[Posting]]
    answer: Answer | None = None
    desk: Desk | None = None


def json_of(body: bytes) -> Any:
    """A body as JSON.

    Raises:
        UnreadablePosting: it is none.
    """
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as wrong:
        raise UnreadablePosting("the body is not JSON in UTF-8") from wrong


def object_of(value: Any) -> Mapping[str, Any]:
    """A JSON value as an object.

    Raises:
        UnreadablePosting: it is none.
    """
    if not isinstance(value, dict):
        raise UnreadablePosting("the body is no JSON object")
    return value


def key_of(*signed: bytes) -> str:
    """A key for what carries none of its own: the digest of the bytes that were signed, so that a repetition has the same."""
    return sha256(b"\n".join(signed)).hexdigest()[:40]


def one_record(incoming: Incoming) -> list[Posting]:
    """A body that is one JSON object with an `id`; without one its bytes name it."""
    record = object_of(json_of(incoming.body))
    own = record.get("id")
    return [Posting(own if isinstance(own, str) and 0 < len(own) <= 100 else key_of(incoming.body), record)]
