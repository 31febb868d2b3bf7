"""Laws of the balance sheet: what an option costs part by part, its margin against the floor, and the best value (R-049 to R-051)."""

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from domain.balance import Balance, balance_sheet
from domain.documents import hash_of
from domain.errors import BadInput, Conflict
from domain.option_costs import expected_credits_of
from domain.pricing import LevelOption, PriceProposal, shown_margin
from tests.domain.case_stories import CaseStory, proposal

DIGEST = "ab" * 32
FLOOR = Decimal(15)
NBD: dict[str, Any] = {
    "option": "podlasie-nbd",
    "service": "MPS",
    "region": "REMOTE",
    "level": "Next business day",
    "delivery": "travelling technician",
    "quantity": 18,
    "unit_price": "85",
    "unit_cost": "70",
}
RESIDENT = NBD | {
    "option": "podlasie-resident",
    "level": "4 hours",
    "delivery": "resident technician",
    "unit_price": "210",
    "unit_cost": "178",
}


def sheet(*options: dict[str, Any]) -> dict[str, Balance]:
    return {row.option.option: row for row in balance_sheet([LevelOption.model_validate(each) for each in options], FLOOR)}


def best(*options: dict[str, Any]) -> list[str]:
    return [name for name, row in sheet(*options).items() if row.is_best]


def test_two_ways_of_providing_podlasie_stand_beside_each_other() -> None:
    rows = sheet(NBD, RESIDENT)

    assert {name: str(row.option.price) for name, row in rows.items()} == {"podlasie-nbd": "1530", "podlasie-resident": "3780"}
    assert {name: shown_margin(row.margin) for name, row in rows.items()} == {"podlasie-nbd": "17.64 %", "podlasie-resident": "15.23 %"}


def test_an_offer_at_the_floor_goes_out_and_one_below_it_waits_for_the_finance_director() -> None:
    dear, cheap = (CaseStory().play("bank-agreement", until="PRICING") for _ in range(2))
    dear.act("L1", "set_prices", proposal=proposal("90", "85"))
    cheap.act("L1", "set_prices", proposal=proposal("90", "85", "12000"))
    hashes = [story.case.proposal_hash for story in (dear, cheap)]

    approved = dear.act("P1", "approve_price", document_hash=hashes[0])
    with pytest.raises(Conflict, match=r"the margin is 12\.90 %, the floor 15 %"):
        cheap.act("P1", "approve_price", document_hash=hashes[1])
    waiting = [task for task in cheap.waiting() if "FINANCE_DIRECTOR" in task]
    cheap.act("F1", "approve_exception", document_hash=hashes[1], reason="the bank opens forty branches next year")
    after = cheap.act("P1", "approve_price", document_hash=hashes[1])

    assert waiting == ["APPROVE_EXCEPTION FINANCE_DIRECTOR"]
    assert (approved.state, after.state) == ("NEGOTIATION", "NEGOTIATION")


def test_costs_are_split_and_sum_up() -> None:
    parts = {"people": "900", "suppliers": "200", "other": "60", "expected_credits": {"monthly": "100", "backtest": DIGEST, "months": 12}}
    option = LevelOption.model_validate({**NBD, "unit_cost": None, "cost_parts": parts})

    assert str(option.cost) == "1260"
    assert LevelOption.model_validate({**NBD, "cost_parts": parts}).cost == 18 * 70, "both say the same"


def test_costs_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(ValidationError, match="they sum up to 900, and 18 at 70 cost 1260"):
        LevelOption.model_validate({**NBD, "cost_parts": {"people": "900"}})
    with pytest.raises(ValidationError, match="say what it costs"):
        LevelOption.model_validate({**NBD, "unit_cost": None})


def test_a_proposal_of_before_keeps_its_hash() -> None:
    before = PriceProposal.model_validate(proposal("90", "85"))

    assert hash_of(before) == "cda9dc90e2e4a8184eba5431633ae4d7c1ba76eee8cf15e3db33967b3f6196d3"


def test_expected_credits_are_those_of_the_backtest_for_one_month() -> None:
    found = expected_credits_of(Decimal("14400.00"), 12, DIGEST)

    assert (str(found.monthly), found.months, found.backtest) == ("1200.00", 12, DIGEST)
    with pytest.raises(BadInput, match="judged no whole month"):
        expected_credits_of(Decimal(0), 0, DIGEST)


@pytest.mark.parametrize(
    ("first", "second", "marked"),
    [
        ({"value_score": 60}, {"value_score": 80}, ["podlasie-nbd"]),
        ({"value_score": 20}, {"value_score": 80}, ["podlasie-resident"]),
        ({"value_score": 60, "unit_cost": "80"}, {"value_score": 80}, ["podlasie-resident"]),
        ({"value_score": 60, "promised": 99, "observed": "97.1", "source": "2025"}, {"value_score": 80}, ["podlasie-resident"]),
        ({"value_score": 60}, {}, []),
        ({"value_score": 60}, {"value_score": 80, "region": "METRO"}, []),
        ({"value_score": 60}, {"value_score": 80, "unit_price": "0"}, []),
    ],
    ids=["cheap", "valuable", "below the floor", "above what was observed", "no score", "other region", "free"],
)
def test_the_best_value_is_marked_by_its_rule(first: dict[str, Any], second: dict[str, Any], marked: list[str]) -> None:
    assert best(NBD | first, RESIDENT | second) == marked


def test_of_equal_values_the_cheaper_is_the_better() -> None:
    assert best(NBD | {"value_score": 30, "unit_price": "100"}, RESIDENT | {"value_score": 60, "unit_price": "200", "unit_cost": "1"}) == [
        "podlasie-nbd"
    ]
