"""The audit stream as log collectors read it."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from time import perf_counter

import pytest

from cli import run
from tests.api.people import Office, office, request
from tests.conftest import fresh
from tests.store.test_audit_stream import deed, write


@pytest.fixture
async def people(tmp_path: Path) -> AsyncIterator[Office]:
    """Everybody at their desks; two events stand in two trails."""
    database = await fresh(tmp_path)
    async with office(database, None) as made:
        await write(database, deed("case-1", "accept"), deed("case-2", "accept", 1))
        yield made
    await database.close()


async def test_each_event_is_a_line_of_json_and_one_reads_on_after_the_last(people: Office) -> None:
    answer = await people.get("X1", "/audit/stream", limit=1)
    [first] = map(json.loads, answer.text.splitlines())
    [second] = map(json.loads, (await people.get("X1", "/audit/stream", after=first["place"])).text.splitlines())
    nothing = await people.get("X1", "/audit/stream", after=second["place"])

    assert answer.headers["content-type"] == "application/x-ndjson"
    assert first.keys() == {
        *("place", "at", "subject", "number", "action", "from", "to", "actor", "role", "on_behalf_of", "document_hash", "hash")
    }
    assert (first["subject"], first["number"], first["from"], first["to"], first["actor"]) == ("case-1", 1, "A", "B", "M1")
    assert first["at"] == "2026-03-02T09:00:00Z"
    assert (second["subject"], second["place"]) == ("case-2", 2)
    assert (nothing.status_code, nothing.text) == (200, "")


async def test_who_waits_gets_an_event_as_it_comes_and_no_longer_than_asked_an_empty_answer(people: Office) -> None:
    await people.get("X1", "/audit/stream")
    begun = perf_counter()
    waiting = asyncio.create_task(people.get("X1", "/audit/stream", after=2, wait=20))
    await asyncio.sleep(0.1)
    await write(people.api.app.state.parts.database, deed("case-3", "accept"))
    found = json.loads((await waiting).text)
    empty = await people.get("X1", "/audit/stream", after=3, wait=0.2)

    assert found["subject"] == "case-3"
    assert empty.text == ""
    assert perf_counter() - begun < 10


@pytest.mark.parametrize("path", ["/audit", "/audit/stream"])
async def test_only_administrators_and_the_control_tier_read_everything(people: Office, path: str) -> None:
    answers = {person: (await people.get(person, path)).status_code for person in (None, "B1", "U1", "M1", "C1", "X1")}

    assert answers == {None: 401, "B1": 403, "U1": 403, "M1": 403, "C1": 403, "X1": 200}
    assert (await people.get("X1", path, after=-1)).status_code == 422


async def test_the_list_goes_on_page_by_page_and_is_a_table_too(people: Office) -> None:
    first = (await people.get("X1", "/audit", limit=1)).json()
    second = (await people.get("X1", "/audit", limit=1, after=first["next"])).json()
    table = (await people.get("X1", "/audit", form="csv")).text.splitlines()

    assert [each["subject"] for each in (*first["events"], *second["events"])] == ["case-1", "case-2"]
    assert table[0] == "place,at,subject,number,action,from,to,actor,role,on_behalf_of,document_hash,hash"
    assert len(table) == 3


async def test_the_command_prints_the_same_lines(
    people: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = (await people.get("X1", "/audit/stream")).text
    monkeypatch.setenv("SERVANDA_DATABASE_URL", people.api.app.state.parts.database.url)
    code = await asyncio.to_thread(run, ["audit", "follow", "--once"])
    rest = await asyncio.to_thread(run, ["audit", "follow", "--once", "--after", "1"])

    assert (code, rest) == (0, 0)
    assert capsys.readouterr().out == lines + lines.splitlines(keepends=True)[1]


async def test_a_real_request_stands_in_the_stream(people: Office) -> None:
    await people.api.post(request("CRM-7"))
    await people.send("X1", "/people/L1/delegations", deputy="A2", first_on="2026-01-01", last_on="2026-01-02", reason="private words")
    lines = (await people.get("X1", "/audit/stream", after=2)).text

    assert "private words" not in lines
