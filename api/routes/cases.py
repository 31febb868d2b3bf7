"""Agreement cases as people look at them: lists, one case, its trail, its documents, the tasks of a person."""

import asyncio
from datetime import timedelta
from fractions import Fraction
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel
from sqlalchemy import Row

from api.case_views import (
    HIDDEN_FROM_CUSTOMER,
    CasePage,
    CaseView,
    ListedCaseView,
    NeedView,
    TaskView,
    concerns,
    listed,
    shown,
    visible_to,
)
from api.dependencies import Parts, TheParts
from api.offer_views import offer_of
from api.paging import decode_place, encode_place
from api.people import AuditReader, ThePerson
from domain.agreement_case import AgreementCase
from domain.audit import AuditEvent
from domain.errors import NotFound
from domain.figures import shown as shown_figure
from domain.follow_ups.follow_up import FollowUpKind
from domain.instants import DAY_US, SECOND_US, span_us
from domain.people import Side
from domain.stage_times import StageVisit, stage_times
from domain.supply import needs_of
from store.cases import CaseFilter
from workflows.names import process_id

router = APIRouter(tags=["cases"])


async def the_case(case_id: str, parts: TheParts, someone: ThePerson) -> Row[Any]:
    """A case that is some of the person's business.

    Raises:
        NotFound: there is none, or it is none of theirs.
    """
    async with parts.database.reading() as connection:
        row = await parts.cases.case(connection, case_id)
    if row is None or not concerns(row, someone):
        raise NotFound(f"there is no case {case_id}")
    return row


TheCase = Annotated[Row[Any], Depends(the_case)]


async def _audited(case_id: str, parts: TheParts, someone: AuditReader) -> Row[Any]:
    return await the_case(case_id, parts, someone)


AuditedCase = Annotated[Row[Any], Depends(_audited)]
"""A case whose trail somebody, or a program, may read."""


@router.get("/cases")
async def list_cases(
    parts: TheParts,
    someone: ThePerson,
    customer: str | None = None,
    state: str | None = None,
    agent: str | None = None,
    pending_role: str | None = None,
    kind: Annotated[
        str | None, Query(description="AGREEMENT, SUPPORT, REVIEW, PLAN, CREDIT …; customers see AGREEMENT unless they ask")
    ] = (None),
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    after: str | None = None,
) -> CasePage:
    """Cases one may see, newest first."""
    wanted = CaseFilter(customer, state, agent, pending_role, kind=kind)
    if someone.actor.side is Side.CUSTOMER:
        theirs = kind if kind in HIDDEN_FROM_CUSTOMER else "AGREEMENT"
        wanted = wanted._replace(customer=someone.actor.party, kind=theirs, pending_side=Side.CUSTOMER)
    if someone.actor.side is Side.SUPPLIER:
        wanted = wanted._replace(party=someone.actor.party, kind="SUPPORT", pending_side=Side.SUPPLIER)
    async with parts.database.reading() as connection:
        rows = await parts.cases.page(connection, wanted, limit, decode_place(after))
        tasks = await parts.cases.tasks_of(connection, [row.case_id for row in rows])
    more = encode_place(rows[-1].opened_at, rows[-1].case_id) if len(rows) == limit else None
    seen = [row for row in rows if concerns(row, someone)]
    return CasePage(cases=[ListedCaseView(**listed(row, visible_to(someone, tasks[row.case_id]))) for row in seen], next=more)


@router.get("/cases/{case_id}")
async def show_case(row: TheCase, parts: TheParts, someone: ThePerson) -> CaseView:
    """A case: its stage, who must act until when, what may be done, the hashes to decide on."""
    async with parts.database.reading() as connection:
        tasks = (await parts.cases.tasks_of(connection, [row.case_id]))[row.case_id]
    return await _with_proof(shown(row, tasks, someone, _link(parts, row)), row, parts)


async def _with_proof(view: CaseView, row: Row[Any], parts: Parts) -> CaseView:
    """What is read before a renewal or a review, with the published proof of the service's quality where there is one (R-153).

    It may be published after the case was opened, so it is looked up when the pack is shown.
    """
    entry = await parts.registry.entry(row.agreement) if row.kind in _WITH_PACKS else None
    if entry is None or entry.service is None:
        return view
    async with parts.database.reading() as connection:
        proof = await parts.proofs.published_of(connection, entry.service)
    if proof is None:
        return view
    return view.model_copy(update={"case": {**view.case, "pack": [*view.case.get("pack", ()), f"/proofs/{proof}"]}})


_WITH_PACKS = frozenset({FollowUpKind.RENEWAL.value, FollowUpKind.REVIEW.value})
"""Cases that people prepare for by a pack."""


@router.get("/cases/{case_id}/offer")
async def show_offer(row: TheCase, parts: TheParts, someone: ThePerson) -> dict[str, Any]:
    """The priced options, and the published proofs of quality added to them; for the customer from their approval on, without costs."""
    case = AgreementCase.model_validate(row.document) if row.kind == "AGREEMENT" else None
    offer = offer_of(case, is_inside=someone.is_inside) if case is not None else None
    if offer is None:
        raise NotFound(f"there is no offer in {row.case_id}")
    return offer | {"proofs": await proofs_offered(row, parts)}


async def proofs_offered(row: Row[Any], parts: Parts) -> list[str]:
    """The public pages of the proofs of quality that stand in the offer of a case."""
    async with parts.database.reading() as connection:
        return [f"/proofs/{proof}" for proof in await parts.proofs.offered_in(connection, row.case_id)]


@router.get("/cases/{case_id}/alignment")
async def show_alignment(row: TheCase, someone: ThePerson) -> list[dict[str, Any]]:
    """Whether the linked supports carry the promise, rule by rule."""
    if not someone.is_inside or row.kind != "AGREEMENT":
        raise NotFound(f"there is no alignment report in {row.case_id}")
    case = AgreementCase.model_validate(row.document)
    return [report.model_dump(mode="json") | {"holds": report.holds} for report in case.alignment]


@router.get("/cases/{case_id}/supply")
async def show_supply(row: TheCase, parts: TheParts, someone: ThePerson) -> list[NeedView]:
    """What each target rests on, and which OLAs and UCs in the registry could carry it: reuse comes before new."""
    case = AgreementCase.model_validate(row.document) if someone.is_inside and row.kind == "AGREEMENT" else None
    if case is None or case.draft is None:
        raise NotFound(f"there are no needs in {row.case_id} yet; they follow from the targets of the draft")
    # Chains with date kinds are played through a week of minutes: beside the loop that answers others.
    needs = await asyncio.to_thread(needs_of, case.draft, await parts.supports.registered())
    return [NeedView.of(need) for need in needs]


class AuditView(BaseModel):
    """One event of a trail, with its link in the chain."""

    number: int
    at: AwareDatetime
    event: dict[str, Any]
    link: str


@router.get("/cases/{case_id}/events")
async def show_events(
    row: AuditedCase,
    parts: TheParts,
    someone: AuditReader,
    after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> list[AuditView]:
    """The audit trail, earliest first; `after` is the number of the last event one has."""
    if not someone.is_inside:
        raise NotFound(f"there is no trail of {row.case_id}")
    events = await parts.audit.of(process_id(row.kind, row.case_id), after, limit)
    return [AuditView(number=each.number, at=each.at, event=each.event, link=each.link) for each in events]


class StageView(BaseModel):
    """A stay in a stage; `visit` counts the stays in it. `seconds` are exact, `days` of 24 hours cut off after two decimals."""

    stage: str
    visit: int
    entered_at: AwareDatetime
    left_at: AwareDatetime | None
    days: str
    seconds: str

    @classmethod
    def of(cls, visit: StageVisit) -> "StageView":
        """A visit as it is shown."""
        lasted = _length(visit.lasted)
        return cls(stage=visit.stage, visit=visit.number, entered_at=visit.entered_at, left_at=visit.left_at, **lasted)


class StagesView(BaseModel):
    """How long a case stood where; `lead_seconds` are the sum of all, and final once the case is over."""

    stages: list[StageView]
    lead_days: str
    lead_seconds: str
    is_over: bool


def _length(lasted: timedelta) -> dict[str, str]:
    us = span_us(lasted)
    return {"days": shown_figure(Fraction(us, DAY_US), 2), "seconds": shown_figure(Fraction(us, SECOND_US), 6)}


@router.get("/cases/{case_id}/stages")
async def show_stages(row: AuditedCase, parts: TheParts, someone: AuditReader) -> StagesView:
    """How long the case stood in each stage, every visit by itself, from the request to its end or to now."""
    if not someone.is_inside:
        raise NotFound(f"there is no trail of {row.case_id}")
    trail = await parts.audit.of(process_id(row.kind, row.case_id))
    events = [AuditEvent.model_validate(each.event) for each in trail]
    times = stage_times(row.opened_at, row.state, events, parts.now())
    lead = _length(times.lead_time)
    views = [StageView.of(visit) for visit in times.visits]
    return StagesView(stages=views, lead_days=lead["days"], lead_seconds=lead["seconds"], is_over=times.is_over)


@router.get("/tasks")
async def my_tasks(parts: TheParts, someone: ThePerson, limit: Annotated[int, Query(ge=1, le=500)] = 100) -> list[TaskView]:
    """What the person, and those they stand in for today, are waited for; soonest due first."""
    everybody = (someone.actor, *someone.actor.deputises)
    roles = sorted({role.value for each in everybody for role in each.roles})
    async with parts.database.reading() as connection:
        rows = await parts.cases.open_tasks(connection, roles, [each.person for each in everybody], someone.actor.party, limit)
    return [TaskView.of(row) for row in rows]


def _link(parts: Parts, row: Row[Any]) -> str | None:
    ui = parts.settings.temporal_ui
    process = process_id(row.kind, row.case_id)
    return f"{ui}/namespaces/{parts.settings.temporal_namespace}/workflows/{process}" if ui else None
