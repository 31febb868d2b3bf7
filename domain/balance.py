"""The balance sheet of an offer: price, cost, margin, quality and value of each option beside each other, and the best value."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from domain.pricing import LevelOption, is_too_little, margin

BEST_VALUE = (
    "most value points for the price, of the options for one service and region that meet the margin floor"
    " and promise no more than was observed; of equal ones the cheaper"
)
"""The rule of the mark. What has no value score or no price is not compared, and one alone has nothing to be better than."""


class Balance(NamedTuple):
    """An option on the sheet; `value` are points of its value score for each 1,000 of its monthly price."""

    option: LevelOption
    margin: Fraction | None
    is_below_floor: bool
    value: Fraction | None
    is_best: bool = False

    @property
    def may_be_best(self) -> bool:
        """Does the rule let it be called the best value?"""
        return self.value is not None and not self.is_below_floor and not self.option.promises_more_than_observed


def balance_sheet(options: Sequence[LevelOption], floor: Decimal, *, is_internal: bool = False) -> tuple[Balance, ...]:
    """Every option with its margin and value, in the order given; marked is the best value for each service and region.

    Args:
        options: as they are priced.
        floor: the least margin, in per cent of the price.
        is_internal: between departments, where nothing is charged.
    """
    rows = [_row(each, floor, is_internal=is_internal) for each in options]
    best = {_best([row for row in rows if _scope(row) == scope]) for scope in dict.fromkeys(map(_scope, rows))}
    return tuple(row._replace(is_best=row.option.option in best) for row in rows)


def _row(option: LevelOption, floor: Decimal, *, is_internal: bool) -> Balance:
    found = margin(option.price, option.cost)
    value = Fraction(option.value_score * 1000) / Fraction(option.price) if option.value_score is not None and option.price else None
    return Balance(option, found, is_too_little(found, floor, is_internal=is_internal), value)


def _scope(row: Balance) -> tuple[str, str | None]:
    return row.option.service, row.option.region


def _best(rows: Sequence[Balance]) -> str | None:
    compared = [row for row in rows if row.value is not None]
    allowed = [row for row in compared if row.may_be_best]
    if len(compared) < 2 or not allowed:
        return None
    return max(allowed, key=lambda row: (row.value or Fraction(), -row.option.price)).option.option
