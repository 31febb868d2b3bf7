"""An owner of work packages leaves while the agreement is in force: from the catalogue to the new owner, in processes."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from temporalio.testing import WorkflowEnvironment

from tests.api.test_work_packages import with_work
from tests.conftest import movable_engine
from tests.domain.drafts import catalogue
from tests.domain.test_work_packages import without
from tests.in_force import InForce, in_force

THURSDAY = "2026-06-11T15:00"


@pytest.fixture(scope="module")
async def engine() -> AsyncIterator[WorkflowEnvironment]:
    """An engine of this module's own: its processes are named by registry numbers."""
    async with movable_engine() as environment:
        yield environment


async def loaded(world: InForce, who_left: str) -> None:
    """The catalogue with everybody there but one."""
    value = without(who_left).model_dump(mode="json", by_alias=True)
    answer = await world.company.office.send("X1", "/catalogue", verb="PUT", **value)
    assert answer.json() == {"changed": True}, answer.text


async def handovers(world: InForce, number: str, count: int) -> list[dict[str, Any]]:
    """Its handovers, oldest first, once so many have begun."""
    [*ids] = [each["case_id"] for each in await world.get("M1", f"/registry/{number}/follow-ups", kind="HANDOVER")]
    assert len(ids) == count
    await world.follow_ups(number, *ids)
    return [await world.get("M1", f"/cases/{each}") for each in reversed(ids)]


async def owners(world: InForce, number: str) -> dict[str, str]:
    found = await world.get("L1", f"/registry/{number}/work-packages")
    return {f"{each['obligation']}/{each['package']}": each["owner"] for each in found if each["side"] == "PROVIDER"}


async def test_new_owners_are_named_until_nothing_is_orphaned_and_the_director_hears_where_nobody_does(
    engine: WorkflowEnvironment, tmp_path: Path
) -> None:
    async with in_force(engine, tmp_path, catalogue(), THURSDAY) as world:
        number = await world.register(THURSDAY, with_work(), catalogue())
        await loaded(world, "O2")
        [first] = await handovers(world, number, 1)
        name = first["case_id"]
        refused = await world.decide("M1", name, "name_owner", 422, owner="O2")
        await world.decide("M1", name, "name_owner", owner="TechTeren", packages=["repair/dispatch"])
        await world.decide("M1", name, "name_owner", owner="O1")
        done = await world.state(name, "HANDED_OVER")
        after, orphaned = await owners(world, number), await world.get("M1", "/orphaned-packages")

        assert (refused["code"], done["waiting_for"], orphaned) == ("OWNER_HAS_LEFT", [], [])
        assert after == {
            "toner-audit/count": "O1",
            "toner-audit/report": "O1",
            "repair/dispatch": "TechTeren",
            "repair/desk": "O1",
        }

        await loaded(world, "O1")
        _, second = await handovers(world, number, 2)
        [task] = second["waiting_for"]
        listed = await world.get("M1", "/orphaned-packages")
        await world.follow_up_until(second["case_id"], "2026-06-15T16:00")
        escalated = [key for key, to in await world.letters(second["case_id"]) if "D1" in to or "SERVICE_DIRECTOR" in to]

        assert (second["case"]["about"], task["kind"], task["due_at"]) == ("O1", "NAME_OWNER", listed[0]["due_at"])
        assert [each["package"] for each in listed] == ["count", "report", "desk"]
        assert listed[0]["due_at"].startswith("2026-06-15T13:0"), "Monday 15:00 in Warsaw: two business days"
        assert escalated
