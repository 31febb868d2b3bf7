"""The activities that effects are done by: their queues, times and retries in one place."""

from collections.abc import Sequence
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from activities.cases import CaseActivities
    from activities.crm import CrmActivities
    from activities.notices import NoticeActivities
    from activities.registry import RegistryActivities
    from activities.tickets import TicketActivities
    from domain.case_messages import CaseRecord, Registered, Registration, StateChange
    from domain.effects import CrmCaseUpdate, CrmUpdate, MilestoneRecord, MilestoneRecords, Notice

from workflows.names import CRM_QUEUE, NOTICES_QUEUE

NOTICE_GIVEN_UP_AFTER = timedelta(hours=6)
"""A warning that late helps nobody; the delivery stays on record as failed and can be sent again by a person."""

WRITING_TIMEOUT = timedelta(seconds=10)
WRITING_RETRY = RetryPolicy(initial_interval=timedelta(seconds=0.5), maximum_interval=timedelta(seconds=30))
"""Our own database: soon back, and tried for ever."""

CRM_TIMEOUT = timedelta(seconds=20)
CRM_RETRY = RetryPolicy(initial_interval=timedelta(seconds=2), maximum_interval=timedelta(minutes=15))
"""The CRM may be away for days."""


async def record_milestones(noticed: Sequence[MilestoneRecord]) -> int:
    """Write down together what was noticed together."""
    await workflow.execute_activity_method(
        TicketActivities.record_milestones,
        MilestoneRecords(milestones=tuple(noticed)),
        start_to_close_timeout=WRITING_TIMEOUT,
        retry_policy=WRITING_RETRY,
        summary="record " + ", ".join(f"{each.clock} {each.kind.value.lower()}" for each in noticed)[:150],
    )
    return len(noticed)


async def record_case(records: Sequence[CaseRecord]) -> int:
    """Write down a case as it stands now, with the events of all steps since."""
    latest = records[-1]
    events = tuple(event for record in records for event in record.events)
    await workflow.execute_activity_method(
        CaseActivities.record_case,
        latest.model_copy(update={"events": events}),
        start_to_close_timeout=WRITING_TIMEOUT,
        retry_policy=WRITING_RETRY,
        summary="record " + ", ".join(event.action for event in events)[:150],
    )
    return len(records)


async def send_notice(notices: Sequence[Notice]) -> int:
    """Send the first; one that could not be sent for hours is given up."""
    notice = notices[0]
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
    return 1


async def update_ticket(updates: Sequence[CrmUpdate]) -> int:
    """Tell the CRM the first about its ticket, as long as it takes."""
    update = updates[0]
    try:
        await workflow.execute_activity_method(
            CrmActivities.update_ticket,
            update,
            task_queue=CRM_QUEUE,
            start_to_close_timeout=CRM_TIMEOUT,
            retry_policy=CRM_RETRY,
            summary=update.text,
        )
    except ActivityError:
        workflow.logger.warning("the CRM refused %s", update.key)
    return 1


async def update_case(updates: Sequence[CrmCaseUpdate]) -> int:
    """Tell the CRM the first about its agreement, as long as it takes."""
    update = updates[0]
    try:
        await workflow.execute_activity_method(
            CrmActivities.update_case,
            update,
            task_queue=CRM_QUEUE,
            start_to_close_timeout=CRM_TIMEOUT,
            retry_policy=CRM_RETRY,
            summary=update.text[:200],
        )
    except ActivityError:
        workflow.logger.warning("the CRM refused %s", update.key)
    return 1


async def register(registration: Registration) -> Sequence[Registered]:
    """The registry's numbers for a signed set; tried until the database has taken it."""
    return await workflow.execute_activity_method(
        RegistryActivities.register,
        registration,
        start_to_close_timeout=timedelta(seconds=30),
        retry_policy=WRITING_RETRY,
        summary=f"register {registration.case_id}",
    )


async def change_state(changes: Sequence[StateChange]) -> int:
    """Note the first change of a registered agreement's state."""
    change = changes[0]
    await workflow.execute_activity_method(
        RegistryActivities.change_state,
        change,
        start_to_close_timeout=WRITING_TIMEOUT,
        retry_policy=WRITING_RETRY,
        summary=f"{change.registry_no} is {change.event.to_state}",
    )
    return 1
