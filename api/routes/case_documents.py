"""The versions of a case's documents: as data, as people read them, and what changed from one to the next."""

import asyncio
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime, BaseModel
from sqlalchemy import Row

from api.dependencies import Parts, TheParts
from api.people import ThePerson
from api.rendered import Reading, rendered
from api.routes.cases import TheCase
from api.someone import Someone
from domain.differences import differences
from domain.documents import AgreementDocument, FinalDraft
from domain.errors import NotFound
from store.cases import form_of

router = APIRouter(tags=["cases"])

Format = Annotated[Literal["html", "pdf"], Query(description="a page, or a file to keep")]
Language = Annotated[Literal["pl", "en"] | None, Query(description="left out: the reader's own")]


class DocumentView(BaseModel):
    """A version of a document; `hash` is what decisions are attached to."""

    kind: str
    number: int
    hash: str
    created_at: AwareDatetime


@router.get("/cases/{case_id}/documents")
async def listdocuments_of(row: TheCase, parts: TheParts, someone: ThePerson) -> list[DocumentView]:
    """The versions of the case's documents, earliest first."""
    return [
        DocumentView(kind=each.kind, number=each.number, hash=each.digest, created_at=each.created_at)
        for each in await documents_of(row, parts, someone)
    ]


@router.get("/cases/{case_id}/documents/{digest}")
async def show_document(digest: str, row: TheCase, parts: TheParts, someone: ThePerson) -> dict[str, Any]:
    """One version, by its hash."""
    return dict((await _document(digest, row, parts, someone)).document)


@router.get("/cases/{case_id}/documents/{older}/differences/{newer}")
async def show_differences(older: str, newer: str, row: TheCase, parts: TheParts, someone: ThePerson) -> list[dict[str, Any]]:
    """What changed between two versions, in words."""
    first, second = await _document(older, row, parts, someone), await _document(newer, row, parts, someone)
    if first.kind != second.kind:
        raise NotFound(f"{older[:12]} and {newer[:12]} are not versions of one document")
    form = form_of(first.kind)
    found = differences(form.model_validate(first.document), form.model_validate(second.document))
    return [{"where": each.where, "kind": str(each.kind), "before": each.before, "after": each.after} for each in found]


@router.get("/cases/{case_id}/documents/{digest}/rendering", response_class=Response)
async def show_rendering(
    digest: str, row: TheCase, parts: TheParts, someone: ThePerson, form: Format = "html", language: Language = None
) -> Response:
    """A version of the draft, or of an OLA or UC, as people read it; the hash stands on every page."""
    found = await _document(digest, row, parts, someone)
    if found.kind not in {"draft", "support"}:
        raise NotFound(f"{digest[:12]} is a {found.kind}; drafts are rendered")
    draft = FinalDraft.model_validate(found.document) if found.kind == "draft" else _alone(found.document)
    reading = Reading(form, language or someone.language, someone.catalogue.is_regulated(row.customer))
    return await asyncio.to_thread(rendered, draft, digest, reading)


def _alone(document: Any) -> FinalDraft:
    return FinalDraft(documents=(AgreementDocument.model_validate(document),))


async def documents_of(row: Row[Any], parts: Parts, someone: Someone) -> list[Row[Any]]:
    """The versions of a case's documents that are somebody's business, earliest first."""
    async with parts.database.reading() as connection:
        found = await parts.cases.documents(connection, row.case_id)
    if someone.is_inside or row.kind != "AGREEMENT":
        return list(found)
    # Prices with costs are not the customer's business.
    return [each for each in found if each.kind != "proposal"]


async def _document(digest: str, row: Row[Any], parts: Parts, someone: Someone) -> Row[Any]:
    for each in await documents_of(row, parts, someone):
        if each.digest == digest:
            return each
    raise NotFound(f"{row.case_id} has no document {digest[:12]}")
