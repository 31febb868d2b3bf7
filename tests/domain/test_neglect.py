"""Obligations nobody acts on (R-149)."""

from zoneinfo import ZoneInfo

import pytest

from domain.agreement_parts import Obligation
from domain.neglect import Silence, Stated, owed_in_last_periods
from domain.spans import Span
from domain.versions import LATEST
from tests.domain.case_stories import local

WARSAW = ZoneInfo("Europe/Warsaw")


def obligation(every: str | None = "QUARTER", side: str = "PROVIDER") -> Obligation:
    return Obligation.model_validate({"obligation": "toner-audit", "side": side, "text": "Toner is counted.", "every": every})


def stated(begins: str, *obligations: Obligation, ends: str | None = None) -> Stated:
    return Stated(Span(local(begins), local(ends) if ends is not None else LATEST), obligations)


def owed(at: str, *versions: Stated) -> list[tuple[str, Silence]]:
    return [(each.period.name, each.silence) for each in owed_in_last_periods(versions, local(at), WARSAW)]


SINCE_MARCH = stated("2026-03-16T00:00", obligation())
Q2 = ("2026-Q2", Silence.NEGLECTED)


@pytest.mark.parametrize(
    ("at", "found"),
    [
        ("2026-06-30T23:59", []),  # of the first quarter it was in force for two weeks
        ("2026-07-01T00:00", [Q2]),
        ("2026-09-30T23:59", [Q2]),
        ("2026-10-01T00:00", [("2026-Q3", Silence.NEGLECTED)]),
    ],
)
def test_a_quarterly_obligation_is_looked_for_from_the_first_instant_after_the_quarter(at: str, found: list[tuple[str, Silence]]) -> None:
    assert owed(at, SINCE_MARCH) == found


@pytest.mark.parametrize(
    ("every", "found"),
    [
        ("MONTH", [("2027-01", Silence.NEGLECTED)]),
        ("YEAR", []),
        (None, [("2027-01", Silence.NO_ACTIVITY)]),
    ],
)
def test_what_is_due_otherwise_is_looked_for_otherwise(every: str | None, found: list[tuple[str, Silence]]) -> None:
    assert owed("2027-02-03T10:00", stated("2026-03-16T00:00", obligation(every))) == found


def test_it_must_have_held_over_all_of_the_period() -> None:
    ended = stated("2026-03-16T00:00", obligation(), ends="2026-06-30T00:00")
    changed_over = (stated("2026-03-16T00:00", obligation(None), ends="2026-05-01T00:00"), stated("2026-05-01T00:00", obligation()))
    passed_over = (
        stated("2026-03-16T00:00", obligation(side="CUSTOMER"), ends="2026-05-01T00:00"),
        stated("2026-05-01T00:00", obligation()),
    )
    went_on = (stated("2026-03-16T00:00", obligation(), ends="2026-05-01T00:00"), stated("2026-05-01T00:00", obligation()))

    assert [owed("2026-07-01T00:00", *each) for each in ((ended,), changed_over, passed_over, went_on)] == [[], [], [], [Q2]]
