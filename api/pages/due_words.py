"""Due times as people say them, and how a clock stands in one word."""

from datetime import datetime, timedelta

from api.pages.words import PageWords
from api.views import ListedClockView
from domain.clocks import ClockReading, ClockState

_DAY, _HOUR, _MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


def due_said(due_at: datetime, now: datetime, words: PageWords) -> str:
    """How far away a due time is on the wall clock: `in 2 h 10 min`, `45 min late`."""
    if due_at > now:
        return words.say("tickets.in", length=_rough(due_at - now, words))
    return words.say("tickets.late", length=_rough(now - due_at, words))


def _rough(length: timedelta, words: PageWords) -> str:
    """Days from the third on, else hours and minutes, cut off."""
    if length >= 2 * _DAY:
        return words.counted("tickets.days", length // _DAY)
    return words.length(length // _MINUTE * _MINUTE) if length >= _MINUTE else words["tickets.moment"]


def standing_of(clock: ListedClockView) -> str:
    """How a listed clock stands: `BREACHED` or `NEAR_BREACH` before its state, `MET` for one completed in time."""
    if clock.breached:
        return "BREACHED"
    if clock.near_breach:
        return "NEAR_BREACH"
    return "MET" if clock.state == "COMPLETED" else clock.state


def standing_read(reading: ClockReading, warned: datetime | None, now: datetime) -> str:
    """The same of a clock that was read in full, and `EXECUTED_EARLY`; `warned` is its first warning."""
    if reading.executed_early:
        return "EXECUTED_EARLY"
    if reading.breached:
        return "BREACHED"
    if reading.state is ClockState.RUNNING and warned is not None and warned <= now:
        return "NEAR_BREACH"
    return "MET" if reading.state is ClockState.COMPLETED else reading.state.value
