"""What a clock reaches on its way, and somebody is told of: at once, a warning, the breach, an escalation."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class MilestoneKind(StrEnum):
    """What a clock reaches on its way, in the order in which a later one makes an earlier one old news."""

    PAGE = "PAGE"
    WARNING = "WARNING"
    BREACH = "BREACH"
    ESCALATION = "ESCALATION"


class ClockMilestone(NamedTuple):
    """An instant of a clock that somebody is told of; `level` is the per cent of a warning or the step of an escalation."""

    clock: str
    kind: MilestoneKind
    level: int
    at: datetime

    @property
    def key(self) -> str:
        """Identity within the ticket: each is told once, however often the clock is planned anew."""
        return f"{self.clock}:{self.kind.value.lower()}:{self.level}"
