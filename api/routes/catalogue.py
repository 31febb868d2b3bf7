"""The catalogue, its coverage by agreements, and who stands in for whom."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.dependencies import Parts, TheParts
from api.people import TheInsider, ThePerson
from api.someone import Someone
from domain.audit import AuditEvent
from domain.catalogue import Catalogue
from domain.delegations import delegated
from domain.errors import Conflict, Forbidden, NotFound
from domain.offers import CoverageReport, coverage_of
from domain.people import Delegation, Role

router = APIRouter(tags=["catalogue"])

ACTIVATE_OFFERS = (Role.SLM_MANAGER, Role.CRM_STAFF)
"""Who decides that an offer is sold."""


@router.get("/catalogue")
async def show_catalogue(someone: TheInsider) -> dict[str, Any]:
    """Services, offers, regions, customers, partners and people."""
    return someone.catalogue.model_dump(mode="json", by_alias=True)


@router.put("/catalogue")
async def load_catalogue(body: Catalogue, parts: TheParts, someone: TheInsider) -> dict[str, bool]:
    """Bring entries in: those of the same name are replaced, others stay. Where owners of work packages leave, others are asked for."""
    if not someone.has(Role.ADMIN):
        raise Forbidden("an administrator loads the catalogue")
    changed = await parts.directory.load(body, someone.actor.person, parts.now())
    if changed and parts.case_forwarder is not None:
        parts.case_forwarder.nudge()
    return {"changed": changed}


class OfferView(BaseModel):
    """An offer, and the agreement in force that covers it."""

    offer: str
    service: str
    customer: str
    group: str | None
    region: str
    active: bool
    agreement: str | None


class CoverageView(BaseModel):
    """Which offers have an agreement of their own in force."""

    covered: int
    offers: list[OfferView]
    share: str | None


@router.get("/coverage")
async def show_coverage(parts: TheParts, someone: TheInsider) -> CoverageView:
    """Every offer with what covers it now; red is what has no agreement."""
    report = await _coverage(parts, someone.catalogue)
    offers = [
        OfferView(**each.offer.model_dump(), agreement=each.agreement.agreement if each.agreement is not None else None)
        for each in report.offers
    ]
    return CoverageView(covered=report.covered, offers=offers, share=report.shown_share)


@router.post("/offers/{offer}/activate")
async def activate_offer(offer: str, parts: TheParts, someone: TheInsider) -> OfferView:
    """Sell an offer: only one that its own agreement in force covers."""
    if not someone.has(*ACTIVATE_OFFERS):
        raise Forbidden("the SLM manager or CRM staff activates offers")
    known = next((each for each in someone.catalogue.offers if each.offer == offer), None)
    if known is None:
        raise NotFound(f"there is no offer {offer}")
    [covered] = coverage_of([known], await parts.promising(parts.now()), parts.now()).offers
    if covered.agreement is None:
        raise Conflict("UNCOVERED_OFFER", f"{offer} has no agreement of its own in force")
    offers = tuple(each.model_copy(update={"active": True}) if each.offer == offer else each for each in someone.catalogue.offers)
    changed = someone.catalogue.model_copy(update={"offers": offers})
    await _put(parts, someone, changed, _done(parts, someone, f"offer:{offer}", ("activate", "INACTIVE", "ACTIVE")))
    return OfferView(**(known.model_dump() | {"active": True}), agreement=covered.agreement.agreement)


class DelegationBody(Delegation):
    """Who decides for somebody, from the first day to the last, and why."""

    reason: Annotated[str, Field(min_length=1, max_length=500)]


@router.post("/people/{person}/delegations", status_code=201)
async def delegate(person: str, body: DelegationBody, parts: TheParts, someone: ThePerson) -> DelegationBody:
    """Name a deputy for oneself, or as manager for one's people; never across sides. The audit trail keeps who did, and why."""
    changed = delegated(someone.catalogue, person, Delegation.model_validate(body.model_dump()), by=someone.actor.person)
    told = _done(parts, someone, f"person:{person}", ("delegate", "DECIDES", "DELEGATED"))
    stretch = f"{body.deputy} from {body.first_on} to {body.last_on}"
    await _put(parts, someone, changed, told.model_copy(update={"reason": f"{stretch}: {body.reason}"}))
    return body


async def _coverage(parts: TheParts, catalogue: Catalogue) -> CoverageReport:
    return coverage_of(catalogue.offers, await parts.promising(parts.now()), parts.now())


def _done(parts: Parts, someone: Someone, subject: str, what: tuple[str, str, str]) -> AuditEvent:
    """What somebody did to the catalogue: the action, and the state before and after it."""
    action, before, after = what
    at = parts.now()
    key = f"{subject}:{action}:{at.isoformat()}"
    return AuditEvent(key=key, subject=subject, action=action, from_state=before, to_state=after, actor=someone.actor.person, at=at)


async def _put(parts: Parts, someone: Someone, changed: Catalogue, event: AuditEvent) -> None:
    if not await parts.directory.replace(changed, someone.catalogue, event):
        raise Conflict("CATALOGUE_CHANGED", "somebody changed the catalogue at the same moment; try again")
