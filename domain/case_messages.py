"""What case processes are started with and send on. New fields are optional, none is renamed."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Any

from pydantic import AwareDatetime, Field

from domain.agreement_case import AgreementCase
from domain.audit import AuditEvent
from domain.calendar_definitions import CalendarDefinition
from domain.effects import CreditNote, CrmCaseUpdate, Notice
from domain.follow_ups.kinds import AnyFollowUp
from domain.human_tasks import HumanTask
from domain.in_force import Occasion, Watched
from domain.support_case import SupportCase
from domain.termination import TerminationNews, TerminationOrder
from domain.timer_policy import TimerPolicy
from domain.values import Message
from domain.versions import FIRST_VERSION


class CaseRecord(Message):
    """A case as it stands after some events: what is written down of it, for lists and for the audit trail."""

    case_id: str
    kind: str
    revision: int
    state: str
    reason: str | None
    entered_at: AwareDatetime
    customer: str
    party: str | None = None
    agent: str | None = None
    agreement: str | None = None
    registry_nos: tuple[str, ...] = ()
    next_at: AwareDatetime | None = None
    tasks: tuple[HumanTask, ...]
    events: tuple[AuditEvent, ...]
    case: Mapping[str, Any]


class CaseEffects(Message):
    """What a case does to the world outside: decided, and not done yet."""

    records: tuple[CaseRecord, ...] = ()
    notices: tuple[Notice, ...] = ()
    crm_updates: tuple[CrmCaseUpdate, ...] = ()
    credit_notes: tuple[CreditNote, ...] = ()


class CaseOrder(Message):
    """Everything an agreement case's process knows when a run begins.

    `time_shift` is engine time less business time. A timer that fires later than `hear_first` fires after an outage:
    decisions that reached us meanwhile are heard for so long before anybody is reminded or anything lapses.
    """

    schema_version: int = 1
    case: AgreementCase
    undelivered: CaseEffects = CaseEffects()
    time_shift: timedelta = timedelta()
    hear_first: timedelta = timedelta(seconds=30)


class SupportOrder(Message):
    """Everything the process of an OLA or UC knows when a run begins; as `CaseOrder`."""

    schema_version: int = 1
    case: SupportCase
    undelivered: CaseEffects = CaseEffects()
    time_shift: timedelta = timedelta()
    hear_first: timedelta = timedelta(seconds=30)


class FollowUpOrder(Message):
    """Everything the process of a follow-up knows when a run begins; as `CaseOrder`."""

    schema_version: int = 1
    case: AnyFollowUp
    undelivered: CaseEffects = CaseEffects()
    time_shift: timedelta = timedelta()
    hear_first: timedelta = timedelta(seconds=30)


class CaseStanding(Message):
    """How far a case's process is, and what it has still to deliver."""

    state: str
    revision: int
    unwritten: int
    untold: int
    unknown_to_crm: int


class AgreementStanding(Message):
    """How far an agreement's process is: its state, the occasion it waits for, what it closes again, and what is still to be told."""

    state: str
    waits_for: Occasion | None
    again: tuple[str, ...]
    untold: int


class CaseResult(Message):
    """How a case ended."""

    state: str
    reason: str | None = None
    registry_nos: tuple[str, ...] = ()


class Registration(Message):
    """A signed set of documents for the registry; taken once for each case."""

    case_id: str
    documents: tuple[Mapping[str, Any], ...]
    document_hash: str
    supports: Mapping[str, str] = {}
    amends: Annotated[Mapping[str, str], Field(description="by document, the number it is to be another version of")] = {}
    signed_at: AwareDatetime
    calendar: CalendarDefinition | None = None
    policy: TimerPolicy = TimerPolicy()


class Registered(Message):
    """A version of a document in the registry."""

    registry_no: str
    version: str = FIRST_VERSION
    customer: str
    effective_from: date
    effective_until: date | None
    time_zone: str
    watched: Watched | None = None
    told_at: Annotated[AwareDatetime | None, Field(description="when the agreement's process learned of a later version")] = None


class AgreementOrder(Message):
    """Everything the process of a registered agreement knows when a run begins.

    `last` is the occasion that was carried out last; `irregular` are the irregularities that were there then, with the
    correction each opened. `later` are versions that were registered since the one it began with. `termination` is the order
    of the CRM that stands; `orders` came and were not carried out yet, `heard` are the events of all that came lately.
    """

    schema_version: int = 1
    registered: Registered
    later: tuple[Registered, ...] = ()
    crm_case: str | None = None
    state: str = "REGISTERED"
    time_shift: timedelta = timedelta()
    undelivered: CaseEffects = CaseEffects()
    last: Occasion | None = None
    irregular: Mapping[str, str] = {}
    again: tuple[str, ...] = ()
    termination: TerminationOrder | None = None
    orders: tuple[TerminationNews, ...] = ()
    heard: tuple[str, ...] = ()
    to_look: bool = False


class StateChange(Message):
    """That a registered agreement, or the one version that is named, is in another state."""

    registry_no: str
    version: str | None = None
    event: AuditEvent
