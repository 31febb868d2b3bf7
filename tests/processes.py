"""Real processes on free ports, started as a user starts them and killed as nobody warns."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Self

import httpx2

from connectors.signatures import sign
from tests.conftest import API_TOKEN, ROOT, SECRET

START_SECONDS = 60.0


def _machine() -> dict[str, str]:
    """The machine's environment without settings of ours: what is tested does not depend on who runs the tests."""
    return {name: value for name, value in os.environ.items() if not name.startswith("SERVANDA_")}


def free_port() -> int:
    """A port nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Child:
    """One process of ours, which can be killed and started again."""

    def __init__(self, arguments: list[str], environment: dict[str, str], log: Path) -> None:
        self.arguments = arguments
        self.environment = environment
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        """Start it, adding to its log."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.arguments, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=ROOT, env={**_machine(), **self.environment}
            )
        return self

    def kill(self) -> None:
        """End it without a warning, as kill -9 does."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()

    def stop(self) -> int:
        """End it politely; gives its exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(START_SECONDS)


def servanda(*arguments: str) -> list[str]:
    """Our command, run by this Python."""
    return [sys.executable, str(ROOT / "cli.py"), *arguments]


class Installation:
    """Engine, worker and API as three processes over one data folder."""

    def __init__(self, folder: Path, receiver: str | None = None) -> None:
        self.folder = folder
        self.api_port, self.engine_port, self.ui_port = free_port(), free_port(), free_port()
        self.environment = {
            "SERVANDA_DATA_DIR": str(folder),
            "SERVANDA_API_PORT": str(self.api_port),
            "SERVANDA_TEMPORAL_ADDRESS": f"127.0.0.1:{self.engine_port}",
            "SERVANDA_TEMPORAL_UI": f"http://127.0.0.1:{self.ui_port}",
            "SERVANDA_CRM_SECRET": SECRET,
            "SERVANDA_API_TOKEN": API_TOKEN,
        }
        if receiver is not None:
            self.environment |= {
                "SERVANDA_NOTICE_CHANNELS": "mailbox,webhook",
                "SERVANDA_NOTICE_WEBHOOK_URL": receiver,
                "SERVANDA_NOTICE_WEBHOOK_SECRET": SECRET,
            }
        self.engine = Child(self._engine_command(), {}, folder / "engine.log")
        self.worker = Child(servanda("worker"), self.environment, folder / "worker.log")
        self.api = Child(servanda("api"), self.environment, folder / "api.log")

    def _engine_command(self) -> list[str]:
        from commands.engine import engine_command  # noqa: PLC0415
        from settings import Settings  # noqa: PLC0415

        settings = Settings(
            temporal_address=f"127.0.0.1:{self.engine_port}", temporal_ui=f"http://127.0.0.1:{self.ui_port}", data_dir=self.folder
        )
        return engine_command(settings, self.folder)

    def run(self, *arguments: str) -> str:
        """Run one of our commands to its end; gives what it printed."""
        done = subprocess.run(
            servanda(*arguments), capture_output=True, text=True, check=False, cwd=ROOT, env={**_machine(), **self.environment}
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def post(self, *events: dict[str, object]) -> httpx2.Response:
        """Send a batch of events as the CRM does, again and again until it is taken."""
        import json  # noqa: PLC0415
        from datetime import UTC, datetime  # noqa: PLC0415

        body = json.dumps(list(events)).encode()
        until = time.monotonic() + START_SECONDS
        while True:
            try:
                headers = sign(SECRET, "m", datetime.now(UTC), body)
                return httpx2.post(f"http://127.0.0.1:{self.api_port}/crm/events", content=body, headers=headers, timeout=5)
            except httpx2.TransportError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.2)

    def get(self, path: str) -> dict[str, object]:
        """Ask the API, as soon as it answers."""
        until = time.monotonic() + START_SECONDS
        while True:
            try:
                answer = httpx2.get(f"http://127.0.0.1:{self.api_port}{path}", headers={"authorization": f"Bearer {API_TOKEN}"}, timeout=5)
                answer.raise_for_status()
                return dict(answer.json())
            except httpx2.TransportError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.2)

    def __enter__(self) -> Self:
        self.run("migrate")
        self.engine.start()
        self.worker.start()
        self.api.start()
        self.get("/healthz")
        return self

    def __exit__(self, *_: object) -> None:
        for child in (self.api, self.worker, self.engine):
            child.kill()
