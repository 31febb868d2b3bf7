"""Holiday dates to choose from: the `holidays` package, or an iCalendar file."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from domain.errors import BadInput

_MAX_BYTES = 5_000_000
_LONGEST_EVENT = timedelta(days=366)


def holidays_of_country(code: str, years: range) -> list[tuple[date, str]]:
    """Statutory holidays of a country (`PL`) or one of its regions (`DE-BY`).

    Raises:
        BadInput: the package does not know the country or region.
    """
    import holidays  # noqa: PLC0415  (loading it takes half a second no other command should pay)

    country, _, region = code.upper().partition("-")
    try:
        # Without a language the names follow the locale of the process.
        found = holidays.country_holidays(country, subdiv=region or None, years=years, language="en_US")
    except NotImplementedError as wrong:
        raise BadInput(f"no holidays are known for {code!r}; write an ISO code such as PL, or DE-BY for a region") from wrong
    return sorted(found.items())


def holidays_of_ics(path: Path, years: range | None) -> list[tuple[date, str]]:
    """The all-day events of an iCalendar file, as `holidays_in_ics` reads them.

    Raises:
        BadInput: not readable, or as `holidays_in_ics` says.
    """
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise BadInput(f"{path}: larger than {_MAX_BYTES} bytes")
        return holidays_in_ics(path.read_bytes(), str(path), years)
    except OSError as wrong:
        raise BadInput(f"{path}: {wrong}") from wrong


def holidays_in_ics(content: bytes, name: str, years: range | None) -> list[tuple[date, str]]:
    """The all-day events in an iCalendar text, one line per date; `name` is what messages call it. What repeats is refused, not guessed.

    Appointments at a time of day and cancelled events are no holidays.

    Raises:
        BadInput: no iCalendar text, or an event this reader cannot turn into dates.
    """
    from icalendar import Calendar  # noqa: PLC0415  (as above: no other command should pay for loading it)

    try:
        calendars = Calendar.from_ical(content.decode("utf-8-sig"), multiple=True)
    except UnicodeDecodeError as wrong:
        raise BadInput(f"{name}: {wrong}") from wrong
    except ValueError as wrong:
        raise BadInput(f"{name}: no iCalendar file") from wrong
    if not calendars:
        raise BadInput(f"{name}: no iCalendar file")
    found = {day: title for calendar in calendars for event in calendar.walk("VEVENT") for day, title in _days(name, event)}
    return sorted((day, title) for day, title in found.items() if years is None or day.year in years)


def _days(file: str, event: Any) -> Iterator[tuple[date, str]]:
    name = " ".join(str(event.get("SUMMARY", "holiday")).split())
    try:
        first, end = event.start, event.end
    except (ValueError, OverflowError) as wrong:
        raise BadInput(f"{file}: {name!r} has no such date: {wrong}") from wrong
    if isinstance(first, datetime) or event.get("STATUS") == "CANCELLED":
        return
    if "RRULE" in event or "RDATE" in event:
        raise BadInput(f"{file}: {name!r} repeats; export the file with the dates written out")
    if not timedelta() < end - first <= _LONGEST_EVENT:
        raise BadInput(f"{file}: {name!r} lasts from {first} to {end}")
    for ahead in range((end - first).days):
        yield first + timedelta(days=ahead), name
