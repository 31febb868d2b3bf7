"""Prices: level and delivery options with their cost, the margin, and the floor below which somebody else must agree."""

from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Self

from pydantic import Field, model_validator

from domain.agreement_parts import Currency, Money, Percent
from domain.facts import UNSOURCED, Fact
from domain.figures import shown
from domain.option_costs import CostParts
from domain.people import Key
from domain.targets import Limit
from domain.values import Document


class LevelOption(Document):
    """A priced bundle for one service and region: a level, and a way of providing it."""

    option: Key
    service: Key
    region: Key | None = None
    level: Annotated[str, Field(min_length=1, max_length=100, description="such as Gold")]
    delivery: Annotated[str | None, Field(max_length=200, description="the way it is provided, such as resident technician")] = None
    limit: Annotated[Limit | None, Field(description="the limit it promises")] = None
    target: Annotated[Key, Field(description="the target whose tickets show what was observed")] = "response"
    quantity: Annotated[int, Field(gt=0)]
    unit_price: Annotated[Money, Field(ge=0)]
    unit_cost: Annotated[Money | None, Field(ge=0, description="what one costs us a month; or say it by cost_parts")] = None
    cost_parts: Annotated[CostParts | None, Field(description="what all of it costs us a month, part by part")] = None
    promised: Annotated[Percent | None, Field(description="share of tickets it promises")] = None
    observed: Annotated[Percent | None, Field(description="share of tickets that met it in the past, from the tickets")] = None
    source: Annotated[str | None, Field(max_length=300, description="measurement and period of a figure given by hand")] = None
    value_score: Annotated[int | None, Field(ge=0, le=100, description="what it is worth to the customer")] = None

    @model_validator(mode="after")
    def _costs_one_sum(self) -> Self:
        if self.unit_cost is None and self.cost_parts is None:
            raise ValueError("unit_cost: say what it costs, by unit_cost or by cost_parts")
        if self.unit_cost is not None and self.cost_parts is not None and self.quantity * self.unit_cost != self.cost_parts.total:
            raise ValueError(
                f"cost_parts: they sum up to {self.cost_parts.total}, and {self.quantity} at {self.unit_cost} cost"
                f" {self.quantity * self.unit_cost}; say one of them, or the same"
            )
        return self

    @property
    def price(self) -> Decimal:
        """What it costs the customer a month."""
        return self.quantity * self.unit_price

    @property
    def cost(self) -> Decimal:
        """What it costs us a month, as far as it is known."""
        if self.cost_parts is not None:
            return self.cost_parts.total
        assert self.unit_cost is not None
        return self.quantity * self.unit_cost

    @property
    def promises_more_than_observed(self) -> bool:
        """Is the promise above what the past shows?"""
        return self.promised is not None and self.observed is not None and self.promised > self.observed

    @property
    def warnings(self) -> tuple[str, ...]:
        """What to look at before promising it."""
        found = []
        if self.promises_more_than_observed:
            found.append(f"promises {self.promised} %, observed were {self.observed} %")
        if self.observed is not None and self.source is None:
            found.append(f"{UNSOURCED}: the observed figure names no measurement")
        return tuple(found)


class PriceProposal(Document):
    """Priced options, and the set that is offered. A `total` replaces the sum of the offered options."""

    options: Annotated[tuple[LevelOption, ...], Field(min_length=1, max_length=200)]
    offered: Annotated[tuple[Key, ...], Field(min_length=1, description="the options of the offer, one for each service and region")]
    total: Annotated[Money | None, Field(ge=0)] = None
    currency: Currency = "PLN"
    facts: Annotated[tuple[Fact, ...], Field(max_length=100, description="figures both sides look at while they talk")] = ()

    @model_validator(mode="after")
    def _offers_what_it_prices(self) -> Self:
        names = [each.option for each in self.options]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"options: {twice[0]!r} stands twice")
        self.chosen(self.offered)
        return self

    def chosen(self, options: tuple[str, ...]) -> tuple[LevelOption, ...]:
        """Options by name, one for each service and region that is priced.

        Raises:
            ValueError: an option that is not priced, or a service and region with none or with several.
        """
        known = {each.option: each for each in self.options}
        if unknown := sorted(set(options) - set(known)):
            raise ValueError(f"offered: {unknown[0]!r} is not among the options")
        chosen = tuple(known[name] for name in options)
        scopes = [(each.service, each.region) for each in chosen]
        for scope in dict.fromkeys((each.service, each.region) for each in self.options):
            if scopes.count(scope) != 1:
                raise ValueError(f"offered: {scopes.count(scope)} options for {scope[0]} in {scope[1] or 'every region'}; choose one")
        return chosen

    def price_of(self, options: tuple[str, ...]) -> Decimal:
        """What a set costs the customer a month; the offered one may have a price of its own."""
        if self.total is not None and set(options) == set(self.offered):
            return self.total
        return sum((each.price for each in self.chosen(options)), Decimal())

    def cost_of(self, options: tuple[str, ...]) -> Decimal:
        """What a set costs us a month."""
        return sum((each.cost for each in self.chosen(options)), Decimal())

    def margin_of(self, options: tuple[str, ...]) -> Fraction | None:
        """(price − cost) / price in per cent, exactly; None for what is free, as between departments."""
        return margin(self.price_of(options), self.cost_of(options))


def margin(price: Decimal, cost: Decimal) -> Fraction | None:
    """(price − cost) / price in per cent, exactly; None for what is free, as between departments."""
    return (Fraction(price) - Fraction(cost)) * 100 / Fraction(price) if price else None


def is_too_little(margin: Fraction | None, floor: Decimal, *, is_internal: bool) -> bool:
    """Is a margin below the floor? Between departments nothing is charged, so nothing can be too little."""
    return margin < floor if margin is not None else not is_internal


def shown_margin(margin: Fraction | None) -> str:
    """A margin as people read it."""
    return "no price" if margin is None else ("-" if margin < 0 else "") + shown(abs(margin), 2) + " %"
