"""What an option costs us in a month, part by part. What is not known stands as not known, never as 0."""

from decimal import Decimal
from fractions import Fraction
from typing import Annotated

from pydantic import Field

from domain.agreement_parts import Money
from domain.errors import BadInput
from domain.figures import to_cent
from domain.values import Document


class ExpectedCredits(Document):
    """What misses would give back in a month, as a backtest found; it names the backtest, so that anybody can look."""

    monthly: Annotated[Money, Field(ge=0)]
    backtest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="digest of the proposal that was backtested")]
    months: Annotated[int, Field(gt=0, le=1200, description="whole months of the record it was counted over")]


class CostParts(Document):
    """The costs of an option in a month, all of its quantity together. Without `expected_credits` these are not known."""

    people: Annotated[Money, Field(ge=0)] = Decimal(0)
    suppliers: Annotated[Money, Field(ge=0, description="fees of underpinning contracts")] = Decimal(0)
    other: Annotated[Money, Field(ge=0, description="parts, toner, licences and the like")] = Decimal(0)
    expected_credits: Annotated[ExpectedCredits | None, Field(description="from a backtest; left out: not known")] = None

    @property
    def total(self) -> Decimal:
        """The sum of what is known."""
        return self.people + self.suppliers + self.other + (self.expected_credits.monthly if self.expected_credits is not None else 0)


def expected_credits_of(credit_total: Decimal, months: int, backtest: str) -> ExpectedCredits:
    """The credits a backtest found over its whole months, for one month, to the cent.

    Args:
        credit_total: what all of them would have given back.
        months: how many whole months were judged.
        backtest: the digest of the proposal that was backtested.

    Raises:
        BadInput: no whole month was judged, of which nothing follows for a month.
    """
    if months < 1:
        raise BadInput("months: the backtest judged no whole month, so what a month gives back is not known")
    monthly = to_cent(Fraction(credit_total) / months)
    return ExpectedCredits(monthly=monthly, backtest=backtest, months=months)
