"""A person's own page: what they may decide, and who decides for them while they are away."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Response
from pydantic import BaseModel, Field, model_validator

from api.dependencies import TheParts
from api.errors import status_of
from api.pages.forms import Field as FormField
from api.pages.forms import Filled, Given, fields_of, filled
from api.pages.page import go_to, own, page_router
from api.pages.visitors import TheForm, TheVisitor, Visitor
from api.routes.catalogue import DelegationBody, delegate
from domain.errors import ServandaError
from domain.people import Key, Person

router = page_router()

_MOST = 300
"""People to choose a deputy from in a list; among more, the short name is typed."""


class Absence(BaseModel):
    """Somebody is away: who decides for them, from the first day to the last."""

    person: Key
    deputy: Key
    first_on: date
    last_on: date
    reason: Annotated[str, Field(min_length=1, max_length=500)]

    @model_validator(mode="after")
    def _is_a_stretch(self) -> "Absence":
        if self.last_on < self.first_on:
            raise ValueError("last_on: lies before the first day")
        return self


def _colleagues(visitor: Visitor) -> list[Person]:
    """Those who act for the visitor's own party."""
    actor = visitor.someone.actor
    return [each for each in visitor.someone.catalogue.people if each.active and (each.side, each.party) == (actor.side, actor.party)]


def _absent(visitor: Visitor) -> list[Person]:
    """Whom the visitor may name a deputy for: themselves, and those they manage."""
    me = visitor.someone.actor.person
    return sorted((each for each in _colleagues(visitor) if me in {each.person, each.manager}), key=lambda each: each.person != me)


def _fields(visitor: Visitor) -> list[FormField]:
    me, colleagues = visitor.someone.actor.person, _colleagues(visitor)
    absent = _absent(visitor)
    given = {
        "person": Given(me, _named(absent), is_fixed=len(absent) == 1),
        "deputy": Given(None, _named([each for each in colleagues if len(absent) > 1 or each.person != me]))
        if len(colleagues) <= _MOST
        else Given(),
    }
    return fields_of(Absence, given, ZoneInfo(visitor.someone.catalogue.calendar.time_zone))


def _named(people: Sequence[Person]) -> list[tuple[str, str]]:
    return [(each.person, each.name) for each in people]


def _page(visitor: Visitor, form: Filled, today: date, status: int = 200, done: str | None = None) -> Response:
    return own(
        "person",
        visitor,
        status,
        section="/pages/people/me",
        me=visitor.someone.catalogue.person(visitor.someone.actor.person),
        absent=_absent(visitor),
        names={each.person: each.name for each in _colleagues(visitor)},
        form=form,
        today=today,
        done=done,
    )


@router.get("/pages/people/me")
async def show_me(parts: TheParts, visitor: TheVisitor, done: str | None = None) -> Response:
    """The visitor, their deputies, and the form to name one."""
    zone = ZoneInfo(visitor.someone.catalogue.calendar.time_zone)
    return _page(visitor, Filled(None, _fields(visitor)), parts.now().astimezone(zone).date(), done=done)


@router.post("/pages/people/me")
async def name_deputy(parts: TheParts, visitor: TheVisitor, sent: TheForm) -> Response:
    """Name a deputy; what is wrong with it is told where it was typed."""
    zone = ZoneInfo(visitor.someone.catalogue.calendar.time_zone)
    today = parts.now().astimezone(zone).date()
    form = filled(Absence, _fields(visitor), sent, zone)
    if not isinstance(form.body, Absence):
        return _page(visitor, form, today, 422)
    body = DelegationBody.model_validate(form.body.model_dump(exclude={"person"}))
    try:
        await delegate(form.body.person, body, parts, visitor.someone)
    except ServandaError as refusal:
        return _page(visitor, form.blaming(str(refusal)), today, status_of(refusal))
    return go_to("/pages/people/me?done=deputy")
