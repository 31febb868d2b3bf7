"""What a ticket's process does to the world outside: records, notices, write-backs. Each has one key for ever."""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from pydantic import AwareDatetime

from domain.clock_milestones import MilestoneKind
from domain.people import Side
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


Said: TypeAlias = str | int
"""What a phrase is filled with: text, a code, an ISO date or instant, an amount, a number that is counted."""


class Notice(Message):
    """A message to people, named by role or person; their addresses are the channel's business. It is about a ticket or a case.

    `subject` and `body` are English, for the engine's UI and for machines. `phrase` and `values` say the same as data, which a
    channel puts into the receiver's language; notices of older releases have none and are sent as they are. `customer` and
    `supplier` are the parties it is about, where whoever made it knows them. `side` tells whose role is meant where several
    parties have it; `task` is the decision that it asks for, or reminds of.
    """

    key: str
    ticket: TicketRef | None = None
    case_id: str | None = None
    recipients: tuple[str, ...]
    subject: str
    body: str
    phrase: str | None = None
    values: Mapping[str, Said] = {}
    customer: str | None = None
    supplier: str | None = None
    side: Side | None = None
    task: str | None = None

    @property
    def about(self) -> str:
        """What the message is about, as tables and mailboxes name it."""
        return f"{self.ticket.source}/{self.ticket.ticket_id}" if self.ticket is not None else self.case_id or "servanda"


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


class CrmCaseUpdate(Message):
    """What the CRM is told about an agreement it asked for."""

    key: str
    case_id: str
    crm_case: str
    state: str
    reason: str | None = None
    registry_nos: tuple[str, ...] = ()
    at: AwareDatetime
    text: str


class CreditNote(Message):
    """What billing is told to give back; a negative amount takes back what an earlier note gave."""

    key: str
    case_id: str
    registry_no: str
    customer: str
    target: str
    period: str
    amount: Decimal
    currency: str
    at: AwareDatetime
