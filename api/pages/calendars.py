"""Calendars: the year as it stands, and a form that proposes another version, with what it would change before anybody confirms it."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any, NamedTuple

from fastapi import Query, Response
from pydantic import ValidationError

from api.dependencies import Parts, TheParts
from api.errors import faults_of
from api.pages.page import go_to, own, page_router
from api.pages.visitors import Sent, TheForm, TheVisitor, Visitor
from api.pages.year_view import WEEKDAYS, year_of
from api.routes.calendars import CalendarBody, CalendarView, Hash, confirm_calendar, list_calendars, propose_calendar, show_calendar
from connectors.holiday_dates import holidays_of_country
from domain.calendar_definitions import CalendarDefinition
from domain.errors import BadInput, Forbidden, NotFound, ServandaError
from domain.people import Role

router = page_router()

SECTION = "/pages/calendars"
_MAY_CHANGE = (Role.SLM_MANAGER, Role.ADMIN)

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
    definition = (await _known(parts, visitor)).get(name)
    if definition is None:
        raise NotFound(f"there is no calendar {name}")
    return _form_page(visitor, CalendarForm.of(definition))


@router.post("/pages/calendars/edit")
async def take_edit(parts: TheParts, visitor: TheVisitor, sent: TheForm) -> Response:
    """Add proposed holidays to the form, show the year as it would be, or propose it."""
    form = CalendarForm.typed(sent)
    try:
        if sent.text("do") == "holidays":
            return _form_page(visitor, form.with_holidays(sent.text("country"), sent.text("years")))
        definition = form.definition()
        if sent.text("do") == "preview":
            return _form_page(visitor, form, definition=definition)
        made = await propose_calendar(CalendarBody(definition=definition, reason=form.reason), parts, visitor.someone)
    except ValidationError as wrong:
        return _form_page(visitor, form, faults=[f"{each['field']}: {each['message']}" for each in faults_of(wrong.errors())])
    except ServandaError as refusal:
        return _form_page(visitor, form, faults=[str(refusal)])
    return go_to(f"/pages/calendars/{made.calendar}/{made.version}")


@router.get("/pages/calendars/{name}/{version}")
async def show_version(name: str, version: int, parts: TheParts, visitor: TheVisitor, year: AYear = None) -> Response:
    """A version: the year by it, what it would change now, or what came of it."""
    _refuse_outsiders(visitor)
    found = await show_calendar(name, version, parts, visitor.someone)
    shown = year_of(found.definition, year or parts.now().year)
    may_confirm = visitor.someone.has(*_MAY_CHANGE) and found.state == "PROPOSED"
    return own("calendar_version", visitor, section=SECTION, found=found, year=shown, may_confirm=may_confirm)


@router.post("/pages/calendars/{name}/{version}/confirm")
async def take_confirmation(name: str, version: int, parts: TheParts, visitor: TheVisitor, sent: TheForm) -> Response:
    """Publish a version that was looked at."""
    _refuse_outsiders(visitor)
    await confirm_calendar(name, version, _hash(sent), parts, visitor.someone)
    return go_to(f"/pages/calendars/{name}/{version}")


def _hash(sent: Sent) -> Hash:
    try:
        return Hash(hash=sent.text("hash"))
    except ValidationError as wrong:
        raise BadInput("hash: open the page again and confirm what it shows") from wrong


# ---- the form -------------------------------------------------------------------------------------------------------


class CalendarForm(NamedTuple):
    """A calendar as it is typed: hours a line each, holidays and exceptions a line each."""

    calendar: str
    time_zone: str
    weekly: Mapping[str, str]
    holidays: str
    exceptions: str
    business_day: str
    reason: str

    @classmethod
    def empty(cls) -> "CalendarForm":
        """Office hours in Poland to begin with."""
        return cls("", "Europe/Warsaw", {day.value: "08:00-17:00" if day not in WEEKDAYS[5:] else "" for day in WEEKDAYS}, "", "", "", "")

    @classmethod
    def of(cls, definition: CalendarDefinition) -> "CalendarForm":
        """A calendar as it would be typed."""
        plain = definition.model_dump(mode="json", exclude_none=True)
        weekly = {day.value: ", ".join(definition.weekly.get(day, ())) for day in WEEKDAYS}
        exceptions = "\n".join(f"{on} {', '.join(hours)}".strip() for on, hours in plain.get("exceptions", {}).items())
        length = plain.get("business_day", "")
        return cls(definition.calendar, definition.time_zone, weekly, "\n".join(plain.get("holidays", ())), exceptions, length, "")

    @classmethod
    def typed(cls, sent: Sent) -> "CalendarForm":
        """What somebody typed, right or wrong."""
        weekly = {day.value: sent.text(day.value) for day in WEEKDAYS}
        names = ("calendar", "time_zone", "holidays", "exceptions", "business_day", "reason")
        return cls(weekly=weekly, **{name: sent.text(name) for name in names})

    def with_holidays(self, country: str, years: str) -> "CalendarForm":
        """The holidays of a country added, with their names beside them; a person looks them through before proposing them.

        Raises:
            BadInput: no such country, or no years.
        """
        first, _, last = years.partition("-")
        if not (first.strip().isdigit() and (last or first).strip().isdigit() and 0 <= int(last or first) - int(first) <= 20):
            raise BadInput("years: write 2026 or 2026-2027")
        found = holidays_of_country(country, range(int(first), int(last or first) + 1))
        known = {line.partition("#")[0].strip() for line in self.holidays.splitlines()}
        new = [f"{on}  # {name}" for on, name in found if on.isoformat() not in known]
        lines = sorted([*(line for line in self.holidays.splitlines() if line.strip()), *new])
        return self._replace(holidays="\n".join(lines))

    def definition(self) -> CalendarDefinition:
        """The calendar that is typed.

        Raises:
            ValidationError: it is none; each fault by its field.
        """
        value: dict[str, Any] = {"calendar": self.calendar, "time_zone": self.time_zone}
        value["weekly"] = {day: _hours(text) for day, text in self.weekly.items() if text}
        value["holidays"] = [line.partition("#")[0].strip() for line in self.holidays.splitlines() if line.partition("#")[0].strip()]
        value["exceptions"] = {
            on: _hours(hours) for on, _, hours in (line.strip().partition(" ") for line in self.exceptions.splitlines() if line.strip())
        }
        if self.business_day:
            value["business_day"] = self.business_day
        return CalendarDefinition.model_validate(value)


def _hours(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _form_page(visitor: Visitor, form: CalendarForm, faults: Sequence[str] = (), definition: CalendarDefinition | None = None) -> Response:
    if not visitor.someone.has(*_MAY_CHANGE):
        raise Forbidden("the SLM manager or an administrator changes calendars")
    years = sorted({on.year for on in definition.holidays}) if definition is not None else []
    shown = year_of(definition, years[-1] if years else date.today().year) if definition is not None else None  # noqa: DTZ011  (a year to begin with)
    return own("calendar_edit", visitor, 422 if faults else 200, section=SECTION, form=form, faults=faults, days=WEEKDAYS, year=shown)
