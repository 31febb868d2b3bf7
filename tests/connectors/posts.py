"""What makers post, written from the fields they publish (the pages are named in the adapters), and signed as each of them signs."""

import base64
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from connectors.incoming import Incoming

SECRET = "a-secret-of-both-sides-of-a-webhook"
PUBLIC = "https://slm.example.test"
NOON = datetime(2026, 3, 17, 11, 0, tzinfo=UTC)
"""Tue 17 Mar 2026 12:00 in Warsaw."""


def address_of(maker: str) -> str:
    """Where a maker posts to."""
    return f"{PUBLIC}/connectors/{maker}/events"


class Post(NamedTuple):
    """A body with its headers; `query` stands behind the address."""

    body: bytes
    headers: Mapping[str, str] = {}
    query: Mapping[str, str] = {}
    address: str = address_of("hubspot")

    @property
    def incoming(self) -> Incoming:
        """As it reaches the adapter."""
        return Incoming("POST", self.address, self.headers, self.query, self.body)


def mac(signed: bytes, secret: str = SECRET) -> bytes:
    return hmac.digest(secret.encode(), signed, "sha256")


def in_base64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def as_json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _stamped(header: str, spell: Callable[[bytes], str] = bytes.hex) -> Callable[[Any, datetime, str], Post]:
    def sign(record: Any, at: datetime, secret: str) -> Post:
        body, seconds = as_json(record), int(at.timestamp())
        return Post(body, {header: f"t={seconds},v1={spell(mac(f'{seconds}.'.encode() + body, secret))}"})

    return sign


def _hubspot(record: Any, at: datetime, secret: str) -> Post:
    body, milliseconds = as_json(record if isinstance(record, list) else [record]), str(int(at.timestamp() * 1000))
    signature = in_base64(mac(b"POST" + address_of("hubspot").encode() + body + milliseconds.encode(), secret))
    return Post(body, {"x-hubspot-signature-v3": signature, "x-hubspot-request-timestamp": milliseconds})


def _zendesk(record: Any, at: datetime, secret: str) -> Post:
    body, stated = as_json(record), at.strftime("%Y-%m-%dT%H:%M:%SZ")
    signature = in_base64(mac(stated.encode() + body, secret))
    return Post(body, {"x-zendesk-webhook-signature": signature, "x-zendesk-webhook-signature-timestamp": stated})


def _jira(record: Any, at: datetime, secret: str) -> Post:
    del at
    body = as_json(record)
    return Post(body, {"x-hub-signature": f"sha256={mac(body, secret).hex()}"})


def _freshdesk(record: Any, at: datetime, secret: str) -> Post:
    del at
    return Post(as_json(record), {"x-servanda-token": secret})


def _salesforce(record: Any, at: datetime, secret: str) -> Post:
    del at
    return Post(outbound_message([record]), query={"key": secret})


SIGN: Mapping[str, Callable[[Any, datetime, str], Post]] = {
    "bottlecrm": _stamped("x-bottlecrm-signature"),
    "freshdesk": _freshdesk,
    "hubspot": _hubspot,
    "jira": _jira,
    "request-tracker": _stamped("x-rt-signature"),
    "salesforce": _salesforce,
    "servicenow": _stamped("x-servicenow-signature", in_base64),
    "tryton": _stamped("x-tryton-signature"),
    "zendesk": _zendesk,
}
"""How each maker signs a record at an instant with a secret."""

TIMED = frozenset(SIGN) - {"freshdesk", "jira", "salesforce"}
"""Those whose signature says when it was made."""


def outbound_message(notifications: Sequence[Mapping[str, Any]]) -> bytes:
    """Salesforce's SOAP of some notifications: `{Id, type, fields}` each."""
    parts = []
    for each in notifications:
        fields = "".join(f"<sf:{name}>{value}</sf:{name}>" for name, value in each["fields"].items())
        parts.append(f'<Notification><Id>{each["Id"]}</Id><sObject xsi:type="sf:{each["type"]}">{fields}</sObject></Notification>')
    return (
        '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>'
        '<notifications xmlns="http://soap.sforce.com/2005/09/outbound" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">'
        '<OrganizationId>00D5g000004abcdEAA</OrganizationId><ActionId>04k5g000000ActnAAG</ActionId><SessionId xsi:nil="true"/>'
        "<EnterpriseUrl>https://example.my.salesforce.com/services/Soap/c/61.0</EnterpriseUrl>"
        f"<PartnerUrl>https://example.my.salesforce.com/services/Soap/u/61.0</PartnerUrl>{''.join(parts)}"
        "</notifications></soapenv:Body></soapenv:Envelope>"
    ).encode()


def _bottlecrm(key: str, at: str, status: str) -> Any:
    data: dict[str, Any] = {
        "id": "7c0f5d0e-1111-4a77-9a52-0d6a2f5b7a01",
        "name": "paper jam",
        "status": status,
        "priority": "Urgent",
        "case_type": "Incident",
        "account_id": "0b1f7c1e-4d2a-4f0e-9f5e-2b1d6a5c9e11",
        "closed_on": None,
        "assigned_to": [],
        "created_at": "2026-03-17T10:00:00+00:00",
        "updated_at": f"2026-03-17T{at}:00.120000+00:00",
    }
    return {"id": f"evt-{key}", "event": "ticket.updated", "created_at": f"2026-03-17T{at}:01+00:00", "org_id": "o-1", "data": data}


def _rt(key: str, at: str, status: str) -> Any:
    customs = {"Customer": "Bank Narew S.A.", "Region": "Warszawa"}
    ticket = {"id": 17, "status": status, "queue": "General", "priority": 90, "owner": "Nobody", "created": "2026-03-17T10:00:00Z"}
    number = int(at.replace(":", ""))
    transaction = {"id": number, "type": "Status", "created": f"2026-03-17T{at}:00Z", "by_staff": 1}
    return {"id": f"transaction-{key}", "ticket": ticket | {"custom_fields": customs}, "transaction": transaction}


def _hubspot_change(key: str, at: str, status: str) -> Any:
    moment = datetime.fromisoformat(f"2026-03-17T{at}:00+00:00")
    return {
        "eventId": int(key),
        "subscriptionId": 9,
        "portalId": 62515,
        "appId": 54321,
        "occurredAt": int(moment.timestamp() * 1000),
        "subscriptionType": "ticket.propertyChange",
        "attemptNumber": 0,
        "objectId": 1148,
        "propertyName": "hs_pipeline_stage",
        "propertyValue": status,
        "changeSource": "CRM_UI",
    }


def _hubspot_first() -> list[Any]:
    """A ticket is created without its properties; each comes as a change of its own."""
    change = _hubspot_change("1", "10:00", "1")
    stage = {"subscriptionType": "ticket.creation", "propertyName": None, "propertyValue": None}
    return [change | stage, change | {"propertyName": "customer", "propertyValue": "Bank Narew S.A.", "eventId": 2}]


def _salesforce_case(key: str, at: str, status: str) -> Any:
    fields = {
        "Id": "5005g00000CaseAAAU",
        "CaseNumber": "00001026",
        "CreatedDate": "2026-03-17T10:00:00.000Z",
        "Customer__c": "Bank Narew S.A.",
        "LastModifiedDate": f"2026-03-17T{at}:00.000Z",
        "Priority": "High",
        "Region__c": "METRO",
        "Status": status,
    }
    return {"Id": f"04l5g00000Noti{key}AAA", "type": "Case", "fields": fields}


def _zendesk_event(key: str, at: str, status: str) -> Any:
    detail = {
        "id": "35436",
        "status": status,
        "priority": "URGENT",
        "organization_id": "4112492",
        "created_at": "2026-03-17T10:00:00Z",
        "updated_at": f"2026-03-17T{at}:00Z",
        "via": {"channel": "web"},
    }
    return {
        "type": "zen:event-type:ticket.status_changed",
        "account_id": 22129848,
        "id": f"2b24ef10-{key}",
        "time": f"2026-03-17T{at}:00Z",
        "zendesk_event_version": "2022-06-20",
        "subject": "zen:ticket:35436",
        "detail": detail,
        "event": {"current": status, "previous": "NEW", "meta": {"sequence": {"id": "s", "position": 1, "total": 1}}},
    }


def _jira_issue(key: str, at: str, status: str) -> Any:
    moment = datetime.fromisoformat(f"2026-03-17T{at}:00+00:00")
    fields = {
        "summary": "paper jam",
        "created": "2026-03-17T11:00:00.000+0100",
        "updated": f"2026-03-17T{at}:00.000+0000",
        "status": {"name": status},
        "priority": {"name": "Highest"},
        "customfield_10002": [{"id": "2", "name": "Bank Narew S.A."}],
    }
    return {
        "timestamp": int(moment.timestamp() * 1000) + int(key),
        "webhookEvent": "jira:issue_updated",
        "issue_event_type_name": "issue_generic",
        "issue": {"id": "10002", "key": "ITSM-7", "fields": fields},
        "changelog": {"id": key, "items": [{"field": "status", "fromString": "Open", "toString": status}]},
    }


def _servicenow_incident(key: str, at: str, status: str) -> Any:
    record = {
        "sys_id": "9d385017c611228701d22104cc95c371",
        "number": "INC0010007",
        "state": status,
        "priority": "1",
        "company": "31bea3d53790200044e0bfc8bcbe5dec",
        "opened_at": "2026-03-17 10:00:00",
        "sys_updated_on": f"2026-03-17 {at}:00",
        "sys_mod_count": at.replace(":", ""),
    }
    return {"id": f"9d38-{key}", "record": record}


def _freshdesk_ticket(key: str, at: str, status: str) -> Any:
    ticket = {
        "id": "204",
        "status": status,
        "priority": "Urgent",
        "company": "51000641139",
        "created_at": "2026-03-17T10:00:00Z",
        "updated_at": f"2026-03-17T{at}:00Z",
    }
    return {"id": f"204-{key}", "ticket": ticket}


class Sample(NamedTuple):
    """A maker's ticket: what it posts at a time of 17 March for a status, and its words for open, waiting and done."""

    record: Callable[[str, str, str], Any]
    ticket_id: str
    open: str
    waiting: str
    done: str
    first: Callable[[], list[Any]] = list
    """What comes before the first status."""


TICKETS: Mapping[str, Sample] = {
    "bottlecrm": Sample(_bottlecrm, "7c0f5d0e-1111-4a77-9a52-0d6a2f5b7a01", "New", "Pending", "Closed"),
    "freshdesk": Sample(_freshdesk_ticket, "204", "Open", "Pending", "Resolved"),
    "hubspot": Sample(_hubspot_change, "1148", "1", "2", "4", _hubspot_first),
    "jira": Sample(_jira_issue, "ITSM-7", "Open", "Waiting for customer", "Resolved"),
    "request-tracker": Sample(_rt, "17", "new", "stalled", "resolved"),
    "salesforce": Sample(_salesforce_case, "00001026", "New", "On Hold", "Closed"),
    "servicenow": Sample(_servicenow_incident, "9d385017c611228701d22104cc95c371", "1", "3", "6"),
    "zendesk": Sample(_zendesk_event, "35436", "OPEN", "PENDING", "SOLVED"),
}
"""Of the makers whose tickets are read; Tryton has deals only."""


def post(maker: str, record: Any, at: datetime = NOON, secret: str = SECRET) -> Post:
    """A record, signed."""
    return SIGN[maker](record, at, secret)
