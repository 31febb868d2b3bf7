"""How every command prints: data as JSON for machines, plain lines for people, errors as one line."""

import json
import sys
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from domain.errors import BadInput, NaiveTime


def print_json(value: Any) -> None:
    """A value as indented JSON on standard output."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def say(line: str = "") -> None:
    """One line on standard output."""
    sys.stdout.write(line + "\n")


def warn(line: str) -> None:
    """One line on standard error, beside the data."""
    sys.stderr.write(line + "\n")


def parse_instant(text: str) -> datetime:
    """Read an ISO 8601 instant with its offset.

    Raises:
        BadInput: no such instant, or none that UTC can name.
        NaiveTime: no offset.
    """
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as wrong:
        raise BadInput(f"{text!r} is no ISO 8601 time; write 2026-03-16T15:30+01:00") from wrong
    if instant.tzinfo is None:
        raise NaiveTime(f"{text!r} has no time zone; write an offset, for example 2026-03-16T15:30+01:00, or Z for UTC")
    try:
        instant.astimezone(UTC)
    except OverflowError as wrong:
        raise BadInput(f"{text!r} lies outside of the years 1 to 9999 in UTC") from wrong
    return instant


def utc(instant: datetime) -> str:
    """RFC 3339 in UTC."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def local(instant: datetime, zone: ZoneInfo) -> str:
    """RFC 3339 in a zone."""
    return instant.astimezone(zone).isoformat()
