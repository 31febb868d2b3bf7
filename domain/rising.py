"""Standards keep rising: a promise that was kept easily for a year is worth a tighter one (R-130). A review decides, nothing here does."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction
from typing import NamedTuple

from domain.documents import AgreementDocument
from domain.figures import shown
from domain.results import Colour, TargetResult

QUARTERS = 4
"""Consecutive quarters in which it must have been kept easily (R-130)."""

EASY = Fraction(50)
"""Per cent of the allowance below which a promise was kept easily (R-130)."""

STEP = Fraction(1, 5)
"""Part of the allowance that a proposal takes away: 95 % → 96 %, 99.9 % → 99.92 % (R-130 gives the first, the rule is ours)."""

_FINEST = Decimal("0.000001")
"""A promise has at most six decimals."""


class TighterTarget(NamedTuple):
    """A proposal to promise more, in per cent, and what speaks for it."""

    target: str
    promised: Decimal
    proposed: Decimal
    why: str

    @property
    def said(self) -> str:
        """As people read it: `response: 95 % → 96 % (why)`."""
        return f"{self.target}: {self.promised} % → {self.proposed} % ({self.why})"


def proposals(document: AgreementDocument, quarters: Sequence[Mapping[str, TargetResult]]) -> Iterator[TighterTarget]:
    """What to promise tighter of all that a document promises a share of: tickets within limits, and availability.

    Args:
        document: the agreement in force in the last quarter.
        quarters: the results of consecutive quarters by target, earliest first; each has every target of the document.
    """
    promised = {each.target: each.compliance for each in document.targets if each.compliance is not None}
    promised |= {each.target: each.percent for each in document.availability}
    for name, share in promised.items():
        proposed = tighter(name, share, [each[name] for each in quarters])
        if proposed is not None:
            yield proposed


def tighter(target: str, promised: Decimal, quarters: Sequence[TargetResult]) -> TighterTarget | None:
    """Propose a tighter promise, if the last four quarters were green with less than half of the allowance used.

    The step is a fifth of what the promise leaves room for, so it fits 95 % and 99.9 % alike and never comes to 100 %.
    It is small enough that the new promise would have been kept in each of these quarters, green again: less than half of
    the old allowance is less than 62.5 % of four fifths of it. A quarter judged by another promise does not count, so
    after a tightening the year begins anew.

    Args:
        target: its name.
        promised: what is promised now, in per cent.
        quarters: its results in consecutive quarters, earliest first.
    """
    last = quarters[-QUARTERS:]
    if len(last) < QUARTERS or not all(_was_easy(each, promised) for each in last):
        return None
    step = Fraction(100 - promised) * STEP
    proposed = promised + (Decimal(step.numerator) / step.denominator).quantize(_FINEST, ROUND_DOWN)
    if proposed == promised:
        return None
    results = ", ".join(f"{shown(each.achieved, 1)} %" for each in last if each.achieved is not None)
    why = f"{results} in the last four quarters, each with less than half of the allowance used"
    return TighterTarget(target, promised, Decimal(f"{proposed.normalize():f}"), why)


def _was_easy(quarter: TargetResult, promised: Decimal) -> bool:
    return quarter.promised == Fraction(promised) and quarter.colour is Colour.GREEN and quarter.used is not None and quarter.used < EASY
