"""SC-4 in processes: the supplier's late hour becomes a claim that names the ticket and the agreement it made late."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from temporalio.testing import WorkflowEnvironment

from domain.documents import AgreementDocument
from tests.conftest import event, example, movable_engine
from tests.domain.drafts import catalogue
from tests.in_force import catalogue_of, in_force

CATALOGUE = catalogue_of(catalogue(), "Logistyka Wisła S.A.")


def document(name: str, **more: Any) -> AgreementDocument:
    """An agreement of the examples as a document that states shares."""
    terms = example(name).model_dump(mode="json", by_alias=True)
    same = {field: terms[field] for field in ("kind", "title", "time_zone", "effective_from", "calendars")}
    parties = {"provider": {"name": terms["provider"]}, "customer": {"name": terms["customer"]}}
    targets = [{**target, "compliance": "95"} for target in terms["targets"]]
    services = [terms["service"]] if terms["service"] else ["ERP"]
    return AgreementDocument.model_validate({"document": name, **same, **parties, "services": services, "targets": targets, **more})


@pytest.fixture(scope="module")
async def engine() -> AsyncIterator[WorkflowEnvironment]:
    """An engine of this module's own: its processes are named by registry numbers."""
    async with movable_engine() as environment:
        yield environment


async def test_sc_4_one_started_hour_is_claimed_and_linked(engine: WorkflowEnvironment, tmp_path: Path) -> None:
    async with in_force(engine, tmp_path, CATALOGUE, "2026-05-01T09:00") as world:
        penalties = [{"target": "vendor", "per_started_hour": "200"}]
        uc = await world.register("2026-05-01T09:00", document("erp-vendor", penalties=penalties), CATALOGUE)
        link = {"target": "solution", "support": "vendor", "support_target": "vendor", "segment": "repair"}
        sla = await world.register("2026-05-01T09:00", document("erp", links=[link]), CATALOGUE, vendor=uc.replace("-", "/"))
        await world.until("2026-05-14T12:00")
        story = [
            event(
                "created",
                "2026-05-13T09:00:00+02:00",
                "INC-5001",
                customer="Logistyka Wisła S.A.",
                service="ERP",
                priority="1",
                held_by="desk",
            ),
            event("changed", "2026-05-13T13:20:00+02:00", "INC-5001", held_by="vendor"),
            event("milestone", "2026-05-14T08:40:00+02:00", "INC-5001", milestone="RESOLVED"),
        ]
        answer = await world.company.office.api.post(*story, batch=True)
        assert answer.status_code == 202, answer.text
        await world.until("2026-06-01T09:00")

        claim = await world.state(f"claim:{uc}:vendor:2026-05", "OPEN")
        assert claim["case"]["amount"] == "200.00", claim["case"]["why"]
        assert claim["case"]["caused"] == [sla.replace("-", "/"), "INC-5001"]
        assert claim["case"]["why"] == ["INC-5001: 1 started hour(s) late at 200"]
        assert not [case_id for case_id in await world.follow_ups(sla) if case_id.startswith("claim:")]
