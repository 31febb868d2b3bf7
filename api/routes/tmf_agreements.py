"""TM Forum TMF651 Agreement Management v4, to read."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.dependencies import TheParts
from api.people import RegistryReader
from api.routes.registry import the_entry
from api.someone import Someone
from api.tmf.agreements import AGREEMENTS, TYPES, agreement_of, status_of
from api.tmf.answering import COUNTS, Fields, Limit, Offset, Resource, chosen, count, one_of
from domain.people import Side
from domain.terms import SUPPORT_KINDS

router = APIRouter(prefix=AGREEMENTS, tags=["TM Forum"])

Filter = Annotated[str | None, Query(max_length=500, description="one value, or several separated by commas")]


def _whose(someone: Someone) -> dict[str, str]:
    """The column that narrows the registry to what is somebody's business."""
    side = {Side.CUSTOMER: "customer", Side.SUPPLIER: "provider"}.get(someone.actor.side)
    return {side: someone.actor.party or ""} if side is not None else {}


@router.get("", responses={**COUNTS})
async def list_tmf_agreements(
    parts: TheParts,
    someone: RegistryReader,
    response: Response,
    fields: Fields = None,
    offset: Offset = 0,
    limit: Limit = 50,
    status: Filter = None,
    agreement_type: Annotated[str | None, Query(alias="agreementType", max_length=500)] = None,
    name: Filter = None,
    party: Annotated[str | None, Query(alias="engagedParty.name", max_length=500)] = None,
) -> list[Resource]:
    """Registered agreements in the order of their numbers, each once, in the version that is in force."""
    now = parts.now()
    found = [
        each
        for each in await parts.registry.outlines(_whose(someone))
        if (someone.is_inside or (each.kind in SUPPORT_KINDS) == (someone.actor.side is Side.SUPPLIER))
        and one_of(TYPES[each.kind], agreement_type)
        and one_of(status_of(each), status)
        and one_of(each.at(now).title, name)
        and (party is None or one_of(each.customer, party) or one_of(each.provider, party))
    ]
    page = await parts.registry.numbered(each.registry_no for each in found[offset : offset + limit])
    count(response, len(found), page)
    return [chosen(agreement_of(each, now), fields) for each in page]


@router.get("/{number}")
async def show_tmf_agreement(number: str, parts: TheParts, someone: RegistryReader, fields: Fields = None) -> Resource:
    """One agreement, by its number: SLA-2026-0001."""
    entry = await the_entry(number, parts, someone)
    return chosen(agreement_of(entry, parts.now()), fields)
