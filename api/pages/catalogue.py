"""The catalogue as people look things up in it: services, regions, customers with their sites, partners, people."""

from collections.abc import Iterable
from typing import Annotated, NamedTuple

from fastapi import Query, Response

from api.pages.offers import refuse_outsiders
from api.pages.page import own, page_router
from api.pages.visitors import TheVisitor
from domain.catalogue import Catalogue, CatalogueService, Customer, Partner, Region
from domain.people import Person
from domain.resources import ResourcePool

router = page_router()

_MOST = 200
"""Entries of each list on one page; more are found by a word."""


class Found(NamedTuple):
    """What a word finds in the catalogue; `hidden` says how many more there are."""

    services: list[CatalogueService]
    regions: list[Region]
    customers: list[Customer]
    partners: list[Partner]
    people: list[Person]
    pools: list[ResourcePool]
    hidden: int


@router.get("/pages/catalogue")
async def show_catalogue(visitor: TheVisitor, text: Annotated[str, Query(max_length=100)] = "") -> Response:
    """Everything of which the words are part; all of it without a word."""
    refuse_outsiders(visitor)
    catalogue = visitor.someone.catalogue
    return own(
        "catalogue",
        visitor,
        section="/pages/catalogue",
        provider=catalogue.provider,
        found=_found(catalogue, text.strip().lower()),
        text=text,
        names={each.person: each.name for each in catalogue.people},
        regions={each.region: each.name for each in catalogue.regions},
    )


def _found(catalogue: Catalogue, word: str) -> Found:
    def has(*parts: str | None) -> bool:
        return word in " ".join(part for part in parts if part).lower()

    services = [each for each in catalogue.services if has(each.service, each.name, each.description)]
    regions = [each for each in catalogue.regions if has(each.region, each.name)]
    customers = [each for each in catalogue.customers if has(each.customer, *(f"{site.site} {site.name}" for site in each.sites))]
    partners = [each for each in catalogue.partners if has(each.partner)]
    people = [each for each in catalogue.people if has(each.person, each.name, each.party, *each.roles)]
    pools = [each for each in catalogue.pools if has(each.pool, each.name, *each.services)]
    lists: Iterable[list[object]] = ([*services], [*regions], [*customers], [*partners], [*people], [*pools])
    hidden = sum(max(0, len(each) - _MOST) for each in lists)
    return Found(services[:_MOST], regions[:_MOST], customers[:_MOST], partners[:_MOST], people[:_MOST], pools[:_MOST], hidden)
