"""The strictest limit that would have held: the least time within which the wanted share of the clocks was done."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import timedelta
from fractions import Fraction
from typing import NamedTuple

from domain.backtest.tally import Case, is_scalable
from domain.instants import SECOND_US
from domain.targets import TargetRule

_STEP_US = 60 * SECOND_US
"""Limits are promised in whole minutes."""


class Strictest(NamedTuple):
    """For the tickets of one rule: the limit promised, and the strictest that would have held over all, in business time.

    `held` is None where no limit would have: too many clocks never came to their end.
    """

    when: str
    promised: timedelta
    held: timedelta | None
    judged: int


def strictest_limits(cases: Iterable[Case], wanted: Fraction) -> list[Strictest]:
    """One for each rule whose limit is a stretch of business time, in the order of the rules.

    What is done within a limit meets it, and what took or already takes longer misses it; what is open and has not taken so
    long has no verdict under it. That holds clock by clock because a limit changes nothing of a clock but its due time. A
    clock that missed a rule it ran under before its ticket changed has missed for good.

    Args:
        cases: the clocks of one promise.
        wanted: the share, in per cent, that is to meet the limit.
    """
    by_rule: dict[int, list[Case]] = {}
    for case in cases:
        if is_scalable(case):
            by_rule.setdefault(id(case.rule), []).append(case)
    found = []
    for members in by_rule.values():
        rule = members[0].rule
        assert rule.limit is not None
        found.append(Strictest(condition(members[0].rule), rule.limit, _least(members, wanted), len(members)))
    return sorted(found, key=lambda each: (each.promised, each.when))


def condition(rule: TargetRule) -> str:
    """For which tickets a rule is, in words; nothing where it is for every ticket."""
    return ", ".join(f"{name} {' or '.join(values)}" for name, values in rule.when.items())


def _least(cases: Sequence[Case], wanted: Fraction) -> timedelta | None:
    missed_for_good = sum(case.is_done and not case.met and case.spent <= (case.limit or 0) for case in cases)
    done = sorted(case.spent for case in cases if case.is_done and (case.met or case.spent > (case.limit or 0)))
    running = sorted(case.spent for case in cases if not case.is_done)

    def share(limit: int) -> Fraction:
        judged = len(done) + missed_for_good + len(running) - bisect_right(running, limit)
        return Fraction(100 * bisect_right(done, limit), judged)

    limits = sorted({max(1, -(-spent // _STEP_US)) * _STEP_US for spent in done})
    place = bisect_left(limits, wanted, key=share)  # a longer limit never meets less
    return timedelta(microseconds=limits[place]) if place < len(limits) else None
