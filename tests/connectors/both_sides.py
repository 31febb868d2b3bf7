"""A whole installation of ours beside a real system of another maker, connected to each other."""

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import yaml

from tests.conftest import EXAMPLES, ROOT
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


@contextmanager
def connected(ours: Installation, entry: Mapping[str, Any], environment: Mapping[str, str]) -> Iterator[Installation]:
    """Run with one connector, a promise and a catalogue, while the block runs."""
    folder = ours.folder
    (folder / "connectors.yaml").write_text(yaml.safe_dump({"connectors": [dict(entry)]}), encoding="utf-8")
    (folder / "promise.yaml").write_text(PROMISE, encoding="utf-8")
    ours.environment |= {"SERVANDA_CONNECTORS_FILE": str(folder / "connectors.yaml"), **environment}
    ours.run("migrate")
    ours.run("catalogue", "load", str(EXAMPLES / "catalogues" / "serwis-druk.yaml"))
    ours.run("agreement", "import", str(folder / "promise.yaml"))
    with ours:
        yield ours


def address_of(ours: Installation, name: str) -> str:
    """Where the other system posts to."""
    return f"http://127.0.0.1:{ours.api_port}/connectors/{name}/events"


def until(look: Callable[[], Any], seconds: float = 30) -> Any:
    """Look again and again until there is something to see."""
    ends = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < ends, f"nothing within {seconds} s"
        time.sleep(0.3)
    return found


def clocks(ours: Installation, ticket: str) -> dict[str, Any]:
    """The clocks of a ticket by their targets; none while nobody knows it."""
    try:
        found = ours.get(f"/tickets/{ticket}")
    except httpx2.HTTPStatusError:
        return {}
    return {each["target"]: each for each in found["clocks"]}  # type: ignore[attr-defined]


def reconcile(ours: Installation, name: str, *options: str) -> tuple[int, dict[str, Any]]:
    """Compare both sides; gives the exit code and what was printed."""
    command = servanda("reconcile", "--connector", name, "--json", *options)
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, env={**os.environ, **ours.environment})
    assert done.returncode in {0, 1}, done.stderr
    return done.returncode, json.loads(done.stdout)


def mapping(folder: Path, name: str, changed: Callable[[dict[str, Any]], None]) -> str:
    """A mapping of the examples with changes, as a file."""
    value = yaml.safe_load((EXAMPLES / "connectors" / f"{name}.yaml").read_text(encoding="utf-8"))
    changed(value)
    path = folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump(value), encoding="utf-8")
    return str(path)
