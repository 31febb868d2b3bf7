"""The contracts and agreements database as people search and read it. Nothing here changes an entry."""

import asyncio
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime, BaseModel
from sqlalchemy import Row

from api.dependencies import Parts, TheParts
from api.people import RegistryReader
from api.rendered import Reading, rendered
from api.routes.case_documents import Format, Language
from api.someone import Someone
from domain.documents import AgreementDocument, FinalDraft
from domain.errors import NotFound
from domain.people import Side
from domain.registry_numbers import in_registry
from domain.terms import SUPPORT_KINDS
from store.entries import PROMISES, Entry

router = APIRouter(prefix="/registry", tags=["registry"])

CATEGORIES = {"CUSTOMER": "CUSTOMER_SLA", "INTERNAL": "INTERNAL_SLA", "OLA": "OLA", "UC": "UC"}
NAMES = {
    "CUSTOMER_SLA": "Customer SLA (umowa na usługi zewnętrzne)",
    "INTERNAL_SLA": "Internal SLA (umowa wewnętrzna)",
    "OLA": "Operational level agreement (OLA)",
    "UC": "Underpinning contract (UC)",
}
"""What people call the kinds; a search finds them by these words too (R-012)."""


class EntryView(BaseModel):
    """A registered version."""

    registry_no: str
    version: str
    kind: str
    kind_name: str
    level: str
    title: str
    provider: str
    customer: str
    service: str | None
    regions: list[str]
    parent: str | None
    supports: list[str]
    effective_from: date
    effective_until: date | None
    time_zone: str
    state: str
    hash: str
    case_id: str | None
    imported_by: str | None
    registered_at: AwareDatetime
    terminates_at: AwareDatetime | None
    legal_hold: bool

    @classmethod
    def of(cls, row: Row[Any] | Entry) -> "EntryView":
        """A row as it is shown."""
        fields = {name: getattr(row, name) for name in cls.model_fields if name not in {"hash", "kind_name"}}
        return cls(hash=row.digest, kind_name=NAMES[row.kind], **fields)


class EntryWithText(EntryView):
    """A registered version with its text."""

    document: dict[str, Any]


@router.get("")
async def search(
    parts: TheParts,
    someone: RegistryReader,
    text: Annotated[str | None, Query(max_length=100, description="a word of title, parties, service, number or kind")] = None,
    category: Annotated[str | None, Query(description="CUSTOMER, INTERNAL, OLA or UC")] = None,
    state: str | None = None,
    customer: str | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    after: str | None = None,
) -> list[EntryView]:
    """Entries in the order of their numbers; `after` is the last one has, as number@version."""
    wanted = {"kind": CATEGORIES.get(category, category) if category else None, "state": state, "customer": customer}
    meant = [kind for kind, name in NAMES.items() if text and text.lower() in name.lower()]
    if someone.actor.side is Side.CUSTOMER:
        wanted["customer"] = someone.actor.party
    if someone.actor.side is Side.SUPPLIER:
        wanted["provider"] = someone.actor.party
    stated = {name: value for name, value in wanted.items() if value is not None}
    rows = await parts.registry.search(stated, text, limit, after, kinds=meant)
    return [EntryView.of(row) for row in rows if is_concerned(row, someone)]


async def living_titles(parts: Parts, someone: Someone, limit: int) -> list[Row[Any]]:
    """Number, title, customer and state of the promises that are some of the person's business and have not ended, newest first.

    For a supplier these are its contracts.
    """
    actor = someone.actor
    kinds = SUPPORT_KINDS if actor.side is Side.SUPPLIER else PROMISES
    column = {Side.CUSTOMER: "customer", Side.SUPPLIER: "provider"}.get(actor.side)
    rows = await parts.registry.titles([kind.value for kind in kinds], {column: actor.party or ""} if column else {}, limit)
    return list({row.registry_no: row for row in reversed(rows)}.values())[::-1]


async def the_entry(registry_no: str, parts: Parts, someone: Someone) -> Entry:
    """The newest version of an entry that is some of the person's business; numbers read SLA/2026/0001 or SLA-2026-0001.

    Raises:
        NotFound: there is none, or it is none of theirs.
    """
    row = await parts.registry.entry(in_registry(registry_no))
    if row is None or not is_concerned(row, someone):
        raise NotFound(f"there is no agreement {registry_no}")
    return row


def signed_document(entry: Entry) -> AgreementDocument | None:
    """The text of an entry; None for one that came as ready terms."""
    return AgreementDocument.model_validate(entry.document) if entry.case_id is not None else None


@router.get("/{registry_no}/rendering", response_class=Response)
async def show_rendering(
    registry_no: str, parts: TheParts, someone: RegistryReader, form: Format = "html", language: Language = None
) -> Response:
    """The agreement as it was signed, all its documents, as people read it. Numbers are written SLA-2026-0001 here."""
    row = await the_entry(registry_no, parts, someone)
    if row.case_id is None:
        raise NotFound(f"{registry_no} came as ready terms; there is no text to read")
    documents = [AgreementDocument.model_validate(each.document) for each in await parts.registry.signed_with(row)]
    reading = Reading(form, language or someone.language, someone.catalogue.is_regulated(row.customer))
    return await asyncio.to_thread(rendered, FinalDraft(documents=tuple(documents)), row.set_hash, reading)


@router.get("/{registry_no:path}")
async def show(registry_no: str, parts: TheParts, someone: RegistryReader, version: str | None = None) -> EntryWithText:
    """One entry with its text: the newest version, or the one asked for. Numbers read SLA/2026/0001 or SLA-2026-0001."""
    row = await parts.registry.entry(in_registry(registry_no), version)
    if row is None or not is_concerned(row, someone):
        raise NotFound(f"there is no agreement {registry_no}")
    return EntryWithText(**EntryView.of(row).model_dump(), document=row.document)


def is_concerned(row: Row[Any] | Entry, someone: Someone) -> bool:
    """Is an agreement any of somebody's business?"""
    actor = someone.actor
    if actor.side is Side.PROVIDER:
        return True
    party = row.customer if actor.side is Side.CUSTOMER else row.provider
    return bool(party == actor.party and (row.kind in {"CUSTOMER_SLA", "INTERNAL_SLA"}) == (actor.side is Side.CUSTOMER))
