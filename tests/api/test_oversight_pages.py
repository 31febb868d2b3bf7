"""Pages of calendars, reports and what follows from agreements in force."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from api.pages.calendars import CalendarForm
from connectors.documents import read_calendar
from domain.calendar_definitions import CalendarDefinition
from tests.api.browsers import Browser
from tests.api.people import Office, office
from tests.conftest import EXAMPLES, fresh

YEAR = "/pages/calendars/PL-BH-8-17?year=2026"


@pytest.fixture
async def bank(tmp_path: Path) -> AsyncIterator[Office]:
    database = await fresh(tmp_path)
    async with office(database, None, time_shift="PT0S") as made:
        yield made
    await database.close()


async def test_a_year_shows_each_day_for_what_it_is_and_says_it_in_words(bank: Office) -> None:
    browser = Browser(bank)
    await browser.sign_in("M1")

    page = await browser.open(YEAR)

    assert "otwarte: 253" in page.text
    assert "święto: 14" in page.text
    assert "śr. 11 lis 2026: święto" in page.text


async def test_a_calendar_is_proposed_by_a_form_and_published_by_its_hash(bank: Office) -> None:
    maria, ksawery = Browser(bank), Browser(bank)
    await maria.sign_in("M1")
    await ksawery.sign_in("X1")
    form = (await maria.open("/pages/calendars/PL-BH-8-17/edit")).form("/calendars/edit")

    proposed = await maria.send(
        form, fri="08:00-15:00", exceptions="2026-12-23 08:00-12:00", reason="Fridays end earlier from now on", do="propose"
    )
    published = await ksawery.send((await ksawery.open(str(proposed.answer.url.path))).form("/confirm"))

    assert proposed.answer.url.path == "/pages/calendars/PL-BH-8-17/1"
    assert "opublikowana" in published.text
    shown = await maria.open(YEAR)
    assert "inne godziny niż zwykle: 51" in shown.text


async def test_what_is_wrong_with_a_calendar_is_said_and_what_was_typed_stays(bank: Office) -> None:
    browser = Browser(bank)
    await browser.sign_in("M1")
    form = (await browser.open("/pages/calendars/PL-BH-8-17/edit")).form("/calendars/edit")

    told = await browser.send(form, mon="8-17", holidays="2026-02-30", reason="because it is so", do="propose")

    assert told.status == 422
    assert "'8-17' is no interval" in told.text
    assert told.form("/calendars/edit").fields["mon"] == ["8-17"]


async def test_holidays_of_a_country_are_added_once_with_their_names(bank: Office) -> None:
    browser = Browser(bank)
    await browser.sign_in("M1")
    form = (await browser.open("/pages/calendars/new")).form("/calendars/edit")

    once = (await browser.send(form, country="PL", years="2026", do="holidays")).form("/calendars/edit")
    twice = (await browser.send(once, country="PL", years="2026", do="holidays")).form("/calendars/edit")

    assert "2026-11-11  # National Independence Day" in once.fields["holidays"][0]
    assert twice.fields["holidays"] == once.fields["holidays"]


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("calendars/*.yaml")), ids=lambda path: path.stem)
def test_every_example_calendar_comes_out_of_its_form_as_it_went_in(path: Path) -> None:
    definition: CalendarDefinition = read_calendar(path)

    assert CalendarForm.of(definition).definition() == definition


async def test_calendars_are_no_business_of_customers_and_reviews_are_those_of_their_own(bank: Office) -> None:
    browser = Browser(bank)
    await browser.sign_in("B1")

    assert (await browser.open("/pages/calendars")).status == 403
    assert (await browser.open("/pages/reviews?kind=CLAIM")).status == 404
    assert (await browser.open("/pages/reviews?kind=CREDIT")).status == 200
