"""KPIs from counts: the example of R-112, and what has no value says why."""

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from domain.attainment import Attainment
from domain.kpis import Kpi, KpiFacts, KpiValue, Lack, TicketFacts, Uptime, actions_on_time, kpis_of, mtbf, mttr, reviews_on_time
from domain.spans import Span
from domain.watermelon import Satisfaction
from tests.domain.case_stories import local
from tests.domain.follow_up_stories import FollowUpStory, plan, review

MINUTE = timedelta(minutes=1)
APRIL = Uptime(agreed=43_200 * MINUTE, down=(40 + 60 + 20) * MINUTE, outages=3)


def of(kpi: Kpi, facts: KpiFacts) -> KpiValue:
    [value] = [each for each in kpis_of(facts) if each.kpi is kpi]
    return value


def test_three_outages_in_a_month_are_restored_in_40_minutes_and_14_360_apart() -> None:
    assert (mttr(APRIL), mtbf(APRIL)) == (Fraction(40), Fraction(14_360))

    values = [of(kpi, KpiFacts(uptime=APRIL)) for kpi in (Kpi.MTTR, Kpi.MTBF, Kpi.AVAILABILITY)]
    assert [(each.value, each.unit, each.numerator, each.denominator) for each in values] == [
        ("40.00", "minutes", 120, 3),
        ("14360.00", "minutes", 43_080, 3),
        ("99.7222", "percent", 43_080, 43_200),
    ]


@pytest.mark.parametrize(
    ("kpi", "facts", "value"),
    [
        (Kpi.ATTAINMENT, KpiFacts(attainment=Attainment(37, 3)), "92.5000"),
        (Kpi.ATTAINMENT, KpiFacts(attainment=Attainment(99_999, 1)), "99.9990"),
        (Kpi.ATTAINMENT, KpiFacts(attainment=Attainment(9_999_999, 1)), "99.9999"),
        (Kpi.SUPPORT_ATTAINMENT, KpiFacts(supports=Attainment(1, 5)), "16.6666"),
        (Kpi.FIRST_CONTACT_RESOLUTION, KpiFacts(tickets=TicketFacts(completed=10, held=8, held_once=6)), "75.0000"),
        (Kpi.REOPEN_RATE, KpiFacts(tickets=TicketFacts(completed=40, reopened=2)), "5.0000"),
        (Kpi.NEAR_BREACH_RATE, KpiFacts(tickets=TicketFacts(near_breached=11, completed_clocks=50)), "22.0000"),
        (Kpi.BACKLOG, KpiFacts(tickets=TicketFacts(backlog=7)), "7"),
        (Kpi.CSAT, KpiFacts(satisfaction=Satisfaction(24, 42)), "57.1"),
        (Kpi.COVERAGE, KpiFacts(coverage=Attainment(2, 1)), "66.6666"),
        (Kpi.LEAD_TIME, KpiFacts(lead_times=(timedelta(days=53), timedelta(days=50, hours=12))), "51.75"),
        (Kpi.CREDITS, KpiFacts(credits={"PLN": Decimal(540)}), "540.00"),
    ],
)
def test_a_value_is_cut_off_and_never_rounded_up(kpi: Kpi, facts: KpiFacts, value: str) -> None:
    assert of(kpi, facts).value == value


@pytest.mark.parametrize(
    ("kpi", "facts", "reason"),
    [
        (Kpi.ATTAINMENT, KpiFacts(), Lack.NOTHING_COUNTED),
        (Kpi.AVAILABILITY, KpiFacts(uptime=Uptime(is_unknown=True)), Lack.NOT_MEASURED),
        (Kpi.MTTR, KpiFacts(uptime=Uptime(agreed=MINUTE)), Lack.NOTHING_COUNTED),
        (Kpi.CSAT, KpiFacts(satisfaction=Satisfaction(6, 6)), Lack.INSUFFICIENT_DATA),
        (Kpi.CREDITS, KpiFacts(credits={"PLN": Decimal(0)}, is_over=False), Lack.NOT_OVER),
        (Kpi.COVERAGE, KpiFacts(coverage=Attainment()), Lack.NOTHING_COUNTED),
        *((kpi, KpiFacts(), Lack.NOT_RECORDED) for kpi in (Kpi.COVERAGE, Kpi.FORECAST_ERROR)),
        *((kpi, KpiFacts(), Lack.NOTHING_COUNTED) for kpi in (Kpi.REVIEWS_ON_TIME, Kpi.IMPROVEMENT_ON_TIME)),
    ],
)
def test_what_has_no_value_says_why(kpi: Kpi, facts: KpiFacts, reason: Lack) -> None:
    found = of(kpi, facts)

    assert (found.value, found.reason) == (None, reason)


def test_every_kpi_is_there_whatever_happened() -> None:
    assert [each.kpi for each in kpis_of(KpiFacts())] == list(Kpi)
    two = KpiFacts(credits={"PLN": Decimal(1), "EUR": Decimal(2)})
    assert [(each.value, each.unit) for each in kpis_of(two) if each.kpi is Kpi.CREDITS] == [("2.00", "EUR"), ("1.00", "PLN")]


def test_a_review_is_on_time_that_was_not_missed_first() -> None:
    july = Span(local("2026-07-01T00:00"), local("2026-08-01T00:00"))
    held, late = (review(held_at=local("2026-07-10T12:00"), was_missed=missed) for missed in (False, True))
    found = reviews_on_time([held, late, review(), review(meeting="2026-08-01T00:00")], july)

    assert (found.met, found.breached) == (1, 2), "the last is due in August"


def test_actions_of_plans_are_on_time_by_their_own_dates() -> None:
    told = FollowUpStory(plan())
    dated = {"early": 10, "late": 11, "next": 30}
    actions = [{"action": name, "text": name, "owner": "L1", "due": f"2026-06-{day}"} for name, day in dated.items()]
    told.act("L1", "describe_plan", "2026-06-02T09:00", content={"root_cause": "x", "actions": actions, "expected": "95 %"})
    told.act("M1", "approve_plan", document_hash=told.case.content_hash)
    told.act("L1", "begin_plan")
    told.act("L1", "finish_action", "2026-06-10T09:00", finished="early")
    told.act("L1", "finish_action", "2026-06-15T09:00", finished="late")
    found = actions_on_time([told.case], Span(local("2026-06-01T00:00"), local("2026-06-20T00:00")))

    assert (found.met, found.breached) == (1, 1), "the third is not due yet"
