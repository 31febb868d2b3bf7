"""A ticket as TMF621 v4 `TroubleTicket`; `docs/standards.md` says how it maps, and what is left out."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from urllib.parse import quote

from sqlalchemy import Row

from api.tmf.agreements import AGREEMENTS
from api.tmf.answering import ROOT, Resource, instant, known, party
from domain.events import EventKind, TicketEvent, order_of
from domain.registry_numbers import in_addresses
from domain.terms import SUPPORT_KINDS, Agreement

TICKETS = f"{ROOT}/troubleTicket/v4/troubleTicket"

_RESOLVED = frozenset({"RESOLVED", "FULFILLED"})
_CLOSED = "CLOSED"


class Status(StrEnum):
    """TMF621's `TroubleTicketStatusType`, but for `rejected`: what a help desk refuses it does not send here."""

    ACKNOWLEDGED = "acknowledged"
    IN_PROGRESS = "inProgress"
    PENDING = "pending"
    """It waits for the customer."""
    HELD = "held"
    """It waits for somebody else."""
    RESOLVED = "resolved"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class StatusChange(NamedTuple):
    """When a ticket came to a status, and why."""

    status: Status
    at: datetime
    reason: str | None


_WAITS = frozenset({Status.PENDING, Status.HELD})
_DONE = frozenset({Status.RESOLVED, Status.CLOSED, Status.CANCELLED})


def status_changes(events: Iterable[TicketEvent], as_of: datetime) -> list[StatusChange]:
    """The statuses a ticket went through, earliest first, as its events tell; what was decided here is none of them."""
    changes: list[StatusChange] = []
    worked = Status.ACKNOWLEDGED
    for event in sorted(events, key=order_of):
        status = _after(event, changes[-1].status if changes else None, worked) if event.occurred_at <= as_of else None
        if status is not None and (not changes or changes[-1].status is not status):
            changes.append(StatusChange(status, event.occurred_at, event.reason or event.milestone))
        worked = status if status in {Status.ACKNOWLEDGED, Status.IN_PROGRESS} else worked
    return changes


def _after(event: TicketEvent, status: Status | None, worked: Status) -> Status | None:
    """The status after an event; None where it changes none."""
    match event.kind:
        case EventKind.CREATED if status is None:
            found = Status.ACKNOWLEDGED
        case EventKind.CANCELLED:
            found = Status.CANCELLED
        case EventKind.REOPENED:
            found = Status.IN_PROGRESS
        case EventKind.PAUSED if status not in _DONE:
            found = Status.PENDING if event.reason is not None and "CUSTOMER" in event.reason else Status.HELD
        case EventKind.RESUMED if status in _WAITS:
            found = worked
        case EventKind.MILESTONE if status is not Status.CANCELLED:
            return _at_milestone(event.milestone or "", status)
        case _:
            return None
    return found


def _at_milestone(milestone: str, status: Status | None) -> Status | None:
    if milestone == _CLOSED:
        return Status.CLOSED
    if milestone in _RESOLVED:
        return Status.RESOLVED if status is not Status.CLOSED else None
    return Status.IN_PROGRESS if status is Status.ACKNOWLEDGED else None


class Told(NamedTuple):
    """What is known of a ticket: its row, clocks as last read and events, the agreements of it that one may see, and their numbers."""

    row: Row[Any]
    clocks: Sequence[Row[Any]]
    events: Sequence[TicketEvent]
    agreements: Sequence[Agreement]
    numbers: Mapping[str, str]


def ticket_of(told: Told, changes: Sequence[StatusChange]) -> Resource:
    """The ticket, with those of its agreements that are told."""
    row, last = told.row, changes[-1] if changes else None
    agreements = {each.agreement: each for each in told.agreements}
    attributes: Mapping[str, str] = row.attributes
    return known(
        id=row.subject,
        href=f"{TICKETS}/{quote(row.subject)}",
        externalId=row.ticket_id,
        channel=known(id=row.source, name=row.source),
        creationDate=instant(row.created_at),
        lastUpdate=instant(row.updated_at),
        priority=row.priority,
        severity=attributes.get("severity"),
        ticketType=attributes.get("request_type"),
        expectedResolutionDate=instant(_expected(told)),
        resolutionDate=instant(_resolved_at(changes)),
        status=last.status if last is not None else None,
        statusChangeDate=instant(last.at) if last is not None else None,
        statusChangeReason=last.reason if last is not None else None,
        statusChange=[known(status=each.status, changeDate=instant(each.at), changeReason=each.reason) for each in changes],
        relatedParty=[*([party(row.customer, "customer")] if row.customer else []), *_providers(agreements.values())],
        relatedEntity=[
            *_service(row.service),
            *(_agreement(each, told.numbers[name]) for name, each in agreements.items() if name in told.numbers),
        ],
        at_type="TroubleTicket",
    )


def _expected(told: Told) -> datetime | None:
    """When the promise of its resolution, or else the contract, is due as things stand; None where none is, or its clock waits."""
    promises = [each for each in told.agreements if each.kind not in SUPPORT_KINDS] or told.agreements
    resolving = {
        (each.agreement, each.version, target.target) for each in promises for target in each.targets if _RESOLVED & set(target.stop)
    }
    due = [
        clock.due_at for clock in told.clocks if (clock.agreement, clock.version, clock.target) in resolving and clock.due_at is not None
    ]
    return max(due, default=None)


def _resolved_at(changes: Sequence[StatusChange]) -> datetime | None:
    if not changes or changes[-1].status not in {Status.RESOLVED, Status.CLOSED}:
        return None
    return next((each.at for each in reversed(changes) if each.status is Status.RESOLVED), changes[-1].at)


def _providers(agreements: Iterable[Agreement]) -> list[Resource]:
    return [party(name, "provider") for name in dict.fromkeys(each.provider for each in agreements)]


def _service(service: str | None) -> list[Resource]:
    return [known(id=service, name=service, role="service", at_referredType="Service")] if service is not None else []


def _agreement(agreement: Agreement, registry_no: str) -> Resource:
    number = in_addresses(registry_no)
    return known(id=number, href=f"{AGREEMENTS}/{number}", name=agreement.title or None, role="agreement", at_referredType="Agreement")
