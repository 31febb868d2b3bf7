"""SC-2, the agreements: three INTERNAL_SLA of one company, one per service, from HR's wish to the registry."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from temporalio.testing import WorkflowEnvironment

from connectors.documents import read_catalogue, read_draft
from domain.documents import AgreementDocument, FinalDraft, content_of
from store.agreements import AgreementStore
from store.audit import AuditTrail
from store.registry import AgreementRegistry
from tests.company import Company, company
from tests.conftest import EXAMPLES, example
from tests.domain.case_stories import local
from tests.domain.drafts import story
from workflows.names import case_workflow_id

SERVICES = ["NEW_USER", "USER_TERMINATION", "DEVICE_ORDER"]
NUMBERS = ("SLA/2026/0001", "SLA/2026/0002", "SLA/2026/0003")
STAGES = [
    "AGENT_SELECTION",
    "REQUIREMENTS",
    "FEASIBILITY",
    "REQUIREMENTS_APPROVAL",
    "PRICING",
    "NEGOTIATION",
    "UNDERPINNING",
    "DRAFT_DISCUSSION",
    "FINAL_REVIEW",
    "SIGNING",
    "REGISTERED",
]


@pytest.fixture(params=[1000, 0], ids=["cached", "every task replayed"])
async def meble_kowal(own_engine: WorkflowEnvironment, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Company]:
    catalogue = read_catalogue(EXAMPLES / "catalogues" / "meble-kowal.yaml")
    async with company(own_engine, tmp_path, catalogue, request.param, local("2026-01-12T09:15")) as made:
        yield made


def drafted(**fields: Any) -> dict[str, Any]:
    """One document for all that HR asks of the IT department."""
    first = read_draft(EXAMPLES / "drafts" / "meble-kowal-hr.yaml").documents[0]
    whole = AgreementDocument.model_validate(content_of(first) | {"document": "hr", "title": "All HR requests"} | fields)
    return content_of(FinalDraft(documents=(whole,)))


async def until_in_force(company: Company) -> dict[str, Any]:
    """The entries, once it is the first day and each process has noted it."""
    registry = AgreementRegistry(company.database)
    for number in NUMBERS:
        await company.agreement_until(number, local("2026-02-02T00:00:01"))
    for _ in range(200):
        entries = await registry.search({}, None, 10, None)
        if all(each.state == "ACTIVE" for each in entries):
            break
        await asyncio.sleep(0.05)
    return {each.registry_no: each for each in entries}


async def test_it_promises_hr_three_services_in_three_documents(meble_kowal: Company) -> None:
    office = meble_kowal.office
    meble_kowal.follow(await office.open(customer="HR", services=SERVICES))
    await meble_kowal.settled()
    for deed in story("internal-agreements"):
        if deed.action == "compile_draft":
            await refuse_one_for_all(meble_kowal)
        await meble_kowal.do(deed)

    assert (await meble_kowal.handle.result()).registry_nos == NUMBERS, "registered SLA/2026/0001 to 0003"
    trail = await AuditTrail(meble_kowal.database).of(case_workflow_id(meble_kowal.case_id))
    assert list(dict.fromkeys(row.event["to_state"] for row in trail)) == STAGES, "no stage is skipped"
    case = await meble_kowal.case()
    assert (case.state, {each.method for each in case.signatures}) == ("REGISTERED", {"INTERNAL_SIGN_OFF"}), "internal sign-off"
    assert [str(each.price) for each in case.rounds] == ["0"], "price 0"

    entries = await until_in_force(meble_kowal)
    assert [(each.kind, each.service) for each in entries.values()] == [("INTERNAL_SLA", name) for name in SERVICES], "one per service"
    assert tuple(entries) == NUMBERS, "numbers without gaps"
    parties = {(each.provider, each.customer) for each in entries.values()}
    assert parties == {("Meble Kowal S.A., IT department", "HR")}, "provider = IT department, customer = HR department"
    active = {row.event["subject"]: row.at for row in await changes(meble_kowal) if row.event["to_state"] == "ACTIVE"}
    begins = local("2026-02-02T00:00")
    assert active == {f"agreement:{number.replace('/', '-')}": begins for number in NUMBERS}, "effective Mon 2 Feb 2026 00:00"
    async with meble_kowal.database.reading() as connection:
        published = {each.service: each for each in await AgreementStore(meble_kowal.database).all(connection)}
    for name in ("new-user", "user-termination", "device-order"):
        promised = example(name)
        assert published[promised.service].targets == promised.targets, f"tickets of {name} are measured by what was signed"


async def refuse_one_for_all(meble_kowal: Company) -> None:
    """The SLA team tries to write one document for everything."""
    everything = await meble_kowal.office.does("LK1", meble_kowal.case_id, "compile_draft", draft=drafted(services=SERVICES))
    assert (everything.status_code, everything.json()["code"]) == (422, "ONE_SERVICE_PER_DOCUMENT"), "a single document for all three"
    five_hours = {"target": "fulfilment", "stop": ["FULFILLED"], "kind": "DURATION", "limit": "5h", "calendar": "PL-BH-8-17"}
    blanket = drafted(services=["*"], targets=[five_hours])
    answer = await meble_kowal.office.does("LK1", meble_kowal.case_id, "compile_draft", draft=blanket)
    assert (answer.status_code, answer.json()["code"]) == (422, "BLANKET_SLA"), "all HR requests within 5 hours"
    assert (await meble_kowal.case()).draft_version == 0, "nothing of it was taken"


async def changes(meble_kowal: Company) -> list[Any]:
    """What the trails of the registered agreements say."""
    trail = AuditTrail(meble_kowal.database)
    return [row for number in NUMBERS for row in await trail.of(f"agreement:{number.replace('/', '-')}")]
