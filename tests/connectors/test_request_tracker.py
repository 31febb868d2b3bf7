"""A real Request Tracker beside a whole installation: what agents do there is counted here, and what is counted is told there."""

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml

from tests.conftest import EXAMPLES, ROOT
from tests.connectors.request_trackers import SECRET, RequestTracker, request_tracker
from tests.processes import Installation, servanda

PROMISE = """
agreement: minute-desk
version: "1.0"
kind: CUSTOMER_SLA
title: Promises short enough to watch
provider: Serwis-Druk Polska sp. z o.o.
customer: Bank Narew S.A.
service: MPS
regions: METRO
time_zone: Europe/Warsaw
effective_from: 2026-01-01
targets:
  - {target: response, stop: RESPONDED, limit: 5m, calendar: 24x7, pauses: [AWAITING_CUSTOMER]}
  - {target: resolution, stop: RESOLVED, limit: 4s, calendar: 24x7, pauses: [AWAITING_CUSTOMER]}
"""

CONNECTOR = {
    "name": "help-desk",
    "maker": "request-tracker",
    "secrets": ["${RT_WEBHOOK_SECRET}"],
    "mapping": str(EXAMPLES / "connectors" / "request-tracker.yaml"),
}


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RequestTracker, Installation]]:
    """Both, up and connected to each other."""
    folder = tmp_path_factory.mktemp("both")
    ours = Installation(folder)
    (folder / "rt").mkdir()
    with request_tracker(folder / "rt", f"http://127.0.0.1:{ours.api_port}/connectors/help-desk/events") as tracker:
        rest = {"url": tracker.url, "user": "root", "token": "${RT_PASSWORD}", "due_field": "Due"}
        (folder / "connectors.yaml").write_text(yaml.safe_dump({"connectors": [CONNECTOR | {"rest": rest}]}), encoding="utf-8")
        (folder / "promise.yaml").write_text(PROMISE, encoding="utf-8")
        ours.environment |= {
            "SERVANDA_CONNECTORS_FILE": str(folder / "connectors.yaml"),
            "RT_WEBHOOK_SECRET": SECRET,
            "RT_PASSWORD": "password",
        }
        with ours:
            ours.run("agreement", "import", str(folder / "promise.yaml"))
            yield tracker, ours


def until(look: Callable[[], Any], seconds: float = 30) -> Any:
    """Look again and again until there is something to see."""
    ends = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < ends, f"nothing within {seconds} s"
        time.sleep(0.3)
    return found


def clocks(ours: Installation, ticket: str) -> dict[str, Any]:
    found = ours.get(f"/tickets/rt/{ticket}")
    return {each["target"]: each for each in found["clocks"]}  # type: ignore[attr-defined]


FIELDS = {"CustomFields": {"Customer": "Bank Narew S.A.", "Region": "Warszawa"}}


@pytest.mark.slow
def test_a_ticket_of_a_real_request_tracker_is_counted_paused_and_resolved(both: tuple[RequestTracker, Installation]) -> None:
    tracker, ours = both
    ticket = tracker.create(**FIELDS)
    tracker.set(ticket, Status="stalled")
    paused = clocks(ours, ticket)["response"]
    tracker.set(ticket, Status="open")
    tracker.reply(ticket, "we are on our way")
    tracker.set(ticket, Status="resolved")
    ended = clocks(ours, ticket)

    assert (paused["state"], paused["reason"]) == ("PAUSED", "AWAITING_CUSTOMER")
    assert ended["response"]["verdict"] == "MET"
    assert ended["resolution"]["state"] == "COMPLETED"
    until(lambda: any("Met: response" in text for text in tracker.comments(ticket)))


@pytest.mark.slow
def test_a_breach_is_told_on_the_ticket_and_its_due_time_stands_in_a_field(both: tuple[RequestTracker, Installation]) -> None:
    tracker, ours = both
    ticket = tracker.create(**FIELDS)
    until(lambda: any("Breached: resolution" in text for text in tracker.comments(ticket)))
    due = clocks(ours, ticket)["resolution"]["due_at"]

    assert tracker.ticket(ticket)["Due"][:19] == str(due)[:19]
    assert sum("Breached: resolution" in text for text in tracker.comments(ticket)) == 1


@pytest.mark.slow
def test_what_was_lost_on_the_way_is_found_and_sent(both: tuple[RequestTracker, Installation]) -> None:
    tracker, ours = both
    known = tracker.create(**FIELDS)
    ours.api.kill()
    tracker.set(known, Status="resolved")
    lost = tracker.create(**FIELDS, Priority=50)
    ours.api.start()
    ours.get("/healthz")

    code, found = reconcile(ours)
    assert code == 1
    assert {(each["ticket"], each["difference"]) for each in found["differences"]} >= {(lost, "missing here"), (known, "other status")}
    code, found = reconcile(ours, "--send")
    assert (code, {each["outcome"] for each in found["sent"]}) == (0, {"taken"})
    assert reconcile(ours)[0] == 0
    assert clocks(ours, known)["response"]["verdict"] == "MET"
    until(lambda: clocks(ours, lost)["response"]["state"] == "RUNNING")


def reconcile(ours: Installation, *options: str) -> tuple[int, dict[str, Any]]:
    command = servanda("reconcile", "--connector", "help-desk", "--json", *options)
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, env={**os.environ, **ours.environment})
    assert done.returncode in {0, 1}, done.stderr
    return done.returncode, json.loads(done.stdout)
