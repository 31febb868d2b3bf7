"""Writing down what a ticket's clocks reached."""

from datetime import datetime, timedelta

from temporalio import activity

from domain.effects import MilestoneRecords, Telling
from domain.ports import DigestStarter, MilestoneStore

DIGEST_EVERY = timedelta(minutes=15)
"""Old milestones that become known within such a stretch are told in one digest per receiver."""


class TicketActivities:
    """Records milestones."""

    def __init__(self, store: MilestoneStore, digests: DigestStarter) -> None:
        """Take the store to write to, and what starts digests."""
        self._store = store
        self._digests = digests

    @activity.defn(name="tickets.record_milestones")
    async def record_milestones(self, noticed: MilestoneRecords) -> None:
        """Write each milestone once; those too old to be told by themselves get into the next digest."""
        await self._store.record(noticed.milestones)
        for bucket in sorted({digest_bucket(each.detected_at) for each in noticed.milestones if each.telling is Telling.DIGEST}):
            await self._digests.ensure_digest(bucket)


def digest_bucket(detected_at: datetime) -> str:
    """Name of the stretch of time an instant lies in: its beginning, in UTC."""
    start = datetime.fromtimestamp(
        detected_at.timestamp() // DIGEST_EVERY.total_seconds() * DIGEST_EVERY.total_seconds(), detected_at.tzinfo
    )
    return start.strftime("%Y-%m-%dT%H:%MZ")
