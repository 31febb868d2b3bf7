"""Freshdesk: webhooks of automation rules, which carry a secret and no signature; notes and fields over REST.

Source: Freshdesk's pages "Using webhooks in automation rules" and "API v2". A rule may set headers and write its own JSON, so the form is
ours: `X-Servanda-Token` with the secret, and `{id, at, ticket}` whose `id` the rule makes of the ticket and its last change.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from connectors.incoming import Incoming, Maker, one_record
from connectors.outgoing import Access, Call, Desk, Listed, Listing, Page
from connectors.proofs import check_token, header, in_base64

_PAGE = 100


def _verify(incoming: Incoming, secrets: Sequence[str], now: datetime) -> None:
    del now  # nothing says when it was sent; a repetition has the same id
    check_token(secrets, header(incoming, "x-servanda-token"))


def _headers(access: Access) -> Mapping[str, str]:
    """The API key, with anything as password."""
    return {"authorization": f"Basic {in_base64(f'{access.token}:X'.encode())}"}


def _first(since: datetime) -> Call:
    changed = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    asked = {"updated_since": changed, "order_by": "updated_at", "order_type": "asc", "per_page": str(_PAGE), "page": "1"}
    return Call("GET", "/api/v2/tickets", params=asked)


def _page(call: Call, answer: Any) -> Page:
    page = int(call.params["page"])
    more = len(answer) == _PAGE
    return Page(
        [Listed({"ticket": each}) for each in answer], call._replace(params={**call.params, "page": str(page + 1)}) if more else None
    )


FRESHDESK = Maker(
    verify=_verify,
    postings=one_record,
    desk=Desk(
        headers=_headers,
        comment=lambda ticket, text: Call("POST", f"/api/v2/tickets/{ticket}/notes", {"body": text, "private": True}),
        due=lambda ticket, name, at: Call("PUT", f"/api/v2/tickets/{ticket}", {"custom_fields": {name: at.isoformat()}}),
        ticket=lambda ticket: Call("GET", f"/api/v2/tickets/{ticket}"),
        listing=Listing(_first, _page),
    ),
)
