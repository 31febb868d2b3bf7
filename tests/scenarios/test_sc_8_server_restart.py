"""SC-8, variant d: engine, API and worker are killed while a draft is reviewed, as real processes on a real database."""

import asyncio
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from temporalio.client import Client

from connectors.documents import read_catalogue
from connectors.signatures import sign
from store.database import Database
from store.directory import Directory
from tests.api.people import request
from tests.conftest import EXAMPLES, SECRET
from tests.domain.drafts import story
from tests.processes import Installation

REVIEWERS = ("CK1", "MK1", "SK1", "HK1", "TK1")
SERVICES = ["NEW_USER", "USER_TERMINATION", "DEVICE_ORDER"]
WAITING = 'AgreementState = "FINAL_REVIEW" AND PendingRole = "CONTROL_TIER"'
BUSINESS_DAY = timedelta(seconds=16)
"""In a company that is open around the clock a business day may be as short as a test needs it."""

CALENDAR = f"""{{calendar: SHORT-DAYS, time_zone: Europe/Warsaw, business_day: {int(BUSINESS_DAY.total_seconds())}s, weekly: {{
  mon: ["00:00-24:00"], tue: ["00:00-24:00"], wed: ["00:00-24:00"], thu: ["00:00-24:00"],
  fri: ["00:00-24:00"], sat: ["00:00-24:00"], sun: ["00:00-24:00"]}}}}"""

POLICY = """
tasks:
  REVIEW_DRAFT: {due: 5, remind: [1, 2]}
approval_lapse: 300
review_lapse: 300
"""


class Restarted(Installation):
    """An installation of short business days, in which people act with tokens of their own."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.environment["SERVANDA_POLICY_FILE"] = str(folder / "policy.yaml")
        (folder / "policy.yaml").write_text(POLICY, encoding="utf-8")
        text = (EXAMPLES / "catalogues" / "meble-kowal.yaml").read_text(encoding="utf-8")
        (folder / "catalogue.yaml").write_text(text.replace("\n  file: ../calendars/pl-bh-8-17.yaml", f" {CALENDAR}"), encoding="utf-8")
        self.tokens: dict[str, str] = {}

    async def staff(self) -> None:
        """Load the catalogue, and give everybody a token."""
        database, now = Database(f"sqlite+aiosqlite:///{self.folder / 'servanda.db'}"), datetime.now(UTC)
        directory, catalogue = Directory(database), read_catalogue(self.folder / "catalogue.yaml")
        await directory.load(catalogue, "test", now)
        self.tokens = {each.person: await directory.new_token(each.person, now) for each in catalogue.people}
        await database.close()

    def call(self, person: str, verb: str, path: str, body: dict[str, Any] | None = None) -> httpx2.Response:
        """Somebody asks or decides."""
        headers = {"authorization": f"Bearer {self.tokens[person]}", "idempotency-key": uuid4().hex}
        return httpx2.request(verb, f"http://127.0.0.1:{self.api_port}{path}", json=body, headers=headers, timeout=20)

    def case(self, case_id: str) -> dict[str, Any]:
        """The case as the SLM manager sees it."""
        return dict(self.call("MK1", "GET", f"/cases/{case_id}").json())

    def play(self, case_id: str, until: str) -> None:
        """Play the internal agreements' story as fast as it goes."""
        for deed in story("internal-agreements"):
            shown = self.case(case_id)
            if shown["state"] == until:
                return
            fields = deed.filled({f"${name}": value for name, value in shown["hashes"].items()})
            answer = self.call(deed.person, "POST", f"/cases/{case_id}/{deed.action}", fields)
            assert answer.status_code == 200, f"{deed.person} {deed.action}: {answer.text}"

    def play_on(self, case_id: str) -> None:
        """Everybody approves."""
        digest = self.case(case_id)["hashes"]["draft"]
        for person in REVIEWERS:
            answer = self.call(person, "POST", f"/cases/{case_id}/approve_draft", {"document_hash": digest})
            assert answer.status_code == 200, answer.text

    def open(self) -> str:
        """The CRM asks for the agreements."""
        body = json.dumps(request(customer="HR", services=SERVICES)).encode()
        headers = sign(SECRET, uuid4().hex, datetime.now(UTC), body)
        answer = httpx2.post(f"http://127.0.0.1:{self.api_port}/crm/events", content=body, headers=headers, timeout=20)
        assert answer.status_code == 202, answer.text
        case_id: str = answer.json()["results"][0]["case_id"]
        until(lambda: self.case(case_id)["state"] == "AGENT_SELECTION")
        return case_id

    async def found(self) -> list[tuple[str, str]]:
        """Processes that administrators find waiting for the control tier, with their runs."""
        client = await Client.connect(f"127.0.0.1:{self.engine_port}")
        return [(each.id, each.run_id) async for each in client.list_workflows(WAITING)]

    def reminders(self) -> dict[str, datetime]:
        """When which reminder of the review arrived, by key."""
        messages: list[dict[str, Any]] = self.get("/mailbox?limit=500")["messages"]  # type: ignore[assignment]
        found = {each["notice"]: datetime.fromisoformat(each["received_at"]) for each in messages}
        return {key: at for key, at in found.items() if "REVIEW_DRAFT" in key and ":reminder:" in key}


def until(holds: Callable[[], object], seconds: float = 60) -> None:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.1)


def sleep_until(at: datetime) -> None:
    """Let time pass, really."""
    time.sleep(max((at - datetime.now(UTC)).total_seconds(), 0))


@pytest.mark.slow
def test_open_timers_fire_and_cases_are_found_after_the_engine_was_killed_too(tmp_path: Path) -> None:
    with Restarted(tmp_path) as installation:
        asyncio.run(installation.staff())
        case_id = installation.open()
        installation.play(case_id, until="FINAL_REVIEW")
        [due] = {datetime.fromisoformat(each["due_at"]) for each in installation.case(case_id)["tasks"] if each["kind"] == "REVIEW_DRAFT"}
        opened_at = due - 5 * BUSINESS_DAY
        first, second = opened_at + BUSINESS_DAY, opened_at + 2 * BUSINESS_DAY
        until(lambda: asyncio.run(installation.found()))
        found = asyncio.run(installation.found())
        assert [each for each, _ in found] == [f"agreement-case:{case_id}"], "8g: this case only"

        for child in (installation.engine, installation.worker, installation.api):
            child.kill()
        sleep_until(first)
        for child in (installation.engine, installation.worker, installation.api):
            child.start()
        until(lambda: len(installation.reminders()) >= 5)
        overdue = installation.reminders()
        assert all(first < at < second for at in overdue.values()), "8d: at once when overdue"
        assert asyncio.run(installation.found()) == found, "8d: search attributes still find the case, in the same run"
        until(lambda: len(installation.reminders()) >= 10)
        at_their_times = [at for key, at in installation.reminders().items() if key not in overdue]
        assert all(second <= at < second + timedelta(seconds=8) for at in at_their_times), "8d: open timers fire at their times"
        assert len(at_their_times) == 5, "8d: once each"
        installation.play_on(case_id)
        assert installation.case(case_id)["state"] == "SIGNING", "8d: and the case goes on"
