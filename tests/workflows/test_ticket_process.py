"""The process of a ticket on a real engine."""

import asyncio
from datetime import datetime, timedelta

from temporalio.api.enums.v1 import EventType
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import WorkflowHandle

from domain.effects import Telling
from domain.events import EventKind
from domain.terms import Agreement
from domain.ticket_messages import TicketNews
from tests.conftest import Process, Story, World, example
from workflows.ticket import Ticket


def two_clocks() -> Agreement:
    """Response within 4 h and resolution within 8 h, in office hours."""
    printers = example("printers-warsaw")
    [response] = printers.targets
    resolution = response.model_copy(update={"target": "resolution", "stop": ("RESOLVED",), "limit": timedelta(hours=8)})
    return Agreement.model_validate(printers.model_dump() | {"targets": [response.model_dump(), resolution.model_dump()]})


def printer_story(offset: str = "+01:00") -> Story:
    return Story(offset, customer="Bank Narew S.A.", service="MPS", region="METRO", priority="3")


async def events_of(handle: WorkflowHandle[Ticket, object]) -> list[EventType.ValueType]:
    return [event.event_type async for event in handle.fetch_history_events()]


BILLABLE = {
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
    EventType.EVENT_TYPE_TIMER_STARTED,
    EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
    EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW,
}
"""What the engine's hosted form counts as an Action (its page "Actions"), as far as a ticket causes it."""


async def unbreached(world: World) -> Process:
    """Created, responded, paused, resumed, resolved, a second apart: moving the clock would add events of its own."""
    story = printer_story()
    story.created("2026-03-16T08:00:00")
    process = await world.start(story, [two_clocks()], now="2026-03-16T08:00")
    for event in (
        story.reached("2026-03-16T08:00:01", "RESPONDED"),
        story.paused("2026-03-16T08:00:02"),
        story.resumed("2026-03-16T08:00:03"),
        story.reached("2026-03-16T08:00:04", "RESOLVED"),
    ):
        await asyncio.sleep(1)
        await process.handle.signal(Ticket.ticket_news, TicketNews(events=(event,)))
    return process


async def test_a_breach_is_told_once_and_recorded_at_its_due_time(world: World) -> None:
    story = printer_story()
    story.created("2026-03-16T15:30")
    async with world.workers():
        process = await world.start(story, [example("printers-warsaw")], now="2026-03-16T15:30")
        await process.until("2026-03-17T10:31")
        await process.send(story.reached("2026-03-17T10:45", "RESPONDED"))

        assert await process.result() == {"response": "BREACHED"}

    assert [notice.subject.split(":")[0] for notice in world.notifier.sent if notice.ticket is not None] == [
        "Warning 75 %",
        "Warning 90 %",
        "Breached",
    ]
    record = world.milestones.records[f"ticket:test:{story.ticket.ticket_id}:response:breach:0"]
    assert record.at == story.at("2026-03-17T10:30")
    assert [update.kind for update in world.crm.updates] == ["clock.breached"]


async def test_an_unbreached_ticket_costs_at_most_12_actions_and_40_events(world: World) -> None:
    async with world.workers():
        process = await unbreached(world)
        assert await process.result() == {"response": "MET", "resolution": "MET"}
        events = await events_of(process.handle)

    actions = [EventType.Name(kind) for kind in events if kind in BILLABLE]
    assert len(actions) <= 12, actions
    assert len(events) <= 40, [EventType.Name(kind) for kind in events]
    assert EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED not in events, "no activity per event"


async def test_an_event_that_changes_no_due_time_arms_no_timer(world: World) -> None:
    story = printer_story()
    story.created("2026-03-16T08:00")
    async with world.workers():
        process = await world.start(story, [two_clocks()], now="2026-03-16T08:00")
        for minute in range(1, 6):
            await process.send(story.changed(f"2026-03-16T08:{minute:02}", note=str(minute)))
        await process.send(story.tell("2026-03-16T08:10", EventKind.CANCELLED, reason="DUPLICATE"))
        await process.result()
        events = await events_of(process.handle)

    assert events.count(EventType.EVENT_TYPE_TIMER_STARTED) == 1


async def test_after_a_breach_each_further_limit_escalates_one_step_and_the_ladder_ends(world: World) -> None:
    story = printer_story()
    story.created("2026-03-16T08:00")
    async with world.workers():
        process = await world.start(story, [example("printers-warsaw")], now="2026-03-16T08:00")
        await process.until("2026-03-20T16:00")
        await process.send(story.reached("2026-03-20T16:30", "RESPONDED"))
        await process.result()

    escalations = [
        (record.level, record.at, record.recipients) for record in world.milestones.records.values() if record.kind == "ESCALATION"
    ]
    assert escalations == [
        (1, story.at("2026-03-16T16:00"), ("TEAM_LEAD",)),
        (2, story.at("2026-03-17T11:00"), ("SLM_MANAGER",)),
        (3, story.at("2026-03-17T15:00"), ("SERVICE_DIRECTOR",)),
    ]


async def test_a_raised_priority_that_is_past_its_new_limit_breaches_at_the_change_with_one_notice(world: World) -> None:
    story = Story("+02:00", customer="Logistyka Wisła S.A.", service="ERP", priority="3")
    story.created("2026-05-13T08:00")
    async with world.workers():
        process = await world.start(story, [example("erp")], now="2026-05-13T08:00")
        await process.send(story.changed("2026-05-13T16:30", priority="1"))
        await process.send(story.reached("2026-05-13T16:40", "RESOLVED"))

        assert await process.result() == {"solution": "BREACHED"}

    breach = world.milestones.records[f"ticket:test:{story.ticket.ticket_id}:solution:breach:0"]
    assert breach.at == story.at("2026-05-13T16:30")
    assert [notice.subject.split(":")[0] for notice in world.notifier.sent if notice.ticket is not None] == ["Breached"]


async def test_a_late_event_that_disproves_a_breach_withdraws_it_with_one_correction(world: World) -> None:
    story = printer_story()
    story.created("2026-03-16T08:00")
    async with world.workers():
        process = await world.start(story, [two_clocks()], now="2026-03-16T08:00")
        await process.until("2026-03-16T12:30")
        late = story.reached("2026-03-16T11:59", "RESPONDED")
        await process.send(late)
        await process.send(story.reached("2026-03-16T13:00", "RESOLVED"))

        assert await process.result() == {"response": "MET", "resolution": "MET"}

    subjects = [notice.subject.split(":")[0] for notice in world.notifier.sent if notice.ticket is not None]
    key = f"ticket:test:{story.ticket.ticket_id}:response:breach:0"
    assert subjects == ["Warning 75 %", "Warning 90 %", "Breached", "Withdrawn"]
    assert world.milestones.records[key].telling is Telling.TOLD
    assert world.milestones.records[f"{key}:withdrawn"].telling is Telling.WITHDRAWN
    assert [update.kind for update in world.crm.updates] == ["clock.breached", "clock.breach_withdrawn"]


async def test_history_older_than_a_day_is_recorded_and_counted_but_not_told(world: World) -> None:
    story = printer_story()
    story.created("2026-03-16T08:00")
    story.reached("2026-03-17T09:00", "RESPONDED")
    async with world.workers():
        process = await world.start(story, [example("printers-warsaw")], now="2026-05-01T08:00")

        assert await process.result() == {"response": "BREACHED"}

    assert world.notifier.sent == []
    assert {record.telling for record in world.milestones.records.values()} == {Telling.DIGEST}
    assert len(world.milestones.digests) == 1


async def test_a_dead_channel_stops_no_clock_and_gets_the_notice_once_it_is_back(world: World) -> None:
    world.notifier.failures_left = 2
    story = printer_story()
    story.created("2026-03-16T08:00")
    async with world.workers():
        process = await world.start(story, [example("printers-warsaw")], now="2026-03-16T08:00")
        await process.until("2026-03-16T11:01")
        await process.send(story.reached("2026-03-16T11:30", "RESPONDED"))

        assert await process.result() == {"response": "MET"}

    [notice] = world.notifier.sent
    assert notice.subject.startswith("Warning 75 %")
    assert world.deliveries.attempts[notice.key] == 3


async def test_a_long_history_continues_as_new_and_nothing_is_lost_or_told_twice(world: World) -> None:
    story = printer_story()
    story.created("2026-03-16T08:00")
    warned = {"response:warning:75": story.at("2026-03-16T11:00"), "response:warning:90": story.at("2026-03-16T11:36")}
    async with world.workers():
        process = await world.start(story, [two_clocks()], now="2026-03-16T11:59:56", told=warned)
        first_run = (await process.handle.describe()).run_id
        for second in range(10, 60):
            change = story.changed(f"2026-03-16T11:59:{second}", note=str(second))
            await process.handle.signal(Ticket.ticket_news, TicketNews(events=(change,)))
            await asyncio.sleep(0.02)
        await process.handle.signal(Ticket.ticket_news, TicketNews(events=tuple(story.events[:30])))
        await asyncio.sleep(5)
        last = (story.reached("2026-03-16T12:00:01", "RESPONDED"), story.reached("2026-03-16T12:00:02", "RESOLVED"))
        await process.handle.signal(Ticket.ticket_news, TicketNews(events=last))
        verdicts = await process.result()

    assert verdicts == {"response": "BREACHED", "resolution": "MET"}
    assert (await process.handle.describe()).run_id != first_run
    assert [notice.subject.split(":")[0] for notice in world.notifier.sent if notice.ticket is not None] == ["Breached"]


async def test_every_step_replayed_from_history_gives_the_same_story(world: World) -> None:
    story = printer_story()
    story.created("2026-03-16T08:00")
    async with world.workers(max_cached_workflows=0):
        process = await world.start(story, [two_clocks()], now="2026-03-16T08:00")
        await process.until("2026-03-16T12:01")
        await process.send(story.reached("2026-03-16T12:30", "RESPONDED"))
        await process.send(story.paused("2026-03-16T13:00"))
        await process.send(story.resumed("2026-03-16T14:00"))
        await process.send(story.reached("2026-03-16T15:00", "RESOLVED"))

        assert await process.result() == {"response": "BREACHED", "resolution": "MET"}

    assert [notice.subject.split(":")[0] for notice in world.notifier.sent if notice.ticket is not None] == [
        "Warning 75 %",
        "Warning 90 %",
        "Breached",
    ]


async def test_administrators_see_health_next_due_time_and_a_table_of_clocks(world: World) -> None:
    story = printer_story()
    story.created("2026-03-16T15:30")
    async with world.workers():
        process = await world.start(story, [example("printers-warsaw")], now="2026-03-16T15:30")
        await process.until("2026-03-17T09:31")
        description = await process.handle.describe()
        table = await process.handle.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)
        await process.send(story.reached("2026-03-17T10:00", "RESPONDED"))
        await process.result()

    shown = {pair.key.name: pair.value for pair in description.typed_search_attributes}
    assert shown["ClockHealth"] == "AT_RISK"
    assert isinstance(shown["NextDueAt"], datetime)
    assert shown["NextDueAt"] == story.at("2026-03-17T10:30")
    assert "| response | RUNNING | Tue 2026-03-17 10:30 | 3h | 1h |" in table.current_details
