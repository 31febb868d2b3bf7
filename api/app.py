"""The API, put together."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from fastapi import FastAPI
from temporalio.client import Client

from api import errors
from api.case_forwarder import CaseForwarder
from api.clock import BusinessClock
from api.dependencies import Parts
from api.forwarder import Forwarder
from api.gate import Gate
from api.routes import case_decisions, case_documents, cases, catalogue, events, health, mailbox, registry, scans, supports, tickets
from domain.case_requests import AgreementRequested
from domain.cloud_events import CloudEvent
from settings import Settings
from store.database import Database


def create_app(settings: Settings, client: Client | None) -> FastAPI:
    """Build the API.

    Args:
        settings: how this installation runs.
        client: the engine; may be away for now. None builds an API that only takes in and answers.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        parts = Parts(settings, Database(settings.database), BusinessClock(settings.time_shift), client)
        app.state.parts = parts
        forwarding: list[asyncio.Task[None]] = []
        if client is not None:
            parts.forwarder = Forwarder(parts.database, parts.tickets, parts.agreements, client, parts.now)
            parts.case_forwarder = CaseForwarder(parts.database, client, parts.desk, parts.now)
            forwarding = [asyncio.create_task(each.run()) for each in (parts.forwarder, parts.case_forwarder)]
        yield
        for task in forwarding:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await parts.database.close()

    app = FastAPI(
        title="Servanda",
        version="0.1.0",
        summary="Agreements, and the clocks of their tickets, on one durable engine.",
        lifespan=lifespan,
    )
    errors.install(app)
    app.add_middleware(Gate, limit=settings.max_body_bytes)
    for module in (events, tickets, cases, case_documents, case_decisions, scans, supports, registry, catalogue, mailbox, health):
        app.include_router(module.router)
    app.openapi = _with_event_schema(app.openapi)  # type: ignore[method-assign]
    return app


def _with_event_schema(openapi: Callable[[], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
    """Events are read from the signed bytes, so their schema has to be added to the document by hand."""

    def document() -> dict[str, Any]:
        schema = openapi()
        schemas = schema["components"]["schemas"]
        for form in (CloudEvent, AgreementRequested):
            event = form.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas.update(event.pop("$defs", {}))
            schemas[form.__name__] = event
        return schema

    return document
