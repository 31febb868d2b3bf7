"""Backtests at the API: asked for, measured on the installation's tickets, shown to those who may see what promises cost."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from api.clock import BusinessClock
from domain.backtest.report import BacktestReport
from store.database import Database
from store.measuring import Measuring
from tests.api.bank_april import bank_april
from tests.api.people import Office
from tests.conftest import settings_for
from tests.domain.drafts import bank_draft

NOW = "2026-05-04T09:00+02:00"
WARSAW = "SLA/2026/0002"
APRIL = {"since": "2026-04-01", "until": "2026-05-01"}


def proposal(name: str = "slower", **target: Any) -> dict[str, Any]:
    """The bank's promise for Warsaw with another limit."""
    document = next(each for each in bank_draft().documents if "METRO" in each.regions).model_dump(mode="json")
    document["targets"][0] |= target
    return {"proposal": name, "documents": [document]}


@pytest.fixture
async def bank(database: Database) -> AsyncIterator[Office]:
    async with bank_april(database, NOW) as people:
        yield people


async def ask(bank: Office, person: str = "P1", key: str | None = None, **body: Any) -> dict[str, Any]:
    answer = await bank.send(person, "/backtests", key, **{**APRIL, **body})
    assert answer.status_code == 202, answer.text
    return dict(answer.json())


async def measured(database: Database, name: str) -> list[int]:
    """Do what the worker does."""
    now = BusinessClock(settings_for(database.url, now=NOW).time_shift)
    return [done async for done in Measuring(database, now).measure(name)]


async def shown(bank: Office, name: str) -> dict[str, Any]:
    return dict((await bank.get("P1", f"/backtests/{name}")).json())


async def test_two_proposals_are_measured_on_the_tickets_of_april(bank: Office, database: Database) -> None:
    asked = await ask(bank, proposals=[proposal(limit="4h30m")], versions=[f"{WARSAW}@1.0"])
    assert (asked["state"], asked["tickets"], asked["registry_no"], asked["address"]) == (
        *("RUNNING", None, WARSAW),
        f"/backtests/{asked['backtest']}",
    )

    assert (await measured(database, asked["backtest"]))[-1] == 46

    found = await shown(bank, asked["backtest"])
    report = BacktestReport.model_validate(found["report"])
    assert (found["state"], found["tickets_done"], found["tickets"], found["fault"]) == ("DONE", 46, 46, None)
    slower, agreed = report.proposals
    assert (slower.tickets, slower.breached, slower.credit_total) == (40, 0, "0.00")
    assert (agreed.proposal, agreed.tickets, agreed.breached, agreed.missed, agreed.credit_total) == (f"{WARSAW} 1.0", 40, 3, 1, "540.00")
    assert report.assumed.whose == "THE_CUSTOMER"


async def test_measured_again_it_says_the_same_and_what_has_ended_stays(bank: Office, database: Database) -> None:
    first, second = [await ask(bank, key=key, versions=[f"{WARSAW}@1.0"]) for key in ("one", "two")]
    for each in (first, second):
        await measured(database, each["backtest"])
    one, two = [await shown(bank, each["backtest"]) for each in (first, second)]
    assert one["report"]["proposals"] == two["report"]["proposals"]
    assert await measured(database, first["backtest"]) == [46]
    assert await shown(bank, first["backtest"]) == one


async def test_the_same_key_asks_once_and_another_question_under_it_is_refused(bank: Office) -> None:
    first = await ask(bank, key="k", versions=[f"{WARSAW}@1.0"])
    assert (await ask(bank, key="k", versions=[f"{WARSAW}@1.0"]))["backtest"] == first["backtest"]
    other = await bank.send("P1", "/backtests", "k", **APRIL, versions=["SLA/2026/0003@1.0"])
    assert (other.status_code, other.json()["code"]) == (409, "KEY_USED")


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({}, 422, "name proposals, versions or a case"),
        ({"versions": ["SLA/2026/0002@7.0"]}, 404, "has no version 7.0"),
        ({"versions": ["SLA/2026/0001@1.0"]}, 422, "no targets"),
        ({"versions": [f"{WARSAW}@1.0"], "since": "2026-05-01", "until": "2026-05-01"}, 422, "must lie after"),
        ({"versions": [f"{WARSAW}@1.0"], "since": "2023-04-30", "until": "2026-05-01"}, 422, "at most 36 months"),
        ({"proposals": [proposal(str(number)) for number in range(6)]}, 422, "at most 5"),
        ({"proposals": [proposal("a"), proposal("a")]}, 422, "two proposals are called 'a'"),
        ({"proposals": [proposal("a", calendar="none")]}, 422, "cannot be measured"),
        (
            {"proposals": [proposal(str(number)) for number in range(4)], "versions": [f"{WARSAW}@1.0", "SLA/2026/0003@1.0"]},
            422,
            "at most 5",
        ),
        ({"case": "case-nobody-knows"}, 404, "there is no case"),
    ],
)
async def test_a_question_nobody_can_answer_is_refused_and_not_kept(bank: Office, body: dict[str, Any], status: int, said: str) -> None:
    answer = await bank.send("P1", "/backtests", **{**APRIL, **body})
    assert (answer.status_code, said in answer.text) == (status, True), answer.text
    assert (await bank.get("P1", "/backtests")).json() == {"backtests": [], "next": None}


async def test_whoever_has_no_tickets_is_measured_on_those_of_others(bank: Office) -> None:
    other = proposal()
    other["documents"][0]["customer"]["name"] = "Bank Wkra S.A."
    asked = await ask(bank, proposals=[other])
    async with bank.api.app.state.parts.database.reading() as connection:
        row = await bank.api.app.state.parts.backtests.backtest(connection, asked["backtest"])
    assert row.question["whose"] == "ANYBODY"


async def test_lists_go_on_page_after_page_and_are_narrowed(bank: Office) -> None:
    names = [(await ask(bank, key=str(number), versions=[f"{WARSAW}@1.0"]))["backtest"] for number in range(3)]
    other = await ask(bank, proposals=[proposal()])
    first = (await bank.get("L1", "/backtests", registry_no="SLA-2026-0002", limit=2)).json()
    last = (await bank.get("L1", "/backtests", registry_no="SLA-2026-0002", limit=2, after=first["next"])).json()
    assert [each["backtest"] for page in (first, last) for each in page["backtests"]] == names[::-1]
    assert last["next"] is None
    assert len((await bank.get("L1", "/backtests")).json()["backtests"]) == 4
    assert other["registry_no"] is None


async def test_the_report_is_a_page_for_browsers_and_data_for_programs(bank: Office, database: Database) -> None:
    asked = await ask(bank, versions=[f"{WARSAW}@1.0"])
    early = await bank.get("P1", f"{asked['address']}/report")
    assert (early.status_code, early.json()["code"]) == (409, "NO_REPORT")
    await measured(database, asked["backtest"])
    data = await bank.get("P1", f"{asked['address']}/report")
    told = await bank.get("P1", f"{asked['address']}/report", **{"as": "html"}, language="pl")
    assert data.json() == (await shown(bank, asked["backtest"]))["report"]
    assert told.headers["content-type"].startswith("text/html")
    assert '<html lang="pl"' in told.text
    headers = {"authorization": f"Bearer {bank.tokens['P1']}", "accept": "text/html,*/*"}
    assert "<svg" in (await bank.api.http.get(f"{asked['address']}/report", headers=headers)).text


async def test_who_agrees_and_prices_sees_it_and_nobody_else(bank: Office) -> None:
    asked = await ask(bank, versions=[f"{WARSAW}@1.0"])
    for person, status in {"M1": 200, "L1": 200, "A1": 200, "P1": 200, "C1": 403, "B1": 403, "U1": 403, "K1": 403, None: 401}.items():
        for address in ("/backtests", asked["address"]):
            assert (await bank.get(person, address)).status_code == status, person


async def test_one_that_nobody_knows_and_one_that_was_given_up(bank: Office, database: Database) -> None:
    assert (await bank.get("P1", "/backtests/backtest-none")).status_code == 404
    asked = await ask(bank, versions=[f"{WARSAW}@1.0"])
    now = datetime.now(UTC)
    parts = bank.api.app.state.parts
    async with database.writing() as connection:
        assert await parts.backtests.note(connection, asked["backtest"], state="FAILED", fault="it was cancelled", done_at=now)
    assert await measured(database, asked["backtest"]) == [0]
    found = await shown(bank, asked["backtest"])
    assert (found["state"], found["fault"], found["report"]) == ("FAILED", "it was cancelled", None)
