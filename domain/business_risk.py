"""The risk of losing an agreement: promises missed again and again, customers who are not content, a notice date that is near (R-139)."""

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from domain.figures import shown
from domain.results import Colour, is_chronic, may_be_ended
from domain.watermelon import CSAT_GOAL, Satisfaction

NOTICE_DAYS = 60
"""A notice date at most this many days ahead is near: about when both sides decide on renewal (a threshold of ours)."""


class RiskLevel(StrEnum):
    """How likely the agreement is lost."""

    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"


class RiskSign(StrEnum):
    """What speaks for a loss."""

    CHRONIC = "CHRONIC"
    MAY_BE_ENDED = "MAY_BE_ENDED"
    CSAT_BELOW_GOAL = "CSAT_BELOW_GOAL"
    NOTICE_NEAR = "NOTICE_NEAR"


class Standing(NamedTuple):
    """How an agreement stands with its customer.

    `colours` are those of its closed periods by target, earliest first; `notice_on` is the last day on which notice for the
    end of the term can be given, None for a term without an end.
    """

    colours: Mapping[str, Sequence[Colour]]
    satisfaction: Satisfaction
    notice_on: date | None


class BusinessRisk(NamedTuple):
    """A line of the risk list: the level, its signs, and each of them in words.

    `about` says of each sign what it is about without words: the targets, the share of content answers, the last day for notice.
    """

    level: RiskLevel
    signs: tuple[RiskSign, ...]
    why: tuple[str, ...]
    about: tuple[str, ...]


def business_risk(standing: Standing, today: date, goal: Fraction = CSAT_GOAL) -> BusinessRisk:
    """Judge an agreement on a day of its own time zone.

    A notice date alone is no risk: it gives a discontent customer the occasion. One sign of discontent is MEDIUM; two of them,
    or one with the notice date near, are HIGH. A right to end the agreement early is discontent and occasion in one.
    """
    found = {sign: (why, about) for sign, why, about in _signs(standing, today, goal)}
    discontent = len(found.keys() & {RiskSign.CHRONIC, RiskSign.CSAT_BELOW_GOAL})
    has_occasion = bool(found.keys() & {RiskSign.MAY_BE_ENDED, RiskSign.NOTICE_NEAR})
    level = (RiskLevel.LOW, RiskLevel.MEDIUM, RiskLevel.HIGH)[min(2, discontent + has_occasion)] if discontent else RiskLevel.LOW
    return BusinessRisk(level, tuple(found), tuple(why for why, _ in found.values()), tuple(about for _, about in found.values()))


def _signs(standing: Standing, today: date, goal: Fraction) -> list[tuple[RiskSign, str, str]]:
    found = []
    if chronic := ", ".join(sorted(target for target, colours in standing.colours.items() if is_chronic(colours))):
        found.append((RiskSign.CHRONIC, f"missed again and again: {chronic}", chronic))
    if ending := ", ".join(sorted(target for target, colours in standing.colours.items() if may_be_ended(colours))):
        found.append((RiskSign.MAY_BE_ENDED, f"three misses running may be a reason to end it: {ending}", ending))
    percent = standing.satisfaction.percent
    if percent is not None and percent < goal:
        share = f"{shown(percent, 1)} %"
        found.append((RiskSign.CSAT_BELOW_GOAL, f"{share} of the answers are content, {shown(goal, 0)} % is the goal", share))
    if standing.notice_on is not None and 0 <= (days := (standing.notice_on - today).days) <= NOTICE_DAYS:
        found.append(
            (RiskSign.NOTICE_NEAR, f"notice can be given for {days} days more, until {standing.notice_on}", str(standing.notice_on))
        )
    return found
