"""What is reported of services: measured stretches, answers of customers, outcomes, duties kept and missed."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel
from sqlalchemy import Row

from api.dependencies import Parts, TheParts
from api.inbox import CLOCK_SKEW, FutureEvent
from api.paging import decode_place, encode_place
from api.people import ReportReader, TheReporter, refuse_outsiders
from api.routes.registry import signed_document, the_entry
from api.someone import Someone
from domain.documents import AgreementDocument
from domain.duties import Duties
from domain.errors import BadInput, Forbidden
from domain.feedback import Feedback
from domain.measurements import MeasurementKind, Measurements
from domain.people import Role
from domain.periods import period_named
from domain.spans import Span

router = APIRouter(tags=["results"])

REPORTERS = (Role.SLA_TEAM, Role.SLM_MANAGER, Role.CRM_STAFF, Role.ADMIN)
"""Who reports what was measured, asked and seen."""


class Taken(BaseModel):
    """How much was kept, and how much was known before."""

    accepted: int
    duplicates: int


class TakenStretches(Taken):
    """The same of stretches, and how many were ignored: they begin when the agreement has ended."""

    ignored: int


@router.post("/measurements", status_code=202)
async def take_measurements(body: Measurements, parts: TheParts, someone: TheReporter) -> TakenStretches:
    """Take samples or outages of an availability target, at most 10,000 at once; what was sent before changes nothing."""
    _check_reporter(someone)
    entry = await the_entry(body.registry_no, parts, someone)
    document = signed_document(entry)
    if document is None or body.target not in [each.target for each in document.availability]:
        raise BadInput(f"target: {body.registry_no} promises no availability named {body.target!r}")
    now = parts.now()
    _refuse_future({each.measurement: each.end for each in body.measurements}, now)
    ends = entry.terminates_at
    counting = tuple(each for each in body.measurements if ends is None or each.start < ends)
    accepted = 0
    if counting:
        accepted = await parts.measurements.add(body.model_copy(update={"measurements": counting}), someone.actor.person, now)
    return TakenStretches(accepted=accepted, duplicates=len(counting) - accepted, ignored=len(body.measurements) - len(counting))


class MeasurementView(BaseModel):
    """A stretch as it was reported."""

    measurement: str
    source: str
    target: str
    kind: MeasurementKind
    start: AwareDatetime
    end: AwareDatetime
    note: str
    reported_by: str
    received_at: AwareDatetime

    @classmethod
    def of(cls, row: Row[Any]) -> "MeasurementView":
        """A row as it is shown."""
        same = {name: getattr(row, name) for name in ("source", "target", "kind", "note", "reported_by", "received_at")}
        return cls(measurement=row.name, start=row.starts_at, end=row.ends_at, **same)


class MeasurementPage(BaseModel):
    """Some stretches by their ends; `next` asks for those after them."""

    measurements: list[MeasurementView]
    next: str | None


@router.get("/measurements")
async def list_measurements(
    registry_no: str,
    target: Annotated[str, Query(max_length=100)],
    parts: TheParts,
    someone: ReportReader,
    period: Annotated[str | None, Query(description="2026-04, 2026-Q2 or 2026; left out: all there are")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    after: str | None = None,
) -> MeasurementPage:
    """What was measured of an availability target, as it was reported. Numbers are written SLA-2026-0001 here."""
    entry = await the_entry(registry_no, parts, refuse_outsiders(someone))
    found = period_named(period, ZoneInfo(entry.time_zone))[1] if period is not None else None
    span = Span(found.start, found.end) if found is not None else None
    rows = await parts.measurements.page(entry.registry_no, target, span, limit, _decoded(after))
    more = encode_place(rows[-1].ends_at, str(rows[-1].id)) if len(rows) == limit else None
    return MeasurementPage(measurements=[MeasurementView.of(row) for row in rows], next=more)


def _decoded(after: str | None) -> tuple[datetime, int] | None:
    place = decode_place(after)
    if place is not None and not re.fullmatch(r"[0-9]{1,18}", place[1]):
        raise BadInput("after: take it from the `next` of the page before")
    return (place[0], int(place[1])) if place is not None else None


@router.post("/feedback", status_code=202)
async def take_feedback(body: Feedback, parts: TheParts, someone: TheReporter) -> Taken:
    """Take answers of customers and outcomes of an agreement, at most 10,000 of each at once; what was sent before changes nothing."""
    _check_reporter(someone)
    document = await _signed(body.registry_no, parts, someone)
    known = {each.outcome for each in document.outcomes or ()} if document is not None else set()
    if unknown := sorted({each.outcome for each in body.outcomes} - known):
        raise BadInput(f"outcomes: {body.registry_no} names no outcome {unknown[0]!r}")
    now = parts.now()
    _refuse_future({each.answer: each.at for each in body.answers} | {each.value: each.at for each in body.outcomes}, now)
    accepted = await parts.feedback.add(body, someone.actor.person, now)
    return Taken(accepted=accepted, duplicates=len(body.answers) + len(body.outcomes) - accepted)


@router.post("/duties", status_code=202)
async def take_duties(body: Duties, parts: TheParts, someone: TheReporter) -> Taken:
    """Take duties of both sides that were kept or missed, at most 10,000 at once; what was sent before changes nothing."""
    _check_reporter(someone)
    document = await _signed(body.registry_no, parts, someone)
    sides = {each.obligation: each.side for each in document.obligations} if document is not None else {}
    if unknown := sorted({each.obligation for each in body.duties} - set(sides)):
        raise BadInput(f"duties: {body.registry_no} names no obligation {unknown[0]!r}")
    now = parts.now()
    _refuse_future({each.fact: each.at for each in body.duties}, now)
    accepted = await parts.duties.add(body, sides, someone.actor.person, now)
    return Taken(accepted=accepted, duplicates=len(body.duties) - accepted)


def _check_reporter(someone: Someone) -> None:
    if not (someone.is_program or someone.has(*REPORTERS)):
        raise Forbidden("the SLA team, the SLM manager, CRM staff, administrators and programs report what was measured")


async def _signed(registry_no: str, parts: Parts, someone: Someone) -> AgreementDocument | None:
    """The document of an agreement; None for one that came as ready terms."""
    entry = await the_entry(registry_no, parts, someone)
    return signed_document(entry)


def _refuse_future(instants: Mapping[str, datetime], now: datetime) -> None:
    for name, at in instants.items():
        if at - now > CLOCK_SKEW:
            raise FutureEvent(f"{name} lies in the future")
