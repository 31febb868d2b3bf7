"""BottleCRM: signed webhooks, one event each; comments on tickets and deals over REST.

Source: its module `webhooks` (release 1.35): `X-BottleCRM-Signature` is `t=SECONDS,v1=HEX` over `SECONDS.` and the body, whose `id`
names the event and is the same in every repetition.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from connectors.incoming import Maker, one_record
from connectors.outgoing import Call, Desk, Listed, Listing, Page, bearer
from connectors.proofs import Stamped

_PAGE = 100


def _first(since: datetime) -> Call:
    del since  # the list cannot be narrowed to what changed: all of it is read
    return Call("GET", "/api/cases/", params={"limit": str(_PAGE), "offset": "0"})


def _page(call: Call, answer: Any) -> Page:
    found = answer["cases"]
    records = [Listed({"event": "ticket.updated", "data": _as_posted(case)}) for case in found]
    offset = int(call.params["offset"]) + _PAGE
    more = offset < int(answer["cases_count"]) and bool(found)
    return Page(records, call._replace(params={**call.params, "offset": str(offset)}) if more else None)


def _as_posted(case: Mapping[str, Any]) -> Mapping[str, Any]:
    account = case.get("account")
    return {**case, "account_id": account.get("id") if isinstance(account, Mapping) else account}


BOTTLECRM = Maker(
    verify=Stamped("x-bottlecrm-signature"),
    postings=one_record,
    desk=Desk(
        headers=bearer,
        comment=lambda ticket, text: Call("POST", f"/api/cases/{ticket}/", {"comment": text, "is_internal": True}),
        deal_comment=lambda deal, text: Call("POST", f"/api/opportunities/{deal}/", {"comment": text}),
        ticket=lambda ticket: Call("GET", f"/api/cases/{ticket}/"),
        listing=Listing(_first, _page),
    ),
)
