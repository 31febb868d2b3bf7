"""From what a ticket's clocks announce to the effects that tell it: records, notices, write-backs, each with its key."""

from datetime import datetime

from domain.announcements import Announcements, Reached, Withdrawn
from domain.clock_milestones import MilestoneKind
from domain.effects import CrmUpdate, MilestoneRecord, Notice, Telling, TicketRef
from domain.terms import SUPPORT_KINDS, Alert
from domain.ticket_messages import Undelivered
from domain.wording import alert_text, body_of, subject_of, values_of, withdrawal_text

_TOLD_OF_BREACHES = ("CUSTOMER_REP", "SLM_MANAGER")


def effects_of(news: Announcements, ticket: TicketRef, process: str, now: datetime) -> Undelivered:
    """Everything that has to be done about what is new; `process` is the id that begins every key."""
    told = [reached for reached in news.reached if reached.telling is Telling.TOLD]
    breaches = [reached for reached in told if reached.milestone.kind is MilestoneKind.BREACH]
    corrected = [withdrawn for withdrawn in news.withdrawn if not withdrawn.silently]
    return Undelivered(
        milestones=(
            *(_record(reached, ticket, process, now) for reached in news.reached),
            *(_withdrawal_record(withdrawn, ticket, process, now) for withdrawn in news.withdrawn),
        ),
        notices=(
            *(_notice(reached, ticket, process, now) for reached in told),
            *(_correction(withdrawn, ticket, process) for withdrawn in corrected),
        ),
        crm_updates=(
            *(_breach_update(reached, ticket, process) for reached in breaches),
            *(_withdrawal_update(withdrawn, ticket, process) for withdrawn in corrected),
        ),
    )


def alert_notice(alert: Alert, ticket: TicketRef, process: str) -> Notice:
    """The service level manager learns of a ticket that no promise covers."""
    subject, body = alert_text(alert, ticket)
    return Notice(
        key=f"{process}:alert:{alert.value}",
        ticket=ticket,
        recipients=("SLM_MANAGER",),
        subject=subject,
        body=body,
        phrase="ticket_alert",
        values={"ticket": ticket.ticket_id, "alert": alert.value},
    )


def _record(reached: Reached, ticket: TicketRef, process: str, now: datetime) -> MilestoneRecord:
    milestone = reached.milestone
    return MilestoneRecord(
        key=f"{process}:{reached.key}",
        ticket=ticket,
        clock=milestone.clock,
        kind=milestone.kind,
        level=milestone.level,
        at=milestone.at,
        detected_at=now,
        telling=reached.telling,
        recipients=reached.recipients,
    )


def _notice(reached: Reached, ticket: TicketRef, process: str, now: datetime) -> Notice:
    agreement = reached.reading.segment.agreement
    is_support = agreement.kind in SUPPORT_KINDS
    return Notice(
        key=f"{process}:{reached.key}",
        ticket=ticket,
        recipients=reached.recipients,
        subject=subject_of(reached, ticket),
        body=body_of(reached, now),
        phrase=f"ticket_{reached.milestone.kind.value.lower()}",
        values={"ticket": ticket.ticket_id, **values_of(reached, now)},
        customer=None if is_support else agreement.customer,
        supplier=agreement.provider if is_support else None,
    )


def _breach_update(reached: Reached, ticket: TicketRef, process: str) -> CrmUpdate:
    return CrmUpdate(
        key=f"{process}:{reached.key}:crm",
        ticket=ticket,
        kind="clock.breached",
        clock=reached.milestone.clock,
        agreement=reached.reading.agreement,
        at=reached.milestone.at,
        due_at=reached.reading.due_at,
        text=subject_of(reached, ticket),
    )


def _withdrawal_record(withdrawn: Withdrawn, ticket: TicketRef, process: str, now: datetime) -> MilestoneRecord:
    return MilestoneRecord(
        key=f"{process}:{withdrawn.key}:withdrawn",
        ticket=ticket,
        clock=withdrawn.clock,
        kind=MilestoneKind.BREACH,
        level=0,
        at=withdrawn.told_at,
        detected_at=now,
        telling=Telling.WITHDRAWN,
        recipients=_TOLD_OF_BREACHES,
    )


def _correction(withdrawn: Withdrawn, ticket: TicketRef, process: str) -> Notice:
    subject, body = withdrawal_text(withdrawn, ticket)
    return Notice(
        key=f"{process}:{withdrawn.key}:withdrawn",
        ticket=ticket,
        recipients=_TOLD_OF_BREACHES,
        subject=subject,
        body=body,
        phrase="ticket_withdrawn",
        values={"ticket": ticket.ticket_id, "clock": withdrawn.clock, "told_at": withdrawn.told_at.isoformat()},
    )


def _withdrawal_update(withdrawn: Withdrawn, ticket: TicketRef, process: str) -> CrmUpdate:
    return CrmUpdate(
        key=f"{process}:{withdrawn.key}:withdrawn:crm",
        ticket=ticket,
        kind="clock.breach_withdrawn",
        clock=withdrawn.clock,
        agreement="",
        at=withdrawn.told_at,
        text=withdrawal_text(withdrawn, ticket)[0],
    )
