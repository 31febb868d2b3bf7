"""Business days, dates and days later by example."""

from datetime import date, datetime

import pytest

from domain.errors import NoBusinessDay
from tests.domain.calendars import OFFICE, H, at, calendar


def test_an_exception_that_runs_into_the_hours_of_the_next_date_keeps_them_open_longer() -> None:
    long = calendar(exceptions={"2026-03-17": ["22:00-20:00"]})

    assert long.elapsed(at("2026-03-18 00:00"), at("2026-03-19 00:00")) == 20 * H
    assert long.close_of_next_business_day(at("2026-03-16 10:00")) == at("2026-03-18 20:00")
    assert long.close_of_next_business_day(at("2026-03-17 23:00")) == at("2026-03-18 20:00")
    assert long.close_of_next_business_day(at("2026-03-18 20:00")) == at("2026-03-20 17:00")


def test_a_holiday_is_no_business_day_even_if_its_shift_is_open_after_midnight() -> None:
    nights = calendar(weekly={"thu": ["22:00-06:00"], "fri": ["22:00-06:00"], "mon": ["22:00-06:00"]}, holidays=["2026-03-20"])

    assert nights.covers(at("2026-03-21 05:00"))
    assert nights.close_of_next_business_day(at("2026-03-19 10:00")) == at("2026-03-24 06:00")
    assert nights.close_of_date(date(2026, 3, 20)) == at("2026-03-20 00:00")


def test_the_business_day_is_the_common_length_of_the_open_days_or_as_stated() -> None:
    assert calendar().business_day == 9 * H
    assert calendar(business_day="8h").business_day == 8 * H
    with pytest.raises(NoBusinessDay):
        _ = calendar(weekly=OFFICE | {"sat": ["09:00-14:00"]}).business_day
    with pytest.raises(NoBusinessDay):
        _ = calendar(weekly={}, exceptions={"2026-03-16": ["08:00-09:00"]}).business_day


def test_a_business_day_is_its_intervals_together_whatever_the_clock_change_does() -> None:
    split = {"mon": ["08:00-12:00", "13:00-17:00"], "sat": ["22:00-06:00"]}

    assert calendar(weekly=split).business_day == 8 * H


def test_close_of_a_closed_date_is_its_first_instant() -> None:
    assert calendar().close_of_date(date(2026, 3, 21)) == at("2026-03-21 00:00")
    assert calendar().close_of_date(date(2026, 3, 20)) == at("2026-03-20 17:00")


@pytest.mark.parametrize(
    ("logged", "close"),
    [
        ("2026-03-16 05:00", "2026-03-17 17:00"),
        ("2026-03-16 16:59:59.999999", "2026-03-17 17:00"),
        ("2026-03-16 17:00", "2026-03-18 17:00"),
        ("2026-03-20 16:59", "2026-03-24 17:00"),
        ("2026-03-21 12:00", "2026-03-25 17:00"),
    ],
    ids=["before opening", "before closing", "at closing", "the day before a holiday", "on Saturday before a holiday"],
)
def test_the_next_business_day_closes_a_day_after_the_one_not_closed_yet(logged: str, close: str) -> None:
    assert calendar(holidays=["2026-03-23"]).close_of_next_business_day(at(logged)) == at(close)


def test_a_business_day_with_a_lunch_break_closes_once_and_one_past_midnight_in_the_morning() -> None:
    split = calendar(weekly={"mon": ["08:00-12:00", "13:00-17:00"], "tue": ["08:00-12:00"]})
    nights = calendar(weekly={"mon": ["22:00-06:00"], "tue": ["22:00-06:00"]})

    assert split.close_of_next_business_day(at("2026-03-16 12:30")) == at("2026-03-17 12:00")
    assert nights.close_of_next_business_day(at("2026-03-17 05:00")) == at("2026-03-18 06:00")


@pytest.mark.parametrize(("ahead", "close"), [(0, "2026-03-20 17:00"), (1, "2026-03-23 17:00"), (5, "2026-03-27 17:00")])
def test_business_days_are_counted_ahead(ahead: int, close: str) -> None:
    assert calendar().close_of_business_day(at("2026-03-20 10:00"), ahead) == at(close)


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        ("2026-03-25T10:00+01:00", 7, "2026-04-01T10:00+02:00"),
        ("2026-10-20T10:00+02:00", 7, "2026-10-27T10:00+01:00"),
        ("2026-03-22T02:30+01:00", 7, "2026-03-29T03:30+02:00"),
        ("2026-10-18T02:30+02:00", 7, "2026-10-25T02:30+02:00"),
        ("2026-10-25T02:30+01:00", 154, "2027-03-28T03:30+02:00"),
    ],
    ids=["spring", "autumn", "into the skipped hour", "into the repeated hour", "from the repeated into the skipped hour"],
)
def test_days_later_is_the_same_wall_clock_time(start: str, days: int, due: str) -> None:
    assert calendar().same_time_days_later(datetime.fromisoformat(start), days) == datetime.fromisoformat(due)


def test_a_day_later_on_a_date_that_was_left_out_is_the_date_after() -> None:
    samoa = calendar(time_zone="Pacific/Apia")

    assert samoa.same_time_days_later(datetime.fromisoformat("2011-12-29T10:00-10:00"), 1) == datetime.fromisoformat(
        "2011-12-31T10:00+14:00"
    )
