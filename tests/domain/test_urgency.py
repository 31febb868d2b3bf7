"""When somebody is told: quiet hours and digests, by the receiver's calendar."""

from datetime import datetime

import pytest

from domain.effects import Notice
from domain.people import NoticePreferences
from domain.urgency import is_gathered, waits_until
from tests.domain.drafts import catalogue

CALENDAR = catalogue().calendar
"""Monday to Friday 08:00 to 17:00, Europe/Warsaw, with the Polish holidays."""

NIGHTS = {day: ["18:00-07:00"] for day in ("mon", "tue", "wed", "thu")}
WEEKEND = {"fri": ["18:00-24:00"], "sat": ["00:00-24:00"], "sun": ["00:00-24:00"], "mon": ["00:00-07:00"]}


def notice(phrase: str | None) -> Notice:
    return Notice(key="k", recipients=("M1",), subject="s", body="b", phrase=phrase)


def until(phrase: str | None, now: str, **wanted: object) -> str | None:
    found = waits_until(notice(phrase), NoticePreferences.model_validate(wanted), CALENDAR, datetime.fromisoformat(now))
    return found.astimezone(datetime.fromisoformat(now).tzinfo).isoformat() if found is not None else None


def test_without_a_wish_everything_comes_at_once() -> None:
    assert until("task_reminder", "2026-03-17T23:00+01:00") is None


@pytest.mark.parametrize("phrase", ["ticket_breach", "ticket_escalation", "ticket_page", "task_escalation", None])
def test_what_is_urgent_or_unknown_comes_at_once_in_the_night_too(phrase: str | None) -> None:
    assert until(phrase, "2026-03-17T23:00+01:00", quiet="OUTSIDE_CALENDAR", digest=True) is None


def test_outside_the_calendar_a_warning_waits_for_the_opening() -> None:
    assert until("ticket_warning", "2026-03-17T23:00+01:00", quiet="OUTSIDE_CALENDAR") == "2026-03-18T08:00:00+01:00"
    assert until("ticket_warning", "2026-03-17T09:00+01:00", quiet="OUTSIDE_CALENDAR") is None
    assert until("ticket_warning", "2026-04-03T18:00+02:00", quiet="OUTSIDE_CALENDAR") == "2026-04-07T08:00:00+02:00", "Easter"


def test_quiet_hours_of_ones_own_end_by_the_persons_clock() -> None:
    weekly = {"weekly": NIGHTS | {"fri": ["18:00-24:00"]}}

    assert until("task_opened", "2026-03-17T23:00+01:00", quiet=weekly) == "2026-03-18T07:00:00+01:00"
    assert until("task_opened", "2026-03-17T12:00+01:00", quiet=weekly) is None
    london = weekly | {"time_zone": "Europe/London"}
    assert until("task_opened", "2026-03-17T23:00+01:00", quiet=london) == "2026-03-18T08:00:00+01:00", "07:00 there"


def test_quiet_hours_that_touch_are_one() -> None:
    assert until("task_opened", "2026-03-20T19:00+01:00", quiet={"weekly": WEEKEND}) == "2026-03-23T07:00:00+01:00"


def test_the_night_that_clocks_change_is_quiet_until_seven_all_the_same() -> None:
    assert until("task_opened", "2026-03-28T23:00+01:00", quiet={"weekly": {"sat": ["22:00-07:00"]}}) == "2026-03-29T06:00:00+01:00"


def test_who_is_never_to_be_told_is_told_within_a_week() -> None:
    always = {day: ["00:00-24:00"] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}

    assert until("task_opened", "2026-03-17T12:00+01:00", quiet={"weekly": always}) == "2026-03-24T12:00:00+01:00"


def test_a_digest_comes_once_a_business_day_at_the_opening() -> None:
    assert until("task_reminder", "2026-03-17T00:10+01:00", digest=True) == "2026-03-18T08:00:00+01:00"
    assert until("task_reminder", "2026-03-17T23:50+01:00", digest=True) == "2026-03-18T08:00:00+01:00"
    assert until("report", "2026-04-03T12:00+02:00", digest=True) == "2026-04-07T08:00:00+02:00"
    assert until("report", "2026-03-17T12:00+01:00", digest=True, quiet={"weekly": {"wed": ["00:00-09:00"]}}) == "2026-03-18T09:00:00+01:00"


def test_what_asks_for_something_the_first_time_comes_by_itself() -> None:
    wanted = NoticePreferences(digest=True)

    assert [is_gathered(notice(phrase), wanted) for phrase in ("task_opened", "survey", "task_escalation", None)] == [False] * 4
    assert [is_gathered(notice(phrase), wanted) for phrase in ("task_reminder", "report", "credit", "ticket_warning")] == [True] * 4
