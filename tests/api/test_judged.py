"""The tickets behind a figure: the same ones that were counted, page by page, from an index."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event as listened

from domain.attainment import Judgement
from store.database import Database
from store.periods import frame_of
from store.results import Page, judged_clocks
from tests.api.bank_april import OPENED, bank_april, told
from tests.api.people import Office
from tests.conftest import event

WARSAW = "/registry/SLA-2026-0002/results"


@pytest.fixture
async def april(database: Database) -> AsyncIterator[Office]:
    async with bank_april(database) as people:
        yield people


async def behind(people: Office, verdict: str, person: str = "B1", **more: Any) -> list[dict[str, Any]]:
    """All tickets behind a figure of April, page by page."""
    found: list[dict[str, Any]] = []
    place: dict[str, str] = {}
    while True:
        answer = await people.get(person, f"{WARSAW}/response/tickets", period="2026-04", verdict=verdict, **more, **place)
        assert answer.status_code == 200, answer.text
        found += answer.json()["tickets"]
        if answer.json()["next"] is None:
            return found
        place = {"after": answer.json()["next"]}


async def test_the_tickets_are_those_that_were_counted(april: Office) -> None:
    for number in range(100, 190):
        await april.api.post(*told(number, "warsaw", 300), batch=True)
    [counted] = (await april.get("B1", WARSAW, period="2026-04")).json()["targets"]
    listed = {verdict: await behind(april, verdict, limit=7) for verdict in ("met", "breached", "over_limit")}

    assert {verdict: len(rows) for verdict, rows in listed.items()} == {name: counted[name] for name in listed}
    tickets = [row["ticket"] for rows in listed.values() for row in rows]
    assert len(tickets) == len(set(tickets)) == 130, "each once"
    for rows in listed.values():
        assert [row["verdict_at"] for row in rows] == sorted((row["verdict_at"] for row in rows), reverse=True)


async def test_a_breached_ticket_says_how_late_it_was_and_where_it_is_shown(april: Office) -> None:
    late, met = (await behind(april, "breached"))[0], (await behind(april, "met"))[0]
    shown = (await april.get("L1", late["address"])).json()

    assert (late["ticket"], late["late_seconds"]) == ("crm/warsaw-39", 60.0), "241 of 240 minutes"
    assert (shown["ticket"], met["late_seconds"]) == ("crm/warsaw-39", None)


async def test_one_that_nobody_answers_is_breached_from_its_due_time_on(april: Office) -> None:
    opened = OPENED + timedelta(days=1)
    await april.api.post(event("created", opened.isoformat(), "open", customer="Bank Narew S.A.", service="MPS", site="warsaw"))
    first = (await behind(april, "breached"))[0]

    assert (first["ticket"], first["verdict_at"]) == ("crm/open", "2026-04-09T10:00:00Z")
    assert first["late_seconds"] > 100 * 3600


@pytest.mark.parametrize(
    ("person", "target", "asked", "status"),
    [
        ("K1", "response", {}, 404),
        (None, "response", {}, 401),
        ("M1", "repair", {}, 404),
        ("M1", "response", {"verdict": "late"}, 422),
        ("M1", "response", {"after": "x"}, 422),
        ("M1", "response", {"after": "MjAyNi0wNC0wOFQxMDowMDowMCswMDowMCBjcm0veA=="}, 422),
        ("M1", "response", {"period": "2025-12"}, 404),
    ],
)
async def test_what_cannot_be_listed_is_refused(april: Office, person: str | None, target: str, asked: dict[str, str], status: int) -> None:
    answer = await april.get(person, f"{WARSAW}/{target}/tickets", **({"period": "2026-04"} | asked))

    assert answer.status_code == status, answer.text


@pytest.mark.parametrize("judgement", [Judgement.MET, Judgement.BREACHED])
@pytest.mark.parametrize("page_number", [1, 2])
async def test_a_page_is_read_from_the_index_in_its_order(april: Office, judgement: Judgement, page_number: int) -> None:
    parts = april.api.app.state.parts
    if not parts.database.is_sqlite:
        return
    frame = frame_of(await parts.registry.entry("SLA/2026/0002"), "2026-04")
    place = (OPENED + timedelta(hours=3), "crm/warsaw-38", "response") if page_number == 2 else None
    asked: list[Any] = []
    listened.listen(parts.database.engine.sync_engine, "before_cursor_execute", lambda *said: asked.append((said[2], said[3])))
    async with parts.database.reading() as connection:
        narrow = frame.asked._replace(limits=())
        await judged_clocks(connection, narrow, frame.so_far(parts.now()), parts.now(), Page("response", judgement, 50, place))
        statement, values = asked[-1]
        plan = [str(row.detail) for row in await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]

    [step] = plan
    assert "USING INDEX ix_clock_verdict (agreement=? AND target=? AND is_met=? AND verdict_at" in step or "USING COVERING INDEX" in step, (
        plan
    )
