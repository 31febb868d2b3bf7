"""Early warnings: what is likely to be missed, while something can still be done about it (R-113, R-114)."""

from datetime import timedelta
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from domain.agreement_parts import WorkloadLimit
from domain.figures import shown
from domain.results import TargetResult
from domain.spans import Span

BURN_LIMIT = Fraction(2)
"""Share of the allowance used over share of the period gone, above which it is used too fast (R-113)."""

RECENT_PART = 12
"""The recent window is this part of the time gone. Google's SRE workbook, chapter 5 ("Alerting on SLOs"), proposes a short
window of a twelfth of the long one, so that an alert ends soon after its cause."""

LEAST_RECENT = timedelta(days=1)
"""The recent window is never shorter: warnings are looked for once a day, and what happened between two looks must show (ours)."""

NEAR_FROM = Fraction(90)
"""Per cent of its limit from which a completed clock was near a breach (a threshold of ours)."""

NEAR_LIMIT = Fraction(15)
"""Per cent of completed clocks near a breach, or beyond it, above which somebody must look (R-114)."""

NEAR_DAYS = timedelta(days=7)
"""How far back completed clocks are looked at (R-114)."""

LEAST_CLOCKS = 7
"""Fewer say nothing: one of six is more than `NEAR_LIMIT` already, one of seven is not."""

WORKLOAD_LIMIT = Fraction(100)
"""Per cent of the agreed volume that a period's trend may reach (R-087)."""

LEAST_GONE = Fraction(1, 4)
"""Share of a period that must be gone before its trend says something (a threshold of ours): a month's first week is not the month."""


class WarningKind(StrEnum):
    """What is likely to be missed, and by what sign."""

    BURN_RATE = "BURN_RATE"
    NEAR_BREACH = "NEAR_BREACH"
    WORKLOAD = "WORKLOAD"


class EarlyWarning(NamedTuple):
    """A figure that is above its limit, both exact.

    `target` is the target, or what a workload limit counts. A burn rate is a plain ratio, the others are per cent.
    """

    kind: WarningKind
    target: str
    figure: Fraction
    limit: Fraction
    why: str


class NearBreaches(NamedTuple):
    """Clocks of a target completed of late: those that used almost all of their limit or more, and all."""

    near: int
    completed: int


def recent_window(so_far: Span) -> Span:
    """The end of a running period in which its allowance must still be used too fast for a warning.

    Args:
        so_far: the period from its start to now.
    """
    length = max((so_far.end - so_far.start) / RECENT_PART, LEAST_RECENT)
    return Span(max(so_far.start, so_far.end - length), so_far.end)


def burn_rate(target: str, whole: TargetResult, recent: TargetResult | None) -> EarlyWarning | None:
    """Is the allowance of a running period used too fast, over all of it so far and still of late?

    The rate is the share of the period's allowance that is used over the share of the period that is gone. Of availability
    the period is its service time, of tickets those that came to a verdict; either way the rate is what failed, over what
    may fail. Exactly 2 is no warning. With both windows an outage is told while it matters, and the warning ends by itself
    once its cause is gone.

    Args:
        target: its name.
        whole: its result from the period's start to now.
        recent: its result in `recent_window`; None where nothing was measured then.
    """
    if whole.used is None or recent is None or recent.used is None:
        return None
    rate, lately = whole.used / 100, recent.used / 100
    if min(rate, lately) <= BURN_LIMIT:
        return None
    why = f"the allowance is used {shown(rate, 2)} times as fast as the period goes by, lately {shown(lately, 2)} times; 2 is too fast"
    return EarlyWarning(WarningKind.BURN_RATE, target, rate, BURN_LIMIT, why)


def near_breach(target: str, counted: NearBreaches) -> EarlyWarning | None:
    """Did too many of the clocks completed in the last 7 days use 90 % of their limit or more? Exactly 15 % is no warning."""
    if counted.completed < LEAST_CLOCKS:
        return None
    share = Fraction(100 * counted.near, counted.completed)
    if share <= NEAR_LIMIT:
        return None
    why = f"{counted.near} of {counted.completed} clocks completed in 7 days used 90 % of their limit or more; above 15 % is too many"
    return EarlyWarning(WarningKind.NEAR_BREACH, target, share, NEAR_LIMIT, why)


def workload(limit: WorkloadLimit, volume: int, gone: Fraction) -> EarlyWarning | None:
    """Will a period end above the agreed volume, if it goes on as it began? Beyond it the promise does not hold any more.

    Args:
        limit: the agreed volume.
        volume: what came in the period so far.
        gone: the share of the period that is gone, more than 0 and at most 1.
    """
    if gone < LEAST_GONE and volume <= limit.volume:
        return None
    trend = 100 * volume / gone / limit.volume
    if trend <= WORKLOAD_LIMIT:
        return None
    why = (
        f"{volume} of {limit.volume} {limit.unit} came in {shown(100 * gone, 0)} % of the period; at its end it will be {shown(trend, 0)} %"
    )
    return EarlyWarning(WarningKind.WORKLOAD, limit.unit, trend, WORKLOAD_LIMIT, why)
