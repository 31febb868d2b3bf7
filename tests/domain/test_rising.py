"""When a tighter promise is proposed, and which (R-130)."""

from decimal import Decimal
from fractions import Fraction

import pytest

from domain.attainment import Attainment
from domain.results import Colour, TargetResult, of_attainment
from domain.rising import TighterTarget, proposals, tighter
from tests.domain.drafts import bank_draft


def quarters(promised: str, *met: str) -> list[TargetResult]:
    """Quarters of 100,000,000 tickets, so many per cent of which were met."""
    found = [int(Decimal(each) * 1_000_000) for each in met]
    return [of_attainment(Fraction(promised), Attainment(each, 100_000_000 - each)) for each in found]


def test_four_easy_quarters_against_95_propose_96() -> None:
    proposal = tighter("response", Decimal(95), quarters("95", "98.9", "98.7", "99.0", "98.8"))

    assert proposal == TighterTarget(
        "response",
        Decimal(95),
        Decimal(96),
        "98.9 %, 98.7 %, 99.0 %, 98.8 % in the last four quarters, each with less than half of the allowance used",
    )


@pytest.mark.parametrize(
    ("promised", "met"),
    [
        ("95", ["98.9", "98.7", "99.0"]),
        ("95", ["98.9", "98.7", "97.5", "98.8"]),
        ("95", ["98.9", "94", "98.9", "98.9"]),
        ("95", ["98.9", "98.7", "99.0", "98.8", "97"]),
        ("100", ["100", "100", "100", "100"]),
        ("99.999999", ["100", "100", "100", "100"]),
        ("95", []),
    ],
    ids=["three quarters", "exactly half", "one red", "not the last one", "nothing above", "no finer promise", "none"],
)
def test_no_proposal(promised: str, met: list[str]) -> None:
    assert tighter("response", Decimal(promised), quarters(promised, *met)) is None


def test_a_quarter_without_data_breaks_the_row() -> None:
    silent = of_attainment(Fraction(95), Attainment())

    assert tighter("response", Decimal(95), [*quarters("95", "99", "99", "99"), silent]) is None


def test_after_a_tightening_the_year_begins_anew() -> None:
    before, after = quarters("95", "99.5", "99.5", "99.5"), quarters("96", "99.5")

    assert tighter("response", Decimal(96), [*before, *after]) is None


@pytest.mark.parametrize(("promised", "proposed"), [("95", "96"), ("90", "92"), ("99.9", "99.92"), ("99.99", "99.992"), ("0", "20")])
def test_the_step_is_a_fifth_of_the_allowance_and_would_have_been_kept(promised: str, proposed: str) -> None:
    barely = 100 - (100 - Decimal(promised)) * Decimal("0.4999")
    year = quarters(promised, *[str(barely)] * 4)
    proposal = tighter("response", Decimal(promised), year)
    assert proposal is not None

    assert str(proposal.proposed) == proposed
    assert {each.colour for each in quarters(proposed, *[str(barely)] * 4)} == {Colour.GREEN}


def test_every_share_of_a_document_is_looked_at() -> None:
    document = bank_draft().documents[1]
    [target] = document.targets
    easy = of_attainment(Fraction(str(target.compliance)), Attainment(100_000_000, 0))
    hard = of_attainment(Fraction(str(target.compliance)), Attainment(1, 1))

    assert [each.target for each in proposals(document, [{target.target: easy}] * 4)] == [target.target]
    assert list(proposals(document, [{target.target: hard}] * 4)) == []
    assert list(proposals(document, [{target.target: easy}] * 3)) == []
