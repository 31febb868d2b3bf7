"""Scans of paper signatures: handed in before the signature that names them."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel
from sqlalchemy import Row

from api.dependencies import Parts, TheParts
from api.people import ThePerson
from api.routes.cases import TheCase
from api.someone import Someone
from domain.errors import BadInput, Forbidden, NotFound
from domain.people import Role
from store.scans import Scan

router = APIRouter(tags=["decisions"])

KINDS = {"application/pdf": b"%PDF-", "image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}
"""What a scan may be, and how such a file begins."""

Digest = Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="SHA-256 of the scan's bytes")]


class ScanView(BaseModel):
    """A scan that was kept; `scan` is what the signature names."""

    scan: str
    bytes: int


@router.post(
    "/cases/{case_id}/scans",
    status_code=201,
    openapi_extra={
        "requestBody": {"required": True, "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in KINDS}}
    },
)
async def store_scan(request: Request, row: TheCase, parts: TheParts, someone: ThePerson) -> ScanView:
    """Keep the scan of a signature on paper: a PDF, PNG or JPEG."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    content = await request.body()
    if kind != kind_of(content):
        raise BadInput(f"content-type: a scan is one of {', '.join(KINDS)}, and the file must be what it says")
    return ScanView(scan=await kept_scan(row, content, parts, someone), bytes=len(content))


def kind_of(content: bytes) -> str | None:
    """What a file is by its beginning; None if it is no scan."""
    return next((kind for kind, begins in KINDS.items() if content.startswith(begins)), None)


async def kept_scan(row: Row[Any], content: bytes, parts: Parts, someone: Someone) -> str:
    """Keep a scan; gives the hash that the signature names.

    Raises:
        BadInput: the file is no scan.
        Forbidden: the person hands no scans in.
    """
    if not someone.has(Role.SIGNATORY, Role.SLA_TEAM, Role.CRM_STAFF):
        raise Forbidden("signatories, the SLA team and CRM staff hand in scans")
    if (kind := kind_of(content)) is None:
        raise BadInput(f"a scan is one of {', '.join(KINDS)}, and the file must be what it says")
    return await parts.scans.keep(Scan(row.case_id, kind, content, someone.actor.person), parts.now())


@router.get("/cases/{case_id}/scans/{digest}", response_class=Response)
async def show_scan(digest: Digest, row: TheCase, parts: TheParts) -> Response:
    """The scan as it was handed in."""
    found = await parts.scans.find(row.case_id, digest)
    if found is None:
        raise NotFound(f"{row.case_id} has no scan {digest[:12]}")
    headers = {"x-content-type-options": "nosniff", "content-disposition": f'attachment; filename="{digest[:12]}"'}
    return Response(found.content, media_type=found.media_type, headers=headers)
