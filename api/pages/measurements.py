"""What was measured of the availability an agreement promises, and a stretch entered by hand."""

from typing import Annotated, Self
from urllib.parse import urlencode
from uuid import uuid4
from zoneinfo import ZoneInfo

from fastapi import Query, Response
from pydantic import AwareDatetime, BaseModel, Field, ValidationError, model_validator

from api.dependencies import Parts, TheParts
from api.errors import faults_of, status_of
from api.pages.agreements import SECTION
from api.pages.forms import Field as FormField
from api.pages.forms import Filled, Given, fields_of, filled
from api.pages.page import go_to, own, page_router
from api.pages.visitors import TheForm, TheVisitor, Visitor
from api.pages.words import page_words
from api.routes.measurements import REPORTERS, list_measurements, take_measurements
from api.routes.registry import the_entry
from domain.errors import Forbidden, NotFound, ServandaError
from domain.measurements import Measurement, MeasurementKind, Measurements
from domain.people import Key
from domain.registry_numbers import in_addresses
from store.entries import Entry

router = page_router()

BY_HAND = "by-hand"
"""The source of what people enter on a page."""

_A_PAGE = 50


class StretchByHand(BaseModel):
    """A stretch as somebody enters it: of which target, what was measured, from when to when."""

    target: Key
    kind: MeasurementKind
    start: AwareDatetime
    end: AwareDatetime
    note: Annotated[str, Field(min_length=1, max_length=500)]

    @model_validator(mode="after")
    def _is_a_stretch(self) -> Self:
        try:
            self.measured("checked")
        except ValidationError as wrong:
            raise ValueError("; ".join(f"{each['field']}: {each['message']}" for each in faults_of(wrong.errors()))) from wrong
        return self

    def measured(self, name: str) -> Measurement:
        """The stretch as measurements are reported, by a name that makes a second sending the same one."""
        return Measurement(measurement=name, kind=self.kind, start=self.start, end=self.end, note=self.note)


class StretchesAsked(BaseModel):
    """Which stretches the page shows."""

    target: Annotated[str, Field(max_length=100)] = ""
    period: Annotated[str, Field(max_length=20)] = ""
    after: Annotated[str | None, Field(max_length=200)] = None


@router.get("/pages/agreements/{number}/measurements")
async def show_measurements(number: str, parts: TheParts, visitor: TheVisitor, asked: Annotated[StretchesAsked, Query()]) -> Response:
    """What was measured, target by target, and the form for one more stretch."""
    entry = await _entry(number, parts, visitor)
    return await _page(entry, parts, visitor, asked)


@router.post("/pages/agreements/{number}/measurements")
async def take_measurement(number: str, parts: TheParts, visitor: TheVisitor, sent: TheForm) -> Response:
    """Keep a stretch that somebody entered."""
    entry = await _entry(number, parts, visitor)
    if not visitor.someone.has(*REPORTERS):
        raise Forbidden("the SLA team, the SLM manager, CRM staff and administrators report what was measured")
    key, zone = sent.text("key") or uuid4().hex, ZoneInfo(entry.time_zone)
    form = filled(StretchByHand, _fields(entry, visitor, sent.text("target")), sent, zone)
    asked = StretchesAsked(target=sent.text("target")[:100])
    if not isinstance(form.body, StretchByHand):
        return await _page(entry, parts, visitor, asked, form, key, 422)
    try:
        measured = form.body.measured(key[:200])
        told = Measurements(registry_no=entry.registry_no, source=BY_HAND, target=form.body.target, measurements=(measured,))
        await take_measurements(told, parts, visitor.someone)
    except ServandaError as refusal:
        return await _page(entry, parts, visitor, asked, form.blaming(str(refusal)), key, status_of(refusal))
    return go_to(f"/pages/agreements/{in_addresses(entry.registry_no)}/measurements?{urlencode({'target': form.body.target})}")


async def _entry(number: str, parts: Parts, visitor: Visitor) -> Entry:
    if not visitor.is_inside:
        raise Forbidden("measurements as they were reported are for the provider's people")
    entry = await the_entry(number, parts, visitor.someone)
    if not entry.text.availability:
        raise NotFound(f"{entry.registry_no} promises no availability")
    return entry


def _fields(entry: Entry, visitor: Visitor, target: str) -> list[FormField]:
    words, targets = page_words(visitor.language), [each.target for each in entry.text.availability]
    given = {
        "target": Given(target if target in targets else targets[0], [(each, each) for each in targets]),
        "kind": Given(None, [(each.value, words.name("agreements.measured", each.value)) for each in MeasurementKind]),
    }
    return fields_of(StretchByHand, given, ZoneInfo(entry.time_zone))


async def _page(
    entry: Entry,
    parts: Parts,
    visitor: Visitor,
    asked: StretchesAsked,
    form: Filled | None = None,
    key: str | None = None,
    status: int = 200,
) -> Response:
    targets = [each.target for each in entry.text.availability]
    target = asked.target if asked.target in targets else targets[0]
    found = await list_measurements(entry.registry_no, target, parts, visitor.someone, asked.period or None, _A_PAGE, asked.after)
    narrowed = {"target": target, "period": asked.period}
    return own(
        "measurements",
        visitor,
        status,
        section=SECTION,
        entry=entry,
        number=in_addresses(entry.registry_no),
        own_zone=ZoneInfo(entry.time_zone),
        found=found.measurements,
        targets=targets,
        asked=narrowed,
        more=urlencode({**narrowed, "after": found.next}) if found.next is not None else None,
        form=form or Filled(None, _fields(entry, visitor, target)),
        key=key or uuid4().hex,
        may_report=visitor.someone.has(*REPORTERS),
    )
