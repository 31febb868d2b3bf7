"""An agreement that the CRM ends early, on a real engine: with the CRM away, with orders that come late, with a revocation on its way."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from temporalio.client import WorkflowHandle
from temporalio.testing import ActivityEnvironment, WorkflowEnvironment

from activities.terminations import TerminationActivities
from connectors.memory import MemoryTerminations
from domain.agreement_parts import Period
from domain.case_messages import AgreementOrder, Registered
from domain.ending import Marking, WindingUp
from domain.in_force import Watched
from domain.termination import TerminationNews, TerminationOrder, order_id_of
from domain.terms import AgreementKind
from tests.conftest import World, movable_engine
from tests.domain.case_stories import CATALOGUE, local
from workflows.agreement import Agreement
from workflows.names import agreement_workflow_id
from workflows.processes import tell_termination
from workflows.starting import start_agreement

WATCHED = Watched(kind=AgreementKind.CUSTOMER_SLA, periods=(Period.MONTH,), targets=("solution",), calendar=CATALOGUE.calendar)


@pytest.fixture(scope="module")
async def engine() -> AsyncIterator[WorkflowEnvironment]:
    """An engine of this module's own: its processes are named by registry numbers."""
    async with movable_engine() as environment:
        yield environment


def order(number: str, at: str, effective: str, name: str = "CRM-77", **more: Any) -> TerminationOrder:
    fields = {"crm_case": name, "registry_no": number, "agreement": number.replace("/", "-"), "basis": "NOTICE", "legal_ref": "WYP/2026/77"}
    instants = {"ordered_at": local(at), "received_at": local(at), "effective_at": local(effective)}
    return TerminationOrder.model_validate({**fields, "order_id": order_id_of("crm", name), "requested_by": "them", **instants, **more})


class Watch:
    """An agreement's process, whose time a test moves."""

    def __init__(self, world: World, number: str) -> None:
        self.world = world
        self.number = number
        self.shift = timedelta()

    @property
    def handle(self) -> WorkflowHandle[Agreement, str]:
        return self.world.client.get_workflow_handle_for(Agreement.run, agreement_workflow_id(self.number))

    async def start(self, at: str) -> None:
        self.shift = datetime.now(UTC) - local(at)
        first, same = date.fromisoformat(at[:10]), {"customer": "them", "time_zone": "Europe/Warsaw", "watched": WATCHED}
        registered = Registered.model_validate({"registry_no": self.number, "effective_from": first, "effective_until": None, **same})
        await start_agreement(self.world.client, AgreementOrder(registered=registered, time_shift=self.shift))

    async def until(self, at: str) -> None:
        while (ahead := local(at) + self.shift - await self.world.engine.get_current_time(self.handle)) > timedelta():
            await self.world.engine.fast_forward(self.handle, ahead)

    async def hears(self, standing: TerminationOrder | None, at: str, *dropped: TerminationOrder, key: str = "CRM-77") -> None:
        await tell_termination(
            self.world.client, self.number, TerminationNews(key=key, standing=standing, dropped=dropped, at=local(at), reason="because")
        )

    async def is_in(self, state: str) -> None:
        for _ in range(400):
            if (await self.handle.query(Agreement.standing)).state == state:
                return
            await asyncio.sleep(0.05)
        raise AssertionError(await self.handle.query(Agreement.standing))

    async def has_told_crm(self, *states: str) -> None:
        for _ in range(400):
            if self.told_crm == list(states):
                return
            await asyncio.sleep(0.05)
        raise AssertionError(self.told_crm)

    @property
    def told_crm(self) -> list[str]:
        """Of this agreement alone: processes of other tests may be on their way yet."""
        return [each.state for each in self.world.crm.case_updates if self.number in each.registry_nos]


async def test_a_crm_that_is_away_at_the_end_is_told_everything_in_order_and_once(engine: WorkflowEnvironment) -> None:
    """`SC-7`: away on 1 November, back on 2 November 08:00."""
    world = World(engine)
    watch = Watch(world, "SLA/2026/7001")
    world.terminations.tickets = ["crm/A", "crm/B"]
    world.terminations.found = WindingUp(calendar=CATALOGUE.calendar, supports=("UC/2026/7001",))
    ends = order(watch.number, "2026-10-05T10:00", "2026-11-01T00:00")
    async with world.workers():
        await watch.start("2026-10-01T00:00")
        await watch.until("2026-10-05T10:00")
        for _ in range(3):
            await watch.hears(ends, "2026-10-05T10:00")
        await watch.is_in("TERMINATING")
        await watch.has_told_crm("TERMINATING")
        world.crm.is_down = True
        await watch.until("2026-11-02T08:30")
        assert watch.told_crm == ["TERMINATING"]
        world.crm.is_down = False
        await watch.until("2026-11-02T12:00")
        assert await asyncio.wait_for(watch.handle.result(), 60) == "TERMINATED"

    assert watch.told_crm == ["TERMINATING", "TERMINATED", "TERMINATION_COMPLETED"]
    assert [subject for subject, _ in world.terminations.marked] == ["crm/A", "crm/B"] * 2, "when the order came, and at its instant"
    assert {"settlement:SLA-2026-7001", "release:UC-2026-7001:SLA-2026-7001"} <= set(world.follow_ups.opened)
    instants = [at for kind, _, at in world.periods.asked if kind in {"look", "report", "close"}]
    assert max(instants) == local("2026-11-02T08:00")
    assert [name for kind, name, at in world.periods.asked if kind == "look" and at >= local("2026-11-01T00:00")] == []
    told = [notice.key.rpartition(":")[0] for notice in world.notifier.sent]
    assert len(told) == len(set(told))


async def test_a_revocation_that_is_on_its_way_at_the_instant_ends_nothing(engine: WorkflowEnvironment) -> None:
    """Revoked in time, while the engine was away: the row says so before the process knows."""
    world = World(engine)
    watch = Watch(world, "SLA/2026/7002")
    ends = order(watch.number, "2026-10-05T10:00", "2026-10-08T12:00")
    async with world.workers():
        await watch.start("2026-10-01T00:00")
        await watch.until("2026-10-05T10:00")
        await watch.hears(ends, "2026-10-05T10:00")
        await watch.is_in("TERMINATING")
        world.terminations.revoked.add(ends.order_id)
        await watch.until("2026-10-08T12:30")
        await watch.is_in("TERMINATING")
        await watch.hears(None, "2026-10-08T11:00", ends, key="CRM-78")
        await watch.is_in("ACTIVE")
        await watch.until("2026-10-10T12:00")
        looked = [at for kind, _, at in world.periods.asked if kind == "look"]
        assert looked[-1] == local("2026-10-10T00:00"), "everything goes on"
        await watch.has_told_crm("TERMINATING", "ACTIVE")
        await watch.handle.terminate()


async def test_an_order_that_comes_after_its_own_instant_takes_the_process_back_to_it(engine: WorkflowEnvironment) -> None:
    world = World(engine)
    watch = Watch(world, "SLA/2026/7003")
    ends = order(watch.number, "2026-10-20T10:00", "2026-10-14T07:00")
    async with world.workers(0):
        await watch.start("2026-10-01T00:00")
        await watch.until("2026-10-20T10:00")
        await watch.hears(ends, "2026-10-20T10:00")
        assert await asyncio.wait_for(watch.handle.result(), 60) == "TERMINATED"

    assert [(name, at) for kind, name, at in world.periods.asked if kind == "close"] == [
        ("2026-10", local("2026-10-14T07:05")),
        ("2026-10", local("2026-10-14T08:00")),
    ]
    assert watch.told_crm == ["TERMINATED", "TERMINATION_COMPLETED"]


async def test_marking_goes_on_behind_the_last_page_that_was_written() -> None:
    """A worker died in the middle: its last heartbeat says how far it was."""
    terminations = MemoryTerminations()
    terminations.tickets = ["crm/A", "crm/B", "crm/C"]
    environment, beaten = ActivityEnvironment(), list[Any]()
    environment.on_heartbeat = beaten.append
    environment.info = replace(environment.default_info(), heartbeat_details=["crm/A"])
    ends = order("SLA/2026/7004", "2026-10-05T10:00", "2026-11-01T00:00")
    await environment.run(TerminationActivities(terminations).mark_tickets, Marking(leaves=ends, at=ends.received_at))

    assert [subject for subject, _ in terminations.marked] == beaten == ["crm/B", "crm/C"]
