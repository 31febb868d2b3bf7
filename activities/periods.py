"""An agreement's periods, closed, reported and looked at."""

from temporalio import activity

from domain.closing import Closing, Looked
from domain.effects import Notice
from domain.in_force_messages import Asking
from domain.ports import PeriodBook


class PeriodActivities:
    """Reads and closes periods."""

    def __init__(self, book: PeriodBook) -> None:
        """Take the book of periods."""
        self._book = book

    @activity.defn(name="periods.close")
    async def close(self, asking: Asking) -> Closing | None:
        """Close a period as it stands; the same figures again are the same version."""
        return await self._book.close(asking.registry_no, asking.period, asking.at)

    @activity.defn(name="periods.report")
    async def report(self, asking: Asking) -> Notice | None:
        """Who is told that the report of a period is ready; the report itself is made of the closed period whenever it is read."""
        return await self._book.report(asking.registry_no, asking.period, asking.at)

    @activity.defn(name="periods.look")
    async def look(self, asking: Asking) -> Looked:
        """What is irregular now, and which closed periods are no longer what their last version says."""
        return await self._book.look(asking.registry_no, asking.at)
