"""What a help desk hears of its ticket beside breaches, where it wants to: when it is due, warnings, promises kept."""

from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from datetime import datetime
from typing import NamedTuple

from domain.announcements import OLD_NEWS_AFTER, Announcements
from domain.clock_milestones import MilestoneKind
from domain.clocks import ClockReading, ClockState
from domain.effects import CrmUpdate, Telling, TicketRef
from domain.wording import subject_of

_DUE = "ticket:crm:due"


class HelpDesk(NamedTuple):
    """Where a ticket lives; `process` is the id that begins every key."""

    ticket: TicketRef
    process: str

    def news(
        self, readings: Sequence[ClockReading], news: Announcements, told: Mapping[str, datetime], now: datetime
    ) -> tuple[CrmUpdate, ...]:
        """What is news to the help desk; `told` is what it heard before."""
        return (*self._due(readings, told, now), *self._warnings(news), *self._met(readings, told, now))

    def _due(self, readings: Sequence[ClockReading], told: Mapping[str, datetime], now: datetime) -> Iterator[CrmUpdate]:
        """The next due time of the ticket, whenever it is another one. While all clocks stand still none is certain."""
        running = [reading for reading in readings if reading.state is ClockState.RUNNING]
        first = min(((reading.due_at, reading.clock) for reading in running if reading.due_at is not None), default=None)
        if first is None or told.get(_DUE) == first[0]:
            return
        due_at, clock = first
        reading = next(reading for reading in running if reading.clock == clock)
        local = due_at.astimezone(reading.segment.agreement.calendar("24x7").zone)
        text = f"Due {local.strftime('%Y-%m-%d %H:%M %Z')}: {clock} of ticket {self.ticket.ticket_id}"
        yield self._update(f"due:{due_at.isoformat()}:at:{now.isoformat()}", "clock.due", reading, now, text)

    def _warnings(self, news: Announcements) -> Iterator[CrmUpdate]:
        for reached in news.reached:
            if reached.milestone.kind is MilestoneKind.WARNING and reached.telling is Telling.TOLD:
                text = subject_of(reached, self.ticket)
                yield self._update(reached.key, "clock.warning", reached.reading, reached.milestone.at, text)

    def _met(self, readings: Sequence[ClockReading], told: Mapping[str, datetime], now: datetime) -> Iterator[CrmUpdate]:
        for reading in readings:
            at = reading.completed_at
            if reading.met and at is not None and now - at <= OLD_NEWS_AFTER and told.get(_met_key(reading.clock)) != at:
                text = f"Met: {reading.clock} of ticket {self.ticket.ticket_id}"
                yield self._update(f"{reading.clock}:met:{at.isoformat()}", "clock.met", reading, at, text)

    def _update(self, key: str, kind: str, reading: ClockReading, at: datetime, text: str) -> CrmUpdate:
        return CrmUpdate(
            key=f"{self.process}:{key}:crm",
            ticket=self.ticket,
            kind=kind,
            clock=reading.clock,
            agreement=reading.agreement,
            at=at,
            due_at=reading.due_at,
            text=text,
        )


def mark_written(updates: Sequence[CrmUpdate], told: MutableMapping[str, datetime]) -> None:
    """Remember what the help desk was told."""
    for update in updates:
        if update.kind == "clock.due" and update.due_at is not None:
            told[_DUE] = update.due_at
        elif update.kind == "clock.met":
            told[_met_key(update.clock)] = update.at


def _met_key(clock: str) -> str:
    return f"{clock}:crm:met"
