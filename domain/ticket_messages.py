"""What the ticket process is started with, sent, and carries from run to run. New fields are optional, none is renamed."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime

from domain.effects import CrmUpdate, MilestoneRecord, Notice, TicketRef
from domain.events import TicketEvent
from domain.terms import Agreement, Alert, interned
from domain.values import Message


class Undelivered(Message):
    """Effects that were decided and not yet done, in their order."""

    milestones: tuple[MilestoneRecord, ...] = ()
    notices: tuple[Notice, ...] = ()
    crm_updates: tuple[CrmUpdate, ...] = ()


SharedAgreement = Annotated[Agreement, AfterValidator(interned)]
"""An agreement that a process was sent: equal ones are one object, however many tickets run under it."""


class TicketOrder(Message):
    """Everything a ticket's process knows when a run begins.

    `time_shift` is engine time less business time: zero in production, so that stories with other dates run anywhere. With
    `writes_back` the help desk hears of due times, warnings and kept promises too, not only of breaches.
    """

    schema_version: int = 1
    ticket: TicketRef
    agreements: tuple[SharedAgreement, ...]
    events: tuple[TicketEvent, ...]
    alert: Alert | None = None
    told: Mapping[str, AwareDatetime] = {}
    undelivered: Undelivered = Undelivered()
    time_shift: timedelta = timedelta()
    writes_back: bool = False


class TicketNews(Message):
    """New facts about a ticket; the terms too if it now runs under others."""

    events: tuple[TicketEvent, ...]
    agreements: tuple[SharedAgreement, ...] | None = None
    alert: Alert | None = None


class TicketResult(Message):
    """How a ticket's process ended: verdict by clock."""

    verdicts: Mapping[str, str]
