"""The audit trails of everything: as one list, as a stream for log collectors, and as people search them."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, Field

from api.dependencies import TheParts
from api.people import AuditReader, TheInsider
from domain.audit import AuditLine, AuditRecord, Sought
from domain.errors import Forbidden, NotFound
from domain.people import Role
from store.audit import AuditTrail
from store.audit_stream import AuditStream

router = APIRouter(tags=["audit"])

_LOOKS_EVERY = 1.0
"""Seconds between two looks for new events, while somebody waits for one."""

_NDJSON = "application/x-ndjson"


def _auditor(someone: AuditReader) -> None:
    if not (someone.is_program or someone.has(Role.ADMIN, Role.CONTROL_TIER)):
        raise Forbidden("administrators and the control tier read the trails of everything")


SomeAuditor = Depends(_auditor)

SEARCHERS = (Role.ADMIN, Role.CONTROL_TIER, Role.SLM_MANAGER)
"""Who searches the trails. The manager answers for what the team did, and takes no stream of everything away."""


def _searcher(someone: TheInsider) -> None:
    if not someone.has(*SEARCHERS):
        raise Forbidden("administrators, the control tier and the SLM manager search the trails")


SomeSearcher = Depends(_searcher)

After = Annotated[int, Query(ge=0, le=2**63 - 1, description="the place of the last event one has")]
Limit = Annotated[int, Query(ge=1, le=10_000)]


class AuditPage(BaseModel):
    """Some events, earliest first; `next` asks for those after them."""

    events: list[AuditLine]
    next: int | None


@router.get("/audit", dependencies=[SomeAuditor])
async def list_audit_events(parts: TheParts, after: After = 0, limit: Limit = 200) -> AuditPage:
    """Events of all trails: who did what, and its link in the chain."""
    lines = await AuditStream(parts.database).after(after, limit)
    return AuditPage(events=lines, next=lines[-1].place if len(lines) == limit else None)


@router.get(
    "/audit/stream",
    dependencies=[SomeAuditor],
    response_class=Response,
    responses={200: {"content": {_NDJSON: {"schema": {"$ref": "#/components/schemas/AuditLine"}}}}},
)
async def stream_audit_events(
    request: Request,
    parts: TheParts,
    after: After = 0,
    limit: Limit = 1000,
    wait: Annotated[float, Query(ge=0, le=60, description="seconds to wait for an event where there is none yet")] = 0,
) -> Response:
    """The same as lines of JSON; ask again after the `place` of the last line, however long ago that was."""
    lines: Sequence[AuditLine] = await AuditStream(parts.database).after(after, limit)
    ends_at = asyncio.get_running_loop().time() + wait
    while not lines and (left := ends_at - asyncio.get_running_loop().time()) > 0 and not await request.is_disconnected():
        await asyncio.sleep(min(_LOOKS_EVERY, left))
        lines = await AuditStream(parts.database).after(after, limit)
    return Response("".join(f"{line.as_json}\n" for line in lines), media_type=_NDJSON)


class RecordPage(BaseModel):
    """Some events, newest first; `next` asks for those before them."""

    events: list[AuditRecord]
    next: int | None


@router.get("/audit/search", dependencies=[SomeSearcher])
async def search_audit_events(
    parts: TheParts,
    subject: Annotated[str | None, Query(max_length=310, description="whose trail, such as agreement-case:case-1")] = None,
    actor: Annotated[str | None, Query(max_length=100, description="a person, or system")] = None,
    action: Annotated[str | None, Query(max_length=100)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    before: Annotated[int | None, Query(ge=1, le=2**63 - 1, description="the `next` of the page before")] = None,
) -> RecordPage:
    """Newest events of all trails, or of one; by who acted and what was done."""
    found = await AuditStream(parts.database).newest(Sought(subject, actor, action), limit, before)
    is_full = len(found) == limit
    last = (found[-1].place if subject is None else found[-1].number) if is_full else None
    return RecordPage(events=found, next=last)


class ChainView(BaseModel):
    """Whether the chain of a trail holds, computed anew from its first event on."""

    subject: str
    events: int
    last_hash: str
    broken_at: Annotated[int | None, Field(description="the number of the first event that does not fit; none: the chain is whole")]


@router.get("/audit/chain", dependencies=[SomeSearcher])
async def verify_audit_chain(subject: Annotated[str, Query(max_length=310)], parts: TheParts) -> ChainView:
    """Compute the hashes of a trail again and hold them against those that were written."""
    newest = await AuditStream(parts.database).newest(Sought(subject), 1)
    if not newest:
        raise NotFound(f"there is no trail {subject}")
    broken_at = await AuditTrail(parts.database).broken_at(subject)
    return ChainView(subject=subject, events=newest[0].number, last_hash=newest[0].hash, broken_at=broken_at)
