"""Jira Service Management: signed webhooks of the administrator's; comments and fields over REST.

Source: Atlassian's pages "Webhooks" (secure admin webhooks: `X-Hub-Signature: sha256=HEX` over the body, WebSub) and the REST API v2 and
v3. The signature has no time, so a recording can be repeated for ever; a repetition has the same bytes, and counts once.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from connectors.incoming import Incoming, Maker, Posting, json_of, key_of, object_of
from connectors.outgoing import Access, Call, Desk, Listed, Listing, Page
from connectors.proofs import check_mac, header, in_base64

_SEARCH = "/rest/api/3/search/jql"


def _verify(incoming: Incoming, secrets: Sequence[str], now: datetime) -> None:
    del now
    check_mac(secrets, header(incoming, "x-hub-signature").removeprefix("sha256="), incoming.body)


def _postings(incoming: Incoming) -> list[Posting]:
    record, at = object_of(json_of(incoming.body)), None
    stated = record.get("timestamp")
    if isinstance(stated, int) and 0 <= stated < 10**14:
        at = datetime.fromtimestamp(stated / 1000, UTC)
    return [Posting(key_of(incoming.body), record, at)]


def _headers(access: Access) -> Mapping[str, str]:
    """The user's mail address and an API token."""
    return {"authorization": f"Basic {in_base64(f'{access.user}:{access.token}'.encode())}"}


def _comment(ticket: str, text: str) -> Call:
    internal = [{"key": "sd.public.comment", "value": {"internal": True}}]
    return Call("POST", f"/rest/api/2/issue/{ticket}/comment", {"body": text, "properties": internal})


def _due(ticket: str, name: str, at: datetime) -> Call:
    stated = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    return Call("PUT", f"/rest/api/2/issue/{ticket}", {"fields": {name: stated}})


def _first(since: datetime) -> Call:
    # JQL has minutes at its finest, in the zone of the user: a day more than asked is compared, and nothing is missed.
    day = since.astimezone(UTC).strftime("%Y-%m-%d")
    asked = {"jql": f'updated >= "{day}" order by updated', "fields": "*navigable", "maxResults": "100"}
    return Call("GET", _SEARCH, params=asked)


def _page(call: Call, answer: Any) -> Page:
    records = [Listed({"webhookEvent": "jira:issue_updated", "issue": issue}) for issue in answer["issues"]]
    token = answer.get("nextPageToken")
    return Page(records, call._replace(params={**call.params, "nextPageToken": str(token)}) if token else None)


JIRA = Maker(
    verify=_verify,
    postings=_postings,
    desk=Desk(
        headers=_headers,
        comment=_comment,
        due=_due,
        ticket=lambda ticket: Call("GET", f"/rest/api/2/issue/{ticket}"),
        listing=Listing(_first, _page),
    ),
)
