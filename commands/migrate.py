"""`servanda migrate`: bring the database to the form this release expects."""

import asyncio

import typer

from commands.output import say
from settings import load_settings

app = typer.Typer(add_completion=False)


@app.command()
def migrate() -> None:
    """Apply every migration the database has not had. Safe to run again.

    Example: SERVANDA_DATABASE_URL=postgresql+asyncpg://… servanda migrate
    """
    asyncio.run(_migrate())


async def _migrate() -> None:
    from store.database import Database  # noqa: PLC0415
    from store.migrate import migrate as apply  # noqa: PLC0415

    settings = load_settings()
    if settings.database_url is None:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database)
    await apply(database)
    await database.close()
    say("the database is up to date")
