"""Figures as people read them: exact inside; results are cut off when shown, never rounded up; plans are rounded."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction


def shown(value: Fraction, places: int) -> str:
    """A figure cut off after some decimals: 99.8999… is not 99.9 (R-083)."""
    cut = value.numerator * 10**places // value.denominator
    return f"{Decimal(cut).scaleb(-places):.{places}f}"


def rounded(value: Fraction, places: int) -> str:
    """A figure of a plan to its nearest decimal, a half upwards: 0.446… people are 0.45 (R-147). No verdict is read from it."""
    scaled = (value * 10**places * 2 + 1) // 2
    return f"{Decimal(scaled).scaleb(-places):.{places}f}"


_CENT = Decimal("0.01")


def to_cent(amount: Fraction) -> Decimal:
    """An amount of money to the cent, a half upwards."""
    return (Decimal(amount.numerator) / Decimal(amount.denominator)).quantize(_CENT, ROUND_HALF_UP)
