"""`servanda up` as people use it: started, stopped, killed, started again."""

import json
import os
import signal
import socket
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from commands.engine import command_of
from tests.conftest import EXAMPLES, event
from tests.processes import Child, Installation, free_port, servanda


def up(tmp_path: Path) -> tuple[Installation, Child]:
    installation = Installation(tmp_path)
    return installation, Child(servanda("up"), installation.environment, tmp_path / "up.log")


def ran(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """One of our commands, run to its end in an installation of its own."""
    environment = {**os.environ, **Installation(folder).environment, **settings}
    return subprocess.run(servanda(*arguments), capture_output=True, text=True, check=False, env=environment, timeout=90)


def engines_over(folder: Path) -> list[str]:
    numbers = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()] if Path("/proc/self").exists() else []
    if not numbers:
        pytest.skip("this machine has no /proc to look into")
    return [command for number in numbers if str(folder / "temporal.db") in (command := command_of(number))]


@pytest.mark.slow
def test_up_starts_stops_cleanly_and_finds_its_tickets_again_even_after_a_kill(tmp_path: Path) -> None:
    installation, process = up(tmp_path)
    process.start()
    installation.get("/readyz")
    installation.run("agreement", "import", str(EXAMPLES / "agreements" / "live-demo.yaml"))
    opened = datetime.now(UTC)
    installation.post(event("created", opened.isoformat(), "U-1", customer="You", service="COFFEE"))
    assert process.stop() == 0, (tmp_path / "up.log").read_text()
    assert engines_over(tmp_path) == [], "the engine was stopped with it"

    process.start()
    installation.get("/readyz")
    process.kill()
    assert len(engines_over(tmp_path)) == 1, "the engine of a killed servanda up is an orphan"

    process.start()
    installation.get("/readyz")
    assert len(engines_over(tmp_path)) == 1, "the orphan was ended, the new one runs"
    deadline = time.monotonic() + 60
    messages: list[dict[str, str]] = []
    while time.monotonic() < deadline and not any(message["subject"].startswith("Breached") for message in messages):
        time.sleep(0.5)
        messages = installation.get("/mailbox")["messages"]  # type: ignore[assignment]
    [reached] = [each for each in installation.get("/tickets/U-1")["milestones"] if each["kind"] == "BREACH"]  # type: ignore[attr-defined]
    code = process.stop()

    assert datetime.fromisoformat(reached["at"]) == opened + timedelta(seconds=30)
    assert sum(message["subject"].startswith("Breached") for message in messages) == 1
    assert code == 0


@pytest.mark.slow
def test_up_starts_its_engine_again_when_somebody_kills_it(tmp_path: Path) -> None:
    installation, process = up(tmp_path)
    process.start()
    installation.get("/readyz")
    pid = int((tmp_path / "temporal.pid").read_text())
    os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and (not engines_over(tmp_path) or (tmp_path / "temporal.pid").read_text() in {"", str(pid)}):
        time.sleep(0.2)
    again = engines_over(tmp_path)
    code = process.stop()

    assert len(again) == 1
    assert code == 0


@pytest.mark.parametrize("command", ["up", "api"])
def test_a_taken_port_is_one_clear_line(tmp_path: Path, command: str) -> None:
    port = free_port()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        done = ran(tmp_path, command, SERVANDA_API_PORT=str(port))

    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "is taken" in done.stderr
    assert "SERVANDA_API_PORT" in done.stderr


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("SERVANDA_API_PORT", "many", "SERVANDA_API_PORT"),
        ("SERVANDA_CRM_SECRET", "hunter2", "whsec_"),
        ("SERVANDA_NOTICE_CHANNELS", "pigeon", "SERVANDA_NOTICE_CHANNELS"),
        ("SERVANDA_NOTICE_CHANNELS", "webhook", "SERVANDA_NOTICE_WEBHOOK_URL"),
        ("SERVANDA_TEMPORAL_BINARY", "/no/such/thing", "SERVANDA_TEMPORAL_BINARY"),
        ("SERVANDA_TEMPORAL_ADDRESS", "localhost", "SERVANDA_TEMPORAL_ADDRESS"),
    ],
)
def test_a_wrong_setting_is_one_clear_line_that_names_it(tmp_path: Path, setting: str, value: str, said: str) -> None:
    done = ran(tmp_path, "up", **{setting: value})

    assert done.returncode == 2, done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    assert said in done.stderr


@pytest.mark.parametrize("command", ["api", "up", "worker", "migrate", "doctor"])
@pytest.mark.parametrize("url", ["nonsense", "mysql://root@localhost/servanda", "postgresql+asyncpg://servanda@host:port/servanda"])
def test_an_address_of_no_database_we_know_is_one_clear_line(tmp_path: Path, command: str, url: str) -> None:
    done = ran(tmp_path, command, SERVANDA_DATABASE_URL=url)

    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert done.stderr.startswith("error: SERVANDA_DATABASE_URL: ")


def test_a_faulty_policy_keeps_the_api_from_starting_with_one_clear_line(tmp_path: Path) -> None:
    done = ran(tmp_path, "api", SERVANDA_POLICY_FILE="/no/such.yaml")

    assert (done.returncode, done.stderr) == (2, "error: /no/such.yaml:1: No such file or directory\n")


def test_doctor_says_what_to_mend_and_ends_with_1(tmp_path: Path) -> None:
    done = ran(tmp_path, "doctor")

    assert done.returncode == 1
    assert "MEND  the database" in done.stdout
    assert "MEND  the engine at" in done.stdout


def test_doctor_looks_into_the_policy_and_makes_no_database(tmp_path: Path) -> None:
    done = ran(tmp_path, "doctor", SERVANDA_POLICY_FILE="/no/such.yaml")

    assert "MEND  SERVANDA_POLICY_FILE: /no/such.yaml:1: No such file or directory" in done.stdout
    assert "is not there yet: run servanda migrate" in done.stdout
    assert not list(tmp_path.glob("**/*.db"))


@pytest.mark.parametrize(
    "arguments",
    [
        ["agreement", "import", str(EXAMPLES / "agreements" / "live-demo.yaml")],
        ["catalogue", "coverage"],
        ["audit", "verify"],
    ],
    ids=lambda arguments: " ".join(arguments[:2]),
)
def test_a_command_without_its_database_says_what_to_run(tmp_path: Path, arguments: list[str]) -> None:
    done = ran(tmp_path, *arguments)

    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "servanda migrate" in done.stderr


def test_a_trail_that_is_not_there_is_not_called_whole(tmp_path: Path) -> None:
    ran(tmp_path, "migrate")
    done = ran(tmp_path, "audit", "verify", "ticket:helpdesk:T1")

    assert (done.returncode, done.stderr) == (2, "error: there is no trail ticket:helpdesk:T1\n")


def test_a_faulty_agreement_is_answered_with_file_line_and_rule(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    good = (EXAMPLES / "agreements" / "live-demo.yaml").read_text(encoding="utf-8")
    path.write_text(good.replace("limit: 30s", "limit: soon").replace("title:", "titel:"), encoding="utf-8")
    done = ran(tmp_path, "agreement", "check", str(path), "--json")

    faults = [(fault["line"], fault["rule"].split(":")[0]) for fault in json.loads(done.stdout)["faults"]]
    assert done.returncode == 2
    assert faults == [(14, "targets.0.limit"), (5, "titel")]
