"""HubSpot: signed webhooks with up to 100 changes; notes and properties over REST.

Source: HubSpot's pages "Webhooks", "Validating requests" (v3) and "Notes". The MAC covers method, address, body and time; the address
is the one HubSpot posts to, so `SERVANDA_PUBLIC_URL` must be set behind a proxy. `eventId` is not unique, so it names a
change only together with the object, the subscription and the time.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from connectors.incoming import Incoming, Maker, Posting, UnreadablePosting, json_of, key_of, object_of
from connectors.outgoing import Call, Desk, Listed, Listing, Page, bearer
from connectors.proofs import check_fresh, check_mac, epoch, header, in_base64

_NOTE_OF_TICKET, _NOTE_OF_DEAL = 228, 214
"""HubSpot's numbers of the associations from a note to a ticket and to a deal."""

_PROPERTIES = ["subject", "hs_pipeline", "hs_pipeline_stage", "hs_ticket_priority", "createdate", "hs_lastmodifieddate"]
_SEARCH = "/crm/v3/objects/tickets/search"


def _verify(incoming: Incoming, secrets: Sequence[str], now: datetime) -> None:
    given, timestamp = header(incoming, "x-hubspot-signature-v3"), header(incoming, "x-hubspot-request-timestamp")
    at = epoch(timestamp, 1000)
    check_mac(secrets, given, f"{incoming.method}{unquote(incoming.url)}".encode() + incoming.body + timestamp.encode(), in_base64)
    check_fresh(at, now)


def _postings(incoming: Incoming) -> list[Posting]:
    value = json_of(incoming.body)
    return [_posting(object_of(each), incoming.body) for each in (value if isinstance(value, list) else [value])]


def _posting(change: Mapping[str, Any], body: bytes) -> Posting:
    """A change; what it says of one property stands under `properties` too, as a list of tickets has it."""
    named = change.get("propertyName")
    record = {**change, "properties": {named: change.get("propertyValue")}} if isinstance(named, str) else dict(change)
    at = change.get("occurredAt")
    if at is None:
        return Posting(key_of(body), record)  # posted by a workflow of HubSpot: one object, with the properties somebody chose
    if not isinstance(at, int) or at < 0 or at >= 10**14:
        raise UnreadablePosting("occurredAt: no number of milliseconds")
    parts = (str(change.get(name)) for name in ("subscriptionId", "objectId", "eventId", "occurredAt", "propertyName"))
    return Posting(key_of("|".join(parts).encode()), record, datetime.fromtimestamp(at / 1000, UTC))


def _note(association: int, number: str, text: str) -> Call:
    kind = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": association}
    body = {
        "properties": {"hs_note_body": text, "hs_timestamp": datetime.now(UTC).isoformat()},
        "associations": [{"to": {"id": number}, "types": [kind]}],
    }
    return Call("POST", "/crm/v3/objects/notes", body)


def _first(since: datetime) -> Call:
    changed = {"propertyName": "hs_lastmodifieddate", "operator": "GTE", "value": str(int(since.timestamp() * 1000))}
    return Call("POST", _SEARCH, {"filterGroups": [{"filters": [changed]}], "properties": _PROPERTIES, "limit": 100})


def _listed(ticket: str, properties: Mapping[str, Any]) -> Listed:
    return Listed({"subscriptionType": "ticket.creation", "objectId": ticket, "properties": properties}, properties["hs_lastmodifieddate"])


def _page(call: Call, answer: Any) -> Page:
    records = [_listed(each["id"], each["properties"]) for each in answer["results"]]
    after = answer.get("paging", {}).get("next", {}).get("after")
    return Page(records, call._replace(json={**call.json, "after": after}) if after is not None else None)


HUBSPOT = Maker(
    verify=_verify,
    postings=_postings,
    desk=Desk(
        headers=bearer,
        comment=lambda ticket, text: _note(_NOTE_OF_TICKET, ticket, text),
        due=lambda ticket, name, at: Call("PATCH", f"/crm/v3/objects/tickets/{ticket}", {"properties": {name: at.isoformat()}}),
        deal_comment=lambda deal, text: _note(_NOTE_OF_DEAL, deal, text),
        ticket=lambda ticket: Call("GET", f"/crm/v3/objects/tickets/{ticket}"),
        listing=Listing(_first, _page),
    ),
)
