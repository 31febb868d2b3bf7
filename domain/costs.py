"""What a service costs in a month: forecast from people, contracts and expected credits, held against what finance states (R-146).

Exact inside, money to the cent. What is not known is left out of a sum and named, never counted as 0.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import accumulate
from typing import NamedTuple

from domain.figures import to_cent
from domain.instants import span_us
from domain.pricing import margin
from domain.resources import ResourcePool
from domain.spans import Span

HOUSE_CURRENCY = "PLN"
"""What costs are summed in, as catalogues price people and proposals are priced where they say nothing else."""


class CostKind(StrEnum):
    """What a cost is for."""

    PEOPLE = "PEOPLE"
    SUPPLIERS = "SUPPLIERS"
    CREDITS = "CREDITS"
    OTHER = "OTHER"


Known = Mapping[CostKind, Decimal | None]
"""Money by kind; None, or no entry: not known."""


def total_of(costs: Known) -> Decimal | None:
    """The sum of what is known; None where nothing is."""
    known = [each for each in costs.values() if each is not None]
    return sum(known, Decimal(0)) if known else None


def error_percent(forecast: Decimal, actual: Decimal) -> Fraction | None:
    """How far a forecast was off, in per cent of the actual: 81,700 against 84,000 are 2.738…; None where nothing was spent."""
    return abs(Fraction(forecast) - Fraction(actual)) * 100 / Fraction(actual) if actual else None


class ServiceCosts(NamedTuple):
    """A service in a month: forecast and actual costs by kind, and the fees its agreements bring.

    Nothing is forecast as OTHER: what is stated there was not foreseen, and counts as error.
    """

    service: str
    forecast: Known
    actual: Known
    fees: Decimal

    @property
    def compared(self) -> tuple[CostKind, ...]:
        """The kinds that are known on both sides."""
        return tuple(
            kind
            for kind in CostKind
            if self.actual.get(kind) is not None and (kind is CostKind.OTHER or self.forecast.get(kind) is not None)
        )

    @property
    def error(self) -> Fraction | None:
        """How far the forecast was off over the kinds compared, in per cent of the actual; None where none is, or nothing was spent."""
        forecast, actual = (
            sum(((side.get(kind) or Decimal(0)) for kind in self.compared), Decimal(0)) for side in (self.forecast, self.actual)
        )
        return error_percent(forecast, actual)

    @property
    def forecast_margin(self) -> Fraction | None:
        """What is left of the fees after the forecast costs, in per cent of the fees; None without fees or while costs are not known."""
        return _left(self.fees, _whole(self.forecast))

    @property
    def actual_total(self) -> Decimal | None:
        """The actual costs together."""
        return _whole(self.actual)

    @property
    def actual_margin(self) -> Fraction | None:
        """What is left of the fees after the actual costs."""
        return _left(self.fees, self.actual_total)


def _whole(costs: Known) -> Decimal | None:
    """Costs together; None until people and suppliers are both known: half the costs make a fine margin."""
    return total_of(costs) if all(costs.get(kind) is not None for kind in (CostKind.PEOPLE, CostKind.SUPPLIERS)) else None


def _left(fees: Decimal, cost: Decimal | None) -> Fraction | None:
    return margin(fees, cost) if cost is not None else None


class PoolShare(NamedTuple):
    """What a service bears of a pool in a month; `amount` is None where nobody said what its people cost."""

    pool: ResourcePool
    service: str
    share: Fraction
    amount: Decimal | None


Tickets = Mapping[tuple[str | None, str | None], int]
"""Tickets by service and region."""


def pool_shares(pool: ResourcePool, tickets: Tickets) -> list[PoolShare]:
    """What each service of a pool bears of its cost: by the working minutes its tickets take, evenly where no ticket came.

    A ticket takes the pool the same minutes whatever its service, so the minutes share out as the tickets do. The parts sum
    up to the whole, to the cent.

    Args:
        pool: people times what one costs in a month.
        tickets: those of the months that are looked back at.
    """
    weights = [_weight(pool, service, tickets) for service in pool.services]
    if not any(weights):
        weights = [1] * len(weights)
    whole = to_cent(Fraction(pool.people * pool.cost_per_person)) if pool.cost_per_person is not None else None
    amounts = shared_out(whole, weights) if whole is not None else [None] * len(weights)
    every = sum(weights)
    return [
        PoolShare(pool, service, Fraction(weight, every), amount)
        for service, weight, amount in zip(pool.services, weights, amounts, strict=True)
    ]


def _weight(pool: ResourcePool, service: str, tickets: Tickets) -> int:
    return sum(count for (of, region), count in tickets.items() if of == service and pool.works_on(of, region))


def shared_out(whole: Decimal, weights: Sequence[int]) -> list[Decimal]:
    """An amount by weights, to the cent, so that the parts sum up to it."""
    every = sum(weights)
    reached = [to_cent(Fraction(whole) * upto / every) for upto in accumulate(weights)]
    return [after - before for before, after in zip([Decimal(0), *reached[:-1]], reached, strict=True)]


def in_month(monthly: Decimal, month: Span, in_force: Span) -> Decimal:
    """What a monthly price comes to in a month of which it holds for a part: by the days in force, to the cent.

    Days are counted on the clocks of the month's zone, so the day on which these are changed is a day like others.
    """
    start, end = max(month.start, in_force.start), min(month.end, in_force.end)
    return (
        to_cent(Fraction(monthly) * Fraction(_wall(start, end, month), _wall(month.start, month.end, month))) if start < end else Decimal(0)
    )


def _wall(start: datetime, end: datetime, month: Span) -> int:
    zone = month.start.tzinfo
    first, last = (each.astimezone(zone).replace(tzinfo=None) for each in (start, end))
    return span_us(last - first)
