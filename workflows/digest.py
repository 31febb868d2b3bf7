"""The digest of one stretch of time: what became known too late to be told one by one."""

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.notices import NoticeActivities

from workflows.names import NOTICES_QUEUE


@workflow.defn(name="Digest")
class Digest:
    """Starts when its stretch of time has passed, sends one notice per receiver, ends."""

    @workflow.run
    async def run(self, bucket: str) -> None:
        """Send the digest."""
        await workflow.execute_activity_method(
            NoticeActivities.send_digest,
            bucket,
            task_queue=NOTICES_QUEUE,
            start_to_close_timeout=timedelta(minutes=1),
            summary=f"digest {bucket}",
        )
