"""The CRM orders the end of an agreement: what an order says, when it counts, and what the agreement's process makes of it."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from domain.agreement_life import occasion_after, stages_of
from domain.agreement_parts import Period
from domain.case_messages import AgreementOrder, Registered
from domain.effects import TicketRef
from domain.ending import WindingUp, at_end, completed, renewal_left_out, rewound, terminated, turned
from domain.errors import BadInput, Conflict
from domain.events import EventKind
from domain.follow_ups.settlement import Settlement, SettlementState
from domain.in_force import Occasion, OccasionKind, Watched
from domain.lifecycle import AgreementState
from domain.termination import (
    OpenTickets,
    TerminationBasis,
    TerminationNews,
    TerminationOrder,
    counts_instead,
    effective_at,
    leaving,
    order_id_of,
    refuse_order,
    refuse_revocation,
    staying,
)
from domain.termination_events import TerminationOrdered
from domain.terms import AgreementKind
from domain.versions import VersionTerm, cut_at
from tests.domain.case_stories import CATALOGUE, local

NUMBER = "SLA/2026/0001"
WARSAW = ZoneInfo("Europe/Warsaw")
BEGINS, NOW, END = local("2026-01-01T00:00"), local("2026-10-05T10:00"), local("2026-11-01T00:00")
WATCHED = Watched(kind=AgreementKind.CUSTOMER_SLA, periods=(Period.MONTH,), targets=("solution",), calendar=CATALOGUE.calendar)


def order(name: str = "CRM-77", at: datetime = NOW, effective: datetime = END, **more: Any) -> TerminationOrder:
    fields = {"crm_case": name, "registry_no": NUMBER, "agreement": "SLA-2026-0001", "basis": "NOTICE", "legal_ref": "WYP/2026/77"}
    instants = {"ordered_at": at, "received_at": at, "effective_at": effective}
    said = {**fields, "order_id": order_id_of("crm", name), "requested_by": "MedNet", **instants, **more}
    return TerminationOrder.model_validate(said)


def news(standing: TerminationOrder | None, at: datetime = NOW, *dropped: TerminationOrder, key: str = "CRM-77") -> TerminationNews:
    return TerminationNews(key=key, standing=standing, dropped=dropped, at=at, reason="because")


def process(until: str | None = None, begins: str = "2026-01-01", **more: Any) -> AgreementOrder:
    on = date.fromisoformat(until) if until is not None else None
    first = date.fromisoformat(begins)
    same = {"customer": "MedNet", "time_zone": "Europe/Warsaw", "watched": WATCHED}
    registered = Registered.model_validate({"registry_no": NUMBER, "effective_from": first, "effective_until": on, **same})
    return AgreementOrder(registered=registered, **more)


def occasions(known: AgreementOrder, since: datetime) -> list[str]:
    """What is to be done from an instant on, up to where nothing is."""
    last: Occasion | None = Occasion(at=since, kind=OccasionKind.BEGIN, name="")
    found: list[str] = []
    while (last := occasion_after(known, last)) is not None and len(found) < 100:
        found.append(f"{last.kind} {last.at.astimezone(WARSAW):%d %b %H:%M}")
    return found


# ---- orders ---------------------------------------------------------------------------------------------------------


def test_a_withdrawal_takes_effect_at_once_and_other_orders_when_they_say() -> None:
    assert effective_at(TerminationBasis.WITHDRAWAL, END, BEGINS, NOW) == NOW
    assert effective_at(TerminationBasis.NOTICE, END, BEGINS, NOW) == END
    with pytest.raises(BadInput, match="says when it takes effect"):
        effective_at(TerminationBasis.NOTICE, None, BEGINS, NOW)


def test_an_order_before_the_first_day_takes_effect_at_once_and_none_reaches_back_before_it() -> None:
    assert effective_at(TerminationBasis.MUTUAL, END, local("2026-12-01T00:00"), NOW) == NOW
    with pytest.raises(BadInput, match="the agreement began on"):
        effective_at(TerminationBasis.BREACH, BEGINS - timedelta(days=1), BEGINS, NOW)


@pytest.mark.parametrize("state", ["TERMINATED", "EXPIRED", "SUPERSEDED"])
def test_what_has_ended_is_not_ended_again(state: str) -> None:
    with pytest.raises(Conflict, match=state) as refused:
        refuse_order(NUMBER, state, None, NOW)
    assert refused.value.code == "ALREADY_ENDED"


@pytest.mark.parametrize("state", ["REGISTERED", "ACTIVE", "TERMINATING"])
def test_what_is_in_force_or_will_be_is_ended_until_its_term_is_over(state: str) -> None:
    refuse_order(NUMBER, state, NOW + timedelta(seconds=1), NOW)
    with pytest.raises(Conflict, match="at its end"):
        refuse_order(NUMBER, state, NOW, NOW)


def test_an_order_is_revoked_before_its_instant_only() -> None:
    refuse_revocation(NUMBER, "TERMINATING", order(), END - timedelta(microseconds=1))
    for standing, at, code in ((order(), END, "TERMINATION_EFFECTIVE"), (None, NOW, "NOT_TERMINATING")):
        with pytest.raises(Conflict) as refused:
            refuse_revocation(NUMBER, "ACTIVE", standing, at)
        assert refused.value.code == code


def test_the_newest_order_counts_whenever_it_comes() -> None:
    older, newer = order("CRM-77"), order("CRM-78", NOW + timedelta(hours=1))
    assert (counts_instead(newer, older), counts_instead(older, newer), counts_instead(older, None)) == (True, False, True)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"legal_ref": "  "}, "legal_ref"),
        ({"basis": "ANGER"}, "basis"),
        ({"open_tickets": "CARRY_TO"}, "successor"),
        ({"successor": "SLA/2026/0009"}, "successor"),
        ({"effective_at": "2026-11-01T00:00:00"}, "effective_at"),
        ({"effective_at": "1926-11-01T00:00:00Z"}, "effective_at"),
    ],
)
def test_an_order_that_cannot_be_meant_is_refused(change: dict[str, Any], word: str) -> None:
    data = {"registry_no": NUMBER, "basis": "NOTICE", "legal_ref": "WYP/2026/77", "requested_by": "MedNet"} | change
    envelope = {"specversion": "1.0", "id": "1", "source": "crm", "type": "agreement.termination_ordered", "time": NOW.isoformat()}
    with pytest.raises(ValidationError, match=word):
        TerminationOrdered.model_validate(envelope | {"data": data})


# ---- tickets --------------------------------------------------------------------------------------------------------


def test_a_ticket_hears_that_its_agreement_ends_or_who_takes_it_over_or_that_it_goes_on() -> None:
    ticket = TicketRef(source="crm", ticket_id="B")
    ends = leaving(order(), ticket, "1.0", NOW)
    carry: dict[str, Any] = {"open_tickets": OpenTickets.CARRY_TO, "successor": "SLA-2026-0009", "successor_version": "1.0"}
    moves = leaving(order(**carry), ticket, "1.1", NOW)
    goes_on = staying(order(), ticket, NOW)

    assert (ends.kind, ends.occurred_at, ends.received_at, ends.reason) == (EventKind.ENDED, END, NOW, "TERMINATION")
    assert dict(moves.attributes) | {"order": ""} == {
        "agreement": "SLA-2026-0001",
        "order": "",
        "version": "1.1",
        "to": "SLA-2026-0009",
        "to_version": "1.0",
    }
    assert (goes_on.kind, dict(goes_on.attributes)) == (EventKind.RESTORED, {"order": order().order_id})
    assert len({each.event_id for each in (ends, moves, goes_on)}) == 3


# ---- the agreement's process ----------------------------------------------------------------------------------------


def test_from_the_instant_on_there_is_nothing_but_the_last_period() -> None:
    """`SC-7`: 1 November is a Sunday; business opens on Monday."""
    known = process(termination=order())
    assert occasions(known, END - timedelta(hours=20)) == [
        "END 01 Nov 00:00",
        "CLOSE 01 Nov 00:05",
        "REPORT 01 Nov 06:00",
        "SETTLE 02 Nov 08:00",
    ]


def test_an_instant_within_a_day_cuts_the_period_there_and_asks_nobody_after() -> None:
    early = process(termination=order(effective=local("2026-10-14T07:00")))
    assert occasions(early, local("2026-10-13T12:00")) == [
        "LOOK 14 Oct 00:00",
        "END 14 Oct 07:00",
        "CLOSE 14 Oct 07:05",
        "REPORT 14 Oct 07:05",
        "SETTLE 14 Oct 08:00",
    ]


def test_what_is_ordered_to_end_before_its_first_day_never_begins() -> None:
    known = process(begins="2026-12-01", termination=order(effective=NOW))
    first = occasion_after(known, None)
    assert first is not None
    assert (first.kind, first.at, occasion_after(known, first)) == (OccasionKind.END, NOW, None)


def test_an_order_ahead_makes_it_terminating_and_is_told_once() -> None:
    first = turned(process(), AgreementState.ACTIVE, news(order()), "agreement:SLA-2026-0001")
    again = turned(first.order, first.state, news(order()), "agreement:SLA-2026-0001")

    assert (first.state, first.order.termination) == (AgreementState.TERMINATING, order())
    assert [each.recipients for each in first.found.notices] == [("CUSTOMER_REP", "CRM_STAFF", "SLM_MANAGER", "SUPPLY_MANAGER")]
    assert [each.crm_case for each in first.found.crm_updates] == ["CRM-77"]
    assert first.marking is not None
    assert (again.changes, again.found.notices, again.marking) == ((), (), None)


def test_a_later_order_with_another_date_replaces_the_first_and_tickets_leave_by_it() -> None:
    later = order("CRM-78", NOW + timedelta(days=1), END + timedelta(days=30))
    first = turned(process(), AgreementState.ACTIVE, news(order()), "p")
    second = turned(first.order, first.state, news(later, NOW + timedelta(days=1), order(), key="CRM-78"), "p")

    assert (second.state, second.order.termination) == (AgreementState.TERMINATING, later)
    assert second.marking is not None
    assert (second.marking.leaves, second.marking.stays) == (later, (order(),))


def test_a_revoked_order_leaves_everything_as_it_was() -> None:
    first = turned(process(), AgreementState.ACTIVE, news(order()), "p")
    back = turned(first.order, first.state, news(None, NOW + timedelta(days=15), order(), key="CRM-78"), "p")

    assert (back.state, stages_of(back.order)) == (AgreementState.ACTIVE, stages_of(process()))
    assert back.marking is not None
    assert (back.marking.leaves, back.marking.stays) == (None, (order(),))


def test_a_renewal_that_was_due_while_the_order_stood_is_opened_when_it_is_revoked() -> None:
    """The term ends on 1 January 2027; the renewal is opened 90 days before, on 3 October."""
    early = order(at=local("2026-10-01T10:00"))
    renewed = process(until="2027-01-01")
    watched = WATCHED.model_copy(update={"renewal_days": 90})
    renewed = renewed.model_copy(update={"registered": renewed.registered.model_copy(update={"watched": watched})})
    back = renewal_left_out(renewed, news(None, NOW, early, key="CRM-78"))

    assert back is not None
    assert (back.kind, back.at, back.name) == (OccasionKind.RENEW, local("2026-10-03T00:00"), "2027-01-01")
    assert renewal_left_out(renewed, news(None, local("2026-10-02T10:00"), early, key="CRM-78")) is None
    assert renewal_left_out(renewed, news(early)) is None


def test_an_order_whose_instant_has_come_ends_it_as_of_then() -> None:
    late = order(effective=local("2026-10-01T00:00"))
    turn = turned(process(), AgreementState.ACTIVE, news(late), "p")
    last = Occasion(at=local("2026-10-05T00:00"), kind=OccasionKind.LOOK, name="2026-10-05")
    back = rewound(last, news(late))

    assert (turn.state, turn.found.notices) == (AgreementState.ACTIVE, ())
    assert back is not None
    following = occasion_after(turn.order, back)
    assert following is not None
    assert (following.kind, following.at) == (OccasionKind.END, local("2026-10-01T00:00"))


def test_after_the_end_an_order_is_answered_and_nothing_else() -> None:
    turn = turned(process(until="2026-10-01"), AgreementState.EXPIRED, news(order()), "p")
    assert [(each.state, each.reason) for each in turn.found.crm_updates] == [("EXPIRED", "ALREADY_ENDED")]
    assert (turn.state, turn.marking, turn.order.termination) == (AgreementState.EXPIRED, None, None)


def test_at_the_end_finance_settles_and_the_supply_manager_decides_on_what_carried_only_this() -> None:
    found = WindingUp(calendar=CATALOGUE.calendar, supports=("UC/2026/0001",), provider="Serwis-Druk", money=("credit:x",), moot=("sip:y",))
    consequences = at_end(order(), "MedNet", found)
    settlement, release = consequences.openings

    assert isinstance(settlement, Settlement)
    assert (settlement.case_id, settlement.state, settlement.disputed_until) == (
        "settlement:SLA-2026-0001",
        SettlementState.UNSETTLED,
        local("2026-12-01T00:00"),
    )
    assert release.case_id == "release:UC-2026-0001:SLA-2026-0001"
    assert [task.due_at for task in release.begun().open_tasks] == [local("2026-11-16T17:00")], "11 November is free"
    assert {each.about for each in consequences.news} == {"sip:y"}, "money goes on, what was to make it better does not"


def test_a_withdrawal_holds_all_money_until_legal_has_ruled() -> None:
    found = WindingUp(calendar=CATALOGUE.calendar, money=("credit:x", "claim:y"))
    consequences = at_end(order(basis="WITHDRAWAL"), "MedNet", found)

    assert [each.state for each in consequences.openings] == [SettlementState.HELD]
    assert [(each.name, each.about) for each in consequences.news] == [("legal_hold", "credit:x"), ("legal_hold", "claim:y")]


def test_the_last_that_is_told_has_a_key_for_the_order() -> None:
    changes, told = terminated(order(), AgreementState.TERMINATING, "p")
    last = completed(order(), END, "p", reported=True)

    assert [each.event.to_state for each in changes] == ["TERMINATED"]
    assert [each.state for each in (*told.crm_updates, *last.crm_updates)] == ["TERMINATED", "TERMINATION_COMPLETED"]
    assert len({each.key for each in (*told.crm_updates, *last.crm_updates)}) == 2


def test_terms_are_cut_where_the_agreement_ends_early() -> None:
    first, second = VersionTerm("1.0", BEGINS, local("2026-09-01T00:00")), VersionTerm("2.0", local("2026-09-01T00:00"), None)

    assert cut_at((first, second), END) == (first, second._replace(ends=END))
    assert cut_at((first, second), local("2026-08-01T00:00")) == (first._replace(ends=local("2026-08-01T00:00")),)
    assert cut_at((first, second), None) == (first, second)
