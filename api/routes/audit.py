"""The audit trails of everything as one list, and as a stream for log collectors."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel

from api.dependencies import TheParts
from api.people import AuditReader
from domain.audit import AuditLine
from domain.errors import Forbidden
from domain.people import Role
from store.audit_stream import AuditStream

router = APIRouter(tags=["audit"])

_LOOKS_EVERY = 1.0
"""Seconds between two looks for new events, while somebody waits for one."""

_NDJSON = "application/x-ndjson"


def _auditor(someone: AuditReader) -> None:
    if not (someone.is_program or someone.has(Role.ADMIN, Role.CONTROL_TIER)):
        raise Forbidden("administrators and the control tier read the trails of everything")


SomeAuditor = Depends(_auditor)

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
