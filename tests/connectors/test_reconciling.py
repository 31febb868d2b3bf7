"""Lists of tickets in each maker's form, held beside ours."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from connectors.guarded import GuardedClient
from connectors.installed import Connector
from connectors.makers import MAKERS
from connectors.reconciling import Difference, OtherSide, Theirs, compare, missing_there
from connectors.record_mappings import read_record_mapping
from connectors.record_stories import tell
from domain.errors import BadInput
from tests.conftest import EXAMPLES
from tests.connectors.posts import TICKETS

SINCE = datetime(2026, 3, 16, 12, 30, tzinfo=UTC)
Answers = Callable[[Mapping[str, str], bytes], Any]


def rt(params: Mapping[str, str], body: bytes) -> Any:
    del body
    assert params["query"] == "LastUpdated >= '2026-03-16'"
    customs: list[Any] = [{"name": "Customer", "values": ["Bank Narew S.A."]}, {"name": "Region", "values": []}]
    item: dict[str, Any] = {
        "id": params["page"],
        "Status": "stalled",
        "Priority": "90",
        "Queue": {"Name": "General"},
        "Owner": {"Name": "Nobody"},
    }
    item |= {"Created": "2026-03-17T10:00:00Z", "LastUpdated": "2026-03-17T10:20:00Z", "CustomFields": customs}
    return {"items": [item], "page": int(params["page"]), "pages": 2}


def bottlecrm(params: Mapping[str, str], body: bytes) -> Any:
    del body
    case = TICKETS["bottlecrm"].record("1", "10:20", "Pending")["data"]
    account = {"id": case["account_id"], "name": "Bank Narew S.A."}
    return {"cases_count": 150, "cases": [case | {"id": f"c{params['offset']}", "account": account}]}


def zendesk(params: Mapping[str, str], body: bytes) -> Any:
    del body
    number = 1 if params.get("start_time") == str(int(SINCE.timestamp())) else int(params["cursor"])
    ticket = {"id": number, "status": "pending", "priority": "urgent", "organization_id": 4112492}
    ticket |= {"created_at": "2026-03-17T10:00:00Z", "updated_at": "2026-03-17T10:20:00Z"}
    return {"tickets": [ticket], "after_cursor": "2", "end_of_stream": number == 2}


def hubspot(params: Mapping[str, str], body: bytes) -> Any:
    del params
    properties = {"hs_pipeline_stage": "2", "hs_ticket_priority": "URGENT", "createdate": "2026-03-17T10:00:00Z"}
    properties |= {"hs_lastmodifieddate": "2026-03-17T10:20:00Z", "customer": "Bank Narew S.A."}
    second = b'"after"' in body
    paging = {} if second else {"paging": {"next": {"after": "100"}}}
    return {"results": [{"id": "2" if second else "1", "properties": properties}], **paging}


def jira(params: Mapping[str, str], body: bytes) -> Any:
    del body
    issue = TICKETS["jira"].record("1", "10:20", "Waiting for customer")["issue"]
    token = {} if params.get("nextPageToken") else {"nextPageToken": "n"}
    return {"issues": [issue | {"key": "ITSM-2" if not token else "ITSM-1"}], **token}


def servicenow(params: Mapping[str, str], body: bytes) -> Any:
    del body
    offset = int(params["sysparm_offset"])
    assert "sys_updated_on>=2026-03-16 12:30:00" in params["sysparm_query"]
    record = TICKETS["servicenow"].record("1", "10:20", "3")["record"]
    return {"result": [record | {"sys_id": f"s{offset + number}"} for number in range(200 if offset == 0 else 1)]}


def freshdesk(params: Mapping[str, str], body: bytes) -> Any:
    del body
    page = int(params["page"])
    ticket = {"status": 3, "priority": 4, "created_at": "2026-03-17T10:00:00Z", "updated_at": "2026-03-17T10:20:00Z"}
    return [ticket | {"id": 1000 * page + number} for number in range(100 if page == 1 else 1)]


LISTS: Mapping[str, tuple[Answers, int]] = {
    "bottlecrm": (bottlecrm, 2),
    "freshdesk": (freshdesk, 101),
    "hubspot": (hubspot, 2),
    "jira": (jira, 2),
    "request-tracker": (rt, 2),
    "servicenow": (servicenow, 201),
    "zendesk": (zendesk, 2),
}
"""How each maker answers, and how many tickets its pages hold all in all."""


def connector(maker: str) -> Connector:
    return Connector(maker, maker, MAKERS[maker], ["s" * 20], read_record_mapping(EXAMPLES / "connectors" / f"{maker}.yaml"), None)


def other_side(maker: str, answer: Callable[[httpx2.Request], httpx2.Response]) -> OtherSide:
    return OtherSide(connector(maker), GuardedClient("https://desk.example.com", transport=httpx2.MockTransport(answer)))


@pytest.mark.parametrize("maker", sorted(LISTS))
async def test_a_list_is_read_to_its_end_and_by_the_mapping_of_the_webhooks(maker: str) -> None:
    answers, count = LISTS[maker]
    side = other_side(maker, lambda request: httpx2.Response(200, json=answers(dict(request.url.params), request.content)))
    found = [each async for each in side.changed(SINCE)]

    assert len({each.ticket_id for each in found}) == len(found) == count
    assert {each.facts["status"] for each in found} == {TICKETS[maker].waiting if maker != "freshdesk" else "3"}
    assert {each.facts["priority"] for each in found} == {"P1"}
    sent = tell(connector(maker).mapping, found[0].posting, ()).events
    assert [event["type"] for event in sent] == ["ticket.created", "ticket.changed", "ticket.paused"]
    assert [event["time"][:16] for event in sent] == ["2026-03-17T10:00", "2026-03-17T10:20", "2026-03-17T10:20"]


def test_every_maker_that_lists_its_tickets_is_tried_here() -> None:
    assert LISTS.keys() == {name for name, maker in MAKERS.items() if maker.desk is not None and maker.desk.listing is not None}


def theirs(**facts: str) -> Theirs:
    from connectors.incoming import Posting  # noqa: PLC0415

    return Theirs("7", facts, Posting("d", {}))


@pytest.mark.parametrize(
    ("ours", "found"),
    [
        (None, [Difference.MISSING_HERE]),
        ({"status": "Open", "priority": "P1", "customer": "Bank"}, []),
        ({"status": "Done", "priority": "P1", "customer": "Bank"}, [Difference.OTHER_STATUS]),
        ({"status": "Done", "priority": "P3", "customer": "Bank"}, [Difference.OTHER_STATUS, Difference.OTHER_PRIORITY]),
        ({"status": "Open", "priority": "P1"}, [Difference.OTHER_ATTRIBUTE]),
    ],
)
def test_what_differs_is_named(ours: dict[str, str] | None, found: list[Difference]) -> None:
    findings = compare(theirs(status="Open", priority="P1", customer="Bank"), ours)

    assert [each.difference for each in findings] == found
    assert all(each.to_do for each in findings)


async def test_a_ticket_that_is_open_here_and_gone_there_is_missing_there() -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(404 if request.url.path.endswith("/2") else 200, json={})

    found = await missing_there(other_side("jira", answer), ["1", "2", "3"], frozenset({"3"}))

    assert [(each.ticket_id, each.difference) for each in found] == [("2", Difference.MISSING_THERE)]


@pytest.mark.parametrize(
    ("status", "body", "named"), [(200, "[]", "no list of tickets"), (200, "<html>", "no JSON"), (403, "", "token"), (500, "", "500")]
)
async def test_a_system_that_does_not_answer_as_published_is_a_clear_error(status: int, body: str, named: str) -> None:
    side = other_side("jira", lambda _: httpx2.Response(status, text=body))

    with pytest.raises(BadInput, match=named):
        _ = [each async for each in side.changed(SINCE)]


@pytest.mark.parametrize("maker", ["tryton", "salesforce"])
def test_a_maker_without_a_list_says_so(maker: str) -> None:
    with pytest.raises(BadInput, match=r"no list|no tickets"):
        other_side(maker, lambda _: httpx2.Response(200))
