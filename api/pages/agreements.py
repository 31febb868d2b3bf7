"""The registry as people search it, and an agreement as they read it."""

from datetime import date, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Query, Response
from pydantic import BaseModel, Field

from api.dependencies import TheParts
from api.pages.agreement_sheet import sheet_of
from api.pages.page import own, page_router
from api.pages.visitors import TheVisitor
from api.routes.case_documents import Format
from api.routes.registry import CATEGORIES, search, show_rendering, the_entry
from api.routes.replans import MOVE_TICKETS
from connectors.readable.words import Words, phrases_of
from domain.catalogue import Catalogue
from domain.errors import NotFound
from domain.lifecycle import AgreementState
from domain.people import Side
from domain.registry_numbers import in_addresses
from settings import Settings
from workflows.names import agreement_workflow_id

router = page_router()

SECTION = "/pages/agreements"

_PAGE = 50


class Remembered(BaseModel):
    """What people remember of an agreement; empty: anything. `after` is the last number the page before has."""

    text: Annotated[str, Field(max_length=100)] = ""
    kind: Annotated[str, Field(max_length=40)] = ""
    state: Annotated[str, Field(max_length=40)] = ""
    customer: Annotated[str, Field(max_length=200)] = ""
    after: Annotated[str, Field(max_length=60)] = ""


@router.get("/pages/agreements")
async def show_agreements(parts: TheParts, visitor: TheVisitor, asked: Annotated[Remembered, Query()]) -> Response:
    """Agreements in the order of their numbers, narrowed by what people remember of them."""
    values = {name: value.strip() or None for name, value in asked.model_dump().items()}
    found = await search(
        parts,
        visitor.someone,
        values["text"],
        values["kind"],
        values["state"],
        values["customer"],
        limit=_PAGE + 1,
        after=values["after"],
    )
    shown = found[:_PAGE]
    return own(
        "agreements",
        visitor,
        section=SECTION,
        entries=shown,
        last_day=last_day,
        asked=asked.model_dump(exclude={"after"}),
        kinds=sorted(CATEGORIES.values()),
        states=[each.value for each in _STATES],
        customers=[each.customer for each in visitor.someone.catalogue.customers][:500] if visitor.is_inside else [],
        next=f"{shown[-1].registry_no}@{shown[-1].version}" if len(found) > _PAGE else None,
    )


_STATES = (
    AgreementState.REGISTERED,
    AgreementState.ACTIVE,
    AgreementState.TERMINATING,
    AgreementState.SUPERSEDED,
    AgreementState.EXPIRED,
    AgreementState.TERMINATED,
)
"""The states an entry of the registry can have."""


@router.get("/pages/agreements/{number}")
async def show_agreement(
    number: str, parts: TheParts, visitor: TheVisitor, version: str | None = None, done: str | None = None
) -> Response:
    """One agreement: what holds now, what it came to, what follows; or another of its versions."""
    newest = await the_entry(number, parts, visitor.someone)
    now = parts.now()
    if version is not None and version not in {each.version for each in newest.versions}:
        raise NotFound(f"there is no version {version} of {newest.registry_no}")
    entry = newest.of_version(version) if version is not None else newest.at(now)
    sheet = await sheet_of(entry, parts, visitor)
    return own(
        "agreement",
        visitor,
        section=SECTION,
        number=in_addresses(entry.registry_no),
        entry=entry,
        last_day=last_day,
        sheet=sheet,
        done=done,
        now=now,
        own_zone=ZoneInfo(entry.time_zone),
        plain=Words(phrases_of(visitor.language, "plain")),
        regions=region_names(visitor.someone.catalogue),
        process=_process(parts.settings, entry.registry_no),
        has_ended=(ends := newest.stages[-1].ends if newest.stages else None) is not None and ends <= now,
        may_move=visitor.someone.has(*MOVE_TICKETS),
        is_supplier=visitor.someone.actor.side is Side.SUPPLIER,
    )


@router.get("/pages/agreements/{number}/rendering")
async def show_text(number: str, parts: TheParts, visitor: TheVisitor, form: Format = "html") -> Response:
    """The agreement as it was signed: a page to print, or a file."""
    return await show_rendering(number, parts, visitor.someone, form=form, language=visitor.language)


def last_day(until: date | None) -> date | None:
    """The last day in force, where the first day no longer in force is known."""
    return until - timedelta(days=1) if until is not None else None


def region_names(catalogue: Catalogue) -> dict[str, str]:
    """What regions are called, by their codes."""
    return {each.region: each.name for each in catalogue.regions}


def _process(settings: Settings, registry_no: str) -> str | None:
    """The agreement's process in the engine's UI."""
    ui = settings.temporal_ui
    return f"{ui}/namespaces/{settings.temporal_namespace}/workflows/{agreement_workflow_id(registry_no)}" if ui else None
