"""How far a share might have come out otherwise: weeks drawn again and again from those that were observed.

Tickets of one week are alike (one outage, one holiday), so weeks are drawn whole: single tickets would make the range too
narrow. The draws come from a stated seed: the same record gives the same range.
"""

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from random import Random
from typing import NamedTuple

DRAWS = 1000
"""How often the weeks are drawn: the usual number for a percentile range (Efron and Tibshirani, 1993)."""
CONFIDENCE = 95
"""Per cent of the draws that lie within the range."""
LEAST_JUDGED = 30
"""Fewer cases than this say nothing of a share: a rule of thumb, as for the normal approximation."""
LEAST_WEEKS = 4
"""Fewer weeks than this cannot be drawn from: a month has four or five (a threshold of ours)."""


class Week(NamedTuple):
    """What a week, or its part in a period, adds to a share: `good` of `all`, in clocks or in microseconds."""

    good: int
    all: int


class Range(NamedTuple):
    """Between which shares, in per cent, most of the draws lie."""

    low: Fraction
    high: Fraction


def range_of(weeks: Sequence[Week], seed: int) -> Range | None:
    """The range of a share over weeks; None where too few weeks saw anything."""
    if sum(week.all > 0 for week in weeks) < LEAST_WEEKS:
        return None
    shares = sorted(share for draw in draws(len(weeks), seed) if (share := _share(weeks, draw)) is not None)
    if not shares:
        return None
    tail = (100 - CONFIDENCE) * len(shares) // 200
    return Range(_exact(shares[tail]), _exact(shares[-1 - tail]))


def _share(weeks: Sequence[Week], draw: Sequence[int]) -> tuple[float, int, int] | None:
    good = sum(weeks[place].good for place in draw)
    every = sum(weeks[place].all for place in draw)
    return (good / every, good, every) if every else None


def _exact(share: tuple[float, int, int]) -> Fraction:
    return Fraction(100 * share[1], share[2])


@lru_cache(maxsize=64)
def draws(count: int, seed: int) -> tuple[tuple[int, ...], ...]:
    """The places of the weeks drawn, the same for everything that is measured over as many weeks."""
    seeded = Random(seed)  # noqa: S311  (statistics, no secret)
    places = range(count)
    return tuple(tuple(seeded.choices(places, k=count)) for _ in range(DRAWS))
