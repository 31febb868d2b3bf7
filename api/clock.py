"""What time it is for the business."""

from datetime import UTC, datetime, timedelta


class BusinessClock:
    """Shows the machine's time less a shift, which is zero in production."""

    def __init__(self, shift: timedelta) -> None:
        self.shift = shift

    def __call__(self) -> datetime:
        """Business time now."""
        return datetime.now(UTC) - self.shift
