"""SC-1, the results: April and May of the bank's agreement, closed by its own process, credited, reviewed, improved."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.testing import WorkflowEnvironment

from tests.conftest import event, movable_engine
from tests.domain.case_stories import CATALOGUE
from tests.domain.drafts import bank_draft, changed
from tests.in_force import InForce, in_force


@pytest.fixture(scope="module")
async def engine() -> AsyncIterator[WorkflowEnvironment]:
    """An engine of this module's own: its processes are named by registry numbers."""
    async with movable_engine() as environment:
        yield environment


def told(number: int, site: str, opened: str, minutes: int) -> list[dict[str, Any]]:
    """A ticket that was answered so many minutes after it was opened."""
    at = datetime.fromisoformat(opened)
    name = f"{site}-{at:%m}-{number}"
    created = event("created", at.isoformat(), name, customer="Bank Narew S.A.", service="MPS", site=site)
    return [created, event("milestone", (at + timedelta(minutes=minutes)).isoformat(), name, milestone="RESPONDED")]


async def tickets(world: InForce, site: str, opened: str, met: int, missed: int) -> None:
    for number in range(met + missed):
        answer = await world.company.office.api.post(*told(number, site, opened, 30 if number < met else 550), batch=True)
        assert answer.status_code == 202, answer.text


async def test_sc_1_april_and_may_of_the_bank(engine: WorkflowEnvironment, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with in_force(engine, tmp_path, CATALOGUE, "2026-03-10T09:00") as world:
        draft = bank_draft()
        warsaw = await world.register("2026-03-10T09:00", changed(draft.named("warsaw"), parent=None), CATALOGUE)
        podlasie = await world.register("2026-03-10T09:00", changed(draft.named("podlasie"), parent=None), CATALOGUE)
        await _april(world, warsaw, podlasie, capsys)
        await _may(world, warsaw)


async def _april(world: InForce, warsaw: str, podlasie: str, capsys: pytest.CaptureFixture[str]) -> None:
    await world.until("2026-04-20T12:00")
    await tickets(world, "warsaw", "2026-04-08T08:00+02:00", 37, 3)
    await tickets(world, "sejny", "2026-04-08T08:00+02:00", 6, 0)
    await world.until("2026-05-01T12:00")
    [response] = (await world.closed(warsaw, "2026-04"))["targets"]
    assert (response["achieved"], response["colour"], response["met"], response["breached"]) == ("92.5000 %", "RED", 37, 3)
    [rural] = (await world.closed(podlasie, "2026-04"))["targets"]
    assert (rural["achieved"], rural["colour"], rural["met"]) == ("100.0000 %", "GREEN", 6), "never mixed with the city's"
    assert [receivers for _, receivers in await world.letters("violation:2026-04")] == [["CUSTOMER_REP", "CRM_STAFF", "SLM_MANAGER"]]
    credit = f"credit:{warsaw}:response:2026-04"
    assert credit not in await world.follow_ups(warsaw), "1 May is free: credits are drafted when business opens"

    await world.until("2026-05-04T09:00")
    await world.follow_ups(warsaw, credit, f"sip:{warsaw}:response:2026-04")
    drafted = await world.get("F1", f"/cases/{credit}")
    assert (drafted["state"], drafted["case"]["amount"]) == ("DRAFTED", "540.00"), "5 % of 10,800"
    assert drafted["case"]["entered_at"].startswith("2026-05-04T06:00:00Z"), drafted["case"]["entered_at"]
    capsys.readouterr()
    await world.decide("F1", credit, "approve_credit", amount="540.00")
    await world.state(credit, "APPROVED")
    assert await world.get("B1", f"/registry/{podlasie}/follow-ups") == []


async def _may(world: InForce, warsaw: str) -> None:
    await world.until("2026-05-20T12:00")
    await tickets(world, "warsaw", "2026-05-12T08:00+02:00", 34, 2)
    await world.until("2026-06-01T09:00")
    [response] = (await world.closed(warsaw, "2026-05"))["targets"]
    assert (response["achieved"], response["colour"], response["warnings"]) == ("94.4444 %", "RED", ["CHRONIC"])
    review = f"review:{warsaw}:chronic-response:2026-05"
    await world.follow_ups(warsaw, review, f"credit:{warsaw}:response:2026-05")
    assert (await world.get("F1", f"/cases/credit:{warsaw}:response:2026-05"))["case"]["amount"] == "540.00"
    opened = await world.get("M1", f"/cases/{review}")
    assert opened["case"]["meeting_at"].startswith("2026-06-08T"), "5 business days; 4 June is Corpus Christi"
    plan = await world.state(f"sip:{warsaw}:response:2026-04", "PROPOSED")
    assert plan["case"]["mandatory"]
    await world.decide("M1", plan["case_id"], "reject_plan", 409, reason="we do not want to improve this")
    await _the_plan_is_carried_out(world, plan["case_id"])
    await _the_review_is_held(world, review)


async def _the_plan_is_carried_out(world: InForce, plan: str) -> None:
    action = {"action": "second-technician", "text": "a second technician for Warsaw", "owner": "L1", "due": "2026-06-12"}
    content = {"root_cause": "one technician for forty tickets", "actions": [action], "expected": "97 %", "cost": "4000"}
    await world.decide("L1", plan, "describe_plan", content=content)
    described = await world.get("M1", f"/cases/{plan}")
    await world.decide("M1", plan, "approve_plan", document_hash=described["hashes"]["content"])
    await world.decide("L1", plan, "begin_plan")
    await world.decide("O1", plan, "finish_action", 403, finished="second-technician")
    await world.decide("L1", plan, "finish_action", finished="second-technician")
    await world.state(plan, "VERIFYING")


async def _the_review_is_held(world: InForce, review: str) -> None:
    await world.follow_up_until(review, "2026-06-04T12:00")
    await world.state(review, "PACK_SENT")
    await world.decide("M1", review, "hold_review")
    unfinished: dict[str, Any] = {"targets": {"response": "KEEP"}, "actions": [{"text": "watch the second technician's first month"}]}
    await world.decide("L1", review, "record_minutes", 422, minutes={"targets": {}})
    await world.decide("L1", review, "record_minutes", minutes=unfinished)
    await _approved(world, review)
    await world.decide("M1", review, "close_review", 422)
    finished = {**unfinished, "actions": [{**unfinished["actions"][0], "owner": "L1", "due": "2026-07-10"}]}
    await world.decide("L1", review, "record_minutes", minutes=finished)
    await _approved(world, review)
    await world.decide("M1", review, "close_review")
    await world.state(review, "CLOSED")


async def _approved(world: InForce, review: str) -> None:
    shown = await world.get("B1", f"/cases/{review}")
    await world.decide("B1", review, "approve_minutes", document_hash=shown["hashes"]["minutes"])
