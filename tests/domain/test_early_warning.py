"""What warns before a promise is missed, and what does not yet (R-113, R-114)."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest

from domain.agreement_parts import WorkloadLimit
from domain.attainment import Attainment
from domain.calendars import calendar_of
from domain.early_warning import NearBreaches, burn_rate, near_breach, recent_window, workload
from domain.limits import Plan
from domain.results import TargetResult, of_attainment
from domain.spans import Span
from domain.terms import around_the_clock

FIRST = datetime(2026, 4, 1, tzinfo=UTC)


def tickets(met: int, breached: int) -> TargetResult:
    """A target of 95 %."""
    return of_attainment(Fraction(95), Attainment(met, breached))


@pytest.mark.parametrize(
    ("days", "recent"),
    [(Fraction(1, 2), timedelta(hours=12)), (9, timedelta(days=1)), (12, timedelta(days=1)), (24, timedelta(days=2))],
    ids=["all there is", "at least a day", "a twelfth", "grows"],
)
def test_the_recent_window_is_a_twelfth_of_the_time_gone_and_at_least_a_day(days: Fraction, recent: timedelta) -> None:
    now = FIRST + timedelta(days=float(days))

    assert recent_window(Span(FIRST, now)) == Span(now - recent, now)


@pytest.mark.parametrize(
    ("whole", "recent", "figure"),
    [
        ((88, 12), (8, 2), Fraction("2.4")),
        ((90, 10), (8, 2), None),
        ((88, 12), (9, 1), None),
        ((88, 12), (10, 0), None),
        ((88, 12), (0, 0), None),
        ((100, 0), (8, 2), None),
    ],
    ids=["both", "exactly twice", "lately exactly twice", "all well lately", "nothing lately", "well so far"],
)
def test_a_share_of_tickets_burns_when_it_fails_too_often_so_far_and_lately(
    whole: tuple[int, int], recent: tuple[int, int], figure: Fraction | None
) -> None:
    warning = burn_rate("response", tickets(*whole), tickets(*recent))

    assert (warning.figure if warning is not None else None) == figure


def test_a_promise_without_allowance_has_no_rate() -> None:
    all_of_them = of_attainment(Fraction(100), Attainment(9, 1))

    assert burn_rate("response", all_of_them, all_of_them) is None


def test_a_rate_is_said_in_words() -> None:
    warning = burn_rate("response", tickets(88, 12), tickets(8, 2))
    assert warning is not None

    assert warning.why == "the allowance is used 2.40 times as fast as the period goes by, lately 4.00 times; 2 is too fast"


@pytest.mark.parametrize(
    ("near", "completed", "warns"),
    [(11, 50, True), (15, 100, False), (16, 100, True), (1, 7, False), (2, 7, True), (6, 6, False), (0, 0, False)],
    ids=["22 %", "exactly 15 %", "16 %", "one of the least number", "two of it", "too few", "none"],
)
def test_too_many_near_breaches_warn(near: int, completed: int, warns: bool) -> None:  # noqa: FBT001
    warning = near_breach("response", NearBreaches(near, completed))

    assert (warning is not None) == warns
    assert warning is None or (warning.figure, warning.limit) == (Fraction(100 * near, completed), Fraction(15))


@pytest.mark.parametrize(
    ("volume", "gone", "trend"),
    [
        (62, Fraction(1), 124),
        (50, Fraction(1), None),
        (30, Fraction(1, 2), 120),
        (25, Fraction(1, 2), None),
        (20, Fraction(1, 8), None),
        (51, Fraction(1, 8), 816),
    ],
    ids=["62 of 50", "exactly all", "on its way", "on its way to exactly all", "too early to tell", "over already"],
)
def test_a_trend_above_the_agreed_volume_warns(volume: int, gone: Fraction, trend: int | None) -> None:
    warning = workload(WorkloadLimit(volume=50, unit="tickets"), volume, gone)

    assert (warning.figure if warning is not None else None) == trend


@pytest.mark.parametrize(
    ("budget", "not_before", "limit"),
    [(14_400_000_000, None, 14_400_000_000), (14_400_000_000, 0, None), (0, None, None)],
    ids=["a limit", "work for a date", "no business time"],
)
def test_only_a_limit_of_business_time_can_be_nearly_used(budget: int, not_before: int | None, limit: int | None) -> None:
    plan = Plan(calendar_of(around_the_clock("Europe/Warsaw")), 0, budget, None, (), not_before)

    assert plan.limit == limit
