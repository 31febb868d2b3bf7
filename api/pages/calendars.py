"""Calendars: the year as it stands, and a form that proposes another version, with what it would change before anybody confirms it."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, NamedTuple
from urllib.parse import quote

from fastapi import Path, Query, Response
from pydantic import ValidationError

from api.calendar_desk import definition_of
from api.dependencies import Parts, TheParts
from api.errors import faults_of
from api.pages.calendar_form import ASKED_BESIDE, CalendarForm, by_field
from api.pages.page import go_to, own, page_router
from api.pages.visitors import Sent, TheForm, TheVisitor, Visitor
from api.pages.words import page_words
from api.pages.year_view import WEEKDAYS, Year, year_of
from api.routes.calendars import (
    CalendarBody,
    CalendarView,
    EffectView,
    Hash,
    confirm_calendar,
    kept_version,
    list_calendars,
    propose_calendar,
)
from connectors.readable.changes import Change
from domain.calendar_definitions import CalendarDefinition
from domain.differences import differences
from domain.errors import BadInput, Forbidden, NotFound, ServandaError
from domain.people import Role

router = page_router()

SECTION = "/pages/calendars"
_MAY_CHANGE = (Role.SLM_MANAGER, Role.ADMIN)

_NONE: Mapping[str, str] = MappingProxyType({})

AVersion = Annotated[int, Path(ge=1, le=2**31 - 1)]
AYear = Annotated[int | None, Query(ge=1900, le=2200)]


def _refuse_outsiders(visitor: Visitor) -> None:
    if not visitor.is_inside:
        raise Forbidden("calendars are for the provider's people")


@router.get("/pages/calendars")
async def show_calendars(parts: TheParts, visitor: TheVisitor) -> Response:
    """The calendars in use, and versions that wait to be confirmed."""
    _refuse_outsiders(visitor)
    used = await _known(parts, visitor)
    versions = await list_calendars(parts, visitor.someone)
    waiting = [each for each in versions if each.state == "PROPOSED" and _newest(each, versions)]
    return own("calendars", visitor, section=SECTION, used=used, waiting=waiting, may_change=visitor.someone.has(*_MAY_CHANGE))


def _newest(version: CalendarView, versions: Sequence[CalendarView]) -> bool:
    return all(each.version <= version.version for each in versions if each.calendar == version.calendar)


async def _known(parts: Parts, visitor: Visitor) -> dict[str, CalendarDefinition]:
    own_days = visitor.someone.catalogue.calendar
    return {own_days.calendar: own_days} | await parts.calendar_desk.in_use()


@router.get("/pages/calendars/new")
async def show_new(visitor: TheVisitor) -> Response:
    """The form for a calendar that is not there yet."""
    _refuse_others(visitor)
    return _form_page(visitor, CalendarForm.empty())


@router.get("/pages/calendars/{name}")
async def show_one(name: str, parts: TheParts, visitor: TheVisitor, year: AYear = None) -> Response:
    """A calendar by the year, its versions, and what each waits for."""
    _refuse_outsiders(visitor)
    definition = (await _known(parts, visitor)).get(name)
    if definition is None:
        raise NotFound(f"there is no calendar {name}")
    versions = [each for each in await list_calendars(parts, visitor.someone) if each.calendar == name]
    shown = year_of(definition, year or parts.now().year)
    may_change = visitor.someone.has(*_MAY_CHANGE)
    return own("calendar", visitor, section=SECTION, calendar=definition, year=shown, versions=versions, may_change=may_change)


@router.get("/pages/calendars/{name}/edit")
async def show_edit(name: str, parts: TheParts, visitor: TheVisitor) -> Response:
    """The form, filled with the calendar as it is."""
    _refuse_others(visitor)
    definition = (await _known(parts, visitor)).get(name)
    if definition is None:
        raise NotFound(f"there is no calendar {name}")
    return _form_page(visitor, CalendarForm.of(definition))


@router.post("/pages/calendars/edit")
async def take_edit(parts: TheParts, visitor: TheVisitor, sent: TheForm) -> Response:
    """Add proposed holidays to the form, show what the calendar would change, or propose it."""
    _refuse_others(visitor)
    form, wish = CalendarForm.typed(sent), sent.text("do")
    try:
        if wish == "holidays":
            return _form_page(visitor, form.with_holidays(sent.text("country"), sent.text("years"), await sent.file("ics")))
        definition = form.definition()
        if wish == "preview":
            return _form_page(visitor, form, preview=await _preview(definition, parts, visitor))
        made = await propose_calendar(CalendarBody(definition=definition, reason=form.reason), parts, visitor.someone)
    except ValidationError as wrong:
        return _form_page(visitor, form, by_field(faults_of(wrong.errors())))
    except ServandaError as refusal:
        field, colon, message = str(refusal).partition(": ")
        return _form_page(visitor, form, {field: message} if colon and field in ASKED_BESIDE else {"": str(refusal)})
    return go_to(f"/pages/calendars/{quote(made.calendar)}/{made.version}?counted=true")


class Preview(NamedTuple):
    """What a calendar that is typed would change: against the one in use, agreement by agreement, and its year."""

    changes: Sequence[Change] | None
    effect: Sequence[EffectView]
    year: Year


async def _preview(definition: CalendarDefinition, parts: Parts, visitor: Visitor) -> Preview:
    used = (await _known(parts, visitor)).get(definition.calendar)
    years = sorted({on.year for on in definition.holidays})
    shown = next((each for each in years if each >= parts.now().year), parts.now().year)
    changes = _changes(used, definition, visitor) if used is not None else None
    return Preview(changes, await _effect(definition, parts), year_of(definition, shown))


def _changes(used: CalendarDefinition, definition: CalendarDefinition, visitor: Visitor) -> list[Change]:
    words = page_words(visitor.language)

    def said(where: str) -> str:
        field, _, which = where.partition(".")
        return words.name("calendars", which) if field == "weekly" else f"{words.name('calendars', field)} {which}".strip()

    return [Change(said(each.where), each.before, each.after) for each in differences(used, definition)]


@router.get("/pages/calendars/{name}/{version}")
async def show_version(
    name: str, version: AVersion, parts: TheParts, visitor: TheVisitor, year: AYear = None, *, counted: bool = False
) -> Response:
    """A version and the year by it; what it would change where that is asked for, as it takes a while; or what came of it."""
    _refuse_outsiders(visitor)
    row = await kept_version(name, version, parts)
    found, definition = CalendarView.of(row), definition_of(row)
    is_proposed = found.state == "PROPOSED"
    used = (await _known(parts, visitor)).get(name) if is_proposed else None
    return own(
        "calendar_version",
        visitor,
        section=SECTION,
        found=found,
        definition=definition,
        year=year_of(definition, year or parts.now().year),
        changes=_changes(used, definition, visitor) if used is not None else None,
        effect=await _effect(definition, parts) if is_proposed and counted else None,
        may_confirm=is_proposed and visitor.someone.has(*_MAY_CHANGE),
    )


async def _effect(definition: CalendarDefinition, parts: Parts) -> list[EffectView]:
    return [EffectView.of(each) for each in await parts.calendar_desk.effect(definition)]


@router.post("/pages/calendars/{name}/{version}/confirm")
async def take_confirmation(name: str, version: AVersion, parts: TheParts, visitor: TheVisitor, sent: TheForm) -> Response:
    """Publish a version that was looked at."""
    _refuse_outsiders(visitor)
    await confirm_calendar(name, version, _hash(sent), parts, visitor.someone)
    return go_to(f"/pages/calendars/{quote(name)}/{version}")


def _hash(sent: Sent) -> Hash:
    try:
        return Hash(hash=sent.text("hash"))
    except ValidationError as wrong:
        raise BadInput("hash: open the page again and confirm what it shows") from wrong


# ---- the form -------------------------------------------------------------------------------------------------------


def _form_page(visitor: Visitor, form: CalendarForm, faults: Mapping[str, str] = _NONE, preview: Preview | None = None) -> Response:
    status = 422 if faults else 200
    return own("calendar_edit", visitor, status, section=SECTION, form=form, faults=faults, days=WEEKDAYS, preview=preview)


def _refuse_others(visitor: Visitor) -> None:
    if not visitor.someone.has(*_MAY_CHANGE):
        raise Forbidden("the SLM manager or an administrator changes calendars")
