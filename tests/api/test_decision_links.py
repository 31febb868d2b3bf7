"""Personal links to decisions: what they open, for whom, how often, and until when."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from api.task_links import OPENS_FOR, TaskLinks
from connectors.decision_links import DecisionLink, link_in, link_token
from domain.effects import Notice
from store.database import Database
from tests.api.browsers import Browser
from tests.api.people import Office, working
from tests.conftest import SECRET, fresh, movable_engine

LINK = DecisionLink("L1", "case-1", "NOMINATE_AGENT:1", "abc", datetime(2026, 3, 1, tzinfo=UTC))


class Desk:
    """The office, and links to its tasks."""

    def __init__(self, people: Office, database: Database) -> None:
        self.people = people
        self.database = database

    async def link(self, person: str, case_id: str, task: str, made_at: datetime | None = None) -> str:
        links = TaskLinks(self.database, "http://test", SECRET, lambda: made_at or datetime.now(UTC))
        notice = Notice(key="k", case_id=case_id, task=task, recipients=(person,), subject="s", body="b")
        return str(await links.link_for(person, notice)).removeprefix("http://test")

    async def open_task(self, case_id: str, kind: str) -> str:
        return next(str(each["task"]) for each in (await self.people.case(case_id))["tasks"] if each["kind"] == kind)


@pytest.fixture(scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    database = await fresh(tmp_path_factory.mktemp("links"))
    async with movable_engine() as engine, working(engine.client, database) as made:
        yield Desk(made, database)
    await database.close()


def test_a_token_gives_back_what_was_signed_and_nothing_else_opens() -> None:
    token = link_token(SECRET, LINK)

    assert link_in([SECRET], token) == LINK
    body, _, signature = token.partition(".")
    for forged in ("", ".", token[:-2], f"{body}.", f"{body}x.{signature}", f"{signature}.{body}", "ą.ż", token + "A"):
        assert link_in([SECRET], forged) is None, forged
    assert link_in(["whsec_" + "A" * 32], token) is None


async def test_a_link_decides_once_without_signing_in(desk: Desk) -> None:
    case_id = await desk.people.open()
    address = await desk.link("L1", case_id, await desk.open_task(case_id, "NOMINATE_AGENT"))
    browser = Browser(desk.people)

    asked = await browser.open(address)
    form = await browser.open(asked.links["Wskaż agenta"])
    done = await browser.send(form.form("/nominate_agent"), agent="A1")
    again = await browser.open(address)

    assert "Twoja decyzja została zapisana." in done.text
    assert (again.status, "LINK_USED" in again.text) == (409, True)
    assert (await desk.people.case(case_id))["case"]["nominations"] == {"NOMINATE_AGENT": "A1"}
    assert (await browser.open("/pages/tasks")).answer.url.path == "/sign-in"


async def test_opening_a_link_or_sending_nonsense_uses_nothing_up(desk: Desk) -> None:
    case_id = await desk.people.open()
    address = await desk.link("L1", case_id, await desk.open_task(case_id, "NOMINATE_AGENT"))
    browser = Browser(desk.people)

    for _ in range(3):
        assert (await browser.open(address)).status == 200
    form = await browser.open(f"{address}/nominate_agent")
    wrong = await browser.send(form.form("/nominate_agent"), agent="NOBODY")
    forged = await browser.http.post(f"{address}/nominate_agent", data={"agent": "A1", "form_token": "x"})

    assert (wrong.status, forged.status_code) == (422, 403)
    assert (await browser.send(form.form("/nominate_agent"), agent="A1")).status == 200


async def test_a_link_is_for_its_task_in_the_role_that_is_asked(desk: Desk) -> None:
    case_id = await desk.people.open()
    address = await desk.link("C1", case_id, await desk.open_task(case_id, "CONFIRM_AGENT"))
    browser = Browser(desk.people)

    assert list((await browser.open(address)).links) == ["Przejdź do treści", "Servanda", "Potwierdź agenta"]
    assert (await browser.open(f"{address}/withdraw")).status == 404
    assert (await browser.open(f"{address}/nominate_agent")).status == 404


async def test_an_expired_link_a_done_task_and_a_changed_document_are_said(desk: Desk) -> None:
    case_id = await desk.people.open()
    task = await desk.open_task(case_id, "NOMINATE_AGENT")
    expired = await desk.link("L1", case_id, task, datetime.now(UTC) - OPENS_FOR - timedelta(seconds=1))
    good = await desk.link("L1", case_id, task)
    await desk.people.play(case_id, until="REQUIREMENTS_APPROVAL")
    browser, asked = Browser(desk.people), await desk.open_task(case_id, "APPROVE_REQUIREMENTS")
    first = await desk.link("B1", case_id, asked)

    assert "LINK_EXPIRED" in (await browser.open(expired)).text
    assert "TASK_CLOSED" in (await browser.open(good)).text
    [token] = [first.removeprefix("/decide/")]
    link = link_in([SECRET], token)
    assert link is not None
    stale = link_token(SECRET, link._replace(digest="0" * 16))
    assert "STALE_DOCUMENT" in (await browser.open(f"/decide/{stale}")).text
    assert (await browser.open(first)).status == 200


async def test_a_link_of_somebody_elses_case_opens_nothing(desk: Desk) -> None:
    case_id = await desk.people.open()
    address = await desk.link("K1", case_id, await desk.open_task(case_id, "NOMINATE_AGENT"))

    assert (await Browser(desk.people).open(address)).status == 404
