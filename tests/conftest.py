"""What tests share: a real engine with a clock that can be moved, real databases, and the product's own fakes."""

import asyncio
import shutil
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from temporalio.client import Client, WorkflowHandle
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import TimeSkippingConfig, WorkflowEnvironment
from temporalio.worker import Worker

from activities.crm import CrmActivities
from activities.notices import NoticeActivities
from activities.tickets import TicketActivities
from connectors.documents import read_agreement
from connectors.memory import MemoryCrm, MemoryDeliveries, MemoryMilestones, MemoryNotifier
from domain.effects import TicketRef
from domain.events import EventKind, TicketEvent
from domain.terms import Agreement
from domain.ticket_messages import TicketNews, TicketOrder, TicketResult
from worker import WORKFLOWS, sandbox
from workflows.names import CRM_QUEUE, NOTICES_QUEUE, SEARCH_ATTRIBUTES, TICKETS_QUEUE, ticket_workflow_id
from workflows.starting import start_ticket
from workflows.ticket import Ticket

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"


def pytest_unconfigure() -> None:
    """Let the engine's client end its threads before the interpreter does (temporalio/sdk-python issue 300)."""
    time.sleep(0.3)


def example(name: str) -> Agreement:
    """An agreement of the examples."""
    return read_agreement(EXAMPLES / "agreements" / f"{name}.yaml")


class Story:
    """Builds the events of one ticket, told in local time."""

    def __init__(self, offset: str = "+01:00", **attributes: str) -> None:
        self.ticket = TicketRef(source="test", ticket_id=f"T-{uuid4().hex[:12]}")
        self.offset = offset
        self.attributes = attributes
        self.events: list[TicketEvent] = []

    def at(self, local: str) -> datetime:
        """An instant of the story."""
        return datetime.fromisoformat(local if local[-6] in "+-" or local.endswith("Z") else local + self.offset)

    def tell(
        self, local: str, kind: EventKind, milestone: str | None = None, reason: str | None = None, **attributes: str | None
    ) -> TicketEvent:
        """Add an event and give it."""
        event = TicketEvent(
            source=self.ticket.source,
            event_id=f"{self.ticket.ticket_id}-{len(self.events)}",
            ticket_id=self.ticket.ticket_id,
            kind=kind,
            occurred_at=self.at(local),
            received_at=self.at(local),
            sequence=len(self.events),
            milestone=milestone,
            reason=reason,
            attributes=attributes,
        )
        self.events.append(event)
        return event

    def created(self, local: str, **more: str) -> TicketEvent:
        return self.tell(local, EventKind.CREATED, **self.attributes, **more)

    def reached(self, local: str, milestone: str) -> TicketEvent:
        return self.tell(local, EventKind.MILESTONE, milestone)

    def paused(self, local: str, reason: str = "AWAITING_CUSTOMER") -> TicketEvent:
        return self.tell(local, EventKind.PAUSED, reason=reason)

    def resumed(self, local: str) -> TicketEvent:
        return self.tell(local, EventKind.RESUMED)

    def changed(self, local: str, **attributes: str | None) -> TicketEvent:
        return self.tell(local, EventKind.CHANGED, **attributes)

    def reopened(self, local: str) -> TicketEvent:
        return self.tell(local, EventKind.REOPENED)


def temporal_binary() -> str:
    found = shutil.which("temporal", path=str(Path(sys.executable).parent))
    assert found is not None, "make setup installs the engine's server"
    return found


@pytest.fixture(scope="session")
async def engine() -> AsyncIterator[WorkflowEnvironment]:
    """A real development server whose clock a test can move, each process by itself."""
    options = (
        "frontend.WorkflowTimeSkippingEnabled=true",
        'history.timerProcessorMaxTimeShift="10ms"',
        "limit.historyCount.suggestContinueAsNew=150",
    )
    async with await WorkflowEnvironment.start_time_skipping_v2(
        ts_config=TimeSkippingConfig(enabled=False),
        dev_server_existing_path=temporal_binary(),
        dev_server_extra_args=[part for option in options for part in ("--dynamic-config-value", option)],
        search_attributes=list(SEARCH_ATTRIBUTES),
        data_converter=pydantic_data_converter,
    ) as environment:
        yield environment


class World:
    """The processes' outside, in memory, and workers that can be started and stopped."""

    def __init__(self, engine: WorkflowEnvironment) -> None:
        self.engine = engine
        self.client: Client = engine.client
        self.notifier = MemoryNotifier()
        self.crm = MemoryCrm()
        self.deliveries = MemoryDeliveries()
        self.milestones = MemoryMilestones()

    @asynccontextmanager
    async def workers(self, max_cached_workflows: int = 1000) -> AsyncIterator[None]:
        """Work while the block runs."""
        tickets = TicketActivities(self.milestones, self.milestones)
        notices = NoticeActivities([self.notifier], self.deliveries, self.milestones)
        crm = CrmActivities(self.crm, self.deliveries)
        async with AsyncExitStack() as running:
            for queue, activities in (
                (TICKETS_QUEUE, [tickets.record_milestone]),
                (NOTICES_QUEUE, [notices.send_notice, notices.send_digest]),
                (CRM_QUEUE, [crm.update_ticket]),
            ):
                await running.enter_async_context(
                    Worker(
                        self.client,
                        task_queue=queue,
                        workflows=list(WORKFLOWS) if queue == TICKETS_QUEUE else [],
                        activities=activities,
                        workflow_runner=sandbox(),
                        max_cached_workflows=max_cached_workflows,
                        sticky_queue_schedule_to_start_timeout=timedelta(seconds=1),
                    )
                )
            yield

    async def start(self, story: Story, agreements: list[Agreement], now: str, told: dict[str, datetime] | None = None) -> "Process":
        """Start a ticket's process with the story so far, at an instant of the story."""
        engine_now = datetime.now(story.at(now).tzinfo)
        order = TicketOrder(
            ticket=story.ticket,
            agreements=tuple(agreements),
            events=tuple(story.events),
            told=told or {},
            time_shift=engine_now - story.at(now),
        )
        await start_ticket(self.client, order, story.at(now))
        handle = self.client.get_workflow_handle_for(Ticket.run, ticket_workflow_id(story.ticket))
        return Process(self, story, handle, order.time_shift)


class Process:
    """A running ticket process, whose time a test moves to instants of its story."""

    def __init__(self, world: World, story: Story, handle: WorkflowHandle[Ticket, TicketResult], shift: timedelta) -> None:
        self.world = world
        self.story = story
        self.handle = handle
        self.shift = shift

    async def until(self, local: str) -> None:
        """Move the process's time to an instant; everything due before happens on the way."""
        now = await self.world.engine.get_current_time(self.handle)
        ahead = self.story.at(local) - (now - self.shift)
        if ahead > timedelta():
            await self.world.engine.fast_forward(self.handle, ahead)

    async def send(self, event: TicketEvent) -> None:
        """Tell the process of an event at the instant it happens."""
        await self.until(event.occurred_at.isoformat())
        await self.handle.signal(Ticket.ticket_news, TicketNews(events=(event,)))

    async def result(self) -> dict[str, str]:
        """Verdicts by clock, once the process has ended."""
        return dict((await asyncio.wait_for(self.handle.result(), 30)).verdicts)


@pytest.fixture
def world(engine: WorkflowEnvironment) -> World:
    return World(engine)
