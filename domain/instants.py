"""Instants as whole microseconds since 1970 (UTC), so that comparisons are exact and quick."""

from datetime import UTC, datetime, timedelta

from domain.errors import BadInput, NaiveTime

MICROSECOND = timedelta(microseconds=1)
SECOND_US = 1_000_000
DAY_US = 86_400 * SECOND_US

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

SERVICE_YEARS = range(1970, 2101)
"""Years in which something can happen to a ticket or an agreement. A date outside of them is a slip of the sender, and
counting business time to it would cost seconds."""


def to_us(instant: datetime) -> int:
    """Microseconds since 1970-01-01T00:00Z.

    Raises:
        NaiveTime: the instant has no time zone.
    """
    try:
        return span_us(instant - _EPOCH)
    except TypeError:
        raise refuse_naive(instant) from None


def refuse_naive(instant: datetime) -> NaiveTime:
    """What to say of an instant that has no time zone."""
    shown = instant.replace(tzinfo=None).isoformat()
    return NaiveTime(f"{shown} has no time zone; write an offset, for example {shown}+01:00")


def from_us(us: int) -> datetime:
    """The instant in UTC.

    Raises:
        BadInput: it lies outside of the years 1 to 9999.
    """
    try:
        return _EPOCH + timedelta(0, 0, us)
    except OverflowError:
        raise BadInput("an instant outside of the years 1 to 9999 cannot be named") from None


def span_us(length: timedelta) -> int:
    """A length of time in microseconds."""
    return (length.days * 86_400 + length.seconds) * SECOND_US + length.microseconds
