"""The laws ticket clocks keep."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from domain.clocks import ClockReading, ClockState, read_clocks
from domain.events import EventKind
from domain.terms import Agreement
from tests.conftest import Story, example

H = timedelta(hours=1)


def agreement(*targets: dict[str, Any], **more: Any) -> Agreement:
    """An agreement in the Polish office calendar with these targets."""
    base = example("erp").model_dump() | {"reopening_days": 5} | more
    return Agreement.model_validate(base | {"targets": targets})


def office(target: str, stop: str | list[str], limit: str, **more: Any) -> dict[str, Any]:
    return {"target": target, "stop": stop, "limit": limit, "calendar": "PL-BH-8-17", "pauses": ["AWAITING_CUSTOMER"], **more}


RESPONSE = office("response", "RESPONDED", "4h")
RESOLUTION = office("resolution", "RESOLVED", "8h")


def ticket(**attributes: str) -> Story:
    return Story("+01:00", customer="Logistyka Wisła S.A.", service="ERP", **({"priority": "3"} | attributes))


def read(terms: Agreement, story: Story, as_of: str) -> dict[str, ClockReading]:
    return {reading.clock: reading for reading in read_clocks([terms], story.events, story.at(as_of))}


def test_a_ticket_has_one_clock_per_target_and_none_hides_another() -> None:
    story = ticket()
    story.created("2026-03-16T08:00")
    story.reached("2026-03-16T09:00", "RESPONDED")
    clocks = read(agreement(RESPONSE, RESOLUTION), story, "2026-03-16T10:00")

    assert {name: reading.state for name, reading in clocks.items()} == {
        "response": ClockState.COMPLETED,
        "resolution": ClockState.RUNNING,
    }


def test_before_its_creation_a_ticket_has_no_clock() -> None:
    story = ticket()
    story.created("2026-03-16T08:00")

    assert read(agreement(RESPONSE), story, "2026-03-16T07:59") == {}


def test_at_the_due_instant_an_open_clock_is_breached_and_a_microsecond_before_it_is_not() -> None:
    story = ticket()
    story.created("2026-03-16T08:00")

    assert read(agreement(RESPONSE), story, "2026-03-16T11:59:59.999999")["response"].breach_at is None
    assert read(agreement(RESPONSE), story, "2026-03-16T12:00")["response"].breach_at == story.at("2026-03-16T12:00")


def test_a_milestone_a_microsecond_late_is_breached() -> None:
    story = ticket()
    story.created("2026-03-16T08:00")
    story.reached("2026-03-16T12:00:00.000001", "RESPONDED")

    assert not read(agreement(RESPONSE), story, "2026-03-16T13:00")["response"].met


def test_a_pause_over_the_weekend_counts_business_time_only() -> None:
    story = ticket()
    story.created("2026-03-20T15:00")
    story.paused("2026-03-20T16:00")
    story.resumed("2026-03-23T09:00")

    assert read(agreement(RESOLUTION), story, "2026-03-23T10:00")["resolution"].due_at == story.at("2026-03-23T16:00")


def test_pausing_and_resuming_at_one_instant_changes_nothing() -> None:
    story = ticket()
    story.created("2026-03-16T08:00")
    story.paused("2026-03-16T09:00")
    story.resumed("2026-03-16T09:00")

    assert read(agreement(RESPONSE), story, "2026-03-16T10:00")["response"].due_at == story.at("2026-03-16T12:00")


def test_a_paused_clock_has_no_due_time_and_never_breaches() -> None:
    story = ticket()
    story.created("2026-03-16T08:00")
    story.paused("2026-03-16T11:00")
    reading = read(agreement(RESPONSE), story, "2026-04-30T12:00")["response"]

    assert (reading.state, reading.reason, reading.due_at, reading.breached) == (ClockState.PAUSED, "AWAITING_CUSTOMER", None, False)
    assert (reading.spent, reading.remaining) == (3 * H, H)


def test_a_pause_begun_at_the_due_instant_does_not_save_the_clock() -> None:
    story = ticket()
    story.created("2026-03-16T08:00")
    story.paused("2026-03-16T12:00")

    assert read(agreement(RESPONSE), story, "2026-03-16T14:00")["response"].breach_at == story.at("2026-03-16T12:00")


def test_a_ticket_created_in_a_pause_burns_no_time() -> None:
    story = ticket()
    story.created("2026-03-16T08:00")
    story.paused("2026-03-16T08:00")
    story.resumed("2026-03-16T10:00")

    assert read(agreement(RESPONSE), story, "2026-03-16T11:00")["response"].due_at == story.at("2026-03-16T14:00")


def test_a_second_reason_for_waiting_takes_the_place_of_the_first() -> None:
    story = ticket()
    story.created("2026-03-16T08:00")
    story.paused("2026-03-16T09:00", "AWAITING_CUSTOMER")
    story.paused("2026-03-16T10:00", "AWAITING_SUPPLIER")

    assert read(agreement(RESPONSE), story, "2026-03-16T11:00")["response"].due_at == story.at("2026-03-16T13:00")


def test_each_clock_takes_only_the_pauses_its_target_allows() -> None:
    story = ticket()
    story.created("2026-03-16T08:00")
    story.paused("2026-03-16T09:00")
    clocks = read(agreement(RESPONSE | {"pauses": []}, RESOLUTION), story, "2026-03-16T10:00")

    assert (clocks["response"].state, clocks["resolution"].state) == (ClockState.RUNNING, ClockState.PAUSED)


BY_PRIORITY = {
    "target": "solution",
    "stop": "RESOLVED",
    "calendar": "PL-BH-8-17",
    "pauses": ["AWAITING_CUSTOMER"],
    "rules": [{"when": {"priority": "1"}, "limit": "4h"}, {"when": {"priority": ["2", "3"]}, "limit": "16h"}],
}


def test_a_raised_priority_counts_from_the_start() -> None:
    story = ticket()
    story.created("2026-03-16T09:00")
    story.changed("2026-03-16T12:00", priority="1")

    assert read(agreement(BY_PRIORITY), story, "2026-03-16T12:30")["solution"].due_at == story.at("2026-03-16T13:00")


def test_a_raised_priority_keeps_the_pauses_of_before() -> None:
    story = ticket()
    story.created("2026-03-16T09:00")
    story.paused("2026-03-16T10:00")
    story.resumed("2026-03-16T11:00")
    story.changed("2026-03-16T12:00", priority="1")

    assert read(agreement(BY_PRIORITY), story, "2026-03-16T12:30")["solution"].due_at == story.at("2026-03-16T14:00")


def test_a_priority_raised_past_its_new_limit_breaches_at_the_change() -> None:
    story = ticket()
    story.created("2026-03-16T08:00")
    story.changed("2026-03-16T15:00", priority="1")
    reading = read(agreement(BY_PRIORITY), story, "2026-03-16T15:30")["solution"]

    assert (reading.due_at, reading.breach_at) == (story.at("2026-03-16T12:00"), story.at("2026-03-16T15:00"))


def test_a_breach_stays_true_when_the_priority_is_lowered_later() -> None:
    story = ticket(priority="1")
    story.created("2026-03-16T08:00")
    story.changed("2026-03-16T13:00", priority="3")
    story.reached("2026-03-16T14:00", "RESOLVED")
    reading = read(agreement(BY_PRIORITY), story, "2026-03-17T12:00")["solution"]

    assert (reading.breach_at, reading.met) == (story.at("2026-03-16T12:00"), False)


def test_a_priority_lowered_in_time_saves_the_clock() -> None:
    story = ticket(priority="1")
    story.created("2026-03-16T08:00")
    story.changed("2026-03-16T12:00", priority="3")

    assert read(agreement(BY_PRIORITY), story, "2026-03-16T13:00")["solution"].breach_at is None


def test_a_change_after_which_nothing_is_promised_cancels_the_clock_and_another_brings_it_back() -> None:
    story = ticket()
    story.created("2026-03-16T08:00")
    story.changed("2026-03-16T09:00", priority="5")
    gone = read(agreement(BY_PRIORITY), story, "2026-03-16T09:30")["solution"]
    story.changed("2026-03-16T10:00", priority="1")
    back = read(agreement(BY_PRIORITY), story, "2026-03-16T10:30")["solution"]

    assert (gone.state, gone.reason) == (ClockState.CANCELLED, "NOT_PROMISED")
    assert (back.state, back.due_at) == (ClockState.RUNNING, story.at("2026-03-16T12:00"))


def test_a_ticket_no_rule_ever_took_has_no_clock() -> None:
    story = ticket(priority="5")
    story.created("2026-03-16T08:00")

    assert read(agreement(BY_PRIORITY), story, "2026-03-16T09:30") == {}


def test_reopened_within_the_window_the_same_clock_has_what_was_left() -> None:
    story = ticket()
    story.created("2026-03-16T08:00")
    story.reached("2026-03-16T11:00", "RESOLVED")
    story.reopened("2026-03-17T10:00")
    reading = read(agreement(RESOLUTION | {"limit": "4h"}), story, "2026-03-17T10:30")["resolution"]

    assert (reading.reopened, reading.cycle, reading.due_at) == (1, 1, story.at("2026-03-17T11:00"))


def test_reopened_with_nothing_left_the_clock_is_breached_at_the_reopening() -> None:
    story = ticket()
    story.created("2026-03-16T08:00")
    story.reached("2026-03-16T12:00", "RESOLVED")
    story.reopened("2026-03-17T10:00")

    assert read(agreement(RESOLUTION | {"limit": "4h"}), story, "2026-03-17T10:30")["resolution"].breach_at == story.at("2026-03-17T10:00")


def test_reopened_on_the_last_instant_of_the_window_goes_on_and_after_it_begins_a_new_cycle() -> None:
    story = ticket()
    story.created("2026-03-16T08:00")
    story.reached("2026-03-16T11:00", "RESOLVED")
    story.reopened("2026-03-23T11:00")
    on_time = read(agreement(RESOLUTION), story, "2026-03-23T12:00")
    story.events.pop()
    story.reopened("2026-03-23T11:01")
    late = read(agreement(RESOLUTION), story, "2026-03-23T12:00")

    assert set(on_time) == {"resolution"}
    assert set(late) == {"resolution", "resolution#2"}
    assert late["resolution"].met
    assert (late["resolution#2"].cycle, late["resolution#2"].started_at) == (2, story.at("2026-03-23T11:01"))


def test_a_response_is_not_reopened() -> None:
    story = ticket()
    story.created("2026-03-16T08:00")
    story.reached("2026-03-16T09:00", "RESPONDED")
    story.reopened("2026-03-16T10:00")

    assert read(agreement(RESPONSE), story, "2026-03-18T10:00")["response"].met


def test_of_several_stop_milestones_one_completes_a_reopened_clock() -> None:
    story = ticket()
    story.created("2026-03-16T08:00")
    story.reached("2026-03-16T09:00", "PURCHASED")
    story.reached("2026-03-16T10:00", "SHIPPED")
    story.reopened("2026-03-16T11:00")
    story.reached("2026-03-16T12:00", "SHIPPED")
    reading = read(agreement(office("delivery", ["PURCHASED", "SHIPPED"], "8h")), story, "2026-03-16T13:00")["delivery"]

    assert (reading.state, reading.spent) == (ClockState.COMPLETED, 3 * H)


def test_a_ticket_resolved_reopened_and_resolved_in_one_minute_is_told_by_the_order_of_its_source() -> None:
    story = ticket()
    story.created("2026-03-16T08:00")
    story.reached("2026-03-16T09:00", "RESOLVED")
    story.reopened("2026-03-16T09:00")
    reopened = read(agreement(RESOLUTION), story, "2026-03-16T10:00")["resolution"]
    story.reached("2026-03-16T09:00", "RESOLVED")
    resolved = read(agreement(RESOLUTION), story, "2026-03-16T10:00")["resolution"]

    assert (reopened.state, reopened.spent) == (ClockState.RUNNING, 2 * H)
    assert (resolved.state, resolved.spent, resolved.reopened) == (ClockState.COMPLETED, H, 1)


def test_a_change_after_the_end_leaves_the_clock_as_it_ended() -> None:
    story = ticket()
    story.created("2026-03-16T08:00")
    story.reached("2026-03-17T09:00", "RESOLVED")
    before = read(agreement(BY_PRIORITY), story, "2026-03-17T12:00")["solution"]
    story.changed("2026-03-17T10:00", priority="1")
    after = read(agreement(BY_PRIORITY), story, "2026-03-17T12:00")["solution"]

    assert (after.due_at, after.spent, after.remaining, after.met) == (before.due_at, before.spent, before.remaining, True)


def test_a_milestone_from_before_the_start_completes_the_clock_with_nothing_used() -> None:
    story = ticket()
    story.created("2026-03-16T10:00")
    story.reached("2026-03-16T09:00", "RESPONDED")
    reading = read(agreement(RESPONSE), story, "2026-03-16T12:00")["response"]

    assert (reading.met, reading.spent) == (True, timedelta())


UPDATES = office("update", ["PROVIDER_MESSAGE", "RESOLVED"], "4h", start="CUSTOMER_MESSAGE", repeats=True)


def test_every_exchange_is_a_clock_of_its_own() -> None:
    story = ticket()
    story.created("2026-03-16T08:00")
    story.reached("2026-03-16T09:00", "CUSTOMER_MESSAGE")
    story.reached("2026-03-16T09:30", "CUSTOMER_MESSAGE")
    story.reached("2026-03-16T10:00", "PROVIDER_MESSAGE")
    story.reached("2026-03-16T11:00", "CUSTOMER_MESSAGE")
    clocks = read(agreement(UPDATES), story, "2026-03-16T16:00")

    assert {name: (reading.state, reading.spent, reading.breached) for name, reading in clocks.items()} == {
        "update": (ClockState.COMPLETED, H, False),
        "update#2": (ClockState.RUNNING, 5 * H, True),
    }


def test_a_repeating_clock_stops_with_the_ticket() -> None:
    story = ticket()
    story.created("2026-03-16T08:00")
    story.reached("2026-03-16T09:00", "CUSTOMER_MESSAGE")
    story.reached("2026-03-16T10:00", "RESOLVED")

    assert read(agreement(UPDATES), story, "2026-03-18T10:00")["update"].met


def test_without_a_message_a_repeating_target_has_no_clock() -> None:
    story = ticket()
    story.created("2026-03-16T08:00")

    assert read(agreement(UPDATES), story, "2026-03-16T10:00") == {}


def test_a_clock_whose_stop_came_and_whose_start_never_did_is_counted_nowhere() -> None:
    story = ticket()
    story.created("2026-03-16T08:00")
    story.reached("2026-03-16T10:00", "RESOLVED")
    reading = read(agreement(RESOLUTION | {"start": "FORM_APPROVED"}), story, "2026-03-16T12:00")["resolution"]

    assert (reading.state, reading.reason, reading.met) == (ClockState.CANCELLED, "NEVER_STARTED", False)


def test_a_cancelled_ticket_stops_its_open_clocks_and_leaves_the_completed_ones() -> None:
    story = ticket()
    story.created("2026-03-16T08:00")
    story.reached("2026-03-16T09:00", "RESPONDED")
    story.tell("2026-03-16T10:00", EventKind.CANCELLED, reason="DUPLICATE")
    clocks = read(agreement(RESPONSE, RESOLUTION), story, "2026-03-20T12:00")

    assert clocks["response"].met
    assert (clocks["resolution"].state, clocks["resolution"].reason) == (ClockState.CANCELLED, "DUPLICATE")
    assert (clocks["resolution"].breached, clocks["resolution"].spent) == (False, 2 * H)


def test_termination_voids_what_is_not_yet_due_and_leaves_what_was_breached_before() -> None:
    story = ticket()
    story.created("2026-03-16T08:00")
    story.tell("2026-03-16T12:00", EventKind.VOIDED, reason="TERMINATION")
    clocks = read(agreement(RESPONSE | {"limit": "3h"}, RESOLUTION | {"limit": "4h"}), story, "2026-03-17T12:00")

    assert (clocks["response"].state, clocks["response"].breach_at) == (ClockState.RUNNING, story.at("2026-03-16T11:00"))
    assert (clocks["resolution"].state, clocks["resolution"].breached) == (ClockState.VOIDED, False), "due at the very instant: dropped"


def test_only_an_upheld_dispute_voids_a_completed_clock() -> None:
    story = ticket()
    story.created("2026-03-16T08:00")
    story.reached("2026-03-16T15:00", "RESPONDED")
    story.tell("2026-03-17T10:00", EventKind.VOIDED, reason="FORCE_MAJEURE")
    kept = read(agreement(RESPONSE), story, "2026-03-17T12:00")["response"]
    story.tell("2026-03-17T11:00", EventKind.VOIDED, reason="DISPUTE_UPHELD")
    voided = read(agreement(RESPONSE), story, "2026-03-17T12:00")["response"]

    assert (kept.state, voided.state) == (ClockState.COMPLETED, ClockState.VOIDED)


LEAVER = {"target": "exit", "stop": "DONE", "kind": "END_OF_DATE", "date_from": "last_day", "calendar": "PL-BH-8-17"}


@pytest.mark.parametrize(("done", "met"), [("2026-03-21T00:30", True), ("2026-03-20T17:30", False), ("2026-03-22T00:00", False)])
def test_on_a_closed_last_day_the_window_is_the_whole_date(done: str, met: bool) -> None:  # noqa: FBT001
    story = ticket(last_day="2026-03-21")
    story.created("2026-03-16T08:00")
    story.reached(done, "DONE")

    assert read(agreement(LEAVER), story, "2026-03-25T12:00")["exit"].met is met


def test_without_its_date_the_clock_waits_and_a_moved_date_moves_it() -> None:
    story = ticket()
    story.created("2026-03-16T08:00")
    waiting = read(agreement(LEAVER), story, "2026-03-16T09:00")["exit"]
    story.changed("2026-03-16T10:00", last_day="2026-03-20")
    dated = read(agreement(LEAVER), story, "2026-03-16T11:00")["exit"]
    story.changed("2026-03-16T12:00", last_day="2026-03-18")
    moved = read(agreement(LEAVER), story, "2026-03-16T13:00")["exit"]

    assert (waiting.state, waiting.reason) == (ClockState.PENDING, "DATE_MISSING")
    assert dated.due_at == story.at("2026-03-20T23:59:59")
    assert moved.due_at == story.at("2026-03-18T23:59:59")


def test_warnings_and_escalations_are_shares_of_business_time() -> None:
    story = ticket()
    story.created("2026-03-16T15:30")
    milestones = read(agreement(RESPONSE), story, "2026-03-16T15:30")["response"].milestones()
    told = [(each.kind.value, each.level, each.at) for each in milestones]

    assert told == [
        ("WARNING", 75, story.at("2026-03-17T09:30")),
        ("WARNING", 90, story.at("2026-03-17T10:06")),
        ("BREACH", 0, story.at("2026-03-17T10:30")),
        ("ESCALATION", 1, story.at("2026-03-17T14:30")),
        ("ESCALATION", 2, story.at("2026-03-18T09:30")),
        ("ESCALATION", 3, story.at("2026-03-18T13:30")),
    ]


def test_a_team_that_gets_the_ticket_back_goes_on_with_its_clock() -> None:
    story = ticket(held_by="desk")
    story.created("2026-03-16T08:00")
    story.changed("2026-03-16T08:40", held_by="field")
    story.changed("2026-03-16T10:00", held_by="desk")
    desk = {"target": "desk", "held_by": "desk", "limit": "1h", "calendar": "PL-BH-8-17"}
    reading = read(agreement(desk), story, "2026-03-16T10:10")["desk"]

    assert (reading.state, reading.spent, reading.due_at) == (ClockState.RUNNING, timedelta(minutes=50), story.at("2026-03-16T10:20"))


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ({"pauses": ["AWAITING_CUSTOMER"], "kind": "NEXT_BUSINESS_DAY"}, "does not pause"),
        ({"pauses": ["AWAITING_CUSTOMER"], "kind": "IMMEDIATE"}, "does not pause"),
        ({"kind": "BUSINESS_DAYS", "limit": None}, "needs days"),
        ({"limit": None}, "needs limit"),
        ({"limit": "0h"}, "more than zero"),
        ({"limit": 4}, "no unit"),
        ({"calendar": None}, "name its calendar"),
        ({"calendar": "MOON"}, "not among the agreement's"),
        ({"stop": []}, "name the stop milestone"),
        ({"target": "two words"}, "pattern"),
        ({"warn_at": [100]}, "less than 100"),
    ],
)
def test_terms_that_cannot_be_measured_are_refused_and_say_why(damage: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        agreement(RESPONSE | damage)


def test_business_days_in_a_calendar_of_unequal_days_are_refused() -> None:
    calendar = {"calendar": "EXT", "time_zone": "Europe/Warsaw", "weekly": {"mon": ["08:00-17:00"], "sat": ["09:00-14:00"]}}
    target = {"target": "t", "stop": "DONE", "kind": "BUSINESS_DAYS", "days": 1, "calendar": "EXT"}

    with pytest.raises(ValidationError, match="different length"):
        agreement(target, calendars=[calendar])
