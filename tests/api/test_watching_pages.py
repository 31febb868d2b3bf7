"""Pages of watching: the audit trail, risks, moves of tickets, measurements, letters and deliveries."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from api.pages.mailbox import Piece, pieces
from domain.audit import AuditEvent
from domain.effects import Notice
from domain.letters import Letter
from domain.ports import Attempt, DeliveryState
from store.audit import AuditTrail
from store.database import Database
from store.deliveries import Deliveries
from store.mailbox import Mailbox
from store.registry import AgreementRegistry
from tests.api.browsers import Browser, Page
from tests.api.people import Office, office
from tests.api.test_measurements import HOSTING
from tests.api.test_replans import NOW, open_tickets, prepare
from tests.conftest import fresh
from tests.domain.drafts import bank_draft, changed
from tests.store.test_registry import registration

AT = datetime(2026, 3, 17, 9, 30, tzinfo=UTC)
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
async def people(tmp_path: Path) -> AsyncIterator[Office]:
    """Everybody at their desks on Sat 5 Sep 2026, with two open tickets that version 2.0 would move."""
    database = await fresh(tmp_path)
    await prepare(database)
    async with office(database, None, now=NOW) as made:
        await open_tickets(made)
        yield made
    await database.close()


def database_of(people: Office) -> Database:
    database: Database = people.api.app.state.parts.database
    return database


async def browser_of(people: Office, person: str) -> Browser:
    browser = Browser(people)
    await browser.sign_in(person)
    return browser


async def opened(people: Office, person: str, address: str) -> Page:
    return await (await browser_of(people, person)).open(address)


# ---- the audit trail ------------------------------------------------------------------------------------------------


async def write(people: Office, *deeds: tuple[str, str, str, str]) -> None:
    """Events as (trail, action, actor, reason), a minute apart."""
    events = [
        AuditEvent(
            key=f"{subject}:{action}:{number}",
            subject=subject,
            action=action,
            from_state="OPEN",
            to_state="CLOSED",
            actor=actor,
            reason=reason,
            at=AT + timedelta(minutes=number),
        )
        for number, (subject, action, actor, reason) in enumerate(deeds)
    ]
    async with database_of(people).writing() as connection:
        await AuditTrail(database_of(people)).append(connection, events)


async def test_the_trail_is_searched_by_what_who_and_what_was_done(people: Office) -> None:
    await write(people, ("agreement-case:c-1", "sign", "M1", SCRIPT), ("agreement-case:c-2", "comment", "B1", "too late"))
    everything = await opened(people, "X1", "/pages/audit")
    of_b1 = await opened(people, "M1", "/pages/audit?actor=B1")
    signed = await opened(people, "X1", "/pages/audit?action=sign")
    nothing = await opened(people, "X1", "/pages/audit?actor=nobody")

    assert "agreement-case:c-1" in everything.text
    assert SCRIPT not in everything.html
    assert "too late" in of_b1.text
    assert "agreement-case:c-1" not in of_b1.text
    assert "agreement-case:c-2" not in signed.text
    assert "Nie ma takich wpisów." in nothing.text


async def test_the_chain_of_a_trail_is_proven_on_its_page_and_a_change_is_seen(people: Office) -> None:
    await write(people, ("agreement-case:c-1", "sign", "M1", ""), ("agreement-case:c-1", "comment", "B1", ""))
    whole = await opened(people, "X1", "/pages/audit?subject=agreement-case:c-1")
    async with database_of(people).writing() as connection:
        changed = "UPDATE audit_event SET event = replace(event, 'B1', 'C1') WHERE subject = 'agreement-case:c-1' AND number = 2"
        await connection.execute(text(changed))
    broken = await opened(people, "X1", "/pages/audit?subject=agreement-case:c-1")

    assert "jest cały. Liczba wpisów: 2." in whole.text
    assert "/pages/cases/c-1" in whole.all_links
    assert "wpis 2 nie pasuje" in broken.text


async def test_a_long_trail_goes_on_page_by_page(people: Office) -> None:
    await write(people, *(("review:SLA-2026-0001:2026-04", f"deed_{number}", "M1", "") for number in range(60)))
    browser = await browser_of(people, "X1")
    first = await browser.open("/pages/audit?subject=review:SLA-2026-0001:2026-04")
    second = await browser.open(first.links["Pokaż więcej"])

    assert ("deed 59" in first.text, "deed 10 " in first.text, "deed 9 " in first.text) == (True, True, False)
    assert ("deed 9 " in second.text, "deed 0 " in second.text) == (True, True)
    assert "Pokaż więcej" not in second.links


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("/pages/audit", {"X1", "M1"}),
        ("/pages/deliveries", {"X1"}),
        ("/pages/risks", {"X1", "M1", "L1"}),
        ("/pages/duties", {"X1", "M1", "L1"}),
        ("/pages/replans", {"X1", "M1", "L1"}),
        ("/pages/replans/new", {"X1", "M1"}),
        ("/pages/mailbox", {"X1", "M1", "L1", "B1", "K1"}),
    ],
)
async def test_each_page_is_for_those_it_is_for(people: Office, address: str, allowed: set[str]) -> None:
    answers = {person: (await opened(people, person, address)).status for person in ("X1", "M1", "L1", "B1", "K1")}

    assert answers == {person: 200 if person in allowed else 403 for person in answers}


@pytest.mark.parametrize(
    "address", ["/pages/audit?before=x", "/pages/deliveries?state=LOST", "/pages/deliveries?after=x", "/pages/mailbox?before=-1"]
)
async def test_a_wrong_address_is_told_on_a_page(people: Office, address: str) -> None:
    page = await opened(people, "X1", address)

    assert page.status == 422
    assert "<h1>" in page.html


# ---- moves of tickets -----------------------------------------------------------------------------------------------


async def test_a_move_is_looked_at_first_and_then_confirmed(people: Office) -> None:
    browser = await browser_of(people, "M1")
    form = (await browser.open("/pages/replans/new?agreement=SLA-2026-0001")).form("/replans/new")
    dry = await browser.send(form, to_version="2.0", reason="the bank opens its branches on Saturdays")
    late = await browser.open(f"{dry.answer.url.path}?only=late")
    moving = await browser.send(dry.form("/confirm"))
    listed = await browser.open("/pages/replans")

    assert ("Przeniosłoby się 2" in dry.text, "od razu po terminie ✗ 1" in dry.text) == (True, True)
    assert ("crm/P-1" in dry.text, "crm/P-1" in late.text, "crm/P-2" in late.text) == (True, False, True)
    assert "Przeniesiono 0 z 2" in moving.text
    assert ("przenoszenie trwa" in listed.text, "policzone" in listed.text) == (True, True)


async def test_what_is_wrong_with_a_move_is_told_in_its_form(people: Office) -> None:
    browser = await browser_of(people, "M1")
    form = (await browser.open("/pages/replans/new")).form("/replans/new")
    wrong = await browser.send(form, agreement="SLA-2026-0001", to_version="two", reason="because of a reason")
    unknown = await browser.send(form, agreement="SLA-2026-0001", to_version="9.0", reason="because of a reason")

    assert (wrong.status, wrong.form("/replans/new").fields["to_version"]) == (422, ["two"])
    assert (unknown.status, "has no version 9.0" in unknown.text) == (404, True)


async def test_a_re_plan_that_is_not_there_has_no_page(people: Office) -> None:
    assert (await opened(people, "M1", "/pages/replans/replan-none")).status == 404


# ---- risks ----------------------------------------------------------------------------------------------------------


async def test_the_risk_list_says_its_signs_in_both_languages(tmp_path: Path) -> None:
    database = await fresh(tmp_path)
    await AgreementRegistry(database).register(registration())
    async with office(database, None, now="2028-12-01T09:00+01:00") as people:
        polish = await opened(people, "M1", "/pages/risks")
        browser = await browser_of(people, "M1")
        await browser.http.post("/language", data={"language": "en", "next": "/pages"})
        english = await browser.open("/pages/risks")
    await database.close()

    assert "SLA/2026/0001" in polish.text
    assert "niskie" in polish.text
    assert "low" in english.text


# ---- measurements ---------------------------------------------------------------------------------------------------


@pytest.fixture
async def hosting(tmp_path: Path) -> AsyncIterator[Office]:
    """An availability agreement of the bank, looked at on 3 August 2026."""
    database = await fresh(tmp_path)
    await AgreementRegistry(database).register(registration("case-1", changed(bank_draft().named("warsaw"), **HOSTING)))
    async with office(database, None, now="2026-08-03T09:00+02:00") as made:
        yield made
    await database.close()


async def test_a_measurement_is_entered_by_hand_once_and_counts(hosting: Office) -> None:
    browser = await browser_of(hosting, "L1")
    form = (await browser.open("/pages/agreements/SLA-2026-0001/measurements")).form("/measurements")
    told = {"kind": "DOWN", "start": "2026-07-09T10:00", "end": "2026-07-09T10:52", "note": SCRIPT}
    for _ in range(2):
        page = await browser.send(form, **told)
    figures = (await hosting.get("B1", "/registry/SLA-2026-0001/results", period="2026-07")).json()["targets"][0]

    assert page.text.count("wpisane ręcznie") == 1
    assert SCRIPT not in page.html
    assert figures["verdict"] == "MISSED"


async def test_a_wrong_measurement_is_told_in_its_form_and_customers_enter_none(hosting: Office) -> None:
    address = "/pages/agreements/SLA-2026-0001/measurements"
    browser = await browser_of(hosting, "L1")
    form = (await browser.open(address)).form("/measurements")
    turned = await browser.send(form, kind="DOWN", start="2026-07-09T10:52", end="2026-07-09T10:00", note="seen by the shift")

    assert turned.status == 422
    assert turned.form("/measurements").fields["note"] == ["seen by the shift"]
    assert (await opened(hosting, "B1", address)).status == 403


async def test_the_final_report_is_there_after_the_end_and_not_before(hosting: Office) -> None:
    address = "/pages/agreements/SLA-2026-0001/final-report"

    assert (await opened(hosting, "B1", address)).status == 409
    assert (await opened(hosting, "K1", address)).status == 404
    async with office(database_of(hosting), None, now="2031-08-03T09:00+02:00") as later:
        page = await opened(later, "B1", address)
    assert page.status == 200
    assert "Wersja 1.0" in page.text


# ---- letters and deliveries -----------------------------------------------------------------------------------------


def letter(receiver: str, body: str) -> Letter:
    notice = Notice(
        key=f"n:{receiver}", case_id="case-1", recipients=(receiver,), subject="We cannot offer this", body=body, phrase="cannot_offer"
    )
    return Letter(notice, receiver, receiver, "en", "We cannot offer this", body, body)


async def test_people_see_their_own_letters_with_links_of_ours_only(people: Office) -> None:
    base = people.api.app.state.parts.settings.links_to
    mailbox = Mailbox(database_of(people), lambda: AT)
    await mailbox.carry(letter("L1", f"Look at {base}/pages/cases/c-1?a=1. Not at http://evil.test/x {SCRIPT}"))
    await mailbox.carry(letter("B1", "only for the bank"))
    mine, theirs = await opened(people, "L1", "/pages/mailbox"), await opened(people, "X1", "/pages/mailbox")

    assert "/pages/cases/c-1?a=1" in mine.all_links
    assert not [link for link in mine.all_links if "evil" in link]
    assert SCRIPT not in mine.html
    assert "only for the bank" not in mine.text + theirs.text


def test_a_letter_is_cut_at_addresses_of_ours() -> None:
    found = list(pieces("See http://a.test/x, or http://a.testing/y.", "http://a.test"))

    assert found == [Piece("See ", None), Piece("http://a.test/x", "/x"), Piece(", or http://a.testing/y.", None)]


async def test_a_dead_letter_is_listed_and_sent_again_by_an_administrator(people: Office) -> None:
    notice = letter("L1", "b").notice
    await Deliveries(database_of(people)).note(Attempt(notice, "smtp", DeliveryState.REFUSED, AT, f"550 {SCRIPT}", receiver="L1"))
    browser = await browser_of(people, "X1")
    page = await browser.open("/pages/deliveries?state=REFUSED")
    away = await browser.send(page.form("/resend"))
    waiting = await browser.open("/pages/deliveries?state=WAITING")

    assert "We cannot offer this" in page.text
    assert SCRIPT not in page.html
    assert away.status == 409, "nobody is there to send it"
    assert "We cannot offer this" in waiting.text
