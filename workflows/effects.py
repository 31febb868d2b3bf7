"""The activities that effects are done by: their queues, times and retries in one place."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

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
    from activities.terminations import TerminationActivities
    from activities.tickets import TicketActivities
    from domain.case_messages import AgreementOrder, CaseRecord, FollowUpOrder, Registered, Registration, StateChange
    from domain.closing import Closing, Looked
    from domain.effects import CreditNote, CrmCaseUpdate, CrmUpdate, MilestoneRecord, MilestoneRecords, Notice
    from domain.ending import Marking, WindingUp
    from domain.follow_ups.follow_up import FollowUp, News
    from domain.in_force_messages import Asking, Effect
    from domain.termination import TerminationOrder

from workflows.names import CRM_QUEUE, NOTICES_QUEUE

_Told = TypeVar("_Told", CrmUpdate, CrmCaseUpdate, CreditNote)
_Asked = TypeVar("_Asked")
_Answered = TypeVar("_Answered")

NOTICE_GIVEN_UP_AFTER = timedelta(hours=6)
"""A warning that late helps nobody; the delivery stays on record as failed and can be sent again by a person."""

WRITING_TIMEOUT = timedelta(seconds=10)
WRITING_RETRY = RetryPolicy(initial_interval=timedelta(seconds=0.5), maximum_interval=timedelta(seconds=30))
"""Our own database: soon back, and tried for ever."""

CLOSING_TIMEOUT = timedelta(minutes=5)
"""A month of an agreement with a million tickets is counted in seconds; a database at its limit may take longer."""

MARKING_TIMEOUT = timedelta(hours=2)
MARKING_HEARTBEAT = timedelta(seconds=60)
"""A page of tickets is written in a second; whoever has not been heard of for a minute is dead, and another goes on behind it."""

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
    return await _tell(CrmActivities.update_ticket, updates[0], updates[0].text)


async def update_case(updates: Sequence[CrmCaseUpdate]) -> int:
    """Tell the CRM the first about its agreement, as long as it takes."""
    return await _tell(CrmActivities.update_case, updates[0], updates[0].text[:200])


async def bill_credit(notes: Sequence[CreditNote]) -> int:
    """Tell billing the first, as long as it takes."""
    note = notes[0]
    return await _tell(CrmActivities.bill_credit, note, f"bill {note.amount} {note.currency} to {note.registry_no}")


async def _tell(tell: Callable[[CrmActivities, _Told], Awaitable[None]], effect: _Told, summary: str) -> int:
    """Tell a system outside of one effect; one that it refuses for good is given up."""
    try:
        await workflow.execute_activity_method(
            tell, effect, task_queue=CRM_QUEUE, start_to_close_timeout=CRM_TIMEOUT, retry_policy=CRM_RETRY, summary=summary
        )
    except ActivityError:
        workflow.logger.warning("%s was refused", effect.key)
    return 1


async def register(registration: Registration) -> Sequence[Registered]:
    """The registry's numbers for a signed set; tried until the database has taken it."""
    return await _do(RegistryActivities.register, registration, f"register {registration.case_id}", timedelta(seconds=30))


async def change_state(changes: Sequence[StateChange]) -> int:
    """Note the first change of a registered agreement's state."""
    change = changes[0]
    await _do(RegistryActivities.change_state, change, f"{change.registry_no} is {change.event.to_state}")
    return 1


async def start_agreement(order: AgreementOrder) -> None:
    """Start the process of a registered agreement, which outlives whoever registered it."""
    await _do(FollowUpActivities.start_agreement, order, f"start {order.registered.registry_no}")


async def close_period(asking: Asking) -> Closing | None:
    """A period's figures, kept as a version."""
    return await _do(PeriodActivities.close, asking, f"close {asking.period}", CLOSING_TIMEOUT)


async def report_period(asking: Asking) -> Notice | None:
    """Who is told that the report of a period is there."""
    return await _do(PeriodActivities.report, asking, f"report {asking.period}", CLOSING_TIMEOUT)


async def look(asking: Asking) -> Looked:
    """What is irregular now."""
    return await _do(PeriodActivities.look, asking, f"look on {asking.at:%Y-%m-%d}", CLOSING_TIMEOUT)


async def ask(asking: Asking) -> Sequence[Notice]:
    """Whom to ask how content they are."""
    return await _do(SurveyActivities.due_surveys, asking, f"ask on {asking.at:%Y-%m-%d}", CLOSING_TIMEOUT)


async def open_follow_up(case: FollowUp, shift: timedelta) -> None:
    """Open a follow-up, once."""
    order = FollowUpOrder.model_validate({"case": case, "time_shift": shift})
    await _do(FollowUpActivities.open, order, f"open {case.case_id}"[:200])


async def tell_follow_up(news: News) -> None:
    """Tell a follow-up something."""
    await _do(FollowUpActivities.tell, news, f"tell {news.about}: {news.name}"[:200])


async def take_effect(case: FollowUp, at: datetime) -> None:
    """Make facts of what was decided."""
    effect = Effect.model_validate({"case": case, "at": at})
    await _do(FollowUpActivities.take_effect, effect, f"{case.case_id} takes effect"[:200])


async def mark_tickets(marking: Marking) -> None:
    """Let all open tickets know that their agreement ends, or goes on."""
    await workflow.execute_activity_method(
        TerminationActivities.mark_tickets,
        marking,
        start_to_close_timeout=MARKING_TIMEOUT,
        heartbeat_timeout=MARKING_HEARTBEAT,
        retry_policy=WRITING_RETRY,
        summary="mark open tickets",
    )


async def still_stands(order: TerminationOrder) -> bool:
    """Does the order to end it still count?"""
    return await _do(TerminationActivities.still_stands, order, f"{order.registry_no} ends?")


async def wind_up(order: TerminationOrder) -> WindingUp:
    """What is left to be settled."""
    return await _do(TerminationActivities.wind_up, order, f"wind {order.registry_no} up", CLOSING_TIMEOUT)


async def came_too_late(order: TerminationOrder) -> None:
    """Note that the agreement ended before the order took effect."""
    await _do(TerminationActivities.came_too_late, order, f"{order.registry_no} had ended")


async def _do(
    activity: Callable[[Any, _Asked], Awaitable[_Answered]], asked: _Asked, summary: str, within: timedelta = WRITING_TIMEOUT
) -> _Answered:
    """One of our own activities: tried until it is done."""
    return await workflow.execute_activity_method(
        activity, asked, start_to_close_timeout=within, retry_policy=WRITING_RETRY, summary=summary
    )
