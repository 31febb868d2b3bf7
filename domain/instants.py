"""Instants as whole microseconds since 1970 (UTC), so that comparisons are exact and quick."""

from datetime import UTC, datetime, timedelta

from domain.errors import NaiveTime

MICROSECOND = timedelta(microseconds=1)
SECOND_US = 1_000_000
DAY_US = 86_400 * SECOND_US


def to_us(instant: datetime) -> int:
    """Microseconds since 1970-01-01T00:00Z.

    Raises:
        NaiveTime: the instant has no time zone.
    """
    if instant.tzinfo is None:
        raise refuse_naive(instant)
    # A float holds microseconds of our centuries exactly enough (2⁻² µs) for round() to find the integer.
    return round(instant.timestamp() * 1e6)


def refuse_naive(instant: datetime) -> NaiveTime:
    """What to say of an instant that has no time zone."""
    return NaiveTime(f"{instant.isoformat()} has no time zone; write an offset, for example {instant.isoformat()}+01:00")


def from_us(us: int) -> datetime:
    """The instant in UTC."""
    return datetime.fromtimestamp(us / 1e6, UTC)


def span_us(length: timedelta) -> int:
    """A length of time in microseconds."""
    return (length.days * 86_400 + length.seconds) * SECOND_US + length.microseconds
