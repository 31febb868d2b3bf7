"""ServiceNow: a business rule posts each change, signed; work notes and fields over the Table API.

Source: ServiceNow's pages on business rules, `RESTMessageV2`, `GlideCertificateEncryption.generateMac` (which writes base64) and the Table
API. It has no webhooks of its own, so the form is ours: `{id, record}` with `X-ServiceNow-Signature: t=SECONDS,v1=BASE64`.
A ticket is named by its `sys_id`, which the Table API needs.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from connectors.incoming import Maker, one_record
from connectors.outgoing import Access, Call, Desk, Listed, Listing, Page, bearer
from connectors.proofs import Stamped, in_base64

_TABLE = "/api/now/table/incident"
_PAGE = 200


def _headers(access: Access) -> Mapping[str, str]:
    """A token of OAuth 2.0, or a user with a password."""
    if access.user is None:
        return bearer(access)
    return {"authorization": f"Basic {in_base64(f'{access.user}:{access.token}'.encode())}"}


def _stated(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def _first(since: datetime) -> Call:
    changed = f"sys_updated_on>={_stated(since)}^ORDERBYsys_updated_on"
    return Call("GET", _TABLE, params={"sysparm_query": changed, "sysparm_limit": str(_PAGE), "sysparm_offset": "0"})


def _page(call: Call, answer: Any) -> Page:
    found = answer["result"]
    offset = int(call.params["sysparm_offset"]) + _PAGE
    more = len(found) == _PAGE
    return Page(
        [Listed({"record": each}) for each in found], call._replace(params={**call.params, "sysparm_offset": str(offset)}) if more else None
    )


SERVICENOW = Maker(
    verify=Stamped("x-servicenow-signature", in_base64),
    postings=one_record,
    desk=Desk(
        headers=_headers,
        comment=lambda ticket, text: Call("PATCH", f"{_TABLE}/{ticket}", {"work_notes": text}),
        due=lambda ticket, name, at: Call("PATCH", f"{_TABLE}/{ticket}", {name: _stated(at)}),
        ticket=lambda ticket: Call("GET", f"{_TABLE}/{ticket}"),
        listing=Listing(_first, _page),
    ),
)
