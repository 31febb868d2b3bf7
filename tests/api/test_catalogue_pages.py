"""The catalogue, its coverage and deputies on pages."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from store.database import Database
from store.directory import Directory
from store.registry import AgreementRegistry
from tests.api.browsers import Browser
from tests.api.people import Office, office
from tests.api.test_agreement_pages import browser_of, linked
from tests.store.test_registry import SIGNED, registration


@pytest.fixture
async def bank(database: Database) -> AsyncIterator[Office]:
    """The bank has an agreement for Warsaw alone, looked at on 4 May."""
    bank, warsaw, _ = linked()
    await AgreementRegistry(database).register(registration("case-1", bank, warsaw))
    async with office(database, None, now="2026-05-04T09:00+02:00") as made:
        yield made


async def test_coverage_shows_what_has_an_agreement_and_sells_only_that(bank: Office) -> None:
    celina = await browser_of(bank, "C1")
    page = await celina.open("/pages/coverage")

    sold = await celina.send(page.form("/mps-warsaw/activate"))
    refused = await celina.http.post("/pages/coverage/mps-podlasie/activate", data=page.form("/mps-warsaw/activate").fields)

    assert "Pokryte oferty: 1 z 2 (50,0 %)" in page.text
    assert [each.action for each in page.forms if "activate" in each.action] == ["/pages/coverage/mps-warsaw/activate"]
    assert "✗ bez umowy" in page.text
    assert page.links["SLA/2026/0002"] == "/pages/agreements/SLA-2026-0002"
    assert "Oferta mps-warsaw jest teraz sprzedawana." in sold.text
    assert (refused.status_code, "UNCOVERED_OFFER" in refused.text) == (409, True)


async def test_coverage_is_narrowed_and_who_may_not_sell_has_no_button(bank: Office) -> None:
    olga = await browser_of(bank, "O1", "en")
    uncovered = await olga.open("/pages/coverage?show=uncovered")
    nothing = await olga.open("/pages/coverage?text=<b>")

    assert ("mps-podlasie" in uncovered.text, "mps-warsaw" in uncovered.text) == (True, False)
    assert "There is no such offer." in nothing.text
    assert not [each for each in (await olga.open("/pages/coverage")).forms if "activate" in each.action]


@pytest.mark.parametrize("address", ["/pages/coverage", "/pages/catalogue"])
async def test_the_catalogue_is_for_the_providers_people(bank: Office, address: str) -> None:
    for person in ("B1", "U1"):
        assert (await (await browser_of(bank, person)).open(address)).status == 403


async def with_mails(database: Database) -> Any:
    """Everybody has an address for mail."""
    directory = Directory(database)
    catalogue = await directory.now()
    people = tuple(each.model_copy(update={"mail": f"{each.person.lower()}@mail.test"}) for each in catalogue.people)
    return await directory.load(catalogue.model_copy(update={"people": people}), "test", SIGNED)


async def test_the_catalogue_is_searched_and_tells_no_mails_of_others_people(database: Database, bank: Office) -> None:
    await with_mails(database)
    maria = await browser_of(bank, "M1")
    every, sites, nothing = [await maria.open(f"/pages/catalogue?text={word}") for word in ("", "hajnówka", "smok")]

    for said in ("Managed printing", "obszar odległy", "TechTeren", "Barbara Bankowa", "m1@mail.test"):
        assert said in every.text, said
    assert "b1@mail.test" not in every.text
    assert ("Bank Narew S.A." in sites.text, "Bank Wkra S.A." in sites.text) == (True, False)
    assert "Nic takiego w katalogu nie ma." in nothing.text


# ---- deputies -------------------------------------------------------------------------------------------------------

AWAY = {"first_on": "2026-05-04", "last_on": "2026-05-08", "reason": "on holiday"}


async def test_a_person_names_their_deputy(bank: Office) -> None:
    barbara = await browser_of(bank, "B1")
    page = await barbara.open("/pages/people/me")
    done = await barbara.send(page.form("/people/me"), deputy="B2", **AWAY)

    assert "Wskazano zastępcę." in done.text
    assert "Bogdan Prawny, pon. 4 maj 2026 – pt. 8 maj 2026 ✓ teraz" in done.text
    assert page.form("/people/me").fields["person"] == ["B1"]
    assert 'value="M1"' not in page.html, "a deputy is of one's own party"


async def test_a_manager_names_a_deputy_for_their_people_and_nobody_else_does(bank: Office) -> None:
    maria, lena = await browser_of(bank, "M1"), await browser_of(bank, "L1")
    form = (await maria.open("/pages/people/me")).form("/people/me")

    done = await maria.send(form, person="A1", deputy="A2", **AWAY)
    refused = await lena.send((await lena.open("/pages/people/me")).form("/people/me"), person="M1", deputy="L1", **AWAY)

    assert "Adam Agencki, pon. 4 maj 2026" in done.text
    assert refused.status in {403, 409, 422}
    assert await deputies(lena, bank) == ["A2"]


async def deputies(_: Browser, bank: Office) -> list[str]:
    people = (await bank.get("M1", "/catalogue")).json()["people"]
    return [each["deputy"] for person in people for each in person["delegations"]]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"deputy": ""}, "missing"),
        ({"last_on": "2026-05-01"}, "lies before the first day"),
        ({"first_on": "tomorrow"}, "date"),
        ({"deputy": "B1"}, "somebody else must decide"),
        ({"deputy": "M1"}, "acts for another party"),
        ({"reason": "<script>alert(1)</script>" * 30}, "500"),
    ],
)
async def test_what_is_wrong_is_told_and_what_was_typed_stays(bank: Office, fields: dict[str, str], said: str) -> None:
    barbara = await browser_of(bank, "B1")
    form = (await barbara.open("/pages/people/me")).form("/people/me")
    told = await barbara.send(form, **({"deputy": "B2"} | AWAY | fields))

    assert told.status == 422
    assert said in told.text, told.text
    assert "<script" not in told.html
    assert (AWAY | fields)["reason"] in told.form("/people/me").fields["reason"][0] or "reason" in fields
