"""An agreement ends early: what its process goes through, from the CRM's order to the confirmation. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, Field

from domain.agreement_life import stages_of
from domain.audit import AuditEvent
from domain.calendar_definitions import CalendarDefinition
from domain.calendars import calendar_of
from domain.case_messages import AgreementOrder, StateChange
from domain.consequences import Consequences
from domain.effects import CrmCaseUpdate, Notice, Said
from domain.follow_ups.claim import Claim
from domain.follow_ups.credit import Credit
from domain.follow_ups.follow_up import FollowUp, FollowUpKind, News, follow_up_id
from domain.follow_ups.plan import Plan
from domain.follow_ups.release import Release
from domain.follow_ups.review import Review
from domain.follow_ups.settlement import Settlement, SettlementState, SettlementStep
from domain.in_force import Occasion, OccasionKind, renewal_within
from domain.lifecycle import AgreementState
from domain.registry_numbers import in_addresses
from domain.spans import Span
from domain.termination import TerminationNews, TerminationOrder
from domain.timer_policy import TimerPolicy
from domain.values import Message
from domain.wording import spoken

HEARD_KEPT = 50
"""How many events a process remembers for a repeated one; the CRM repeats within minutes, not after fifty others."""

ENDED = frozenset({AgreementState.TERMINATED, AgreementState.EXPIRED})


class Marking(Message):
    """Which order every open ticket of an agreement leaves it by, and which count no more, as known at an instant."""

    leaves: TerminationOrder | None
    stays: tuple[TerminationOrder, ...] = ()
    at: AwareDatetime


class WindingUp(Message):
    """What is there to be settled when an agreement ends.

    `supports` are the numbers of OLAs and UCs that nothing else in force rests on, `money` the open credits and claims,
    `moot` the open follow-ups that were to make it better. Without a catalogue there is no calendar to count time by.
    """

    calendar: CalendarDefinition | None = None
    policy: TimerPolicy = TimerPolicy()
    supports: tuple[str, ...] = ()
    provider: str = ""
    money: Annotated[tuple[str, ...], Field(description="case ids")] = ()
    moot: Annotated[tuple[str, ...], Field(description="case ids")] = ()


class Turn(NamedTuple):
    """The agreement after news of an order: what its process knows, its state, what is told and what tickets hear."""

    order: AgreementOrder
    state: AgreementState
    changes: tuple[StateChange, ...]
    found: Consequences
    marking: Marking | None


def turned(order: AgreementOrder, state: AgreementState, news: TerminationNews, process: str) -> Turn:
    """What news of an order make of an agreement.

    TERMINATING where the instant lies ahead; where it has come, the end follows at once as the next occasion. Revoked, it
    is ACTIVE and everything goes on. An order that comes after the end is answered ALREADY_ENDED.
    """
    known = order.model_copy(update={"heard": (*order.heard, news.key)[-HEARD_KEPT:]})
    if news.key in order.heard or _same(news.standing, order.termination):
        return Turn(known, state, (), Consequences(), None)
    if state in ENDED:
        return Turn(known, state, (), already_ended(news.standing, state, process), None)
    known = known.model_copy(update={"termination": news.standing})
    marking = Marking(leaves=news.standing, stays=news.dropped, at=news.at)
    if news.standing is None:
        return Turn(known, AgreementState.ACTIVE, *_told_of(_revoked(news), state, AgreementState.ACTIVE, process), marking)
    if news.standing.effective_at <= news.at:
        return Turn(known, state, (), Consequences(), marking)
    zone = ZoneInfo(order.registered.time_zone)
    told = _told_of(_ordered(news.standing, news, zone), state, AgreementState.TERMINATING, process)
    return Turn(known, AgreementState.TERMINATING, *told, marking)


def rewound(last: Occasion | None, news: TerminationNews) -> Occasion | None:
    """The last occasion that still counts: those from the end on never were, if an order comes after its own instant."""
    if last is None or news.standing is None or last.at < news.standing.effective_at:
        return last
    return Occasion(at=news.standing.effective_at, kind=OccasionKind.BEGIN, name="")


def renewal_left_out(order: AgreementOrder, news: TerminationNews) -> Occasion | None:
    """The renewal that was not opened because an order stood that is revoked now."""
    if news.standing is not None or not news.dropped:
        return None
    zone = ZoneInfo(order.registered.time_zone)
    return renewal_within(stages_of(order), zone, Span(news.dropped[-1].received_at, news.at))


def is_ended_by(order: AgreementOrder, occasion: Occasion) -> bool:
    """Does the agreement end here because that was ordered, and not with its term?"""
    return order.termination is not None and order.termination.effective_at <= occasion.at


def terminated(order: TerminationOrder, state: AgreementState, process: str) -> tuple[tuple[StateChange, ...], Consequences]:
    """The instant has come: nothing is measured any more."""
    text = f"{order.registry_no} is terminated ({order.basis}, {order.legal_ref}); nothing is measured under it any more."
    return _told_of(_Said("terminated", order, order.effective_at, text), state, AgreementState.TERMINATED, process)


def already_ended(order: TerminationOrder | None, state: AgreementState, process: str) -> Consequences:
    """The CRM hears that its order came to nothing: the agreement had ended before."""
    if order is None:
        return Consequences()
    said = f"{order.registry_no} is {state}: it ended before the order took effect."
    return Consequences(crm_updates=(_update(_Said("already-ended", order, order.received_at, said), state, process, "ALREADY_ENDED"),))


def at_end(order: TerminationOrder, customer: str, found: WindingUp) -> Consequences:
    """Finance settles, the supply manager decides on what carried only this; of a withdrawal all money waits for legal.

    Reviews, plans and corrections that are open have nothing left to be for.
    """
    at, number = order.effective_at, order.registry_no
    ended = [News(name=name, about=case_id, at=at) for case_id in found.moot for name in ("agreement_ended", "gone")]
    if found.calendar is None:
        return Consequences(news=tuple(ended))
    same = {"calendar": found.calendar, "policy": found.policy, "entered_at": at, "last_at": at}
    done = dict.fromkeys(SettlementStep) | {SettlementStep.REGISTER: at, SettlementStep.COVERAGE: at}
    settlement = Settlement(
        **same,
        case_id=settlement_id(order),
        state=SettlementState.HELD if order.holds else SettlementState.UNSETTLED,
        registry_no=number,
        customer=customer,
        about=order.legal_ref,
        basis=order.basis,
        legal_ref=order.legal_ref,
        ended_at=at,
        disputed_until=calendar_of(found.calendar).same_time_days_later(at, found.policy.dispute_days),
        steps=done,
    )
    releases = [
        Release(
            **same,
            case_id=follow_up_id(FollowUpKind.RELEASE, support, in_addresses(number)),
            registry_no=support,
            customer=found.provider,
            about=number,
        )
        for support in found.supports
    ]
    held = [News(name="legal_hold", about=case_id, at=at) for case_id in found.money] if order.holds else []
    return Consequences(openings=(settlement, *releases), news=(*ended, *held))


def settlement_id(order: TerminationOrder) -> str:
    """The id of the settlement of an agreement."""
    return follow_up_id(FollowUpKind.SETTLEMENT, order.registry_no)


def of_the_last_period(found: Consequences, order: TerminationOrder) -> Consequences:
    """What still follows from a period of an agreement that has ended: its money, and no plan or review to do better."""
    kept = [each for each in found.openings if not isinstance(each, Plan | Review)]
    return found._replace(openings=tuple(_held(each) for each in kept) if order.holds else tuple(kept))


def _held(case: FollowUp) -> FollowUp:
    return case.but(held=True) if isinstance(case, Credit | Claim) else case


def completed(order: TerminationOrder, at: datetime, process: str, *, reported: bool) -> Consequences:
    """The last that is told: the report over the whole term to both parties, and to the CRM that all is done."""
    number = order.registry_no
    report = Notice(
        key=f"{process}:final-report:notice",
        case_id=number,
        recipients=("CUSTOMER_REP", "CRM_STAFF", "SLM_MANAGER"),
        subject=f"{number}: final report",
        body=f"What was agreed and achieved over the whole term: /registry/{in_addresses(number)}/final-report",
        phrase="final_report",
        values={"registry_no": number, "address": f"/registry/{in_addresses(number)}/final-report"},
    )
    said = _Said("completed", order, at, f"{number}: the termination is completed.")
    update = _update(said, AgreementState.TERMINATED, process).model_copy(update={"state": "TERMINATION_COMPLETED"})
    return Consequences((report,) if reported else (), (update,), news=(done_steps(order, at, SettlementStep.FINAL_REPORT),))


def done_steps(order: TerminationOrder, at: datetime, *steps: SettlementStep) -> News:
    """The settlement hears that steps are done."""
    return News(name="steps_done", about=settlement_id(order), content={"steps": [step.value for step in steps]}, at=at)


# ---- how it is told -------------------------------------------------------------------------------------------------


class _Said(NamedTuple):
    """Something to tell of an order; `name` tells it from what else is told of it."""

    name: str
    order: TerminationOrder
    at: datetime
    text: str
    values: Mapping[str, Said] = {}


def _ordered(order: TerminationOrder, news: TerminationNews, zone: ZoneInfo) -> _Said:
    text = (
        f"{order.registry_no} ends on {spoken(order.effective_at, zone)} by order of the CRM ({order.basis}, {order.legal_ref}). "
        "Until then its tickets are taken and measured."
    )
    return _Said("terminating", order, news.at, text, {"effective_at": order.effective_at.astimezone(zone).isoformat()})


def _revoked(news: TerminationNews) -> _Said:
    order = news.dropped[-1]
    text = f"{order.registry_no} goes on: the order to end it was revoked ({news.reason})."
    return _Said("revoked", order, news.at, text, {"reason": news.reason or ""})


def _same(standing: TerminationOrder | None, known: TerminationOrder | None) -> bool:
    return (standing.order_id if standing is not None else None) == (known.order_id if known is not None else None)


def _told_of(said: _Said, before: AgreementState, after: AgreementState, process: str) -> tuple[tuple[StateChange, ...], Consequences]:
    order, key = said.order, f"{process}:{said.name}:{said.order.order_id}"
    event = AuditEvent(
        key=f"{key}:audit",
        subject=process,
        action=said.name,
        from_state=before.value,
        to_state=after.value,
        actor="crm",
        reason=said.text,
        at=said.at,
    )
    notice = Notice(
        key=f"{key}:notice",
        case_id=order.registry_no,
        recipients=_parties(order),
        subject=f"{order.registry_no} is {after}",
        body=said.text,
        phrase=said.name,
        values={"registry_no": order.registry_no, "basis": order.basis.value, "legal_ref": order.legal_ref, **said.values},
    )
    change = StateChange(registry_no=order.registry_no, event=event)
    return (change,), Consequences((notice,), (_update(said, after, process),))


def _update(said: _Said, state: AgreementState, process: str, reason: str | None = None) -> CrmCaseUpdate:
    order = said.order
    return CrmCaseUpdate(
        key=f"{process}:{said.name}:{order.order_id}:crm",
        case_id=order.registry_no,
        crm_case=order.crm_case,
        state=state.value,
        reason=reason,
        registry_nos=(order.registry_no,),
        at=said.at,
        text=said.text,
    )


def _parties(order: TerminationOrder) -> Sequence[str]:
    is_promise = order.registry_no.startswith("SLA")
    return ("CUSTOMER_REP", "CRM_STAFF", "SLM_MANAGER", "SUPPLY_MANAGER") if is_promise else ("CRM_STAFF", "SLM_MANAGER", "SUPPLY_MANAGER")
