"""The page behind the link of a survey: answered once, by whoever has the link, in two languages, without a script."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from store.database import Database
from store.registry import AgreementRegistry
from tests.api.people import Office, office
from tests.api.test_surveys import ADDRESS, answer, closed, due, path_in
from tests.conftest import SECRET
from tests.databases import set_up
from tests.store.test_registry import registration


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """The bank's agreement; what only the page does needs one kind of database."""
    made = Database(f"sqlite+aiosqlite:///{tmp_path / 'servanda.db'}")
    await set_up(made)
    await AgreementRegistry(made).register(registration())
    yield made
    await made.close()


@pytest.fixture
async def spring(database: Database) -> AsyncIterator[Office]:
    """The API on Tue 12 May 2026."""
    async with office(database, None, now="2026-05-12T09:00+02:00") as people:
        yield people


@pytest.fixture
async def link(spring: Office) -> str:
    """The path of one survey, asked today."""
    await spring.api.post(*closed(1, "2026-05-11T10:00+02:00", "ewa.k"), batch=True)
    [notice] = await due(spring, "2026-05-12T00:05+02:00")
    return path_in(notice)


async def test_the_page_speaks_the_language_that_is_chosen_and_needs_nothing_from_elsewhere(spring: Office, link: str) -> None:
    polish, english = await spring.api.http.get(link), await spring.api.http.get(link, params={"language": "en"})

    assert ('<html lang="pl">' in polish.text, '<html lang="en">' in english.text) == (True, True)
    assert "How satisfied are you with our work on ticket T-1?" in english.text
    assert "default-src 'none'" in polish.headers["content-security-policy"]
    assert (polish.headers["referrer-policy"], polish.headers["cache-control"]) == ("no-referrer", "no-store")
    assert not re.search(r"<script|src=|https?://", polish.text)
    for identifier in re.findall(r' for="([^"]+)"', polish.text):
        assert f' id="{identifier}"' in polish.text
    assert len(re.findall(r'<label class="score"><input type="radio" name="score"', polish.text)) == 5


UNUSABLE = {
    "": "choose a score",
    "score=6": "choose a score",
    "score=": "choose a score",
    "score=%D9%A3": "choose a score",
    "score=4&comment=" + "x" * 2001: "too long",
    "score=4&comment=a%00b": "no text",
    "&".join(f"score=4&f{n}=1" for n in range(30)): "choose a score",
    '{"score": 4}': "choose a score",
}
"""Nothing, no score of ours, another script's digit, too long, a NUL, more fields than there are, no form."""


async def test_a_form_that_cannot_be_kept_is_shown_again_and_says_why(spring: Office, link: str) -> None:
    for body, said in UNUSABLE.items():
        refused = await answer(spring, link, body, "en")
        assert (refused.status_code, said in refused.text, "<form" in refused.text) == (422, True, True), body
    kept = await answer(spring, link, "score=4&comment=" + "x" * 2000)

    assert kept.status_code == 200


async def test_what_people_write_is_shown_as_text(spring: Office, link: str) -> None:
    refused = await answer(spring, link, "comment=%3C%2Ftextarea%3E%3Cscript%3E")

    assert "&lt;/textarea&gt;&lt;script&gt;" in refused.text


async def test_a_link_nobody_was_sent_leads_nowhere(spring: Office, link: str) -> None:
    survey, _, signature = link.removeprefix("/answers/").partition(".")
    wrong = [f"{survey}.{signature[:-1]}", f"{survey}.", survey, f"{'0' * 32}.{signature}", "x", "ż.ż"]
    answers = [await spring.api.http.get(f"/answers/{each}", params={"language": "en"}) for each in wrong]
    posted = await answer(spring, f"/answers/{wrong[0]}", "score=5")

    assert {each.status_code for each in (*answers, posted)} == {404}
    assert all("leads to no survey" in each.text for each in answers)


async def test_a_link_ends_after_thirty_days_and_says_so(database: Database) -> None:
    async with office(database, None, now="2026-07-30T23:59+02:00") as people:
        [notice] = await due(people, "2026-07-01T00:05+02:00")
        open_still = await people.api.http.get(path_in(notice))
        people.api.app.state.parts.now.shift -= timedelta(minutes=10)
        ended = await people.api.http.get(path_in(notice), params={"language": "en"})
        late = await answer(people, path_in(notice), "score=5", "en")
        figures = (await people.get("M1", ADDRESS, period="2026-Q3")).json()

    assert (open_still.status_code, ended.status_code, late.status_code) == (200, 410, 410)
    assert "has ended" in late.text
    assert (figures["asked"], figures["answered"], figures["answers"]) == (1, 0, 0)


async def test_links_outlive_the_change_of_the_secret_they_are_signed_with(database: Database) -> None:
    newer = "whsec_bmV3LXNlY3JldC0wMi1vZi0yNC1ieXRl"
    async with office(database, None, now="2026-07-01T09:00+02:00") as people:
        [notice] = await due(people, "2026-07-01T00:05+02:00")
    async with office(database, None, now="2026-07-01T09:00+02:00", survey_secret=(newer, SECRET)) as people:
        both = await people.api.http.get(path_in(notice))
    async with office(database, None, now="2026-07-01T09:00+02:00", survey_secret=(newer,)) as people:
        gone = await people.api.http.get(path_in(notice))

    assert (both.status_code, gone.status_code) == (200, 404)
