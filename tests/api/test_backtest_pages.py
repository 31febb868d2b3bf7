"""Backtests on pages, by people whose browsers run no script: asked, followed, read, and beside what is decided."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from api.clock import BusinessClock
from domain.agreement_case import AgreementCase
from domain.case_telling import record_of
from domain.cases import Case
from domain.pricing import PriceProposal
from store.cases import CaseStore
from store.database import Database
from store.measuring import Measuring
from tests.api.bank_april import bank_april
from tests.api.browsers import Browser, Page
from tests.api.people import Office, office
from tests.api.test_replans import NOW as SATURDAY
from tests.api.test_replans import dry_run, open_tickets, prepare
from tests.conftest import fresh, settings_for
from tests.domain.case_stories import CaseStory
from tests.domain.follow_up_stories import review
from tests.domain.test_backtest_of_cases import OPTION

NOW = "2026-05-04T09:00+02:00"


class Bank(Office):
    """The office with April's tickets, and its database."""

    database: Database

    async def signed_in(self, person: str) -> Browser:
        browser = Browser(self)
        await browser.sign_in(person)
        return browser

    async def measured(self, page: Page) -> list[int]:
        """Do what the worker does."""
        now = BusinessClock(settings_for(self.database.url, now=NOW).time_shift)
        return [done async for done in Measuring(self.database, now).measure(page.answer.url.path.rpartition("/")[2])]

    async def keep(self, case: Case) -> Case:
        async with self.database.writing() as connection:
            await CaseStore(self.database).open(connection, record_of(case), "test", case.case_id)
        return case


@pytest.fixture(scope="module")
async def bank(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bank]:
    database = await fresh(tmp_path_factory.mktemp("pages"))
    async with bank_april(database, NOW) as people:
        made = Bank(people.api, people.tokens)
        made.database = database
        yield made
    await database.close()


def priced(**option: Any) -> AgreementCase:
    """The bank's case while it is priced."""
    offer = PriceProposal.model_validate({"options": [{**OPTION, **option}], "offered": ["warsaw-gold"]})
    return CaseStory().play("bank-agreement", until="PRICING").case.but(proposal=offer, case_id=f"case-{len(option)}")


async def test_what_is_written_into_the_form_is_measured_and_read(bank: Bank) -> None:
    piotr = await bank.signed_in("P1")
    form = (await piotr.open("/pages/backtests/new")).form("/backtests/new")
    typed = form.fields["proposals"][0]
    page = await piotr.send(form, proposals=typed, since="2026-04-01", until="2026-05-01")
    assert "Czeka na wolnego pracownika systemu." in page.text
    assert page.answer.headers["refresh"] == "3"

    assert (await bank.measured(page))[-1] == 46

    done = await piotr.open(page.answer.url.path)
    assert "refresh" not in done.answer.headers
    assert "zmierzono" in done.text
    assert "„gold”: niedotrzymane okresy: 1 z 1 ocenionych." in done.text
    assert "<svg" in done.html
    assert "<script" not in done.html
    printed = await piotr.open(f"{page.answer.url.path}/report")
    assert (printed.status, "Testy wsteczne" not in printed.text) == (200, True), "a page that needs nothing else"
    assert "gold" in (await piotr.open("/pages/backtests")).text


async def test_a_form_with_a_fault_keeps_what_was_typed(bank: Bank) -> None:
    piotr = await bank.signed_in("P1")
    form = (await piotr.open("/pages/backtests/new")).form("/backtests/new")
    typed = form.fields["proposals"][0]

    wrong = await piotr.send(form, proposals=typed.replace("calendar: 24x7", "calendar: none"), since="2026-04-01")
    worse = await piotr.send(form, proposals="- proposal: <b>x</b>\n", since="2026-04-01")

    assert (wrong.status, worse.status) == (422, 422)
    assert "cannot be measured" in wrong.text
    assert "calendar: none" in wrong.form("/backtests/new").fields["proposals"][0]
    assert "<b>x</b>" not in worse.html


async def test_a_case_that_is_priced_shows_what_its_options_would_have_come_to(bank: Bank) -> None:
    case = await bank.keep(priced())
    piotr = await bank.signed_in("P1")
    page = await piotr.open(f"/pages/cases/{case.case_id}")
    assert "Gdyby to obowiązywało" in page.text
    assert "Jeszcze tego nie zmierzono." in page.text

    asked = await piotr.send(page.form("/backtests/start"))
    assert "Rabaty według tabeli umowy „Managed printing, Warsaw”." in asked.text
    await bank.measured(asked)

    shown = await piotr.open(f"/pages/cases/{case.case_id}")
    assert "„warsaw-gold”: niedotrzymane okresy: 1 z 1 ocenionych." in shown.text
    assert "570,00" in shown.text, "five per cent of 120 x 95 for April"
    assert "<svg" in shown.html


async def test_an_option_without_a_limit_is_refused_with_the_reason(bank: Bank) -> None:
    case = await bank.keep(priced(limit=None))
    piotr = await bank.signed_in("P1")
    refused = await piotr.send((await piotr.open(f"/pages/cases/{case.case_id}")).form("/backtests/start"))
    assert (refused.status, "Nie ma czego mierzyć" in refused.text) == (422, True)
    assert "warsaw-gold : Nie podaje limitu i nie jest mierzona." in refused.text


async def test_only_those_who_price_and_agree_see_it_on_the_case(bank: Bank) -> None:
    case = await bank.keep(priced(limit={"limit": "8h"}, level="Silver"))
    for person, sees in {"L1": True, "A1": True, "C1": False, "B1": False}.items():
        page = await (await bank.signed_in(person)).open(f"/pages/cases/{case.case_id}")
        assert (page.status, "Gdyby to obowiązywało" in page.text, "/pages/backtests" in page.html) == (200, sees, sees), person
        for address in ("/pages/backtests", "/pages/backtests/new"):
            assert (await (await bank.signed_in(person)).open(address)).status == (200 if sees else 403)


async def test_a_button_with_something_else_in_it_is_refused(bank: Bank) -> None:
    case = await bank.keep(priced(limit={"limit": "6h"}, level="Six", delivery="van"))
    piotr = await bank.signed_in("P1")
    form = (await piotr.open(f"/pages/cases/{case.case_id}")).form("/backtests/start")
    del form.fields["case"]
    assert (await piotr.send(form, version="none of ours")).status == 422


async def test_a_review_measures_what_is_in_force(bank: Bank) -> None:
    held = review(at="2026-05-04T08:00").but(registry_no="SLA/2026/0002", customer="Bank Narew S.A.")
    await bank.keep(held)
    maria = await bank.signed_in("M1")
    page = await maria.open(f"/pages/cases/{held.case_id}")
    assert "Zmierz te warunki na ostatnich dwunastu miesiącach" in page.text

    asked = await maria.send(page.form("/backtests/start"))
    await bank.measured(asked)

    assert "SLA/2026/0002 1.0" in asked.text
    assert "„SLA/2026/0002 1.0”: niedotrzymane okresy: 1 z 1 ocenionych." in (await maria.open(f"/pages/cases/{held.case_id}")).text
    assert "Gdyby to obowiązywało" not in (await (await bank.signed_in("B1")).open(f"/pages/cases/{held.case_id}")).text


async def test_a_dry_run_of_moves_measures_both_versions_side_by_side(tmp_path: Path) -> None:
    database = await fresh(tmp_path)
    await prepare(database)
    async with office(database, None, now=SATURDAY) as people:
        made = Bank(people.api, people.tokens)
        made.database = database
        await open_tickets(made)
        dry = await dry_run(made)
        maria = await made.signed_in("M1")
        asked = await maria.send((await maria.open(f"/pages/replans/{dry['replan']}")).form("/backtests/start"))
        assert "SLA/2026/0001 1.0, SLA/2026/0001 2.0" in asked.text

        assert (await made.measured(asked))[-1] == 3

        shown = await maria.open(f"/pages/replans/{dry['replan']}")
        assert "„SLA/2026/0001 1.0”" in shown.text
        assert "„SLA/2026/0001 2.0”" in shown.text
        assert "Gdyby to obowiązywało" in shown.text
    await database.close()
