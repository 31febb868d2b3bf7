"""How many clocks kept their promise: by target, priority and month."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from domain.clocks import ClockReading, ClockState
from domain.targets import ALWAYS


class Cell(NamedTuple):
    """What clocks are counted under; `month` reads `2026-03`, in the zone of the agreement."""

    target: str
    priority: str
    month: str


class Attainment(NamedTuple):
    """Clocks that were judged. Met counts for the promise, breached and executed too early against it."""

    met: int = 0
    breached: int = 0

    def __add__(self, other: object) -> "Attainment":
        """Both together."""
        if not isinstance(other, Attainment):
            return NotImplemented
        return Attainment(self.met + other.met, self.breached + other.breached)

    @property
    def judged(self) -> int:
        """All that count."""
        return self.met + self.breached

    @property
    def percent(self) -> Decimal | None:
        """The share that was met, rounded down to two decimals: 94.999 % is no 95 %. None where nothing was judged."""
        return Decimal(self.met * 10_000 // self.judged).scaleb(-2) if self.judged else None


def verdict_at(reading: ClockReading) -> datetime | None:
    """The instant from which it is known whether the promise was kept; None while it is open, cancelled or excluded."""
    if reading.state in {ClockState.CANCELLED, ClockState.VOIDED}:
        return None
    return reading.breach_at or reading.completed_at


def attainment(judged: Iterable[tuple[str, ClockReading]]) -> dict[Cell, Attainment]:
    """Count readings, each with the priority of its ticket, by target, priority and month of the verdict.

    A clock that is open and not late has no verdict and counts nowhere yet; one that is open and late counts in the
    month in which it was due. Cycles of a target count each for itself. Targets of OLAs and UCs are named
    `agreement/target`, as their clocks are.
    """
    counts: dict[Cell, Attainment] = {}
    for priority, reading in judged:
        at = verdict_at(reading)
        if at is None:
            continue
        local = at.astimezone(reading.segment.agreement.calendar(ALWAYS).zone)
        cell = Cell(reading.clock.partition("#")[0], priority, f"{local:%Y-%m}")
        counts[cell] = counts.get(cell, Attainment()) + (Attainment(met=1) if reading.met else Attainment(breached=1))
    return counts


class Counted(NamedTuple):
    """Clocks of a target with a verdict in a period; those of tickets beyond the workload limit stand aside."""

    within: Attainment = Attainment()
    over_limit: int = 0


class Judgement(StrEnum):
    """How one clock counts in a period: for the promise, against it, or aside as beyond the agreed volume."""

    MET = "met"
    BREACHED = "breached"
    OVER_LIMIT = "over_limit"
