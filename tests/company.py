"""A company's whole installation in one process: API, workers and real store, at instants of a story, each part of which can die."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from temporalio import activity
from temporalio.client import Client, WorkflowHandle
from temporalio.plugin import SimplePlugin
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor, WorkerConfig

from api.amendments import AmendmentCases
from api.clock import BusinessClock
from connectors.agreement_stories import Deed
from domain.agreement_case import AgreementCase as Case
from domain.case_messages import CaseResult
from domain.case_telling import record_of
from domain.catalogue import Catalogue
from domain.people import Role
from store.cases import CaseStore
from store.database import Database
from store.directory import Directory
from store.inbox_rows import InboxRows
from store.mailbox import Mailbox
from tests.api.people import Office
from tests.conftest import Api, serve, settings_for
from tests.databases import set_up
from tests.jumping_clock import Jump, JumpingRunner
from worker import Instead, build_workers
from workflows.agreement_case import AgreementCase
from workflows.names import agreement_workflow_id, case_workflow_id


class Staff(SimplePlugin):
    """The product's own workers, as a story needs them: few processes in memory, no time to end in peace, a clock that may jump."""

    def __init__(self, max_cached_workflows: int) -> None:
        super().__init__("staff")
        self.max_cached_workflows = max_cached_workflows
        self.jump = Jump()
        self.deadly: set[str] = set()
        self.died = asyncio.Event()

    def configure_worker(self, config: WorkerConfig) -> WorkerConfig:
        """Change what a worker is built with."""
        config["max_cached_workflows"] = min(self.max_cached_workflows, config["max_cached_workflows"])
        config["graceful_shutdown_timeout"] = timedelta()
        config["sticky_queue_schedule_to_start_timeout"] = timedelta(seconds=1)
        config["interceptors"] = [*config.get("interceptors", ()), _Deadly(self)]
        config["workflow_runner"] = JumpingRunner(config["workflow_runner"], self.jump)
        return config


class _Deadly(Interceptor):
    """Lets a worker die with the result of an activity that is named in `deadly`, once: the activity is done, nobody knows of it."""

    def __init__(self, staff: Staff) -> None:
        self.staff = staff

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002  (the library's name)
        return _Dying(next, self.staff)


class _Dying(ActivityInboundInterceptor):
    def __init__(self, inner: ActivityInboundInterceptor, staff: Staff) -> None:
        super().__init__(inner)
        self.staff = staff

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002  (the library's name)
        result = await super().execute_activity(input)
        if activity.info().activity_type in self.staff.deadly:
            self.staff.deadly.clear()
            self.staff.died.set()
            await asyncio.Event().wait()
        return result


class Company:
    """API, workers and store of one company; `until` moves the clock of the case that is followed and that of the API."""

    def __init__(
        self, engine: WorkflowEnvironment, database: Database, max_cached_workflows: int, amendments: type[AmendmentCases] = AmendmentCases
    ) -> None:
        self.engine = engine
        self.database = database
        self.amendments = amendments
        self.staff = Staff(max_cached_workflows)
        self.client = Client(**(engine.client.config() | {"plugins": [self.staff]}))
        self.tokens: dict[str, str] = {}
        self.manager = ""
        self.case_id = ""
        self._shift = timedelta()
        self.now = BusinessClock(timedelta())
        self._served: Api | None = None
        self._api = AsyncExitStack()
        self._working: list[asyncio.Task[None]] = []

    async def hire(self, catalogue: Catalogue) -> None:
        """Load the catalogue, and give everybody a token."""
        directory, now = Directory(self.database), datetime.now(UTC)
        await directory.load(catalogue, "test", now)
        self.tokens = {each.person: await directory.new_token(each.person, now) for each in catalogue.people}
        [self.manager] = [each.person for each in catalogue.people_with(Role.SLM_MANAGER)]

    # ---- what lives and dies ----------------------------------------------------------------------------------------

    async def open_api(self, at: datetime) -> None:
        """The API is up, and it is this instant."""
        settings = settings_for(self.database.url, now=at.isoformat())
        self.now.shift = settings.time_shift
        self._served = await self._api.enter_async_context(serve(settings, self.client))

    async def kill_api(self) -> None:
        """The API is gone; whoever waited for its answer gets none."""
        self._served = None
        await self._api.aclose()
        self._api = AsyncExitStack()

    def start_workers(self) -> None:
        """The product's own workers are up."""
        settings = settings_for(self.database.url)
        workers = build_workers(
            self.client, settings, self.database, instead=Instead(self.amendments(self.database, settings.policy, self.client), self.now)
        )
        self._working = [asyncio.create_task(each.run()) for each in workers]

    async def kill_workers(self) -> None:
        """The workers are gone, whatever they were doing."""
        for task in self._working:
            task.cancel()
        await asyncio.gather(*self._working, return_exceptions=True)
        self._working = []

    async def close(self) -> None:
        """Everything ends."""
        await self.kill_workers()
        await self.kill_api()

    # ---- time -------------------------------------------------------------------------------------------------------

    @property
    def office(self) -> Office:
        """Everybody at their desks."""
        assert self._served is not None, "the API is down"
        return Office(self._served, self.tokens, self.manager)

    @property
    def handle(self) -> WorkflowHandle[AgreementCase, CaseResult]:
        """The process of the case that is followed."""
        return self.client.get_workflow_handle_for(AgreementCase.run, case_workflow_id(self.case_id))

    def follow(self, case_id: str) -> None:
        """From here on time is that of a case which was just started."""
        self.case_id, self._shift = case_id, self.clock_shift

    @property
    def _clock(self) -> Any:
        assert self._served is not None, "the API is down"
        return self._served.app.state.parts.now

    @property
    def clock_shift(self) -> timedelta:
        """Engine time less the time the API's clock shows."""
        shift: timedelta = self._clock.shift
        return shift

    async def until(self, at: datetime) -> None:
        """It is an instant of the story; what is due before happens on the way."""
        ahead = at + self._shift - self.staff.jump.shown(await self.engine.get_current_time(self.handle))
        if ahead > timedelta():
            await self.engine.fast_forward(self.handle, ahead)
        self.clock_shows(at)

    async def agreement_until(self, registry_no: str, at: datetime) -> None:
        """It is an instant for the process of a registered agreement."""
        handle = self.client.get_workflow_handle(agreement_workflow_id(registry_no))
        await self.engine.fast_forward(handle, at + self._shift - await self.engine.get_current_time(handle))

    def clock_shows(self, at: datetime) -> None:
        """The clocks of the API and the workers show an instant, wherever the engine's is."""
        self.now.shift = datetime.now(UTC) - at
        if self._served is not None:
            self._clock.shift = datetime.now(UTC) - at

    async def jump_to(self, at: datetime) -> None:
        """The clock of the processes goes on at an instant: as long as nobody was at work, none of them has seen the time between."""
        now = await self.engine.get_current_time(self.handle)
        self.staff.jump.set(now, at + self._shift - now)

    # ---- what happened ----------------------------------------------------------------------------------------------

    async def adopt(self, case: Case) -> None:
        """Start a case in the middle of its life, as it was played on the pure machine."""
        at = case.last_at
        async with self.database.writing() as connection:
            await CaseStore(self.database).open(connection, record_of(case), "test", case.case_id)
            await InboxRows(self.database).keep_start(connection, case.case_id, "test", case.case_id, at)
        self.clock_shows(at)
        assert self._served is not None
        self._served.app.state.parts.case_forwarder.nudge()
        self.follow(case.case_id)
        await self.settled()

    async def settled(self) -> Case:
        """The case, once everything is written and told."""
        for _ in range(400):
            with suppress(RPCError):  # its first task is still to come
                standing = await self.handle.query(AgreementCase.standing)
                if not (standing.unwritten or standing.untold):
                    return await self.case()
            await asyncio.sleep(0.05)
        raise AssertionError("the case does not come to rest")

    async def case(self) -> Case:
        """The case as it was written down last."""
        async with self.database.reading() as connection:
            row = await CaseStore(self.database).case(connection, self.case_id)
        assert row is not None
        return Case.model_validate(row.document)

    async def do(self, deed: Deed) -> Case:
        """One line of a story, through the API at its instant."""
        await self.until(deed.at)
        await self.office.do(self.case_id, deed)
        return await self.settled()

    async def letters(self, *parts: str) -> list[tuple[str, tuple[str, ...]]]:
        """Notices about the case whose key has these parts, earliest first: key without the process's id, and receivers."""
        process = case_workflow_id(self.case_id) + ":"
        rows: Sequence[Any] = await Mailbox(self.database, self.now).messages(500)
        own = {row.notice: row for row in reversed(rows) if row.notice.startswith(process)}
        found = [(key.removeprefix(process), tuple(row.recipients)) for key, row in own.items()]
        return [each for each in found if all(part in each[0] for part in parts)]


@asynccontextmanager
async def company(
    engine: WorkflowEnvironment,
    folder: Path,
    catalogue: Catalogue,
    max_cached_workflows: int,
    at: datetime,
    amendments: type[AmendmentCases] = AmendmentCases,
) -> AsyncIterator[Company]:
    """A company at an instant of its story, with its own SQLite database, API and workers up."""
    database = Database(f"sqlite+aiosqlite:///{folder / 'servanda.db'}")
    await set_up(database)
    made = Company(engine, database, max_cached_workflows, amendments)
    await made.hire(catalogue)
    try:
        await made.open_api(at)
        made.start_workers()
        yield made
    finally:
        await made.close()
        await database.close()
