"""A development server with the product's own options, and a worker process beside it, for as long as they are needed."""

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

from temporalio.client import Client

from benchmarks.bare import BARE_QUEUE, BareAlarm
from commands.engine import Engine
from settings import Settings, load_settings, new_secret
from store.database import Database
from store.migrate import migrate
from worker import connect

_READY_SECONDS = 60
_STOP_SECONDS = 60


class Site(NamedTuple):
    """A running engine, what it runs with, and the database of its workers."""

    settings: Settings
    client: Client
    database: Database


@asynccontextmanager
async def running_engine() -> AsyncIterator[Site]:
    """A fresh server and a fresh database, in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="servanda-bench-", ignore_cleanup_errors=True) as folder:
        settings = plain_settings(Path(folder))
        database, engine = Database(settings.database), Engine(settings)
        await migrate(database)
        serving = asyncio.create_task(engine.run())
        try:
            yield Site(settings, await _connected(settings, serving), database)
        finally:
            await engine.stop()
            serving.cancel()
            with suppress(asyncio.CancelledError):
                await serving
            await database.close()


def plain_settings(folder: Path) -> Settings:
    """The defaults, with everything in a folder and on free ports; of the environment only the engine's binary counts."""
    defaults = {name: field.get_default() for name, field in Settings.model_fields.items()}
    own = {
        "data_dir": folder,
        "database_url": f"sqlite+aiosqlite:///{folder / 'servanda.db'}",
        "temporal_address": f"127.0.0.1:{_free_port()}",
        "temporal_ui": None,
        "temporal_binary": load_settings().temporal_binary,
        "crm_secret": (new_secret(),),
    }
    return Settings.model_validate({**defaults, **own})


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def _connected(settings: Settings, serving: "asyncio.Task[None]") -> Client:
    for _ in range(_READY_SECONDS * 5):
        if serving.done():
            serving.result()
        with suppress(RuntimeError):
            return await connect(settings)
        await asyncio.sleep(0.2)
    raise TimeoutError(f"the engine did not come up within {_READY_SECONDS} s")


class WorkerProcess:
    """A process with the product's workers and the bare one, all with the same options."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    def resident_kib(self) -> int:
        """Memory the process holds, in KiB."""
        status = Path(f"/proc/{self._process.pid}/status")
        if status.exists():
            return int(next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmRSS")).split()[1])
        shown = subprocess.run(["ps", "-o", "rss=", "-p", str(self._process.pid)], capture_output=True, text=True, check=True)  # noqa: S603, S607
        return int(shown.stdout)

    def processor_seconds(self) -> float:
        """Processor time the process has taken so far, its own and the system's for it."""
        stat = Path(f"/proc/{self._process.pid}/stat")
        if stat.exists():
            fields = stat.read_text(encoding="ascii").rpartition(")")[2].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        shown = subprocess.run(["ps", "-o", "time=", "-p", str(self._process.pid)], capture_output=True, text=True, check=True)  # noqa: S603, S607
        seconds = 0.0
        for part in shown.stdout.strip().split(":"):
            seconds = 60 * seconds + float(part)
        return seconds


@asynccontextmanager
async def worker_process(site: Site) -> AsyncIterator[WorkerProcess]:
    """Run the workers, ready to work, while the block runs."""
    with (site.settings.data_dir / "worker.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "benchmarks.worker_process"),
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
        )
    assert process.stdin is not None
    process.stdin.write(site.settings.model_dump_json().encode() + b"\n")
    try:
        await _ready(site, process)
        yield WorkerProcess(process)
    finally:
        process.stdin.close()  # its end tells the worker to stop, even if we die
        try:
            await asyncio.wait_for(process.wait(), _STOP_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()


async def _ready(site: Site, process: asyncio.subprocess.Process) -> None:
    """Wait until a first bare workflow has come through."""
    handle = await site.client.start_workflow(BareAlarm.run, datetime.now(UTC), id=f"ready-{uuid4().hex}", task_queue=BARE_QUEUE)
    probe, ended = asyncio.create_task(handle.result()), asyncio.create_task(process.wait())
    await asyncio.wait({probe, ended}, timeout=_READY_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    came_up = probe.done()
    probe.cancel()
    ended.cancel()
    if not came_up:
        log = (site.settings.data_dir / "worker.log").read_text(encoding="utf-8")
        raise TimeoutError(f"the worker did not come up: {log[-2000:]}")
