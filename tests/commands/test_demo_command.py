"""The first command somebody types: everything started, an agreement made, a live ticket that breaches under it."""

import os
import time
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from commands.demo import told_at
from commands.demo_month import STANDING
from domain.follow_ups.credit import CreditState
from tests.commands.pictures import take_pictures
from tests.commands.walk import SLOW, Seen, walk
from tests.processes import Child, Installation, servanda

PEOPLE = ("M1", "X1", "B1", "U1")
"""The service level manager, an administrator, somebody of the customer, somebody of a supplier."""


PICTURES = {"home": "/pages", "agreement": "/pages/agreements/SLA-2026-0010", "expect": "/pages/agreements/SLA-2026-0008/expect"}
"""What the README shows: `make pictures` keeps these, every other run looks whether they can be taken."""


def look_at(person: str, seen: list[Seen]) -> None:
    """Every page is there, runs nothing, and took less than 200 ms of work: others use the machine too, so work is what is timed."""
    assert len(seen) > 5, person
    assert [(each.address, each.status) for each in seen if each.status != 200] == [], person
    assert [each.address for each in seen if "<script" in each.html] == [], person
    assert [(each.address, each.cpu) for each in seen if each.cpu >= SLOW] == [], person


def test_times_are_told_in_utc_and_with_the_day_where_that_is_another_one() -> None:
    at = datetime(2026, 10, 25, 1, 30, tzinfo=ZoneInfo("Europe/Warsaw"))

    assert told_at(at) == "23:30:00 UTC"
    assert told_at(at, date(2026, 10, 24)) == "23:30:00 UTC"
    assert told_at(at, date(2026, 10, 25)) == "2026-10-24 23:30:00 UTC"


def test_a_credit_of_an_earlier_demo_is_told_as_it_stands() -> None:
    assert set(STANDING) == set(CreditState)
    assert [state for state in STANDING if "waits" in STANDING[state]] == [CreditState.DRAFTED]


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_demo_plays_its_story_to_the_end_and_stays_up(tmp_path: Path) -> None:
    installation, log = Installation(tmp_path), tmp_path / "demo.log"
    process = Child(servanda("demo"), installation.environment, log)
    process.start()
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline and "Kill any process" not in log.read_text():
        time.sleep(0.5)
    told = log.read_text()
    tickets = installation.get("/readyz")
    tokens = dict(line.split()[:2] for line in (tmp_path / "tokens").read_text().splitlines() if not line.startswith("#"))
    walks = {person: walk(f"http://127.0.0.1:{installation.api_port}", tokens[person]) for person in PEOPLE}
    live = told.partition("ticket LIVE-")[2].split()[0]
    pages = PICTURES | {"ticket": f"/pages/tickets/demo/LIVE-{live}"}
    folder = Path(os.environ.get("SERVANDA_PICTURES", tmp_path))
    pictures = take_pictures(f"http://127.0.0.1:{installation.api_port}", tokens["M1"], pages, folder)
    code = process.stop()

    assert "accepted 1436, known before 0, refused 0" in told, told
    assert "REGISTERED            SLA/2026/0007, SLA/2026/0008, SLA/2026/0009" in told, told
    assert "4. One live ticket under SLA/2026/0008, and nobody answers" in told
    assert f"/pages/tickets/demo/LIVE-{live}" in told, "what a browser opens"
    assert told.count("✗ breach     true at ") == 1, told
    assert "response: 92.5000 % of 95.0000 %, RED" in told, told
    assert "   violation       to CUSTOMER_REP, CRM_STAFF, SLM_MANAGER: SLA/2026/0010: response missed in " in told, told
    assert "   credit          DRAFTED: 540.00 PLN (5 % of 10800 for response), waits for finance" in told, told
    assert "   watermelon      SLA/2026/0011: 100.0000 % kept, 50.0 % content: CSAT_BELOW_GOAL" in told, told
    assert "“gold” would have missed 2 of 4 judged periods." in told, told
    assert "<svg" in (tmp_path / "slam.html").read_text()
    assert "/pages/backtests/" in told, told
    assert (tmp_path / "SLA-2026-0008.pdf").read_bytes().startswith(b"%PDF-")
    assert (tmp_path / "tokens").stat().st_mode & 0o077 == 0, "only their owner reads them"
    assert tickets is not None
    assert code == 0
    assert [picture for picture in pictures if not picture.read_bytes().startswith(b"\x89PNG")] == []
    for person, seen in walks.items():
        look_at(person, seen)
