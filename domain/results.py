"""What a promise came to in a period: verdict, colour, and how much of what it allows was used."""

from collections.abc import Sequence
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from domain.attainment import Attainment
from domain.availability import Availability
from domain.figures import shown

AMBER_FROM = Fraction(80)
"""Per cent of the allowance from which a promise that was kept is amber (ITIL's SLAM chart; a threshold of ours)."""


class Verdict(StrEnum):
    """Was the promise kept? A result equal to the target is."""

    MET = "MET"
    MISSED = "MISSED"
    NOT_MEASURED = "NOT_MEASURED"
    """Too much is unknown: somebody must state what happened."""
    NO_DATA = "NO_DATA"
    """Nothing happened that could be judged."""


class Colour(StrEnum):
    """A cell of the SLAM chart."""

    RED = "RED"
    AMBER = "AMBER"
    GREEN = "GREEN"
    GREY = "GREY"


class TargetResult(NamedTuple):
    """A promise in a period; shares are per cent, exact.

    `used` is the share of the allowance that was used: of the down time, or of the misses, the target leaves room for. Of a
    period that still runs it is the share of what the time gone allows.
    """

    promised: Fraction
    achieved: Fraction | None
    used: Fraction | None
    verdict: Verdict

    @property
    def colour(self) -> Colour:
        """Red: missed. Amber: kept with little left. Green: kept. Grey: nothing to judge."""
        if self.verdict is Verdict.MISSED:
            return Colour.RED
        if self.verdict is not Verdict.MET:
            return Colour.GREY
        return Colour.AMBER if self.used is not None and self.used >= AMBER_FROM else Colour.GREEN

    @property
    def promised_shown(self) -> str:
        """The promise, likewise."""
        return f"{shown(self.promised, 4)} %"

    @property
    def shown(self) -> str | None:
        """The share as people read it, cut off after four decimals."""
        return f"{shown(self.achieved, 4)} %" if self.achieved is not None else None


def of_availability(promised: Fraction, measured: Availability | None) -> TargetResult:
    """An availability target in a period; of None nothing was reported, neither up nor down."""
    if measured is None:
        return TargetResult(promised, None, None, Verdict.NO_DATA)
    if not measured.is_measured:
        return TargetResult(promised, None, None, Verdict.NOT_MEASURED)
    if measured.percent is None:
        return TargetResult(promised, None, None, Verdict.NO_DATA)
    return _judged(promised, measured.percent)


def of_attainment(promised: Fraction, counted: Attainment) -> TargetResult:
    """A target of tickets in a period."""
    if not counted.judged:
        return TargetResult(promised, None, None, Verdict.NO_DATA)
    return _judged(promised, Fraction(100 * counted.met, counted.judged))


def _judged(promised: Fraction, achieved: Fraction) -> TargetResult:
    room = 100 - promised
    used = 100 * (100 - achieved) / room if room else None
    return TargetResult(promised, achieved, used, Verdict.MET if achieved >= promised else Verdict.MISSED)


def is_chronic(colours: Sequence[Colour]) -> bool:
    """Red two periods running, or in three of the last six; earliest first, the period that was just closed last (R-137)."""
    last = list(colours[-6:])
    return bool(last) and last[-1] is Colour.RED and (last[-2:].count(Colour.RED) == 2 or last.count(Colour.RED) >= 3)


def may_be_ended(colours: Sequence[Colour]) -> bool:
    """Red three periods running: SLM manager and CRM are told that a right to end the agreement may exist."""
    return len(colours) >= 3 and list(colours[-3:]).count(Colour.RED) == 3
