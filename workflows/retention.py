"""The process that lets data about people go: batch after batch until nothing is left. A schedule starts it every day."""

from contextlib import suppress
from datetime import time, timedelta

from temporalio import workflow
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleCalendarSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.service import RPCError, RPCStatusCode

with workflow.unsafe.imports_passed_through():
    from activities.retention import RetentionActivities

from workflows.effects import WRITING_RETRY
from workflows.names import CASES_QUEUE, RETENTION_ID

BATCHES_PER_RUN = 100
"""Batches after which a run continues as new: some 600 events, and up to 1,600,000 rows."""

BATCH_TIMEOUT = timedelta(minutes=2)
"""Eight transactions of some thousand rows each, on a database that is busy with other things."""


@workflow.defn(name="Retention")
class Retention:
    """What is left to do is in the tables; here it is held that it is done."""

    @workflow.run
    async def run(self, gone: int) -> int:
        """Batch after batch; gives how many rows went or lost names, those of earlier runs too."""
        batches = 0
        while changed := await self._batch(gone):
            gone, batches = gone + changed, batches + 1
            if batches == BATCHES_PER_RUN:
                workflow.continue_as_new(gone)
        return gone

    async def _batch(self, gone: int) -> int:
        return await workflow.execute_activity_method(
            RetentionActivities.batch, start_to_close_timeout=BATCH_TIMEOUT, retry_policy=WRITING_RETRY, summary=f"after {gone} rows"
        )


async def set_schedule(client: Client, at: time | None) -> None:
    """Have the process run every day at a time of day in UTC, or no longer; the same again changes nothing.

    Raises:
        RPCError: the engine is away, or does not take it.
    """
    handle = client.get_schedule_handle(RETENTION_ID)
    if at is None:
        try:
            await handle.delete()
        except RPCError as failure:
            if failure.status is not RPCStatusCode.NOT_FOUND:
                raise
        return
    daily = ScheduleCalendarSpec(hour=[ScheduleRange(at.hour)], minute=[ScheduleRange(at.minute)])
    schedule = Schedule(
        action=ScheduleActionStartWorkflow(Retention.run, 0, id=RETENTION_ID, task_queue=CASES_QUEUE),
        spec=ScheduleSpec(calendars=[daily]),
        # One that was missed while the engine was away is made up for: the next day would do it too, but periods have passed.
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=timedelta(days=1)),
    )
    with suppress(ScheduleAlreadyRunningError):
        await client.create_schedule(RETENTION_ID, schedule)
        return

    def changed(_: ScheduleUpdateInput) -> ScheduleUpdate:
        return ScheduleUpdate(schedule)

    await handle.update(changed)
