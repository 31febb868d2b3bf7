"""Telling the engine what the inbox holds: at once when it is up, when it is back when it was down.

It sleeps until there is something to send, and looks now and then all the same: a command, or an API process that died, may
have left something without a word. Several API processes may do this side by side.
"""

import asyncio
import logging
from contextlib import suppress

_log = logging.getLogger(__name__)

_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 5.0
"""Seconds between two attempts; the longest is also that between two looks while nobody says a word."""


class Forwarding:
    """The patience of a forwarder: what waits is sent, and tried again until it is taken."""

    def __init__(self) -> None:
        """Begin with what was left when the last process ended."""
        self._news = asyncio.Event()
        self._news.set()
        self.engine_is_up = True

    def nudge(self) -> None:
        """There is something to send."""
        self._news.set()

    async def run(self) -> None:
        """Send what waits, for ever."""
        pause = _FIRST_PAUSE
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), _LONGEST_PAUSE)
            self._news.clear()
            try:
                sent_all = await self._send_waiting()
            except Exception:  # noqa: BLE001  (whatever the database throws, what waits must still be sent)
                _log.exception("the inbox could not be read; trying again")
                sent_all = False
            self.engine_is_up = sent_all
            if sent_all:
                pause = _FIRST_PAUSE
            else:
                self._news.set()
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)

    async def _send_waiting(self) -> bool:
        """Send everything that waits; False if something has to be tried again."""
        raise NotImplementedError
