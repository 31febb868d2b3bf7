"""Figures as people read them: exact inside, cut off when shown, never rounded up."""

from decimal import Decimal
from fractions import Fraction


def shown(value: Fraction, places: int) -> str:
    """A figure cut off after some decimals: 99.8999… is not 99.9 (R-083)."""
    cut = value.numerator * 10**places // value.denominator
    return f"{Decimal(cut).scaleb(-places):.{places}f}"
