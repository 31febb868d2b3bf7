"""Capacity as people see it: the page of all pools, the card on a case, the form on which expected tickets are stated."""

import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.api.browsers import Browser
from tests.api.people import Office, office, request
from tests.api.test_capacity import DESK, METRO, REMOTE, asks, came, pools, the_case
from tests.conftest import fresh

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
async def july(tmp_path: Path) -> AsyncIterator[Office]:
    """The office on 6 July 2026 with 1,200 tickets of June, and a case in which four hours are asked for."""
    database = await fresh(tmp_path)
    await came(database, "2026-06", 1200)
    async with office(database, None, now="2026-07-06T09:00+02:00") as people:
        await pools(people, DESK | {"people": 7, "growth": 3}, METRO, REMOTE)
        await people.api.post(request("CRM-1"))
        await asks(people)
        yield people
    await database.close()


async def signed_in(people: Office, person: str) -> Browser:
    browser = Browser(people)
    await browser.sign_in(person)
    return browser


async def test_the_page_draws_each_pool_and_says_what_it_draws(july: Office) -> None:
    lena = await signed_in(july, "L1")
    page = await lena.open("/pages/capacity")
    [picture, *_] = page.html.split("<svg")[1:]
    drawn = ET.fromstring("<svg" + picture.partition("</svg>")[0] + "</svg>")  # noqa: S314  (our own picture)

    assert page.status == 200
    assert drawn.findtext(f"{SVG}title") == "Wykorzystanie zespołu Service desk w kolejnych miesiącach"
    assert (drawn.findtext(f"{SVG}desc") or "").startswith("2026-06: 74,4 %, zgłoszenia: 1200. 2026-07: 0,0 %")
    assert [line.text for line in drawn.iter(f"{SVG}text")][:3] == ["60 %", "85 %", "100 %"], "both limits, and all there is"
    assert "Utrzymać nigdy powyżej granicy" in page.text
    assert "Nie ma prognozy: pełnych miesięcy historii jest 0, potrzeba 9" in page.text
    assert page.links["Zasoby"] == "/pages/capacity"


async def test_what_is_stated_on_the_form_changes_the_case_and_the_plan(july: Office) -> None:
    anna, case_id = await signed_in(july, "A1"), await the_case(july)
    before = await anna.open(f"/pages/cases/{case_id}")
    form = (await anna.open(before.links["Podaj oczekiwane zgłoszenia"])).form("/expected-volumes")
    wrong = await anna.send(form, region="METRO", tickets="90", minutes_per_ticket="40", probability="160", source="przetarg")
    kept = await anna.send(wrong.form("/expected-volumes"), probability="60,5", minutes_per_ticket="")
    after = await anna.open(f"/pages/cases/{case_id}")

    assert "Nikt nie podał, ile zgłoszeń przyniesie ta umowa." in before.text
    assert (wrong.status, wrong.form("/expected-volumes").fields["source"]) == (422, ["przetarg"]), "what was typed stays"
    assert "60,5 % przetarg Anna Agencka" in kept.text
    assert "Po podpisaniu: +1,06 etatu" in after.text, "90 x 35 min at the desk and 90 x 60 min in Warsaw"
    assert "▲ nieopłacalne" in after.text
    assert "✓ ludzi wystarczy" in after.text
    assert "▲ nieopłacalne" in (await anna.open(f"/pages/cases/{case_id}/decide_feasibility")).text, "advice stands beside the decision"
    assert "Bank Narew S.A." in (await anna.open("/pages/capacity")).links


@pytest.mark.parametrize(("person", "sees"), [("F1", True), ("B1", False), ("P1", False)])
async def test_who_does_not_plan_sees_no_capacity(july: Office, person: str, sees: bool) -> None:  # noqa: FBT001
    browser, case_id = await signed_in(july, person), await the_case(july)
    page, case = await browser.open("/pages/capacity"), await browser.open(f"/pages/cases/{case_id}")

    assert (page.status, case.status) == (200 if sees else 403, 200)
    assert ("Ile pracy to doda" in case.text, "Zasoby" in case.links) == (sees, sees)
    assert (await browser.open(f"/pages/cases/{case_id}/expected-volumes")).status == 403


async def test_the_catalogue_shows_its_pools(july: Office) -> None:
    page = await (await signed_in(july, "M1")).open("/pages/catalogue?text=podlasie")

    assert "Podlasie field-remote MPS Countryside (u klienta) 1 134,4 90 –" in page.text
