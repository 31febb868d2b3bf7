"""Dates counted in business days, forwards and backwards."""

from datetime import datetime, timedelta

from domain.calendars import ServiceCalendar
from domain.instants import from_us, to_us


def business_days_from(calendar: ServiceCalendar, at: datetime, days: int) -> datetime:
    """The instant so many business days on; with a negative number the same time of day on an earlier open date.

    Friday 10 July 10:00 less three is Tuesday 7 July 10:00.
    """
    if days >= 0:
        return calendar.due(at, days * calendar.business_day) if days else at
    earlier, left = at, -days
    while left:
        earlier = calendar.same_time_days_later(earlier, -1)
        left -= calendar.is_business_day(earlier.astimezone(calendar.zone).date())
    return earlier


def next_opening(calendar: ServiceCalendar, at: datetime) -> datetime:
    """The first instant from `at` on at which business is open."""
    reached = calendar.reach(to_us(at), 1)
    if reached is None:
        return at
    return from_us(reached) - timedelta(microseconds=1)
