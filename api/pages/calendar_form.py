"""A calendar as people type it: hours by weekday, holidays and exceptions a line each."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from api.pages.visitors import Sent
from api.pages.year_view import WEEKDAYS
from connectors.holiday_dates import holidays_in_ics, holidays_of_country
from domain.calendar_definitions import CalendarDefinition
from domain.errors import BadInput

ASKED_BESIDE = ("country", "years", "ics")
"""Fields that propose holidays and are no part of the calendar."""


class CalendarForm(NamedTuple):
    """A calendar as it is typed: hours a line each, holidays and exceptions a line each."""

    calendar: str
    time_zone: str
    weekly: Mapping[str, str]
    holidays: str
    exceptions: str
    business_day: str
    reason: str

    @classmethod
    def empty(cls) -> "CalendarForm":
        """Office hours in Poland to begin with."""
        return cls("", "Europe/Warsaw", {day.value: "08:00-17:00" if day not in WEEKDAYS[5:] else "" for day in WEEKDAYS}, "", "", "", "")

    @classmethod
    def of(cls, definition: CalendarDefinition) -> "CalendarForm":
        """A calendar as it would be typed."""
        plain = definition.model_dump(mode="json", exclude_none=True)
        weekly = {day.value: ", ".join(definition.weekly.get(day, ())) for day in WEEKDAYS}
        exceptions = "\n".join(f"{on} {', '.join(hours)}".strip() for on, hours in plain.get("exceptions", {}).items())
        length = plain.get("business_day", "")
        return cls(definition.calendar, definition.time_zone, weekly, "\n".join(plain.get("holidays", ())), exceptions, length, "")

    @classmethod
    def typed(cls, sent: Sent) -> "CalendarForm":
        """What somebody typed, right or wrong."""
        weekly = {day.value: sent.text(day.value) for day in WEEKDAYS}
        names = ("calendar", "time_zone", "holidays", "exceptions", "business_day", "reason")
        return cls(weekly=weekly, **{name: sent.text(name) for name in names})

    def with_holidays(self, country: str, years: str, ics: bytes | None) -> "CalendarForm":
        """The holidays of a country, or of an iCalendar file that was chosen, added with their names beside them.

        A person looks them through before proposing them.

        Raises:
            BadInput: no such country, no years, or no iCalendar file.
        """
        if ics is not None:
            found = holidays_in_ics(ics, "ics", _years(years) if years else None)
        else:
            found = holidays_of_country(country, _years(years))
        known = {line.partition("#")[0].strip() for line in self.holidays.splitlines()}
        new = [f"{on}  # {name}" for on, name in found if on.isoformat() not in known]
        lines = sorted([*(line for line in self.holidays.splitlines() if line.strip()), *new])
        return self._replace(holidays="\n".join(lines))

    def definition(self) -> CalendarDefinition:
        """The calendar that is typed.

        Raises:
            ValidationError: it is none; each fault by its field.
        """
        value: dict[str, Any] = {"calendar": self.calendar, "time_zone": self.time_zone}
        value["weekly"] = {day: _hours(text) for day, text in self.weekly.items() if text}
        value["holidays"] = [line.partition("#")[0].strip() for line in self.holidays.splitlines() if line.partition("#")[0].strip()]
        value["exceptions"] = {
            on: _hours(hours) for on, _, hours in (line.strip().partition(" ") for line in self.exceptions.splitlines() if line.strip())
        }
        if self.business_day:
            value["business_day"] = self.business_day
        return CalendarDefinition.model_validate(value)


def _hours(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _years(typed: str) -> range:
    first, _, last = typed.replace(" ", "").partition("-")
    if (
        not re.fullmatch(r"[0-9]{4}", first)
        or not re.fullmatch(r"[0-9]{4}", last or first)
        or not 0 <= int(last or first) - int(first) <= 20
    ):
        raise BadInput("years: write 2026 or 2026-2027")
    return range(int(first), int(last or first) + 1)


def by_field(faults: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Faults by the field they were typed in; those of the whole stand by no name."""
    found: dict[str, str] = {}
    for each in faults:
        names = each["field"].split(".")
        name = next((part for part in names[:2] if part in _FIELDS), "")
        message = each["message"] if name else ": ".join(filter(None, (each["field"].replace("body", ""), each["message"])))
        found[name] = f"{found[name]}\n{message}" if name in found else message
    return found


_FIELDS = frozenset({*(day.value for day in WEEKDAYS), "calendar", "time_zone", "holidays", "exceptions", "business_day", "reason"})
