"""Records the histories that `tests/workflows/test_replay.py` replays: run by `make histories` when a form is new.

A history that is recorded stays: it stands for processes that run somewhere under that form. Each kind has its folder.
"""

import asyncio
import json
import time
from collections.abc import Mapping
from pathlib import Path
from uuid import uuid4

from temporalio.client import WorkflowHandle, WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import TimeSkippingConfig, WorkflowEnvironment

from domain.backtest.orders import BacktestOrder
from domain.events import EventKind
from domain.replan import ReplanOrder
from domain.ticket_messages import TicketNews
from tests.case_histories import AGREEMENT_CASES, AGREEMENTS, SUPPORT_CASES, Handle, Story
from tests.conftest import Story as Events
from tests.conftest import World, engine_options, example, temporal_binary
from tests.follow_up_histories import FOLLOW_UPS
from workflows.backtest import Backtest
from workflows.names import CASES_QUEUE, RETENTION_ID, SEARCH_ATTRIBUTES, backtest_workflow_id, replan_workflow_id
from workflows.replan import PAGES_PER_RUN, Replan
from workflows.retention import Retention
from workflows.starting import start_backtest, start_replan
from workflows.ticket import Ticket

FOLDER = Path(__file__).parent / "histories"


def printer() -> Events:
    story = Events(customer="Bank Narew S.A.", service="MPS", region="METRO", priority="3")
    story.created("2026-03-16T08:00")
    return story


async def met_after_a_pause(world: World) -> Handle:
    story = printer()
    process = await world.start(story, [example("printers-warsaw")], now="2026-03-16T08:00")
    await process.send(story.paused("2026-03-16T09:00"))
    await process.send(story.resumed("2026-03-16T10:00"))
    await process.send(story.reached("2026-03-16T11:00", "RESPONDED"))
    return process.handle


async def warned_breached_escalated(world: World) -> Handle:
    story = printer()
    process = await world.start(story, [example("printers-warsaw")], now="2026-03-16T08:00")
    await process.until("2026-03-16T16:01")
    await process.send(story.reached("2026-03-16T16:30", "RESPONDED"))
    return process.handle


async def breach_withdrawn(world: World) -> Handle:
    story = printer()
    process = await world.start(story, [example("printers-warsaw")], now="2026-03-16T08:00")
    await process.until("2026-03-16T12:01")
    await process.send(story.reached("2026-03-16T11:00", "RESPONDED"))
    return process.handle


async def handed_over_with_three_promises(world: World) -> Handle:
    story = Events("+02:00", customer="Logistyka Wisła S.A.", service="ERP", priority="1", held_by="desk")
    story.created("2026-05-13T09:00")
    agreements = [example(name) for name in ("erp", "erp-desk", "erp-servers", "erp-vendor")]
    process = await world.start(story, agreements, now="2026-05-13T09:00")
    await process.send(story.changed("2026-05-13T09:50", held_by="servers"))
    await process.send(story.changed("2026-05-13T13:20", held_by="vendor"))
    await process.until("2026-05-14T08:21")
    await process.send(story.reached("2026-05-14T08:40", "RESOLVED"))
    return process.handle


async def retargeted_and_cancelled(world: World) -> Handle:
    story = Events(customer="HR", service="USER_TERMINATION", exit_type="FRIENDLY", last_day="2026-02-27")
    story.created("2026-02-20T10:00")
    process = await world.start(story, [example("user-termination")], now="2026-02-25T13:00")
    await process.send(story.changed("2026-02-25T13:20", exit_type="ADVERSE"))
    await process.send(story.tell("2026-02-25T13:40", EventKind.CANCELLED, reason="DUPLICATE"))
    return process.handle


async def continued_as_new(world: World) -> Handle:
    story = printer()
    process = await world.start(story, [example("printers-warsaw")], now="2026-03-16T08:00")
    for second in range(1, 40):
        change = story.changed(f"2026-03-16T07:59:{second:02}", note=str(second))
        await process.handle.signal(Ticket.ticket_news, TicketNews(events=(change,)))
        await asyncio.sleep(0.05)
    await asyncio.sleep(3)
    last = story.reached("2026-03-16T08:00:01", "RESPONDED")
    await process.handle.signal(Ticket.ticket_news, TicketNews(events=(last,)))
    return process.handle


async def moved_page_by_page(world: World) -> Handle:
    world.replans.tickets = [f"crm/T-{number}" for number in range(3)]
    return await replanned(world)


async def moved_in_two_runs(world: World) -> Handle:
    world.replans.tickets = [f"crm/T-{number:03}" for number in range(PAGES_PER_RUN + 3)]
    return await replanned(world)


async def replanned(world: World) -> Handle:
    name = f"replan-{uuid4().hex[:8]}"
    await start_replan(world.client, ReplanOrder(replan=name, agreement="SLA-2026-0001", to_version="2.0", rate=1000))
    return world.client.get_workflow_handle_for(Replan.run, replan_workflow_id(name))


async def measured_in_one_go(world: World) -> Handle:
    return await measuring(world)


async def measuring(world: World) -> Handle:
    name = f"backtest-{uuid4().hex[:8]}"
    order = BacktestOrder(backtest=name, proposals=("gold", "silver"), days="2025-03-01/2026-03-01", registry_no="SLA/2026/0001")
    await start_backtest(world.client, order)
    return world.client.get_workflow_handle_for(Backtest.run, backtest_workflow_id(name))


async def went_in_three_batches(world: World) -> Handle:
    world.retention.batches = [1200, 300]
    return await started(world)


async def started(world: World) -> WorkflowHandle[Retention, int]:
    return await world.client.start_workflow(Retention.run, 0, id=f"{RETENTION_ID}-{uuid4().hex[:8]}", task_queue=CASES_QUEUE)


async def old_history_with_a_digest(world: World) -> Handle:
    story = printer()
    story.reached("2026-03-17T09:00", "RESPONDED")
    process = await world.start(story, [example("printers-warsaw")], now="2026-05-01T08:00")
    return process.handle


TICKETS: tuple[Story, ...] = (
    met_after_a_pause,
    warned_breached_escalated,
    breach_withdrawn,
    handed_over_with_three_promises,
    retargeted_and_cancelled,
    old_history_with_a_digest,
    continued_as_new,
)
STORIES: Mapping[str, tuple[Story, ...]] = {
    "ticket": TICKETS,
    "agreement_case": AGREEMENT_CASES,
    "support_case": SUPPORT_CASES,
    "agreement": AGREEMENTS,
    "follow_up": FOLLOW_UPS,
    "replan": (moved_page_by_page, moved_in_two_runs),
    "retention": (went_in_three_batches,),
    "backtest": (measured_in_one_go,),
}


async def record() -> None:
    """Record the stories that have no history yet."""
    async with await WorkflowEnvironment.start_time_skipping_v2(
        ts_config=TimeSkippingConfig(enabled=False),
        dev_server_existing_path=temporal_binary(),
        dev_server_extra_args=engine_options(),
        search_attributes=list(SEARCH_ATTRIBUTES),
        data_converter=pydantic_data_converter,
    ) as engine:
        for kind, stories in STORIES.items():
            for story in stories:
                if not (FOLDER / kind / f"{story.__name__}.json").exists():
                    await _play(World(engine), story, FOLDER / kind)


async def _play(world: World, story: Story, folder: Path) -> None:
    """Play a story to its process's end, and keep what the engine noted of it."""
    async with world.workers():
        handle = await story(world)
        await asyncio.wait_for(handle.result(), 30)
    await asyncio.sleep(1)  # until the last run is listed
    await _write(world, handle, folder / story.__name__)


async def _write(world: World, handle: Handle, name: Path) -> None:
    """Every run of the process; the last has the story's name, those it continued are numbered."""
    run_ids = [run.run_id async for run in world.client.list_workflows(f'WorkflowId = "{handle.id}"')]
    for number, run_id in enumerate(run_ids):
        history = await world.client.get_workflow_handle(handle.id, run_id=run_id).fetch_history()
        path = name.with_name(f"{name.name}.json" if number == 0 else f"{name.name}_{number}.json")
        path.parent.mkdir(exist_ok=True)
        path.write_text(_text(history), encoding="utf-8")


def _text(history: WorkflowHistory) -> str:
    """As JSON, each event on a line of its own."""
    events = json.loads(history.to_json())["events"]
    lines = ",\n".join(json.dumps(event, separators=(",", ":")) for event in events)
    return f'{{"events":[\n{lines}\n]}}\n'


if __name__ == "__main__":
    asyncio.run(record())
    time.sleep(0.3)  # the engine's client must end its threads before the interpreter does (temporalio/sdk-python issue 300)
