"""Who is asked for their opinion, and when: once a ticket, on the next business day, and nobody too often (R-117, R-118)."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.clocks import ClockState
from domain.spans import Span
from domain.surveys import (
    ClosedTicket,
    Closing,
    CsatVerdict,
    EndedClock,
    SurveyCount,
    SurveyPolicy,
    asked_about,
    closing_of,
    quarter_asked_about,
    survey_figures,
    survey_name,
)
from domain.watermelon import Satisfaction
from tests.domain.calendars import at, calendar

POLICY = SurveyPolicy()
WARSAW = ZoneInfo("Europe/Warsaw")
OFFICE = calendar(holidays=["2026-04-06", "2026-05-01"])


def days_asked(closed: Iterable[ClosedTicket], first: str, last: str, policy: SurveyPolicy = POLICY, times: int = 1) -> dict[str, date]:
    """Which ticket is asked about on which day, if somebody looks every day just after midnight, so often."""
    waiting, asked, last_asked = list(closed), dict[str, date](), dict[str, datetime]()
    day, end = at(f"{first} 00:05"), at(f"{last} 00:05")
    while day <= end:
        known = [each for each in waiting if each.closed_at < day]
        for _ in range(times):
            for each in asked_about([each for each in known if each.ticket not in asked], last_asked, day, OFFICE, policy):
                asked[each.ticket], last_asked[each.person] = day.astimezone(WARSAW).date(), day
        day = OFFICE.same_time_days_later(day, 1)
    return asked


def closed(ticket: str, person: str, local: str) -> ClosedTicket:
    return ClosedTicket(ticket, person, at(local))


@pytest.mark.parametrize(
    ("when", "asked_on"),
    [
        ("2026-03-16 10:00", date(2026, 3, 17)),
        ("2026-03-16 23:59", date(2026, 3, 17)),
        ("2026-03-17 00:00", date(2026, 3, 18)),
        ("2026-03-20 16:00", date(2026, 3, 23)),
        ("2026-03-21 12:00", date(2026, 3, 23)),
        ("2026-04-03 12:00", date(2026, 4, 7)),
        ("2026-04-30 12:00", date(2026, 5, 4)),
    ],
    ids=["Monday", "late on Monday", "at midnight", "Friday", "Saturday", "before Easter", "before a holiday and a weekend"],
)
def test_a_closed_ticket_is_asked_about_on_the_next_business_day(when: str, asked_on: date) -> None:
    assert days_asked([closed("t", "ewa", when)], "2026-03-16", "2026-05-20") == {"t": asked_on}


def test_a_person_is_asked_once_in_fourteen_days_about_the_ticket_closed_first() -> None:
    mine = [closed("b", "ewa", "2026-03-16 11:00"), closed("a", "ewa", "2026-03-16 12:00"), closed("c", "ewa", "2026-03-18 09:00")]
    found = days_asked([*mine, closed("d", "jan", "2026-03-16 12:00")], "2026-03-16", "2026-04-30")

    assert found == {"b": date(2026, 3, 17), "d": date(2026, 3, 17), "c": date(2026, 3, 31)}, "a is older than 14 days when ewa has rested"


@pytest.mark.parametrize(("second", "asked"), [("2026-03-30 12:00", True), ("2026-03-29 12:00", False)])
def test_the_fourteenth_day_after_is_the_first_free_one(second: str, asked: bool) -> None:  # noqa: FBT001
    last = {"ewa": at("2026-03-17 00:05")}
    day = OFFICE.same_time_days_later(at(second), 1)

    assert bool(asked_about([closed("t", "ewa", second)], last, day, OFFICE, POLICY)) is asked


def test_rest_and_freshness_are_policy() -> None:
    often = SurveyPolicy(rest_days=1, fresh_days=2)
    mine = [closed(f"t{n}", "ewa", f"2026-03-1{6 + n} 10:00") for n in range(3)]

    assert len(days_asked(mine, "2026-03-16", "2026-04-10", often)) == 3
    assert days_asked(mine[:1], "2026-03-19", "2026-04-10", often) == {}, "nobody looked in time"


@given(
    facts=st.lists(
        st.tuples(st.sampled_from(["ewa", "jan", "ola"]), st.integers(0, 40 * 24 * 60)), max_size=25, unique_by=lambda fact: fact[1]
    ),
    data=st.data(),
)
def test_neither_the_order_of_facts_nor_looking_twice_changes_who_is_asked(facts: list[tuple[str, int]], data: Any) -> None:
    start = at("2026-03-16 00:00")
    tickets = [ClosedTicket(f"t{n}", person, start + timedelta(minutes=minutes)) for n, (person, minutes) in enumerate(facts)]
    plain = days_asked(tickets, "2026-03-16", "2026-05-15")
    shuffled = days_asked(data.draw(st.permutations(tickets)), "2026-03-16", "2026-05-15", times=2)

    assert shuffled == plain
    for person in ("ewa", "jan", "ola"):
        days = sorted(day for ticket, day in plain.items() if facts[int(ticket[1:])][0] == person)
        assert all(later - earlier >= timedelta(days=14) for earlier, later in pairwise(days))
        assert all(OFFICE.is_business_day(day) for day in days)


DONE, T1, T2 = ClockState.COMPLETED, at("2026-03-16 10:00"), at("2026-03-17 10:00")


@pytest.mark.parametrize(
    ("clocks", "closing"),
    [
        ([EndedClock("a", DONE, None, T1), EndedClock("b", DONE, None, T2)], Closing("b", T2)),
        ([EndedClock("b", DONE, None, T1), EndedClock("a", DONE, None, T1)], Closing("a", T1)),
        ([EndedClock("a", DONE, None, T1), EndedClock("a", ClockState.CANCELLED, "NOT_PROMISED", None)], Closing("a", T1)),
        ([EndedClock("a", DONE, None, T1), EndedClock("a", ClockState.CANCELLED, "DUPLICATE", None)], None),
        ([EndedClock("a", ClockState.VOIDED, "FORCE_MAJEURE", None)], None),
        ([EndedClock("a", DONE, None, T1), EndedClock("a", ClockState.RUNNING, None, None)], None),
        ([], None),
    ],
    ids=["the last clock", "both at once", "a target no longer promised", "a duplicate", "excluded", "still open", "no clock"],
)
def test_when_a_ticket_is_closed_and_under_which_agreement(clocks: list[EndedClock], closing: Closing | None) -> None:
    assert closing_of(clocks) == closing
    assert closing_of(reversed(clocks)) == closing


TERM = Span(at("2026-03-16 00:00"), at("2029-03-16 00:00"))


@pytest.mark.parametrize(
    ("day", "quarter"),
    [
        ("2026-07-01 00:05", "2026-Q2"),
        ("2026-06-30 23:59", None),
        ("2026-07-15 09:00", "2026-Q2"),
        ("2026-07-16 09:00", None),
        ("2026-07-04 09:00", None),
        ("2026-04-01 09:00", "2026-Q1"),
        ("2026-01-02 09:00", None),
    ],
    ids=["the day after", "not over", "two weeks later", "too late", "a Saturday", "a quarter it began in", "before it began"],
)
def test_the_last_quarter_is_asked_about_from_its_next_business_day_on(day: str, quarter: str | None) -> None:
    found = quarter_asked_about(TERM, at(day), WARSAW, OFFICE, POLICY)

    assert (found.name if found is not None else None) == quarter


@pytest.mark.parametrize(
    ("said", "csat", "verdict"),
    [
        (Satisfaction(24, 42), "57.1 %", CsatVerdict.MISSED),
        (Satisfaction(6, 6), None, CsatVerdict.INSUFFICIENT_DATA),
        (Satisfaction(9, 9), None, CsatVerdict.INSUFFICIENT_DATA),
        (Satisfaction(8, 10), "80.0 %", CsatVerdict.MET),
        (Satisfaction(34, 40), "85.0 %", CsatVerdict.MET),
        (Satisfaction(0, 0), None, CsatVerdict.INSUFFICIENT_DATA),
    ],
)
def test_satisfaction_is_held_against_its_goal_once_ten_have_answered(said: Satisfaction, csat: str | None, verdict: CsatVerdict) -> None:
    found = survey_figures("SLA/2026/0002", "2026-Q2", SurveyCount(60, 42), said)

    assert (found.csat, found.verdict, found.rate) == (csat, verdict, "70.0 %")


def test_a_period_in_which_nobody_was_asked_has_no_rate() -> None:
    assert survey_figures("SLA/2026/0002", "2026-Q2", SurveyCount(0, 0), Satisfaction(0, 0)).rate is None


def test_a_survey_is_named_for_what_it_is_about_and_tells_nothing_of_it() -> None:
    name = survey_name("crm/P-1")

    assert (name, len(name)) == (survey_name("crm/P-1"), 32)
    assert name != survey_name("crm/P-2")
    assert "P-1" not in name


def test_an_instant_is_taken_in_the_calendars_zone() -> None:
    late = ClosedTicket("t", "ewa", datetime(2026, 3, 16, 23, 30, tzinfo=UTC))  # the 17th in Warsaw

    assert days_asked([late], "2026-03-16", "2026-03-20") == {"t": date(2026, 3, 18)}
