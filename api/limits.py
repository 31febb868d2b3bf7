"""How often somebody may do something: a bucket for each, which fills again with time. Kept in this process alone."""

import time
from collections.abc import Callable

from api.errors import TooManyRequests

_MOST = 10_000
"""Buckets that are kept; above that the full ones go, which say nothing."""


class Limit:
    """So many at once, and so many a second in the long run, for each who asks."""

    def __init__(self, at_once: float, per_second: float, now: Callable[[], float] = time.monotonic) -> None:
        """Begin with full buckets; `now` tells seconds that only go forward."""
        self._at_once = at_once
        self._per_second = per_second
        self._now = now
        self._left: dict[str, tuple[float, float]] = {}

    def take(self, who: str) -> None:
        """Let somebody do it once more.

        Raises:
            TooManyRequests: their bucket is empty.
        """
        now = self._now()
        left = self._filled(who, now)
        if left < 1:
            raise TooManyRequests("too many requests; wait, then go on", (1 - left) / self._per_second)
        if who not in self._left and len(self._left) >= _MOST:
            self._forget(now)
        self._left[who] = left - 1, now

    def _filled(self, who: str, now: float) -> float:
        left, since = self._left.get(who, (self._at_once, now))
        return min(self._at_once, left + (now - since) * self._per_second)

    def _forget(self, now: float) -> None:
        """Let the full buckets go; if all are in use, let all go rather than grow without end."""
        self._left = {who: bucket for who, bucket in self._left.items() if self._filled(who, now) < self._at_once}
        if len(self._left) >= _MOST:
            self._left = {}


class Limits:
    """The limits of this process."""

    def __init__(self, writes_per_second: float, doors_per_minute: float) -> None:
        """Limit what changes something, by who asks; what nobody is known for, and what anybody may read, by address."""
        self.writes = Limit(10 * writes_per_second, writes_per_second)
        self.doors = Limit(doors_per_minute, doors_per_minute / 60)
        self.readers = Limit(doors_per_minute, doors_per_minute / 60)
