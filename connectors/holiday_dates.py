"""Holiday dates to choose from: the `holidays` package, or an iCalendar file."""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

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
    """The all-day events of an iCalendar file, one line per date. Rules of repetition are refused, not guessed.

    Raises:
        BadInput: not readable, no iCalendar file, or an event this reader cannot turn into dates.
    """
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise BadInput(f"{path}: larger than {_MAX_BYTES} bytes")
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as wrong:
        raise BadInput(f"{path}: {wrong}") from wrong
    if "BEGIN:VCALENDAR" not in text:
        raise BadInput(f"{path}: no iCalendar file")
    unfolded = re.sub(r"\r?\n[ \t]", "", text)
    found = {day: name for block in re.findall(r"BEGIN:VEVENT(.*?)END:VEVENT", unfolded, re.DOTALL) for day, name in _days(path, block)}
    return sorted((day, name) for day, name in found.items() if years is None or day.year in years)


def _days(path: Path, block: str) -> Iterator[tuple[date, str]]:
    fields = dict(re.findall(r"^([A-Z-]+)(?:;[^:\r\n]*)?:(.*?)\r?$", block, re.MULTILINE))
    name = re.sub(r"\\(.)", r"\1", fields.get("SUMMARY", "holiday"))
    if "RRULE" in fields:
        raise BadInput(f"{path}: {name!r} repeats by a rule; export the file with the dates written out")
    start = fields.get("DTSTART", "")
    if not re.fullmatch(r"\d{8}", start):
        return  # an appointment at a time of day is no holiday
    first = _date(path, name, start)
    end = _date(path, name, fields["DTEND"]) if re.fullmatch(r"\d{8}", fields.get("DTEND", "")) else first + timedelta(days=1)
    if not timedelta() < end - first <= _LONGEST_EVENT:
        raise BadInput(f"{path}: {name!r} lasts from {first} to {end}")
    for ahead in range((end - first).days):
        yield first + timedelta(days=ahead), name


def _date(path: Path, name: str, text: str) -> date:
    try:
        return datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007  (a date has no zone)
    except ValueError as wrong:
        raise BadInput(f"{path}: {name!r} has no such date: {text}") from wrong
