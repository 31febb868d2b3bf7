import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from commands.replay import app
from connectors.signatures import verify
from domain.errors import ServandaError
from tests.conftest import EXAMPLES, ROOT, SECRET

LOG = str(EXAMPLES / "invented_event_log.csv")
MAPPING = str(EXAMPLES / "incident_event_log.yaml")


def replay(*arguments: str, mapping: str = MAPPING, log: str = LOG, env: dict[str, str | None] | None = None) -> Result:
    return CliRunner().invoke(app, [log, "--mapping", mapping, *arguments], env={"SERVANDA_CRM_SECRET": None, **(env or {})})


def json_of(*arguments: str, log: str = LOG) -> Any:
    result = replay("--json", *arguments, log=log)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def refusal(*arguments: str, mapping: str = MAPPING, log: str = LOG) -> str:
    result = replay(*arguments, mapping=mapping, log=log)
    assert isinstance(result.exception, ServandaError), result.exception
    assert "\n" not in str(result.exception)
    return str(result.exception)


class Desk:
    """A running inbox that keeps what it is sent."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.faulty: set[str] = set()
        self.url = ""

    def take(self, batch: list[dict[str, Any]]) -> tuple[int, dict[str, Any]]:
        if any(event["id"] in self.faulty for event in batch):
            return 422, {"detail": "lies in the future"}
        known = {event["id"] for event in self.events}
        self.events += [event for event in batch if event["id"] not in known]
        return 202, {"results": [{"id": each["id"], "status": "duplicate" if each["id"] in known else "accepted"} for each in batch]}


@contextmanager
def desk() -> Iterator[Desk]:
    inbox = Desk()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            verify((SECRET,), {key.lower(): value for key, value in self.headers.items()}, body, datetime.now(UTC))
            status, answer = inbox.take(json.loads(body))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    inbox.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield inbox
    finally:
        server.shutdown()
        server.server_close()


# ---- offline ---------------------------------------------------------------------------------------------------------


def test_the_invented_log_folds_into_attainment_by_target_priority_and_month() -> None:
    result = replay("--offline")
    lines = [line.rstrip() for line in result.stdout.splitlines()]

    assert result.exit_code == 0
    assert result.stderr == ""
    assert lines[:-1] == EXPECTED.splitlines()
    assert lines[-1].startswith("took ")


EXPECTED = """\
resolution       priority 1     priority 2         priority 3        priority 4                all
2026-01       62.50 % (5/8)  60.00 % (3/5)    97.26 % (71/73)  100.00 % (20/20)   93.39 % (99/106)
2026-02       50.00 % (3/6)  33.33 % (1/3)    91.30 % (84/92)    100.00 % (9/9)   88.18 % (97/110)
2026-03       75.00 % (3/4)              –    92.42 % (61/66)  100.00 % (14/14)    92.85 % (78/84)
all         61.11 % (11/18)  50.00 % (4/8)  93.50 % (216/231)  100.00 % (43/43)  91.33 % (274/300)

response       priority 1     priority 2         priority 3       priority 4                all
2026-01     37.50 % (3/8)  60.00 % (3/5)    80.72 % (67/83)  95.23 % (20/21)   79.48 % (93/117)
2026-02     83.33 % (5/6)  66.66 % (2/3)    83.51 % (76/91)   100.00 % (8/8)   84.25 % (91/108)
2026-03    100.00 % (4/4)              –    89.47 % (51/57)  71.42 % (10/14)    86.66 % (65/75)
all       66.66 % (12/18)  62.50 % (5/8)  83.98 % (194/231)  88.37 % (38/43)  83.00 % (249/300)

tickets: 300, events: 1436
rows: 1798 = 1280 used + 518 that changed nothing + 0 refused
  note: state '-100' is not in the mapping: the state before it was kept; rows: 4, first in line 104, 647, 1186
  note: the row is older than its ticket: taken at the ticket's creation; rows: 5, first in line 169, 541, 881
clocks: 600 as of 2026-04-03T05:50:00Z, of them breached: 77; tickets under no agreement: 0
"""


def test_without_to_the_log_is_folded_here() -> None:
    assert json_of()["attainment"] == json_of("--offline")["attainment"]


def test_as_json_every_count_is_a_number_and_every_percentage_a_decimal_string() -> None:
    found = json_of("--offline")

    assert found["log"] == {
        "tickets": 300,
        "events": 1436,
        "rows": 1798,
        "used": 1280,
        "unchanged": 518,
        "refused": [],
        "notes": [
            {"reason": "state '-100' is not in the mapping: the state before it was kept", "rows": 4, "first_lines": [104, 647, 1186]},
            {"reason": "the row is older than its ticket: taken at the ticket's creation", "rows": 5, "first_lines": [169, 541, 881]},
        ],
    }
    assert (found["as_of"], found["clocks"], found["breached"], found["uncovered_tickets"]) == ("2026-04-03T05:50:00Z", 600, 77, 0)
    assert found["attainment"][2] == {
        "target": "resolution",
        "priority": "1",
        "month": "2026-03",
        "met": 3,
        "breached": 1,
        "attainment_pct": "75.00",
    }
    assert sum(each["met"] + each["breached"] for each in found["attainment"]) == 600


def test_as_of_an_earlier_day_what_came_later_does_not_count() -> None:
    found = json_of("--as-of", "2026-02-01T00:00Z")

    assert {each["month"] for each in found["attainment"]} == {"2026-01"}
    assert found["as_of"] == "2026-02-01T00:00:00Z"


def test_a_limit_folds_that_many_tickets() -> None:
    found = json_of("--limit", "10")

    assert (found["log"]["tickets"], found["clocks"]) == (10, 20)


def test_tickets_may_be_folded_under_another_agreement() -> None:
    found = json_of("--agreement", str(EXAMPLES / "agreements" / "erp.yaml"))

    assert (found["clocks"], found["uncovered_tickets"], found["attainment"]) == (0, 300, [])


@pytest.mark.skipif("SERVANDA_INCIDENT_LOG" not in os.environ, reason="SERVANDA_INCIDENT_LOG names no incident log (UCI dataset 498)")
def test_the_real_log_folds_whole_without_an_unexplained_row() -> None:
    found = json_of("--offline", log=os.environ["SERVANDA_INCIDENT_LOG"])
    log = found["log"]

    assert (log["tickets"], log["rows"]) == (24_918, 141_712)
    assert log["used"] + log["unchanged"] == 141_712
    assert log["refused"] == []
    assert [(each["rows"], each["reason"]) for each in log["notes"]] == [
        (5, "the row is older than its ticket: taken at the ticket's creation"),
        (1, "resolved_at lies before the ticket was reopened: the row's instant was taken"),
        (5, "state '-100' is not in the mapping: the state before it was kept"),
    ]
    assert (found["clocks"], found["uncovered_tickets"]) == (49_847, 0)
    assert sum(each["met"] + each["breached"] for each in found["attainment"]) == 49_847


# ---- posting ---------------------------------------------------------------------------------------------------------


def test_posted_events_arrive_each_once_and_in_the_order_of_their_ticket() -> None:
    with desk() as inbox:
        first = json_of("--to", inbox.url, "--secret", SECRET, "--limit", "40")
        second = json_of("--to", inbox.url, "--secret", SECRET, "--limit", "40")

    count = first["log"]["events"]
    assert first["posted"] == {"accepted": count, "duplicates": 0, "refused": []}
    assert second["posted"] == {"accepted": 0, "duplicates": count, "refused": []}
    assert len(inbox.events) == count > 100
    for ticket in {event["data"]["ticket_id"] for event in inbox.events}:
        mine = [event for event in inbox.events if event["data"]["ticket_id"] == ticket]
        assert mine[0]["type"] == "ticket.created"
        assert [event["time"] for event in mine] == sorted(event["time"] for event in mine)


def test_the_secret_may_come_from_the_environment_and_the_first_of_two_counts() -> None:
    with desk() as inbox:
        result = replay("--to", inbox.url, "--limit", "1", env={"SERVANDA_CRM_SECRET": f"{SECRET},whsec_b2xkZXI="})

    assert result.exit_code == 0
    assert "posted: 4 = 4 accepted + 0 known before + 0 refused\n" in result.stdout


def test_a_refused_event_is_named_with_its_reason_and_the_exit_code_tells() -> None:
    with desk() as inbox:
        inbox.faulty = {"9000001-created"}
        result = replay("--to", inbox.url, "--secret", SECRET, "--limit", "1")

    assert result.exit_code == 1
    assert "posted: 4 = 3 accepted + 0 known before + 1 refused\n" in result.stdout
    assert "  refused: 9000001-created: lies in the future\n" in result.stdout


# ---- bad input -------------------------------------------------------------------------------------------------------


def test_to_and_offline_exclude_each_other() -> None:
    assert refusal("--to", "http://127.0.0.1:8000", "--offline").startswith("--to posts the events; leave out --offline")


def test_posting_needs_a_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVANDA_DATA_DIR", str(tmp_path))
    assert refusal("--to", "http://127.0.0.1:8000") == "--to needs the secret that the API knows: --secret whsec_… or SERVANDA_CRM_SECRET"


def test_a_log_that_is_not_there_is_named() -> None:
    assert refusal(log="absent.csv") == "absent.csv: No such file or directory"


def test_a_column_of_the_mapping_that_the_log_does_not_have_is_named(tmp_path: Path) -> None:
    copy = changed_mapping(tmp_path, "number", "incident")

    assert refusal(mapping=str(copy)).startswith(f"{LOG}: there is no column 'incident'; there are number, incident_state")


def test_a_mapping_without_agreements_asks_for_one(tmp_path: Path) -> None:
    copy = changed_mapping(tmp_path, "agreements: [agreements/it-incidents.yaml]", "")

    assert refusal(mapping=str(copy)) == f"{copy}: names no agreements; say with --agreement FILE under which to fold"


def test_an_error_of_the_command_is_one_line_and_exit_code_2() -> None:
    done = subprocess.run(
        [sys.executable, "cli.py", "replay", "absent.csv", "--mapping", MAPPING], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout, done.stderr) == (2, "", "error: absent.csv: No such file or directory\n")


def changed_mapping(folder: Path, old: str, new: str) -> Path:
    copy = folder / "mapping.yaml"
    shutil.copytree(EXAMPLES / "agreements", folder / "agreements")
    copy.write_text(Path(MAPPING).read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    return copy
