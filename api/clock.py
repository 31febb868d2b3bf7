"""What time it is for the business."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Now = Callable[[], datetime]


def business_clock(shift: timedelta) -> Now:
    """A clock that shows the machine's time less a shift; the shift is zero in production."""
    return lambda: datetime.now(UTC) - shift
