"""Running the API inside a process that also does other things."""

import asyncio
import errno
import gc
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI

from domain.errors import BadInput
from settings import Settings

_STOP_SECONDS = 10


def refuse_taken_port(host: str, port: int, setting: str) -> None:
    """Look whether we could listen there, before anything else is started.

    Raises:
        BadInput: we could not; the message names the setting.
    """
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as taken:
            raise BadInput(f"{host}:{port} is taken ({taken.strerror}); stop what uses it or set {setting}") from taken


def server_config(app: FastAPI, settings: Settings) -> uvicorn.Config:
    """How the API is served."""
    return uvicorn.Config(
        app,
        host=settings.api_host,
        port=settings.api_port,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=_STOP_SECONDS,
        timeout_keep_alive=30,
        h11_max_incomplete_event_size=64 * 1024,
        forwarded_allow_ips=settings.trusted_proxies,
        server_header=False,
    )


@asynccontextmanager
async def serving(app: FastAPI, settings: Settings) -> AsyncIterator[None]:
    """Serve the API while the block runs.

    Raises:
        BadInput: it cannot be served at its address.
    """
    server = uvicorn.Server(server_config(app, settings))
    # The process that runs us decides when to stop; uvicorn would take the signals for itself.
    running = asyncio.create_task(server._serve())  # noqa: SLF001
    try:
        while not server.started:
            if running.done():
                running.result()
                raise BadInput(f"the API cannot listen on {settings.api_host}:{settings.api_port}")
            await asyncio.sleep(0.05)
        # What is loaded by now stays; looking through it for garbage again and again would halt answers for a quarter of a second.
        gc.collect()
        gc.freeze()
        yield
    finally:
        server.should_exit = True
        try:
            await running
        except SystemExit as ended:  # uvicorn ends the process when a port is taken
            raise BadInput(f"the API cannot listen on {settings.api_host}:{settings.api_port} ({errno.EADDRINUSE})") from ended
