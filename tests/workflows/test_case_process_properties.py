"""What the pure machine is held to holds in the process: the same deeds by chance, answered and refused alike, whatever it goes through."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowUpdateFailedError
from temporalio.service import RPCError

from connectors.memory import MemoryCases
from domain.agreement_case import AgreementCase as Case
from domain.agreement_machine import register
from domain.audit import AuditEvent
from domain.case_machine import next_instant
from domain.case_messages import CaseEffects, CaseRecord
from domain.case_telling import effects_of
from domain.cases import Answer, Submission
from domain.lifecycle import CASE_ENDS, AgreementState
from store.audit import AuditTrail
from store.cases import CaseStore
from store.database import Database
from tests.case_processes import CaseProcess, refusal_in
from tests.conftest import World
from tests.databases import set_up
from tests.domain.random_cases import Play, Refusal, check_case
from workflows import case_process
from workflows.case_process import REFUSALS
from workflows.names import agreement_workflow_id

ASKING = {
    EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED,
    EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED,
    EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED,
}
A_SECOND = timedelta(seconds=1)
SLOWEST = timedelta(minutes=1)
"""More than the process's time runs on by itself while nobody moves it; every instant of a story is on a full minute."""


class TimeRanAhead(Exception):
    """The engine moved the process's time further than it was asked to, as it may while the machine is busy: nothing can be compared."""


class Twin:
    """One case twice: on the pure machine, and in a process that is told the same."""

    def __init__(self, play: Play, process: CaseProcess) -> None:
        self.play = play
        self.process = process
        self.answered: list[tuple[Submission, Answer]] = []
        self.runs: set[str | None] = set()

    async def wait(self) -> None:
        """Time passes; the process is woken by its own timer at each instant on the way."""
        now = await self.process.now()
        self.play.now += self.play.jump()
        while self.play.now < now - SLOWEST / 2:
            self.play.now += SLOWEST
        while (instant := next_instant(self.play.case)) is not None and instant <= self.play.now:
            await self.move(instant)
            self.play.catch_up(instant)
            await self.process.quiet(self.play.case.revision)
        await self.move(self.play.now)
        await self.agree()

    async def move(self, instant: datetime) -> None:
        """Move the process's time to just after an instant.

        Raises:
            TimeRanAhead: it is much later there now.
        """
        before = await self.process.now()
        await self.process.until(instant + A_SECOND)
        if await self.process.now() > max(before, instant) + SLOWEST:
            raise TimeRanAhead

    async def deed(self) -> None:
        """Somebody does something; now and then it reached us a while ago."""
        late = self.play.chance.choice((0, 0, 0, 0, 5))
        said = self.play.choose().model_copy(update={"received_at": self.play.now - timedelta(hours=late)})
        before = await self.history()
        heard = self.play.hear(said)
        if isinstance(heard, Answer):
            assert await self.process.tell(said) == heard
            self.answered.append((said, heard))
            self.play.catch_up(self.play.now)
            await self.agree()
        else:
            await self.is_refused(said, heard)
            await self.wrote_nothing_since(before)

    async def is_refused(self, said: Submission, refused: Refusal) -> None:
        """The process refuses as the machine does."""
        with pytest.raises(WorkflowUpdateFailedError) as failed:
            await self.process.tell(said)
        kind = next(kind for error, kind in REFUSALS.items() if isinstance(refused, error))
        cause = refusal_in(failed.value)
        assert (cause.type, cause.message) == (refused.code, str(refused))
        assert list(cause.details) == [kind, list(getattr(refused, "allowed", ()))]

    async def again(self) -> None:
        """Something that was done before, perhaps in a former run, is told again, and its key is used for something else."""
        if not self.answered or self.play.chance.random() < 0.7:
            return
        said, answer = self.play.chance.choice(self.answered)
        assert await self.process.tell(said, self.play.chance.choice((said.key, f"{said.key}-again"))) == answer
        other = said.model_copy(update={"action": {**said.action, "comment": "something else"}})
        with pytest.raises(WorkflowUpdateFailedError) as failed:
            await self.process.tell(other, f"{said.key}-other")
        assert refusal_in(failed.value).type == "ALREADY_DECIDED"
        await self.agree()

    async def history(self) -> tuple[str | None, int]:
        """The run, once it has begun, and how long its history is."""
        shown = await self.process.begun()
        self.runs.add(shown.run_id)
        return shown.run_id, shown.history_length

    async def wrote_nothing_since(self, before: tuple[str | None, int]) -> None:
        """The refusal is in no history; after many events the engine notes that it asked, and not what."""
        after = await self.history()
        if after != before:
            events = (await self.process.handle.fetch_history()).events[before[1] :]
            assert after[0] == before[0]
            assert {event.event_type for event in events} <= ASKING

    async def agree(self) -> None:
        """Both stand alike, once everything is written down and told."""
        if self.play.case.state is AgreementState.SIGNING and self.play.case.all_signed:
            await self.process.handle.result()
        await self.process.quiet(self.play.case.revision)
        if self.play.case.state is AgreementState.SIGNING and self.play.case.all_signed:
            recorded = self.recorded()
            self.play.now = recorded.last_at
            self.play.take(register(self.play.case, recorded.registry_nos, recorded.last_at))
        if self.play.steps:
            recorded = self.recorded()
            check_case(recorded)
            there, here = recorded.model_dump(), self.play.case.but(answers={}, untold=()).model_dump()
            assert {name: there[name] for name in there if there[name] != here[name]} == {
                name: here[name] for name in here if there[name] != here[name]
            }

    def recorded(self) -> Case:
        """The case as it was written down last."""
        return Case.model_validate(self.process.world.cases.records[self.process.case_id].case)

    @property
    def has_ended(self) -> bool:
        """Is nothing decided in it any more?"""
        return self.play.case.state in CASE_ENDS


class WrittenCases(MemoryCases):
    """Keeps cases in memory and in the real store, where their events are chained."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self.store = CaseStore(database)
        self.trail = AuditTrail(database)

    async def record(self, record: CaseRecord) -> None:
        await super().record(record)
        await self.store.record(record)


@asynccontextmanager
async def written(world: World, folder: Path) -> AsyncIterator[AuditTrail]:
    """Have the world's cases written into a real store; gives their audit trail."""
    database = Database(f"sqlite+aiosqlite:///{folder / 'servanda.db'}")
    await set_up(database)
    world.cases = WrittenCases(database)
    yield world.cases.trail
    await database.close()


async def played(world: World, seed: int, deeds: int) -> Twin:
    """A case that chance plays twice at once, for so many deeds or to its end; begun anew if the engine's time runs ahead."""
    for _ in range(3):
        with suppress(TimeRanAhead):
            return await played_once(world, seed, deeds)
    raise AssertionError("the engine's time runs ahead again and again")


async def played_once(world: World, seed: int, deeds: int) -> Twin:
    play = Play(seed)
    process = await CaseProcess.go_on(world, play.case, hear_first=3600)
    play.case = play.case.but(case_id=process.case_id)
    twin = Twin(play, process)
    try:
        while play.number < deeds and not twin.has_ended:
            await twin.wait()
            if not twin.has_ended:
                await twin.deed()
            if not twin.has_ended:
                await twin.again()
    except BaseException as failure:
        failure.add_note(f"seed {seed}, deed {play.number}, {play.case.state}")
        raise
    return twin


def effects(twin: Twin) -> CaseEffects:
    """All that the steps of the pure machine bring about."""
    each = [effects_of([step], twin.process.process) for step in twin.play.steps]
    return CaseEffects(
        records=tuple(record for one in each for record in one.records),
        notices=tuple(notice for one in each for notice in one.notices),
        crm_updates=tuple(update for one in each for update in one.crm_updates),
    )


def without_time(event: AuditEvent) -> AuditEvent:
    """An event as both have it: the process is woken some milliseconds after a reminder is due."""
    return event.model_copy(update={"at": None}) if event.action == "nudge" else event


async def check_outside(twin: Twin, trail: AuditTrail) -> None:
    """Everything was told and written down, each thing once by its key, in an unbroken trail."""
    world, process, brought_about = twin.process.world, twin.process.process, effects(twin)
    sent = {notice.key: notice for notice in world.notifier.sent if notice.case_id == twin.process.case_id}
    assert sent == {notice.key: notice for notice in brought_about.notices}
    updates = {update.key: update for update in world.crm.case_updates if update.case_id == twin.process.case_id}
    assert updates == {update.key: update for update in brought_about.crm_updates}
    events = [AuditEvent.model_validate(row.event) for row in await trail.of(process)]
    expected = [event for record in brought_about.records for event in record.events]
    assert [without_time(event) for event in events] == [without_time(event) for event in expected]
    assert await trail.broken_at(process) is None


async def end_agreements(world: World) -> None:
    """Nothing that was registered is left for another test."""
    for entries in world.registry.entries.values():
        for entry in entries:
            with suppress(RPCError):  # it may have run its term
                await world.client.get_workflow_handle(agreement_workflow_id(entry.registry_no)).terminate()


async def plays(world: World, seeds: Sequence[int], deeds: int) -> list[Twin]:
    """Case after case, until so much was tried."""
    twins: list[Twin] = []
    for seed in seeds:
        if (left := deeds - sum(twin.play.number for twin in twins)) > 0:
            twins.append(await played(world, seed, left))
    assert sum(twin.play.number for twin in twins) == deeds
    return twins


@pytest.mark.parametrize(
    ("cached", "seeds", "deeds"),
    [(1000, ((287, 660), (405,), (213,), (591, 239)), 55), (0, ((324, 367), (646, 584), (584,)), 20)],
    ids=["cached", "every task replayed"],
)
async def test_the_process_answers_and_refuses_as_the_machine_does_across_many_runs(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cached: int, seeds: Sequence[Sequence[int]], deeds: int
) -> None:
    monkeypatch.setattr(case_process, "LONG_HISTORY", 60)
    async with written(world, tmp_path) as trail, world.workers(max_cached_workflows=cached):
        twins = [twin for one in await asyncio.gather(*(plays(world, some, deeds) for some in seeds)) for twin in one]
        for twin in twins:
            await check_outside(twin, trail)
        await end_agreements(world)

    assert sum(len(twin.runs) - 1 for twin in twins) >= len(seeds), "a new run began again and again"
    assert {"INVALID_TRANSITION", "FORBIDDEN", "BAD_INPUT", "nudge", "registered"} <= {name for twin in twins for name in twin.play.seen}
