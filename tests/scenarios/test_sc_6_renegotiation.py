"""SC-6 in processes: the bank opens longer; its agreement is renegotiated while it is in force, and switched on the first of September."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from temporalio.testing import WorkflowEnvironment

from domain.agreement_case import Support
from domain.calendar_definitions import CalendarDefinition
from domain.case_messages import AgreementOrder, Registration
from domain.case_telling import record_of
from domain.documents import AgreementDocument, FinalDraft, content_of
from store.cases import CaseStore
from store.registry import AgreementRegistry
from tests.api.test_changes import requested
from tests.conftest import EXAMPLES, event
from tests.domain.case_stories import CATALOGUE, CaseStory, local
from tests.domain.drafts import bank_draft, changed, support, with_target
from tests.in_force import InForce, in_force
from workflows.names import case_workflow_id
from workflows.starting import start_agreement

FROM = "2026-07-19"
NUMBERS = {"desk": "OLA/2026/0001", "field-warsaw": "OLA/2026/0002", "techteren": "UC/2026/0001"}
WARSAW, PODLASIE = "SLA-2026-0002", "SLA-2026-0003"
PL_EXT = CalendarDefinition.model_validate(yaml.safe_load((EXAMPLES / "calendars" / "pl-ext.yaml").read_text(encoding="utf-8")))


def numbered(document: AgreementDocument, **more: Any) -> AgreementDocument:
    """A document whose links name registry numbers, in force from a day before the story."""
    links = [each.model_dump(mode="json") | {"support": NUMBERS[each.support]} for each in document.links]
    return changed(document, links=links, effective_from=FROM, **more)


def before() -> FinalDraft:
    return FinalDraft(documents=tuple(numbered(each) for each in bank_draft().documents))


def extended(document: AgreementDocument, **more: Any) -> AgreementDocument:
    """The same under the longer hours, from September on."""
    return with_target(changed(document, calendars=[PL_EXT], effective_from="2026-09-01", **more), calendar="PL-EXT")


class Renegotiation:
    """The bank's agreement in force, and the case that renegotiates it."""

    def __init__(self, world: InForce) -> None:
        self.world = world
        self.change = self.case_id = ""
        self.shift = timedelta()

    async def begin(self) -> None:
        """The set that SC-1 ended with is in the registry, with its case and its processes."""
        for name in NUMBERS:
            await self.world.register("2026-07-20T09:00", changed(support(name), effective_from=FROM), CATALOGUE)
        story, database = CaseStory().play("bank-agreement"), self.world.company.database
        story.registered("2026-03-06T10:45", "SLA/2026/0001", "SLA/2026/0002", "SLA/2026/0003")
        supports = {
            no: Support(support=no, document=content_of(support(name)), state="ACTIVE", registry_no=no) for name, no in NUMBERS.items()
        }
        case = story.case.but(draft=before(), supports=supports)
        async with database.writing() as connection:
            await CaseStore(database).open(connection, record_of(case), "test", case.case_id)
        registration = Registration(
            case_id=case.case_id,
            documents=tuple(content_of(each) for each in before().documents),
            document_hash="0" * 64,
            signed_at=datetime(2026, 3, 6, 9, 45, tzinfo=UTC),
            calendar=CATALOGUE.calendar,
        )
        for registered in await AgreementRegistry(database).register(registration):
            self.world.adopt(registered.registry_no, "2026-07-20T09:00")
            shift = self.world.company.clock_shift
            await start_agreement(self.world.company.client, AgreementOrder(registered=registered, crm_case="CRM-1", time_shift=shift))
        self.world.numbers[:] = ["SLA/2026/0002"]  # time goes on for the one that is changed

    async def until(self, at: str) -> None:
        """It is an instant for the case and the API."""
        await self.world.process_until(case_workflow_id(self.case_id), at, self.shift)

    async def does(self, person: str, action: str, code: int = 200, **body: Any) -> Any:
        """Somebody acts in the case; `$draft` and its like stand for the hash as it is then."""
        hashes = (await self.shown())["hashes"]
        filled = {name: hashes[value[1:]] if isinstance(value, str) and value.startswith("$") else value for name, value in body.items()}
        return await self.world.decide(person, self.case_id, action, code, **filled)

    async def shown(self, *states: str) -> dict[str, Any]:
        """The case, once it is in one of these states."""
        for _ in range(400):
            case: dict[str, Any] = await self.world.get("M1", f"/cases/{self.case_id}")
            if not states or case["state"] in states:
                return case
            await asyncio.sleep(0.05)
        raise AssertionError(f"{self.case_id} is {case['state']}")


@pytest.mark.parametrize("cached", [1000, 0], ids=["cached", "every task replayed"])
async def test_sc_6_longer_hours_from_september(own_engine: WorkflowEnvironment, tmp_path: Path, cached: int) -> None:
    async with in_force(own_engine, tmp_path, CATALOGUE, "2026-07-20T09:00", cached) as world:
        told = Renegotiation(world)
        await told.begin()
        await _opened(told)
        await _requirements_and_price(told)
        await _supports(told)
        await _reviewed_and_signed(told)
        await _switched(told)


async def _opened(told: Renegotiation) -> None:
    """20 and 21 July: examined, and renegotiated with everything that is in force."""
    world = told.world
    answer = await world.company.office.api.post(requested("E-1", WARSAW, trigger="WORKING_HOURS", needed_by="2026-09-01"))
    told.change = answer.json()["results"][0]["case_id"]
    await world.state(told.change, "RAISED")
    await world.follow_up_until(told.change, "2026-07-21T10:00")
    told.shift = world.company.clock_shift
    await world.decide("M1", told.change, "renegotiate")
    for _ in range(400):
        if opened := (await world.get("M1", f"/cases/{told.change}"))["case"]["amendment"]:
            break
        await asyncio.sleep(0.05)
    told.case_id = opened
    case = await told.shown("REQUIREMENTS")
    assert (case["agent"], case["case"]["request"]["amends"]) == ("A1", "SLA/2026/0002"), "21 Jul: agent kept"
    assert len(case["case"]["requirements"]["requirements"]) == 2, "content pre-filled"
    assert (await world.get("M1", f"/cases/{told.case_id}/amendment"))["text"] == [], "nothing is changed yet"
    assert (await world.get("M1", f"/registry/{WARSAW}"))["version"] == "1.0"


async def _requirements_and_price(told: Renegotiation) -> None:
    await told.until("2026-07-24T10:00")
    await told.does("A1", "log_contact", channel="call", persons=["B1"], note="Branches open until 19:00, and on Saturdays.")
    needs = (await told.shown())["case"]["requirements"]
    wanted = [each | {"calendar": "PL-EXT"} if each["requirement"] == "warsaw" else each for each in needs["requirements"]]
    await told.does("A1", "set_requirements", requirements=needs | {"requirements": wanted})
    await told.does("A1", "requirements_complete")
    [difference] = (await told.world.get("B1", f"/cases/{told.case_id}/amendment"))["requirements"]
    assert (difference["where"], difference["before"], difference["after"]) == ("warsaw.calendar", "PL-BH-8-17", "PL-EXT")
    decision = {"requirement": "warsaw", "verdict": "FEASIBLE", "technical": True, "commercial": True}
    await told.does("A1", "decide_feasibility", decisions=[decision])
    version = (await told.shown())["case"]["requirements_version"]
    await told.does(
        "A1", "feasibility_done", statement={"text": "Warsaw within four hours, until 19:00 and on Saturdays.", "version": version}
    )
    await told.until("2026-07-28T10:00")
    await told.does("B1", "approve_requirements", document_hash="$statement")
    await told.until("2026-07-30T10:00")
    option = {"option": "warsaw-gold", "service": "MPS", "region": "METRO", "level": "Gold", "promised": "95"}
    priced = option | {"quantity": 120, "unit_price": "101", "unit_cost": "85.5"}
    await told.does("L1", "set_prices", proposal={"options": [priced], "offered": ["warsaw-gold"]})
    await told.does("P1", "approve_price", document_hash="$proposal")
    offer = await told.world.get("M1", f"/cases/{told.case_id}/offer")
    assert ("12120" in str(offer), "15.34" in str(offer)) == (True, True), offer
    await told.until("2026-08-04T10:00")
    for person in ("B1", "C1"):
        await told.does(person, "accept_offer", document_hash="$proposal", options=["warsaw-gold"])
    await told.shown("UNDERPINNING")


def renegotiated() -> dict[str, Any]:
    """The set with another Warsaw."""
    price = {"monthly": "12120", "option": "Gold"}
    documents = [extended(each, price=price) if each.document == "warsaw" else each for each in before().documents]
    return content_of(FinalDraft(documents=tuple(documents)))


async def _supports(told: Renegotiation) -> None:
    """4 to 12 August: the field service's hours do not carry it, their next version does."""
    world = told.world
    await told.does("S1", "link_supports", draft=renegotiated(), supports=list(NUMBERS.values()))
    reports = await world.get("M1", f"/cases/{told.case_id}/alignment")
    failing = [(each["code"], each["message"]) for report in reports for each in report["findings"] if each["verdict"] == "FAILS"]
    assert failing == [("HOURS_GAP", "OLA/2026/0002 is closed 15h a week in which the promise runs")], failing
    refused = await told.does("S1", "support_ready", 409)
    assert refused["code"] == "MISALIGNED"

    await told.until("2026-08-12T10:00")
    opened = await world.post("S1", "/support-cases", {"partner": "Field service Warsaw", "amends": "OLA-2026-0002"}, 201)
    shifts = extended(support("field-warsaw"))
    ola = opened["case_id"]
    await world.state(ola, "DRAFTED")
    await world.post("S1", f"/support-cases/{ola}/propose_support", {"document": content_of(shifts)})
    agreed = {"document_hash": (await world.state(ola, "PROPOSED"))["hashes"]["document"]}
    await world.post("O2", f"/support-cases/{ola}/accept_support", agreed)
    for person in ("O2", "S1"):
        await world.post(person, f"/support-cases/{ola}/sign_support", agreed | {"method": "INTERNAL_SIGN_OFF"})
    await world.state(ola, "REGISTERED")
    assert (await world.get("S1", "/registry/OLA-2026-0002"))["version"] == "2.0"
    await told.does("S1", "link_supports", draft=renegotiated(), supports=list(NUMBERS.values()))
    await told.does("S1", "support_ready")


async def _reviewed_and_signed(told: Renegotiation) -> None:
    """13 to 21 August."""
    await told.does("L1", "compile_draft", draft=renegotiated())
    parties = ("C1", "M1", "S1", "T1", "B1", "B2")
    for person in parties:
        await told.does(person, "acknowledge_receipt", document_hash="$draft")
    await told.until("2026-08-13T09:00")
    await told.does("L1", "freeze_draft", document_hash="$draft")
    review = await told.shown("FINAL_REVIEW")
    assert {each["due_at"][:16] for each in review["waiting_for"]} == {"2026-08-20T07:00"}, "due Thu 20 Aug 09:00"
    await told.until("2026-08-17T08:59")
    reminded = f"{case_workflow_id(told.case_id)}:", "REVIEW_DRAFT", "reminder"
    assert await told.world.letters(*reminded) == []
    await told.until("2026-08-17T09:01")
    for _ in range(100):
        if len(await told.world.letters(*reminded)) == len(parties):
            break
        await asyncio.sleep(0.05)
    assert len(await told.world.letters(*reminded)) == len(parties), "Mon 17 Aug 09:00: Sat 15 Aug is free"
    for person in parties:
        await told.does(person, "approve_draft", document_hash="$draft")
    await told.until("2026-08-21T10:00")
    for person in ("Z1", "B3", "B4"):
        await told.does(person, "sign", document_hash="$draft", method="QUALIFIED_ESIGN")
    case = await told.shown("REGISTERED")
    assert case["registry_nos"] == ["SLA/2026/0002"], "Podlasie and the bank's frame are untouched"
    done = await told.world.state(told.change, "REGISTERED")
    assert (done["case"]["registered_as"], done["next_at"]) == ("2.0", None), "no warning on 25 Aug"


async def opened(world: InForce, name: str, at: str) -> dict[str, Any]:
    """A ticket as it stands when it is opened."""
    await world.until(at)
    created = event("created", local(at).isoformat(), name, customer="Bank Narew S.A.", service="MPS", site="warsaw")
    answer = await world.company.office.api.post(created)
    assert answer.status_code == 202, answer.text
    [clock] = [each for each in answer.json()["results"][0]["clocks"] if each["clock"] == "response"]
    return dict(clock)


async def _switched(told: Renegotiation) -> None:
    """1 September: version 2.0, without a gap; tickets that came before keep theirs."""
    world = told.world
    table = {
        "2026-08-31T16:00": "2026-09-01T11:00",
        "2026-09-01T16:00": "2026-09-02T09:00",
        "2026-09-04T18:00": "2026-09-05T12:00",
        "2026-09-05T12:30": "2026-09-07T10:30",
    }
    due = {at: (await opened(world, f"T-{number}", at))["due_at"] for number, at in enumerate(table)}
    assert {at: datetime.fromisoformat(value) for at, value in due.items()} == {at: local(value) for at, value in table.items()}
    versions = {each: (await world.get("M1", f"/registry/{WARSAW}", version=each))["state"] for each in ("1.0", "2.0")}
    assert versions == {"1.0": "SUPERSEDED", "2.0": "ACTIVE"}
    podlasie = await world.get("M1", f"/registry/{PODLASIE}")
    assert (podlasie["version"], podlasie["state"]) == ("1.0", "ACTIVE")
    assert len(await world.letters(f"agreement:{WARSAW}:2.0")) == 1
    await world.until("2026-10-01T12:00")
    august, september = await world.closed(WARSAW, "2026-08"), await world.closed(WARSAW, "2026-09")
    [august_result], [september_result] = august["targets"], september["targets"]
    assert (august_result["met"] + august_result["breached"], september_result["met"] + september_result["breached"]) == (0, 4)
