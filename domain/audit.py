"""The audit trail: every transition and decision as an event, chained by hash, so that none can be changed or left out unseen."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple

from pydantic import AwareDatetime

from domain.canonical import canonical_json, digest_of
from domain.values import Message

FIRST_LINK = "0" * 64
"""What the first event of a chain is chained to."""

REDACTIONS = "redactions"
"""The trail that says which events lost names."""


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


class Redaction(NamedTuple):
    """That names were taken out of an event: which one, its link as it stays, and the hash of what is left."""

    number: int
    link: str
    digest: str


def redaction_of(subject: str, redaction: Redaction, by: str, at: datetime) -> AuditEvent:
    """The event, in a trail of its own, that says which event of a trail lost names, and proves what is left of it."""
    number, link, digest = redaction
    return AuditEvent(
        key=f"{redactions_in(subject)}{number}:{digest}",
        subject=REDACTIONS,
        action="redact",
        from_state="WHOLE",
        to_state="REDACTED",
        actor=by,
        reason=link,
        document_hash=digest,
        at=at,
    )


def redactions_in(subject: str) -> str:
    """How the keys of redactions in a trail begin."""
    return f"redaction:{subject}:"


def broken_at(chain: Iterable[ChainedEvent], redactions: AbstractSet[Redaction] = frozenset()) -> int | None:
    """The number of the first event that does not fit its chain; None if all do.

    An event that lost names fits if a redaction says so; its link, which the next event is chained to, stays what it was.
    """
    previous, expected = FIRST_LINK, 1
    for number, event, link in chain:
        if number != expected:
            return expected
        if link != link_of(previous, number, event) and Redaction(number, link, digest_of(event)) not in redactions:
            return expected
        previous, expected = link, expected + 1
    return None
