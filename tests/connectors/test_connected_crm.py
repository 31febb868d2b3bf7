"""Each system is told in its own form, of its own tickets and deals only."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from connectors.connected_crm import ConnectedCrm
from connectors.guarded import NotTold
from connectors.installed import Connector, Rest, RestForm
from connectors.makers import MAKERS
from connectors.memory import MemoryCrm
from connectors.outgoing import Access
from connectors.record_mappings import read_record_mapping
from domain.effects import CrmCaseUpdate, CrmUpdate, TicketRef
from domain.ports import Refused
from tests.conftest import EXAMPLES

AT = datetime(2026, 3, 17, 14, 0, tzinfo=UTC)
TEXT = "Servanda: Breached: response of ticket 7"


def connector(maker: str, **form: Any) -> Connector:
    rest = Rest(RestForm(url="https://desk.example.com", token="t", **form), Access("token", "ann@provider.test"))
    return Connector(maker, maker, MAKERS[maker], ["s" * 20], read_record_mapping(EXAMPLES / "connectors" / f"{maker}.yaml"), rest)


class There:
    """The other side: what it was asked, and how it answers."""

    def __init__(self, status: int = 200) -> None:
        self.status = status
        self.calls: list[tuple[str, str, Any]] = []
        self.headers: Mapping[str, str] = {}

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.headers = request.headers
        self.calls.append((request.method, request.url.path, json.loads(request.content) if request.content else None))
        return httpx2.Response(self.status)


def crm(there: There, otherwise: MemoryCrm, maker: str = "jira", **form: Any) -> ConnectedCrm:
    return ConnectedCrm({maker: connector(maker, **form)}, otherwise, httpx2.MockTransport(there))


def update(source: str, kind: str = "clock.breached", text: str = "Breached: response of ticket 7") -> CrmUpdate:
    ticket = TicketRef(source=source, ticket_id="7")
    return CrmUpdate(key="k", ticket=ticket, kind=kind, clock="response", agreement="a", at=AT, due_at=AT, text=text)


def case_update(crm_case: str) -> CrmCaseUpdate:
    text = f"{crm_case} is REGISTERED"
    return CrmCaseUpdate(key="k", case_id="c", crm_case=crm_case, state="REGISTERED", registry_nos=("SLA/2026/0001",), at=AT, text=text)


@pytest.mark.parametrize(
    ("maker", "call"),
    [
        ("bottlecrm", ("POST", "/api/cases/7/", {"comment": TEXT, "is_internal": True})),
        ("freshdesk", ("POST", "/api/v2/tickets/7/notes", {"body": TEXT, "private": True})),
        ("request-tracker", ("POST", "/REST/2.0/ticket/7/comment", {"Content": TEXT, "ContentType": "text/plain"})),
        ("servicenow", ("PATCH", "/api/now/table/incident/7", {"work_notes": TEXT})),
        ("zendesk", ("PUT", "/api/v2/tickets/7.json", {"ticket": {"comment": {"body": TEXT, "public": False}}})),
        (
            "jira",
            (
                "POST",
                "/rest/api/2/issue/7/comment",
                {"body": TEXT, "properties": [{"key": "sd.public.comment", "value": {"internal": True}}]},
            ),
        ),
    ],
)
async def test_a_breach_is_a_comment_that_customers_do_not_see(maker: str, call: tuple[str, str, Any]) -> None:
    there, written = There(), connector(maker)
    await crm(there, MemoryCrm(), maker).update_ticket(update(written.mapping.source))

    assert there.calls == [call]
    assert "token" in there.headers["authorization"] or there.headers["authorization"].startswith("Basic ")


async def test_hubspot_gets_a_note_that_hangs_on_the_ticket() -> None:
    there = There()
    await crm(there, MemoryCrm(), "hubspot").update_ticket(update("hubspot"))
    method, path, body = there.calls[0]

    assert (method, path, body["properties"]["hs_note_body"]) == ("POST", "/crm/v3/objects/notes", TEXT)
    assert body["associations"] == [{"to": {"id": "7"}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 228}]}]


@pytest.mark.parametrize(
    ("maker", "field", "call"),
    [
        ("freshdesk", "cf_due", ("PUT", "/api/v2/tickets/7", {"custom_fields": {"cf_due": "2026-03-17T14:00:00+00:00"}})),
        ("hubspot", "slm_due", ("PATCH", "/crm/v3/objects/tickets/7", {"properties": {"slm_due": "2026-03-17T14:00:00+00:00"}})),
        ("jira", "customfield_1", ("PUT", "/rest/api/2/issue/7", {"fields": {"customfield_1": "2026-03-17T14:00:00.000+0000"}})),
        ("request-tracker", "Due", ("PUT", "/REST/2.0/ticket/7", {"Due": "2026-03-17 14:00:00"})),
        ("request-tracker", "SLM due", ("PUT", "/REST/2.0/ticket/7", {"CustomFields": {"SLM due": "2026-03-17 14:00:00"}})),
        ("servicenow", "due_date", ("PATCH", "/api/now/table/incident/7", {"due_date": "2026-03-17 14:00:00"})),
        (
            "zendesk",
            "360",
            ("PUT", "/api/v2/tickets/7.json", {"ticket": {"custom_fields": [{"id": "360", "value": "2026-03-17T14:00:00+00:00"}]}}),
        ),
    ],
)
async def test_a_due_time_is_kept_in_the_field_that_is_named_for_it(maker: str, field: str, call: tuple[str, str, Any]) -> None:
    there, written = There(), connector(maker)
    await crm(there, MemoryCrm(), maker, due_field=field).update_ticket(update(written.mapping.source, "clock.due", "Due 15:00"))

    assert there.calls == [call]


async def test_comments_are_those_that_are_asked_for_and_breaches_always() -> None:
    there = There()
    written = crm(there, MemoryCrm(), comments=("met",))
    for kind in ("clock.due", "clock.warning", "clock.met", "clock.breached", "clock.breach_withdrawn"):
        await written.update_ticket(update("jira", kind, kind))

    assert [call[2]["body"] for call in there.calls] == [
        "Servanda: clock.met",
        "Servanda: clock.breached",
        "Servanda: clock.breach_withdrawn",
    ]


async def test_a_ticket_or_deal_of_no_connector_is_told_otherwise() -> None:
    there, otherwise = There(), MemoryCrm()
    written = crm(there, otherwise)
    await written.update_ticket(update("crm"))
    await written.update_case(case_update("CRM-000341"))

    assert there.calls == []
    assert len(otherwise.updates) == len(otherwise.case_updates) == 1


@pytest.mark.parametrize(
    ("maker", "call"),
    [
        ("bottlecrm", ("POST", "/api/opportunities/8/", "comment")),
        ("request-tracker", ("POST", "/REST/2.0/ticket/8/comment", "Content")),
        ("tryton", ("POST", "/rest/model/ir.note", "message")),
    ],
)
async def test_a_deal_is_told_where_its_agreement_stands(maker: str, call: tuple[str, str, str]) -> None:
    there, written = There(), connector(maker)
    await crm(there, MemoryCrm(), maker).update_case(case_update(f"{written.mapping.source}/8"))
    method, path, body = there.calls[0]

    assert (method, path) == call[:2]
    assert body[call[2]] == "Servanda: the agreement is REGISTERED (SLA/2026/0001)"


@pytest.mark.parametrize(("status", "error"), [(404, Refused), (302, Refused), (401, NotTold), (429, NotTold), (503, NotTold)])
async def test_what_it_refuses_is_given_up_and_what_it_cannot_take_now_is_not(status: int, error: type[Exception]) -> None:
    with pytest.raises(error):
        await crm(There(status), MemoryCrm()).update_ticket(update("jira"))
