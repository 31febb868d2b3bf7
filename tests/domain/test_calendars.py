"""Calendars by example: edges, clock changes, holidays, exceptions, pauses."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
import workclock

from domain.calendars import ServiceCalendar
from domain.spans import Span
from tests.domain.calendars import AROUND_THE_CLOCK, OFFICE, WARSAW, H, M, at, calendar


def test_a_budget_used_up_at_closing_is_due_at_closing() -> None:
    assert calendar().due(at("2026-03-16 08:00"), 9 * H) == at("2026-03-16 17:00")


def test_a_minute_more_is_due_a_minute_after_the_next_opening() -> None:
    assert calendar().due(at("2026-03-16 16:30"), 31 * M) == at("2026-03-17 08:01")


@pytest.mark.parametrize(
    ("start", "budget", "due"),
    [
        ("2026-03-16 16:30", 90 * M, "2026-03-17 09:00"),
        ("2026-03-16 17:00", M, "2026-03-17 08:01"),
        ("2026-03-16 05:00", M, "2026-03-16 08:01"),
        ("2026-03-20 17:00", 9 * H, "2026-03-23 17:00"),
        ("2026-03-16 08:00", 500 * H, "2026-06-01 13:00"),
    ],
)
def test_what_is_left_at_closing_is_used_from_the_next_opening(start: str, budget: timedelta, due: str) -> None:
    assert calendar().due(at(start), budget) == at(due)


@pytest.mark.parametrize(
    ("instant", "covered"),
    [
        ("2026-03-16 07:59:59.999999", False),
        ("2026-03-16 08:00", True),
        ("2026-03-16 16:59:59.999999", True),
        ("2026-03-16 17:00", False),
        ("2026-03-21 12:00", False),
    ],
)
def test_an_interval_holds_its_opening_and_not_its_closing(instant: str, *, covered: bool) -> None:
    assert calendar().covers(at(instant)) is covered


def test_the_lunch_break_does_not_count() -> None:
    split = calendar(weekly={"mon": ["08:00-12:00", "13:00-17:00"], "tue": ["08:00-12:00"]})

    assert split.due(at("2026-03-16 11:00"), 2 * H) == at("2026-03-16 14:00")
    assert split.due(at("2026-03-16 11:00"), H) == at("2026-03-16 12:00")


def test_intervals_that_touch_count_as_one() -> None:
    touching = calendar(weekly={"mon": ["08:00-12:00", "12:00-24:00"], "tue": ["00:00-02:00"]})

    assert touching.open_spans(at("2026-03-16 00:00"), at("2026-03-18 00:00")) == [
        Span(at("2026-03-16 08:00").astimezone(UTC), at("2026-03-17 02:00").astimezone(UTC))
    ]


def test_an_interval_may_end_at_midnight() -> None:
    late = calendar(weekly={"mon": ["20:00-24:00"]})

    assert late.due(at("2026-03-16 22:00"), 2 * H) == at("2026-03-17 00:00")
    assert late.covers(at("2026-03-16 23:59:59.999999"))
    assert not late.covers(at("2026-03-17 00:00"))


@pytest.mark.parametrize(
    ("instant", "covered"),
    [
        ("2026-03-20 05:59", False),
        ("2026-03-20 22:00", True),
        ("2026-03-21 05:59:59.999999", True),
        ("2026-03-21 06:00", False),
        ("2026-03-21 22:00", False),
    ],
)
def test_a_shift_past_midnight_belongs_to_the_day_it_starts_on(instant: str, *, covered: bool) -> None:
    assert calendar(weekly={"fri": ["22:00-06:00"]}).covers(at(instant)) is covered


@pytest.mark.parametrize(
    ("saturday", "night", "day"), [("2026-03-28", 7, 23), ("2026-10-24", 9, 25), ("2026-06-06", 8, 24)], ids=["spring", "autumn", "summer"]
)
def test_nights_and_days_are_as_long_as_the_clock_change_makes_them(saturday: str, night: int, day: int) -> None:
    nights, always = calendar(weekly={"sat": ["22:00-06:00"]}), calendar(weekly=AROUND_THE_CLOCK)
    sunday, monday = (date.fromisoformat(saturday) + timedelta(days=ahead) for ahead in (1, 2))

    assert nights.due(at(f"{saturday} 22:00"), night * H) == at(f"{sunday} 06:00")
    assert always.elapsed(at(f"{sunday} 00:00"), at(f"{monday} 00:00")) == day * H


@pytest.mark.parametrize(("sunday", "length"), [("2026-03-29", timedelta()), ("2026-10-25", 2 * H), ("2026-06-07", H)])
def test_a_skipped_hour_adds_nothing_and_a_repeated_hour_adds_twice(sunday: str, length: timedelta) -> None:
    small_hours = calendar(weekly={"sun": ["02:00-03:00"]})

    assert small_hours.elapsed(at(f"{sunday} 00:00"), at(f"{sunday} 12:00")) == length


def test_a_holiday_ends_the_shift_that_runs_into_it_at_midnight_and_closes_nothing_more() -> None:
    nights = calendar(weekly={"thu": ["22:00-06:00"], "fri": ["22:00-06:00"]}, holidays=["2026-03-20"])

    assert nights.elapsed(at("2026-03-19 12:00"), at("2026-03-20 12:00")) == 2 * H
    assert nights.elapsed(at("2026-03-20 12:00"), at("2026-03-21 12:00")) == 6 * H, "the date after keeps the tail of Friday's shift"


def test_an_exception_replaces_the_hours_that_start_on_its_date() -> None:
    excepted = calendar(exceptions={"2026-03-16": ["10:00-12:00"], "2026-03-17": [], "2026-03-21": ["09:00-10:00"]})

    assert excepted.elapsed(at("2026-03-16 00:00"), at("2026-03-17 00:00")) == 2 * H
    assert excepted.elapsed(at("2026-03-17 00:00"), at("2026-03-18 00:00")) == timedelta()
    assert excepted.elapsed(at("2026-03-21 00:00"), at("2026-03-22 00:00")) == H


def test_an_exception_leaves_the_tail_of_the_shift_before_it() -> None:
    nights = calendar(weekly={"thu": ["22:00-06:00"], "fri": ["22:00-06:00"]}, exceptions={"2026-03-20": []})

    assert nights.elapsed(at("2026-03-19 12:00"), at("2026-03-21 12:00")) == 8 * H


def test_an_exception_may_pass_midnight() -> None:
    once = calendar(exceptions={"2026-03-21": ["23:00-02:00"]})

    assert once.due(at("2026-03-20 16:00"), 3 * H) == at("2026-03-22 01:00")


def test_on_a_holiday_an_exception_has_no_effect() -> None:
    both = calendar(holidays=["2026-03-16"], exceptions={"2026-03-16": ["10:00-12:00"]})

    assert both.elapsed(at("2026-03-16 00:00"), at("2026-03-17 00:00")) == timedelta()
    assert not both.covers(at("2026-03-16 11:00"))


def test_overlapping_pauses_count_once() -> None:
    pauses = [Span(at("2026-03-16 09:00"), at("2026-03-16 11:00")), Span(at("2026-03-16 10:00"), at("2026-03-16 12:00"))]

    assert calendar().due(at("2026-03-16 08:00"), 2 * H, pauses) == at("2026-03-16 13:00")
    assert calendar().elapsed(at("2026-03-16 08:00"), at("2026-03-16 13:00"), pauses) == 2 * H


@pytest.mark.parametrize(
    ("pause", "due"),
    [
        (("2026-03-16 09:00", "2026-03-16 10:00"), "2026-03-16 11:00"),
        (("2026-03-15 09:00", "2026-03-16 09:00"), "2026-03-16 11:00"),
        (("2026-03-14 09:00", "2026-03-16 08:00"), "2026-03-16 10:00"),
        (("2026-03-16 10:00", "2026-03-17 12:00"), "2026-03-16 10:00"),
        (("2026-03-16 09:30", "2026-03-16 09:30"), "2026-03-16 10:00"),
        (("2026-03-16 09:30", "2026-03-17 08:00"), "2026-03-17 08:30"),
        (("2026-03-16 09:00", "2090-03-16 09:00"), "2090-03-16 10:00"),
    ],
    ids=["inside", "from before the start", "before opening", "from the due instant on", "of no length", "over night", "of 64 years"],
)
def test_a_pause_counts_where_it_meets_open_hours(pause: tuple[str, str], due: str) -> None:
    assert calendar().due(at("2026-03-16 08:00"), 2 * H, [Span(at(pause[0]), at(pause[1]))]) == at(due)


def test_pauses_may_come_in_any_order_touch_and_lie_in_each_other() -> None:
    clock_times = [("12:00", "13:00"), ("09:00", "10:00"), ("10:00", "11:00"), ("12:15", "12:30")]
    pauses = [Span(at(f"2026-03-16 {start}"), at(f"2026-03-16 {end}")) for start, end in clock_times]

    assert calendar().due(at("2026-03-16 08:00"), 3 * H, pauses) == at("2026-03-16 14:00")


def test_microseconds_are_kept() -> None:
    start = at("2026-03-16 16:59:59.999999")

    assert calendar().due(start, timedelta(microseconds=2)) == at("2026-03-17 08:00:00.000001")


@pytest.mark.parametrize("pauses", [[], [Span(at("2300-06-01 07:00"), at("2300-06-01 07:00"))]], ids=["plain", "with a pause"])
def test_microseconds_are_kept_in_far_years_too(pauses: list[Span]) -> None:
    always, start = calendar(weekly=AROUND_THE_CLOCK), at("2300-06-01 08:00:00.123457")

    assert always.due(start, H + timedelta(microseconds=1), pauses) == at("2300-06-01 09:00:00.123458")
    assert always.elapsed(start, at("2300-06-01 09:00:00.123458"), pauses) == H + timedelta(microseconds=1)


@pytest.mark.parametrize("year", [1890, 1935, 2400, 9000])
def test_years_far_away_are_counted_too(year: int) -> None:
    monday = datetime(year, 6, 1, 8, tzinfo=WARSAW)
    monday += timedelta(days=-monday.weekday() % 7)

    assert calendar().due(monday, 9 * H) == monday.replace(hour=17)


def test_five_thousand_hours_are_due_more_than_two_years_later() -> None:
    assert calendar().due(at("2026-03-16 08:00"), 5000 * H) == at("2028-05-01 13:00")


@pytest.mark.parametrize("hours", [1, 8, 9, 40, 500])
@pytest.mark.parametrize("start", ["2026-03-27 15:00", "2026-10-23 16:59", "2026-01-01 00:00", "2026-04-04 12:00"])
def test_a_well_known_library_answers_the_same(start: str, hours: int) -> None:
    day = workclock.WorkDay(time(8), time(17), days=range(5))
    peer = workclock.Schedule([day], time_zone=WARSAW)

    assert calendar().due(at(start), hours * H) == peer.add(at(start), hours * H)
    assert calendar().elapsed(at(start), at("2026-12-01 12:00")) == peer.between(at(start), at("2026-12-01 12:00"))


PEERS: dict[str, tuple[ServiceCalendar, list[Any]]] = {
    "holidays": (
        calendar(holidays=["2026-04-06", "2026-05-01", "2026-11-11"]),
        [workclock.WorkDay(time(8), time(17)), workclock.Holidays([date(2026, 4, 6), date(2026, 5, 1), date(2026, 11, 11)])],
    ),
    "lunch": (
        calendar(weekly={day: ["08:00-12:00", "13:00-17:00"] for day in OFFICE}),
        [workclock.WorkDay(time(8), time(17)), workclock.Break(time(12), time(13))],
    ),
    "nights": (
        calendar(weekly={"fri": ["22:00-06:00"], "sat": ["22:00-06:00"]}, holidays=["2026-04-05"]),
        [workclock.WorkDay(time(22), time(6), days=[4, 5]), workclock.Holidays([date(2026, 4, 5)])],
    ),
}


@pytest.mark.parametrize("minutes", [1, 90, 480, 2401])
@pytest.mark.parametrize("start", ["2026-03-27 15:00", "2026-03-28 23:30", "2026-04-03 14:00", "2026-10-24 22:00", "2026-11-10 16:59"])
@pytest.mark.parametrize("kind", PEERS)
def test_it_answers_the_same_with_breaks_holidays_and_nights(kind: str, start: str, minutes: int) -> None:
    tested, rules = PEERS[kind]
    peer = workclock.Schedule(rules, time_zone=WARSAW)

    assert tested.due(at(start), minutes * M) == peer.add(at(start), minutes * M)
    assert tested.elapsed(at(start), at("2026-12-01 12:00")) == peer.between(at(start), at("2026-12-01 12:00"))


def test_a_calendar_of_unequal_days_still_counts_everything_else() -> None:
    assert calendar(weekly=OFFICE | {"sat": ["09:00-14:00"]}).due(at("2026-03-20 16:00"), 2 * H) == at("2026-03-21 10:00")
