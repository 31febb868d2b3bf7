"""A planned review reads the reports of its stretch, each of which is there (R-122, R-132)."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from domain.agreement_parts import ReviewPlan
from domain.in_force import Term, planned_reviews
from domain.review_packs import reports_read
from domain.spans import Span
from domain.versions import VersionTerm
from tests.domain.case_stories import local
from tests.domain.test_consequences import source

WARSAW = ZoneInfo("Europe/Warsaw")
WHOLE = (VersionTerm("1.0", local("2026-01-01T00:00"), None),)
SPLIT = (VersionTerm("1.0", local("2026-01-01T00:00"), local("2026-05-10T00:00")), VersionTerm("2.0", local("2026-05-10T00:00"), None))


def by_meeting(every: int) -> ReviewPlan:
    return ReviewPlan(every_months=every, first_on=date(2026, 7, 8))


@pytest.mark.parametrize(
    ("name", "plan", "reports"),
    [
        ("2026-Q2", None, ["2026-Q2"]),
        ("2026-04", ReviewPlan(every_months=1), ["2026-04"]),
        ("2026", ReviewPlan(every_months=12), ["2026"]),
        ("2026-07-6m", ReviewPlan(every_months=6), ["2026-Q3", "2026-Q4"]),
        ("2026-02-5m", ReviewPlan(every_months=5), ["2026-02", "2026-03", "2026-Q2"]),
        ("2026-07-24m", ReviewPlan(every_months=24), ["2026-Q3", "2026-Q4", "2027", "2028-Q1", "2028-Q2"]),
        ("2026-07", by_meeting(1), ["2026-06"]),
        ("2026-07", by_meeting(3), ["2026-Q2"]),
        ("2026-08", by_meeting(3), ["2026-05", "2026-06", "2026-07"]),
        ("2027-01", by_meeting(6), ["2026-Q3", "2026-Q4"]),
        ("2026-02", by_meeting(3), ["2026-01"]),
        ("annual-2027", None, []),
    ],
)
def test_the_longest_periods_that_together_are_the_stretch(name: str, plan: ReviewPlan | None, reports: list[str]) -> None:
    assert list(reports_read(name, plan, WHOLE, WARSAW)) == reports


def test_a_stretch_that_a_change_of_versions_split_has_a_report_for_each_part() -> None:
    assert reports_read("2026-Q2", None, SPLIT, WARSAW) == ("2026-Q2@1.0", "2026-Q2@2.0")
    assert reports_read("2026-08", by_meeting(3), SPLIT, WARSAW) == ("2026-05@1.0", "2026-05@2.0", "2026-06", "2026-07")


@pytest.mark.parametrize("every", range(1, 25))
def test_what_is_planned_can_be_read(every: int) -> None:
    term = Term(WHOLE[0].begins, None)
    for plan in (ReviewPlan(every_months=every), by_meeting(every)):
        watched = source("2026-01-01T00:00").watched.model_copy(update={"reviews": plan})
        planned = list(planned_reviews(watched, term, WARSAW, Span(term.begins, local("2030-01-01T00:00"))))
        assert planned
        for name, _ in planned:
            reports = reports_read(name, plan, WHOLE, WARSAW)
            assert bool(reports) is not name.startswith("annual")
