"""Business time in a process: what time it is there, and the one timer that says when to look again."""

import asyncio
from datetime import datetime, timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from domain.clock_milestones import ClockMilestone


class BusinessTimer:
    """At most one armed timer; armed anew only when the instant changes, as every change costs."""

    def __init__(self, shift: timedelta) -> None:
        """`shift` is engine time less business time."""
        self.shift = shift
        self._instant: datetime | None = None
        self._sleep: asyncio.Task[None] | None = None

    def now(self) -> datetime:
        """Business time."""
        return workflow.now() - self.shift

    @property
    def fired(self) -> bool:
        """Has the timer run out since it was set? It may be early: whoever is woken looks whether it is time."""
        return self._sleep is not None and self._sleep.done()

    def is_late_by(self, span: timedelta) -> bool:
        """Did it run out so long ago that nobody can have been at work?"""
        return self.fired and self._instant is not None and self.now() - self._instant > span

    def set_for(self, milestone: ClockMilestone | None, event_at: datetime | None) -> None:
        """Wake at a milestone or at an event known ahead, whichever comes first; not at all if there is neither."""
        if milestone is not None and (event_at is None or milestone.at <= event_at):
            self.set(milestone.at, f"{milestone.clock} {milestone.kind.value.lower()} {milestone.level or ''}".strip())
        else:
            self.set(event_at, "an event known ahead")

    def set(self, instant: datetime | None, summary: str) -> None:
        """Wake at an instant, or not at all; `summary` is what administrators read beside the timer."""
        if instant == self._instant and not self.fired:
            return
        if self._sleep is not None:
            self._sleep.cancel()
        self._instant, self._sleep = instant, None
        if instant is not None:
            wait = max(instant - self.now(), timedelta(milliseconds=1))
            self._sleep = asyncio.create_task(workflow.sleep(wait, summary=summary))
