"""Sending notices to people."""

from collections.abc import Sequence
from datetime import datetime

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.post import Post
from domain.effects import Notice, TicketRef
from domain.letters import read_bucket
from domain.ports import Attempt, DeliveryLog, DeliveryState, MilestoneStore, Notifier, Refused


class NoticeActivities:
    """Sends notices over every configured channel."""

    def __init__(self, channels: Sequence[Notifier], log: DeliveryLog, milestones: MilestoneStore, post: Post | None = None) -> None:
        """Take the channels that get notices whole, the log, the milestones that digests count, and what writes to each person."""
        self._channels = channels
        self._log = log
        self._milestones = milestones
        self._post = post

    @activity.defn(name="notices.send")
    async def send_notice(self, notice: Notice) -> None:
        """Send a notice on each channel that has not taken it yet; one that fails does not keep the others from it."""
        failures = [failure for channel in self._channels if (failure := await self._send(channel, notice)) is not None]
        if self._post is not None:
            failures += await self._post.send(notice, activity.info().started_time)
        _fail(failures)

    async def _send(self, channel: Notifier, notice: Notice) -> Exception | None:
        if await self._log.state(notice.key, channel.name) in {DeliveryState.DELIVERED, DeliveryState.REFUSED}:
            return None
        at = activity.info().started_time
        try:
            await channel.send(notice)
        except Refused as refusal:
            await self._log.note(Attempt(notice, channel.name, DeliveryState.REFUSED, at, str(refusal)))
            return None
        except Exception as failure:  # noqa: BLE001  (whatever a channel throws, the others still get the notice)
            await self._log.note(Attempt(notice, channel.name, DeliveryState.PENDING, at, str(failure)))
            return RuntimeError(f"{channel.name}: {failure}")
        # Dying right here sends it again on retry, under the same key. A second copy is harmless and a missing one is
        # not, so it is noted after sending.
        await self._log.note(Attempt(notice, channel.name, DeliveryState.DELIVERED, at))
        return None

    @activity.defn(name="notices.send_digest")
    async def send_digest(self, bucket: str) -> None:
        """Tell each receiver how many milestones were too old to be told one by one, or one receiver what waited for them."""
        if (waiting := read_bucket(bucket)) is not None:
            await self._send_waiting(*waiting)
            return
        for receiver, counts in sorted((await self._milestones.digest_counts(bucket)).items()):
            await self.send_notice(_digest(bucket, receiver, counts))
        await self._milestones.close_digest(bucket)

    async def _send_waiting(self, receiver: str, due_at: datetime) -> None:
        waited = await self._log.waiting(receiver, due_at)
        whole = {channel.name: channel for channel in self._channels}
        sent = [await self._send(whole[each.channel], each.notice) for each in waited if each.channel in whole]
        failures = [failure for failure in sent if failure is not None]
        if self._post is not None:
            letters = [each for each in waited if each.channel not in whole]
            failures += await self._post.send_waiting(receiver, letters, due_at, activity.info().started_time)
        _fail(failures)


def _fail(failures: Sequence[Exception]) -> None:
    """Let the engine try again, if anything went wrong."""
    if failures:
        raise ApplicationError("; ".join(str(failure) for failure in failures)[:2000], type="ChannelFailed") from failures[0]


def _digest(bucket: str, receiver: str, counts: dict[str, int]) -> Notice:
    total = sum(counts.values())
    parts = ", ".join(f"{number} {kind.lower()}" for kind, number in sorted(counts.items()))
    return Notice(
        key=f"digest:{bucket}:{receiver}",
        ticket=TicketRef(source="servanda", ticket_id="digest"),
        recipients=(receiver,),
        subject=f"Recorded, not told one by one: {total} milestone{'' if total == 1 else 's'} older than a day",
        body=f"They became known after {bucket}, from imported history or after an outage: {parts}.",
        phrase="digest",
        values={"total": total, "since": bucket, "kinds": ", ".join(f"{kind}: {number}" for kind, number in sorted(counts.items()))},
    )
