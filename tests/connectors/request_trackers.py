"""A real Request Tracker of one's own, where its packages are installed: on the loopback, with a database in a folder of the test."""

import base64
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.conftest import EXAMPLES

_SETUP = "/usr/sbin/rt-setup-database-5"
_SERVER = "/usr/share/request-tracker5/libexec/rt-server"
SECRET = "rt-tells-servanda-of-its-tickets"


class RequestTracker:
    """One that runs: its address, and what agents do with it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._http = httpx2.Client(base_url=url, auth=("root", "password"), timeout=30)

    def create(self, **fields: Any) -> str:
        """Somebody opens a ticket."""
        answer = self._http.post(
            "/REST/2.0/ticket", json={"Queue": "General", "Subject": "paper jam", "Requestor": "ann@bank.test", **fields}
        )
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def set(self, ticket: str, **fields: Any) -> None:
        """An agent changes fields."""
        answer = self._http.put(f"/REST/2.0/ticket/{ticket}", json=fields)
        assert answer.status_code == 200, answer.text

    def reply(self, ticket: str, text: str) -> None:
        """An agent writes to the customer."""
        answer = self._http.post(f"/REST/2.0/ticket/{ticket}/correspond", json={"Content": text, "ContentType": "text/plain"})
        assert answer.status_code == 201, answer.text

    def ticket(self, ticket: str) -> dict[str, Any]:
        """A ticket as it stands."""
        return dict(self._http.get(f"/REST/2.0/ticket/{ticket}").json())

    def comments(self, ticket: str) -> list[str]:
        """The texts of its comments, earliest first."""
        asked = {"fields": "Type", "per_page": "100"}
        listed = self._http.get(f"/REST/2.0/ticket/{ticket}/history", params=asked).json()["items"]
        texts = []
        for each in sorted((each for each in listed if each["Type"] == "Comment"), key=lambda each: int(each["id"])):
            found = self._http.get(f"/REST/2.0/transaction/{each['id']}/attachments").json()["items"]
            contents = [self._http.get(f"/REST/2.0/attachment/{part['id']}").json()["Content"] for part in found]
            texts += [base64.b64decode(content).decode() for content in contents]
        return texts

    def close(self) -> None:
        self._http.close()


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def request_tracker(folder: Path, posts_to: str) -> Iterator[RequestTracker]:
    """One with the scrips of the examples, while the block runs; skips where RT is not installed."""
    if not Path(_SERVER).exists() or shutil.which("perl") is None:
        pytest.skip("Request Tracker 5 is not installed: apt-get install request-tracker5 rt5-db-sqlite rt5-standalone")
    port = free_port()
    (folder / "site.d").mkdir()
    (folder / "RT_SiteConfig.pm").write_text(_site(folder, port, posts_to), encoding="utf-8")
    environment = os.environ | {"RT_SITE_CONFIG": str(folder / "RT_SiteConfig.pm"), "RT_SITE_CONFIG_DIR": str(folder / "site.d")}
    for arguments in (["init", "--dba", "root", "--dba-password", ""], ["insert", "--datafile", str(_hooks(folder))]):
        made = subprocess.run(
            [_SETUP, "--action", arguments[0], "--skip-create", *arguments[1:]],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert made.returncode == 0, made.stdout + made.stderr
    command = ["perl", _SERVER, "--server", "Starlet", "--host", "127.0.0.1", "--port", str(port), "--max-workers", "2"]
    with (folder / "rt.log").open("wb") as log:
        server = subprocess.Popen(command, env=environment, cwd=folder, stdout=log, stderr=log, start_new_session=True)
    tracker = RequestTracker(f"http://127.0.0.1:{port}")
    try:
        _wait_for(tracker, server, folder / "rt.log")
        yield tracker
    finally:
        tracker.close()
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(20)


def _wait_for(tracker: RequestTracker, server: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and server.poll() is None:
        try:
            if httpx2.get(f"{tracker.url}/REST/2.0/rt", auth=("root", "password"), timeout=10).status_code == 200:
                return
        except httpx2.TransportError:
            time.sleep(0.2)
    raise AssertionError(log.read_text(encoding="utf-8", errors="replace"))


def _site(folder: Path, port: int, posts_to: str) -> str:
    values = {
        "rtname": "example.test",
        "Organization": "example.test",
        "WebDomain": "127.0.0.1",
        "WebPort": port,
        "Timezone": "Europe/Warsaw",
        "DatabaseType": "SQLite",
        "DatabaseName": str(folder / "rt5.db"),
        "MailCommand": "testfile",
        "LogToSTDERR": "warning",
        "WebSecureCookies": 0,
        "ServandaUrl": posts_to,
        "ServandaSecret": SECRET,
    }
    lines = [f"Set(${name}, {json.dumps(value)});" for name, value in values.items()]
    return "\n".join([*lines, "Set($LogToSyslog, undef);", "Set($LogToFile, undef);", "1;", ""])


def _hooks(folder: Path) -> Path:
    """The scrips, and the custom fields that the mapping of the examples reads."""
    fields = """
@CustomFields = map {{ Name => $_, Type => 'FreeformSingle', LookupType => 'RT::Queue-RT::Ticket', Queue => 0 }} ('Customer', 'Region');
1;
"""
    text = (EXAMPLES / "connectors" / "request-tracker.initialdata").read_text(encoding="utf-8")
    path = folder / "hooks.initialdata"
    path.write_text(text.removesuffix("1;\n") + fields, encoding="utf-8")
    return path
