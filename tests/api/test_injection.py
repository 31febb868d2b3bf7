"""Whatever people write reaches pages, letters and the engine's UI as text, and never as anything that runs."""

from collections import deque
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import NamedTuple

import pytest

from domain.catalogue import Catalogue
from store.directory import Directory
from tests.api.browsers import Browser, Page
from tests.api.people import Office, other_bank, working
from tests.conftest import fresh, movable_engine
from workflows.names import case_workflow_id

EVIL = (
    "<script>alert(1)</script><img src=x onerror=alert(2)>\"'><svg onload=alert(3)> {{7*7}} ${7*7} [x](javascript:alert(4)) | =HYPERLINK(1)"
)
"""Scripts, attributes, templates, Markdown links, a table's border and a spreadsheet's formula in one."""

RUNS = ("<script", "<img src=x", "<svg onload", 'href="javascript:')


class Written(NamedTuple):
    """An installation whose people write such things."""

    people: Office
    case_id: str
    details: str


@pytest.fixture(scope="module")
async def written(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Written]:
    database = await fresh(tmp_path_factory.mktemp("injection"))
    async with movable_engine() as engine, working(engine.client, database) as people:
        known = other_bank().model_dump(mode="json", by_alias=True)
        for what, field in (("people", "name"), ("services", "name"), ("services", "description"), ("regions", "name")):
            for each in known[what]:
                each[field] = f"{each[field]} {EVIL}"[:200]
        await Directory(database).load(Catalogue.model_validate(known), "test", datetime.now(UTC))
        case_id = await people.open(wish=EVIL)
        await people.play(case_id, until="REQUIREMENTS_APPROVAL")
        document_hash = (await people.case(case_id))["hashes"]["statement"]
        await people.does("B1", case_id, "reject_requirements", document_hash=document_hash, reason=EVIL)
        await people.does("A1", case_id, "log_contact", channel="call", persons=["B1"], note=EVIL)
        description = await engine.client.get_workflow_handle(case_workflow_id(case_id)).describe()
        details = await description.static_details() or ""
        yield Written(people, case_id, f"{await description.static_summary()}\n{details}")
    await database.close()


async def every_page(browser: Browser) -> list[Page]:
    """Every page that links lead to."""
    found, waiting, known = [], deque(["/pages"]), {"/pages"}
    while waiting:
        page = await browser.open(waiting.popleft())
        found.append(page)
        for link in page.all_links:
            target = link.partition("#")[0]
            if target.startswith("/pages") and target not in known and "as=" not in target:
                known.add(target)
                waiting.append(target)
    return found


@pytest.mark.parametrize("person", ["M1", "A1", "B1", "X1"])
async def test_no_page_runs_what_somebody_wrote(written: Written, person: str) -> None:
    browser = Browser(written.people)
    await browser.sign_in(person)

    pages = await every_page(browser)

    assert len(pages) > 5
    assert [str(page.answer.url) for page in pages if page.status >= 500] == []
    told = [page for page in pages if "alert(1)" in page.html]
    assert told, "what was written is shown"
    for page in pages:
        assert [sign for sign in RUNS if sign in page.html.lower()] == [], page.answer.url
        assert "49 $" not in page.html, page.answer.url  # what a template would have made of it


async def test_letters_show_it_as_text(written: Written) -> None:
    answer = await written.people.get("X1", "/mailbox", limit=200)
    letters = answer.json()["messages"]

    assert answer.status_code == 200
    assert any("alert(1)" in each["body"] for each in letters)
    assert all("\n" not in each["subject"] and "\r" not in each["subject"] for each in letters)


async def test_the_engines_ui_is_told_no_text_that_people_write(written: Written) -> None:
    assert "alert(" not in written.details
