"""Which agreements may be lost, and why (R-139, R-137)."""

from datetime import date, timedelta

import pytest

from domain.business_risk import BusinessRisk, RiskLevel, RiskSign, Standing, business_risk
from domain.results import Colour
from domain.watermelon import Satisfaction

TODAY = date(2026, 6, 1)
RED, GREEN = Colour.RED, Colour.GREEN
CHRONIC, WELL = {"availability": [GREEN, RED, RED]}, {"availability": [RED, GREEN, GREEN]}
UNHAPPY, HAPPY, SILENT = Satisfaction(24, 42), Satisfaction(80, 100), Satisfaction(0, 9)


def risk(colours: dict[str, list[Colour]], satisfaction: Satisfaction, days: int | None) -> BusinessRisk:
    notice_on = TODAY + timedelta(days=days) if days is not None else None
    return business_risk(Standing(colours, satisfaction, notice_on), TODAY)


def test_a_chronic_agreement_with_unhappy_users_and_its_notice_date_in_45_days_is_at_high_risk() -> None:
    assert risk(CHRONIC, UNHAPPY, 45) == BusinessRisk(
        RiskLevel.HIGH,
        (RiskSign.CHRONIC, RiskSign.CSAT_BELOW_GOAL, RiskSign.NOTICE_NEAR),
        (
            "missed again and again: availability",
            "57.1 % of the answers are content, 80 % is the goal",
            "notice can be given for 45 days more, until 2026-07-16",
        ),
        ("availability", "57.1 %", "2026-07-16"),
    )


@pytest.mark.parametrize(
    ("colours", "satisfaction", "days", "level"),
    [
        (WELL, HAPPY, None, RiskLevel.LOW),
        (WELL, HAPPY, 10, RiskLevel.LOW),
        (WELL, SILENT, 10, RiskLevel.LOW),
        ({}, UNHAPPY, None, RiskLevel.MEDIUM),
        (CHRONIC, HAPPY, 61, RiskLevel.MEDIUM),
        (CHRONIC, HAPPY, -1, RiskLevel.MEDIUM),
        (CHRONIC, HAPPY, 60, RiskLevel.HIGH),
        (CHRONIC, HAPPY, 0, RiskLevel.HIGH),
        (CHRONIC, UNHAPPY, None, RiskLevel.HIGH),
        ({"response": [RED, RED, RED]}, HAPPY, None, RiskLevel.HIGH),
    ],
    ids=[
        "all well",
        "a notice date alone",
        "too few answers",
        "unhappy only",
        "notice later",
        "notice date gone by",
        "notice in 60 days",
        "last day",
        "two signs",
        "may be ended",
    ],
)
def test_the_level_follows_from_discontent_and_occasion(
    colours: dict[str, list[Colour]], satisfaction: Satisfaction, days: int | None, level: RiskLevel
) -> None:
    assert risk(colours, satisfaction, days).level is level
