"""A clock of a ticket as its page shows it: the picture, the same in words, and the reasons for its due time."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from api.pages.due_words import standing_read
from api.pages.words import PageWords
from api.ticket_reading import ReadTicket
from connectors.clock_svg import ClockWords, clock_svg
from connectors.readable.targets import limit_in_words
from connectors.readable.words import Words, phrases_of
from domain.attribution import Part
from domain.clock_milestones import MilestoneKind
from domain.clock_strips import Mark, clock_strip
from domain.clocks import ClockReading
from domain.explanation import Step, StepKind, explain_clock, free_dates
from domain.history import tell
from domain.instants import from_us, to_us
from domain.targets import DATE_KINDS

_STEPS_SHOWN = 12
"""How many stretches an explanation begins and ends with; what lies between is told as a sum."""


class ShownStep(NamedTuple):
    """A line of an explanation; `reason` says why it did not count, `skipped` of how many stretches it is the sum."""

    start: datetime
    end: datetime
    counted: timedelta
    total: timedelta
    reason: str | None = None
    skipped: int = 0


class ShownClock(NamedTuple):
    """A clock and all its page says of it."""

    reading: ClockReading
    zone: ZoneInfo
    standing: str
    promise: str
    is_of_a_date: bool
    picture: str | None
    marks: Sequence[Mark]
    steps: Sequence[ShownStep]
    free: Sequence[date]
    parts: Sequence[Part]

    @property
    def remaining(self) -> timedelta | None:
        """What is left, in whole seconds that add up with what is shown as used; negative is late."""
        if self.reading.remaining is None:
            return None
        used = timedelta(seconds=int(self.reading.spent.total_seconds()))
        return self.reading.remaining + self.reading.spent - used

    @property
    def retargeted_at(self) -> datetime | None:
        """When it came under the rule it is measured by, if that was after its start."""
        reading = self.reading
        is_later = reading.started_at is not None and reading.segment.start > to_us(reading.started_at)
        return from_us(reading.segment.start) if is_later else None


def shown_clock(reading: ClockReading, read: ReadTicket, words: PageWords, number: int) -> ShownClock:
    """Put a clock into a picture and words; `number` tells its picture from others on the page."""
    zone = reading.segment.agreement.calendar("24x7").zone
    strip = clock_strip(reading, read.at)
    first = min((each.at for each in reading.milestones() if each.kind is MilestoneKind.WARNING), default=None)
    row = reading.segment.row
    calendar = reading.plan.calendar if reading.plan is not None else None
    until = reading.due_at or reading.completed_at or read.at
    return ShownClock(
        reading,
        zone,
        standing_read(reading, first, read.at),
        limit_in_words(row, Words(phrases_of(words.language))) if row is not None else words["page.none"],
        reading.target_kind in DATE_KINDS,
        clock_svg(strip, clock_words(words, strip.zone), f"clock{number}") if strip is not None else None,
        strip.marks if strip is not None else (),
        _steps(reading, read),
        free_dates(calendar, reading.started_at, until) if calendar is not None and reading.started_at is not None else (),
        read.parts_of(reading),
    )


def clock_words(words: PageWords, zone: ZoneInfo) -> ClockWords:
    """How the picture of a clock speaks a language, on the clocks of a zone."""

    def day(at: datetime) -> str:
        return format_datetime(at, "EEE d MMM", tzinfo=zone, locale=words.language)

    def moment(at: datetime) -> str:
        return format_datetime(at, "EEE d MMM HH:mm", tzinfo=zone, locale=words.language)

    return ClockWords(words, day, moment)


def _steps(reading: ClockReading, read: ReadTicket) -> list[ShownStep]:
    steps = explain_clock(reading, read.at)
    reasons = _pauses(read)
    shown = [ShownStep(each.start, each.end, each.counted, each.total, _reason(each, reasons)) for each in steps]
    if len(shown) <= 2 * _STEPS_SHOWN + 1:
        return shown
    head, between, tail = shown[:_STEPS_SHOWN], shown[_STEPS_SHOWN:-_STEPS_SHOWN], shown[-_STEPS_SHOWN:]
    counted = sum((each.counted for each in between), timedelta())
    return [*head, ShownStep(between[0].start, between[-1].end, counted, between[-1].total, skipped=len(between)), *tail]


def _pauses(read: ReadTicket) -> list[tuple[datetime, datetime | None, str]]:
    history = tell(read.events, to_us(read.at))
    found = history.pauses if history is not None else []
    return [(from_us(each.start), from_us(each.end) if each.end is not None else None, each.reason) for each in found]


def _reason(step: Step, pauses: Sequence[tuple[datetime, datetime | None, str]]) -> str | None:
    """Why a stretch did not count: the pause it lies in; empty if it lies between completion and reopening."""
    if step.kind is StepKind.COUNTED:
        return None
    return next((reason for start, end, reason in pauses if start <= step.start and (end is None or step.start < end)), "")
