"""Whose tickets and letters are whose, on both databases: what is not theirs does not exist for them."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from domain.effects import Notice
from domain.letters import Letter
from store.database import Database
from store.mailbox import Mailbox
from store.registry import AgreementRegistry
from tests.api.bank_april import SUPPORTS
from tests.api.browsers import Browser
from tests.api.people import Office, office
from tests.conftest import event
from tests.domain.drafts import support
from tests.store.test_registry import registration

HELD, OWN, OTHER = "crm/HELD", "crm/OWN", "crm/OTHER"
"""A ticket the supplier had for an hour; one it never had; one of another customer."""


@pytest.fixture
async def bank(database: Database) -> AsyncIterator[Office]:
    registry = AgreementRegistry(database)
    for name in SUPPORTS:
        await registry.register(registration(f"case-{name}", support(name)))
    await registry.register(registration())
    async with office(database, None, now="2026-05-04T12:00+02:00") as made:
        about = {"customer": "Bank Narew S.A.", "service": "MPS"}
        await made.api.post(
            event("created", "2026-05-04T08:00:00+02:00", "HELD", **about, site="sejny"),
            event("changed", "2026-05-04T08:10:00+02:00", "HELD", held_by="TechTeren"),
            event("changed", "2026-05-04T09:10:00+02:00", "HELD", held_by="Service desk"),
            event("created", "2026-05-04T11:00:00+02:00", "OWN", **about, site="warsaw"),
            event("created", "2026-05-04T08:00:00+02:00", "OTHER", customer="Bank Wkra S.A.", service="MPS"),
            batch=True,
        )
        yield made


async def listed(bank: Office, person: str, **wanted: Any) -> dict[str, list[str]]:
    answer = await bank.get(person, "/tickets", **wanted)
    return {ticket["ticket"]: sorted({clock["agreement"][:3] for clock in ticket["clocks"]}) for ticket in answer.json()["tickets"]}


@pytest.mark.parametrize("order", ["newest", "due"])
async def test_each_sees_in_lists_their_tickets_with_their_clocks(bank: Office, order: str) -> None:
    shown = {person: await listed(bank, person, order=order) for person in ("L1", "B1", "K1", "U1")}

    assert shown["L1"].keys() == ({HELD, OWN, OTHER} if order == "newest" else {HELD, OWN})
    assert shown["L1"][HELD] == ["OLA", "SLA", "UC-"]
    assert shown["B1"] == {HELD: ["SLA"], OWN: ["SLA"]}
    assert shown["K1"].keys() == ({OTHER} if order == "newest" else set())
    assert shown["U1"] == ({HELD: ["UC-"]} if order == "newest" else {}), "its clock runs no more"


async def test_asking_for_another_customers_tickets_finds_ones_own(bank: Office) -> None:
    assert (await listed(bank, "K1", customer="Bank Narew S.A.")).keys() == {OTHER}
    assert (await bank.get("B1", "/tickets", alert="UNCOVERED_TICKET")).status_code == 403


@pytest.mark.parametrize("name", [HELD, "HELD"])
async def test_a_ticket_is_found_by_those_whose_it_is_however_it_is_named(bank: Office, name: str) -> None:
    codes = {person: (await bank.get(person, f"/tickets/{name}")).status_code for person in (None, "K1", "U1", "B1", "L1")}

    assert codes == {None: 401, "K1": 404, "U1": 200, "B1": 200, "L1": 200}
    assert (await bank.get("U1", "/tickets/crm/OWN")).status_code == 404


async def test_nobody_learns_that_another_has_a_ticket_of_the_same_number(bank: Office) -> None:
    await bank.api.post(
        event("created", "2026-05-04T08:30:00+02:00", "HELD", customer="Bank Wkra S.A.", service="MPS") | {"source": "desk"}
    )

    assert (await bank.get("K1", "/tickets/HELD")).json()["ticket"] == "desk/HELD"
    assert (await bank.get("B1", "/tickets/HELD")).json()["ticket"] == HELD
    assert (await bank.get("L1", "/tickets/HELD")).status_code == 422


async def test_outsiders_see_nothing_of_how_the_provider_works(bank: Office) -> None:
    inside, customer, supplier = [(await bank.get(person, f"/tickets/{HELD}")).json() for person in ("L1", "B1", "U1")]

    assert {clock["agreement_kind"] for clock in inside["clocks"]} == {"CUSTOMER_SLA", "OLA", "UC"}
    assert {clock["agreement_kind"] for clock in customer["clocks"]} == {"CUSTOMER_SLA"}
    assert {clock["agreement_kind"] for clock in supplier["clocks"]} == {"UC"}
    assert any(clock["parts"] for clock in inside["clocks"])
    for seen in (customer, supplier):
        assert not any(clock["parts"] for clock in seen["clocks"])
        assert "TechTeren" not in str(seen["events"])
        assert "held_by" not in seen["attributes"]
        assert (seen["process"], seen["alert"]) == (None, None)


async def test_a_page_shows_the_supplier_what_the_api_does(bank: Office) -> None:
    browser = Browser(bank)
    page = await browser.sign_in("U1", f"/pages/tickets/{HELD}")
    none = await browser.open("/pages/tickets/crm/OWN")

    assert (page.status, none.status) == (200, 404)


def letter(key: str, receiver: str) -> Letter:
    notice = Notice(key=key, case_id="case-1", recipients=("CUSTOMER_REP",), subject="s", body="b")
    return Letter(notice, receiver, receiver, "en", "s", "b", "b")


async def test_each_reads_the_letters_to_them_and_administrators_all(bank: Office, database: Database) -> None:
    mailbox = Mailbox(database, lambda: datetime.now(UTC))
    for receiver in ("B1", "K1", "M1"):
        await mailbox.carry(letter("n-1", receiver))

    async def read(person: str | None, **wanted: str) -> Any:
        answer = await bank.get(person, "/mailbox", **wanted)
        return [each["message_id"] for each in answer.json()["messages"]] if answer.is_success else answer.status_code

    assert await read("B1") == ["n-1@B1"]
    assert await read("B1", ticket="case-1") == ["n-1@B1"]
    assert await read("L1") == []
    assert await read("X1") == ["n-1@M1", "n-1@K1", "n-1@B1"]
    assert await read("X1", receiver="K1") == ["n-1@K1"]
    assert await read("B1", receiver="K1") == 403
    assert await read(None) == 401
