"""Agreements and tickets in the words of TM Forum, held against what the published APIs say of them."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from urllib.parse import unquote

import pytest

from api.tmf.agreements import STATUS, TYPES
from api.tmf.tickets import Status, status_changes
from domain.events import EventKind, TicketEvent
from store.database import Database
from store.registry import AgreementRegistry
from tests.api.people import Office, office
from tests.api.test_results import told
from tests.conftest import ROOT, created, event, example
from tests.store.test_registry import SIGNED, registration

AGREEMENTS, TICKETS = "/tmf-api/agreementManagement/v4/agreement", "/tmf-api/troubleTicket/v4/troubleTicket"

# Facts of the published APIs: TMF651 Agreement Management v4.0.0 (definition Agreement; the attributes Agreement_Create requires)
# and TMF621 Trouble Ticket v4.0.0 (definition TroubleTicket, TroubleTicketStatusType), github.com/tmforum-apis.
# Types: s string, d date-time, i integer, b boolean, a any value, {…} one, [{…}] many; a name with ! is required.
PERIOD = {"startDateTime": "d", "endDateTime": "d"}
PARTY = {"id!": "s", "href": "s", "name": "s", "role": "s", "@baseType": "s", "@type": "s", "@schemaLocation": "s", "@referredType!": "s"}
REF = {"id!": "s", "href": "s", "name": "s", "@baseType": "s", "@type": "s", "@schemaLocation": "s", "@referredType": "s"}
ENTITY = PARTY | {"role!": "s"}
AGREEMENT = {
    "id": "s",
    "href": "s",
    "agreementType!": "s",
    "description": "s",
    "documentNumber": "i",
    "initialDate": "d",
    "name!": "s",
    "statementOfIntent": "s",
    "status": "s",
    "version": "s",
    "agreementAuthorization": [{"date": "d", "signatureRepresentation": "s", "state": "s"}],
    "agreementItem!": [
        {"product": [REF], "productOffering": [REF], "termOrCondition": [{"id": "s", "description": "s", "validFor": PERIOD}]},
    ],
    "agreementPeriod": PERIOD,
    "agreementSpecification": REF,
    "associatedAgreement": [REF],
    "characteristic": [{"id": "s", "name!": "s", "valueType": "s", "value!": "a"}],
    "completionDate": PERIOD,
    "engagedParty!": [PARTY],
    "@baseType": "s",
    "@schemaLocation": "s",
    "@type": "s",
}
TICKET = {
    "id": "s",
    "href": "s",
    "creationDate": "d",
    "description": "s",
    "expectedResolutionDate": "d",
    "externalId": "s",
    "lastUpdate": "d",
    "name": "s",
    "priority": "s",
    "requestedResolutionDate": "d",
    "resolutionDate": "d",
    "severity": "s",
    "statusChangeDate": "d",
    "statusChangeReason": "s",
    "ticketType": "s",
    "channel": REF,
    "note": [{"id": "s", "author": "s", "date": "d", "text": "s"}],
    "relatedEntity": [ENTITY],
    "relatedParty": [PARTY],
    "status": "s",
    "statusChange": [{"changeDate": "d", "changeReason": "s", "status": "s"}],
    "troubleTicketRelationship": [{"id": "s", "href": "s", "name": "s", "relationshipType": "s"}],
    "@baseType": "s",
    "@schemaLocation": "s",
    "@type": "s",
}
STATUSES = {"acknowledged", "rejected", "pending", "held", "inProgress", "cancelled", "closed", "resolved"}


def conforms(value: Any, form: Any, where: str = "") -> None:
    if isinstance(form, list):
        assert isinstance(value, list), where
        for each in value:
            conforms(each, form[0], where)
    elif isinstance(form, dict):
        names = {name.rstrip("!"): part for name, part in form.items()}
        assert value.keys() <= names.keys(), where
        assert {name.rstrip("!") for name in form if name.endswith("!")} <= value.keys(), where
        for name, part in value.items():
            conforms(part, names[name], f"{where}.{name}")
    elif form == "d":
        assert datetime.fromisoformat(value).tzinfo is not None, where
    else:
        assert isinstance(value, {"s": str, "i": int, "b": bool, "a": object}[form]), where


@pytest.fixture
async def people(database: Database) -> AsyncIterator[Office]:
    """The bank's agreements, ready terms with a resolution, and tickets under both."""
    registry = AgreementRegistry(database)
    await registry.register(registration())
    for name in ("erp", "erp-desk", "erp-servers", "erp-vendor"):
        await registry.import_terms(example(name), "test", SIGNED)
    async with office(database, None, now="2026-05-04T09:00+02:00") as made:
        for number in range(4):
            await made.api.post(*told(number, "warsaw", 30), batch=True)
        await made.api.post(created("2026-04-30T10:00+02:00", "E-1", customer=example("erp").customer, service="ERP", priority="P1"))
        yield made


async def test_every_agreement_is_one_of_tmf651(people: Office) -> None:
    answer = await people.get("M1", AGREEMENTS)

    assert (answer.status_code, answer.headers["x-total-count"], answer.headers["x-result-count"]) == (200, "7", "7")
    for each in answer.json():
        conforms(each, AGREEMENT)
        assert each["agreementItem"][0]["termOrCondition" if "termOrCondition" in each["agreementItem"][0] else "productOffering"]
        assert (await people.get("M1", each["href"])).json() == each


async def test_an_agreement_says_who_promises_what_to_whom_from_when(people: Office) -> None:
    found = (await people.get("B1", f"{AGREEMENTS}/SLA-2026-0002")).json()

    assert (found["id"], found["agreementType"], found["status"], found["version"]) == ("SLA-2026-0002", "customerSla", "approved", "1.0")
    assert found["agreementPeriod"] == {"startDateTime": "2026-03-15T23:00:00Z", "endDateTime": "2029-03-15T23:00:00Z"}
    assert {each["role"]: each["name"] for each in found["engagedParty"]}["customer"] == "Bank Narew S.A."
    [term] = [each for each in found["agreementItem"][0]["termOrCondition"] if each["id"] == "response"]
    assert "4 h" in term["description"]
    assert "%" in term["description"]
    assert {each["id"] for each in found["associatedAgreement"]} == {"SLA-2026-0001", "OLA-2026-0001", "OLA-2026-0002"}
    assert {each["name"]: each["value"] for each in found["characteristic"]}["timeZone"] == "Europe/Warsaw"


async def test_lists_are_paged_by_offset_filtered_and_cut_to_the_attributes_asked_for(people: Office) -> None:
    page = await people.get("M1", AGREEMENTS, offset=1, limit=2, fields="name,status")
    several = await people.get("M1", AGREEMENTS, agreementType="ola,underpinningContract", fields="agreementType")
    party = await people.get("M1", AGREEMENTS, **{"engagedParty.name": "Bank Narew S.A.", "status": "approved"})

    assert (page.headers["x-total-count"], page.headers["x-result-count"]) == ("7", "2")
    assert page.json()[0].keys() == {"id", "href", "@type", "name", "status"}
    assert {each["agreementType"] for each in several.json()} == {"ola", "underpinningContract"}
    assert party.headers["x-total-count"] == "3"
    assert (await people.get("M1", AGREEMENTS, status="nothing")).json() == []
    assert (await people.get("M1", AGREEMENTS, limit=0)).status_code == 422


async def test_people_see_what_is_their_business(people: Office) -> None:
    counts = {person: (await people.get(person, AGREEMENTS)).headers.get("x-total-count") for person in (None, "B1", "K1", "U1", "M1")}
    tickets = {person: (await people.get(person, TICKETS)).headers.get("x-total-count") for person in (None, "B1", "K1", "U1", "M1")}
    [ticket, *_] = (await people.get("B1", TICKETS)).json()
    one = {person: (await people.get(person, ticket["href"])).status_code for person in (None, "B1", "K1", "U1", "M1")}

    assert counts == {None: None, "B1": "3", "K1": "0", "U1": "0", "M1": "7"}
    assert tickets == {None: None, "B1": "4", "K1": "0", "U1": "0", "M1": "5"}
    assert one == {None: 401, "B1": 200, "K1": 404, "U1": 404, "M1": 200}
    assert (await people.get("K1", f"{AGREEMENTS}/SLA-2026-0002")).status_code == 404
    assert (await people.get("K1", TICKETS, **{"relatedParty.name": "Bank Narew S.A."})).json() == []
    assert {each["id"] for each in ticket["relatedEntity"]} == {"MPS", "SLA-2026-0002"}, "no support is the customer's business"


async def test_every_ticket_is_one_of_tmf621_and_its_due_time_that_of_its_resolution(people: Office) -> None:
    answer = await people.get("M1", TICKETS)
    found = {each["externalId"]: each for each in answer.json()}
    clocks = (await people.api.http.get("/tickets/crm/E-1")).json()["clocks"]
    [due] = [each["due_at"] for each in clocks if each["agreement"] == "erp" and each["target"] == "solution"]

    for each in answer.json():
        conforms(each, TICKET)
        assert each["status"] in STATUSES
        assert (await people.get("M1", each["href"])).json() == each
    assert found["E-1"]["expectedResolutionDate"] == due
    assert found["E-1"]["priority"] == "P1"
    assert "expectedResolutionDate" not in found["warsaw-0"], "a response is promised there, and no resolution"
    numbers = [each["id"] for each in found["E-1"]["relatedEntity"] if each["role"] == "agreement"]
    for number in numbers:
        assert (await people.get("M1", f"{AGREEMENTS}/{number}")).status_code == 200
    assert len(numbers) >= 2
    assert unquote(found["E-1"]["href"]).endswith("/crm/E-1")


async def test_tickets_are_found_by_status_priority_customer_and_day(people: Office) -> None:
    async def count(**wanted: str) -> str:
        return str((await people.get("M1", TICKETS, **wanted)).headers["x-total-count"])

    assert await count(status="acknowledged") == "1"
    assert await count(status="inProgress,acknowledged", limit="2") == "5"
    assert await count(priority="P1") == "1"
    assert await count(**{"relatedParty.name": "Bank Narew S.A."}) == "4"
    assert await count(**{"creationDate.gt": "2026-04-20T00:00:00Z"}) == "1"
    assert await count(**{"creationDate.lt": "2026-04-20T00:00:00Z"}) == "4"
    assert (await people.get("M1", TICKETS, **{"creationDate.lt": "yesterday"})).status_code == 422
    assert len((await people.get("M1", TICKETS, offset=3)).json()) == 2


async def test_too_many_tickets_to_find_a_status_among_are_refused(people: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.routes.tmf_tickets.MOST_BY_STATUS", 4)

    assert (await people.get("M1", TICKETS, status="held")).status_code == 422
    assert (await people.get("B1", TICKETS, status="held")).status_code == 200


async def test_a_pause_and_its_reason_are_a_change_of_status(people: Office) -> None:
    await people.api.post(event("paused", "2026-05-01T10:00+02:00", "E-1", reason="AWAITING_CUSTOMER"))
    found = (await people.get("M1", f"{TICKETS}/crm/E-1")).json()

    assert (found["status"], found["statusChangeReason"], found["statusChangeDate"]) == (
        "pending",
        "AWAITING_CUSTOMER",
        "2026-05-01T08:00:00Z",
    )
    assert [each["status"] for each in found["statusChange"]] == ["acknowledged", "pending"]


STORY = {
    "created": (EventKind.CREATED, None, None),
    "responded": (EventKind.MILESTONE, "RESPONDED", None),
    "customer": (EventKind.PAUSED, None, "AWAITING_CUSTOMER"),
    "parts": (EventKind.PAUSED, None, "SPARE_PARTS"),
    "resumed": (EventKind.RESUMED, None, None),
    "resolved": (EventKind.MILESTONE, "RESOLVED", None),
    "closed": (EventKind.MILESTONE, "CLOSED", None),
    "reopened": (EventKind.REOPENED, None, None),
    "cancelled": (EventKind.CANCELLED, None, None),
    "voided": (EventKind.VOIDED, None, "DUPLICATE"),
}


@pytest.mark.parametrize(
    ("story", "statuses"),
    [
        ("created", "acknowledged"),
        ("created responded customer resumed resolved closed", "acknowledged inProgress pending inProgress resolved closed"),
        ("created customer resumed", "acknowledged pending acknowledged"),
        ("created parts customer resolved customer", "acknowledged held pending resolved"),
        ("created resolved reopened responded resolved", "acknowledged resolved inProgress resolved"),
        ("created cancelled resolved", "acknowledged cancelled"),
        ("created voided", "acknowledged"),
        ("responded created", "acknowledged inProgress"),
        ("created resumed closed resolved", "acknowledged closed"),
    ],
)
def test_the_events_of_a_ticket_are_its_statuses(story: str, statuses: str) -> None:
    at = datetime.fromisoformat("2026-05-01T10:00:00+02:00")
    events = [
        TicketEvent(
            source="crm",
            event_id=str(number),
            ticket_id="P-1",
            kind=kind,
            occurred_at=at,
            received_at=at,
            sequence=number,
            milestone=milestone,
            reason=reason,
        )
        for number, (kind, milestone, reason) in enumerate(STORY[name] for name in story.split())
    ]

    assert " ".join(each.status for each in status_changes(events, at)) == statuses
    assert {each.value for each in Status} <= STATUSES


def test_every_word_that_is_answered_stands_in_the_page_about_it() -> None:
    page = (ROOT / "docs" / "standards.md").read_text(encoding="utf-8")

    assert [word for word in (*STATUS.values(), *TYPES.values(), *Status) if f"`{word}`" not in page] == []
