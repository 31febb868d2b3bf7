"""API, worker and engine killed with -9 in any order during a run: no event lost, one notice per key, breaches at their due time."""

import random
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import event
from tests.processes import Child, Installation
from tests.receiver import Receiver, receiving

AGREEMENT = """
agreement: quick
kind: CUSTOMER_SLA
provider: us
customer: them
service: quick
time_zone: Europe/Warsaw
effective_from: 2026-01-01
targets:
  - target: response
    stop: RESPONDED
    limit: {limit}s
    calendar: 24x7
    warn_at: [50]
"""

TICKETS = 24
LIMIT = timedelta(seconds=20)


def tickets_of(started: datetime) -> list[dict[str, Any]]:
    """Tickets opened within some seconds; every third is answered in time."""
    events = []
    for number in range(TICKETS):
        at = started + timedelta(seconds=number * 0.4)
        ticket = f"Q-{number}"
        events.append((at, event("created", at.isoformat(), ticket, customer="them", service="quick")))
        if number % 3 == 0:
            answered = at + timedelta(seconds=2)
            events.append((answered, event("milestone", answered.isoformat(), ticket, milestone="RESPONDED")))
    return [told for _, told in sorted(events, key=lambda pair: pair[0])]


def send_all(installation: Installation, events: list[dict[str, Any]]) -> None:
    """Send each event when it happens, and every fifth twice, as a CRM does that got no answer."""
    for number, told in enumerate(events):
        wait = datetime.fromisoformat(told["time"]) - datetime.now(UTC)
        time.sleep(max(wait.total_seconds(), 0))
        installation.post(told)
        if number % 5 == 0:
            installation.post(told)


def kill_around(installation: Installation, seed: int, until: datetime) -> list[str]:
    """Kill one process after the other, in a random order, each started again a moment later."""
    children: dict[str, Child] = {"api": installation.api, "worker": installation.worker, "engine": installation.engine}
    choose, killed = random.Random(seed), []
    while datetime.now(UTC) < until:
        for name in choose.sample(sorted(children), 3):
            children[name].kill()
            time.sleep(choose.uniform(0.1, 1.0))
            children[name].start()
            killed.append(name)
            time.sleep(choose.uniform(1.0, 3.0))
    return killed


def settle(installation: Installation, wanted: int) -> list[dict[str, Any]]:
    """Wait until every breach was told."""
    deadline = time.monotonic() + 60
    while True:
        messages: list[dict[str, Any]] = installation.get("/mailbox?limit=500")["messages"]  # type: ignore[assignment]
        if sum(message["subject"].startswith("Breached") for message in messages) >= wanted or time.monotonic() > deadline:
            return messages
        time.sleep(0.5)


def recorded(installation: Installation, number: int) -> dict[str, Any]:
    """A ticket, once the breach of a late one is recorded: the notice may be read a moment before."""
    deadline = time.monotonic() + 30
    while True:
        shown: dict[str, Any] = installation.get(f"/tickets/Q-{number}")
        if not number % 3 or any(each["kind"] == "BREACH" for each in shown["milestones"]) or time.monotonic() > deadline:
            return shown
        time.sleep(0.5)


def check(installation: Installation, receiver: Receiver, started: datetime) -> None:
    late = [number for number in range(TICKETS) if number % 3]
    messages = settle(installation, len(late))
    breached = [message["ticket"] for message in messages if message["subject"].startswith("Breached")]
    assert sorted(breached) == sorted(f"crm/Q-{number}" for number in late), "one breach notice per late ticket, none for others"
    keys = [message["message_id"] for message in messages]
    assert len(keys) == len(set(keys))
    assert set(receiver.kept) == set(keys), "the webhook receiver has what the mailbox has"
    for number in range(TICKETS):
        shown = recorded(installation, number)
        [clock] = shown["clocks"]
        due = started + timedelta(seconds=number * 0.4) + LIMIT
        assert len(shown["events"]) == (1 if number % 3 else 2), "no event lost"
        assert clock["verdict"] == ("MET" if number % 3 == 0 else "RUNNING BREACHED")
        if number % 3:
            [record] = [each for each in shown["milestones"] if each["kind"] == "BREACH"]
            assert datetime.fromisoformat(record["at"]) == due, "recorded at its due time"
            assert datetime.fromisoformat(clock["breach_at"]) == due


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_killing_every_process_in_any_order_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    agreement = tmp_path / "quick.yaml"
    agreement.write_text(AGREEMENT.format(limit=int(LIMIT.total_seconds())), encoding="utf-8")
    with receiving() as receiver, Installation(tmp_path, receiver.url) as installation:
        installation.run("agreement", "import", str(agreement))
        started = datetime.now(UTC) + timedelta(seconds=1)
        sending = threading.Thread(target=send_all, args=(installation, tickets_of(started)))
        sending.start()
        killed = kill_around(installation, seed=20260316, until=started + LIMIT + timedelta(seconds=12))
        sending.join()
        check(installation, receiver, started)

    assert {"api", "worker", "engine"} <= set(killed)
