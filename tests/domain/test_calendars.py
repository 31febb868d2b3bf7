"""Calendars by example: edges, holidays, exceptions, and what is refused."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import workclock
from pydantic import ValidationError

from domain.calendar_definitions import CalendarDefinition
from domain.calendars import ServiceCalendar, Span
from domain.errors import BadInput, CalendarNeverOpens, NaiveTime, NoBusinessDay

WARSAW = ZoneInfo("Europe/Warsaw")
H, M = timedelta(hours=1), timedelta(minutes=1)
OFFICE = {day: ["08:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}


def calendar(**parts: Any) -> ServiceCalendar:
    return ServiceCalendar(CalendarDefinition.model_validate({"calendar": "c", "time_zone": "Europe/Warsaw", "weekly": OFFICE} | parts))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=WARSAW)


def test_a_budget_used_up_at_closing_is_due_at_closing() -> None:
    assert calendar().due(at("2026-03-16 08:00"), 9 * H) == at("2026-03-16 17:00")


def test_a_minute_more_is_due_a_minute_after_the_next_opening() -> None:
    assert calendar().due(at("2026-03-16 16:30"), 31 * M) == at("2026-03-17 08:01")


def test_the_lunch_break_does_not_count() -> None:
    split = calendar(weekly={"mon": ["08:00-12:00", "13:00-17:00"], "tue": ["08:00-12:00"]})

    assert split.due(at("2026-03-16 11:00"), 2 * H) == at("2026-03-16 14:00")
    assert split.due(at("2026-03-16 11:00"), H) == at("2026-03-16 12:00")


def test_intervals_that_touch_count_as_one() -> None:
    touching = calendar(weekly={"mon": ["08:00-12:00", "12:00-24:00"], "tue": ["00:00-02:00"]})

    assert touching.open_spans(at("2026-03-16 00:00"), at("2026-03-18 00:00")) == [
        Span(at("2026-03-16 08:00").astimezone(UTC), at("2026-03-17 02:00").astimezone(UTC))
    ]


def test_a_holiday_ends_the_shift_that_runs_into_it_at_midnight_and_closes_nothing_more() -> None:
    nights = calendar(weekly={"thu": ["22:00-06:00"], "fri": ["22:00-06:00"]}, holidays=["2026-03-20"])

    assert nights.elapsed(at("2026-03-19 12:00"), at("2026-03-20 12:00")) == 2 * H
    assert nights.elapsed(at("2026-03-20 12:00"), at("2026-03-21 12:00")) == 6 * H, "the date after keeps the tail of Friday's shift"


def test_an_exception_replaces_the_hours_that_start_on_its_date() -> None:
    excepted = calendar(exceptions={"2026-03-16": ["10:00-12:00"], "2026-03-17": [], "2026-03-21": ["09:00-10:00"]})

    assert excepted.elapsed(at("2026-03-16 00:00"), at("2026-03-17 00:00")) == 2 * H
    assert excepted.elapsed(at("2026-03-17 00:00"), at("2026-03-18 00:00")) == timedelta()
    assert excepted.elapsed(at("2026-03-21 00:00"), at("2026-03-22 00:00")) == H


def test_on_a_holiday_an_exception_has_no_effect() -> None:
    both = calendar(holidays=["2026-03-16"], exceptions={"2026-03-16": ["10:00-12:00"]})

    assert both.elapsed(at("2026-03-16 00:00"), at("2026-03-17 00:00")) == timedelta()


def test_overlapping_pauses_count_once() -> None:
    pauses = [Span(at("2026-03-16 09:00"), at("2026-03-16 11:00")), Span(at("2026-03-16 10:00"), at("2026-03-16 12:00"))]

    assert calendar().due(at("2026-03-16 08:00"), 2 * H, pauses) == at("2026-03-16 13:00")
    assert calendar().elapsed(at("2026-03-16 08:00"), at("2026-03-16 13:00"), pauses) == 2 * H


def test_microseconds_are_kept() -> None:
    start = at("2026-03-16 16:59:59.999999")

    assert calendar().due(start, timedelta(microseconds=2)) == at("2026-03-17 08:00:00.000001")


@pytest.mark.parametrize("year", [1935, 2400, 9000])
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


def test_the_business_day_is_the_common_length_of_the_open_days_or_as_stated() -> None:
    assert calendar().business_day == 9 * H
    assert calendar(business_day="8h").business_day == 8 * H
    with pytest.raises(NoBusinessDay):
        _ = calendar(weekly=OFFICE | {"sat": ["09:00-14:00"]}).business_day


def test_a_calendar_of_unequal_days_still_counts_everything_else() -> None:
    assert calendar(weekly=OFFICE | {"sat": ["09:00-14:00"]}).due(at("2026-03-20 16:00"), 2 * H) == at("2026-03-21 10:00")


def test_close_of_a_closed_date_is_its_first_instant() -> None:
    assert calendar().close_of_date(date(2026, 3, 21)) == at("2026-03-21 00:00")
    assert calendar().close_of_date(date(2026, 3, 20)) == at("2026-03-20 17:00")


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ({"weekly": {"mon": ["08:00-12:00", "11:00-13:00"]}}, "mon: 08:00-12:00 and 11:00-13:00 overlap"),
        ({"weekly": {"fri": ["22:00-06:00"], "sat": ["05:00-09:00"]}}, "fri 22:00-06:00 runs into sat 05:00-09:00"),
        ({"weekly": {"sun": ["22:00-06:00"], "mon": ["05:00-09:00"]}}, "sun 22:00-06:00 runs into mon 05:00-09:00"),
        ({"exceptions": {"2026-03-16": ["08:00-12:00", "08:00-09:00"]}}, "2026-03-16: .* overlap"),
        ({"weekly": {"mon": ["08:00-08:00"]}}, "has no length"),
        ({"weekly": {"mon": ["8:00-17:00"]}}, "is no interval"),
        ({"weekly": {"mon": ["08:00-25:00"]}}, "is no interval"),
        ({"weekly": {"mon": ["24:00-08:00"]}}, "is no interval"),
        ({"weekly": {"monday": ["08:00-17:00"]}}, "monday"),
        ({"time_zone": "Mars/Olympus"}, "is no time zone"),
        ({"time_zone": "../../etc/passwd"}, "is no time zone"),
        ({"weekly": {}}, "never opens"),
        ({"business_day": "25h"}, "longer than a day"),
        ({"holidays": ["2026-02-30"]}, "date"),
        ({"hours": {}}, "Extra inputs"),
    ],
)
def test_a_calendar_that_contradicts_itself_cannot_be_built(damage: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        calendar(**damage)


def test_a_calendar_that_never_opens_again_is_a_named_error_and_no_endless_loop() -> None:
    once = calendar(weekly={}, exceptions={"2026-03-16": ["08:00-09:00"]})

    with pytest.raises(CalendarNeverOpens):
        once.due(at("2026-03-16 08:30"), H)
    with pytest.raises(CalendarNeverOpens):
        once.close_of_next_business_day(at("2026-03-17 08:30"))


@pytest.mark.parametrize("budget", [timedelta(), -H])
def test_a_budget_of_nothing_is_refused(budget: timedelta) -> None:
    with pytest.raises(BadInput, match="more than zero"):
        calendar().due(at("2026-03-16 08:00"), budget)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(NaiveTime):
        calendar().due(datetime(2026, 3, 16, 8), H)


def test_an_end_before_its_start_is_refused() -> None:
    with pytest.raises(BadInput, match="before the start"):
        calendar().elapsed(at("2026-03-17 08:00"), at("2026-03-16 08:00"))
    with pytest.raises(BadInput, match="ends before it starts"):
        calendar().due(at("2026-03-16 08:00"), H, [Span(at("2026-03-17 08:00"), at("2026-03-16 08:00"))])
