"""`servanda up`: everything on this machine, in one process and the engine's."""

import asyncio
import os
import signal
import stat
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from secrets import token_urlsafe
from typing import TypeVar

import typer

from commands.output import say
from connectors.proof_signing import new_proof_key
from domain.errors import BadInput
from settings import Settings, load_settings, new_secret

app = typer.Typer(add_completion=False)

T = TypeVar("T")

READY_SECONDS = 60.0

TOKEN_FILE = "api-token"  # noqa: S105  (a name, no token)
"""The file of the data folder with the token that sees tickets and the mailbox."""


@app.command()
def up() -> None:
    """Start the engine, migrate the database, start worker and API; stay up until Ctrl-C.

    Everything is kept in .servanda (SERVANDA_DATA_DIR) and found again at the next start.

    Example: servanda up
    """
    asyncio.run(_up())


async def _up() -> None:
    async with everything(load_settings()) as running:
        for line in addresses(running):
            say(line)
        say("Ctrl-C stops everything; the next start goes on where this one ended.")
        await until_stopped()
        say("stopping …")
    say("stopped")


def addresses(settings: Settings) -> list[str]:
    """Where people find what is running."""
    people, own = settings.data_dir / "tokens", settings.data_dir / TOKEN_FILE
    kept = own.exists() and own.read_text(encoding="ascii").strip() == settings.api_token
    with_token = f"   (Authorization: Bearer, and the token in {own if kept else 'SERVANDA_API_TOKEN'})"
    return [
        *([f"pages         {settings.links_to}/pages   (sign in with your token from {people})"] if people.exists() else []),
        f"API           {settings.api_url}/docs",
        f"tickets       {settings.api_url}/tickets{with_token}",
        f"mailbox       {settings.api_url}/mailbox{with_token}",
        f"Temporal UI   {settings.temporal_ui}",
        f"data          {settings.data_dir.absolute()}",
    ]


async def until_stopped() -> None:
    """Wait for Ctrl-C or a polite request to end."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()


@asynccontextmanager
async def everything(settings: Settings) -> AsyncIterator[Settings]:
    """Run engine, worker and API; gives the settings they run with.

    Raises:
        BadInput: a port is taken, or the engine does not come up.
    """
    from commands.engine import Engine  # noqa: PLC0415  (the engine's libraries take seconds, --help should not)

    settings = with_local_secrets(settings)
    _refuse_taken_ports(settings)
    engine = Engine(settings)
    watching = asyncio.create_task(engine.run())
    try:
        async with _application(settings, watching):
            yield settings
    finally:
        await engine.stop()
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching


@asynccontextmanager
async def _application(settings: Settings, engine: "asyncio.Task[None]") -> AsyncIterator[None]:
    from api.app import create_app  # noqa: PLC0415
    from commands.local_people import keep_tokens  # noqa: PLC0415
    from commands.serving import serving  # noqa: PLC0415
    from store.database import Database  # noqa: PLC0415
    from store.migrate import migrate  # noqa: PLC0415
    from worker import connect, run_workers  # noqa: PLC0415

    database, stop = Database(settings.database), asyncio.Event()
    await migrate(database)
    await keep_tokens(settings, database)
    client = await _until_up(lambda: connect(settings), engine)
    working = asyncio.create_task(run_workers(client, settings, database, stop))
    working.add_done_callback(_end_if_failed)
    try:
        async with serving(create_app(settings, client), settings):
            yield
    finally:
        stop.set()
        await working
        await database.close()


def _end_if_failed(working: "asyncio.Task[None]") -> None:
    """Without workers nothing is told to anybody, so the whole ends and says why."""
    if not working.cancelled() and working.exception() is not None:
        os.kill(os.getpid(), signal.SIGTERM)


async def _until_up(connect: Callable[[], Awaitable[T]], engine: "asyncio.Task[None]") -> T:
    last = "no answer"
    for _ in range(int(READY_SECONDS / 0.2)):
        if engine.done():
            engine.result()
        try:
            return await connect()
        except RuntimeError as failure:
            last = str(failure)
        await asyncio.sleep(0.2)
    raise BadInput(f"the engine did not come up within {READY_SECONDS:.0f} s: {last}")


def with_local_secrets(settings: Settings) -> Settings:
    """The settings, with the API's token and the secrets that this data folder keeps; made at the first start."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    settings = with_survey_secret(settings)
    if not settings.proof_key:
        settings = settings.model_copy(update={"proof_key": (local_secret(settings.data_dir / "proof-key", new_proof_key),)})
    if settings.api_token is None:
        settings = settings.model_copy(update={"api_token": local_secret(settings.data_dir / TOKEN_FILE, token_urlsafe)})
    if settings.crm_secret:
        return settings
    return settings.model_copy(update={"crm_secret": (local_secret(settings.data_dir / "crm-secret"),)})


def with_survey_secret(settings: Settings) -> Settings:
    """The settings, with the secret of links to surveys that the data folder keeps, if there is such a folder."""
    if settings.survey_secret or not settings.data_dir.exists():
        return settings
    return settings.model_copy(update={"survey_secret": (local_secret(settings.data_dir / "survey-secret"),)})


def local_secret(path: Path, new: Callable[[], str] = new_secret) -> str:
    """The secret kept in a file, readable by its owner only. Of several processes that make it at once, one does."""
    if not path.exists():
        mine = path.with_name(f"{path.name}.{os.getpid()}")
        mine.touch(mode=stat.S_IRUSR | stat.S_IWUSR)
        mine.write_text(new() + "\n", encoding="ascii")
        with suppress(FileExistsError):
            path.hardlink_to(mine)
        mine.unlink()
    return path.read_text(encoding="ascii").strip()


def _refuse_taken_ports(settings: Settings) -> None:
    from commands.serving import refuse_taken_port  # noqa: PLC0415

    pid_file = settings.data_dir / "temporal.pid"
    engine_host, _, engine_port = settings.temporal_address.rpartition(":")
    wanted = [(settings.api_host, settings.api_port, "SERVANDA_API_PORT")]
    if not pid_file.exists():  # an orphan of ours is ended when the engine starts
        wanted.append((engine_host, int(engine_port), "SERVANDA_TEMPORAL_ADDRESS"))
    for host, port, name in wanted:
        refuse_taken_port(host, port, name)
