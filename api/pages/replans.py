"""Moves of open tickets to another version: what one would bring, its confirmation, and how far it has come."""

from typing import Annotated
from urllib.parse import urlencode
from uuid import uuid4
from zoneinfo import ZoneInfo

from fastapi import Query, Response
from pydantic import BaseModel, Field

from api.dependencies import Parts, TheParts
from api.errors import status_of
from api.pages.forms import Field as FormField
from api.pages.forms import Filled, Given, fields_of, filled
from api.pages.had_it_been import of_move
from api.pages.page import go_to, own, page_router
from api.pages.visitors import TheForm, TheVisitor, Visitor
from api.replan_views import ReplanView
from api.routes.replans import MOVE_TICKETS, ReplanBody, ask_for_replan, list_moves, list_replans, show_replan
from domain.errors import Forbidden, ServandaError
from domain.follow_ups.follow_up import Reason
from domain.replan import ReplanState

router = page_router()

SECTION = "/pages/replans"

_A_PAGE = 50


class MoveAsked(BaseModel):
    """The form of a dry run."""

    agreement: Annotated[str, Field(max_length=40)]
    to_version: Annotated[str, Field(pattern=r"^\d+\.\d+$", max_length=20)]
    from_version: Annotated[str, Field(pattern=r"^\d+\.(\d+|\*)$", max_length=20)] | None = None
    reason: Reason


def _refuse_outsiders(visitor: Visitor) -> None:
    if not visitor.is_inside:
        raise Forbidden("moves of tickets are for the provider's people")


@router.get(SECTION)
async def show_replans(parts: TheParts, visitor: TheVisitor, agreement: Annotated[str, Query(max_length=40)] = "") -> Response:
    """Dry runs and re-plans, newest first."""
    _refuse_outsiders(visitor)
    found = await list_replans(parts, visitor.someone, agreement.strip() or None, 50)
    may_move = visitor.someone.has(*MOVE_TICKETS)
    return own("replans", visitor, section=SECTION, found=found, agreement=agreement, may_move=may_move)


@router.get(f"{SECTION}/new")
async def show_new(visitor: TheVisitor, agreement: Annotated[str, Query(max_length=40)] = "") -> Response:
    """The form of a dry run."""
    _refuse_others(visitor)
    return _form_page(visitor, Filled(None, _fields(agreement)), uuid4().hex)


@router.post(f"{SECTION}/new")
async def take_new(parts: TheParts, visitor: TheVisitor, sent: TheForm) -> Response:
    """List what the move would bring; nothing is moved by it."""
    _refuse_others(visitor)
    key = sent.text("key") or uuid4().hex
    form = filled(MoveAsked, _fields(""), sent, ZoneInfo("UTC"))
    if form.body is None:
        return _form_page(visitor, form, key, 422)
    try:
        made = await ask_for_replan(ReplanBody.model_validate(form.body.model_dump()), parts, visitor.someone, key)
    except ServandaError as refusal:
        return _form_page(visitor, form.blaming(str(refusal)), key, status_of(refusal))
    return go_to(f"{SECTION}/{made.replan}")


def _refuse_others(visitor: Visitor) -> None:
    if not visitor.someone.has(*MOVE_TICKETS):
        raise Forbidden("the SLM manager or an administrator moves open tickets")


def _fields(agreement: str) -> list[FormField]:
    return fields_of(MoveAsked, {"agreement": Given(agreement or None)}, ZoneInfo("UTC"))


def _form_page(visitor: Visitor, form: Filled, key: str, status: int = 200) -> Response:
    return own("replan_form", visitor, status, section=SECTION, form=form, key=key)


class MovesAsked(BaseModel):
    """Which tickets of a re-plan the page shows."""

    only: Annotated[str, Field(pattern="^(|late|untold)$")] = ""
    after: Annotated[str, Field(max_length=310)] = ""


@router.get(f"{SECTION}/{{replan}}")
async def show_one(replan: str, parts: TheParts, visitor: TheVisitor, asked: Annotated[MovesAsked, Query()]) -> Response:
    """What a dry run found, or how far a re-plan has come, ticket by ticket."""
    _refuse_outsiders(visitor)
    found = await show_replan(replan, parts, visitor.someone)
    late, told = asked.only == "late" or None, False if asked.only == "untold" else None
    moves = await list_moves(replan, parts, visitor.someone, late, told, _A_PAGE, asked.after)
    number = await _number(found, parts)
    is_dry = found.state == ReplanState.COUNTED.value
    return own(
        "replan",
        visitor,
        section=SECTION,
        found=found,
        number=number,
        had=await of_move(found, number, parts, visitor),
        moves=moves.tickets,
        only=asked.only,
        more=urlencode({"only": asked.only, "after": moves.next}) if moves.next is not None else None,
        in_all=found.moved + found.left + found.closed,
        is_dry=is_dry,
        may_confirm=is_dry and found.moved > 0 and number is not None and visitor.someone.has(*MOVE_TICKETS),
    )


async def _number(found: ReplanView, parts: Parts) -> str | None:
    """The registry number of the agreement whose clocks are moved."""
    return (await parts.registry.numbers([found.agreement])).get(found.agreement)


@router.post(f"{SECTION}/{{replan}}/confirm")
async def take_confirmation(replan: str, parts: TheParts, visitor: TheVisitor, sent: TheForm) -> Response:
    """Have the tickets moved that the dry run lists."""
    _refuse_others(visitor)
    dry = await show_replan(replan, parts, visitor.someone)
    body = ReplanBody(
        agreement=await _number(dry, parts) or dry.agreement,
        from_version=dry.from_version,
        to_version=dry.to_version,
        reason=dry.reason,
        rate=dry.rate,
        dry_run=False,
        confirms=dry.replan,
    )
    made = await ask_for_replan(body, parts, visitor.someone, sent.text("key") or uuid4().hex)
    return go_to(f"{SECTION}/{made.replan}")
