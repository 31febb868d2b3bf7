"""The API, put together."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import cache
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.routing import BaseRoute
from temporalio.client import Client

from api import errors, tables
from api.case_forwarder import CaseForwarder
from api.clock import BusinessClock
from api.dependencies import Parts
from api.forwarder import Forwarder
from api.gate import Gate
from api.pages import (
    agreement_forms,
    alignments,
    answers,
    case_capacity,
    elsewhere,
    exclusions,
    expectations,
    home,
    links,
    offers,
    openid,
    people,
    sign_in,
    tasks,
)
from api.pages import agreements as agreement_pages
from api.pages import audit as audit_page
from api.pages import backtests as backtest_pages
from api.pages import calendars as calendar_pages
from api.pages import capacity as capacity_page
from api.pages import cases as case_pages
from api.pages import catalogue as catalogue_pages
from api.pages import costs as cost_pages
from api.pages import deliveries as delivery_pages
from api.pages import duties as duties_page
from api.pages import mailbox as mailbox_page
from api.pages import measurements as measurement_pages
from api.pages import quality_proofs as proof_pages
from api.pages import replans as replan_pages
from api.pages import reports as report_pages
from api.pages import risks as risks_page
from api.pages import supports as support_pages
from api.pages import ticket as ticket_page
from api.pages import tickets as ticket_pages
from api.routes import (
    amendments,
    audit,
    backtests,
    breaches,
    calendars,
    capacity,
    case_decisions,
    case_documents,
    cases,
    catalogue,
    connectors,
    costs,
    deliveries,
    events,
    follow_ups,
    health,
    judged,
    kpis,
    mailbox,
    measurements,
    openslo,
    personal_data,
    proofs,
    quality_proofs,
    registry,
    replans,
    reports,
    results,
    risks,
    scans,
    supports,
    surveys,
    terminations,
    tickets,
    tmf_agreements,
    tmf_tickets,
    waiting,
    work_packages,
)
from connectors.installed import sources_written_to
from domain.cloud_events import CloudEvent
from settings import Settings
from store.database import Database

_LOOKING = (401, 403, 404, 422)
_DECIDING = (*_LOOKING, 409, 413)
_ROUTES = {
    events: (401, 404, 409, 413, 422),
    connectors: (401, 404, 413, 422),
    follow_ups: _DECIDING,
    tickets: (401, 404, 413, 422),
    breaches: _LOOKING,
    cases: _LOOKING,
    waiting: (401, 422),
    amendments: _LOOKING,
    case_documents: _LOOKING,
    case_decisions: _DECIDING,
    scans: _DECIDING,
    supports: _DECIDING,
    results: _DECIDING,
    judged: _LOOKING,
    reports: _LOOKING,
    risks: _LOOKING,
    work_packages: _LOOKING,
    capacity: _DECIDING,
    costs: _DECIDING,
    replans: _DECIDING,
    backtests: _DECIDING,
    calendars: _DECIDING,
    kpis: _LOOKING,
    measurements: _DECIDING,
    audit: (401, 403, 422),
    openslo: _LOOKING,
    quality_proofs: _DECIDING,
    proofs: (404, 409, 422, 429),
    tmf_agreements: _LOOKING,
    tmf_tickets: _LOOKING,
    surveys: _LOOKING,
    terminations: _DECIDING,
    registry: _LOOKING,
    catalogue: _DECIDING,
    personal_data: _DECIDING,
    deliveries: _DECIDING,
    mailbox: (401, 422),
    health: (503,),
    answers: (),
    sign_in: (),
    openid: (),
    home: (),
    tasks: (),
    alignments: (),
    case_capacity: (),
    case_pages: (),
    support_pages: (),
    ticket_pages: (),
    ticket_page: (),
    exclusions: (),
    links: (),
    agreement_pages: (),
    agreement_forms: (),
    expectations: (),
    offers: (),
    catalogue_pages: (),
    people: (),
    report_pages: (),
    measurement_pages: (),
    calendar_pages: (),
    backtest_pages: (),
    audit_page: (),
    risks_page: (),
    duties_page: (),
    capacity_page: (),
    cost_pages: (),
    replan_pages: (),
    proof_pages: (),
    mailbox_page: (),
    delivery_pages: (),
    elsewhere: (),
}
"""What is asked for, and how it may be refused; an address that takes a whole path stands after those below it."""


def create_app(settings: Settings, client: Client | None) -> FastAPI:
    """Build the API.

    Args:
        settings: how this installation runs.
        client: the engine; may be away for now. None builds an API that only takes in and answers.

    Raises:
        BadInput: the database's address, the policy file or the connectors file is faulty.
    """
    parts = Parts(settings, Database(settings.database), BusinessClock(settings.time_shift), client)
    parts.connectors  # noqa: B018  (asked for its refusal, before anything is started)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.parts = parts
        forwarding: list[asyncio.Task[None]] = []
        if client is not None:
            parts.forwarder = _forwarder(parts, client)
            parts.case_forwarder = CaseForwarder(parts.database, client, parts.desk, parts.now, parts.calendar_desk)
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
    app.add_middleware(tables.Tables, routes=routes())
    app.add_middleware(Gate, settings=settings)
    app.router.routes.extend(_included())
    app.openapi = _with_schemas(app.openapi)  # type: ignore[method-assign]
    return app


@cache
def _included() -> list[BaseRoute]:
    """Every module's routes with their refusals, made once for all apps of a process: reading what each takes is most of an app's start.

    Where somebody must be known, they may be nobody, a program without the scope, too quick, or known to a provider that is away.
    """
    together = APIRouter()
    for module, refusals in _ROUTES.items():
        by_token = (403, 429, 503) if 401 in refusals else ()
        together.include_router(module.router, responses=errors.documented(*sorted({*refusals, *by_token})))
    return together.routes


def _forwarder(parts: Parts, client: Client) -> Forwarder:
    made = Forwarder(parts.database, parts.tickets, parts.agreements, client, parts.now)
    made.written_to = sources_written_to(parts.connectors)
    return made


def routes() -> list[BaseRoute]:
    """Every route, in the order in which they are tried."""
    return [route for module in _ROUTES for route in module.router.routes]


def _with_schemas(openapi: Callable[[], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
    """Events are read from the signed bytes, problems are answered by no route: their schemas are added by hand."""

    def document() -> dict[str, Any]:
        schema = openapi()
        schemas = schema["components"]["schemas"]
        tables.documented(schema["paths"], routes())
        for form in (CloudEvent, *events.FORMS.values(), errors.Problem):
            described = form.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas.update(described.pop("$defs", {}))
            schemas[form.__name__] = described
        return schema

    return document
