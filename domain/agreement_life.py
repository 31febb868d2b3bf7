"""A registered agreement's own life: the instants its term begins and ends, and what its changes of state bring about."""

from datetime import date, datetime, time
from typing import NamedTuple
from zoneinfo import ZoneInfo

from domain.audit import AuditEvent
from domain.case_messages import AgreementOrder, Registered, StateChange
from domain.effects import CrmCaseUpdate, Notice
from domain.in_force import Occasion, Term, next_occasion
from domain.lifecycle import AgreementState
from domain.periods import containing


def term_of(registered: Registered) -> Term:
    """Start of the first day in force, and of the first day no longer, in the agreement's zone."""

    def midnight(on: date) -> datetime:
        return datetime.combine(on, time(), ZoneInfo(registered.time_zone))

    return Term(midnight(registered.effective_from), midnight(registered.effective_until) if registered.effective_until else None)


def occasion_after(registered: Registered, last: Occasion | None) -> Occasion | None:
    """The occasion on which a registered agreement is looked at next; None when all is done."""
    return next_occasion(registered.watched, term_of(registered), ZoneInfo(registered.time_zone), last)


def periods_to_close_again(registered: Registered, period: str) -> tuple[str, ...]:
    """The periods whose figures change with those of a named one: it, and those it begins in."""
    if registered.watched is None:
        return ()
    return containing(period, registered.watched.periods, ZoneInfo(registered.time_zone))


class Entering(NamedTuple):
    """What a change of state brings about."""

    change: StateChange
    notice: Notice
    crm_update: CrmCaseUpdate | None


_SAID = {
    AgreementState.ACTIVE: "is in force; its tickets are measured from now on",
    AgreementState.EXPIRED: "has ended with its term; nothing is measured under it any more",
}


def entering(order: AgreementOrder, before: AgreementState, after: AgreementState, at: datetime, process: str) -> Entering:
    """A registered agreement gets into another state, at the instant its term says."""
    number = order.registered.registry_no
    text = f"{number} {_SAID[after]}."
    key = f"{process}:{after.value.lower()}"
    event = AuditEvent(
        key=f"{key}:audit",
        subject=process,
        action=after.value.lower(),
        from_state=before.value,
        to_state=after.value,
        actor="system",
        at=at,
    )
    update = CrmCaseUpdate(
        key=f"{key}:crm", case_id=number, crm_case=order.crm_case or "", state=after.value, registry_nos=(number,), at=at, text=text
    )
    notice = Notice(
        key=f"{key}:notice",
        case_id=number,
        recipients=("CUSTOMER_REP", "CRM_STAFF", "SLM_MANAGER"),
        subject=f"{number} is {after}",
        body=text,
    )
    return Entering(StateChange(registry_no=number, event=event), notice, update if order.crm_case is not None else None)
