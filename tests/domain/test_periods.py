"""Periods are local: an hour gained or lost counts, a term cuts its first and last one."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.agreement_parts import Period
from domain.periods import period_at, periods
from domain.spans import Span

WARSAW = ZoneInfo("Europe/Warsaw")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=WARSAW)


@pytest.mark.parametrize(
    ("month", "minutes"), [("2026-03", 44_580), ("2026-04", 43_200), ("2026-05", 44_640), ("2026-10", 44_700), ("2028-02", 41_760)]
)
def test_a_month_has_the_minutes_its_clocks_show(month: str, minutes: int) -> None:
    found = period_at(Period.MONTH, at(f"{month}-15"), WARSAW)

    assert found.name == month
    assert (found.end.astimezone(UTC) - found.start.astimezone(UTC)) / timedelta(minutes=1) == minutes


@pytest.mark.parametrize(
    ("kind", "name", "start", "end"),
    [
        (Period.MONTH, "2026-12", "2026-12-01", "2027-01-01"),
        (Period.QUARTER, "2026-Q4", "2026-10-01", "2027-01-01"),
        (Period.YEAR, "2026", "2026-01-01", "2027-01-01"),
    ],
)
def test_a_period_ends_where_the_next_one_starts(kind: Period, name: str, start: str, end: str) -> None:
    found = period_at(kind, at("2026-12-31T23:59:59"), WARSAW)

    assert found == (name, at(start), at(end))
    assert period_at(kind, found.end, WARSAW).start == found.end


def test_an_instant_belongs_to_the_month_its_own_zone_shows() -> None:
    new_year = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)

    assert period_at(Period.MONTH, new_year, WARSAW).name == "2027-01"


def test_a_term_cuts_its_first_and_last_period() -> None:
    found = list(periods(Period.MONTH, Span(at("2026-03-16"), at("2026-05-10T12:00")), WARSAW))

    assert [(each.name, each.start, each.end) for each in found] == [
        ("2026-03", at("2026-03-16"), at("2026-04-01")),
        ("2026-04", at("2026-04-01"), at("2026-05-01")),
        ("2026-05", at("2026-05-01"), at("2026-05-10T12:00")),
    ]


def test_thirteen_months_follow_each_other_without_gap_or_overlap() -> None:
    found = list(periods(Period.MONTH, Span(at("2026-03-16"), at("2027-04-16")), WARSAW))

    assert len(found) == 14
    assert [each.end for each in found[:-1]] == [each.start for each in found[1:]]
