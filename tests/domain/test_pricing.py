"""Laws of the prices: exact sums and margins, one option for each service and region, warnings beside a promise."""

from fractions import Fraction
from typing import Any

import pytest
from pydantic import ValidationError

from domain.agreement_case import AgreementCase
from domain.pricing import LevelOption, PriceProposal, shown_margin
from domain.stages.pricing import is_below_floor
from tests.domain.case_stories import CaseStory, proposal

OFFER = ("warsaw-gold", "podlasie-nbd")


def priced(warsaw: str, podlasie: str, total: str | None = None) -> PriceProposal:
    return PriceProposal.model_validate(proposal(warsaw, podlasie, total))


def option(**changes: Any) -> LevelOption:
    return LevelOption.model_validate(
        {"option": "gold", "service": "MPS", "level": "Gold", "quantity": 120, "unit_price": "90", "unit_cost": "76"} | changes
    )


def with_margin_of(warsaw: str, podlasie: str, total: str | None = None, **request: Any) -> AgreementCase:
    return CaseStory(**request).case.but(proposal=priced(warsaw, podlasie, total))


@pytest.mark.parametrize(
    ("warsaw", "podlasie", "total", "price", "margin"),
    [
        ("95", "88", None, "12984", "19.50 %"),
        ("90", "85", None, "12330", "15.23 %"),
        ("90", "85", "12000", "12000", "12.90 %"),
        ("70", "85", None, "9930", "-5.25 %"),
        ("0", "0", None, "0", "no price"),
    ],
)
def test_price_and_margin_of_an_offer(warsaw: str, podlasie: str, total: str | None, price: str, margin: str) -> None:
    offer = priced(warsaw, podlasie, total)

    assert str(offer.price_of(OFFER)) == price
    assert str(offer.cost_of(OFFER)) == "10452"
    assert shown_margin(offer.margin_of(OFFER)) == margin


def test_a_margin_is_exact() -> None:
    assert priced("90", "85").margin_of(OFFER) == Fraction(187800, 12330)


@pytest.mark.parametrize(
    ("level", "price", "monthly"), [("Bronze", "55", "6600"), ("Silver", "70", "8400"), ("Gold", "90", "10800"), ("Gold", "0.10", "12.00")]
)
def test_levels_of_warsaw_are_priced_by_the_device(level: str, price: str, monthly: str) -> None:
    assert str(option(level=level, unit_price=price).price) == monthly


def test_two_ways_of_providing_podlasie_have_two_prices() -> None:
    prices = {"travelling technician": "85", "resident technician": "210"}
    found = {delivery: str(option(quantity=18, unit_price=price, delivery=delivery).price) for delivery, price in prices.items()}

    assert found == {"travelling technician": "1530", "resident technician": "3780"}


@pytest.mark.parametrize(("total", "is_below"), [("12296.48", False), ("12296.47", True), ("12330", False), ("12000", True), ("0", True)])
def test_the_floor_is_15_per_cent_of_the_price(total: str, is_below: bool) -> None:  # noqa: FBT001
    assert is_below_floor(with_margin_of("90", "85", total), OFFER) is is_below


def test_a_margin_that_meets_the_floor_exactly_is_enough() -> None:
    case = with_margin_of("100", "100")
    exact = case.proposal.model_copy(update={"options": (option(quantity=1, unit_price="100", unit_cost="85"),), "offered": ("gold",)})  # type: ignore[union-attr]

    assert not is_below_floor(case.but(proposal=exact), ("gold",))


def test_what_is_free_between_departments_is_not_below_the_floor() -> None:
    assert not is_below_floor(with_margin_of("0", "0", is_internal=True), OFFER)
    assert is_below_floor(with_margin_of("0", "0"), OFFER)


def test_a_total_is_the_price_of_the_offered_set_alone() -> None:
    value = proposal("90", "85", "12000")
    value["options"].append(value["options"][1] | {"option": "podlasie-resident", "unit_price": "210", "unit_cost": "190"})
    offer = PriceProposal.model_validate(value)

    assert str(offer.price_of(OFFER[::-1])) == "12000"
    assert str(offer.price_of(("warsaw-gold", "podlasie-resident"))) == "14580"


@pytest.mark.parametrize(
    ("offered", "said"),
    [
        (["warsaw-gold"], "0 options for MPS in REMOTE"),
        (["warsaw-gold", "warsaw-gold", "podlasie-nbd"], "2 options for MPS in METRO"),
        (["warsaw-gold", "podlasie-gold"], "'podlasie-gold' is not among the options"),
        ([], "at least 1 item"),
    ],
)
def test_an_offer_has_one_option_for_each_service_and_region(offered: list[str], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        PriceProposal.model_validate(proposal("90", "85") | {"offered": offered})


def test_two_options_do_not_share_a_name() -> None:
    value = proposal("90", "85")
    with pytest.raises(ValidationError, match="'warsaw-gold' stands twice"):
        PriceProposal.model_validate(value | {"options": [*value["options"], value["options"][0]]})


@pytest.mark.parametrize(
    "fields", [{"unit_price": "-1"}, {"unit_price": "0.001"}, {"quantity": 0}, {"promised": "101"}, {"unit_cost": "NaN"}]
)
def test_figures_that_cannot_be_are_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        option(**fields)


@pytest.mark.parametrize(
    ("fields", "warnings"),
    [
        ({"promised": "95", "observed": "97.1", "source": "tickets of 2025"}, ()),
        ({"promised": "99", "observed": "97.1", "source": "tickets of 2025"}, ("promises 99 %, observed were 97.1 %",)),
        ({"promised": "95", "observed": "97.1"}, ("UNSOURCED: the observed figure names no measurement",)),
        ({"promised": "95"}, ()),
    ],
)
def test_a_promise_is_held_against_what_was_observed(fields: dict[str, Any], warnings: tuple[str, ...]) -> None:
    assert option(**fields).warnings == warnings
