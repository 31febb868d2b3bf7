"""A ticket's audit trail: what was told of it, and what its clocks reached, each as one event of its chain."""

from domain.audit import AuditEvent
from domain.effects import MilestoneRecord
from domain.events import TicketEvent

_STATES = {None: "UNKNOWN", True: "OPEN", False: "CLOSED"}


def trail_of(source: str, ticket_id: str) -> str:
    """The name of a ticket's trail: that of its process."""
    return f"ticket:{source}:{ticket_id}"


def told(event: TicketEvent, *, was_open: bool | None, is_open: bool | None) -> AuditEvent:
    """That a source told something, and whether a clock of the ticket was open before and after; None: it was not created yet."""
    trail = trail_of(event.source, event.ticket_id)
    return AuditEvent(
        key=f"{trail}:told:{event.event_id}",
        subject=trail,
        action=event.kind.value,
        from_state=_STATES[was_open],
        to_state=_STATES[is_open],
        actor=event.source,
        reason=" ".join(part for part in (event.milestone, event.reason, f"at {event.occurred_at.isoformat()}") if part),
        at=event.received_at,
    )


def reached(record: MilestoneRecord) -> AuditEvent:
    """That a clock reached something; noticed at one instant, true since another."""
    trail = trail_of(record.ticket.source, record.ticket.ticket_id)
    return AuditEvent(
        key=f"{record.key}:audit",
        subject=trail,
        action=record.kind.value.lower(),
        from_state=record.clock,
        to_state=record.clock,
        actor="system",
        reason=f"{record.telling.value} true at {record.at.isoformat()}",
        at=record.detected_at,
    )
