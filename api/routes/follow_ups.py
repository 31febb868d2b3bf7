"""Follow-ups of agreements in force: their decisions, and those that people open themselves: disputes, exclusions, changes."""

from datetime import timedelta
from hashlib import sha256
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, Field

from api.case_views import ListedCaseView, concerns, listed, visible_to
from api.dependencies import Parts, TheParts
from api.people import RegistryReader, ThePerson
from api.routes.case_decisions import IdempotencyKey
from api.routes.registry import signed_document, the_entry
from api.routes.supports import OpenedView
from api.someone import Someone
from api.ticket_sight import OwnTicket
from domain.agreement_parts import Period
from domain.case_telling import record_of
from domain.change_requests import ChangeBody
from domain.clocks import OPEN_STATES
from domain.errors import BadInput, Conflict, Forbidden, NotFound, TerminateViaCrm
from domain.follow_ups.dispute import Dispute
from domain.follow_ups.exclusion import Exclusion, ExclusionReason
from domain.follow_ups.follow_up import FollowUp, FollowUpKind, Reason, follow_up_id
from domain.in_force import reviews_of, watched_of
from domain.measurements import Measurement
from domain.people import Key, Role
from domain.periods import period_at, period_named
from domain.spans import Span
from domain.terms import SUPPORT_KINDS
from store.cases import CaseFilter
from store.entries import Entry
from store.stated import Stated
from store.tickets import subject_of

router = APIRouter(tags=["follow-ups"])

RAISE_CHANGES = (
    *(Role.CUSTOMER_REP, Role.CRM_STAFF, Role.SLA_TEAM, Role.SLM_MANAGER),
    *(Role.SUPPLY_MANAGER, Role.SERVICE_DEV_OWNER, Role.CONTROL_TIER),
)
"""Who may ask for a change; whether it is one is examined."""

DISPUTE_MEASUREMENTS = (Role.CUSTOMER_REP, Role.SLA_TEAM, Role.SUPPLY_MANAGER)
"""Who may say that something was measured wrong."""


class DisputeBody(BaseModel):
    """What was measured, as the other side sees it; until it is resolved both accounts are shown, and no credit is approved."""

    target: Key
    period: Annotated[str, Field(max_length=10, description="2026-08")]
    why: Reason
    account: Annotated[tuple[Measurement, ...], Field(min_length=1, max_length=1000)]


PROPOSE_EXCLUSIONS = (Role.SLA_TEAM, Role.SLM_MANAGER, Role.CUSTOMER_REP)
"""Who proposes that a ticket is left out; somebody else decides."""


class ExclusionBody(BaseModel):
    """Why a ticket is to count nowhere."""

    because: ExclusionReason
    why: Reason


@router.post("/registry/{registry_no}/disputes", status_code=201)
async def open_dispute(
    registry_no: str, body: DisputeBody, parts: TheParts, someone: ThePerson, idempotency_key: IdempotencyKey
) -> OpenedView:
    """Dispute what was measured of a target in a period; the same key opens it once."""
    if not someone.has(*DISPUTE_MEASUREMENTS):
        raise Forbidden("customer representatives, the SLA team and the supply manager dispute measurements")
    entry = await the_entry(registry_no, parts, someone)
    document = signed_document(entry)
    if document is None or body.target not in [each.target for each in document.availability]:
        raise BadInput(f"target: {entry.registry_no} promises no availability named {body.target!r}; of a ticket, dispute the ticket")
    _, period = period_named(body.period, ZoneInfo(document.time_zone))
    if outside := [each.measurement for each in body.account if not (each.start < period.end and each.end > period.start)]:
        raise BadInput(f"account: {outside[0]!r} lies outside {body.period}")
    case = Dispute(
        **_fields(FollowUpKind.DISPUTE, entry, parts, someone, (body.target, period.name, idempotency_key)),
        about=body.target,
        period=period.name,
        why=body.why,
        raised_by=someone.actor.person,
        account=body.account,
    )
    return await _open(case, parts)


@router.post("/tickets/{ticket:path}/exclusions", status_code=201)
async def propose_exclusion(
    ticket: OwnTicket, body: ExclusionBody, parts: TheParts, someone: ThePerson, idempotency_key: IdempotencyKey
) -> OpenedView:
    """Propose that a ticket counts nowhere; somebody else decides. The same key proposes it once."""
    if not someone.has(*PROPOSE_EXCLUSIONS):
        raise Forbidden("the SLA team, the SLM manager and customer representatives propose that a ticket is left out")
    async with parts.database.reading() as connection:
        clocks = await parts.tickets.clocks(connection, [subject_of(ticket)])
    promised = [row for row in clocks[subject_of(ticket)] if row.kind not in SUPPORT_KINDS]
    if not promised:
        raise NotFound(f"no promise runs for {ticket.ticket_id}")
    if body.because is not ExclusionReason.DISPUTE_UPHELD and not any(row.state in OPEN_STATES for row in promised):
        raise Conflict("TICKET_COMPLETED", f"every clock of {ticket.ticket_id} has ended; from then on only an upheld dispute takes it out")
    entry = await the_entry(promised[0].agreement, parts, someone)
    verdict = next((row.verdict_at for row in promised if row.verdict_at is not None), parts.now())
    period = period_at(Period.MONTH, verdict, ZoneInfo(entry.time_zone))
    case = Exclusion(
        **_fields(FollowUpKind.EXCLUSION, entry, parts, someone, (ticket.source, ticket.ticket_id, idempotency_key)),
        about=ticket.ticket_id,
        period=period.name,
        ticket=ticket,
        because=body.because,
        why=body.why,
        proposed_by=someone.actor.person,
    )
    return await _open(case, parts)


class RaisedView(BaseModel):
    """The change it belongs to: one it opened, now or before, or one that was open already."""

    case_id: str


@router.post("/registry/{registry_no}/changes", status_code=201)
async def raise_change(
    registry_no: str, body: ChangeBody, parts: TheParts, someone: ThePerson, idempotency_key: IdempotencyKey
) -> RaisedView:
    """Ask for a change of an agreement. One is open at a time: what else asks for one meanwhile is attached to it."""
    if not someone.has(*RAISE_CHANGES):
        raise Forbidden(f"changes are asked for by {', '.join(sorted(RAISE_CHANGES))}")
    entry = await the_entry(registry_no, parts, someone)
    event = f"change:{entry.registry_no}:{idempotency_key}"[:200]
    [opened] = await parts.changes.take([body.asked(entry.registry_no, f"people {someone.actor.person}", event)])
    if parts.case_forwarder is not None:
        parts.case_forwarder.nudge()
    return RaisedView(case_id=opened.case_id)


@router.post("/registry/{registry_no}/stop", status_code=204)
async def stop_watching(registry_no: str, parts: TheParts, someone: ThePerson) -> None:
    """Nobody stops the watching of an agreement: it ends with the agreement, which ends through the CRM. Always refused."""
    entry = await the_entry(registry_no, parts, someone)
    raise TerminateViaCrm(f"{entry.registry_no} is watched as long as it is in force; it is terminated through the CRM")


class PlannedReviewView(BaseModel):
    """A review of the review calendar: the stretch it looks at, or the year, and its meeting."""

    review: str
    meeting_at: AwareDatetime


@router.get("/registry/{registry_no}/reviews")
async def list_planned_reviews(registry_no: str, parts: TheParts, someone: RegistryReader) -> list[PlannedReviewView]:
    """The reviews of the next twelve months; a good week before its pack is due each becomes a case of its own."""
    entry = await the_entry(registry_no, parts, someone)
    if entry.kind in SUPPORT_KINDS or entry.case_id is None:
        return []
    stated, now = Stated.of(entry), parts.now()
    watched = watched_of(stated.document, someone.catalogue.calendar, parts.policy)
    planned = reviews_of(watched, stated.term, stated.zone, Span(now, now + timedelta(days=366))) if watched is not None else []
    return [PlannedReviewView(review=name, meeting_at=at) for name, at in planned]


@router.get("/registry/{registry_no}/follow-ups")
async def list_follow_ups(
    registry_no: str,
    parts: TheParts,
    someone: RegistryReader,
    kind: FollowUpKind | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[ListedCaseView]:
    """What came of watching the agreement, from reviews to renewals; newest first."""
    entry = await the_entry(registry_no, parts, someone)
    wanted = CaseFilter(agreement=entry.registry_no, kind=kind.value if kind is not None else None)
    async with parts.database.reading() as connection:
        rows = [row for row in await parts.cases.page(connection, wanted, limit, None) if concerns(row, someone)]
        tasks = await parts.cases.tasks_of(connection, [row.case_id for row in rows])
    return [ListedCaseView(**listed(row, visible_to(someone, tasks[row.case_id]))) for row in rows]


def _fields(kind: FollowUpKind, entry: Entry, parts: Parts, someone: Someone, named: tuple[str, ...]) -> dict[str, Any]:
    now = parts.now()
    return {
        "case_id": follow_up_id(kind, entry.registry_no, *named[:-1], sha256("\n".join(named).encode()).hexdigest()[:12]),
        "calendar": someone.catalogue.calendar,
        "policy": parts.policy,
        "entered_at": now,
        "last_at": now,
        "registry_no": entry.registry_no,
        "customer": entry.customer,
    }


async def _open(case: FollowUp, parts: Parts) -> OpenedView:
    opened = await parts.intake.open_follow_up(record_of(case))
    if parts.case_forwarder is not None:
        parts.case_forwarder.nudge()
    return OpenedView(case_id=opened)
