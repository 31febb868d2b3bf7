"""What customers and suppliers see: their own business, and nothing of what the provider keeps to itself."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from temporalio.testing import WorkflowEnvironment

from domain.documents import content_of
from store.database import Database
from tests.api.people import Office, working
from tests.api.test_cases import DEEDS, upto
from tests.conftest import movable_engine
from tests.databases import set_up
from tests.domain.drafts import support


@pytest.fixture(scope="module")
async def engine() -> AsyncIterator[WorkflowEnvironment]:
    """An engine for these tests: registry numbers begin at 0001 in it."""
    async with movable_engine() as environment:
        yield environment


@pytest.fixture
async def people(tmp_path: Path, engine: WorkflowEnvironment) -> AsyncIterator[Office]:
    """Everybody at their desks, with workers."""
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'servanda.db'}")
    await set_up(database)
    async with working(engine.client, database) as made:
        yield made
    await database.close()


async def priced(people: Office) -> str:
    """A case with prices nobody has approved."""
    case_id = await upto(people, "PRICING")
    prices = next(deed for deed in DEEDS if deed.action == "set_prices")
    assert (await people.does("L1", case_id, "set_prices", **prices.fields)).status_code == 200
    return case_id


async def sides(people: Office, person: str) -> set[str]:
    listed = (await people.get(person, "/cases")).json()["cases"]
    return {task["role"] for case in listed for task in case["waiting_for"]}


async def test_a_customers_list_names_no_task_of_the_provider(people: Office) -> None:
    case_id = await priced(people)
    inside = await sides(people, "M1")
    outside = await sides(people, "B1")
    found = (await people.get("B1", "/cases", pending_role="PRICING_APPROVER")).json()["cases"]

    assert inside == {"PRICING_APPROVER"}
    assert outside == set()
    assert found == [], "nor can it be found out by asking for a role"
    assert (await people.get("B1", "/cases")).json()["cases"][0]["case_id"] == case_id


async def test_a_price_nobody_approved_stays_inside_when_the_case_is_withdrawn(people: Office) -> None:
    case_id = await priced(people)
    withdrawn = await people.does("C1", case_id, "withdraw", reason="the customer thought better of it")
    await people.until(case_id, "CANCELLED")

    assert withdrawn.status_code == 200, withdrawn.text
    assert (await people.get("B1", f"/cases/{case_id}/offer")).status_code == 404
    assert "proposal" not in (await people.case(case_id, "B1"))["hashes"]
    assert (await people.get("M1", f"/cases/{case_id}/offer")).status_code == 200


async def test_a_price_that_was_offered_can_be_seen_after_the_customer_refused_it(people: Office) -> None:
    case_id = await upto(people, "NEGOTIATION")
    refused = await people.does("B1", case_id, "refuse_offer", reason="too dear for what it promises")
    await people.until(case_id, "CANCELLED")

    assert refused.status_code == 200, refused.text
    assert (await people.get("B1", f"/cases/{case_id}/offer")).status_code == 200


async def test_a_draft_that_is_linked_anew_is_not_shown_before_it_is_compiled(people: Office) -> None:
    case_id = await upto(people, "FINAL_REVIEW")
    frozen = (await people.case(case_id))["hashes"]["frozen"]
    back = await people.does(
        "S1", case_id, "reject_draft", document_hash=frozen, reason_code="SUPPORT", reason="the supplier left us this morning"
    )
    assert back.status_code == 200, back.text
    link = next(deed for deed in DEEDS if deed.action == "link_supports")
    supports = people.supports[case_id]
    names = list(link.fields["supports"])
    draft: dict[str, Any] = {"documents": [dict(each) for each in link.fields["draft"]["documents"]]}
    for document in draft["documents"]:
        document["links"] = [each | {"support": supports[each["support"]]} for each in document.get("links", ())]
    draft["documents"][0]["title"] = "Not for the customer yet"
    linked = await people.does("S1", case_id, "link_supports", draft=draft, supports=[supports[name] for name in names])
    assert linked.status_code == 200, linked.text

    assert "Not for the customer yet" in (await people.get("S1", f"/cases/{case_id}")).text
    assert "Not for the customer yet" not in (await people.get("B1", f"/cases/{case_id}")).text
    hashes = (await people.get("B1", f"/cases/{case_id}/documents")).json()
    assert [each["kind"] for each in hashes if each["kind"] == "draft"] == ["draft"], "the one it was sent"


async def test_a_supplier_sees_the_contract_and_nothing_of_how_the_provider_works(people: Office) -> None:
    document = support("techteren")
    opened = await people.send("S1", "/support-cases", partner=document.provider.name)
    case_id = opened.json()["case_id"]
    await people.until(case_id, "DRAFTED")
    before = await people.get(document.provider.representative, f"/cases/{case_id}")
    await people.does("S1", case_id, "propose_support", document=content_of(document))
    seen = await people.case(case_id, document.provider.representative)

    assert before.status_code == 200
    assert set(seen["case"]) <= {"partner", "document", "version", "refusals", "signatures"}
    assert {task["role"] for task in seen["tasks"]} == {"SUPPLIER_REP"}
    assert seen["process"] is None
    assert {task["role"] for task in (await people.get(document.provider.representative, "/cases")).json()["cases"][0]["waiting_for"]} == {
        "SUPPLIER_REP"
    }


@pytest.mark.parametrize("name", ["OLA/2026/0001", "UC/2026/0099"])
async def test_a_customer_cannot_find_out_which_supports_there_are(people: Office, name: str) -> None:
    await people.support("desk")
    case_id = await upto(people, "UNDERPINNING")
    answer = await people.does("B1", case_id, "support_ready", supports=[name])

    assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")
