"""Getting effects done, each kind in its order and apart from the others, so that a dead channel stops no clock."""

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from activities.crm import CrmActivities
    from activities.notices import NoticeActivities
    from activities.tickets import TicketActivities
    from domain.effects import CrmUpdate, MilestoneRecord, MilestoneRecords, Notice
    from domain.ticket_messages import Undelivered

from workflows.names import CRM_QUEUE, NOTICES_QUEUE

NOTICE_GIVEN_UP_AFTER = timedelta(hours=6)
"""A warning that late helps nobody; the delivery stays on record as failed and can be sent again by a person."""


class Deliveries:
    """What was decided and is not done yet: records, notices, write-backs."""

    def __init__(self, undelivered: Undelivered) -> None:
        """Go on with what a former run left."""
        self._milestones: list[MilestoneRecord] = list(undelivered.milestones)
        self._notices: list[Notice] = list(undelivered.notices)
        self._crm_updates: list[CrmUpdate] = list(undelivered.crm_updates)
        self._under_way: dict[str, asyncio.Task[None]] = {}

    def start(self) -> None:
        """Deliver what waits, beside the clocks. Nothing runs for a kind of which nothing waits: most tickets never need it."""
        for kind, queue, work in (
            ("milestones", self._milestones, self._record),
            ("notices", self._notices, self._notify),
            ("crm_updates", self._crm_updates, self._update_crm),
        ):
            if queue and (kind not in self._under_way or self._under_way[kind].done()):
                self._under_way[kind] = asyncio.create_task(work())

    def add(self, effects: Undelivered) -> None:
        """Deliver these too, each kind after what waits of it already."""
        self._milestones += effects.milestones
        self._notices += effects.notices
        self._crm_updates += effects.crm_updates

    @property
    def all_done(self) -> bool:
        """Is nothing left to deliver?"""
        return not (self._milestones or self._notices or self._crm_updates)

    def undelivered(self) -> Undelivered:
        """What a next run has to go on with; what is on its way now is sent again under its key."""
        return Undelivered(milestones=tuple(self._milestones), notices=tuple(self._notices), crm_updates=tuple(self._crm_updates))

    async def _record(self) -> None:
        """Write down together what was noticed together."""
        while self._milestones:
            noticed = tuple(self._milestones)
            await workflow.execute_activity_method(
                TicketActivities.record_milestones,
                MilestoneRecords(milestones=noticed),
                start_to_close_timeout=timedelta(seconds=10),
                retry_policy=RetryPolicy(initial_interval=timedelta(seconds=0.5), maximum_interval=timedelta(seconds=30)),
                summary="record " + ", ".join(f"{each.clock} {each.kind.value.lower()}" for each in noticed)[:150],
            )
            del self._milestones[: len(noticed)]

    async def _notify(self) -> None:
        while self._notices:
            notice = self._notices[0]
            try:
                await workflow.execute_activity_method(
                    NoticeActivities.send_notice,
                    notice,
                    task_queue=NOTICES_QUEUE,
                    start_to_close_timeout=timedelta(seconds=15),
                    schedule_to_close_timeout=NOTICE_GIVEN_UP_AFTER,
                    retry_policy=RetryPolicy(initial_interval=timedelta(seconds=5), maximum_interval=timedelta(minutes=10)),
                    summary=notice.subject,
                )
            except ActivityError:
                workflow.logger.warning("notice %s was given up", notice.key)
            del self._notices[0]

    async def _update_crm(self) -> None:
        while self._crm_updates:
            update = self._crm_updates[0]
            try:
                await workflow.execute_activity_method(
                    CrmActivities.update_ticket,
                    update,
                    task_queue=CRM_QUEUE,
                    start_to_close_timeout=timedelta(seconds=20),
                    retry_policy=RetryPolicy(initial_interval=timedelta(seconds=2), maximum_interval=timedelta(minutes=15)),
                    summary=update.text,
                )
            except ActivityError:
                workflow.logger.warning("the CRM refused %s", update.key)
            del self._crm_updates[0]
