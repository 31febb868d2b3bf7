"""The audit trail: every transition and decision as an event, chained by hash, so that none can be changed or left out unseen."""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any, NamedTuple

from pydantic import AwareDatetime

from domain.canonical import canonical_json
from domain.values import Message

FIRST_LINK = "0" * 64
"""What the first event of a chain is chained to."""


class AuditEvent(Message):
    """Something that was done, decided, refused, or that time brought. `actor` is a person, or `system`."""

    key: str
    subject: str
    action: str
    from_state: str
    to_state: str
    actor: str
    role: str | None = None
    on_behalf_of: str | None = None
    reason: str | None = None
    document_hash: str | None = None
    at: AwareDatetime


def link_of(previous: str, number: int, event: Mapping[str, Any]) -> str:
    """The hash of an event in its chain: over the link before it, its number and its content."""
    return sha256(f"{previous}\n{number}\n{canonical_json(event)}".encode()).hexdigest()


class ChainedEvent(NamedTuple):
    """An event as it is stored."""

    number: int
    event: Mapping[str, Any]
    link: str


def broken_at(chain: Iterable[ChainedEvent]) -> int | None:
    """The number of the first event that does not fit its chain; None if all do."""
    previous, expected = FIRST_LINK, 1
    for number, event, link in chain:
        if number != expected or link != link_of(previous, number, event):
            return expected
        previous, expected = link, expected + 1
    return None
