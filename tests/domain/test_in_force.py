"""The occasions on which an agreement in force is looked at: none is missing, none comes twice."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.agreement_parts import Period, ReviewPlan
from domain.in_force import Occasion, OccasionKind, Stage, Term, Watched, next_occasion, reviews_of, watched_of
from domain.periods import periods
from domain.spans import Span
from domain.terms import AgreementKind
from domain.timer_policy import TimerPolicy
from domain.versions import VersionTerm
from tests.domain.case_stories import CATALOGUE
from tests.domain.drafts import bank_draft, changed, support

WARSAW = ZoneInfo("Europe/Warsaw")


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=WARSAW)


def watched(*kinds: Period, kind: AgreementKind = AgreementKind.CUSTOMER_SLA, reviews: ReviewPlan | None = None) -> Watched:
    return Watched(kind=kind, periods=kinds, targets=("response",), calendar=CATALOGUE.calendar, reviews=reviews)


def all_of(what: Watched | None, term: Term, most: int = 5000) -> list[Occasion]:
    found: list[Occasion] = []
    stages = [Stage(VersionTerm("1.0", *term), what)]
    while (following := next_occasion(stages, WARSAW, found[-1] if found else None)) is not None and len(found) < most:
        found.append(following)
    return found


def test_thirteen_months_have_thirteen_closings_and_four_quarterly_reviews() -> None:
    term = Term(local("2026-01-01T00:00"), local("2027-02-01T00:00"))
    found = all_of(watched(Period.MONTH), term)

    by_kind = {kind: [each.name for each in found if each.kind is kind] for kind in OccasionKind}
    months = [each.name for each in periods(Period.MONTH, Span(term.begins, term.ends or term.begins), WARSAW)]
    assert by_kind[OccasionKind.CLOSE] == months == by_kind[OccasionKind.REPORT] == by_kind[OccasionKind.SETTLE]
    assert len(months) == 13
    assert sorted(by_kind[OccasionKind.REVIEW]) == ["2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4", "annual-2027"]
    assert len(by_kind[OccasionKind.LOOK]) == 395, "every midnight of 13 months but the first"
    assert (found[0].kind, found[-1].kind) == (OccasionKind.BEGIN, OccasionKind.SETTLE)


def test_a_month_is_closed_reported_and_settled_at_their_hours() -> None:
    found = all_of(watched(Period.MONTH), Term(local("2026-03-16T00:00"), local("2026-06-01T00:00")))
    april = {each.kind: each.at.astimezone(WARSAW) for each in found if each.name == "2026-04"}

    assert april[OccasionKind.CLOSE] == local("2026-05-01T00:05")
    assert april[OccasionKind.REPORT] == local("2026-05-01T06:00")
    assert april[OccasionKind.SETTLE] == local("2026-05-04T08:00"), "1 May is a holiday, then comes a weekend"


@pytest.mark.parametrize(
    ("reviews", "meetings"),
    [
        (None, {"2026-Q2": "2026-07-15", "2026-Q3": "2026-10-15", "2026-Q4": "2027-01-15", "annual-2027": "2027-03-16"}),
        (ReviewPlan(every_months=6), {"2026-07-6m": "2027-01-15", "annual-2027": "2027-03-16"}),
    ],
)
def test_reviews_follow_the_first_whole_stretch(reviews: ReviewPlan | None, meetings: dict[str, str]) -> None:
    term = Term(local("2026-03-16T00:00"), None)
    found = reviews_of(watched(Period.MONTH, reviews=reviews), term, WARSAW, Span(term.begins, local("2027-04-01T00:00")))

    assert {name: f"{at.astimezone(WARSAW):%Y-%m-%d}" for name, at in found} == meetings


def test_a_planned_date_that_is_closed_moves_to_the_open_day_before() -> None:
    plan = ReviewPlan(every_months=1, first_on=local("2026-05-01T00:00").date())
    term = Term(local("2026-03-16T00:00"), None)
    found = dict(reviews_of(watched(Period.MONTH, reviews=plan), term, WARSAW, Span(term.begins, local("2026-06-10T00:00"))))

    assert found["2026-05"] == local("2026-04-30T10:00"), "1 May is a holiday"
    assert found["2026-06"] == local("2026-06-01T10:00")


def test_supports_are_closed_and_have_no_reviews() -> None:
    found = all_of(watched(Period.MONTH, kind=AgreementKind.UC), Term(local("2026-01-01T00:00"), local("2026-08-01T00:00")))
    assert {each.kind for each in found} == set(OccasionKind) - {
        OccasionKind.REVIEW,
        OccasionKind.ASK,
        OccasionKind.SWITCH,
        OccasionKind.RENEW,
    }


@pytest.mark.parametrize(
    ("fields", "opened"),
    [
        ({}, "2028-12-15"),
        ({"renewal": {"automatic": True, "months": 12, "notice_days": 30}}, "2028-12-15"),
        ({"renewal": {"automatic": True, "months": 12, "notice_days": 90}}, "2028-11-30"),
        ({"effective_from": "2029-01-15"}, "2029-01-15"),
    ],
)
def test_a_renewal_is_opened_ninety_days_before_the_end_and_in_time_for_the_warnings(fields: dict[str, Any], opened: str) -> None:
    document = changed(bank_draft().named("warsaw"), **({"effective_from": "2028-11-01", "effective_until": "2029-03-15"} | fields))
    term = Term(local(f"{document.effective_from}T00:00"), local("2029-03-15T00:00"))
    found = [each for each in all_of(watched_of(document, CATALOGUE.calendar, TimerPolicy()), term) if each.kind is OccasionKind.RENEW]

    assert [(each.at, each.name) for each in found] == [(local(f"{opened}T00:00"), "2029-03-15")]


def test_supports_and_what_has_no_end_are_not_renewed() -> None:
    uc = changed(support("techteren"), effective_until="2029-03-15")
    assert watched_of(uc, CATALOGUE.calendar, TimerPolicy()).renewal_days == 0  # type: ignore[union-attr]
    endless = watched_of(bank_draft().named("warsaw"), CATALOGUE.calendar, TimerPolicy())
    assert OccasionKind.RENEW not in {each.kind for each in all_of(endless, Term(local("2026-01-01T00:00"), None), most=400)}


def test_what_is_not_watched_begins_and_ends() -> None:
    found = all_of(None, Term(local("2026-01-01T00:00"), local("2029-01-01T00:00")))
    assert [(each.kind, each.at) for each in found] == [
        (OccasionKind.BEGIN, local("2026-01-01T00:00")),
        (OccasionKind.END, local("2029-01-01T00:00")),
    ]
    assert [each.kind for each in all_of(None, Term(local("2026-01-01T00:00"), None))] == [OccasionKind.BEGIN]


@settings(deadline=None)
@given(st.integers(0, 700), st.integers(1, 800), st.lists(st.sampled_from(list(Period)), unique=True))
def test_the_sequence_has_each_occasion_once_and_every_period(offset: int, days: int, kinds: list[Period]) -> None:
    begins = local("2026-01-01T00:00") + timedelta(days=offset)
    term = Term(begins, begins + timedelta(days=days))
    found = all_of(watched(*kinds), term)

    assert [each.place for each in found] == sorted({each.place for each in found})
    for kind in dict.fromkeys((Period.MONTH, *kinds)):
        names = [each.name for each in periods(kind, Span(term.begins, term.ends or begins), WARSAW)]
        for occasion in (OccasionKind.CLOSE, OccasionKind.REPORT, OccasionKind.SETTLE):
            assert [each.name for each in found if each.kind is occasion and each.name in names] == names
