"""Re-plans at the API: a dry run that touches nothing, its confirmation, and the moves, each once."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Any

import httpx2
import pytest
from sqlalchemy import update
from temporalio.testing import WorkflowEnvironment

from api.replanner import Replanner
from connectors.documents import read_calendar
from domain.replan import MoveState, PageMoved, PageOrder
from domain.terms import Agreement
from store.database import Database
from store.registry import AgreementRegistry
from store.replan_tables import ReplanRow
from store.replans import ReplanStore, route_of
from tests.api.people import Office, office, workers
from tests.conftest import EXAMPLES, created, event, example, settings_for

NOW = "2026-09-05T13:00+02:00"
AT = datetime(2026, 9, 1, tzinfo=UTC)
REASON = "the bank opens its branches on Saturdays"
REPLAN: dict[str, Any] = {"agreement": "SLA-2026-0001", "to_version": "2.0", "reason": REASON}


def versions() -> list[Agreement]:
    """Printers in Warsaw: 1.0 on weekdays; 2.0, from Mon 7 Sep, until 19:00 and on Saturdays."""
    first = example("printers-warsaw")
    extended = read_calendar(EXAMPLES / "calendars" / "pl-ext.yaml")
    rows = [{**first.targets[0].model_dump(exclude_unset=True), "calendar": "PL-EXT"}]
    more = {"version": "2.0", "effective_from": date(2026, 9, 7), "calendars": [extended], "targets": rows}
    return [first, first.model_copy(update=more)]


async def prepare(database: Database) -> None:
    for each in versions():
        await AgreementRegistry(database).import_terms(each, "test", AT)


@pytest.fixture
async def people(database: Database) -> AsyncIterator[Office]:
    """On Sat 5 Sep 2026 at 13:00, with two open tickets and one that is answered."""
    await prepare(database)
    async with office(database, None, now=NOW) as made:
        await open_tickets(made)
        yield made


async def open_tickets(people: Office) -> None:
    await people.api.post(created("2026-09-05T12:30+02:00", "P-1"))
    await people.api.post(created("2026-09-04T16:00+02:00", "P-2"))
    await people.api.post(created("2026-09-04T09:00+02:00", "P-3"))
    await people.api.post(event("milestone", "2026-09-04T10:00+02:00", "P-3", milestone="RESPONDED"))


async def dry_run(people: Office, **more: Any) -> dict[str, Any]:
    answer = await people.send("M1", "/replans", **(REPLAN | more))
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def confirm(people: Office, dry: dict[str, Any], key: str | None = None, **more: Any) -> httpx2.Response:
    return await people.send("M1", "/replans", key, **(REPLAN | {"dry_run": False, "confirms": dry["replan"]} | more))


def replanner_of(people: Office) -> Replanner:
    parts = people.api.app.state.parts
    return Replanner(parts.database, parts.now)


async def carry_out(people: Office, replan: str) -> list[PageMoved]:
    order = PageOrder(replan=replan, after="", limit=250, rate=1000)
    return [page async for page in replanner_of(people).move(order)]


async def tickets(people: Office, replan: str, **wanted: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    place: dict[str, str] = {}
    while True:
        page = (await people.get("M1", f"/replans/{replan}/tickets", limit=1, **wanted, **place)).json()
        found += page["tickets"]
        if page["next"] is None:
            return found
        place = {"after": page["next"]}


async def test_a_dry_run_counts_and_lists_and_touches_no_ticket(people: Office) -> None:
    before = (await people.get("M1", "/tickets/P-1")).json()
    dry = await dry_run(people)

    counted = {name: dry[name] for name in ("state", "moved", "unchanged", "breaches", "soonest_new_due", "agreement")}
    assert counted == {
        "state": "COUNTED",
        "moved": 2,
        "unchanged": 0,
        "breaches": 1,
        "soonest_new_due": "2026-09-05T08:00:00Z",
        "agreement": "printers-warsaw",
    }
    one, two = await tickets(people, dry["replan"])
    assert (one["ticket"], one["state"], one["left"]) == ("crm/P-1", "LISTED", "1.0")
    due = {"clock": "response", "old_due_at": "2026-09-07T10:00:00Z", "new_due_at": "2026-09-07T08:30:00Z", "breaches": False}
    assert one["clocks"] == [due]
    assert [each["ticket"] for each in await tickets(people, dry["replan"], breaches=True)] == [two["ticket"]] == ["crm/P-2"]
    assert (await people.get("M1", "/tickets/P-1")).json() == before


async def test_the_same_key_is_the_same_dry_run_and_no_other_request(people: Office) -> None:
    first = await people.send("M1", "/replans", "k", **REPLAN)
    again = await people.send("M1", "/replans", "k", **REPLAN)
    other = await people.send("M1", "/replans", "k", **REPLAN, from_version="1.0")

    assert first.json()["replan"] == again.json()["replan"]
    assert (other.status_code, other.json()["code"]) == (409, "KEY_USED")


async def test_a_confirmed_re_plan_moves_every_ticket_once_and_says_so(people: Office) -> None:
    dry = await dry_run(people)
    running = (await confirm(people, dry)).json()
    assert (running["state"], running["moved"], running["left"]) == ("RUNNING", 0, 2)
    [first] = await carry_out(people, running["replan"])
    [again] = await carry_out(people, running["replan"])

    assert (first.made, first.moved, first.is_last, again.made, again.moved) == (2, 2, True, 0, 2)
    shown = (await people.get("M1", "/tickets/P-1")).json()
    [moved] = [each for each in shown["events"] if each["kind"] == "moved"]
    assert (moved["reason"], moved["attributes"]["to_version"]) == (REASON, "2.0")
    assert [(each["version"], each["due_at"]) for each in shown["clocks"]] == [("2.0", "2026-09-07T08:30:00Z")]
    [history] = shown["moves"]
    assert (history["replan"], history["left"], history["to_version"], history["reason"]) == (running["replan"], "1.0", "2.0", REASON)
    assert history["clocks"][0]["old_due_at"] == "2026-09-07T10:00:00Z"
    late = (await people.get("M1", "/tickets/P-2")).json()["clocks"][0]
    assert (late["verdict"], late["breach_at"]) == ("RUNNING BREACHED", late["breach_at"])
    assert late["breach_at"] >= "2026-09-05T11:00:00", "from the move on, not from the due time of terms it did not have"
    status = (await people.get("M1", f"/replans/{running['replan']}")).json()
    assert (status["moved"], status["left"], status["breaches"], status["acknowledged"]) == (2, 0, 1, 0)
    assert len(await tickets(people, running["replan"], acknowledged=False)) == 2


async def test_a_ticket_that_closes_before_its_turn_is_not_moved(people: Office) -> None:
    running = (await confirm(people, await dry_run(people))).json()["replan"]
    await people.api.post(event("milestone", "2026-09-05T12:40+02:00", "P-1", milestone="RESPONDED"))
    await carry_out(people, running)
    status = (await people.get("M1", f"/replans/{running}")).json()

    assert (status["moved"], status["closed"], status["left"]) == (1, 1, 0)
    assert (await people.get("M1", "/tickets/P-1")).json()["moves"] == []


async def test_what_was_written_down_before_a_crash_is_moved_at_its_instant(people: Office, database: Database) -> None:
    running = (await confirm(people, await dry_run(people))).json()["replan"]
    store = ReplanStore(database)
    async with database.writing() as connection:
        row: Any = await store.replan(connection, running)
        found = await store.open_tickets(connection, route_of(row), "", 10)
        planned = await replanner_of(people)._plan(connection, route_of(row), versions()[1], found)
        await store.write(connection, running, planned, MoveState.PLANNED)
    await carry_out(people, running)
    status = (await people.get("M1", f"/replans/{running}")).json()
    moved = (await people.get("M1", "/tickets/P-1")).json()["events"][-1]

    assert (status["moved"], status["left"]) == (2, 0)
    assert datetime.fromisoformat(moved["occurred_at"]) == planned[0].at


async def test_a_re_plan_needs_a_dry_run_that_is_still_true(people: Office, database: Database) -> None:
    async def refused(answer: httpx2.Response) -> str:
        assert answer.status_code == 409, answer.text
        return str(answer.json()["code"])

    dry = await dry_run(people)
    assert await refused(await confirm(people, {"replan": None})) == "NO_DRY_RUN"
    assert await refused(await confirm(people, dry, from_version="1.0")) == "NO_DRY_RUN"
    table = ReplanRow.__table__  # type: ignore[attr-defined]
    async with database.writing() as connection:
        await connection.execute(update(table).values(asked_at=datetime.fromisoformat("2026-09-04T12:59+02:00")))
    assert await refused(await confirm(people, dry)) == "DRY_RUN_STALE"
    dry = await dry_run(people)
    third = versions()[1].model_copy(update={"version": "2.1", "effective_from": date(2026, 9, 8)})
    await AgreementRegistry(database).import_terms(third, "test", AT)
    assert await refused(await confirm(people, dry)) == "DRY_RUN_STALE"


async def test_an_agreement_has_one_re_plan_at_a_time_and_the_same_key_is_the_same_one(people: Office) -> None:
    dry = await dry_run(people)
    first, again, other = await confirm(people, dry, "k"), await confirm(people, dry, "k"), await confirm(people, dry)

    assert first.json()["replan"] == again.json()["replan"]
    assert (other.status_code, other.json()["code"]) == (409, "REPLAN_RUNNING")
    await carry_out(people, first.json()["replan"])
    await replanner_of(people).finish(first.json()["replan"])
    listed = (await people.get("M1", "/replans", agreement="SLA-2026-0001")).json()
    assert [each["state"] for each in listed] == ["DONE", "COUNTED"]
    assert (await confirm(people, dry)).status_code == 201


@pytest.mark.parametrize(
    ("person", "body", "status", "code"),
    [
        ("B1", {}, 403, "FORBIDDEN"),
        ("A1", {}, 403, "FORBIDDEN"),
        ("M1", {"to_version": "3.0"}, 404, "NOT_FOUND"),
        ("M1", {"agreement": "SLA-2026-0009"}, 404, "NOT_FOUND"),
        ("M1", {"from_version": "2.0"}, 409, "SAME_VERSION"),
        ("M1", {"rate": 0}, 422, "INVALID_REQUEST"),
        ("M1", {"confirms": "replan-1"}, 422, "BAD_INPUT"),
    ],
)
async def test_what_cannot_be_is_refused(people: Office, person: str, body: dict[str, Any], status: int, code: str) -> None:
    answer = await people.send(person, "/replans", **(REPLAN | body))

    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_nothing_known_is_404(people: Office) -> None:
    assert (await people.get("M1", "/replans/replan-0")).status_code == 404


async def test_the_process_moves_the_tickets_and_their_processes_are_told(engine: WorkflowEnvironment, database: Database) -> None:
    await prepare(database)
    async with workers(engine.client, database, settings_for(database.url, now=NOW)), office(database, engine.client, now=NOW) as people:
        await open_tickets(people)
        running = (await confirm(people, await dry_run(people))).json()["replan"]
        status: dict[str, Any] = {}
        for _ in range(200):
            status = (await people.get("M1", f"/replans/{running}")).json()
            if (status["state"], status["acknowledged"]) == ("DONE", 2):
                break
            await asyncio.sleep(0.1)
        result = await engine.client.get_workflow_handle(f"replan:{running}").result()

    assert (status["state"], status["moved"], status["acknowledged"], status["left"]) == ("DONE", 2, 2, 0)
    assert result == {"moved": 2}
