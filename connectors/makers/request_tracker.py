"""Request Tracker 5: a scrip posts each transaction, signed; comments and fields over REST 2.0.

Source: RT's own documentation of scrips and of `REST2` (release 5.0). RT has no webhooks of its own, so the form is ours: the scrip of
`docs/connectors.md` sends `{id, ticket, transaction}` with `X-RT-Signature: t=SECONDS,v1=HEX`.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from connectors.incoming import Maker, one_record
from connectors.outgoing import Access, Call, Desk, Listed, Listing, Page
from connectors.proofs import Stamped, in_base64

_TICKETS = "/REST/2.0/tickets"
_FIELDS = {
    "fields": "Status,Priority,Queue,Owner,Created,LastUpdated,Subject,CustomFields",
    "fields[Queue]": "Name",
    "fields[Owner]": "Name",
    "per_page": "100",
}


_DUE = "Due"


def _headers(access: Access) -> Mapping[str, str]:
    """A token, or a user with a password."""
    if access.user is None:
        return {"authorization": f"token {access.token}"}
    return {"authorization": f"Basic {in_base64(f'{access.user}:{access.token}'.encode())}"}


def _first(since: datetime) -> Call:
    # RT reads the search in the zone of its user; a day more than asked is compared, and nothing is missed.
    day = since.astimezone(UTC).strftime("%Y-%m-%d")
    return Call("GET", _TICKETS, params={**_FIELDS, "query": f"LastUpdated >= '{day}'", "page": "1"})


def _page(call: Call, answer: Any) -> Page:
    records = [Listed({"ticket": _as_posted(item)}, item["LastUpdated"]) for item in answer["items"]]
    page = int(call.params["page"])
    more = page < int(answer.get("pages") or 1)
    return Page(records, call._replace(params={**call.params, "page": str(page + 1)}) if more else None)


def _as_posted(item: Mapping[str, Any]) -> dict[str, Any]:
    """A listed ticket as the scrip would post it."""
    customs = {each["name"]: next(iter(each["values"]), None) for each in item.get("CustomFields") or ()}
    return {
        "id": item["id"],
        "status": item.get("Status"),
        "priority": item.get("Priority"),
        "queue": _name(item.get("Queue")),
        "owner": _name(item.get("Owner")),
        "subject": item.get("Subject"),
        "created": item.get("Created"),
        "updated": item.get("LastUpdated"),
        "custom_fields": customs,
    }


def _name(linked: Any) -> Any:
    return linked.get("Name") if isinstance(linked, Mapping) else linked


def _comment(ticket: str, text: str) -> Call:
    return Call("POST", f"/REST/2.0/ticket/{ticket}/comment", {"Content": text, "ContentType": "text/plain"})


def _due(ticket: str, name: str, at: datetime) -> Call:
    """In a custom field, or as the ticket's own: of that RT takes UTC without T and Z, and anything else for no time at all."""
    value = at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
    return Call("PUT", f"/REST/2.0/ticket/{ticket}", {name: value} if name == _DUE else {"CustomFields": {name: value}})


REQUEST_TRACKER = Maker(
    verify=Stamped("x-rt-signature"),
    postings=one_record,
    desk=Desk(
        headers=_headers,
        comment=_comment,
        due=_due,
        deal_comment=_comment,
        ticket=lambda ticket: Call("GET", f"/REST/2.0/ticket/{ticket}"),
        listing=Listing(_first, _page),
    ),
)
