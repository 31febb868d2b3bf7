"""What makers post reaches the tickets' clocks, on both databases."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml
from sqlalchemy import select

from connectors.documents import read_agreement
from connectors.record_mappings import read_record_mapping
from store.agreements import AgreementStore
from store.case_tables import CaseRow
from store.database import Database
from store.directory import Directory
from tests.conftest import EXAMPLES, Api, serve, settings_for
from tests.connectors.posts import PUBLIC, SECRET, SIGN, TICKETS, outbound_message, post
from tests.domain.drafts import catalogue


@pytest.fixture
async def api(database: Database, tmp_path: Path) -> AsyncIterator[Api]:
    """The API at Tue 17 Mar 2026 12:00 in Warsaw, with one connector of each maker, named as its maker."""
    entries = [
        {"name": maker, "maker": maker, "secrets": [SECRET], "mapping": str(EXAMPLES / "connectors" / f"{maker}.yaml")} for maker in SIGN
    ]
    path = tmp_path / "connectors.yaml"
    path.write_text(yaml.safe_dump({"connectors": entries}), encoding="utf-8")
    for name in ("printers-warsaw", "printers-podlasie"):
        await AgreementStore(database).add(read_agreement(EXAMPLES / "agreements" / f"{name}.yaml"), datetime.now(UTC))
    await Directory(database).load(catalogue(), "test", datetime.now(UTC))
    async with serve(settings_for(database.url, now="2026-03-17T12:00+01:00", connectors_file=path, public_url=PUBLIC)) as made:
        yield made


async def send(api: Api, maker: str, record: Any, secret: str = SECRET) -> httpx2.Response:
    """A maker posts a record now."""
    sent = post(maker, record, datetime.now(UTC), secret)
    return await api.http.post(f"/connectors/{maker}/events", content=sent.body, headers=dict(sent.headers), params=dict(sent.query))


async def clock_of(api: Api, source: str, ticket_id: str) -> dict[str, Any]:
    answer = await api.http.get(f"/tickets/{source}/{ticket_id}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["clocks"][0])


def source_of(maker: str) -> str:
    return read_record_mapping(EXAMPLES / "connectors" / f"{maker}.yaml").source


@pytest.mark.parametrize("maker", sorted(TICKETS))
async def test_a_ticket_is_counted_paused_and_answered_by_what_its_maker_posts(api: Api, maker: str) -> None:
    sample, source = TICKETS[maker], source_of(maker)
    for record in (*sample.first(), sample.record("3", "10:05", sample.open), sample.record("4", "10:20", sample.waiting)):
        answer = await send(api, maker, record)
        assert answer.is_success, answer.text
    paused = await clock_of(api, source, sample.ticket_id)
    done = sample.record("5", "10:50", sample.done)
    await send(api, maker, done)
    ended, again = await clock_of(api, source, sample.ticket_id), await send(api, maker, done)

    assert (paused["state"], paused["reason"], paused["started_at"]) == ("PAUSED", "AWAITING_CUSTOMER", "2026-03-17T10:00:00Z")
    assert (ended["verdict"], ended["completed_at"][:16], ended["spent"]) == ("MET", "2026-03-17T10:50", "20m")
    assert ended == await clock_of(api, source, sample.ticket_id)
    if maker != "salesforce":
        assert again.json()["postings"][0]["outcome"] == "duplicate"


async def test_salesforce_is_answered_in_its_own_form(api: Api) -> None:
    answer = await send(api, "salesforce", TICKETS["salesforce"].record("3", "10:05", "New"))

    assert answer.status_code == 200
    assert "<Ack>true</Ack>" in answer.text
    assert answer.headers["content-type"].startswith("text/xml")


@pytest.mark.parametrize("maker", sorted(SIGN))
async def test_forged_is_answered_401_and_keeps_nothing(api: Api, maker: str) -> None:
    answer = await send(api, maker, TICKETS["jira"].record("3", "10:05", "Open") | {"Id": "1", "type": "Case", "fields": {}}, "w" * 20)

    assert (answer.status_code, answer.json()["code"]) == (401, "BAD_SIGNATURE")
    assert (await api.http.get("/tickets")).json()["tickets"] == []


async def test_a_connector_nobody_named_is_answered_404(api: Api) -> None:
    answer = await api.http.post("/connectors/nobody/events", content=b"{}")

    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


async def test_what_the_mapping_is_not_for_is_ignored_and_says_why(api: Api) -> None:
    answer = await send(api, "jira", {"webhookEvent": "board_created", "timestamp": 1773738300000})

    assert answer.status_code == 202
    assert [(each["outcome"], each["why"]) for each in answer.json()["postings"]] == [
        ("ignored", "the mapping is for no record of this kind")
    ]


async def test_of_several_changes_those_that_can_be_read_are_taken_and_the_others_named(api: Api) -> None:
    first, customer = TICKETS["hubspot"].first()
    broken = first | {"objectId": "no number of a ticket", "eventId": 77}
    answer = await send(api, "hubspot", [first, broken, customer])

    assert (answer.status_code, answer.json()["code"]) == (422, "REFUSED_POSTINGS")
    assert len(answer.json()["faults"]) == 1
    assert "objectId" in answer.json()["faults"][0]["message"]
    assert (await clock_of(api, "hubspot", "1148"))["state"] == "RUNNING"


async def test_records_that_come_at_once_and_in_no_order_make_one_story(api: Api) -> None:
    sample = TICKETS["zendesk"]
    words = [sample.open, sample.waiting, sample.open, sample.waiting, sample.open]
    records = [sample.record(str(number), f"10:{10 * number:02}", word) for number, word in enumerate(words)]
    answers = await asyncio.gather(*(send(api, "zendesk", record) for record in reversed(records)))
    clock = await clock_of(api, "zendesk", sample.ticket_id)

    assert {answer.status_code for answer in answers} == {202}
    assert clock["state"] == "RUNNING"
    assert clock["spent"] == "40m"  # of the hour till noon it waited from 11:10 to 11:20 and from 11:30 to 11:40


def tryton_deal(key: str) -> Any:
    record = {"state": "opportunity", "id": 8, "party": {"name": "Bank Narew S.A."}, "description": "printers for every branch"}
    return {"id": key, "at": "2026-03-17T10:00:00", "model": "sale.opportunity", "record": record}


def bottlecrm_deal(key: str) -> Any:
    data = {"id": "d-8", "name": "printers for every branch", "stage": "PROPOSAL", "account_id": "0b1f7c1e-4d2a-4f0e-9f5e-2b1d6a5c9e11"}
    data["updated_at"] = "2026-03-17T10:00:00+00:00"
    return {"id": key, "event": "deal.updated", "created_at": "2026-03-17T10:00:01+00:00", "org_id": "o-1", "data": data}


def salesforce_deal(key: str) -> Any:
    fields = {"Id": "0065g00000OppAAA", "Name": "printers for every branch", "StageName": "Negotiation/Review"}
    fields |= {"Customer__c": "Bank Narew S.A.", "LastModifiedDate": "2026-03-17T10:00:00.000Z"}
    return {"Id": key, "type": "Opportunity", "fields": fields}


def hubspot_deal(key: str) -> Any:
    """What the action of a workflow posts: one object, each property with its value and where that comes from."""
    stated = {"dealstage": "decisionmakerboughtin", "customer": "Bank Narew S.A.", "dealname": "printers for every branch"}
    stated["hs_lastmodifieddate"] = "1773741600000"
    properties = {name: {"value": value, "timestamp": 1773741600000, "source": "CRM_UI"} for name, value in stated.items()}
    return {"objectId": 8, "objectType": "DEAL", "portalId": 62515, "properties": properties, "note": key}


def rt_deal(key: str) -> Any:
    ticket = {"id": 8, "status": "open", "queue": "Agreements", "subject": "printers for every branch"}
    ticket["custom_fields"] = {"Customer": "Bank Narew S.A."}
    return {"id": key, "ticket": ticket, "transaction": {"id": 5, "type": "Status", "created": "2026-03-17T10:00:00Z", "by_staff": 1}}


DEALS = {
    "bottlecrm": bottlecrm_deal,
    "hubspot": hubspot_deal,
    "request-tracker": rt_deal,
    "salesforce": salesforce_deal,
    "tryton": tryton_deal,
}


@pytest.mark.parametrize("maker", sorted(DEALS))
async def test_a_deal_asks_for_an_agreement_once_and_the_case_names_it(api: Api, database: Database, maker: str) -> None:
    answers = [await send(api, maker, DEALS[maker](key)) for key in ("t-1", "t-2")]
    async with database.reading() as connection:
        cases = (await connection.execute(select(CaseRow.document))).all()  # type: ignore[call-overload]

    assert all(answer.is_success for answer in answers), answers[0].text
    assert len(cases) == 1
    request = cases[0].document["request"]
    assert request["crm_case"].startswith(f"{source_of(maker)}/")
    assert (request["customer"], request["services"], request["wish"]) == ("Bank Narew S.A.", ["MPS"], "printers for every branch")
    if maker != "salesforce":
        assert [answer.json()["postings"][0]["outcome"] for answer in answers] == ["taken", "duplicate"]


async def test_a_bomb_of_entities_is_refused_before_it_grows(api: Api) -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY b "xxxx"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>'
    answer = await api.http.post("/connectors/salesforce/events", content=bomb, params={"key": SECRET})

    assert (answer.status_code, answer.json()["code"]) == (422, "UNREADABLE_POSTING")
    assert (await api.http.post("/connectors/salesforce/events", content=outbound_message([]), params={"key": SECRET})).status_code == 422
