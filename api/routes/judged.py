"""From a figure to the tickets behind it."""

from datetime import datetime
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel

from api.dependencies import TheParts
from api.paging import decode_place, encode_place
from api.people import ReportReader
from api.routes.registry import the_entry
from domain.attainment import Judgement
from domain.errors import BadInput, NotFound
from store.judged import JudgedClock
from store.periods import PeriodFrame, frame_of
from store.results import Page

router = APIRouter(tags=["results"])

PeriodName = Annotated[str, Query(description="2026-04, 2026-Q2 or 2026")]


class JudgedClockView(BaseModel):
    """A clock that came to a verdict; `late_seconds` is business time beyond its limit, of one that was not met."""

    ticket: str
    clock: str
    verdict_at: AwareDatetime
    late_seconds: float | None
    address: str

    @classmethod
    def of(cls, found: JudgedClock) -> "JudgedClockView":
        """A clock as it is shown."""
        return cls(
            ticket=found.subject,
            clock=found.clock,
            verdict_at=found.verdict_at,
            late_seconds=found.late_by.total_seconds() if found.late_by is not None else None,
            address=ticket_address(found.subject),
        )


class JudgedPage(BaseModel):
    """Some clocks of a target, newest verdict first; `next` asks for those before them."""

    tickets: list[JudgedClockView]
    next: str | None


def ticket_address(subject: str) -> str:
    """Where a ticket is shown."""
    return f"/tickets/{quote(subject)}"


@router.get("/registry/{registry_no}/results/{target}/tickets")
async def list_judged(
    registry_no: str,
    target: str,
    period: PeriodName,
    parts: TheParts,
    someone: ReportReader,
    verdict: Annotated[Judgement, Query(description="over_limit: beyond the agreed volume, counted neither way")] = Judgement.BREACHED,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    after: str | None = None,
) -> JudgedPage:
    """The tickets a figure was counted from. Numbers are written SLA-2026-0001 here."""
    frame = frame_of(await the_entry(registry_no, parts, someone), period)
    _refuse_unknown(frame, target)
    rows = await parts.judged.page(frame, Page(target, verdict, limit, _decoded(after)), parts.now())
    more = encode_place(rows[-1].verdict_at, f"{rows[-1].subject}\n{rows[-1].clock}") if len(rows) == limit else None
    return JudgedPage(tickets=[JudgedClockView.of(row) for row in rows], next=more)


def _refuse_unknown(frame: PeriodFrame, target: str) -> None:
    if target in {each.target for each in frame.document.availability}:
        raise NotFound(f"{target} is measured in time: no ticket stands behind it")
    if frame.document.target(target) is None:
        raise NotFound(f"{frame.registry_no} has no target {target}")


def _decoded(after: str | None) -> tuple[datetime, str, str] | None:
    place = decode_place(after)
    if place is None:
        return None
    subject, line, clock = place[1].partition("\n")
    if not line:
        raise BadInput("after: take it from the `next` of the page before")
    return place[0], subject, clock
