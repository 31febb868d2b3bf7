"""SC-2, tickets: joiners, leavers, devices."""

from datetime import timedelta

import pytest

from domain.clocks import ClockReading, ClockState, read_clocks
from domain.events import EventKind
from tests.conftest import Story, World, example


def joiner() -> Story:
    return Story(customer="HR", service="NEW_USER")


def leaver(**more: str) -> Story:
    return Story(customer="HR", service="USER_TERMINATION", **more)


def order(offset: str = "+01:00") -> Story:
    return Story(offset, customer="HR", service="DEVICE_ORDER")


AGREEMENT_OF = {"NEW_USER": "new-user", "USER_TERMINATION": "user-termination", "DEVICE_ORDER": "device-order"}


def read(story: Story, as_of: str) -> ClockReading:
    [reading] = read_clocks([example(AGREEMENT_OF[story.attributes["service"]])], story.events, story.at(as_of))
    return reading


def late_by(reading: ClockReading) -> timedelta:
    assert reading.remaining is not None
    return -reading.remaining


@pytest.mark.parametrize(
    ("row", "approved", "due", "done", "met"),
    [
        ("J1", "2026-02-03T10:00", "2026-02-04T10:00", "2026-02-04T09:40", True),
        ("J2", "2026-02-06T15:00", "2026-02-09T15:00", "2026-02-09T16:10", False),
    ],
)
def test_a_new_user_is_due_one_business_day_after_the_approved_form(row: str, approved: str, due: str, done: str, met: bool) -> None:  # noqa: FBT001
    story = joiner()
    story.created(approved)
    story.reached(approved, "FORM_APPROVED")
    story.reached(done, "FULFILLED")
    reading = read(story, "2026-02-20T12:00")

    assert reading.due_at == story.at(due), f"{row} due"
    assert reading.met is met, f"{row} met"


def test_j2_is_late_by_70_minutes() -> None:
    story = joiner()
    story.created("2026-02-06T15:00")
    story.reached("2026-02-06T15:00", "FORM_APPROVED")
    story.reached("2026-02-09T16:10", "FULFILLED")

    assert late_by(read(story, "2026-02-10T12:00")) == timedelta(minutes=70), "J2 breached by 70 min"


def test_j3_waits_for_the_approval() -> None:
    story = joiner()
    story.created("2026-02-05T09:00")
    waiting = read(story, "2026-02-06T11:29")
    story.reached("2026-02-06T11:30", "FORM_APPROVED")
    story.reached("2026-02-09T11:00", "FULFILLED")
    done = read(story, "2026-02-10T12:00")

    assert (waiting.state, waiting.reason, waiting.due_at) == (ClockState.PENDING, "FORM_APPROVED", None), "J3 pending until 11:30"
    assert done.started_at == story.at("2026-02-06T11:30"), "J3 start"
    assert done.due_at == story.at("2026-02-09T11:30"), "J3 due"
    assert done.met, "J3 met"


def test_j4_does_not_count_the_wait_for_the_customer() -> None:
    story = joiner()
    story.created("2026-02-12T09:00")
    story.reached("2026-02-12T09:00", "FORM_APPROVED")
    without_pause = read(story, "2026-02-12T09:15")
    story.paused("2026-02-12T09:30")
    paused = read(story, "2026-02-12T15:00")
    story.resumed("2026-02-13T11:30")
    running = read(story, "2026-02-13T12:00")
    story.reached("2026-02-16T10:59", "FULFILLED")
    done = read(story, "2026-02-16T12:00")

    assert without_pause.due_at == story.at("2026-02-13T09:00"), "J4 due without the pause"
    assert (paused.state, paused.spent, paused.due_at) == (ClockState.PAUSED, timedelta(minutes=30), None), (
        "J4 30 min used before the pause"
    )
    assert running.due_at == story.at("2026-02-16T11:00"), "J4 due"
    assert done.met, "J4 met"


def test_j5_waiting_for_a_supplier_from_the_help_desk_is_kept_and_the_clock_runs_on() -> None:
    story = joiner()
    story.created("2026-02-03T10:00")
    story.reached("2026-02-03T10:00", "FORM_APPROVED")
    story.paused("2026-02-03T11:00", "AWAITING_SUPPLIER")
    reading = read(story, "2026-02-03T12:00")

    assert reading.state is ClockState.RUNNING, "J5 clock runs on"
    assert reading.due_at == story.at("2026-02-04T10:00"), "J5 due unchanged"


def test_l1_an_adverse_exit_is_done_at_once_and_paged() -> None:
    story = leaver(exit_type="ADVERSE")
    story.created("2026-02-10T19:42")
    open_ = read(story, "2026-02-10T19:43")
    story.reached("2026-02-10T20:05", "FULFILLED")
    done = read(story, "2026-02-10T21:00")

    assert open_.due_at == story.at("2026-02-10T20:42"), "L1 due"
    assert next((each.kind, each.at) for each in open_.milestones()) == ("PAGE", story.at("2026-02-10T19:42")), "L1 paged at 19:42"
    assert (done.met, done.spent) == (True, timedelta(minutes=23)), "L1 met in 23 min"


def test_l2_an_adverse_exit_on_saturday_is_late_by_15_minutes_and_does_not_pause() -> None:
    story = leaver(exit_type="ADVERSE")
    story.created("2026-02-14T07:10")
    story.paused("2026-02-14T07:20")
    story.reached("2026-02-14T08:25", "FULFILLED")
    reading = read(story, "2026-02-14T10:00")

    assert reading.due_at == story.at("2026-02-14T08:10"), "L2 due"
    assert reading.breach_at == story.at("2026-02-14T08:10"), "L2 breached"
    assert late_by(reading) == timedelta(minutes=15), "L2 by 15 min"


@pytest.mark.parametrize(
    ("row", "done", "met", "early", "breach"),
    [
        ("L3", "2026-02-27T17:05", True, False, None),
        ("L4", "2026-02-27T11:30", False, True, None),
        ("L5", "2026-02-28T09:00", False, False, "2026-02-27T23:59:59"),
    ],
)
def test_a_friendly_exit_is_done_at_the_end_of_the_last_day(row: str, done: str, met: bool, early: bool, breach: str | None) -> None:  # noqa: FBT001
    story = leaver(exit_type="FRIENDLY", last_day="2026-02-27")
    story.created("2026-02-20T10:00")
    story.reached(done, "FULFILLED")
    reading = read(story, "2026-03-02T12:00")

    assert reading.due_at == story.at("2026-02-27T23:59:59"), f"{row} due"
    assert reading.plan is not None
    assert reading.plan.not_before == story.at("2026-02-27T17:00").timestamp() * 1e6, f"{row} window opens 17:00"
    assert (reading.met, reading.executed_early) == (met, early), f"{row} verdict"
    assert reading.breach_at == (story.at(breach) if breach else None), f"{row} breach_at"


def test_l6_a_friendly_exit_that_turns_adverse_starts_at_the_change() -> None:
    story = leaver(exit_type="FRIENDLY", last_day="2026-02-27")
    story.created("2026-02-20T10:00")
    story.changed("2026-02-25T13:20", exit_type="ADVERSE")
    changed = read(story, "2026-02-25T13:21")
    story.reached("2026-02-25T13:50", "FULFILLED")
    done = read(story, "2026-02-25T15:00")

    assert changed.due_at == story.at("2026-02-25T14:20"), "L6 due"
    assert changed.started_at == story.at("2026-02-25T13:20"), "L6 starts at the moment the exit became adverse"
    assert done.met, "L6 met"


def test_d1_a_device_purchased_and_shipped_within_the_week_is_met() -> None:
    story = order()
    story.created("2026-02-05T11:20")
    story.reached("2026-02-06T13:00", "PURCHASED")
    half = read(story, "2026-02-07T12:00")
    story.reached("2026-02-11T16:00", "SHIPPED")
    done = read(story, "2026-02-13T12:00")

    assert half.state is ClockState.RUNNING, "D1 purchased alone does not complete it"
    assert done.due_at == story.at("2026-02-12T11:20"), "D1 due"
    assert done.met, "D1 met"


def test_d2_a_device_purchased_only_is_breached() -> None:
    story = order()
    story.created("2026-02-05T11:20")
    story.reached("2026-02-06T13:00", "PURCHASED")

    assert read(story, "2026-02-20T12:00").breach_at == story.at("2026-02-12T11:20"), "D2 breached Thu 12 Feb 11:20"


def test_d3_the_week_over_the_clock_change_keeps_its_wall_clock_time() -> None:
    story = order()
    story.created("2026-03-25T10:00")
    story.reached("2026-03-26T10:00", "PURCHASED")
    story.reached("2026-04-01T09:59+02:00", "SHIPPED")
    reading = read(story, "2026-04-02T12:00")

    assert reading.due_at == story.at("2026-04-01T10:00+02:00"), "D3 due"
    assert reading.spent == timedelta(hours=166, minutes=59), "D3 elapsed"
    assert reading.met, "D3 met"


async def test_l1_on_the_engine_pages_the_person_on_call_when_the_exit_is_reported(world: World) -> None:
    story = leaver(exit_type="ADVERSE")
    story.created("2026-02-10T19:42")
    async with world.workers():
        process = await world.start(story, [example("user-termination")], now="2026-02-10T19:42")
        await process.send(story.reached("2026-02-10T20:05", "FULFILLED"))

        assert await process.result() == {"fulfilment": "MET"}, "L1 met"

    [page] = world.notifier.sent
    assert page.recipients == ("ON_CALL",), "L1 on-call paged"


async def test_l6_on_the_engine_pages_at_the_change_and_never_breaches(world: World) -> None:
    story = leaver(exit_type="FRIENDLY", last_day="2026-02-27")
    story.created("2026-02-20T10:00")
    async with world.workers():
        process = await world.start(story, [example("user-termination")], now="2026-02-25T13:00")
        await process.send(story.changed("2026-02-25T13:20", exit_type="ADVERSE"))
        await process.send(story.reached("2026-02-25T13:50", "FULFILLED"))

        assert await process.result() == {"fulfilment": "MET"}, "L6 met against the new target"

    assert [notice.recipients for notice in world.notifier.sent if notice.recipients == ("ON_CALL",)] == [("ON_CALL",)]
    assert not [record for record in world.milestones.records.values() if record.kind == "BREACH"]


async def test_d2_on_the_engine_is_breached_and_ends_when_the_order_is_cancelled(world: World) -> None:
    story = order()
    story.created("2026-02-05T11:20")
    async with world.workers():
        process = await world.start(story, [example("device-order")], now="2026-02-05T11:20")
        await process.send(story.reached("2026-02-06T13:00", "PURCHASED"))
        await process.until("2026-02-12T11:21")
        await process.send(story.tell("2026-02-12T12:00", EventKind.CANCELLED, reason="WITHDRAWN"))

        assert await process.result() == {"fulfilment": "CANCELLED BREACHED"}

    breach = world.milestones.records[f"ticket:test:{story.ticket.ticket_id}:fulfilment:breach:0"]
    assert breach.at == story.at("2026-02-12T11:20"), "D2 breached Thu 12 Feb 11:20"
