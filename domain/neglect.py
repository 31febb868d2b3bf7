"""Obligations nobody acts on: due in a whole period that is over, with no record that they were kept or missed (R-149)."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from domain.agreement_parts import Obligation, Period
from domain.instants import MICROSECOND
from domain.periods import PeriodSpan, period_at
from domain.spans import Span


class Silence(StrEnum):
    """What it means that nothing was reported: it was due (`NEGLECTED`), or nobody knows whether it was (`NO_ACTIVITY`)."""

    NEGLECTED = "NEGLECTED"
    NO_ACTIVITY = "NO_ACTIVITY"


class Stated(NamedTuple):
    """The obligations of a version, and when it is in force."""

    span: Span
    obligations: tuple[Obligation, ...]


class Owed(NamedTuple):
    """An obligation that held over all of a period, and what it means if nothing is reported of it there."""

    obligation: Obligation
    period: PeriodSpan
    silence: Silence


REPORTED = Period.MONTH
"""In which period one looks for a record of what is not due regularly: the one that is closed of every agreement."""


def last_over(kind: Period, at: datetime, zone: ZoneInfo) -> PeriodSpan:
    """The last whole period of a kind that is over; at the instant of its end it is."""
    return period_at(kind, period_at(kind, at, zone).start - MICROSECOND, zone)


def owed_in_last_periods(stated: Sequence[Stated], at: datetime, zone: ZoneInfo) -> Iterator[Owed]:
    """What to look for a record of: every obligation in the last period of its kind that is over.

    It must have held over all of the period: in every version in force there, on the same side and as often.

    Args:
        stated: the versions one after the other, earliest first.
        at: when somebody asks.
        zone: of the agreement; periods begin at its midnights.
    """
    for every in (*Period, None):
        period = last_over(every or REPORTED, at, zone)
        within = [each for each in stated if each.span.start < period.end and each.span.end > period.start]
        if not within or within[0].span.start > period.start or within[-1].span.end < period.end:
            continue
        silence = Silence.NEGLECTED if every is not None else Silence.NO_ACTIVITY
        held = [{_named(each) for each in version.obligations} for version in within]
        for obligation in within[-1].obligations:
            if obligation.every is every and all(_named(obligation) in names for names in held):
                yield Owed(obligation, period, silence)


def _named(obligation: Obligation) -> tuple[object, ...]:
    return obligation.obligation, obligation.side, obligation.every
