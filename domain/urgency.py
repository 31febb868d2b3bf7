"""When a notice is told: at once, when the receiver's quiet hours end, or with the next digest. Pure."""

from datetime import datetime, timedelta

from domain.calendar_definitions import CalendarDefinition
from domain.calendars import ServiceCalendar, calendar_of
from domain.effects import Notice
from domain.people import NoticePreferences, QuietHours

URGENT = frozenset({"ticket_page", "ticket_breach", "ticket_escalation", "ticket_withdrawn", "task_escalation"})
"""Phrases of notices that no quiet hours keep back: a breach, its correction, an escalation, a clock that starts due."""

NEVER_GATHERED = frozenset({"task_opened", "survey"})
"""Phrases of notices that ask for something for the first time: they come by themselves, not in a digest."""

_AHEAD = timedelta(days=31)
"""How far the next opening is looked for; a provider that is closed for longer is told at once."""


def is_urgent(notice: Notice) -> bool:
    """Is it told at once whatever the receiver's hours? One without a phrase is: nobody knows what it says."""
    return notice.phrase is None or notice.phrase in URGENT


def is_gathered(notice: Notice, preferences: NoticePreferences) -> bool:
    """Does it come with the receiver's digest?"""
    return preferences.digest and not is_urgent(notice) and notice.phrase not in NEVER_GATHERED


def waits_until(notice: Notice, preferences: NoticePreferences, provider: CalendarDefinition, now: datetime) -> datetime | None:
    """The instant until which a notice waits for this receiver; None if it is told now."""
    if is_urgent(notice):
        return None
    calendar = calendar_of(provider)
    if is_gathered(notice, preferences):
        digest = _opening_after(calendar, _midnight_after(calendar, now))
        return (_quiet_until(preferences, calendar, digest) or digest) if digest is not None else None
    return _quiet_until(preferences, calendar, now)


def _quiet_until(preferences: NoticePreferences, calendar: ServiceCalendar, now: datetime) -> datetime | None:
    quiet = preferences.quiet
    if quiet is None:
        return None
    if isinstance(quiet, QuietHours):
        return _end_of(quiet, calendar, now)
    return None if calendar.covers(now) else _opening_after(calendar, now)


def _end_of(quiet: QuietHours, calendar: ServiceCalendar, now: datetime) -> datetime | None:
    """When the quiet hours that hold now end; hours that touch are one. Whoever is never to be told is told within a week."""
    zone = quiet.time_zone or calendar.zone.key
    hours = calendar_of(CalendarDefinition(calendar="quiet-hours", time_zone=zone, weekly=quiet.weekly))
    if not hours.covers(now):
        return None
    end, last = now, now + timedelta(days=7)
    for span in hours.open_spans(now, last):
        if span.start > end:
            break
        end = max(end, span.end)
    return min(end, last)


def _midnight_after(calendar: ServiceCalendar, now: datetime) -> datetime:
    tomorrow = now.astimezone(calendar.zone).date() + timedelta(days=1)
    return calendar.local(tomorrow, datetime.min.time())


def _opening_after(calendar: ServiceCalendar, instant: datetime) -> datetime | None:
    spans = calendar.open_spans(instant, instant + _AHEAD)
    return spans[0].start if spans else None
