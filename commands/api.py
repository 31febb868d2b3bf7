"""`servanda api`: the API alone, against any engine and any database."""

import asyncio

import typer

from commands.output import say
from settings import load_settings

app = typer.Typer(add_completion=False)


@app.command()
def api() -> None:
    """Serve the API; run as many as you like side by side.

    Example: SERVANDA_DATABASE_URL=postgresql+asyncpg://… SERVANDA_TEMPORAL_ADDRESS=temporal:7233 servanda api
    """
    asyncio.run(_api())


async def _api() -> None:
    from api.app import create_app  # noqa: PLC0415
    from commands.serving import refuse_taken_port, serving  # noqa: PLC0415
    from commands.up import until_stopped, with_local_secrets  # noqa: PLC0415
    from worker import connect  # noqa: PLC0415

    settings = load_settings()
    if settings.is_loopback:
        settings = with_local_secrets(settings)
    refuse_taken_port(settings.api_host, settings.api_port, "SERVANDA_API_PORT")
    async with serving(create_app(settings, await connect(settings, lazy=True)), settings):
        say(f"API at {settings.api_url}/docs")
        await until_stopped()
