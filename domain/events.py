"""What happens to a ticket, as the CRM or help desk tells it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field

from domain.values import Message

CREATED = "CREATED"
"""The milestone every ticket has: its creation. Other milestones are data: RESPONDED, RESOLVED, SHIPPED, …"""

LATE_AFTER = timedelta(hours=24)
"""A fact that arrives more than this after it happened is flagged (`lifecycle`: facts that arrive late)."""


class EventKind(StrEnum):
    """Kinds of ticket events, in the order in which those of one instant are taken.

    Stop comes before pause: a ticket resolved and put on hold in the same second is resolved.
    """

    CREATED = "created"
    CHANGED = "changed"
    MILESTONE = "milestone"
    REOPENED = "reopened"
    PAUSED = "paused"
    RESUMED = "resumed"
    CANCELLED = "cancelled"
    VOIDED = "voided"
    ENDED = "ended"
    MOVED = "moved"
    RESTORED = "restored"


OURS = frozenset({EventKind.VOIDED, EventKind.ENDED, EventKind.MOVED, EventKind.RESTORED})
"""What no help desk says of a ticket: people decided it, or the agreement did."""


KIND_ORDER = {kind: place for place, kind in enumerate(EventKind)}


class TicketEvent(Message):
    """One fact about one ticket; `(source, event_id)` names it for ever.

    `occurred_at` counts for every clock, `received_at` only tells how late we learned of it. `sequence` orders events
    of one instant where the source knows their order. Of agreements that end under a ticket, and of moves to other terms,
    the attributes say which; these may be known before they happen.
    """

    source: str
    event_id: str
    ticket_id: str
    kind: EventKind
    occurred_at: AwareDatetime
    received_at: AwareDatetime
    sequence: int = 0
    milestone: str | None = None
    reason: str | None = None
    attributes: Annotated[Mapping[str, str | None], Field(description="what is now true of the ticket, or which terms it leaves")] = {}

    @property
    def key(self) -> str:
        """Identity of the fact."""
        return f"{self.source}\n{self.event_id}"

    @property
    def is_late(self) -> bool:
        """Did we learn of it more than a day after it happened?"""
        return self.received_at - self.occurred_at > LATE_AFTER


def order_of(event: TicketEvent) -> tuple[datetime, bool, int, int, str]:
    """The place of an event in its ticket's story; the same whatever the order in which events arrived."""
    return event.occurred_at, event.kind is not EventKind.CREATED, event.sequence, KIND_ORDER[event.kind], event.event_id
