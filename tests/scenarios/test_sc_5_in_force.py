"""SC-5 in processes: a quarter that is green outside and red inside, and the plan that mends it over the next two."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from temporalio.testing import WorkflowEnvironment

from domain.documents import AgreementDocument
from store.database import Database
from store.tickets import clocks, tickets
from tests.conftest import movable_engine
from tests.domain.case_stories import local
from tests.domain.drafts import catalogue
from tests.in_force import InForce, catalogue_of, in_force

CATALOGUE = catalogue_of(catalogue(), "Ciepło-System S.A.")
ERP = AgreementDocument.model_validate(
    {
        "document": "erp-support",
        "kind": "CUSTOMER_SLA",
        "title": "ERP support",
        "provider": {"name": CATALOGUE.provider},
        "customer": {"name": "Ciepło-System S.A."},
        "services": ["ERP"],
        "time_zone": "Europe/Warsaw",
        "effective_from": "2026-04-01",
        "calendars": [CATALOGUE.calendar.model_dump(mode="json", by_alias=True)],
        "targets": [
            {
                "target": "answer",
                "kind": "DURATION",
                "limit": "4h",
                "calendar": CATALOGUE.calendar.calendar,
                "stop": "RESPONDED",
                "compliance": "95",
                "period": "QUARTER",
            }
        ],
        "outcomes": [{"outcome": "invoices", "statement": "invoice run printed by 08:00 on the first business day", "goal": "100"}],
        "reviews": {"every_months": 3},
    }
)


@pytest.fixture(scope="module")
async def engine() -> AsyncIterator[WorkflowEnvironment]:
    """An engine of this module's own: its processes are named by registry numbers."""
    async with movable_engine() as environment:
        yield environment


async def judged(database: Database, month: str, met: int, missed: int) -> None:
    """Closed tickets of a month, straight into the tables: 1,800 of them by the API would take minutes."""
    at = local(f"{month}-15T10:00")
    rows = []
    for number in range(met + missed):
        is_met = number < met
        fields: dict[str, Any] = {"subject": f"crm/{month}-{number}", "clock": "answer", "agreement": "SLA-2026-0001", "version": "1.0"}
        fields |= {"kind": "CUSTOMER_SLA", "target": "answer", "cycle": 1, "state": "COMPLETED", "due_at": at, "completed_at": at}
        rows.append(fields | {"breach_at": None if is_met else at, "verdict_at": at, "is_met": is_met, "executed_early": False})
    same = {"source": "crm", "created_at": at, "customer": "Ciepło-System S.A.", "service": "ERP", "attributes": {}, "agreements": []}
    async with database.writing() as connection:
        defaults = {"is_open": False, "clocks": ["answer"], "terms_sent": [], "updated_at": at}
        known = {column.name for column in tickets.columns}
        values = [same | defaults | {"subject": row["subject"], "ticket_id": row["subject"][4:], "changed_at": at} for row in rows]
        await connection.execute(tickets.insert(), [{name: each[name] for name in each if name in known} for each in values])
        await connection.execute(clocks.insert(), [row | {"reopened": 0, "spent_seconds": 0, "created_at": at} for row in rows])


async def said(world: InForce, sla: str, months: list[str], content: int, answers: int, reached: list[bool]) -> None:
    """Answers and outcomes of a quarter."""
    given = [{"answer": f"{months[0]}-{n}", "score": 5 if n < content else 2, "at": f"{months[1]}-20T10:00:00Z"} for n in range(answers)]
    values = [
        {"value": f"{month}-run", "outcome": "invoices", "reached": each, "at": f"{month}-02T07:00:00Z"}
        for month, each in zip(months, reached, strict=True)
    ]
    await world.post("L1", "/feedback", {"registry_no": sla, "source": "survey-tool", "answers": given, "outcomes": values}, 202)


async def test_sc_5_a_watermelon_is_flagged_and_mended(engine: WorkflowEnvironment, tmp_path: Path) -> None:
    async with in_force(engine, tmp_path, CATALOGUE, "2026-03-20T09:00") as world:
        sla = await world.register("2026-03-20T09:00", ERP, CATALOGUE)
        for month, met in (("2026-04", 196), ("2026-05", 197), ("2026-06", 195)):
            await judged(world.company.database, month, met, 200 - met)
        await world.until("2026-06-25T12:00")
        await said(world, sla, ["2026-04", "2026-05", "2026-06"], 24, 42, [True, False, False])
        await world.until("2026-07-01T09:00")
        await _flagged(world, sla)
        plan = f"sip:{sla}:satisfaction:2026-Q2"
        await _improved(world, plan)
        await _two_good_quarters(world, sla, plan)


async def _flagged(world: InForce, sla: str) -> None:
    quarter = await world.closed(sla, "2026-Q2")
    [answer] = quarter["targets"]
    assert (answer["achieved"], answer["colour"], answer["allowance_used"]) == ("98.0000 %", "GREEN", "40.0 %")
    assert (quarter["satisfaction"]["share"], quarter["outcomes"][0]["reached"], quarter["outcomes"][0]["of"]) == ("57.1 %", 1, 3)
    assert quarter["watermelon"] == ["CSAT_BELOW_GOAL", "OUTCOME_MISSED"]
    assert [receivers for _, receivers in await world.letters("watermelon:2026-Q2")] == [["SLM_MANAGER", "CRM_STAFF", "CUSTOMER_REP"]]
    review = f"review:{sla}:watermelon:2026-Q2"
    await world.follow_ups(sla, review, f"sip:{sla}:satisfaction:2026-Q2")
    opened = await world.get("M1", f"/cases/{review}")
    assert opened["case"]["meeting_at"].startswith("2026-07-07T"), "5 business days"
    assert [case_id for case_id in await world.follow_ups(sla) if "watermelon" in case_id] == [review], "months are not flagged"


async def _improved(world: InForce, plan: str) -> None:
    action = {"action": "print-room", "text": "invoices are printed the evening before", "owner": "L1", "due": "2026-07-31"}
    content = {"root_cause": "the print run starts after eight", "actions": [action], "expected": "80 % content, 3 of 3 runs"}
    await world.decide("L1", plan, "describe_plan", content=content)
    await world.decide("M1", plan, "approve_plan", document_hash=(await world.get("M1", f"/cases/{plan}"))["hashes"]["content"])
    await world.decide("L1", plan, "begin_plan")
    await world.decide("L1", plan, "finish_action", finished="print-room")
    await world.state(plan, "VERIFYING")


async def _two_good_quarters(world: InForce, sla: str, plan: str) -> None:
    for months, closed_at in ((["2026-07", "2026-08", "2026-09"], "2026-10-01"), (["2026-10", "2026-11", "2026-12"], "2027-01-04")):
        for month in months:
            await judged(world.company.database, month, 198, 2)
        await world.until(f"{months[2]}-25T12:00")
        await said(world, sla, months, 34, 40, [True, True, True])
        await world.until(f"{closed_at}T12:00")
    quarter = await world.closed(sla, "2026-Q4")
    assert (quarter["satisfaction"]["share"], quarter["watermelon"]) == ("85.0 %", [])
    effective = await world.state(plan, "CLOSED_EFFECTIVE")
    assert effective["case"]["verified"] == ["2026-Q3", "2026-Q4"]
