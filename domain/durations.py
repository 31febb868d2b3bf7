"""Lengths of time as people write them: `90m`, `4h30m`, `16200s` or ISO 8601 `PT4H30M`."""

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from domain.errors import InvalidDuration

_NUMBER = r"(\d{1,18})"  # longer ones are no length of time, and Python refuses to read the longest
_SHORT = re.compile(rf"^(?:{_NUMBER}h)?(?:{_NUMBER}m)?(?:{_NUMBER}s)?$", re.ASCII)
_ISO = re.compile(rf"^PT(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?$", re.ASCII)
_PATTERN = r"^(PT(\d+H)?(\d+M)?(\d+S)?|(\d+h)?(\d+m)?(\d+s)?)$"
_LONGEST = timedelta(days=36_525)


def parse_duration(text: str) -> timedelta:
    """Read a length of time of more than zero, at most a century.

    Days are refused on purpose: a day of 24 hours and a working day are different promises.

    Raises:
        InvalidDuration: the text is something else, zero or negative.
    """
    match = _SHORT.match(text.strip()) or _ISO.match(text.strip())
    if match is None or not any(match.groups()):
        raise InvalidDuration(f"{_shown(text)} is no length of time; write 90m, 4h30m, 16200s or PT4H30M, more than zero")
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    try:
        length = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError:
        length = timedelta.max
    if not timedelta() < length <= _LONGEST:
        raise InvalidDuration(f"{_shown(text)} must be more than zero and at most a hundred years")
    return length


def _shown(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:60] + "…")


def format_duration(length: timedelta) -> str:
    """The shortest of our own spelling: `4h30m`, `45s`, `-1h10m`; seconds are kept, fractions cut off."""
    total = int(length.total_seconds())
    sign, total = ("-", -total) if total < 0 else ("", total)
    hours, rest = divmod(total, 3600)
    minutes, seconds = divmod(rest, 60)
    parts = [f"{hours}h" if hours else "", f"{minutes}m" if minutes else "", f"{seconds}s" if seconds else ""]
    return sign + ("".join(parts) or "0s")


def _read(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return parse_duration(value)
        except InvalidDuration as wrong:
            raise ValueError(str(wrong)) from wrong
    if isinstance(value, int | float):
        raise ValueError(f"{value} has no unit; write 90m, 4h30m, 16200s or PT4H30M")  # noqa: TRY004  (pydantic reports only ValueError)
    return value


Duration = Annotated[
    timedelta,
    BeforeValidator(_read),
    PlainSerializer(format_duration, return_type=str),
    WithJsonSchema({"type": "string", "pattern": _PATTERN, "examples": ["4h", "4h30m", "90m", "PT4H30M"]}),
]
"""A length of time in a document: text in YAML and JSON, `timedelta` in code."""
