"""Green outside, red inside: only where every target was kept and the customer is not content (SC-5)."""

from collections.abc import Sequence
from fractions import Fraction

import pytest

from domain.attainment import Attainment
from domain.figures import shown
from domain.results import Colour, of_attainment
from domain.watermelon import OutcomeCount, Satisfaction, WatermelonReason, is_satisfied, watermelon

CSAT, OUTCOME = WatermelonReason.CSAT_BELOW_GOAL, WatermelonReason.OUTCOME_MISSED
GREEN = (Colour.GREEN,)
QUARTER = Satisfaction(content=24, answers=42)


@pytest.mark.parametrize(
    ("met", "figure", "used"), [(196, "98.0000 %", "40"), (197, "98.5000 %", "30"), (195, "97.5000 %", "50"), (588, "98.0000 %", "40")]
)
def test_the_quarter_is_green_outside(met: int, figure: str, used: str) -> None:
    result = of_attainment(Fraction(95), Attainment(met=met, breached=(600 if met > 200 else 200) - met))
    assert result.used is not None

    assert (result.shown, result.colour, shown(result.used, 0)) == (figure, Colour.GREEN, used)


def test_satisfaction_is_cut_off_and_needs_ten_answers() -> None:
    assert QUARTER.percent is not None
    assert shown(QUARTER.percent, 1) == "57.1"
    assert Satisfaction(content=6, answers=6).percent is None


@pytest.mark.parametrize(
    ("colours", "satisfaction", "outcome", "reasons"),
    [
        (GREEN, QUARTER, OutcomeCount(1, 3), (CSAT, OUTCOME)),
        (GREEN, Satisfaction(2, 6), OutcomeCount(3, 3), ()),
        (GREEN, Satisfaction(2, 6), OutcomeCount(2, 3), (OUTCOME,)),
        ((Colour.RED,), QUARTER, OutcomeCount(1, 3), ()),
        ((Colour.GREEN, Colour.RED), QUARTER, OutcomeCount(1, 3), ()),
        ((Colour.AMBER, Colour.GREY), QUARTER, OutcomeCount(3, 3), (CSAT,)),
        ((Colour.GREY,), QUARTER, OutcomeCount(1, 3), ()),
        (GREEN, Satisfaction(8, 10), OutcomeCount(3, 3), ()),
    ],
    ids=["the quarter", "too few answers", "outcome alone", "red", "one red", "amber counts as kept", "nothing judged", "exactly 80 %"],
)
def test_when_a_period_is_a_watermelon(
    colours: Sequence[Colour], satisfaction: Satisfaction, outcome: OutcomeCount, reasons: tuple[WatermelonReason, ...]
) -> None:
    assert watermelon(colours, satisfaction, [outcome]) == reasons


@pytest.mark.parametrize(
    ("satisfaction", "outcomes", "satisfied"),
    [
        (Satisfaction(34, 40), [OutcomeCount(3, 3)], True),
        (Satisfaction(34, 40), [], True),
        (Satisfaction(34, 40), [OutcomeCount(2, 3)], False),
        (QUARTER, [OutcomeCount(3, 3)], False),
        (Satisfaction(6, 6), [OutcomeCount(3, 3)], None),
        (Satisfaction(6, 6), [OutcomeCount(2, 3)], False),
        (Satisfaction(0, 0), [OutcomeCount(3, 3)], True),
        (Satisfaction(0, 0), [], None),
    ],
)
def test_whether_all_is_well_inside_is_known_or_not(
    satisfaction: Satisfaction, outcomes: list[OutcomeCount], *, satisfied: bool | None
) -> None:
    assert is_satisfied(satisfaction, outcomes) is satisfied
