"""Versions of calendars: proposed with what they would change, confirmed by their hash."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, Field
from sqlalchemy import Row

from api.calendar_desk import Effect, definition_of
from api.dependencies import Parts, TheParts
from api.people import TheInsider
from api.someone import Someone
from domain.calendar_changes import Outcome
from domain.calendar_definitions import CalendarDefinition
from domain.errors import Forbidden
from domain.follow_ups.follow_up import Reason
from domain.people import Role

router = APIRouter(prefix="/calendars", tags=["calendars"])


class CalendarBody(BaseModel):
    """A calendar as `examples/calendars` write it, and why it is to be so."""

    definition: CalendarDefinition
    reason: Reason


class Hash(BaseModel):
    """What is confirmed."""

    hash: Annotated[str, Field(min_length=64, max_length=64)]


class RiskView(BaseModel):
    """A promise that its supports would not carry any more: `AT_RISK_UNSUPPORTED`."""

    target: str
    code: str
    message: str


class EffectView(BaseModel):
    """What a version would mean for an agreement; one that only rests on the calendar gets no version."""

    registry_no: str
    version: str
    next_version: str | None
    moved: Annotated[int, Field(description="open tickets that would move")]
    unchanged: Annotated[int, Field(description="of those, with the due times they have")]
    breaches: Annotated[int, Field(description="of those, late at once")]
    soonest_new_due: AwareDatetime | None
    at_risk: list[RiskView]
    refused: Annotated[str | None, Field(description="why the agreement cannot take it and stays as it is")]

    @classmethod
    def of(cls, found: Effect) -> "EffectView":
        """An effect as it is shown."""
        counts = {name: getattr(found.counts, name) for name in ("moved", "unchanged", "breaches", "soonest_new_due")}
        risks = [RiskView(target=each.target, code=each.code, message=each.message) for each in found.at_risk]
        same = {name: getattr(found, name) for name in ("registry_no", "version", "next_version", "refused")}
        return cls(**same, at_risk=risks, **counts)


class CalendarView(BaseModel):
    """A version of a calendar. `outcomes` say what came of a confirmed one, by registry number."""

    calendar: str
    version: int
    hash: str
    state: str
    reason: str
    proposed_by: str
    proposed_at: AwareDatetime
    confirmed_by: str | None
    confirmed_at: AwareDatetime | None
    outcomes: dict[str, Outcome]

    @classmethod
    def of(cls, row: Any) -> "CalendarView":
        """A row as it is shown."""
        return cls(hash=row.digest, **{name: getattr(row, name) for name in cls.model_fields if name != "hash"})


class CalendarWithEffect(CalendarView):
    """A version with what it says, and what it would change now."""

    definition: CalendarDefinition
    effect: list[EffectView]


@router.get("")
async def list_calendars(parts: TheParts, _: TheInsider) -> list[CalendarView]:
    """Every version of every calendar, newest version first."""
    async with parts.database.reading() as connection:
        return [CalendarView.of(row) for row in await parts.calendars.all(connection)]


@router.post("", status_code=201)
async def propose_calendar(body: CalendarBody, parts: TheParts, someone: TheInsider) -> CalendarWithEffect:
    """Propose the next version of a calendar, and see what it would change; nothing is changed by it."""
    _refuse_others(someone)
    row = await parts.calendar_desk.propose(body.definition, body.reason, someone.actor.person)
    return await _with_effect(parts, row)


@router.get("/{name}/{version}")
async def show_calendar(name: str, version: int, parts: TheParts, _: TheInsider) -> CalendarWithEffect:
    """A version, what it would change now, and what came of it."""
    return await _with_effect(parts, await kept_version(name, version, parts))


async def kept_version(name: str, version: int, parts: Parts) -> Row[Any]:
    """A version as it was proposed.

    Raises:
        NotFound: there is none.
    """
    async with parts.database.reading() as connection:
        return await parts.calendars.version(connection, name, version)


@router.post("/{name}/{version}/confirm")
async def confirm_calendar(name: str, version: int, body: Hash, parts: TheParts, someone: TheInsider) -> CalendarView:
    """Publish a version: agreements that use the calendar get a version of their own, and their open tickets move; once."""
    _refuse_others(someone)
    row = await parts.calendar_desk.confirm(name, version, body.hash, someone.actor.person)
    if parts.case_forwarder is not None:
        parts.case_forwarder.nudge()
    return CalendarView.of(row)


async def _with_effect(parts: TheParts, row: Any) -> CalendarWithEffect:
    definition = definition_of(row)
    effect = [EffectView.of(each) for each in await parts.calendar_desk.effect(definition)]
    return CalendarWithEffect(**CalendarView.of(row).model_dump(), definition=definition, effect=effect)


def _refuse_others(someone: Someone) -> None:
    if not someone.has(Role.SLM_MANAGER, Role.ADMIN):
        raise Forbidden("the SLM manager or an administrator changes calendars")
