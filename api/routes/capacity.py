"""Capacity: whether people are enough for the tickets that come, and what an agreement would ask of them before it is signed."""

from fractions import Fraction
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from sqlalchemy import Row

from api.capacity_views import CapacityView, ChangedPoolView, PoolView, ReachView, StatementView, WhatIfView, WithoutPoolView, percent
from api.dependencies import Parts, TheParts
from api.people import TheInsider
from api.routes.cases import the_case
from api.someone import Someone
from domain.agreement_case import AgreementCase
from domain.capacity import OVER, UNDER
from domain.catalogue import Catalogue
from domain.errors import BadInput, Conflict, Forbidden, NotFound
from domain.expected_volumes import ExpectedVolume
from domain.figures import rounded
from domain.forecasting import LONGEST, SHORTEST
from domain.lifecycle import CASE_ENDS
from domain.people import Role
from domain.reach import reach_of

router = APIRouter(tags=["capacity"])

READERS = (Role.RESOURCE_MANAGER, Role.SLM_MANAGER, Role.SLA_TEAM, Role.REQUIREMENTS_AGENT, Role.FINANCE)
"""Who plans, and who needs the plan to promise or to pay."""

STATERS = (Role.REQUIREMENTS_AGENT, Role.SLA_TEAM, Role.RESOURCE_MANAGER)
"""Who states what an agreement would bring."""

NO_EXTRA = "only the naive forecasts were tried: pip install 'servanda[forecast]' adds exponential smoothing"

Months = Annotated[int, Query(ge=SHORTEST, le=LONGEST, description="how many months ahead")]


def reader(someone: TheInsider) -> Someone:
    """Let those pass who plan.

    Raises:
        Forbidden: they do not.
    """
    if not someone.has(*READERS):
        raise Forbidden("resource and SLM managers, the SLA team, requirements agents and finance look at capacity")
    return someone


CapacityReader = Annotated[Someone, Depends(reader)]


@router.get("/capacity")
async def show_capacity(parts: TheParts, someone: CapacityReader, months: Months = SHORTEST) -> CapacityView:
    """Every pool: utilisation of whole months and the running one, forecast, people needed, and whether to invest."""
    found = await parts.capacity.look(someone.catalogue, months)
    return CapacityView(
        over=percent(OVER) or "",
        under=percent(UNDER) or "",
        pools=[PoolView.of(each) for each in found.plans],
        without_pool=[
            WithoutPoolView(service=service, region=region, tickets=count) for (service, region), count in found.without_pool.items()
        ],
        note=None if parts.capacity.methods else NO_EXTRA,
    )


@router.get("/capacity/{pool}")
async def show_pool(pool: str, parts: TheParts, someone: CapacityReader, months: Months = SHORTEST) -> PoolView:
    """One pool."""
    known = [each for each in someone.catalogue.pools if each.pool == pool]
    if not known:
        raise NotFound(f"there is no pool {pool}")
    found = await parts.capacity.look(someone.catalogue, months, known)
    return PoolView.of(found.plans[0])


async def agreement_case(case_id: str, parts: Parts, someone: Someone) -> Row[Any]:
    """A case that may become an agreement with a customer.

    Raises:
        NotFound: there is none.
    """
    row = await the_case(case_id, parts, someone)
    if row.kind != "AGREEMENT":
        raise NotFound(f"{case_id} is no case of an agreement with a customer")
    return row


@router.get("/cases/{case_id}/what-if")
async def show_what_if(case_id: str, parts: TheParts, someone: CapacityReader, months: Months = SHORTEST) -> WhatIfView:
    """If this case's agreement is signed: people it asks for, utilisation before and after, and where nobody could be there in time."""
    row = await agreement_case(case_id, parts, someone)
    catalogue = someone.catalogue
    case = AgreementCase.model_validate(row.document)
    pools = await parts.capacity.what_if(case_id, catalogue, months)
    people = rounded(sum((each.people for each in pools), Fraction(0)), 2)
    asked = case.requirements.requirements if case.requirements is not None else ()
    return WhatIfView(
        case_id=case_id,
        said=f"If signed: +{people} FTE" if pools else "nobody has stated how many tickets this agreement would bring to a pool",
        people=people,
        pools=[ChangedPoolView.of(each) for each in pools],
        reach=[ReachView.of(each) for each in reach_of(asked, row.customer, catalogue)],
    )


@router.get("/cases/{case_id}/expected-volumes")
async def list_expected_volumes(case_id: str, parts: TheParts, someone: CapacityReader) -> list[StatementView]:
    """Every statement of a case, newest first; those that a later one replaced stay on record."""
    await agreement_case(case_id, parts, someone)
    return [StatementView.of(each) for each in await parts.capacity.stated.of_case(case_id)]


@router.post("/cases/{case_id}/expected-volumes", status_code=201)
async def state_expected_volume(case_id: str, body: ExpectedVolume, parts: TheParts, someone: TheInsider) -> list[StatementView]:
    """State how many tickets a month the agreement would bring in a region; it replaces what was stated of that service and region."""
    row = await agreement_case(case_id, parts, someone)
    if not someone.has(*STATERS):
        raise Forbidden("requirements agents, the SLA team and resource managers state what an agreement would bring")
    if row.state in {state.value for state in CASE_ENDS}:
        raise Conflict("CASE_ENDED", f"{case_id} has ended: what it brings is no longer expected but comes, or does not")
    _refuse_unknown(body, someone.catalogue)
    await parts.capacity.stated.state(case_id, body, someone.actor.person, parts.now())
    return [StatementView.of(each) for each in await parts.capacity.stated.of_case(case_id)]


def _refuse_unknown(volume: ExpectedVolume, catalogue: Catalogue) -> None:
    if catalogue.service_named(volume.service) is None:
        raise BadInput(f"service: there is no service {volume.service!r} in the catalogue")
    if volume.region not in {each.region for each in catalogue.regions}:
        raise BadInput(f"region: there is no region {volume.region!r} in the catalogue")
