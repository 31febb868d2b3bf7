"""What stands before people while they talk about level and price: options, balance sheet, figures, alternatives (R-040 to R-055)."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from api.offer_views import offer_of
from tests.api.browsers import Browser
from tests.api.people import Office, office, workers
from tests.conftest import fresh, movable_engine
from tests.domain.case_stories import CaseStory, proposal

DIGEST = "cd" * 32
GOLD: dict[str, Any] = {
    "option": "warsaw-gold",
    "service": "MPS",
    "region": "METRO",
    "level": "Gold",
    "quantity": 120,
    "unit_price": 90,
    "unit_cost": 76,
    "promised": 95,
    "observed": "97.1",
    "source": "1,020 of 1,050 clocks, 2025",
    "value_score": 70,
}
NBD: dict[str, Any] = {
    "option": "podlasie-nbd",
    "service": "MPS",
    "region": "REMOTE",
    "level": "Next business day",
    "quantity": 18,
    "unit_price": 85,
    "delivery": "travelling technician",
    "value_score": 60,
    "cost_parts": {"people": 800, "suppliers": 400, "expected_credits": {"monthly": "60", "backtest": DIGEST, "months": 12}},
}
RESIDENT = NBD | {
    "option": "podlasie-resident",
    "level": "4 hours",
    "delivery": "resident technician",
    "unit_price": 210,
    "value_score": 80,
    "cost_parts": {"people": 3200},
}
TOLD = {"figure": "Printers out of order at month's end", "value": 3, "unit": "devices", "period": "2025-12"}
OFFER = {"options": [GOLD, GOLD | {"option": "warsaw-99", "promised": 99}, NBD, RESIDENT], "offered": ["warsaw-gold", "podlasie-nbd"]}


@pytest.fixture(scope="module")
async def bank(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    """Everybody at their desks, with workers."""
    database = await fresh(tmp_path_factory.mktemp("offers"))
    async with movable_engine() as engine, workers(engine.client, database), office(database, engine.client) as made:
        yield made
    await database.close()


async def signed_in(bank: Office, person: str) -> Browser:
    browser = Browser(bank)
    await browser.sign_in(person)
    await browser.http.post("/language", data={"language": "en", "next": "/pages"})
    return browser


async def negotiated(bank: Office) -> str:
    """A case in which the customer looks at the offer."""
    case_id = await bank.open()
    await bank.play(case_id, until="PRICING")
    set_prices = await bank.does("L1", case_id, "set_prices", proposal=OFFER | {"facts": [TOLD, TOLD | {"source": "bank's own list"}]})
    assert set_prices.status_code == 200, set_prices.text
    digest = (await bank.case(case_id))["hashes"]["proposal"]
    await bank.does("P1", case_id, "approve_price", document_hash=digest)
    return case_id


async def test_both_sides_see_the_options_as_cards_and_only_we_see_cost_and_margin(bank: Office) -> None:
    case_id = await negotiated(bank)
    ours = await (await signed_in(bank, "L1")).open(f"/pages/cases/{case_id}")
    theirs = await (await signed_in(bank, "B1")).open(f"/pages/cases/{case_id}/accept_offer")

    for page in (ours, theirs):
        assert "Next business day · travelling technician" in page.text
        assert "1,530.00 PLN a month 18 × 85.00 PLN" in page.text
        assert "4 hours · resident technician" in page.text
        assert "3,780.00 PLN a month 18 × 210.00 PLN" in page.text
        assert "Last 12 months 97.1 % 1,020 of 1,050 clocks, 2025" in page.text
    assert "promises more than was observed promises 99 %, observed were 97.1 %" in ours.text
    assert "podlasie-nbd ★ best value 1,530.00 1,260.00 17.64 % 800.00 400.00 60.00 backtest cdcdcdcdcdcd, 12 months 0.00" in (ours.text)
    assert "podlasie-resident 3,780.00 3,200.00 15.34 % 3,200.00 0.00 not known" in ours.text
    assert "The offer 12,330.00 10,380.00 15.81 % ✓ meets the floor of 15 %" in ours.text
    for secret in ("argin", "1,260.00", "1260", "3,200", "cost", "backtest", "best value", "promises 99"):
        assert secret not in theirs.text, secret


async def test_a_figure_says_where_it_comes_from_or_is_flagged(bank: Office) -> None:
    case_id = await negotiated(bank)
    page = await (await signed_in(bank, "B1")).open(f"/pages/cases/{case_id}")
    facts = (await bank.get("B1", f"/cases/{case_id}/offer")).json()["facts"]

    assert [(each["flags"], each["source"]) for each in facts] == [(["UNSOURCED"], None), ([], "bank's own list")]
    assert page.text.count("! UNSOURCED") == 1


async def test_a_measurement_is_not_claimed_by_hand(bank: Office) -> None:
    case_id = await bank.open()
    await bank.play(case_id, until="PRICING")

    lie = await bank.does("L1", case_id, "set_prices", proposal=OFFER | {"facts": [TOLD | {"measurement": "mine"}]})
    old = await bank.does("L1", case_id, "set_prices", proposal=OFFER | {"facts": [TOLD | {"measurement": "clocks/MPS/METRO/x"}]})

    assert (lie.status_code, old.status_code) == (422, 200)
    assert (await bank.get("L1", f"/cases/{case_id}/offer")).json()["facts"] == [], "what was measured is measured anew"


async def test_the_customer_sees_the_alternative_to_what_cannot_be_done(bank: Office) -> None:
    case_id = await bank.open()
    await bank.play(case_id, until="FEASIBILITY")
    decisions = [
        {"requirement": "warsaw", "verdict": "MATCHED", "technical": True, "commercial": True},
        {
            "requirement": "podlasie",
            "verdict": "NOT_FEASIBLE",
            "technical": True,
            "commercial": False,
            "alternative": "next business day",
        },
    ]
    await bank.does("A1", case_id, "decide_feasibility", decisions=decisions)
    before = (await bank.case(case_id, "B1"))["case"]["alternatives"]
    promise = await bank.does("A1", case_id, "feasibility_done", statement={"text": "Four hours everywhere.", "version": 1})
    await bank.does("A1", case_id, "propose_alternatives")
    page = await (await signed_in(bank, "B1")).open(f"/pages/cases/{case_id}")

    assert (before, promise.json()["code"]) == ([], "NOT_FEASIBLE"), "nothing is promised silently, nothing shown before it is proposed"
    assert (await bank.case(case_id, "B1"))["case"]["alternatives"] == [
        {
            "requirement": "podlasie",
            "text": "A technician reacts to a printer ticket of a branch within four hours.",
            "technical": True,
            "commercial": False,
            "alternative": "next business day",
        }
    ]
    assert "What we could do instead" in page.text
    assert "within four hours. yes no next business day" in page.text


def test_a_blocked_offer_says_so_until_the_finance_director_excepts_it() -> None:
    story = CaseStory().play("bank-agreement", until="PRICING")
    story.act("L1", "set_prices", proposal=proposal("90", "85", "12000"))
    blocked = offer_of(story.case, is_inside=True) or {}
    story.act("F1", "approve_exception", document_hash=story.case.proposal_hash, reason="forty branches open next year")
    excepted = offer_of(story.case, is_inside=True) or {}

    assert (blocked["cost"], blocked["margin"], blocked["is_below_floor"], blocked["is_excepted"]) == ("10452.00", "12.90 %", True, False)
    assert (excepted["is_below_floor"], excepted["is_excepted"]) == (True, True)
