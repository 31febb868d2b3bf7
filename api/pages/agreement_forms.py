"""What people ask of an agreement in force on a page: that it is changed, or that a measurement is looked at again."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, NamedTuple, Self
from uuid import uuid4
from zoneinfo import ZoneInfo

from fastapi import Response
from pydantic import AwareDatetime, BaseModel, Field, ValidationError, model_validator

from api.dependencies import Parts, TheParts
from api.errors import faults_of, status_of
from api.pages.agreement_sheet import running_periods
from api.pages.agreements import SECTION
from api.pages.forms import Field as FormField
from api.pages.forms import Filled, Given, fields_of, filled
from api.pages.page import go_to, own, page_router
from api.pages.visitors import Sent, TheForm, TheVisitor, Visitor
from api.pages.words import page_words
from api.routes.follow_ups import DISPUTE_MEASUREMENTS, RAISE_CHANGES, DisputeBody, open_dispute, raise_change
from api.routes.registry import the_entry
from domain.change_requests import ChangeBody
from domain.errors import Forbidden, ServandaError
from domain.follow_ups.follow_up import Reason
from domain.follow_ups.triggers import ChangeTrigger
from domain.measurements import Measurement, MeasurementKind
from domain.people import Key, Role
from domain.registry_numbers import in_addresses
from store.entries import Entry

router = page_router()


class DisputedStretch(BaseModel):
    """A dispute as a page asks for it: one stretch, and what happened in it by the person's account."""

    target: Key
    period: Annotated[str, Field(max_length=10)]
    kind: MeasurementKind
    start: AwareDatetime
    end: AwareDatetime
    why: Reason

    @model_validator(mode="after")
    def _is_a_stretch(self) -> Self:
        try:
            _ = self.account
        except ValidationError as wrong:
            raise ValueError("; ".join(each["message"] for each in faults_of(wrong.errors()))) from wrong
        return self

    @property
    def account(self) -> Measurement:
        """What happened, as a measurement is told."""
        return Measurement(measurement="account", kind=self.kind, start=self.start, end=self.end)


class Asking(NamedTuple):
    """Somebody before a form about an agreement; `name` is the form's, in its address and its words."""

    name: str
    entry: Entry
    visitor: Visitor
    zone: ZoneInfo
    body: type[BaseModel]
    given: dict[str, Given]

    @property
    def fields(self) -> list[FormField]:
        """Its fields, as nobody has filled them in."""
        return fields_of(self.body, self.given, self.zone)


async def _change(number: str, parts: Parts, visitor: Visitor) -> Asking:
    entry = await _entry(number, parts, visitor, RAISE_CHANGES)
    words = page_words(visitor.language)
    triggers = [each for each in ChangeTrigger if each is not ChangeTrigger.RENEWAL]
    given = {"trigger": Given(None, [(each.value, words.name("agreements.trigger", each.value)) for each in triggers])}
    return Asking("change", entry, visitor, ZoneInfo(entry.time_zone), ChangeBody, given)


async def _dispute(number: str, parts: Parts, visitor: Visitor) -> Asking:
    entry = await _entry(number, parts, visitor, DISPUTE_MEASUREMENTS)
    text, words = entry.text, page_words(visitor.language)
    given = {
        "target": Given(
            text.availability[0].target if len(text.availability) == 1 else None, [(each.target,) * 2 for each in text.availability]
        ),
        "period": Given(next(iter(running_periods(entry, text, parts.now())), None)),
        "kind": Given(None, [(each.value, words.name("agreements.measured", each.value)) for each in MeasurementKind]),
    }
    return Asking("dispute", entry, visitor, ZoneInfo(entry.time_zone), DisputedStretch, given)


async def _entry(number: str, parts: Parts, visitor: Visitor, roles: tuple[Role, ...]) -> Entry:
    entry = await the_entry(number, parts, visitor.someone)
    if not visitor.someone.has(*roles):
        raise Forbidden(f"this is asked for by {', '.join(sorted(roles))}")
    return entry


def _page(asking: Asking, form: Filled, key: str, status: int = 200) -> Response:
    number = in_addresses(asking.entry.registry_no)
    return own(
        "agreement_form",
        asking.visitor,
        status,
        section=SECTION,
        entry=asking.entry,
        number=number,
        name=asking.name,
        form=form,
        key=key,
    )


def _asked(asking: Asking) -> Response:
    return _page(asking, Filled(None, asking.fields), uuid4().hex)


async def _taken(asking: Asking, sent: Sent, take: Callable[[Any, str], Awaitable[object]]) -> Response:
    """Do what a filled form asks for; or the form again, with what is wrong where it was typed."""
    key = sent.text("key") or uuid4().hex
    form = filled(asking.body, asking.fields, sent, asking.zone)
    if form.body is None:
        return _page(asking, form, key, 422)
    try:
        await take(form.body, key)
    except ServandaError as refusal:
        return _page(asking, form.blaming(str(refusal)), key, status_of(refusal))
    return go_to(f"/pages/agreements/{in_addresses(asking.entry.registry_no)}?done={asking.name}")


@router.get("/pages/agreements/{number}/change")
async def show_change(number: str, parts: TheParts, visitor: TheVisitor) -> Response:
    """The form to ask for a change."""
    return _asked(await _change(number, parts, visitor))


@router.post("/pages/agreements/{number}/change")
async def take_change(number: str, parts: TheParts, visitor: TheVisitor, sent: TheForm) -> Response:
    """Ask for a change."""

    async def take(body: ChangeBody, key: str) -> object:
        return await raise_change(number, body, parts, visitor.someone, key)

    return await _taken(await _change(number, parts, visitor), sent, take)


@router.get("/pages/agreements/{number}/dispute")
async def show_dispute(number: str, parts: TheParts, visitor: TheVisitor) -> Response:
    """The form to dispute a measurement."""
    return _asked(await _dispute(number, parts, visitor))


@router.post("/pages/agreements/{number}/dispute")
async def take_dispute(number: str, parts: TheParts, visitor: TheVisitor, sent: TheForm) -> Response:
    """Dispute a measurement."""

    async def take(body: DisputedStretch, key: str) -> object:
        asked = DisputeBody(target=body.target, period=body.period, why=body.why, account=(body.account,))
        return await open_dispute(number, asked, parts, visitor.someone, key)

    return await _taken(await _dispute(number, parts, visitor), sent, take)
