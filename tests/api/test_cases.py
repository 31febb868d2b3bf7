"""An agreement case at the API: from the CRM's request to the registry, and what each person sees and may do."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from temporalio.testing import WorkflowEnvironment

from connectors.agreement_stories import read_story
from domain.documents import content_of
from store.audit import AuditTrail
from store.database import Database
from tests.api.people import Office, office, request, workers, working
from tests.conftest import EXAMPLES, fresh, movable_engine
from tests.domain.drafts import support
from workflows.names import case_workflow_id

DEEDS = read_story(EXAMPLES / "stories" / "bank-agreement.yaml")


@pytest.fixture(scope="module")
async def engine() -> AsyncIterator[WorkflowEnvironment]:
    """An engine for these tests: the agreements they register stay in force, and would be seen by others."""
    async with movable_engine() as environment:
        yield environment


@pytest.fixture
async def people(tmp_path: Path, engine: WorkflowEnvironment) -> AsyncIterator[Office]:
    """Everybody at their desks, with workers."""
    database = await fresh(tmp_path)
    async with working(engine.client, database) as made:
        yield made
    await database.close()


async def upto(people: Office, state: str) -> str:
    """A case of the bank that has just come to a stage."""
    case_id = await people.open()
    await people.play(case_id, until=state)
    return case_id


# ---- the whole way --------------------------------------------------------------------------------------------------


async def test_an_agreement_goes_from_the_crms_request_to_the_registry(database: Database, engine: WorkflowEnvironment) -> None:
    async with working(engine.client, database) as people:
        case_id = await people.open()
        await people.play(case_id)
        case = await people.until(case_id, "REGISTERED")
        entries = {entry["registry_no"]: entry for entry in (await people.get("M1", "/registry")).json()}
        trail = (await people.get("M1", f"/cases/{case_id}/events")).json()
        coverage = (await people.get("M1", "/coverage")).json()
        times = (await people.get("M1", f"/cases/{case_id}/stages")).json()
        refused = await people.get("B1", f"/cases/{case_id}/stages")

    assert case["registry_nos"] == ["SLA/2026/0001", "SLA/2026/0002", "SLA/2026/0003"]
    assert sorted(entries) == ["OLA/2026/0001", "OLA/2026/0002", *case["registry_nos"], "UC/2026/0001"], "6 entries"
    assert entries["SLA/2026/0002"]["supports"] == ["OLA/2026/0001", "OLA/2026/0002"]
    assert {entries[number]["parent"] for number in ("SLA/2026/0002", "SLA/2026/0003")} == {"SLA/2026/0001"}
    assert (coverage["covered"], coverage["share"]) == (2, "100.0 %")
    assert len(trail) >= 30, "at least 30 audit events"
    assert [event["at"] for event in trail] == sorted(event["at"] for event in trail)
    assert await AuditTrail(database).broken_at(case_workflow_id(case_id)) is None
    lead = datetime.fromisoformat(case["entered_at"]) - datetime.fromisoformat(case["opened_at"])
    assert (
        sum(Decimal(each["seconds"]) for each in times["stages"])
        == Decimal(times["lead_seconds"])
        == Decimal(lead // timedelta(microseconds=1)) / 1_000_000
    )
    assert (times["is_over"], times["stages"][-1]["stage"], refused.status_code) == (True, "SIGNING", 404)


async def test_tickets_run_under_what_was_registered_by_the_region_of_their_site(people: Office) -> None:
    case_id = await people.open()
    await people.play(case_id)
    await people.until(case_id, "REGISTERED")
    now = people.now - timedelta(minutes=5)

    def ticket(name: str, site: str | None) -> dict[str, Any]:
        place = {"site": site} if site else {}
        data = {"ticket_id": name, "customer": "Bank Narew S.A.", "service": "MPS", **place}
        envelope = {"specversion": "1.0", "id": name, "source": "crm", "type": "ticket.created", "time": now.isoformat()}
        return envelope | {"data": data}

    answer = await people.api.post(ticket("T1", "warsaw"), ticket("T2", "hajnowka"), ticket("T5", None))

    shown = answer.json()["results"]
    slas = [[clock["agreement"] for clock in each["clocks"] if clock["agreement"].startswith("SLA")] for each in shown]
    assert slas == [["SLA-2026-0002"], ["SLA-2026-0003"], []], "T1 in Warsaw, T2 in Hajnówka, T5 without a region"
    assert [each["alert"] for each in shown] == [None, None, "NO_REGION"]
    assert await AuditTrail(people.api.app.state.parts.database).broken_at("ticket:crm:T1") is None


# ---- opening --------------------------------------------------------------------------------------------------------


async def test_the_same_request_of_the_crm_is_one_case(people: Office) -> None:
    first = await people.api.post(request("CRM-TWICE"))
    second = await people.api.post(request("CRM-TWICE"))

    assert (first.status_code, second.status_code) == (202, 200)
    assert first.json()["results"][0]["case_id"] == second.json()["results"][0]["case_id"]
    assert second.json()["results"][0]["taken"] == "duplicate"


async def test_a_request_that_names_nobody_we_know_is_declined_with_the_reason(people: Office) -> None:
    answer = await people.api.post(request("CRM-NOBODY", customer="Bank Zgadka S.A."))
    case = await people.until(answer.json()["results"][0]["case_id"], "DECLINED")

    assert case["reason"] == "INVALID_REQUEST"
    assert case["waiting_for"] == []


async def test_a_request_without_a_case_of_the_crm_is_refused_by_its_field(people: Office) -> None:
    asked = request("CRM-FAULTY")
    del asked["data"]["crm_case"]
    answer = await people.api.post(asked)

    assert (answer.status_code, answer.json()["faults"]) == (422, [{"field": "data.crm_case", "message": "is missing"}])


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00"])
async def test_a_request_from_no_time_of_ours_is_refused_by_its_field(people: Office, time: str) -> None:
    answer = await people.api.post(request("CRM-TIMELESS") | {"time": time})

    assert (answer.status_code, [fault["field"] for fault in answer.json()["faults"]]) == (422, ["time"])


def ticket_event(name: str, at: datetime) -> dict[str, Any]:
    envelope = {"specversion": "1.0", "id": name, "source": "crm", "type": "ticket.created", "time": at.isoformat()}
    return envelope | {"data": {"ticket_id": name, "customer": "Bank Narew S.A.", "service": "MPS"}}


async def test_a_batch_may_tell_of_tickets_and_ask_for_agreements(people: Office) -> None:
    ticket = ticket_event("T-1", people.now)
    answer = await people.api.post(ticket, request("CRM-A"), ticket, request("CRM-B"), request("CRM-A"))
    results = answer.json()["results"]
    again = await people.api.post(request("CRM-A"), request("CRM-B"))

    assert answer.status_code == 202
    assert [result.get("ticket") or result["event_id"] for result in results] == ["crm/T-1", "CRM-A", "crm/T-1", "CRM-B", "CRM-A"]
    assert [result.get("status") or result["taken"] for result in results] == ["accepted", "accepted", "duplicate", "accepted", "duplicate"]
    assert again.status_code == 200
    await people.until(results[3]["case_id"], "AGENT_SELECTION")


async def test_a_batch_with_one_event_that_is_refused_opens_no_case(people: Office) -> None:
    future = await people.api.post(request("CRM-C"), ticket_event("T-2", people.now + timedelta(days=1)))
    faulty = await people.api.post(ticket_event("T-3", people.now), request("CRM-D", crm_case=""))

    assert (future.status_code, future.json()["code"]) == (422, "FUTURE_EVENT")
    assert [fault["field"] for fault in faulty.json()["faults"]] == ["1.data.crm_case"]
    assert (await people.get("M1", "/cases")).json()["cases"] == []


# ---- who may do what ------------------------------------------------------------------------------------------------

GATES = [
    ("anonymous", None, 401),
    ("another customer", "K1", 404),
    ("the wrong role", "B1", 403),
    ("the right one", "L1", 200),
]


@pytest.mark.parametrize(("who", "person", "status"), GATES, ids=[who for who, _, _ in GATES])
async def test_who_may_nominate_an_agent(people: Office, who: str, person: str | None, status: int) -> None:
    del who
    case_id = await people.open()
    answer = await people.send(person, f"/cases/{case_id}/nominate_agent", agent="A1")

    assert answer.status_code == status, answer.text


READINGS = ("", "/documents", "/events", "/alignment", "/supply", "/offer")


@pytest.mark.parametrize("path", READINGS)
async def test_nobody_reads_a_case_of_another_customer_or_without_a_token(people: Office, path: str) -> None:
    case_id = await people.open()

    assert (await people.get(None, f"/cases/{case_id}{path}")).status_code == 401
    assert (await people.get("K1", f"/cases/{case_id}{path}")).status_code == 404
    assert (await people.get("U1", f"/cases/{case_id}{path}")).status_code == 404


@pytest.mark.parametrize("path", ["/catalogue", "/coverage"])
async def test_the_catalogue_is_the_providers(people: Office, path: str) -> None:
    assert (await people.get(None, path)).status_code == 401
    assert (await people.get("B1", path)).status_code == 403
    assert (await people.get("L1", path)).status_code == 200


async def test_lists_show_what_is_ones_own_business(people: Office) -> None:
    case_id = await people.open()

    assert [case["case_id"] for case in (await people.get("B1", "/cases")).json()["cases"]] == [case_id]
    assert (await people.get("K1", "/cases")).json()["cases"] == []
    assert (await people.get("L1", "/cases", pending_role="CRM_STAFF")).json()["cases"][0]["case_id"] == case_id
    assert (await people.get("L1", "/cases", pending_role="FINANCE")).json()["cases"] == []


async def test_a_person_sees_their_tasks_and_nobody_elses(people: Office) -> None:
    case_id = await people.open()
    mine = (await people.get("C1", "/tasks")).json()

    assert [(task["case_id"], task["title"]) for task in mine] == [(case_id, "Confirm the requirements agent")]
    assert (await people.get("B1", "/tasks")).json() == []


async def test_the_customer_sees_no_price_before_it_is_approved_and_never_a_cost(people: Office) -> None:
    case_id = await upto(people, "PRICING")
    prices = next(deed for deed in DEEDS if deed.action == "set_prices")
    await people.does("L1", case_id, "set_prices", **prices.fields)
    before = await people.get("B1", f"/cases/{case_id}/offer")
    await people.does("P1", case_id, "approve_price", document_hash=(await people.case(case_id))["hashes"]["proposal"])
    after = await people.get("B1", f"/cases/{case_id}/offer")
    inside = await people.get("L1", f"/cases/{case_id}/offer")

    assert before.status_code == 404
    assert (after.status_code, after.json()["monthly"]) == (200, "12984.00")
    assert "cost" not in after.text
    assert (inside.json()["cost"], inside.json()["margin"]) == ("10452.00", "19.50 %")
    assert "proposal" not in (await people.case(case_id, "B1"))["case"]
    assert {document["kind"] for document in (await people.get("B1", f"/cases/{case_id}/documents")).json()} == {
        "requirements",
        "statement",
    }


# ---- deciding -------------------------------------------------------------------------------------------------------


async def test_what_cannot_be_done_now_is_refused_with_what_can_and_kept_in_the_trail(people: Office) -> None:
    case_id = await upto(people, "PRICING")
    answer = await people.does("B3", case_id, "sign", document_hash="0" * 64, method="QUALIFIED_ESIGN")

    assert (answer.status_code, answer.json()["code"]) == (409, "INVALID_TRANSITION")
    assert answer.json()["allowed"] == ["approve_exception", "approve_price", "reject_price", "set_prices", "withdraw"]
    trail = (await people.get("M1", f"/cases/{case_id}/events")).json()
    assert (trail[-1]["event"]["actor"], trail[-1]["event"]["reason"][:26]) == ("B3", "REFUSED INVALID_TRANSITION")


async def test_a_decision_on_an_older_document_is_refused(people: Office) -> None:
    case_id = await upto(people, "REQUIREMENTS_APPROVAL")
    answer = await people.does("B1", case_id, "approve_requirements", document_hash="0" * 64)

    assert (answer.status_code, answer.json()["code"]) == (409, "STALE_DOCUMENT")


async def test_the_same_key_is_the_same_decision_and_another_one_is_refused(people: Office) -> None:
    case_id = await upto(people, "REQUIREMENTS_APPROVAL")
    digest = (await people.case(case_id))["hashes"]["statement"]
    first = await people.does("B1", case_id, "approve_requirements", key="k-1", document_hash=digest)
    again = await people.does("B1", case_id, "approve_requirements", key="k-1", document_hash=digest)
    other = await people.does("B1", case_id, "reject_requirements", key="k-1", document_hash=digest, reason="we changed our mind")

    assert (first.status_code, first.json()["state"]) == (200, "PRICING")
    assert again.json() == first.json()
    assert (other.status_code, other.json()["code"]) == (409, "ALREADY_DECIDED")


@pytest.mark.parametrize(
    ("body", "field"),
    [({}, "body.agent"), ({"agent": "A1", "by": "me"}, "body.by"), ({"agent": "no such person!"}, "body.agent")],
    ids=["missing", "unknown field", "no name"],
)
async def test_a_body_of_the_wrong_form_is_refused_by_its_field(people: Office, body: dict[str, Any], field: str) -> None:
    case_id = await people.open()
    answer = await people.does("L1", case_id, "nominate_agent", **body)

    assert answer.status_code == 422
    assert [fault["field"] for fault in answer.json()["faults"]] == [field]


async def test_a_person_the_directory_does_not_know_cannot_be_nominated(people: Office) -> None:
    case_id = await people.open()

    assert (await people.does("L1", case_id, "nominate_agent", agent="NOBODY")).status_code == 422
    unqualified = await people.does("L1", case_id, "nominate_agent", agent="A2")
    assert (unqualified.status_code, unqualified.json()["code"]) == (422, "AGENT_NOT_QUALIFIED")


async def test_what_no_worker_judges_in_time_is_received_and_judged_when_one_is_back(tmp_path: Path, engine: WorkflowEnvironment) -> None:
    database = await fresh(tmp_path)
    async with office(database, engine.client) as people:
        async with workers(engine.client, database):
            case_id = await people.open()
        received = await people.send("L1", f"/cases/{case_id}/nominate_agent", "k-9", agent="A1")
        async with workers(engine.client, database):
            judged = await people.does("L1", case_id, "nominate_agent", "k-9", agent="A1")
        case = await people.case(case_id)
        decisions = [event for event in (await people.get("M1", f"/cases/{case_id}/events")).json() if event["event"]["actor"] == "L1"]
    await database.close()

    assert (received.status_code, received.json()["outcome"]) == (202, "RECEIVED")
    assert judged.json()["outcome"] == "JUDGED"
    assert [task["role"] for task in case["waiting_for"]] == ["CRM_STAFF"]
    assert len(decisions) == 1, "once, however often it was sent"


async def test_a_deputy_decides_on_behalf_of_the_absent_one_and_only_then(people: Office) -> None:
    case_id = await people.open()
    today = people.now.date()
    before = await people.does("A2", case_id, "nominate_agent", agent="A1")
    named = await people.send(
        "M1",
        "/people/L1/delegations",
        deputy="A2",
        first_on=str(today - timedelta(days=1)),
        last_on=str(today + timedelta(days=1)),
        reason="holiday",
    )
    during = await people.does("A2", case_id, "nominate_agent", agent="A1")
    other_side = await people.send("M1", "/people/L1/delegations", deputy="B1", first_on=str(today), last_on=str(today), reason="holiday")
    by_others = await people.send("C1", "/people/L1/delegations", deputy="A2", first_on=str(today), last_on=str(today), reason="holiday")
    task = next(task for task in (await people.case(case_id))["tasks"] if task["kind"] == "NOMINATE_AGENT")

    trail = await AuditTrail(people.api.app.state.parts.database).of("person:L1")
    assert [(row.event["actor"], row.event["action"]) for row in trail] == [("M1", "delegate")], "what was refused changed nothing"
    assert trail[0].event["reason"].startswith("A2 from ")
    assert trail[0].event["reason"].endswith(": holiday")
    assert (before.status_code, named.status_code, during.status_code) == (403, 201, 200)
    assert (other_side.status_code, by_others.status_code) == (422, 403)
    assert (task["decided_by"], task["on_behalf_of"]) == ("A2", "L1")


# ---- documents ------------------------------------------------------------------------------------------------------


async def test_reviewers_see_what_changed_between_two_versions(people: Office) -> None:
    case_id = await upto(people, "FINAL_REVIEW")
    reject = next(number for number, deed in enumerate(DEEDS) if deed.action == "reject_draft")
    for deed in DEEDS[reject - 3 : reject + 2]:
        await people.do(case_id, deed)
    drafts = [each for each in (await people.get("B1", f"/cases/{case_id}/documents")).json() if each["kind"] == "draft"]
    older, newer = drafts[0]["hash"], drafts[1]["hash"]
    found = (await people.get("B1", f"/cases/{case_id}/documents/{older}/differences/{newer}")).json()

    assert [each["number"] for each in drafts] == [1, 2]
    assert [(each["where"], each["kind"]) for each in found] == [("bank.control_layer.exit_plan", "ADDED")]
    assert (await people.get("B1", f"/cases/{case_id}/documents/{newer}")).json()["documents"][0]["document"] == "bank"
    assert (await people.get("B1", f"/cases/{case_id}/documents/{'0' * 64}")).status_code == 404


async def test_the_final_version_is_read_as_a_page_and_as_a_file_in_ones_own_language(people: Office) -> None:
    case_id = await upto(people, "FINAL_REVIEW")
    digest = (await people.case(case_id))["hashes"]["frozen"]
    address = f"/cases/{case_id}/documents/{digest}/rendering"
    page = await people.get("B1", address)
    english = await people.get("B1", address, language="en")
    file = await people.get("B1", address, form="pdf")

    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "Umowa" in page.text
    assert digest in page.text
    assert "Managed printing, Warsaw" in english.text
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert (file.headers["content-type"], file.content[:5]) == ("application/pdf", b"%PDF-")
    assert (await people.get("K1", address)).status_code == 404


async def test_the_supply_manager_sees_which_registered_supports_could_carry_a_target(people: Office) -> None:
    for name in ("desk", "field-warsaw"):
        await people.support(name)
    case_id = await upto(people, "UNDERPINNING")
    link = next(deed for deed in DEEDS if deed.action == "link_supports")
    draft = {"documents": [{**document, "links": []} for document in link.fields["draft"]["documents"]]}
    linked = await people.does("S1", case_id, "link_supports", draft=draft)
    needs = {need["document"]: need for need in (await people.get("S1", f"/cases/{case_id}/supply")).json()}
    early = await people.does("S1", case_id, "support_ready")

    assert linked.status_code == 200, linked.text
    assert sorted(needs) == ["podlasie", "warsaw"]
    assert [(each["support"], each["carries"]) for each in needs["warsaw"]["candidates"]] == [
        ("OLA/2026/0001", True),
        ("OLA/2026/0002", True),
    ]
    assert [each["carries"] for each in needs["podlasie"]["candidates"]] == [True, False], "field service Warsaw does not go there"
    assert (early.status_code, early.json()["code"]) == (409, "MISALIGNED")


async def test_a_support_no_ticket_could_run_under_is_refused_before_anybody_signs(people: Office) -> None:
    desk = content_of(support("desk"))
    case_id = (await people.send("S1", "/support-cases", partner="Service desk")).json()["case_id"]
    await people.until(case_id, "DRAFTED")
    faulty = desk | {"targets": [desk["targets"][0] | {"calendar": "nope"}]}
    refused = await people.does("S1", case_id, "propose_support", document=faulty)

    assert (refused.status_code, refused.json()["code"]) == (422, "NOT_MEASURABLE")
    assert (await people.does("S1", case_id, "propose_support", document=desk)).status_code == 200


async def test_a_paper_signature_names_a_scan_that_was_handed_in(people: Office) -> None:
    case_id = await upto(people, "SIGNING")
    digest = (await people.case(case_id))["hashes"]["frozen"]
    scan = b"%PDF-1.7 a signed page"
    headers = {"authorization": f"Bearer {people.tokens['B3']}", "content-type": "application/pdf"}
    unknown = await people.does("B3", case_id, "sign", document_hash=digest, method="PAPER_SCAN", scan="0" * 64)
    kept = await people.api.http.post(f"/cases/{case_id}/scans", content=scan, headers=headers)
    lies = await people.api.http.post(f"/cases/{case_id}/scans", content=b"GIF89a", headers=headers)
    signed = await people.does("B3", case_id, "sign", document_hash=digest, method="PAPER_SCAN", scan=kept.json()["scan"])
    read = await people.get("C1", f"/cases/{case_id}/scans/{kept.json()['scan']}")

    assert (unknown.status_code, kept.status_code, lies.status_code, signed.status_code) == (422, 201, 422, 200)
    assert (read.content, read.headers["content-type"]) == (scan, "application/pdf")
    assert (await people.get("K1", f"/cases/{case_id}/scans/{kept.json()['scan']}")).status_code == 404


# ---- what was observed ----------------------------------------------------------------------------------------------


@pytest.fixture
async def a_week_later(tmp_path: Path, engine: WorkflowEnvironment) -> AsyncIterator[Office]:
    """Everybody at their desks on the Monday after the first week of the bank's agreement, with workers."""
    database = await fresh(tmp_path)
    async with working(engine.client, database, "2026-03-23T10:00+01:00") as made:
        yield made
    await database.close()


async def test_options_show_what_the_tickets_of_the_last_year_observed(a_week_later: Office) -> None:
    people = a_week_later
    case_id = await upto(people, "UNDERPINNING")
    await people.does("S1", case_id, "withdraw")
    registered = await people.open()
    await people.play(registered)
    await people.until(registered, "REGISTERED")
    opened = datetime(2026, 3, 16, 9, 0, tzinfo=UTC)  # Monday 10:00 in Warsaw
    for number, minutes in enumerate((30, 100, 239, 300)):
        at = opened + timedelta(days=number)
        data = {"ticket_id": f"O-{number}", "customer": "Bank Narew S.A.", "service": "MPS", "site": "warsaw"}
        envelope = {
            "specversion": "1.0",
            "source": "crm",
            "type": "ticket.created",
            "time": at.isoformat(),
            "id": f"c{number}",
            "data": data,
        }
        answered = (at + timedelta(minutes=minutes)).isoformat()
        done = {
            "type": "ticket.milestone",
            "id": f"m{number}",
            "time": answered,
            "data": {"ticket_id": f"O-{number}", "milestone": "RESPONDED"},
        }
        await people.api.post(envelope, envelope | done)
    pricing = await upto(people, "PRICING")
    options = [
        {
            "option": name,
            "service": "MPS",
            "region": "METRO",
            "level": name,
            "quantity": 1,
            "unit_price": 100,
            "unit_cost": 50,
            "promised": 95,
        }
        | ({"limit": {"kind": "DURATION", "limit": limit}} if limit else {})
        for name, limit in (("as-agreed", None), ("two-hours", "2h"))
    ]
    answer = await people.does("L1", pricing, "set_prices", proposal={"options": options, "offered": ["as-agreed"]})
    offer = (await people.get("L1", f"/cases/{pricing}/offer")).json()

    assert answer.status_code == 200, answer.text
    assert [option["observed"] for option in offer["options"]] == ["75.0000", "50.0000"]
    assert offer["options"][0]["source"].startswith("3 of 4 response clocks, tickets of ")
    assert offer["options"][1]["warnings"] == ["promises 95 %, observed were 50.0000 %"]
    facts = [(each["figure"], each["value"], each["about"], each["flags"]) for each in offer["facts"]]
    assert facts == [("SHARE_MET", "75.0000", "MPS METRO response", []), ("NINE_IN_TEN", "300", "MPS METRO response", [])]
    assert all(each["measurement"].startswith("clocks/MPS/METRO/response/") and each["period"] for each in offer["facts"])
