"""Zendesk: signed webhooks of event subscriptions and of triggers; comments and fields over REST.

Source: Zendesk's pages "Verifying webhooks", "Webhook event types", "Ticket events", "Incremental exports" and "Tickets". The MAC covers
the header's time and the body. An event has an `id`; what a trigger posts is written by whoever made it, and should have one.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from connectors.incoming import Incoming, Maker, Posting, key_of, one_record
from connectors.outgoing import Access, Call, Desk, Listed, Listing, Page
from connectors.proofs import check_fresh, check_mac, header, in_base64
from connectors.signatures import BadSignature

_TIME = "x-zendesk-webhook-signature-timestamp"
_INCREMENTAL = "/api/v2/incremental/tickets/cursor.json"


def _verify(incoming: Incoming, secrets: Sequence[str], now: datetime) -> None:
    given, timestamp = header(incoming, "x-zendesk-webhook-signature"), header(incoming, _TIME)
    check_mac(secrets, given, timestamp.encode() + incoming.body, in_base64)
    check_fresh(_instant(timestamp), now)


def _instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as wrong:
        raise BadSignature("the time of the signature is no instant") from wrong
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


def _postings(incoming: Incoming) -> list[Posting]:
    sent_at = incoming.headers.get(_TIME, "")
    found = one_record(incoming)[0]
    # Two equal bodies of a trigger without id are two changes, sent at two instants.
    key = found.key if "id" in found.record else key_of(sent_at.encode(), incoming.body)
    return [Posting(key, found.record, _instant(sent_at))]


def _headers(access: Access) -> Mapping[str, str]:
    """The user's mail address and an API token."""
    return {"authorization": f"Basic {in_base64(f'{access.user}/token:{access.token}'.encode())}"}


def _comment(ticket: str, text: str) -> Call:
    return Call("PUT", f"/api/v2/tickets/{ticket}.json", {"ticket": {"comment": {"body": text, "public": False}}})


def _due(ticket: str, name: str, at: datetime) -> Call:
    return Call("PUT", f"/api/v2/tickets/{ticket}.json", {"ticket": {"custom_fields": [{"id": name, "value": at.isoformat()}]}})


def _as_posted(ticket: Mapping[str, Any]) -> Mapping[str, Any]:
    """As an event has it: there the words of status and priority are in capitals, here they are not."""
    words = {name: str(ticket[name]).upper() for name in ("status", "priority") if ticket.get(name) is not None}
    return {"type": "zen:event-type:ticket.status_changed", "detail": {**ticket, **words}}


def _page(call: Call, answer: Any) -> Page:
    records = [Listed(_as_posted(ticket)) for ticket in answer["tickets"]]
    cursor = answer.get("after_cursor")
    return Page(records, call._replace(params={"cursor": str(cursor)}) if cursor and not answer.get("end_of_stream", True) else None)


ZENDESK = Maker(
    verify=_verify,
    postings=_postings,
    desk=Desk(
        headers=_headers,
        comment=_comment,
        due=_due,
        ticket=lambda ticket: Call("GET", f"/api/v2/tickets/{ticket}.json"),
        listing=Listing(lambda since: Call("GET", _INCREMENTAL, params={"start_time": str(int(since.timestamp()))}), _page),
    ),
)
