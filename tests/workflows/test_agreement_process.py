"""An agreement in force on a real engine: its occasions, one after the other, over thirteen months."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from temporalio.client import WorkflowExecutionStatus, WorkflowHandle
from temporalio.testing import WorkflowEnvironment

from connectors.memory import MemoryPeriods
from domain.agreement_parts import Period
from domain.case_messages import AgreementOrder, Registered
from domain.closing import ClosedTarget, Closing, Due, Irregularity, Looked
from domain.in_force import Watched
from domain.results import Colour, Verdict
from domain.terms import AgreementKind
from tests.conftest import World, movable_engine
from tests.domain.case_stories import CATALOGUE, local
from workflows.agreement import Agreement
from workflows.names import agreement_workflow_id
from workflows.processes import tell_agreement, tell_of_supports
from workflows.starting import start_agreement

NUMBER = "SLA/2026/0001"


@pytest.fixture(scope="module")
async def engine() -> AsyncIterator[WorkflowEnvironment]:
    """An engine of this module's own: its processes are named by registry numbers."""
    async with movable_engine() as environment:
        yield environment


class Watch:
    """An agreement's process, whose time a test moves."""

    def __init__(self, world: World, number: str) -> None:
        self.world = world
        self.number = number
        self.shift = timedelta()

    @property
    def handle(self) -> WorkflowHandle[Agreement, str]:
        return self.world.client.get_workflow_handle_for(Agreement.run, agreement_workflow_id(self.number))

    async def start(self, at: str, *, begins: date, ends: date | None, crm_case: str | None = None) -> None:
        self.shift = datetime.now(UTC) - local(at)
        same = {"kind": AgreementKind.CUSTOMER_SLA, "periods": (Period.MONTH,), "targets": ("response",), "calendar": CATALOGUE.calendar}
        watched = Watched(**same, renewal_days=90 if ends is not None and (ends - begins).days > 300 else 0)
        registered = Registered(
            registry_no=self.number,
            customer="Bank Narew S.A.",
            effective_from=begins,
            effective_until=ends,
            time_zone="Europe/Warsaw",
            watched=watched,
        )
        await start_agreement(self.world.client, AgreementOrder(registered=registered, time_shift=self.shift, crm_case=crm_case))

    async def until(self, at: str) -> None:
        """Move its time on, and wait until what is due by then was asked for."""
        while True:
            now = await self.world.engine.get_current_time(self.handle)
            ahead = local(at) + self.shift - now
            if ahead <= timedelta():
                return
            await self.world.engine.fast_forward(self.handle, ahead)

    def asked(self, what: str) -> list[str]:
        return [name for kind, name, _ in self.world.periods.asked if kind == what]

    async def seen(self, what: str, number: int) -> list[str]:
        for _ in range(600):
            if len(self.asked(what)) >= number:
                break
            await asyncio.sleep(0.05)
        return self.asked(what)


def closing(period: str, **more: Any) -> Closing:
    year, month = map(int, period.split("-"))
    ended = local(f"{year + month // 12}-{month % 12 + 1:02}-01T00:00")
    fields = {"targets": (target(),)} | more
    return Closing(
        period=period,
        ended=ended,
        version=1,
        **fields,
    )


def target(colour: Colour = Colour.GREEN, **more: Any) -> ClosedTarget:
    verdict = Verdict.MISSED if colour is Colour.RED else Verdict.MET
    return ClosedTarget(target="response", promised="95.0000 %", achieved="92.5000 %", verdict=verdict, colour=colour, **more)


async def test_sc_8f_thirteen_months_miss_nothing_and_do_nothing_twice(engine: WorkflowEnvironment) -> None:
    world = World(engine)
    watch = Watch(world, "SLA/2026/8001")
    months = [f"2026-{month:02}" for month in range(1, 13)] + ["2027-01"]
    async with world.workers():
        await watch.start("2025-12-20T09:00", begins=date(2026, 1, 1), ends=date(2027, 2, 1))
        await watch.until("2027-02-01T09:00")
        assert await asyncio.wait_for(watch.handle.result(), 120) == "EXPIRED"

    # A period is closed at its end and once more when business opens, with what came overnight.
    assert watch.asked("close") == [month for month in months for _ in range(2)]
    assert watch.asked("report") == months
    assert len(watch.asked("look")) == len(set(watch.asked("look"))) == 395
    reviews = sorted(case_id for case_id in world.follow_ups.opened if case_id.startswith("review:"))
    assert [each.rpartition(":")[2] for each in reviews] == ["2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4", "annual-2027"]
    [renewal] = [case_id for case_id in world.follow_ups.opened if case_id.startswith("renewal:")]
    assert renewal == "renewal:SLA-2026-8001:2027-02-01"
    assert world.follow_ups.opened[renewal].entered_at == local("2026-11-03T00:00"), "90 days before the end, once"
    asked = [(at, what) for what, _, at in world.periods.asked]
    assert [at for at, _ in asked] == sorted(at for at, _ in asked)
    told = [notice.key for notice in world.notifier.sent]
    assert len(told) == len(set(told))
    described = await watch.handle.describe()
    assert described.status is WorkflowExecutionStatus.COMPLETED
    assert described.history_length < 1000, "a new run each month"


async def test_a_month_with_the_cache_off_that_is_missed_starts_what_follows_once(engine: WorkflowEnvironment) -> None:
    world = World(engine)
    watch = Watch(world, "SLA/2026/8002")
    due = Due(target="response", amount=Decimal(540), currency="PLN", why=("5 % of 10800",))
    missed = target(Colour.RED, chronic=True, may_be_ended=True)
    world.periods.closings = {"2026-04": closing("2026-04", targets=(missed,), due=(due,))}
    world.periods.seen = {"2026-04-09": Looked(irregular=(Irregularity(kind="BURN_RATE", target="response", why="69 % in 30 %"),))}
    async with world.workers(0):
        await watch.start("2026-03-20T09:00", begins=date(2026, 4, 1), ends=date(2026, 5, 1), crm_case="CRM-1")
        await watch.until("2026-04-20T09:00")
        await tell_agreement(world.client, watch.number, "2026-04")
        await watch.until("2026-05-04T09:00")
        assert await asyncio.wait_for(watch.handle.result(), 60) == "EXPIRED"

    name = "SLA-2026-8002"
    assert sorted(world.follow_ups.opened) == [
        f"correction:{name}:BURN_RATE:response:2026-04-09",
        f"credit:{name}:response:2026-04",
        f"review:{name}:chronic-response:2026-04",
        f"sip:{name}:response:2026-04",
    ]
    told = [notice.key.removeprefix(f"agreement:{name}:") for notice in world.notifier.sent]
    for key in ("violation:2026-04:response", "may-be-ended:2026-04:response", "ad-hoc:2026-04:chronic-response", "report:2026-04"):
        assert told.count(key) == 1, told
    violated = [update.state for update in world.crm.case_updates]
    assert violated == ["ACTIVE", "EXPIRED", "VIOLATED", "BREACHED"]


class SlowPeriods(MemoryPeriods):
    """Closes a period again only when the test lets it."""

    def __init__(self) -> None:
        super().__init__()
        self.may_close = asyncio.Event()

    async def close(self, registry_no: str, period: str, at: datetime) -> Closing | None:
        """As it stands, after a while."""
        answer = await super().close(registry_no, period, at)
        if len(self.asked) > 2:
            await self.may_close.wait()
        return answer


async def test_facts_that_change_while_a_period_is_closed_again_close_it_once_more(engine: WorkflowEnvironment) -> None:
    world = World(engine)
    world.periods = slow = SlowPeriods()
    watch = Watch(world, "SLA/2026/8500")
    async with world.workers():
        slow.may_close.set()
        await watch.start("2026-01-31T09:00", begins=date(2026, 1, 1), ends=date(2026, 4, 1))
        await watch.until("2026-02-02T09:00")
        before = len(await watch.seen("close", 2))
        slow.may_close.clear()
        await tell_agreement(world.client, watch.number, "2026-01")
        await watch.seen("close", before + 1)
        await tell_agreement(world.client, watch.number, "2026-01")
        slow.may_close.set()

        assert await watch.seen("close", before + 4) == (before + 4) * ["2026-01"], "closed and settled, for each change"


async def test_supports_that_changed_are_looked_at_at_once_and_the_supply_manager_is_asked(engine: WorkflowEnvironment) -> None:
    world = World(engine)
    watch = Watch(world, "SLA/2026/8004")
    lost = Irregularity(kind="AT_RISK_UNSUPPORTED", target="response", why="the desk has a free day of its own")
    world.periods.seen = {"2026-04-09": Looked(irregular=(lost,))}
    async with world.workers():
        await watch.start("2026-04-01T09:00", begins=date(2026, 4, 1), ends=date(2026, 4, 20))
        await watch.until("2026-04-09T10:00")
        world.periods.asked.clear()
        await tell_of_supports(world.client, watch.number, "calendar PL-DESK version 1")
        for _ in range(100):
            if world.periods.asked:
                break
            await asyncio.sleep(0.05)
        await watch.until("2026-04-21T09:00")
        assert await asyncio.wait_for(watch.handle.result(), 60) == "EXPIRED"

    first = next(at for what, _, at in world.periods.asked if what == "look")
    assert first.hour == 8, "10:00 in Warsaw, not at midnight"
    [opened] = world.follow_ups.opened.values()
    begun = opened.begun()
    assert [(each.kind, each.role) for each in begun.tasks] == [("RESTORE_SUPPORT", "SUPPLY_MANAGER")]
    [told] = [each for each in world.notifier.sent if ":warning:" in each.key]
    assert told.recipients == ("SLM_MANAGER", "SUPPLY_MANAGER")
