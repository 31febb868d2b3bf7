"""The audit trail: every transition and decision as an event, chained by hash, so that none can be changed or left out unseen."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Any, NamedTuple, Self

from pydantic import AwareDatetime, Field

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


class AuditLine(Message):
    """An event as log collectors read it: who did what to what, and its link in the chain; what people wrote stays here.

    `place` is its number among the events of all trails, `number` that in its own.
    """

    place: int
    at: AwareDatetime
    subject: str
    number: int
    action: str
    from_state: Annotated[str, Field(serialization_alias="from")]
    to_state: Annotated[str, Field(serialization_alias="to")]
    actor: str
    role: str | None
    on_behalf_of: str | None
    document_hash: str | None
    hash: Annotated[str, Field(description="of the event and all before it in its trail")]

    @classmethod
    def of(cls, place: int, link: str, number: int, event: Mapping[str, Any]) -> Self:
        """A stored event as a line."""
        return cls.model_validate({**event, "place": place, "number": number, "hash": link})

    @property
    def as_json(self) -> str:
        """The line as it is written, without its end."""
        return self.model_dump_json(by_alias=True)


class AuditRecord(AuditLine):
    """An event as people of the provider look at it, with the reason that was written."""

    reason: str | None


class Sought(NamedTuple):
    """Which events of the trails somebody looks for; None: any."""

    subject: str | None = None
    actor: str | None = None
    action: str | None = None


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
