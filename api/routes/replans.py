"""Moving the open tickets of an agreement to another version of it: what it would bring, and that it is done."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.dependencies import Parts, TheParts
from api.people import TheInsider
from api.replan_desk import Asked, agreement_of
from api.replan_views import MovePageView, MoveView, ReplanView
from api.routes.case_decisions import IdempotencyKey
from api.routes.registry import the_entry
from domain.errors import BadInput, Forbidden, NotFound
from domain.follow_ups.follow_up import Reason
from domain.people import Role
from domain.replan import Rate
from store.replans import MovePage

router = APIRouter(tags=["replans"])

MOVE_TICKETS = (Role.SLM_MANAGER, Role.ADMIN)
"""Who moves open tickets to another version."""

_Version = Annotated[str, Field(pattern=r"^\d+\.\d+$")]


class ReplanBody(BaseModel):
    """Which agreement's open tickets go to which version; without `from_version` from every other one.

    A dry run counts and lists; the re-plan names it in `confirms`.
    """

    agreement: Annotated[str, Field(max_length=40, description="its number in the registry")]
    from_version: Annotated[str, Field(pattern=r"^\d+\.(\d+|\*)$", description="1.* are all up to the next material change")] | None = None
    to_version: _Version
    reason: Reason
    dry_run: bool = True
    confirms: Annotated[str | None, Field(max_length=40, description="the dry run that was looked at")] = None
    rate: Rate | None = None


@router.post("/replans", status_code=201)
async def ask_for_replan(body: ReplanBody, parts: TheParts, someone: TheInsider, idempotency_key: IdempotencyKey) -> ReplanView:
    """List what a move of open tickets would bring, or confirm such a list and have them moved; the same key does it once."""
    if not someone.has(*MOVE_TICKETS):
        raise Forbidden("the SLM manager or an administrator moves open tickets")
    if body.dry_run and body.confirms is not None:
        raise BadInput("confirms: a dry run confirms nothing; send dry_run: false")
    entry = await the_entry(body.agreement, parts, someone)
    rate = body.rate if body.rate is not None else parts.settings.replan_rate
    asked = Asked(body.from_version, body.to_version, body.reason, rate, someone.actor.person, idempotency_key)
    if body.dry_run:
        row = await parts.replan_desk.dry_run(entry, asked)
    else:
        row = await parts.replan_desk.confirm(entry, asked, body.confirms)
        if parts.case_forwarder is not None:
            parts.case_forwarder.nudge()
    return await _view(parts, row.replan)


@router.get("/replans")
async def list_replans(
    parts: TheParts,
    someone: TheInsider,
    agreement: Annotated[str | None, Query(max_length=40, description="its number; left out: of all")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> list[ReplanView]:
    """Dry runs and re-plans, newest first."""
    name = agreement_of(await the_entry(agreement, parts, someone)) if agreement is not None else None
    async with parts.database.reading() as connection:
        rows = await parts.replans.newest(connection, name, limit)
        return [ReplanView.of(row, await parts.replans.counts(connection, row)) for row in rows]


@router.get("/replans/{replan}")
async def show_replan(replan: str, parts: TheParts, _: TheInsider) -> ReplanView:
    """How far it has come, counted now."""
    return await _view(parts, replan)


@router.get("/replans/{replan}/tickets")
async def list_moves(
    replan: str,
    parts: TheParts,
    _: TheInsider,
    breaches: bool | None = None,
    acknowledged: bool | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    after: Annotated[str, Query(max_length=310)] = "",
) -> MovePageView:
    """Its tickets with old and new due times, in the order of their names; those it makes late, or whose process was not told."""
    async with parts.database.reading() as connection:
        rows = await parts.replans.page(connection, replan, MovePage(limit, after, breaches, acknowledged))
    return MovePageView(tickets=[MoveView.of(row) for row in rows], next=rows[-1].subject if len(rows) == limit else None)


async def _view(parts: Parts, replan: str) -> ReplanView:
    async with parts.database.reading() as connection:
        row = await parts.replans.replan(connection, replan)
        if row is None:
            raise NotFound(f"there is no re-plan {replan}")
        return ReplanView.of(row, await parts.replans.counts(connection, row))
