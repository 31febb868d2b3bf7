"""What calendars refuse, by name and in time."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from pydantic import ValidationError

from domain.calendars import ServiceCalendar
from domain.errors import BadInput, CalendarNeverOpens, NaiveTime, ServandaError
from domain.spans import Span
from tests.domain.calendars import WARSAW, H, M, at, calendar


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
        ({"time_zone": ""}, "is no time zone"),
        ({"weekly": {"mon": ["08:00"]}}, "is no interval"),
        ({"weekly": {"mon": ["08:60-17:00"]}}, "is no interval"),
        ({"weekly": {"mon": ["00:00-00:00"]}}, "has no length"),
        ({"exceptions": {"2026-03-16": ["08:00-08:00"]}}, "has no length"),
        ({"exceptions": {"16.03.2026": ["08:00-09:00"]}}, "date"),
        ({"calendar": ""}, "at least 1 character"),
        ({"weekly": {}}, "never opens"),
        ({"weekly": {"mon": []}, "exceptions": {"2026-03-16": []}}, "never opens"),
        ({"business_day": "0h"}, "more than zero"),
        ({"business_day": 8}, "has no unit"),
        ({"business_day": "25h"}, "longer than a day"),
        ({"holidays": ["2026-02-30"]}, "date"),
        ({"hours": {}}, "Extra inputs"),
    ],
)
def test_a_calendar_that_contradicts_itself_cannot_be_built(damage: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        calendar(**damage)


@pytest.mark.timeout(30)
def test_a_calendar_that_never_opens_again_is_a_named_error_and_no_endless_loop() -> None:
    once = calendar(weekly={}, exceptions={"2026-03-16": ["08:00-09:00"]})

    with pytest.raises(CalendarNeverOpens):
        once.due(at("2026-03-16 08:30"), H)
    with pytest.raises(CalendarNeverOpens):
        once.close_of_next_business_day(at("2026-03-17 08:30"))


@pytest.mark.timeout(30)
def test_holidays_that_close_the_only_opening_are_a_named_error_too() -> None:
    closed = calendar(weekly={}, exceptions={"2026-03-16": ["08:00-09:00"]}, holidays=["2026-03-16"])

    with pytest.raises(CalendarNeverOpens):
        closed.due(at("2026-03-01 08:30"), M)


@pytest.mark.timeout(30)
def test_a_calendar_opens_again_or_not_whatever_was_asked_before() -> None:
    definition: dict[str, Any] = {"weekly": {}, "exceptions": {"2130-03-16": ["08:00-09:00"]}}
    fresh, used = calendar(**definition), calendar(**definition)
    used.due(at("2130-03-16 08:00"), M)

    assert _answer(fresh) == _answer(used)


def _answer(tested: ServiceCalendar) -> datetime | type[CalendarNeverOpens]:
    try:
        return tested.due(at("2026-03-16 08:00"), M)
    except CalendarNeverOpens:
        return CalendarNeverOpens


@pytest.mark.parametrize("budget", [timedelta(), -H, timedelta(microseconds=-1)])
def test_a_budget_of_nothing_is_refused(budget: timedelta) -> None:
    with pytest.raises(BadInput, match="more than zero"):
        calendar().due(at("2026-03-16 08:00"), budget)


NAIVE, AWARE = datetime(2026, 3, 16, 8), at("2026-03-16 08:00")

Question = Callable[[ServiceCalendar], object]

QUESTIONS: dict[str, Question] = {
    "due": lambda tested: tested.due(NAIVE, H),
    "due with a pause": lambda tested: tested.due(AWARE, H, [Span(AWARE, NAIVE)]),
    "elapsed from": lambda tested: tested.elapsed(NAIVE, AWARE),
    "elapsed until": lambda tested: tested.elapsed(AWARE, NAIVE),
    "elapsed with a pause": lambda tested: tested.elapsed(AWARE, AWARE, [Span(NAIVE, AWARE)]),
    "covers": lambda tested: tested.covers(NAIVE),
    "open spans": lambda tested: tested.open_spans(AWARE, NAIVE),
    "next business day": lambda tested: tested.close_of_next_business_day(NAIVE),
    "days later": lambda tested: tested.same_time_days_later(NAIVE, 1),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_time_without_a_zone_is_refused(question: str) -> None:
    with pytest.raises(NaiveTime):
        QUESTIONS[question](calendar())


FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)

EDGES: dict[str, Question] = {
    "due from the first year": lambda tested: tested.due(FIRST, H),
    "due from year 2": lambda tested: tested.due(datetime(2, 6, 1, 8, tzinfo=UTC), H),
    "due from the last year": lambda tested: tested.due(LAST, H),
    "due from before the first UTC instant": lambda tested: tested.due(datetime.min.replace(tzinfo=timezone(H)), H),
    "due from after the last UTC instant": lambda tested: tested.due(datetime.max.replace(tzinfo=timezone(-H)), H),
    "elapsed until after the last UTC instant": lambda tested: tested.elapsed(AWARE, datetime.max.replace(tzinfo=timezone(-H))),
    "covers the first instant": lambda tested: tested.covers(FIRST),
    "covers the last instant": lambda tested: tested.covers(LAST),
    "close of the first date": lambda tested: tested.close_of_date(date.min),
    "close of the last date": lambda tested: tested.close_of_date(date.max),
    "ten years after the last year": lambda tested: tested.same_time_days_later(LAST, 3660),
}


@pytest.mark.parametrize("edge", EDGES)
def test_a_year_too_far_away_is_answered_or_refused_by_name(edge: str) -> None:
    with suppress(ServandaError):
        EDGES[edge](calendar())


def test_an_end_before_its_start_is_refused() -> None:
    with pytest.raises(BadInput, match="before the start"):
        calendar().elapsed(at("2026-03-17 08:00"), at("2026-03-16 08:00"))
    with pytest.raises(BadInput, match="ends before it starts"):
        calendar().due(at("2026-03-16 08:00"), H, [Span(at("2026-03-17 08:00"), at("2026-03-16 08:00"))])


def test_years_far_apart_are_asked_of_one_calendar_quickly() -> None:
    tested = calendar()

    for year in (2026, 9000, 2026, 100, 9990):
        monday = datetime(year, 6, 1, 8, tzinfo=WARSAW)
        monday += timedelta(days=-monday.weekday() % 7)
        assert tested.due(monday, 9 * H) == monday + 9 * H
    with pytest.raises(BadInput, match="at most 400 years"):
        tested.elapsed(at("2026-03-16 08:00"), datetime(9000, 6, 1, tzinfo=WARSAW))


@pytest.mark.timeout(30)
def test_a_pause_into_a_far_year_is_refused_and_one_of_centuries_is_answered_whatever_was_asked_before() -> None:
    tested, start = calendar(), at("2026-03-16 08:00")
    tested.elapsed(at("1700-06-01 08:00"), start)

    assert tested.due(start, H, [Span(start, at("2300-01-04 08:00"))]) == at("2300-01-04 09:00")
    with pytest.raises(BadInput, match="at most 400 years"):
        tested.due(start, H, [Span(start, at("9000-06-01 08:00"))])


@pytest.mark.parametrize("year", [2, 9997])
def test_a_year_too_far_away_is_refused_whatever_was_asked_before(year: int) -> None:
    tested, before = calendar(), {2: 3, 9997: 9996}[year]
    tested.due(datetime(before, 6, 1, 8, tzinfo=WARSAW), H)

    with pytest.raises(BadInput, match="the years 3 to 9996"):
        tested.due(datetime(year, 6, 1, 8, tzinfo=WARSAW), H)
    with pytest.raises(BadInput, match="the years 3 to 9996"):
        tested.elapsed(datetime(year, 6, 1, 8, tzinfo=WARSAW), datetime(year, 6, 1, 9, tzinfo=WARSAW))
