"""Green outside, red inside: every target kept, and the customer not content (R-118, R-120)."""

from collections.abc import Iterable
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from domain.results import Colour

CSAT_GOAL = Fraction(80)
"""Per cent of content answers that is wanted, unless the agreement says otherwise."""
LEAST_ANSWERS = 10
"""Fewer answers say nothing about satisfaction."""


class Satisfaction(NamedTuple):
    """Answers to surveys: those of 4 or 5 on a scale to 5, and all."""

    content: int
    answers: int

    @property
    def percent(self) -> Fraction | None:
        """The share of content answers; None if there are too few (INSUFFICIENT_DATA)."""
        return Fraction(100 * self.content, self.answers) if self.answers >= LEAST_ANSWERS else None


class OutcomeCount(NamedTuple):
    """How often the customer reached what it wants from the service."""

    reached: int
    of: int

    @property
    def is_missed(self) -> bool:
        """Was it not reached every time?"""
        return self.reached < self.of


class WatermelonReason(StrEnum):
    """What is red inside."""

    CSAT_BELOW_GOAL = "CSAT_BELOW_GOAL"
    OUTCOME_MISSED = "OUTCOME_MISSED"


def watermelon(
    colours: Iterable[Colour], satisfaction: Satisfaction, outcomes: Iterable[OutcomeCount], goal: Fraction = CSAT_GOAL
) -> tuple[WatermelonReason, ...]:
    """Why a period is a watermelon; nothing where a target was missed, where none was judged, or where all is well inside."""
    judged = [colour for colour in colours if colour is not Colour.GREY]
    if not judged or Colour.RED in judged:
        return ()
    return _red_inside(satisfaction, outcomes, goal)


def is_satisfied(satisfaction: Satisfaction, outcomes: Iterable[OutcomeCount], goal: Fraction = CSAT_GOAL) -> bool | None:
    """Is all well inside, whatever the targets say? None where too few have answered, or nothing is known."""
    known = list(outcomes)
    if _red_inside(satisfaction, known, goal):
        return False
    if satisfaction.answers:
        return True if satisfaction.percent is not None else None
    return True if known else None


def _red_inside(satisfaction: Satisfaction, outcomes: Iterable[OutcomeCount], goal: Fraction) -> tuple[WatermelonReason, ...]:
    percent = satisfaction.percent
    reasons = {
        WatermelonReason.CSAT_BELOW_GOAL: percent is not None and percent < goal,
        WatermelonReason.OUTCOME_MISSED: any(outcome.is_missed for outcome in outcomes),
    }
    return tuple(reason for reason, holds in reasons.items() if holds)
