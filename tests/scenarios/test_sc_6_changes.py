"""SC-6 in processes: a promised change of hours is examined, renegotiated and warned of; a new address; the end of a term."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from temporalio.testing import WorkflowEnvironment

from api.amendments import AmendmentCases
from domain.documents import AgreementDocument
from domain.follow_ups.change import Change
from domain.follow_ups.follow_up import News
from domain.follow_ups.triggers import ChangeAsked, ChangeTrigger
from store.inbox_rows import InboxRows
from tests.api.test_changes import requested
from tests.conftest import movable_engine
from tests.domain.case_stories import local
from tests.domain.drafts import bank_draft, catalogue, changed
from tests.domain.follow_up_stories import WHY, trigger
from tests.in_force import InForce, in_force
from workflows.processes import signal

SHORT: dict[str, Any] = {"parent": None, "links": [], "effective_from": "2026-07-19"}
WARSAW = changed(bank_draft().named("warsaw"), **SHORT)
PODLASIE = changed(
    bank_draft().named("podlasie"), **SHORT, effective_until="2026-07-23", renewal={"automatic": True, "months": 12, "notice_days": 30}
)


@pytest.fixture(scope="module")
async def engine() -> AsyncIterator[WorkflowEnvironment]:
    """An engine of this module's own: its processes are named by registry numbers."""
    async with movable_engine() as environment:
        yield environment


class Renegotiating(AmendmentCases):
    """Versions are real; the case of what is negotiated anew is but a name."""

    async def open_amendment(self, change: Change, at: datetime) -> str:
        del at
        return f"case-{change.about}"


async def test_sc_6_a_change_on_its_way(engine: WorkflowEnvironment, tmp_path: Path) -> None:
    async with in_force(engine, tmp_path, catalogue(), "2026-07-20T09:00", amendments=Renegotiating) as world:
        warsaw = await world.register("2026-07-20T09:00", WARSAW, catalogue())
        hours = await _raised(world, requested("E-1", warsaw, trigger="WORKING_HOURS", needed_by="2026-09-01"))
        await _renegotiated(world, hours)
        await _attached_and_warned(world, warsaw, hours)
        await _registered(world, hours)
        await _too_late(world, warsaw, hours)
        await _new_address(world, warsaw)


async def test_r_131_an_agreement_with_a_clause_goes_on(own_engine: WorkflowEnvironment, tmp_path: Path) -> None:
    async with in_force(own_engine, tmp_path, catalogue(), "2026-07-20T09:00") as world:
        number = await world.register("2026-07-20T09:00", PODLASIE, catalogue())
        case_id = f"renewal:{number}:2026-07-23"
        await world.follow_ups(number, case_id)
        await world.follow_up_until(case_id, "2026-07-22T00:05")
        done = await world.state(case_id, "RENEWED")
        assert (done["case"]["registered_as"], str((await _document(world, number)).effective_until)) == ("1.1", "2027-07-23")
        await _forwarded(world)
        await world.until("2026-07-24T09:00")
        assert (await world.get("M1", f"/registry/{number}"))["state"] == "ACTIVE", "it goes on"


async def _raised(world: InForce, event: dict[str, Any]) -> str:
    answer = await world.company.office.api.post(event)
    assert answer.status_code == 202, answer.text
    case_id: str = answer.json()["results"][0]["case_id"]
    return case_id


async def _shown(world: InForce, case_id: str, what: str) -> dict[str, Any]:
    """A case, once it shows something."""
    for _ in range(200):
        found: dict[str, Any] = await world.get("M1", f"/cases/{case_id}")
        if what in str(found):
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(f"{case_id} does not show {what}: {found['case']}")


async def _renegotiated(world: InForce, case_id: str) -> None:
    [task] = (await _shown(world, case_id, "EXAMINE_CHANGE"))["waiting_for"]
    assert task["due_at"].startswith("2026-07-27T07:0"), "5 business days, 09:00 in Warsaw"
    await world.follow_up_until(case_id, "2026-07-21T10:00")
    await world.decide("L1", case_id, "keep_agreement", 409, reason=WHY)
    await world.decide("M1", case_id, "renegotiate")
    opened = await _shown(world, case_id, "case-WORKING_HOURS")
    assert (opened["state"], opened["case"]["amendment"]) == ("MATERIAL", "case-WORKING_HOURS")


async def _attached_and_warned(world: InForce, number: str, case_id: str) -> None:
    await world.follow_up_until(case_id, "2026-08-03T09:00")
    assert await _raised(world, requested("E-2", number, trigger="RESPONSE_TIME")) == case_id, "6c: no second case"
    await _shown(world, case_id, "RESPONSE_TIME")
    await world.follow_up_until(case_id, "2026-08-21T09:00")
    trail = await world.get("M1", f"/cases/{case_id}/events")
    warned = [each["event"]["at"] for each in trail if each["event"]["action"] == "needed_by"]
    assert warned == ["2026-08-10T22:00:00Z", "2026-08-17T22:00:00Z"]


async def _registered(world: InForce, case_id: str) -> None:
    """What the renegotiation leads to is told to the change; the warning of 25 August is not sent."""
    news = News(name="registered", about=case_id, content={"version": "2.0"}, at=local("2026-08-21T09:00"))
    await signal(world.company.client, case_id, "news", news)
    done = await world.state(case_id, "REGISTERED")
    assert (done["case"]["registered_as"], done["waiting_for"], done["next_at"]) == ("2.0", [], None)
    await world.company.client.get_workflow_handle(case_id).result()
    refused = await world.decide("M1", case_id, "renegotiate", 409)
    assert refused["code"] == "CASE_ENDED"


async def _too_late(world: InForce, number: str, ended: str) -> None:
    """A trigger that was attached to a change which has ended by the time it is told asks for the next change."""
    late = News(name="trigger", about=ended, content=trigger("LAW", event="E-9").model_dump(mode="json"), at=local("2026-08-21T09:00"))
    asked = ChangeAsked(number.replace("-", "/"), ChangeTrigger.LAW, "the law", "crm", "E-9")
    async with world.company.database.writing() as connection:
        await InboxRows(world.company.database).keep_change(connection, asked, ended, [late], local("2026-08-21T09:00"))
    await _forwarded(world)
    case_id = f"change:{number}:{trigger('LAW', event='E-9').key}"
    await world.follow_ups(number, case_id)
    await world.decide("L1", case_id, "keep_agreement", reason=WHY)
    await world.state(case_id, "NO_CHANGE")


async def _new_address(world: InForce, number: str) -> None:
    """6d: the bank's address for mail is a small change."""
    case_id = await _raised(world, requested("E-3", number, trigger="CONTACT_DATA"))
    await _shown(world, case_id, "EXAMINE_CHANGE")
    customer = WARSAW.customer.model_dump(mode="json") | {"contact": "printing@narew.example"}
    faster = changed(WARSAW, customer=customer, price={"monthly": "1"}).model_dump(mode="json")
    refused = await world.decide("L1", case_id, "edit_minor", 422, document=faster, note=WHY)
    assert (refused["code"], "price.monthly" in refused["detail"]) == ("MATERIAL_CHANGE", True)

    await world.decide("L1", case_id, "edit_minor", document=changed(WARSAW, customer=customer).model_dump(mode="json"), note=WHY)
    seen = (await world.get("B1", f"/cases/{case_id}"))["hashes"]["edited"]
    for person in ("C1", "B1"):
        await world.decide(person, case_id, "acknowledge_change", document_hash=seen)
    done = await world.state(case_id, "REGISTERED")
    document = await _document(world, number)
    assert (done["case"]["registered_as"], document.customer.contact) == ("1.1", "printing@narew.example")


async def _forwarded(world: InForce) -> None:
    """The engine knows everything that is kept for it, such as that there is another version."""
    world.company.office.api.app.state.parts.case_forwarder.nudge()
    for _ in range(200):
        async with world.company.database.reading() as connection:
            if not await InboxRows(world.company.database).waiting(connection, 1):
                return
        await asyncio.sleep(0.05)
    raise AssertionError("the inbox is not sent")


async def _document(world: InForce, number: str) -> AgreementDocument:
    """The newest text of an agreement."""
    entry = await world.get("M1", f"/registry/{number}")
    return AgreementDocument.model_validate(entry["document"])
