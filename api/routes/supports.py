"""OLAs and UCs on their way to the registry: opened by the supply manager, decided on by team or supplier."""

from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.dependencies import TheParts
from api.people import TheInsider
from api.promises import carried
from api.routes.case_decisions import IdempotencyKey
from api.routes.registry import the_entry
from domain.case_telling import record_of
from domain.catalogue import PartnerKind
from domain.errors import BadInput, Conflict, Forbidden, NotFound
from domain.findings import AlignmentReport
from domain.people import Role
from domain.registry_numbers import in_registry
from domain.support_case import SupportCase
from domain.terms import SUPPORT_KINDS

router = APIRouter(tags=["supports"])


class NeedBody(BaseModel):
    """Whose support is needed."""

    partner: Annotated[str, Field(min_length=1, max_length=200, description="team or supplier of the catalogue")]
    amends: Annotated[str | None, Field(max_length=40, description="registry number of the OLA or UC it is to be another version of")] = (
        None
    )


class OpenedView(BaseModel):
    """The support case that was opened."""

    case_id: str


@router.get("/registry/{registry_no}/alignment")
async def show_alignment_now(registry_no: str, parts: TheParts, someone: TheInsider) -> AlignmentReport:
    """Whether the OLAs and UCs an agreement rests on carry it, rule by rule, with the versions in force now."""
    found = await carried(await the_entry(registry_no, parts, someone), parts, parts.now())
    if found is None:
        raise NotFound(f"{registry_no} rests on no OLA or UC")
    return found.report


@router.post("/support-cases", status_code=201)
async def need_support(body: NeedBody, parts: TheParts, someone: TheInsider, idempotency_key: IdempotencyKey) -> OpenedView:
    """Open a support case with a team or supplier; the same key opens it once."""
    if not someone.has(Role.SUPPLY_MANAGER):
        raise Forbidden("the supply manager sets up supports")
    partner = next((each for each in someone.catalogue.partners if each.partner == body.partner), None)
    if partner is None:
        raise BadInput(f"partner: there is no team or supplier {body.partner!r}")
    if not partner.active:
        raise BadInput(f"partner: {partner.partner} is not active any more")
    amends = await _amended(body, parts)
    now = parts.now()
    case = SupportCase(
        case_id=f"support-{uuid4().hex[:16]}",
        calendar=someone.catalogue.calendar,
        policy=parts.policy,
        entered_at=now,
        last_at=now,
        partner=partner.partner,
        partner_rep=partner.representative,
        supplier=partner.partner if partner.kind is PartnerKind.SUPPLIER else None,
        asked_by=someone.actor.person,
        amends=amends,
    )
    opened = await parts.intake.open_support(record_of(case), f"people {someone.actor.person}", idempotency_key)
    if parts.case_forwarder is not None:
        parts.case_forwarder.nudge()
    return OpenedView(case_id=opened.case_id)


async def _amended(body: NeedBody, parts: TheParts) -> str | None:
    """The registry number of what is changed.

    Raises:
        BadInput: it is no OLA or UC with this partner.
        Conflict: it has ended, or is being ended.
    """
    if body.amends is None:
        return None
    entry = await parts.registry.entry(in_registry(body.amends))
    if entry is None or entry.provider != body.partner or entry.kind not in SUPPORT_KINDS:
        raise BadInput(f"amends: {body.amends} is no OLA or UC with {body.partner}")
    if entry.state not in {"REGISTERED", "ACTIVE"}:
        raise Conflict("AGREEMENT_ENDED", f"{entry.registry_no} is {entry.state}; nothing of it can be changed")
    return str(entry.registry_no)
