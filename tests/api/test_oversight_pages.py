"""Pages of calendars, reports and what follows from agreements in force."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from api.pages.calendar_form import CalendarForm
from connectors.documents import read_calendar
from domain.calendar_definitions import CalendarDefinition
from tests.api.browsers import Browser, Page
from tests.api.people import Office, office
from tests.conftest import EXAMPLES, fresh

ICS = "\r\n".join(
    (
        *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//bank//days//EN", "BEGIN:VEVENT", "UID:1", "DTSTAMP:20260101T000000Z"),
        *("DTSTART;VALUE=DATE:20260515", "DTEND;VALUE=DATE:20260516", "SUMMARY:Bank's day", "END:VEVENT", "END:VCALENDAR", ""),
    )
)
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
    unseen = await ksawery.open(str(proposed.answer.url.path))
    published = await ksawery.send((await ksawery.open(unseen.links["Policz, co to zmieni"])).form("/confirm"))

    assert proposed.answer.url.path == "/pages/calendars/PL-BH-8-17/1"
    assert [form for form in unseen.forms if form.action.endswith("/confirm")] == [], "nobody confirms what they did not see"
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
    assert 'name="mon" value="8-17" aria-invalid="true" aria-describedby="mon_fault"' in told.html
    assert 'id="holidays_fault"' in told.html


async def test_what_a_calendar_changes_is_told_before_it_is_proposed(bank: Office) -> None:
    browser = Browser(bank)
    await browser.sign_in("M1")
    form = (await browser.open("/pages/calendars/PL-BH-8-17/edit")).form("/calendars/edit")

    shown = await browser.send(form, fri="08:00-15:00", do="preview")
    versions = await bank.get("M1", "/calendars")

    assert "Piątek – 08:00-15:00" in shown.text
    assert "inne godziny niż zwykle: 50" in shown.text
    assert versions.json() == []


@pytest.mark.parametrize(("content", "said"), [(ICS, "2026-05-15  # Bank's day"), ("no calendar", "no iCalendar file")])
async def test_holidays_come_from_a_file_or_it_is_said_what_is_wrong_with_it(bank: Office, content: str, said: str) -> None:
    browser = Browser(bank)
    await browser.sign_in("M1")
    fields = (await browser.open("/pages/calendars/new")).form("/calendars/edit").fields

    answer = await browser.http.post(
        "/pages/calendars/edit", data={**fields, "do": "holidays"}, files={"ics": ("days.ics", content.encode())}
    )

    assert said in Page(answer).text or said in Page(answer).form("/calendars/edit").fields["holidays"][0]


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
