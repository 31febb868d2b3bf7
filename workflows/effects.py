"""The activities that effects are done by: their queues, times and retries in one place."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from activities.cases import CaseActivities
    from activities.crm import CrmActivities
    from activities.follow_ups import FollowUpActivities
    from activities.notices import NoticeActivities
    from activities.periods import PeriodActivities
    from activities.registry import RegistryActivities
    from activities.surveys import SurveyActivities
    from activities.tickets import TicketActivities
    from domain.case_messages import AgreementOrder, CaseRecord, FollowUpOrder, Registered, Registration, StateChange
    from domain.closing import Closing, Looked
    from domain.effects import CreditNote, CrmCaseUpdate, CrmUpdate, MilestoneRecord, MilestoneRecords, Notice
    from domain.follow_ups.follow_up import FollowUp, News
    from domain.in_force_messages import Asking, Effect

from workflows.names import CRM_QUEUE, NOTICES_QUEUE

NOTICE_GIVEN_UP_AFTER = timedelta(hours=6)
"""A warning that late helps nobody; the delivery stays on record as failed and can be sent again by a person."""

WRITING_TIMEOUT = timedelta(seconds=10)
WRITING_RETRY = RetryPolicy(initial_interval=timedelta(seconds=0.5), maximum_interval=timedelta(seconds=30))
"""Our own database: soon back, and tried for ever."""

CLOSING_TIMEOUT = timedelta(minutes=5)
"""A month of an agreement with a million tickets is counted in seconds; a database at its limit may take longer."""

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


async def bill_credit(notes: Sequence[CreditNote]) -> int:
    """Tell billing the first, as long as it takes."""
    note = notes[0]
    try:
        await workflow.execute_activity_method(
            CrmActivities.bill_credit,
            note,
            task_queue=CRM_QUEUE,
            start_to_close_timeout=CRM_TIMEOUT,
            retry_policy=CRM_RETRY,
            summary=f"bill {note.amount} {note.currency} to {note.registry_no}",
        )
    except ActivityError:
        workflow.logger.warning("billing refused %s", note.key)
    return 1


async def start_agreement(order: AgreementOrder) -> None:
    """Start the process of a registered agreement, which outlives whoever registered it."""
    await workflow.execute_activity_method(
        FollowUpActivities.start_agreement,
        order,
        start_to_close_timeout=WRITING_TIMEOUT,
        retry_policy=WRITING_RETRY,
        summary=f"start {order.registered.registry_no}",
    )


async def close_period(asking: Asking) -> Closing | None:
    """A period's figures, kept as a version."""
    return await workflow.execute_activity_method(
        PeriodActivities.close,
        asking,
        start_to_close_timeout=CLOSING_TIMEOUT,
        retry_policy=WRITING_RETRY,
        summary=f"close {asking.period}",
    )


async def report_period(asking: Asking) -> Notice | None:
    """Who is told that the report of a period is there."""
    return await workflow.execute_activity_method(
        PeriodActivities.report,
        asking,
        start_to_close_timeout=CLOSING_TIMEOUT,
        retry_policy=WRITING_RETRY,
        summary=f"report {asking.period}",
    )


async def look(asking: Asking) -> Looked:
    """What is irregular now."""
    return await workflow.execute_activity_method(
        PeriodActivities.look,
        asking,
        start_to_close_timeout=CLOSING_TIMEOUT,
        retry_policy=WRITING_RETRY,
        summary=f"look on {asking.at:%Y-%m-%d}",
    )


async def ask(asking: Asking) -> Sequence[Notice]:
    """Whom to ask how content they are."""
    return await workflow.execute_activity_method(
        SurveyActivities.due_surveys,
        asking,
        start_to_close_timeout=CLOSING_TIMEOUT,
        retry_policy=WRITING_RETRY,
        summary=f"ask on {asking.at:%Y-%m-%d}",
    )


async def open_follow_up(case: FollowUp, shift: timedelta) -> None:
    """Open a follow-up, once."""
    await workflow.execute_activity_method(
        FollowUpActivities.open,
        FollowUpOrder.model_validate({"case": case, "time_shift": shift}),
        start_to_close_timeout=WRITING_TIMEOUT,
        retry_policy=WRITING_RETRY,
        summary=f"open {case.case_id}"[:200],
    )


async def tell_follow_up(news: News) -> None:
    """Tell a follow-up something."""
    await workflow.execute_activity_method(
        FollowUpActivities.tell,
        news,
        start_to_close_timeout=WRITING_TIMEOUT,
        retry_policy=WRITING_RETRY,
        summary=f"tell {news.about}: {news.name}"[:200],
    )


async def take_effect(case: FollowUp, at: datetime) -> None:
    """Make facts of what was decided."""
    await workflow.execute_activity_method(
        FollowUpActivities.take_effect,
        Effect.model_validate({"case": case, "at": at}),
        start_to_close_timeout=WRITING_TIMEOUT,
        retry_policy=WRITING_RETRY,
        summary=f"{case.case_id} takes effect"[:200],
    )
