"""`servanda worker`: the processes alone, against any engine and any database."""

import asyncio
from typing import Annotated

import typer

from commands.output import say
from domain.errors import BadInput
from settings import Settings, load_settings

app = typer.Typer(add_completion=False)


@app.command()
def worker(queues: Annotated[str | None, typer.Option(help="only these queues, with commas; default: all")] = None) -> None:
    """Run workflows and activities; run as many as you like side by side.

    Example: servanda worker --queues servanda-tickets,servanda-notices
    """
    asyncio.run(_worker(queues))


async def _worker(wanted: str | None) -> None:
    from commands.up import until_stopped, with_survey_secret  # noqa: PLC0415
    from store.database import Database  # noqa: PLC0415
    from worker import run_workers  # noqa: PLC0415
    from workflows.names import QUEUES  # noqa: PLC0415

    chosen = tuple(part.strip() for part in wanted.split(",")) if wanted else QUEUES
    if unknown := [name for name in chosen if name not in QUEUES]:
        raise BadInput(f"--queues: {', '.join(unknown)} is none of {', '.join(QUEUES)}")
    settings = with_survey_secret(load_settings())
    database, stop = Database(settings.database), asyncio.Event()
    working = asyncio.create_task(run_workers(await _connected(settings), settings, database, stop, chosen))
    say(f"working on {', '.join(chosen)}")
    stopped = asyncio.create_task(until_stopped())
    await asyncio.wait({working, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stop.set()
    await working
    await database.close()


async def _connected(settings: Settings):  # type: ignore[no-untyped-def]  # noqa: ANN202  (naming the client's type here would load the engine's library)
    from worker import connect  # noqa: PLC0415

    pause = 0.5
    while True:
        try:
            return await connect(settings)
        except RuntimeError as failure:
            say(f"the engine at {settings.temporal_address} does not answer ({failure}); trying again")
            await asyncio.sleep(pause)
            pause = min(2 * pause, 10.0)
