"""A ticket's clocks in one word, for lists and searches."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from domain.clocks import ClockReading, ClockState
from domain.instants import span_us


class ClockHealth(StrEnum):
    """The worst of a ticket's clocks; worst last."""

    ENDED = "ENDED"
    PENDING = "PENDING"
    PAUSED = "PAUSED"
    ON_TRACK = "ON_TRACK"
    AT_RISK = "AT_RISK"
    BREACHED = "BREACHED"


def health_of(readings: Sequence[ClockReading]) -> ClockHealth:
    """The health of a ticket; ended clocks count only when none is open, and a breach always."""
    order = list(ClockHealth)
    return max((_health(reading) for reading in readings), key=order.index, default=ClockHealth.ENDED)


def _health(reading: ClockReading) -> ClockHealth:
    if reading.breached and reading.state is not ClockState.VOIDED:
        return ClockHealth.BREACHED
    warn_at = min(reading.segment.target.warn_at, default=100)
    if reading.state is ClockState.RUNNING and reading.plan is not None and 100 * span_us(reading.spent) >= warn_at * reading.plan.budget:
        return ClockHealth.AT_RISK
    return {
        ClockState.PENDING: ClockHealth.PENDING,
        ClockState.PAUSED: ClockHealth.PAUSED,
        ClockState.RUNNING: ClockHealth.ON_TRACK,
    }.get(reading.state, ClockHealth.ENDED)


def next_due_at(readings: Sequence[ClockReading]) -> datetime | None:
    """The earliest due time of a clock that still runs and is not breached."""
    running = (reading.due_at for reading in readings if reading.state is ClockState.RUNNING and not reading.breached)
    return min((due for due in running if due is not None), default=None)
