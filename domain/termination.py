"""The early end of an agreement, which only the CRM orders: what an order says, what it does in which state, which order counts.

Pure: the API judges an order by these rules when it comes, and the agreement's process carries out what was judged.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Annotated

from pydantic import AwareDatetime, Field

from domain.departures import TERMINATION
from domain.effects import TicketRef
from domain.errors import BadInput, Conflict
from domain.events import EventKind, TicketEvent
from domain.lifecycle import AgreementState
from domain.terms import Agreement
from domain.values import Message

WITHHELD = "LEGAL_HOLD"
"""Why nothing is decided on the money of an agreement that somebody withdrew from: it waits for a ruling."""


class TerminationBasis(StrEnum):
    """On what legal ground an agreement ends early."""

    NOTICE = "NOTICE"
    MUTUAL = "MUTUAL"
    BREACH = "BREACH"
    WITHDRAWAL = "WITHDRAWAL"
    REGULATORY = "REGULATORY"


class OpenTickets(StrEnum):
    """What becomes of tickets that are open at the end: their clocks count nowhere, or another agreement takes them over."""

    VOID = "VOID"
    CARRY_TO = "CARRY_TO"


class TerminationOrder(Message):
    """An order that was taken: from `effective_at` on the agreement promises nothing more.

    `wanted_at` is the instant the CRM named, if it named one; `ordered_at` when it ordered. `agreement` is the name that
    clocks know it by (`SLA-2026-0001`). Of tickets carried over, `successor` and `successor_version` say where to.
    """

    order_id: str
    crm_case: str
    registry_no: str
    agreement: str
    basis: TerminationBasis
    legal_ref: str
    requested_by: str
    ordered_at: AwareDatetime
    received_at: AwareDatetime
    wanted_at: AwareDatetime | None = None
    effective_at: AwareDatetime
    open_tickets: OpenTickets = OpenTickets.VOID
    successor: str | None = None
    successor_version: str | None = None

    @property
    def holds(self) -> bool:
        """Is everything frozen until somebody rules on it? A withdrawal may undo the agreement backwards."""
        return self.basis is TerminationBasis.WITHDRAWAL


class TerminationNews(Message):
    """What an agreement's process learns: the order that counts now, none if it was revoked, and those that count no more."""

    key: Annotated[str, Field(description="the event that says so; one that is known changes nothing")]
    standing: TerminationOrder | None
    dropped: tuple[TerminationOrder, ...] = ()
    at: AwareDatetime
    reason: str = ""


def order_id_of(source: str, event_id: str) -> str:
    """The name of an order: the same event, however often it comes, is the same order."""
    return "order-" + sha256(f"{source}\n{event_id}".encode()).hexdigest()[:16]


def effective_at(basis: TerminationBasis, wanted_at: datetime | None, begins: datetime, now: datetime) -> datetime:
    """From when on the agreement promises nothing more.

    A withdrawal takes effect at once, and so does any order before the first day: nothing was ever promised then.

    Raises:
        BadInput: no instant is named where one is needed, or one before the agreement's first day.
    """
    if basis is TerminationBasis.WITHDRAWAL or now < begins:
        return now
    if wanted_at is None:
        raise BadInput(f"effective_at: an order by {basis} says when it takes effect")
    if wanted_at < begins:
        raise BadInput(f"effective_at: the agreement began on {begins.isoformat()}; what was in force is not undone by an earlier date")
    return wanted_at


def refuse_order(registry_no: str, state: str, ends: datetime | None, now: datetime) -> None:
    """Refuse an order where nothing is left to be ended.

    Raises:
        Conflict: ALREADY_ENDED, with the state.
    """
    living = (AgreementState.REGISTERED, AgreementState.ACTIVE, AgreementState.TERMINATING)
    if state not in living or (ends is not None and ends <= now):
        shown = state if state not in living else "at its end"
        raise Conflict("ALREADY_ENDED", f"{registry_no} is {shown}; an order ends what is REGISTERED, ACTIVE or TERMINATING")


def refuse_revocation(registry_no: str, state: str, standing: TerminationOrder | None, now: datetime) -> None:
    """Refuse to revoke what was not ordered, or has happened.

    Raises:
        Conflict: NOT_TERMINATING, or TERMINATION_EFFECTIVE from the order's instant on.
    """
    if standing is None:
        raise Conflict("NOT_TERMINATING", f"{registry_no} is {state}; no order to end it stands")
    if standing.effective_at <= now:
        said = f"{registry_no} ended on {standing.effective_at.isoformat()}; an order is revoked before it takes effect"
        raise Conflict("TERMINATION_EFFECTIVE", said)


def counts_instead(order: TerminationOrder, standing: TerminationOrder | None) -> bool:
    """Does an order take the place of the one that stands? The newest counts, by when it was ordered, whenever it comes."""
    return standing is None or (order.ordered_at, order.received_at) >= (standing.ordered_at, standing.received_at)


def promising(agreements: Iterable[Agreement], orders: Mapping[str, TerminationOrder], at: datetime) -> list[Agreement]:
    """Agreements without those that were ordered to end by then; `orders` are those that stand, by the agreement's name on clocks."""
    return [each for each in agreements if each.agreement not in orders or at < orders[each.agreement].effective_at]


# ---- what it means for a ticket -------------------------------------------------------------------------------------


def leaving(order: TerminationOrder, ticket: TicketRef, version: str, at: datetime) -> TicketEvent:
    """That the agreement ends under a ticket, or hands it to its successor: known from now on, true from its instant on."""
    about = {"agreement": order.agreement, "order": order.order_id}
    if order.open_tickets is OpenTickets.CARRY_TO and order.successor is not None and order.successor_version is not None:
        to = {"version": version, "to": order.successor, "to_version": order.successor_version}
        return _event(order, ticket, (EventKind.MOVED, order.effective_at, at), about | to)
    return _event(order, ticket, (EventKind.ENDED, order.effective_at, at), about)


def staying(order: TerminationOrder, ticket: TicketRef, at: datetime) -> TicketEvent:
    """That an order counts no more for a ticket: what it said never was."""
    return _event(order, ticket, (EventKind.RESTORED, at, at), {"order": order.order_id})


def _event(order: TerminationOrder, ticket: TicketRef, what: tuple[EventKind, datetime, datetime], about: dict[str, str]) -> TicketEvent:
    kind, occurred_at, at = what
    return TicketEvent(
        source=ticket.source,
        event_id=f"{order.order_id}:{kind.value}:{ticket.ticket_id}",
        ticket_id=ticket.ticket_id,
        kind=kind,
        occurred_at=occurred_at,
        received_at=at,
        reason=TERMINATION,
        attributes=about,
    )
