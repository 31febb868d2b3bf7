"""Re-planning by the tickets of `SC-6`: 1.0 runs in PL-BH-8-17, 2.0 in PL-EXT, with Saturday mornings."""

from typing import Any

import pytest

from domain.clocks import ClockState, read_clocks
from domain.errors import Conflict
from domain.events import EventKind
from domain.replan import MovedClock, Route, TicketMove, event_of, plan_move
from domain.terms import Agreement
from tests.conftest import Story
from tests.domain.test_due_time_table import CALENDARS, FOUR_EXTENDED, FOUR_HOURS

NAME = "SLA-2026-0002"
TO_2 = Route(agreement=NAME, to_version="2.0")


def version(number: str, *targets: dict[str, Any], name: str = NAME) -> Agreement:
    return Agreement.model_validate(
        {
            "agreement": name,
            "version": number,
            "kind": "CUSTOMER_SLA",
            "provider": "p",
            "customer": "Bank Narew S.A.",
            "service": "MPS",
            "time_zone": "Europe/Warsaw",
            "effective_from": "2026-01-01",
            "calendars": CALENDARS,
            "targets": [{"target": "response", "stop": "RESPONDED", "pauses": ["AWAITING_CUSTOMER"], **each} for each in targets],
        }
    )


FIRST, SECOND = version("1.0", FOUR_HOURS), version("2.0", FOUR_EXTENDED)


def ticket(created: str) -> Story:
    story = Story("+02:00", customer="Bank Narew S.A.", service="MPS")
    story.created(created)
    return story


def move(story: Story, at: str, to: Agreement = SECOND) -> TicketMove | None:
    return plan_move([FIRST], story.events, TO_2, to, story.at(at))


def clock(story: Story, at: str, to: Agreement = SECOND) -> MovedClock:
    found = move(story, at, to)
    assert found is not None
    [only] = found.clocks
    return only


@pytest.mark.parametrize(
    ("created", "moved", "old", "new"),
    [
        ("2026-09-05T12:30", "2026-09-05T13:00", "2026-09-07T12:00", "2026-09-07T10:30"),
        ("2026-09-04T16:30", "2026-09-04T17:00", "2026-09-07T11:30", "2026-09-05T10:30"),
        ("2026-09-01T16:00", "2026-09-01T16:30", "2026-09-02T11:00", "2026-09-02T09:00"),
        ("2026-09-01T09:00", "2026-09-01T09:30", "2026-09-01T13:00", "2026-09-01T13:00"),
    ],
    ids=["on Saturday", "into Saturday", "into the evening", "within a day"],
)
def test_a_ticket_moved_to_2_0_is_due_by_its_hours_from_the_original_start(created: str, moved: str, old: str, new: str) -> None:
    story = ticket(created)
    found = move(story, moved)

    assert found is not None
    assert found.clocks == (MovedClock(clock="response", old_due_at=story.at(old), new_due_at=story.at(new), breaches=False),)
    assert (found.left, found.changes, found.breaches, found.new_due_at) == ("1.0", old != new, False, story.at(new))


def test_what_the_new_hours_have_used_up_is_late_from_the_move_on() -> None:
    story = ticket("2026-09-05T12:30")
    found = move(story, "2026-09-07T11:00")
    assert found is not None
    moved = event_of("replan-1", found, TO_2, "the bank opens on Saturdays")
    [reading] = read_clocks([FIRST, SECOND], [*story.events, moved], story.at("2026-09-07T11:00"))

    assert found.breaches
    assert (reading.version, reading.breach_at) == ("2.0", story.at("2026-09-07T11:00"))


def test_what_was_late_before_is_not_made_late_by_the_move() -> None:
    assert not clock(ticket("2026-09-05T12:30"), "2026-09-07T12:30").breaches


def test_pauses_count_as_the_new_terms_have_them() -> None:
    story = ticket("2026-09-01T16:00")
    story.paused("2026-09-01T17:00")
    story.resumed("2026-09-01T18:00")
    found = clock(story, "2026-09-01T18:30")

    assert found.new_due_at == story.at("2026-09-02T10:00"), "an hour of 2.0's evening was waited for"


def test_a_paused_clock_has_no_due_time_before_and_after() -> None:
    story = ticket("2026-09-01T16:00")
    story.paused("2026-09-01T16:30")

    assert clock(story, "2026-09-01T17:00") == MovedClock(clock="response", old_due_at=None, new_due_at=None, breaches=False)


def test_a_ticket_with_no_open_clock_there_is_not_moved() -> None:
    answered, moved = ticket("2026-09-01T09:00"), ticket("2026-09-01T09:00")
    answered.reached("2026-09-01T10:00", "RESPONDED")
    left = {"agreement": NAME, "version": "1.0", "to": NAME, "to_version": "2.0"}
    moved.tell("2026-09-01T10:00", EventKind.MOVED, order="replan-0", **left)

    assert move(answered, "2026-09-01T11:00") is None
    assert plan_move([FIRST, SECOND], moved.events, TO_2, SECOND, moved.at("2026-09-01T11:00")) is None
    elsewhere = Route(agreement=NAME, from_version="1.1", to_version="2.0")
    assert plan_move([FIRST], ticket("2026-09-01T09:00").events, elsewhere, SECOND, moved.at("2026-09-01T10:00")) is None


def test_a_target_the_new_version_adds_gets_its_clock_and_one_it_lacks_loses_its_own() -> None:
    story = ticket("2026-09-05T12:30")
    found = move(story, "2026-09-05T13:00", version("2.0", FOUR_EXTENDED | {"target": "answer"}))
    assert found is not None
    due = {each.clock: (each.old_due_at, each.new_due_at) for each in found.clocks}

    assert due == {"response": (story.at("2026-09-07T12:00"), None), "answer": (None, story.at("2026-09-07T10:30"))}


def test_the_event_says_why_and_is_the_same_a_second_time() -> None:
    story = ticket("2026-09-05T12:30")
    found = move(story, "2026-09-05T13:00")
    assert found is not None
    first, again = (event_of("replan-1", found, TO_2, "the bank opens on Saturdays") for _ in range(2))

    assert first == again
    assert (first.event_id, first.reason) == (f"servanda:replan-1:{story.ticket.ticket_id}", "the bank opens on Saturdays")
    assert first.attributes == {"agreement": NAME, "version": "1.0", "to": NAME, "to_version": "2.0", "order": "replan-1"}
    [reading] = read_clocks([FIRST, SECOND], [*story.events, first], story.at("2026-09-05T13:00"))
    assert (reading.state, reading.due_at) == (ClockState.RUNNING, story.at("2026-09-07T10:30"))


def test_tickets_do_not_move_to_where_they_are() -> None:
    with pytest.raises(Conflict, match=r"under 2\.0 are under it already"):
        Route(agreement=NAME, from_version="2.0", to_version="2.0").refuse_standstill()
