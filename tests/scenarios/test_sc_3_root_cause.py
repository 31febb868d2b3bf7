"""R-135 in processes: two promises missed by one outage give one credit, once the provider has named the root cause."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from temporalio.testing import WorkflowEnvironment

from domain.documents import AgreementDocument
from tests.conftest import movable_engine
from tests.in_force import InForce, in_force
from tests.scenarios.test_sc_3_in_force import AVAIL_99_9, CATALOGUE, SAAS

TARGETS = ("availability", "portal")
TWICE = AgreementDocument.model_validate(
    SAAS.model_dump(mode="json")
    | {
        "availability": [{"target": name, "percent": "99.9"} for name in TARGETS],
        "credits": [{"target": name, "bands": AVAIL_99_9} for name in TARGETS],
    }
)


@pytest.fixture(scope="module")
async def engine() -> AsyncIterator[WorkflowEnvironment]:
    """An engine of this module's own: its processes are named by registry numbers."""
    async with movable_engine() as environment:
        yield environment


async def test_one_root_cause_costs_once_and_another_name_parts_them_again(engine: WorkflowEnvironment, tmp_path: Path) -> None:
    async with in_force(engine, tmp_path, CATALOGUE, "2026-02-20T10:00") as world:
        sla = await world.register("2026-02-20T10:00", TWICE, CATALOGUE)
        await world.until("2026-04-20T10:00")
        for name, minutes in zip(TARGETS, ("52", "500"), strict=True):
            await world.measured(sla, name, name, "2026-04-09T10:00", minutes)
        await world.until("2026-05-04T12:00")
        small, large = (f"credit:{sla}:{name}:2026-04" for name in TARGETS)
        await world.follow_ups(sla, small, large)
        assert [await amount(world, each) for each in (small, large)] == ["2000.00", "5000.00"]

        for each in (small, large):
            await world.decide("M1", each, "name_cause", cause="PRB-71")
        await comes_to(world, small, "0")
        kept = (await world.get("F1", f"/cases/{large}"))["case"]
        assert (kept["amount"], kept["why"][-1]) == (
            "5000.00",
            "availability missed by the same root cause PRB-71: only the highest counts",
        )
        assert [each["target"] for each in (await world.closed(sla, "2026-04", 2))["credits"]] == ["portal"]

        await world.decide("M1", small, "name_cause", cause="PRB-72")
        await comes_to(world, small, "2000.00")
        await world.decide("F1", small, "approve_credit", amount="2000.00")
        await world.decide("F1", large, "approve_credit", amount="5000.00")


async def amount(world: InForce, case_id: str) -> Any:
    return (await world.get("F1", f"/cases/{case_id}"))["case"]["amount"]


async def comes_to(world: InForce, case_id: str, wanted: str) -> None:
    for _ in range(200):
        if (found := await amount(world, case_id)) == wanted:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{case_id} is {found}")
