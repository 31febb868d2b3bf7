"""Credits follow the bands, and no more than is agreed."""

from decimal import Decimal
from fractions import Fraction

import pytest

from domain.agreement_parts import CreditBand, CreditTable
from domain.attainment import Attainment
from domain.credits import CreditBounds, Missed, credit_drafts, percent_for
from domain.results import Colour, of_attainment

TICKETS_95 = CreditTable(
    target="response", bands=(CreditBand(below=Decimal(95), credit=Decimal(5)), CreditBand(below=Decimal(90), credit=Decimal(10)))
)
SOLUTION = TICKETS_95.model_copy(update={"target": "solution"})
FEE = Decimal(10_800)


def amounts(*missed: Missed, fee: Decimal = FEE, bounds: CreditBounds | None = None, given: Decimal = Decimal(0)) -> list[tuple[str, str]]:
    drafts = credit_drafts([TICKETS_95, SOLUTION], missed, fee, bounds or CreditBounds(), given)
    return [(each.target, str(each.amount)) for each in drafts]


@pytest.mark.parametrize(("achieved", "percent"), [("95", 0), ("94.9999", 5), ("90", 5), ("89.99", 10), ("0", 10)])
def test_a_result_gets_the_lowest_band_it_falls_into(achieved: str, percent: int) -> None:
    assert percent_for(TICKETS_95, Fraction(achieved)) == percent


def test_the_banks_april_gives_540() -> None:
    result = of_attainment(Fraction(95), Attainment(met=37, breached=3))
    assert result.achieved is not None

    assert (result.shown, result.colour) == ("92.5000 %", Colour.RED)
    assert amounts(Missed("response", result.achieved)) == [("response", "540.00")]


def test_may_34_of_36_is_red_again_and_podlasie_green() -> None:
    assert of_attainment(Fraction(95), Attainment(met=34, breached=2)).shown == "94.4444 %"
    assert of_attainment(Fraction(95), Attainment(met=6)).colour is Colour.GREEN


def test_no_tickets_are_grey_and_not_a_hundred_per_cent() -> None:
    result = of_attainment(Fraction(95), Attainment())

    assert (result.colour, result.shown) == (Colour.GREY, None)


def test_one_root_cause_hits_only_the_highest_of_several_targets() -> None:
    both = Missed("response", Fraction(94), "outage-7"), Missed("solution", Fraction(80), "outage-7")

    assert amounts(*both) == [("solution", "1080.00")]
    assert amounts(*(each._replace(cause=None) for each in both)) == [("response", "540.00"), ("solution", "1080.00")]


def test_the_highest_says_what_its_root_cause_hit_beside_it() -> None:
    both = Missed("response", Fraction(94), "PRB-71"), Missed("solution", Fraction(80), "PRB-71")
    [kept] = credit_drafts([TICKETS_95, SOLUTION], both, FEE, CreditBounds())

    assert kept.why[-1] == "response missed by the same root cause PRB-71: only the highest counts"
    [alone] = credit_drafts([TICKETS_95, SOLUTION], both[:1], FEE, CreditBounds())
    assert alone.why == ("5 % of 10800 for response",)


def test_of_equal_ones_of_a_root_cause_the_first_by_name_counts_in_whatever_order_they_come() -> None:
    both = Missed("response", Fraction(80), "outage-7"), Missed("solution", Fraction(80), "outage-7")

    assert amounts(*both) == amounts(*reversed(both)) == [("response", "1080.00")]


def test_caps_cut_in_the_order_of_the_names_and_the_rest_is_not_paid() -> None:
    both = Missed("response", Fraction(80)), Missed("solution", Fraction(80))

    assert amounts(*both, bounds=CreditBounds(month=Decimal(1500))) == [("response", "1080.00"), ("solution", "420.00")]
    assert amounts(*both, bounds=CreditBounds(year=Decimal(2000)), given=Decimal(2000)) == []


def test_what_stays_below_the_minimum_is_not_paid() -> None:
    assert amounts(Missed("response", Fraction(94)), fee=Decimal(100), bounds=CreditBounds(minimum=Decimal("5.01"))) == []
    assert amounts(Missed("response", Fraction(94)), fee=Decimal(100), bounds=CreditBounds(minimum=Decimal(5))) == [("response", "5.00")]


def test_a_half_cent_is_rounded_up() -> None:
    assert amounts(Missed("response", Fraction(94)), fee=Decimal("0.30")) == [("response", "0.02")]
