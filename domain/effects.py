"""What a ticket's process does to the world outside: records, notices, write-backs. Each has one key for ever."""

from enum import StrEnum

from pydantic import AwareDatetime

from domain.clocks import MilestoneKind
from domain.values import Message


class TicketRef(Message):
    """A ticket: its number within the system it lives in."""

    source: str
    ticket_id: str


class Telling(StrEnum):
    """What became of a milestone."""

    TOLD = "TOLD"
    """A notice was sent for it."""
    SUPERSEDED = "SUPERSEDED"
    """A later milestone of the same clock was noticed at the same time, and says more."""
    DIGEST = "DIGEST"
    """Too old to be news when first known: counted in a digest."""
    WITHDRAWN = "WITHDRAWN"
    """A late event proved that it never happened."""


class MilestoneRecord(Message):
    """That a clock reached something: `at` is when it was true, `detected_at` when it was noticed."""

    key: str
    ticket: TicketRef
    clock: str
    kind: MilestoneKind
    level: int
    at: AwareDatetime
    detected_at: AwareDatetime
    telling: Telling
    recipients: tuple[str, ...]


class MilestoneRecords(Message):
    """Milestones noticed together."""

    milestones: tuple[MilestoneRecord, ...]


class Notice(Message):
    """A message to people, named by role; the mail address behind a role is the channel's business."""

    key: str
    ticket: TicketRef
    recipients: tuple[str, ...]
    subject: str
    body: str


class CrmUpdate(Message):
    """What the CRM or help desk is told about its ticket."""

    key: str
    ticket: TicketRef
    kind: str
    clock: str
    agreement: str
    at: AwareDatetime
    due_at: AwareDatetime | None = None
    text: str
