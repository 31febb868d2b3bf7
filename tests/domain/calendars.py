"""Calendars of the tests: an office in Warsaw unless they say otherwise."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from domain.calendar_definitions import CalendarDefinition
from domain.calendars import ServiceCalendar

WARSAW = ZoneInfo("Europe/Warsaw")
H, M = timedelta(hours=1), timedelta(minutes=1)
OFFICE = {day: ["08:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
AROUND_THE_CLOCK = {day: ["00:00-24:00"] for day in (*OFFICE, "sat", "sun")}


def calendar(**parts: Any) -> ServiceCalendar:
    return ServiceCalendar(CalendarDefinition.model_validate({"calendar": "c", "time_zone": "Europe/Warsaw", "weekly": OFFICE} | parts))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=WARSAW)
