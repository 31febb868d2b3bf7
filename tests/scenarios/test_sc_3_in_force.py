"""SC-3 in processes: availability of 2026 measured, closed, credited, claimed and disputed by people through the API."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from temporalio.testing import WorkflowEnvironment

from domain.documents import AgreementDocument
from tests.conftest import movable_engine
from tests.domain.drafts import catalogue
from tests.in_force import InForce, catalogue_of, in_force

CATALOGUE = catalogue_of(catalogue(), "Hurt-Max S.A.")
AVAIL_99_9 = [{"below": "99.9", "credit": "10"}, {"below": "99.0", "credit": "25"}, {"below": "95.0", "credit": "100"}]
AVAIL_99_99 = [{"below": "99.99", "credit": "10"}, {"below": "99.0", "credit": "30"}, {"below": "95.0", "credit": "100"}]


def document(name: str, kind: str, percent: str, fee: str, bands: list[dict[str, str]], **more: Any) -> AgreementDocument:
    promise = {
        "document": name,
        "kind": kind,
        "title": name,
        "provider": {"name": CATALOGUE.provider},
        "customer": {"name": "Hurt-Max S.A."},
        "services": ["LEDGER"],
        "time_zone": "Europe/Warsaw",
        "effective_from": "2026-03-01",
        "availability": [{"target": "availability", "percent": percent}],
        "price": {"monthly": fee},
        "credits": [{"target": "availability", "bands": bands}],
        "reviews": {"every_months": 3},
    }
    return AgreementDocument.model_validate(promise | more)


SAAS = document("saas", "CUSTOMER_SLA", "99.9", "20000", AVAIL_99_9, credit_limits={"year_percent": "10"})
VMS = document(
    "vms", "UC", "99.99", "6000", AVAIL_99_99, provider={"name": "TechTeren"}, customer={"name": CATALOGUE.provider}, services=["VMS"]
)
LINK = {"target": "availability", "support": "vms", "support_target": "availability", "segment": "machines"}


@pytest.fixture(scope="module")
async def engine() -> AsyncIterator[WorkflowEnvironment]:
    """An engine of this module's own: its processes are named by registry numbers."""
    async with movable_engine() as environment:
        yield environment


async def test_sc_3_a_year_of_availability(engine: WorkflowEnvironment, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with in_force(engine, tmp_path, CATALOGUE, "2026-02-20T10:00") as world:
        uc = await world.register("2026-02-20T10:00", VMS, CATALOGUE)
        linked = AgreementDocument.model_validate(SAAS.model_dump(mode="json") | {"links": [LINK]})
        sla = await world.register("2026-02-20T10:00", linked, CATALOGUE, vms=uc.replace("-", "/"))
        assert (uc, sla) == ("UC-2026-0001", "SLA-2026-0001")
        await _spring(world, sla, uc)
        await _credits_are_approved_and_billed_once(world, sla, capsys)
        await _the_supplier_pays(world, uc)
        await _august_is_disputed(world, sla)


async def _spring(world: InForce, sla: str, uc: str) -> None:
    """March amber, April and May red: told, drafted, chronic."""
    await world.until("2026-04-05T10:00")
    await world.measured(sla, "availability", "march", "2026-03-20T10:00", "35.7")
    await world.until("2026-04-10T12:00")
    march = await world.closed(sla, "2026-03", version=2)
    assert (march["targets"][0]["achieved"], march["targets"][0]["colour"]) == ("99.9199 %", "AMBER"), "late facts gave a second version"
    await world.measured(sla, "availability", "april", "2026-04-09T10:00", "52")
    await world.until("2026-05-04T12:00")
    april = await world.closed(sla, "2026-04")
    assert (april["targets"][0]["achieved"], april["targets"][0]["colour"]) == ("99.8796 %", "RED")
    assert [each[1] for each in await world.letters("violation:2026-04")] == [["CUSTOMER_REP", "CRM_STAFF", "SLM_MANAGER"]]
    for number in (sla, uc):
        await world.until("2026-05-20T12:00")
        await world.measured(number, "availability", f"may-{number}", "2026-05-10T02:00", "500")
    await world.until("2026-06-01T12:00")
    may = await world.closed(sla, "2026-05")
    assert (may["targets"][0]["achieved"], may["targets"][0]["warnings"]) == ("98.8799 %", ["CHRONIC"])
    found = await world.follow_ups(
        sla,
        "credit:SLA-2026-0001:availability:2026-04",
        "credit:SLA-2026-0001:availability:2026-05",
        "sip:SLA-2026-0001:availability:2026-04",
        "review:SLA-2026-0001:chronic-availability:2026-05",
    )
    assert [case_id for case_id in found if case_id.startswith("sip:")] == ["sip:SLA-2026-0001:availability:2026-04"], (
        "one plan for one defect"
    )
    review = await world.get("M1", "/cases/review:SLA-2026-0001:chronic-availability:2026-05")
    assert review["case"]["meeting_at"].startswith("2026-06-08T"), "5 business days; 4 June is Corpus Christi"
    plan = await world.state("sip:SLA-2026-0001:availability:2026-04", "PROPOSED")
    assert plan["case"]["mandatory"], "chronic: nobody rejects it"


async def _credits_are_approved_and_billed_once(world: InForce, sla: str, capsys: pytest.CaptureFixture[str]) -> None:
    april, may = (f"credit:{sla}:availability:2026-{month}" for month in ("04", "05"))
    drafted = await world.get("F1", f"/cases/{april}")
    assert (drafted["state"], drafted["case"]["amount"]) == ("DRAFTED", "2000.00")
    assert (await world.get("F1", f"/cases/{may}"))["case"]["amount"] == "5000.00"
    await world.decide("B1", april, "approve_credit", 404, amount="2000.00")
    await world.decide("F1", april, "approve_credit", 409, amount="1999.00")
    capsys.readouterr()
    world.company.staff.deadly.add("crm.bill_credit")
    await world.decide("F1", april, "approve_credit", amount="2000.00")
    await asyncio.wait_for(world.company.staff.died.wait(), 30)
    await world.company.kill_workers()
    world.company.start_workers()
    await world.decide("F1", may, "approve_credit", amount="5000.00")
    await world.follow_up_until(april, "2026-07-20T12:00")
    await world.state(april, "SETTLED")
    told = capsys.readouterr().out
    assert told.count("to billing: 2000.00 PLN to Hurt-Max S.A. for availability in 2026-04") == 1, told
    assert told.count("to billing: 5000.00 PLN to Hurt-Max S.A. for availability in 2026-05") == 1, told


async def _the_supplier_pays(world: InForce, uc: str) -> None:
    claim_id = f"claim:{uc}:availability:2026-05"
    claim = await world.state(claim_id, "OPEN")
    assert (claim["case"]["amount"], claim["case"]["caused"]) == ("1800.00", ["SLA/2026/0001"]), "30 % of 6,000"
    assert claim["case"]["claim_by"].startswith("2026-08-01T00:00:00+02:00"), "the last day is 31 July in Warsaw"
    assert claim["tasks"][0]["role"] == "SUPPLY_MANAGER"
    await world.follow_up_until(claim_id, "2026-07-15T12:00")
    assert not await world.letters(claim_id, "news")
    await world.follow_up_until(claim_id, "2026-07-17T12:00")
    for _ in range(100):
        if letters := await world.letters(claim_id, "news"):
            break
        await asyncio.sleep(0.05)
    assert [receivers for _, receivers in letters] == [["SUPPLY_MANAGER"]], "15 days before the last one"
    await world.decide("S1", claim_id, "file_claim", reference="TT-7781")
    await world.decide("S1", claim_id, "settle_claim", amount="1800.00")
    await world.state(claim_id, "SETTLED")


async def _august_is_disputed(world: InForce, sla: str) -> None:
    await world.until("2026-06-20T12:00")
    await world.measured(sla, "availability", "june", "2026-06-10T02:00", "43")
    await world.until("2026-07-20T12:00")
    await world.measured(sla, "availability", "maintenance", "2026-07-05T02:00", "120", "EXCLUDED")
    await world.measured(sla, "availability", "july", "2026-07-10T02:00", "44.6")
    await world.until("2026-09-02T12:00")
    assert (await world.closed(sla, "2026-06"))["targets"][0]["achieved"] == "99.9004 %"
    assert (await world.closed(sla, "2026-07"))["targets"][0]["achieved"] == "99.8998 %"
    assert (await world.closed(sla, "2026-08"))["targets"][0]["verdict"] == "NO_DATA"
    await world.measured(sla, "availability", "august", "2026-08-12T02:00", "40")
    await world.until("2026-09-03T12:00")
    assert (await world.closed(sla, "2026-08", 2))["targets"][0]["achieved"] == "99.9103 %"

    account = [{"measurement": "ours", "kind": "DOWN", "start": "2026-08-12T00:00:00Z", "end": "2026-08-12T01:30:00Z"}]
    body = {"target": "availability", "period": "2026-08", "why": "our tills stood still for ninety minutes", "account": account}
    dispute = (await world.post("B1", f"/registry/{sla}/disputes", body, 201))["case_id"]
    await world.state(dispute, "OPEN")
    shown = await world.get("B1", f"/registry/{sla}/results", period="2026-08")
    assert shown["targets"][0]["achieved"] == "99.9103 %"
    assert [(each["achieved"], each["verdict"]) for each in shown["disputed"]] == [("99.7983 %", "MISSED")], "both accounts"
    assert f"credit:{sla}:availability:2026-08" not in await world.follow_ups(sla)

    await world.decide("M1", dispute, "uphold_dispute", reason="the load balancer's log agrees with the tills")
    third = await world.closed(sla, "2026-08", 3)
    assert third["targets"][0]["achieved"] == "99.7983 %"
    versions = await world.get("B1", f"/registry/{sla}/periods", period="2026-08")
    changed = {each["figure"]: (each["before"], each["after"]) for each in versions[-1]["differences"]}
    assert changed["achieved"] == ("99.9103 %", "99.7983 %")
    credit = f"credit:{sla}:availability:2026-08"
    await world.follow_ups(sla, credit)
    assert (await world.state(credit, "DRAFTED"))["case"]["amount"] == "2000.00"
    assert (await world.get("B1", f"/registry/{sla}/results", period="2026-08"))["disputed"] == []
