"""Are there people enough for the tickets that come: hours, utilisation, what is needed, and whether to invest (R-142 to R-145, R-147).

Exact inside; what is shown is rounded, and no verdict is read from a rounded figure.
"""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from fractions import Fraction
from math import ceil
from typing import NamedTuple

from domain.expected_volumes import PipelineVolume
from domain.forecasting import Basis, Forecast, MonthVolume
from domain.resources import ResourcePool
from domain.results import Colour

OVER = Fraction(85, 100)
"""Utilisation above which a pool is over-used (R-144): queues grow long before everybody is busy all the time."""

UNDER = Fraction(60, 100)
"""Utilisation below which a pool is under-used (R-144)."""

FEWEST_UNDER = 3
"""Months for which a pool must be under-used, one after the other, before fewer people are advised (R-145)."""


class Use(StrEnum):
    """How a pool is used in a month."""

    OVER = "OVER"
    WITHIN = "WITHIN"
    UNDER = "UNDER"


class Advice(StrEnum):
    """What early recognition of changed needs advises (R-145); a person decides."""

    INVEST = "INVEST"
    HOLD = "HOLD"
    DIVEST = "DIVEST"


def hours_of(tickets: Fraction | int, pool: ResourcePool) -> Fraction:
    """Hours that tickets take of a pool: 1,200 of 35 minutes are 700."""
    return Fraction(tickets) * Fraction(pool.minutes_per_ticket) / 60


def utilisation(hours: Fraction, pool: ResourcePool) -> Fraction | None:
    """The share of a pool's productive hours in a month that is used: 700 of 5 people's 672 are 1.0416…; None where there is nobody."""
    there = Fraction(pool.people) * Fraction(pool.hours_per_person)
    return hours / there if there else None


def people_needed(hours: Fraction, pool: ResourcePool, share: Fraction = Fraction(1)) -> Fraction:
    """Full-time people for some hours a month, if they may be used to a share: 817.25 h are 6.08 at 100 %, 7.15 at 85 %."""
    return hours / (Fraction(pool.hours_per_person) * share)


def people_recommended(hours: Fraction, pool: ResourcePool) -> int:
    """Whole people, so many that utilisation stays at 85 % or below."""
    return ceil(people_needed(hours, pool, OVER))


class Load(NamedTuple):
    """What a month asks of a pool: tickets that came or are forecast, and hours with the pipeline's.

    `pipeline` are tickets expected from agreements that are not signed yet, weighed. `is_over` is False for the running month.
    """

    first_on: date
    tickets: int
    hours: Fraction
    utilisation: Fraction | None
    pipeline: Fraction = Fraction(0)
    low: int | None = None
    high: int | None = None
    is_over: bool = True

    @property
    def use(self) -> Use:
        """Above, within or below the limits; exactly at a limit is within. Work for nobody is over-use."""
        if self.utilisation is None:
            return Use.OVER if self.hours else Use.WITHIN
        return Use.OVER if self.utilisation > OVER else Use.UNDER if self.utilisation < UNDER else Use.WITHIN

    @property
    def colour(self) -> Colour:
        """Red: more work than people. Amber: outside the limits. Green: within."""
        if self.use is Use.OVER and (self.utilisation is None or self.utilisation > 1):
            return Colour.RED
        return Colour.GREEN if self.use is Use.WITHIN else Colour.AMBER


class CapacityAdvice(NamedTuple):
    """Invest, hold or divest, and the month it is read from: the fullest one. `months` is how many of those ahead lie outside."""

    advice: Advice
    fullest: Load
    months: int


def advise(ahead: Sequence[Load]) -> CapacityAdvice | None:
    """What the next months advise; None where nothing is forecast.

    INVEST where any of them is over-used; DIVEST where all of them are under-used, at least three; else HOLD.
    """
    if not ahead:
        return None
    fullest = max(ahead, key=lambda load: load.hours)
    over, under = (sum(load.use is use for load in ahead) for use in (Use.OVER, Use.UNDER))
    if over:
        return CapacityAdvice(Advice.INVEST, fullest, over)
    if under == len(ahead) >= FEWEST_UNDER:
        return CapacityAdvice(Advice.DIVEST, fullest, under)
    return CapacityAdvice(Advice.HOLD, fullest, under)


class PoolPlan(NamedTuple):
    """A pool with what it did, what it is expected to do, and what that advises.

    `observed` are the months known, earliest first, the running one last; `ahead` those forecast, empty where nothing is;
    `pipeline` the statements that ask something of the pool.
    """

    pool: ResourcePool
    observed: tuple[Load, ...]
    forecast: Forecast
    ahead: tuple[Load, ...]
    pipeline: tuple[PipelineVolume, ...]

    @property
    def last_whole(self) -> Load | None:
        """The last month that is over; None before one is known."""
        return next((load for load in reversed(self.observed) if load.is_over), None)

    @property
    def advice(self) -> CapacityAdvice | None:
        """What is advised."""
        return advise(self.ahead)

    @property
    def recommended(self) -> int | None:
        """Whole people for the fullest month ahead at 85 %; None where nothing is forecast."""
        found = self.advice
        return people_recommended(found.fullest.hours, self.pool) if found is not None else None

    @property
    def gap(self) -> Fraction | None:
        """People recommended less those there are: above zero, some are missing."""
        return Fraction(self.recommended) - Fraction(self.pool.people) if self.recommended is not None else None


def load_of(pool: ResourcePool, month: MonthVolume, *, is_over: bool = True) -> Load:
    """What a month that is known asked of a pool."""
    hours = hours_of(month.tickets, pool)
    return Load(month.first_on, month.tickets, hours, utilisation(hours, pool), is_over=is_over)


def plan_of(
    pool: ResourcePool, observed: Sequence[MonthVolume], running: MonthVolume, forecast: Forecast, pipeline: Sequence[PipelineVolume]
) -> PoolPlan:
    """A pool's plan. What is in the pipeline is counted from the first month ahead on: nobody knows yet when it starts."""
    mine = tuple(each for each in pipeline if pool.works_on(each.volume.service, each.volume.region))
    hours = sum((each.volume.hours(pool, is_signed=False) for each in mine), Fraction(0))
    tickets = sum((each.volume.likely for each in mine), Fraction(0))
    ahead = []
    for month in forecast.months:
        asked = hours_of(month.tickets, pool) + hours
        ahead.append(Load(month.first_on, month.tickets, asked, utilisation(asked, pool), tickets, month.low, month.high))
    known = (*(load_of(pool, each) for each in observed), load_of(pool, running, is_over=False))
    return PoolPlan(pool, known, forecast, tuple(ahead), mine)


class WhatIf(NamedTuple):
    """What a pool would have to do if a case's agreement were signed: `added` hours a month, as people at 100 %, before and after.

    The case is not in `before` at all, and in `after` it is whole, not weighed by its probability. Both are None where neither
    a forecast nor a whole month is known: what is added is known even then.
    """

    pool: ResourcePool
    added: Fraction
    people: Fraction
    before: Load | None
    after: Load | None


def what_if(plan: PoolPlan, case_id: str) -> WhatIf | None:
    """The effect of a case on a pool in the last month forecast, else in the last whole month; None where it asks nothing of it."""
    pool = plan.pool
    own = [each.volume for each in plan.pipeline if each.case_id == case_id]
    if not own:
        return None
    added = sum((each.hours(pool, is_signed=True) for each in own), Fraction(0))
    base = plan.ahead[-1] if plan.forecast.basis is not Basis.NONE else plan.last_whole
    if base is None:
        return WhatIf(pool, added, people_needed(added, pool), None, None)
    others = [each.volume for each in plan.pipeline if each.case_id != case_id]
    weighed = sum((each.hours(pool, is_signed=False) for each in others), Fraction(0))
    likely = sum((each.likely for each in others), Fraction(0))
    hours = hours_of(base.tickets, pool) + weighed
    before = base._replace(hours=hours, utilisation=utilisation(hours, pool), pipeline=likely)
    signed = likely + sum(each.tickets for each in own)
    after = before._replace(hours=hours + added, utilisation=utilisation(hours + added, pool), pipeline=signed)
    return WhatIf(pool, added, people_needed(added, pool), before, after)
