"""Moving open tickets to another version of their agreement, at a steady rate."""

import asyncio
import time

from temporalio import activity

from domain.ports import Replans
from domain.replan import PageMoved, PageOrder


class ReplanActivities:
    """Moves tickets page by page."""

    def __init__(self, replans: Replans) -> None:
        """Take where tickets are moved."""
        self._replans = replans

    @activity.defn(name="replans.move")
    async def move(self, order: PageOrder) -> PageMoved:
        """Move a page of tickets, no faster than the rate; a second attempt finds what the first one left."""
        page, began = PageMoved(after=order.after, made=0, moved=0, is_last=False), time.monotonic()
        async for page in self._replans.move(order):
            activity.heartbeat(page.moved)
            ahead = page.made / order.rate - (time.monotonic() - began)
            await asyncio.sleep(max(ahead, 0))
        return page

    @activity.defn(name="replans.finish")
    async def finish(self, replan: str) -> None:
        """Note that every ticket had its turn."""
        await self._replans.finish(replan)
