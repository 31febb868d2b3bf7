"""Letting data about people go once its period has passed."""

from collections.abc import Callable
from datetime import datetime

from temporalio import activity

from domain.ports import Retention


class RetentionActivities:
    """Carries out batches."""

    def __init__(self, retention: Retention, now: Callable[[], datetime]) -> None:
        """Take where the data is, and the clock of business time."""
        self._retention = retention
        self._now = now

    @activity.defn(name="retention.batch")
    async def batch(self) -> int:
        """A batch of each kind; gives how many rows changed. A second attempt finds what the first one left."""
        return sum((await self._retention.run_batch(self._now())).values())
