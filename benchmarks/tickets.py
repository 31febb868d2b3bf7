"""The tickets that are measured: one agreement, and one life that never reaches a milestone."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from connectors.documents import read_calendar
from domain.effects import TicketRef
from domain.events import EventKind, TicketEvent
from domain.terms import Agreement

CUSTOMER = {"customer": "Bank Narew S.A.", "service": "printing", "region": "METRO", "priority": "2"}

_CALENDAR = read_calendar(Path(__file__).parent.parent / "examples" / "calendars" / "pl-bh-8-17.yaml")


def agreement() -> Agreement:
    """Response in 4 and resolution in 40 business hours, with warnings and a pause, as an ordinary agreement has them."""
    return _agreement(
        [
            {"target": "response", "stop": "RESPONDED", "limit": "4h", "calendar": _CALENDAR.calendar},
            {"target": "resolution", "stop": "RESOLVED", "limit": "40h", "calendar": _CALENDAR.calendar, "pauses": ["AWAITING_CUSTOMER"]},
        ]
    )


def agreement_of_one_hour() -> Agreement:
    """Response in one hour around the clock, without warnings, so that a ticket is due at an instant we choose."""
    return _agreement([{"target": "response", "stop": "RESPONDED", "limit": "1h", "calendar": "24x7", "warn_at": []}])


def _agreement(targets: list[dict[str, Any]]) -> Agreement:
    parties = {"provider": "Serwis-Druk Polska sp. z o.o.", "customer": CUSTOMER["customer"], "service": CUSTOMER["service"]}
    return Agreement.model_validate(
        {
            "agreement": "measured",
            "kind": "CUSTOMER_SLA",
            **parties,
            "time_zone": "Europe/Warsaw",
            "effective_from": "2020-01-01",
            "calendars": [_CALENDAR.model_dump(mode="json")],
            "targets": targets,
        }
    )


def new_ticket(source: str) -> TicketRef:
    """A ticket that never was before."""
    return TicketRef(source=source, ticket_id=f"T-{uuid4().hex[:12]}")


def created(ticket: TicketRef, at: datetime) -> TicketEvent:
    """The event a ticket begins with."""
    return _event(ticket, 0, at, EventKind.CREATED, attributes=CUSTOMER)


def life(ticket: TicketRef, now: datetime) -> list[TicketEvent]:
    """Created, responded, paused, resumed, resolved, all within the last minutes: too soon for a warning or a breach."""
    start = now - timedelta(minutes=5)
    return [
        created(ticket, start),
        _event(ticket, 1, start, EventKind.MILESTONE, milestone="RESPONDED"),
        _event(ticket, 2, start, EventKind.PAUSED, reason="AWAITING_CUSTOMER"),
        _event(ticket, 3, start, EventKind.RESUMED),
        _event(ticket, 4, start, EventKind.MILESTONE, milestone="RESOLVED"),
    ]


def _event(ticket: TicketRef, number: int, start: datetime, kind: EventKind, **facts: Any) -> TicketEvent:
    at = start + timedelta(minutes=number)
    return TicketEvent(
        source=ticket.source,
        event_id=f"{ticket.ticket_id}-{number}",
        ticket_id=ticket.ticket_id,
        kind=kind,
        occurred_at=at,
        received_at=at,
        sequence=number,
        **facts,
    )
