"""Signing in, out, and who may send what from where."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from store.database import Database
from store.sessions import Sessions
from tests.api.browsers import Browser
from tests.api.people import Office, office


@pytest.fixture
async def bank(database: Database) -> AsyncIterator[Office]:
    async with office(database, None) as made:
        yield made


async def test_who_is_not_signed_in_is_asked_to_and_then_shown_the_page_they_wanted(bank: Office) -> None:
    browser = Browser(bank)

    asked = await browser.open("/pages/tasks?after=1")
    assert asked.answer.url.path == "/sign-in"
    shown = await browser.send(asked.form("/sign-in"), token=bank.tokens["M1"])

    assert shown.answer.url.path == "/pages/tasks"
    assert shown.answer.url.query == b"after=1"


async def test_a_wrong_token_is_told_and_signs_nobody_in(bank: Office) -> None:
    browser = Browser(bank)
    page = await browser.open("/sign-in")

    told = await browser.send(page.form("/sign-in"), token="wrong")

    assert told.status == 401
    assert "Nikt nie ma takiego tokenu" in told.text
    assert (await browser.open("/pages/tasks")).answer.url.path == "/sign-in"


async def test_after_signing_out_the_old_cookie_opens_nothing(bank: Office) -> None:
    browser = Browser(bank)
    home = await browser.sign_in("M1")
    kept = browser.http.cookies["servanda_session"]

    await browser.send(home.form("/sign-out"))
    browser.http.cookies.set("servanda_session", kept)

    assert (await browser.open("/pages/tasks")).answer.url.path == "/sign-in"


async def test_signing_in_leads_to_no_other_site(bank: Office) -> None:
    for wanted in ("https://evil.test/", "//evil.test/", "/\\evil.test", "/pages\\..", "javascript:alert(1)"):
        browser = Browser(bank)
        page = await browser.sign_in("M1", wanted)
        assert page.answer.url.path == "/pages", wanted


async def test_a_form_without_its_token_or_from_another_site_changes_nothing(bank: Office) -> None:
    browser = Browser(bank)
    home = await browser.sign_in("M1")

    without = await browser.http.post("/sign-out", data={})
    elsewhere = await browser.http.post("/sign-out", data=home.form("/sign-out").fields, headers={"origin": "https://evil.test"})
    fetched = await browser.http.post("/sign-out", data=home.form("/sign-out").fields, headers={"sec-fetch-site": "cross-site"})

    assert [without.status_code, elsewhere.status_code, fetched.status_code] == [403, 403, 403]
    assert (await browser.open("/pages/tasks")).answer.url.path == "/pages/tasks"


async def test_the_cookie_is_no_business_of_scripts_and_the_page_runs_none(bank: Office) -> None:
    browser = Browser(bank)
    page = await browser.open("/sign-in")
    answer = await browser.http.post("/sign-in", data={"token": bank.tokens["M1"]}, follow_redirects=False)

    assert "HttpOnly" in answer.headers["set-cookie"]
    assert "SameSite=lax" in answer.headers["set-cookie"]
    assert "default-src 'none'" in page.answer.headers["content-security-policy"]
    assert "<script" not in page.html


async def test_the_language_is_the_persons_own_until_the_browser_is_switched(bank: Office) -> None:
    browser = Browser(bank)
    home = await browser.sign_in("M1")
    assert '<html lang="pl">' in home.html

    switched = await browser.send(home.form("/language"))

    assert '<html lang="en">' in switched.html


async def test_a_session_ends_by_itself(database: Database) -> None:
    sessions, now = Sessions(database), datetime.now(UTC)
    secret = await sessions.begin("M1", now, timedelta(hours=12))

    assert await sessions.person_of(secret, now + timedelta(hours=12) - timedelta(seconds=1)) == "M1"
    assert await sessions.person_of(secret, now + timedelta(hours=12)) is None


async def test_a_link_is_used_once(database: Database) -> None:
    sessions, now = Sessions(database), datetime.now(UTC)

    used = [await sessions.use("link", "M1", now, now + timedelta(days=1)) for _ in range(2)]

    assert used == [True, False]
    assert await sessions.was_used("link")
