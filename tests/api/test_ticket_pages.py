"""The pages of tickets and the page people begin with: the right things to the right people, in both languages."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import SQLModel

import api.pages.ticket
import api.pages.tickets
from connectors.documents import read_agreement
from store.agreements import AgreementStore
from store.database import Database
from store.registry import AgreementRegistry
from store.replan_tables import ReplanMoveRow, ReplanRow
from store.tables import MilestoneRow
from tests.api.bank_april import told
from tests.api.browsers import Browser, Page
from tests.api.people import Office, office
from tests.conftest import EXAMPLES, event, fresh
from tests.domain.drafts import support
from tests.store.test_registry import registration

TICKET = {"customer": "Bank Narew S.A.", "service": "MPS", "site": "warsaw"}
ERP = {"customer": "Logistyka Wisła S.A.", "service": "ERP", "priority": "1"}


def today(kind: str, time: str, ticket: str, **more: Any) -> dict[str, Any]:
    return event(kind, f"2026-05-04T{time}:00+02:00", ticket, **more)


@pytest.fixture
async def bank(tmp_path: Path) -> AsyncIterator[Office]:
    """Monday 4 May, 15:10: one breached at noon, two near their limit, one that was paused, one with an evil priority."""
    database = await fresh(tmp_path)
    store, registry = AgreementStore(database), AgreementRegistry(database)
    for name in ("erp", "erp-desk", "erp-servers"):
        await store.add(read_agreement(EXAMPLES / "agreements" / f"{name}.yaml"), datetime.now(UTC))
    await registry.register(registration("case-techteren", support("techteren")))
    await registry.register(registration())
    async with office(database, None, now="2026-05-04T15:10+02:00") as people:
        await people.api.post(
            *told(1, "warsaw", 241),
            today("created", "08:00", "NOON", **TICKET),
            today("created", "11:40", "NEAR", **TICKET),
            event("created", "2026-04-30T15:30:00+02:00", "PAUSED", **TICKET),
            event("paused", "2026-04-30T16:00:00+02:00", "PAUSED", reason="AWAITING_CUSTOMER"),
            today("resumed", "14:00", "PAUSED"),
            today("created", "14:00", "EVIL", **TICKET, priority="<script>alert(1)</script>"),
            today("created", "08:00", "INC", **ERP, held_by="desk"),
            today("changed", "08:50", "INC", held_by="servers"),
            batch=True,
        )
        yield people
    await database.close()


async def signed_in(bank: Office, person: str, language: str = "en") -> Browser:
    browser = Browser(bank)
    browser.http.cookies.set("servanda_language", language)
    await browser.sign_in(person)
    return browser


def names(page: Page) -> list[str]:
    """The tickets a page links to, in its order."""
    return [label.partition("/")[2] for label, address in page.links.items() if address.startswith("/pages/tickets/crm/")]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("", ["NEAR", "INC", "PAUSED", "EVIL"]),
        ("?show=near", ["NEAR", "INC"]),
        ("?show=late", ["NOON", "INC"]),
        ("?show=open&customer=Bank+Narew+S.A.&region=METRO&service=MPS&priority=", ["EVIL", "NEAR", "NOON", "PAUSED"]),
        ("?show=all&priority=nothing", []),
    ],
)
async def test_a_list_shows_what_is_asked_for(bank: Office, asked: str, found: Sequence[str]) -> None:
    page = await (await signed_in(bank, "M1")).open(f"/pages/tickets{asked}")

    assert (page.status, names(page)) == (200, found)


async def test_a_list_says_due_times_in_words_and_goes_on_where_it_ends(bank: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api.pages.tickets, "_A_PAGE", 4)
    english, polish = await signed_in(bank, "M1"), await signed_in(bank, "M1", "pl")
    first = await english.open("/pages/tickets?show=all")
    second = await english.open(first.links["Show more"])

    assert "near breach response: in 29 min" in (await english.open("/pages/tickets")).text
    assert "przekroczony response: 3 h 10 min po terminie" in (await polish.open("/pages/tickets?show=late")).text
    assert [len(names(first)), len(names(second))] == [4, 2]
    assert not set(names(first)) & set(names(second))


async def test_a_ticket_explains_its_due_time_in_both_languages(bank: Office) -> None:
    english = await (await signed_in(bank, "M1")).open("/pages/tickets/crm/PAUSED")
    polish = await (await signed_in(bank, "M1", "pl")).open("/pages/tickets/crm/PAUSED")

    for said in (
        "Why Tue 5 May 2026, 08:30?",
        "Promised within 4 h of business time by SLA-2026-0002 1.0",
        "Fri 1 May 2026",
        "waiting for the customer",
        "Mon 4 May 2026, 14:00 Mon 4 May 2026, 17:00 3 h 3 h 30 min",
        "known only on",
    ):
        assert said in english.text, said
    assert "Dlaczego wt. 5 maj 2026, 08:30?" in polish.text
    assert english.links["SLA-2026-0002"] == "/pages/agreements/SLA-2026-0002"
    assert english.html.count('<svg xmlns="http://www.w3.org/2000/svg"') == english.html.count("<desc")


async def test_what_people_wrote_is_text_on_every_page(bank: Office) -> None:
    browser = await signed_in(bank, "M1")
    for address in ("/pages", "/pages/tickets", "/pages/tickets/crm/EVIL", "/pages/tickets?customer=<script>alert(1)</script>"):
        page = await browser.open(address)
        assert page.status == 200
        assert "<script" not in page.html
    assert "&lt;script&gt;" in page.html


async def test_outsiders_see_their_own_tickets_and_nothing_of_the_inside(bank: Office) -> None:
    customer, other, supplier = [await signed_in(bank, person) for person in ("B1", "K1", "U1")]
    shown = await customer.open("/pages/tickets/crm/NOON")

    assert shown.status == 200
    assert "Pause" not in [label for form in shown.forms for label in form.fields]
    assert "Who had the ticket" not in shown.text
    assert {(await each.open("/pages/tickets/crm/NOON")).status for each in (other, supplier)} == {404}
    assert (await customer.open("/pages/tickets/crm/INC")).status == 404
    assert names(await other.open("/pages/tickets?show=all&customer=Bank+Narew+S.A.")) == []
    assert names(await supplier.open("/pages/tickets?show=all")) == []
    assert set(names(await customer.open("/pages/tickets?show=open"))) == {"EVIL", "NEAR", "NOON", "PAUSED"}


async def test_teams_and_their_clocks_are_shown_inside_alone(bank: Office) -> None:
    await bank.api.post(today("changed", "15:00", "NEAR", held_by="SERVICE_DESK"))
    inside = await (await signed_in(bank, "M1")).open("/pages/tickets/crm/INC")
    outside = await (await signed_in(bank, "B1")).open("/pages/tickets/crm/NEAR")

    assert "Who had the ticket" in inside.text
    assert "erp-desk/desk" in inside.text
    assert "SERVICE_DESK" not in outside.html


async def test_the_providers_people_pause_a_ticket_and_let_it_run_again(bank: Office) -> None:
    browser = await signed_in(bank, "L1")
    page = await browser.open("/pages/tickets/crm/NEAR")
    paused = await browser.send(page.form("/pause"), reason="AWAITING_CUSTOMER")
    again = await browser.send(page.form("/pause"), reason="AWAITING_CUSTOMER")
    refused = await browser.send(page.form("/pause"), reason="no reason")
    resumed = await browser.send(again.form("/resume"))

    assert "response ‖ paused" in paused.text
    assert again.text.count("paused waiting for the customer") == 1, "sent twice it counts once"
    assert refused.status == 422
    assert "△ near breach" in resumed.text


async def test_a_customer_pauses_nothing_and_a_form_needs_its_token(bank: Office) -> None:
    customer, insider = await signed_in(bank, "B1"), await signed_in(bank, "L1")
    token = (await customer.open("/pages/tickets/crm/NEAR")).form("/sign-out").fields["form_token"][0]
    asked = await customer.http.post("/pages/tickets/crm/NEAR/pause", data={"form_token": token, "reason": "AWAITING_CUSTOMER"})
    forged = await insider.http.post("/pages/tickets/crm/NEAR/resume", data={"key": "k"})

    assert (asked.status_code, forged.status_code) == (403, 403)


@pytest.mark.parametrize(
    "address", ["/pages/tickets?show=none", "/pages/tickets?after=x", "/pages/tickets/crm/NOTHING", "/pages?agreement=SLA-2030-0001"]
)
async def test_what_is_not_there_is_a_page_that_says_so(bank: Office, address: str) -> None:
    page = await (await signed_in(bank, "M1")).open(address)

    assert page.status in {404, 422}
    assert 'role="alert"' in page.html


async def test_home_shows_what_needs_attention(bank: Office) -> None:
    await bank.send("M1", "/registry/SLA-2026-0002/periods/2026-04/close")
    browser = await signed_in(bank, "M1")
    home = await browser.open("/pages")
    chosen = await browser.open("/pages?agreement=SLA-2026-0003")

    assert names(home)[:2] == ["NEAR", "INC"]
    assert "NOON response SLA-2026-0002 Mon 4 May 2026, 12:00" in home.text
    assert "2026-04 red" in home.html, "the chart of the agreement most in need"
    assert "How the promises were kept: Managed printing, Warsaw SLA/2026/0002" in home.text
    assert chosen.links["To this agreement"] == "/pages/agreements/SLA-2026-0003"
    assert home.form("/pages#chart").fields == {"agreement": ["SLA-2026-0002"]}, "chosen by its name"


async def test_home_shows_customers_and_suppliers_their_own(bank: Office) -> None:
    customer = await (await signed_in(bank, "B1", "pl")).open("/pages")
    other = await (await signed_in(bank, "K1")).open("/pages")
    supplier = await (await signed_in(bank, "U1")).open("/pages")

    assert set(names(customer)) == {"EVIL", "NEAR", "NOON", "PAUSED"}
    assert "Managed printing, Warsaw" in customer.links
    assert "Nasze umowy" in customer.text
    assert names(other) == []
    assert "Managed printing, Warsaw" not in other.links
    assert (supplier.status, names(supplier)) == (200, [])
    assert any(address.startswith("/pages/agreements/UC-") for address in supplier.links.values())


async def test_a_ticket_is_proposed_to_be_left_out_and_a_refusal_loses_nothing(bank: Office) -> None:
    browser = await signed_in(bank, "L1")
    ticket = await browser.open("/pages/tickets/crm/warsaw-1")
    page = await browser.open(ticket.links["Propose that this ticket is left out"])
    [asked] = [form for form in page.forms if "/pages/exclusions" in form.action]
    short = await browser.send(asked, because="DISPUTE_UPHELD", why="no")
    ended = await browser.send(asked, because="FORCE_MAJEURE", why="the whole street was without power")
    taken = await browser.send(asked, because="DISPUTE_UPHELD", why="the whole street was without power")

    assert (short.status, ended.status) == (422, 422)
    assert "only an upheld dispute takes it out" in ended.text
    assert "the whole street was without power" in ended.html
    assert taken.answer.url.path.startswith("/pages/cases/exclusion")


async def test_who_may_propose_it_and_of_which_ticket(bank: Office) -> None:
    address = "/pages/exclusions/new?ticket=crm/warsaw-1"

    assert {person: (await (await signed_in(bank, person)).open(address)).status for person in ("B1", "K1", "S1")} == {
        "B1": 200,
        "K1": 404,
        "S1": 403,
    }


async def add(bank: Office, table: type[SQLModel], **values: Any) -> None:
    database: Database = bank.api.app.state.parts.database
    async with database.writing() as connection:
        await connection.execute(database.insert(table), values)


async def test_a_ticket_tells_who_was_told_and_customers_read_no_names_of_roles_inside(bank: Office) -> None:
    at = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)
    told = {"subject": "crm/NOON", "at": at, "detected_at": at + timedelta(minutes=5), "telling": "TOLD"}
    await add(bank, MilestoneRow, key="k", clock="response", kind="BREACH", level=0, recipients=["SLM_MANAGER"], digest=None, **told)
    inside = await (await signed_in(bank, "M1")).open("/pages/tickets/crm/NOON")
    outside = await (await signed_in(bank, "B1")).open("/pages/tickets/crm/NOON")

    said = "Mon 4 May 2026, 12:00 breach · response Mon 4 May 2026, 12:05 told"
    assert f"{said}: Service level manager" in inside.text
    assert said in outside.text
    assert "Service level manager" not in outside.text


async def test_a_ticket_tells_its_moves_between_versions_with_old_and_new_due_times(bank: Office) -> None:
    at = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
    asked = {
        "agreement": "SLA-2026-0002",
        "to_version": "1.1",
        "terms": "0" * 64,
        "reason": "a new <calendar>",
        "rate": 50.0,
        "versions": 1,
    }
    await add(bank, ReplanRow, replan="r1", state="DONE", by="M1", asked_at=at, after="", **asked)
    moved = {"clock": "response", "old_due_at": "2026-05-04T15:40:00Z", "new_due_at": "2026-05-04T11:00:00Z", "breaches": True}
    rows = {"subject": "crm/NEAR", "source": "crm", "event_id": "servanda:r1:NEAR", "left": "1.0", "clocks": [moved]}
    await add(bank, ReplanMoveRow, replan="r1", at=at, changes=True, breaches=True, state="MOVED", **rows)
    page = await (await signed_in(bank, "B1")).open("/pages/tickets/crm/NEAR")

    assert "1.0 → 1.1" in page.text
    assert "response: Mon 4 May 2026, 17:40 → Mon 4 May 2026, 13:00" in page.text
    assert "a new &lt;calendar&gt;" in page.html


async def test_a_change_of_priority_is_told_as_another_rule_from_the_original_start(bank: Office) -> None:
    await bank.api.post(today("changed", "13:00", "INC", priority="3"))
    page = await (await signed_in(bank, "X1")).open("/pages/tickets/crm/INC")

    assert "The ticket was changed on Mon 4 May 2026, 13:00" in page.text
    assert "within 16 h of business time" in page.text
    assert page.links["Show the process in the Temporal UI"].endswith("/workflows/ticket:crm:INC")


async def test_of_a_ticket_with_very_many_events_the_last_are_listed(bank: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api.pages.ticket, "_EVENTS", 1)
    page = await (await signed_in(bank, "M1")).open("/pages/tickets/crm/PAUSED")

    assert "2 earlier events are not listed" in page.text
    assert "resumed" in page.text
    assert "Site: warsaw" not in page.text
