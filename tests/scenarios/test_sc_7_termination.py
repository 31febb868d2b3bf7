"""SC-7 in processes: the CRM ends an agreement while tickets are open, and what is left is settled."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

from domain.case_messages import AgreementOrder, Registered, Registration
from domain.catalogue import Catalogue
from domain.documents import AgreementDocument, content_of
from domain.effects import TicketRef
from domain.in_force import Occasion, OccasionKind
from domain.registry_numbers import in_addresses
from store.condensed import stretches
from store.entries import entries
from store.registry import AgreementRegistry
from store.tables import DeliveryRow
from store.tickets import clocks, inbox, milestones
from tests.conftest import event, movable_engine
from tests.domain.case_stories import local
from tests.domain.drafts import catalogue
from tests.in_force import SIGNED, InForce, catalogue_of, in_force
from workflows.names import ticket_workflow_id
from workflows.starting import start_agreement

CUSTOMER = "MedNet sp. z o.o."
CATALOGUE = catalogue_of(catalogue(), CUSTOMER)
HIRED = CATALOGUE.model_dump(mode="json", by_alias=True)
HIRED["people"].append({"person": "G1", "name": "Grażyna Prawna", "roles": ["LEGAL"]})
HIRED["offers"].append({"offer": "mednet-hosting", "service": "MPS", "customer": CUSTOMER, "region": "METRO"})
CATALOGUE = Catalogue.model_validate(HIRED)
LAST = Occasion(at=local("2026-10-04T00:00"), kind=OccasionKind.LOOK, name="2026-10-04")
"""The story begins on 5 October; nine months of an agreement nobody complained about are left out."""
DELIVERIES = DeliveryRow.__table__  # type: ignore[attr-defined]


def document(name: str, kind: str = "CUSTOMER_SLA", **more: Any) -> AgreementDocument:
    fields = {
        "document": name,
        "kind": kind,
        "title": name,
        "provider": {"name": CATALOGUE.provider},
        "customer": {"name": CUSTOMER},
        "services": ["MPS"],
        "time_zone": "Europe/Warsaw",
        "effective_from": "2026-01-01",
        "calendars": [CATALOGUE.calendar.model_dump(mode="json", by_alias=True)],
        "targets": [
            {
                "target": "solution",
                "kind": "DURATION",
                "limit": "8h",
                "calendar": CATALOGUE.calendar.calendar,
                "stop": "RESOLVED",
                "compliance": "95",
                "period": "MONTH",
                "pauses": ["AWAITING_CUSTOMER"],
            }
        ],
        "availability": [{"target": "availability", "percent": "99.9"}],
        "price": {"monthly": "8000"},
        "credits": [
            {
                "target": "availability",
                "bands": [{"below": "99.9", "credit": "10"}, {"below": "99", "credit": "25"}, {"below": "95", "credit": "100"}],
            }
        ],
        "reviews": {"every_months": 3},
    }
    return AgreementDocument.model_validate(fields | more)


def support(name: str, kind: str, partner: str) -> AgreementDocument:
    money: dict[str, Any] = {"price": None, "credits": None, "availability": [], "reviews": None}
    target = document("x").model_dump(mode="json")["targets"]
    return document(name, kind, **money, targets=target, provider={"name": partner}, customer={"name": CATALOGUE.provider})


def resting_on(name: str, *supports: str, **more: Any) -> AgreementDocument:
    links = [{"target": "solution", "support": each, "support_target": "solution", "segment": each} for each in supports]
    return document(name, links=links, **more)


def order(event_id: str = "CRM-77", at: str = "2026-10-05T10:00", kind: str = "ordered", **data: Any) -> dict[str, Any]:
    """What the CRM sends."""
    said = {"registry_no": "SLA/2026/0001", "requested_by": CUSTOMER, **data}
    if kind == "ordered":
        said = {"basis": "NOTICE", "legal_ref": "WYP/2026/77", "effective_at": "2026-11-01T00:00:00+01:00", **said}
    named = {"specversion": "1.0", "id": event_id, "source": "crm", "type": f"agreement.termination_{kind}"}
    return {**named, "time": local(at).isoformat(), "data": {name: each for name, each in said.items() if each is not None}}


class Hosting:
    """MedNet's agreement in a company, and what the CRM sends of it."""

    def __init__(self, world: InForce) -> None:
        self.world = world
        self.company = world.company
        self.shifts: dict[str, timedelta] = {}
        self.letters_before: set[str] = set()

    async def listed(self, made: AgreementDocument, **supports: str) -> Registered:
        """Put a signed document into the registry; its process is not part of the story."""
        signed = {"documents": (content_of(made),), "document_hash": "0" * 64, "signed_at": SIGNED, "calendar": CATALOGUE.calendar}
        registration = Registration.model_validate({"case_id": f"case-{made.document}", "supports": supports, **signed})
        [registered] = await AgreementRegistry(self.company.database).register(registration)
        return registered

    async def signed(self, at: str, made: AgreementDocument | None = None, last: Occasion | None = LAST) -> str:
        """The agreement, a contract with DC-Nord that nothing else rests on, and a desk that it shares."""
        carried = {name: support(name, *how) for name, how in {"dc-nord": ("UC", "TechTeren"), "desk": ("OLA", CATALOGUE.provider)}.items()}
        numbers = {name: (await self.listed(each)).registry_no for name, each in carried.items()}
        registered = await self.listed(made or resting_on("hosting", "dc-nord", "desk"), **numbers)
        await self.listed(resting_on("other", "desk", services=["ERP"]), desk=numbers["desk"])
        if last is not None:
            async with self.company.database.writing() as connection:
                await connection.execute(update(entries).values(state="ACTIVE"))
        state = "ACTIVE" if last is not None else "REGISTERED"
        self.world.follows(registered.registry_no, at)
        shift = self.company.clock_shift
        order = AgreementOrder(registered=registered, crm_case="CRM-1", time_shift=shift, last=last, state=state)
        await start_agreement(self.company.client, order)
        return in_addresses(registered.registry_no)

    async def tells(self, *events: dict[str, Any], code: int = 202) -> Any:
        """The CRM sends something."""
        answer = await self.company.office.api.post(*events, batch=len(events) > 1)
        assert answer.status_code == code, answer.text
        return answer.json()

    async def opened(self, ticket: str, at: str, resolved: str | None = None, paused: str | None = None) -> None:
        """A ticket of MedNet."""
        self.shifts[ticket] = self.company.clock_shift
        created = event("created", local(at).isoformat(), ticket, customer=CUSTOMER, service="MPS", region="METRO")
        more = [event("milestone", local(resolved).isoformat(), ticket, milestone="RESOLVED")] if resolved else []
        more += [event("paused", local(paused).isoformat(), ticket, reason="AWAITING_CUSTOMER")] if paused else []
        await self.tells(created, *more)

    async def clock(self, ticket: str) -> dict[str, Any]:
        """The SLA's clock of a ticket, as the API reads it now."""
        shown = await self.world.get("M1", f"/tickets/crm/{ticket}")
        return next(each for each in shown["clocks"] if each["clock"] == "solution")

    async def state(self, number: str, *states: str) -> dict[str, Any]:
        """The registry's entry, once it is in a state."""
        for _ in range(400):
            entry: dict[str, Any] = await self.world.get("M1", f"/registry/{number}")
            if entry["state"] in states:
                return entry
            await asyncio.sleep(0.05)
        raise AssertionError(f"{number} is {entry['state']}")

    async def rows(self, number: str) -> set[str]:
        """The states of an agreement's clocks, as the tables have them."""
        async with self.company.database.reading() as connection:
            return {
                f"{row.subject[4:]} {row.state}"
                for row in await connection.execute(select(clocks.c.subject, clocks.c.state).where(clocks.c.agreement == number))
            }

    async def told_crm(self, number: str, last: str) -> list[str]:
        """What the CRM was told of an agreement, in its order, once the last was told."""
        for _ in range(400):
            async with self.company.database.reading() as connection:
                mine = DELIVERIES.c.key.startswith(f"agreement:{number}:") & DELIVERIES.c.key.endswith(":crm")
                rows = await connection.execute(select(DELIVERIES.c.key).where(mine).order_by(DELIVERIES.c.first_at))
                told = [key.split(":")[2] for (key,) in rows]
            if last in told:
                return told
            await asyncio.sleep(0.05)
        raise AssertionError(f"{last} is not in {told}")

    async def timers_fired(self, ticket: str) -> list[datetime]:
        """The instants of the story at which a ticket's process was woken by time."""
        handle = self.company.client.get_workflow_handle(ticket_workflow_id(TicketRef(source="crm", ticket_id=ticket)))
        events = (await handle.fetch_history()).events
        fired = [each.event_time.ToDatetime(UTC) for each in events if each.HasField("timer_fired_event_attributes")]
        return [at - self.shifts[ticket] for at in fired]

    async def ticket_until(self, ticket: str, at: str) -> None:
        """It is an instant for a ticket's process."""
        handle = self.company.client.get_workflow_handle(ticket_workflow_id(TicketRef(source="crm", ticket_id=ticket)))
        engine = self.company.engine
        with suppress(RPCError):  # it has ended
            while (ahead := local(at) + self.shifts[ticket] - await engine.get_current_time(handle)) > timedelta():
                await engine.fast_forward(handle, ahead)


@pytest.fixture
async def engine() -> AsyncIterator[WorkflowEnvironment]:
    """An engine of each test's own: its processes are named by registry numbers."""
    async with movable_engine() as environment:
        yield environment


@pytest.mark.parametrize("cached", [1000, 0], ids=["cached", "replayed each time"])
async def test_sc_7_an_agreement_ends_while_tickets_are_open(engine: WorkflowEnvironment, tmp_path: Path, cached: int) -> None:
    async with in_force(engine, tmp_path, CATALOGUE, "2026-10-05T09:30", cached) as world:
        hosting = Hosting(world)
        sla = await hosting.signed("2026-10-05T09:30")
        await _only_the_crm_ends_it(hosting, sla)
        await _october(hosting, sla)
        await _the_end(hosting, sla)
        await _what_is_left(hosting, sla)
        await _nothing_happened_after_it(hosting)


async def _only_the_crm_ends_it(hosting: Hosting, sla: str) -> None:
    world = hosting.world
    refused = await world.post("M1", f"/registry/{sla}/terminate", {}, 403)
    assert refused["code"] == "TERMINATE_VIA_CRM"
    assert (await hosting.state(sla, "ACTIVE"))["terminates_at"] is None
    await world.until("2026-10-05T10:00")
    answers = [await hosting.tells(order()) for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    entry = await hosting.state(sla, "TERMINATING")
    assert entry["terminates_at"] == "2026-10-31T23:00:00Z"
    [kept] = await world.get("M1", f"/registry/{sla}/terminations")
    assert (kept["state"], kept["basis"], kept["legal_ref"]) == ("STANDING", "NOTICE", "WYP/2026/77")
    await world.until("2026-10-06T09:00")
    assert [receivers for _, receivers in await world.letters("terminating")] == [
        ["CUSTOMER_REP", "CRM_STAFF", "SLM_MANAGER", "SUPPLY_MANAGER"]
    ]
    change = {"trigger": "SERVICE_CHANGE_PROMISED", "text": "open until 19:00"}
    amended = await world.post("C1", f"/registry/{sla}/changes", change, 409)
    assert amended["code"] == "AGREEMENT_TERMINATING"


async def _october(hosting: Hosting, sla: str) -> None:
    """18 tickets and D were solved in time; A is late, B and C are open when it ends; an hour of the month the service was down."""
    world = hosting.world
    await world.until("2026-10-27T16:00")
    for number in range(18):
        await hosting.opened(f"M-{number}", "2026-10-12T09:00", resolved="2026-10-12T12:00")
    await hosting.opened("D", "2026-10-27T09:00", resolved="2026-10-27T12:00")
    await world.measured(sla, "availability", "october", "2026-10-20T10:00", "59")
    await world.until("2026-10-28T13:00")
    await hosting.opened("C", "2026-10-28T10:00", paused="2026-10-28T12:00")
    await world.until("2026-10-29T09:05")
    await hosting.opened("A", "2026-10-29T09:00")
    await world.until("2026-10-30T15:05")
    await hosting.opened("B", "2026-10-30T15:00")
    b = await hosting.clock("B")
    assert (b["due_at"], b["state"]) == ("2026-11-02T13:00:00Z", "RUNNING")


async def _the_end(hosting: Hosting, sla: str) -> None:
    world = hosting.world
    for ticket in ("A", "B", "C"):
        await hosting.ticket_until(ticket, "2026-10-31T23:30")
    await world.until("2026-10-31T23:30")
    hosting.letters_before = {key for key, _ in await world.letters()}
    await world.until("2026-11-01T00:02")
    entry = await hosting.state(sla, "TERMINATED")
    assert entry["terminates_at"] == "2026-10-31T23:00:00Z"
    await world.measured(sla, "availability", "last", "2026-10-31T23:59", "1")
    await world.measured(sla, "availability", "after", "2026-11-01T00:00", "1")
    settlement, release = f"settlement:{sla}", f"release:UC-2026-0001:{sla}"
    opened = await world.follow_ups(sla, settlement)
    assert opened[settlement]["state"] == "UNSETTLED"
    shown = await world.get("M1", f"/cases/{settlement}")
    assert local("2026-12-01T00:00") == datetime.fromisoformat(shown["case"]["disputed_until"])
    [task] = (await world.state(release, "PROPOSED"))["tasks"]
    assert (task["role"], datetime.fromisoformat(task["due_at"])) == ("SUPPLY_MANAGER", local("2026-11-16T17:00"))
    assert await world.get("M1", "/registry/OLA-2026-0001/follow-ups") == [], "the desk is shared"
    assert {"A RUNNING", "B VOIDED", "C VOIDED", "D COMPLETED"} <= await hosting.rows(sla)


async def _what_is_left(hosting: Hosting, sla: str) -> None:
    world = hosting.world
    await world.until("2026-11-02T12:00")
    october = await world.closed(sla, "2026-10")
    solution, availability = (next(each for each in october["targets"] if each["target"] == name) for name in ("solution", "availability"))
    assert (solution["met"], solution["breached"], solution["achieved"], solution["colour"]) == (19, 1, "95.0000 %", "AMBER")
    assert (availability["achieved"], availability["agreed_minutes"], availability["down_minutes"]) == ("99.8657 %", 44_700, 60)
    credit = await world.state(f"credit:{sla}:availability:2026-10", "DRAFTED")
    assert credit["case"]["amount"] == "800.00"
    told = await hosting.told_crm(sla, "completed")
    assert (told.count("terminating"), told.count("terminated"), told[-1]) == (1, 1, "completed")
    await _settled(hosting, f"settlement:{sla}")
    coverage = await world.get("M1", "/coverage")
    assert next(each["agreement"] for each in coverage["offers"] if each["offer"] == "mednet-hosting") is None
    assert (await world.post("M1", "/offers/mednet-hosting/activate", {}, 409))["code"] == "UNCOVERED_OFFER"
    report = await world.get("M1", f"/registry/{sla}/final-report")
    assert (report["begins"], report["ends"], report["legal_ref"]) == ("2025-12-31T23:00:00Z", "2026-10-31T23:00:00Z", "WYP/2026/77")
    assert {each["target"]: each["achieved"] for each in report["stages"][0]["targets"]}["solution"] == "95.0000 %"
    assert [receivers for _, receivers in await world.letters("final-report")] == [["CUSTOMER_REP", "CRM_STAFF", "SLM_MANAGER"]]
    new = event("created", local("2026-11-02T10:00").isoformat(), "N", customer=CUSTOMER, service="MPS", region="METRO")
    [taken] = (await hosting.tells(new))["results"]
    assert (taken["alert"], taken["clocks"]) == ("UNCOVERED_TICKET", [])


async def _settled(hosting: Hosting, settlement: str) -> None:
    """Once the CRM knows, the money is the only step left, and finance takes it."""
    world = hosting.world
    for _ in range(200):
        shown = await world.get("F1", f"/cases/{settlement}")
        left = [step for step, at in shown["case"]["steps"].items() if at is None]
        if left == ["MONEY"]:
            break
        await asyncio.sleep(0.05)
    assert left == ["MONEY"]
    await world.decide("F1", settlement, "settle_agreement", statement="800 PLN for October, nothing else is open")
    await world.state(settlement, "SETTLED")


async def _nothing_happened_after_it(hosting: Hosting) -> None:
    """No warning, breach, sample or timer of the agreement lies at its end or after; only what the termination itself sends."""
    end = local("2026-11-01T00:00")
    world = hosting.world
    for ticket in ("A", "B", "C"):
        await hosting.ticket_until(ticket, "2026-11-03T12:00")
    async with hosting.company.database.reading() as connection:
        late = (await connection.execute(select(milestones.c.key).where(milestones.c.at >= end))).all()
        samples = (await connection.execute(select(stretches.c.name).where(stretches.c.starts_at >= end))).all()
    assert (late, samples) == ([], [])
    assert (await hosting.clock("B"))["state"] == "VOIDED"
    a = await hosting.clock("A")
    assert (a["breach_at"], a["state"]) == ("2026-10-29T16:00:00Z", "RUNNING")
    for ticket in ("A", "B", "C"):
        fired = await hosting.timers_fired(ticket)
        assert all(at <= end + timedelta(seconds=5) for at in fired), "the last wakes it at the end itself"
    late_letters = {key for key, _ in await world.letters()} - hosting.letters_before
    kinds = ("terminated", "report:2026-10", "violation:2026-10", "final-report", "settlement:", "release:", "credit:", "alert:UNCOVERED")
    assert [key for key in late_letters if not any(kind in key for kind in kinds)] == []


async def test_sc_7b_a_revoked_order_stops_nothing(engine: WorkflowEnvironment, tmp_path: Path) -> None:
    async with in_force(engine, tmp_path, CATALOGUE, "2026-10-05T10:00") as world:
        hosting = Hosting(world)
        sla = await hosting.signed("2026-10-05T10:00")
        await hosting.tells(order())
        await hosting.state(sla, "TERMINATING")
        await world.until("2026-10-20T09:00")
        await hosting.opened("B", "2026-10-20T08:30")
        revoked = order("CRM-78", "2026-10-20T09:00", "revoked", reason="the customer stays")
        assert await hosting.tells(revoked) == await hosting.tells(revoked)
        assert (await hosting.state(sla, "ACTIVE"))["terminates_at"] is None
        await world.until("2026-11-02T12:00")
        assert (await hosting.state(sla, "ACTIVE"))["state"] == "ACTIVE"
        assert (await hosting.clock("B"))["breach_at"] == "2026-10-20T14:30:00Z"
        [kept] = await world.get("M1", f"/registry/{sla}/terminations")
        assert (kept["state"], kept["revoked_because"]) == ("REVOKED", "the customer stays")
        assert await world.letters("terminated") == []
        assert (await hosting.tells(order("CRM-79", "2026-11-02T11:00", "revoked", reason="again"), code=409))["code"] == "NOT_TERMINATING"


async def test_sc_7c_a_withdrawal_ends_it_at_once_and_holds_everything(engine: WorkflowEnvironment, tmp_path: Path) -> None:
    async with in_force(engine, tmp_path, CATALOGUE, "2026-10-14T11:00") as world:
        hosting = Hosting(world)
        late = Occasion(at=local("2026-10-14T00:00"), kind=OccasionKind.LOOK, name="2026-10-14")
        sla = await hosting.signed("2026-10-14T11:00", last=late)
        await world.measured(sla, "availability", "down", "2026-10-10T10:00", "60")
        await hosting.opened("B", "2026-10-14T10:00")
        await hosting.tells(order(at="2026-10-14T11:00", basis="WITHDRAWAL", effective_at=None))
        entry = await hosting.state(sla, "TERMINATED")
        assert (entry["legal_hold"], local("2026-10-14T11:00") <= datetime.fromisoformat(entry["terminates_at"])) == (True, True)
        await world.until("2026-10-14T13:00")
        assert (await hosting.clock("B"))["state"] == "VOIDED"
        october = await world.closed(sla, "2026-10")
        assert next(each for each in october["targets"] if each["target"] == "availability")["colour"] == "RED"
        credit = f"credit:{sla}:availability:2026-10"
        drafted = await world.state(credit, "DRAFTED")
        held = await world.decide("F1", credit, "approve_credit", 409, amount=drafted["case"]["amount"])
        assert (held["code"], drafted["case"]["held"]) == ("LEGAL_HOLD", True)
        await world.state(f"settlement:{sla}", "HELD")
        await world.decide("G1", f"settlement:{sla}", "enter_ruling", ruling="what was measured up to the withdrawal counts")
        for _ in range(200):
            if not (await world.get("M1", f"/cases/{credit}"))["case"].get("held"):
                break
            await asyncio.sleep(0.05)
        await world.decide("F1", credit, "approve_credit", amount=drafted["case"]["amount"])
        assert not (await world.get("M1", f"/registry/{sla}"))["legal_hold"]


async def test_sc_7e_open_tickets_are_carried_to_a_successor(engine: WorkflowEnvironment, tmp_path: Path) -> None:
    async with in_force(engine, tmp_path, CATALOGUE, "2026-10-30T15:05") as world:
        hosting = Hosting(world)
        late = Occasion(at=local("2026-10-30T00:00"), kind=OccasionKind.LOOK, name="2026-10-30")
        sla = await hosting.signed("2026-10-30T15:05", last=late)
        await hosting.opened("B", "2026-10-30T15:00")
        carried = {"open_tickets": "CARRY_TO", "successor": "SLA/2026/0003"}
        refused = await hosting.tells(order("CRM-76", "2026-10-30T15:05", **carried), code=422)
        assert refused["code"] == "NO_SUCCESSOR"
        await hosting.tells(order(at="2026-10-30T15:05"))
        await hosting.state(sla, "TERMINATING")
        successor = (await hosting.listed(document("hosting-2", effective_from="2026-11-01"))).registry_no
        await hosting.tells(order("CRM-78", "2026-10-30T15:06", open_tickets="CARRY_TO", successor=successor))
        await hosting.state(sla, "TERMINATING")
        await hosting.opened("E", "2026-10-30T15:01")
        await world.until("2026-11-01T00:02")
        await hosting.state(sla, "TERMINATED")
        number = successor.replace("/", "-")
        for _ in range(600):
            if {"B RUNNING", "E RUNNING"} <= await hosting.rows(number):
                break
            await asyncio.sleep(0.05)
        assert await hosting.rows(number) == {"B RUNNING", "E RUNNING"}
        b = await hosting.clock("B")
        assert (b["agreement"], b["due_at"]) == (number, "2026-11-02T13:00:00Z")
        assert [each["state"] for each in await world.get("M1", f"/registry/{sla}/terminations")] == ["SUPERSEDED", "STANDING"]


async def test_sc_7f_an_order_before_the_first_day_lets_it_never_begin(engine: WorkflowEnvironment, tmp_path: Path) -> None:
    async with in_force(engine, tmp_path, CATALOGUE, "2026-10-05T10:00") as world:
        hosting = Hosting(world)
        later = resting_on("hosting", "dc-nord", "desk", effective_from="2026-12-01")
        sla = await hosting.signed("2026-10-05T10:00", later, None)
        await hosting.tells(order())
        await hosting.state(sla, "TERMINATED")
        await hosting.told_crm(sla, "completed")
        assert await world.letters("active") == []
        assert (await hosting.tells(order("CRM-78"), code=409))["code"] == "ALREADY_ENDED"


async def test_sc_7g_a_term_that_ends_first_needs_no_order(engine: WorkflowEnvironment, tmp_path: Path) -> None:
    async with in_force(engine, tmp_path, CATALOGUE, "2026-10-05T10:00") as world:
        hosting = Hosting(world)
        sla = await hosting.signed("2026-10-05T10:00", resting_on("hosting", "dc-nord", "desk", effective_until="2026-10-08"))
        await hosting.tells(order())
        await hosting.state(sla, "TERMINATING")
        await world.until("2026-10-08T12:00")
        await hosting.state(sla, "EXPIRED")
        told = await hosting.told_crm(sla, "already-ended")
        assert (told.count("expired"), told.count("completed")) == (1, 0)
        assert [each["state"] for each in await world.get("M1", f"/registry/{sla}/terminations")] == ["ALREADY_ENDED"]


async def test_sc_7d_an_order_says_on_what_it_rests(engine: WorkflowEnvironment, tmp_path: Path) -> None:
    async with in_force(engine, tmp_path, CATALOGUE, "2026-10-05T10:00") as world:
        hosting = Hosting(world)
        await hosting.signed("2026-10-05T10:00")
        refused = await hosting.tells(order(legal_ref=None), code=422)
        assert refused["faults"] == [{"field": "data.legal_ref", "message": "is missing"}]
        unknown = await hosting.tells(order(registry_no="SLA/2026/0099"), code=404)
        assert unknown["code"] == "NOT_FOUND"


async def test_a_worker_that_dies_while_tickets_are_marked_loses_and_doubles_nothing(engine: WorkflowEnvironment, tmp_path: Path) -> None:
    """Killed with the pages written and nobody told: another worker marks them again, which changes nothing."""
    async with in_force(engine, tmp_path, CATALOGUE, "2026-10-30T15:05") as world:
        hosting = Hosting(world)
        late = Occasion(at=local("2026-10-30T00:00"), kind=OccasionKind.LOOK, name="2026-10-30")
        sla = await hosting.signed("2026-10-30T15:05", last=late)
        for ticket in ("B", "C"):
            await hosting.opened(ticket, "2026-10-30T15:00")
        await hosting.tells(order(at="2026-10-30T15:05"))
        await hosting.state(sla, "TERMINATING")
        await world.until("2026-10-31T23:00")
        staff = hosting.company.staff
        staff.deadly.add("terminations.mark_tickets")
        moving = asyncio.create_task(world.until("2026-11-01T00:02"))
        await asyncio.wait_for(staff.died.wait(), 60)
        await hosting.company.kill_workers()
        hosting.company.start_workers()
        # The dead worker's attempt is given up when its heartbeats stay away: time passes on the engine, too.
        await moving
        await hosting.state(sla, "TERMINATED")
        await world.follow_ups(sla, f"settlement:{sla}")
        assert {"B VOIDED", "C VOIDED"} <= await hosting.rows(sla)
        async with hosting.company.database.reading() as connection:
            found = await connection.scalars(select(inbox.c.event_id).where(inbox.c.event_id.contains(":ended:")))
        assert len(list(found)) == 2
