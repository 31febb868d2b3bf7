"""The service catalogue: what is offered to whom and where, and the people of all parties."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Self

from pydantic import Field, model_validator

from domain.calendar_definitions import CalendarDefinition
from domain.errors import BadInput
from domain.people import Key, Person, Role, Side
from domain.resources import ResourcePool, pool_faults
from domain.values import Document

Name = Annotated[str, Field(min_length=1, max_length=200)]


class RegionClass(StrEnum):
    """How far a place is: what is promised in a city need not be promised in the country."""

    METRO = "METRO"
    REGIONAL = "REGIONAL"
    REMOTE = "REMOTE"


class Region(Document):
    """A service zone."""

    region: Key
    name: Name
    region_class: Annotated[RegionClass, Field(alias="class")]


class CatalogueService(Document):
    """A service that is offered; `consults` are the operational processes to ask before it is promised on site."""

    service: Key
    name: Name
    description: Annotated[str, Field(min_length=1, max_length=5000)]
    owner: Key
    regions: Annotated[tuple[Key, ...], Field(description="where it can be had; none: everywhere")] = ()
    consults: Annotated[tuple[Key, ...], Field(description="operational processes to consult, such as FIELD_SERVICE")] = ()
    options: Annotated[tuple[Name, ...], Field(description="levels it comes in, such as Bronze, Silver, Gold")] = ()


class CustomerKind(StrEnum):
    """Outside the company, or a department of it."""

    EXTERNAL = "EXTERNAL"
    DEPARTMENT = "DEPARTMENT"


class CustomerProfile(StrEnum):
    """What the law asks beyond the usual."""

    FINANCIAL_ENTITY = "FINANCIAL_ENTITY"


class Site(Document):
    """An address of a customer; its region chooses the promise for a ticket there."""

    site: Key
    name: Name
    region: Key
    group: Key | None = None


class Customer(Document):
    """Who uses services: its user groups, its sites, and whether the law asks more of its contracts."""

    customer: Annotated[str, Field(min_length=1, max_length=200, description="as tickets and agreements name it")]
    kind: CustomerKind = CustomerKind.EXTERNAL
    groups: tuple[Key, ...] = ()
    sites: tuple[Site, ...] = ()
    profile: Annotated[CustomerProfile | None, Field(description="switches on the check list of regulated customers")] = None

    @model_validator(mode="after")
    def _knows_its_groups(self) -> Self:
        for site in self.sites:
            if site.group is not None and site.group not in self.groups:
                raise ValueError(f"sites: {site.site} belongs to group {site.group!r}, which {self.customer} does not have")
        return self


class PartnerKind(StrEnum):
    """Who supports a promise: a team of the provider by OLA, a supplier by UC."""

    TEAM = "TEAM"
    SUPPLIER = "SUPPLIER"


class Partner(Document):
    """A team or supplier that promises rest on."""

    partner: Annotated[str, Field(min_length=1, max_length=200, description="as tickets name who holds them")]
    kind: PartnerKind
    representative: Key
    active: Annotated[bool, Field(description="false once the team is dissolved or the supplier is gone")] = True


class ServiceOffer(Document):
    """A service offered to a customer, or a group of it, in a region: the unit of the coverage rule."""

    offer: Key
    service: Key
    customer: str
    group: Key | None = None
    region: Key
    active: Annotated[bool, Field(description="sold now; only a covered offer can be")] = False


class Catalogue(Document):
    """Everything the process needs to know beside agreements. Names refer to each other, and a name that leads nowhere is a fault."""

    provider: Name
    calendar: Annotated[CalendarDefinition, Field(description="the provider's business days, in which people's time is counted")]
    regions: tuple[Region, ...] = ()
    services: tuple[CatalogueService, ...] = ()
    customers: tuple[Customer, ...] = ()
    partners: tuple[Partner, ...] = ()
    people: tuple[Person, ...] = ()
    offers: tuple[ServiceOffer, ...] = ()
    pools: Annotated[tuple[ResourcePool, ...], Field(description="who works on tickets, how many, and how long a ticket takes them")] = ()

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        for what, key in _KEYS.items():
            names = [getattr(each, key) for each in getattr(self, what)]
            if twice := sorted({name for name in names if names.count(name) > 1}):
                raise ValueError(f"{what}: {twice[0]!r} stands twice")
        if fault := next(_faults(self), None):
            raise ValueError(fault)
        return self

    def merged_with(self, newer: "Catalogue") -> "Catalogue":
        """This catalogue with the entries of a newer one: same name replaces, new ones are added, none is removed.

        People, partners and offers end by `active: false`: what once happened goes on naming them.

        Raises:
            BadInput: PERSON_ERASED, where it would bring back what a person had erased.
        """
        for each in newer.people:
            known = self.person_by_key.get(each.person)
            if known is not None and known.erased and each != known:
                raise BadInput(f"people: the record of {each.person} was erased; leave the entry out", "PERSON_ERASED")
        lists = {what: _merged(key, getattr(self, what), getattr(newer, what)) for what, key in _KEYS.items()}
        return newer.model_copy(update=lists)

    @cached_property
    def person_by_key(self) -> Mapping[str, Person]:
        """People by their short names."""
        return {each.person: each for each in self.people}

    def person(self, key: str) -> Person:
        """A person.

        Raises:
            BadInput: there is none of that name.
        """
        if key not in self.person_by_key:
            raise BadInput(f"there is no person {key!r}")
        return self.person_by_key[key]

    def customer_named(self, name: str) -> Customer | None:
        """A customer as tickets and agreements name it."""
        return next((each for each in self.customers if each.customer == name), None)

    def has_left(self, owner: str) -> bool:
        """Is the owner of a work package somebody, or a team or supplier, that is there no more? Of other words nobody knows it."""
        known = self.person_by_key.get(owner) or next((each for each in self.partners if each.partner == owner), None)
        return known is not None and not known.active

    def service_named(self, key: str) -> CatalogueService | None:
        """A service of the catalogue."""
        return next((each for each in self.services if each.service == key), None)

    def is_regulated(self, customer: str) -> bool:
        """Does the law ask more of this customer's contracts (R-062)?"""
        known = self.customer_named(customer)
        return known is not None and known.profile is CustomerProfile.FINANCIAL_ENTITY

    def placed(self, attributes: Mapping[str, str | None]) -> dict[str, str]:
        """What a ticket's site says of it: region and group. Nothing where the ticket says it itself, or nobody knows the site."""
        customer = self.customer_named(attributes.get("customer") or "")
        site = next((each for each in (customer.sites if customer else ()) if each.site == attributes.get("site")), None)
        known = {"region": site.region, "group": site.group} if site is not None else {}
        return {name: value for name, value in known.items() if value is not None and name not in attributes}

    def people_with(self, role: Role, side: Side = Side.PROVIDER, party: str | None = None) -> tuple[Person, ...]:
        """Active people with a role, of one party."""
        return tuple(each for each in self.people if each.active and role in each.roles and each.side is side and each.party == party)


_KEYS = {
    "regions": "region",
    "services": "service",
    "customers": "customer",
    "partners": "partner",
    "people": "person",
    "offers": "offer",
    "pools": "pool",
}
"""The lists of a catalogue, and which field names an entry."""


def _merged(key: str, older: Sequence[Document], newer: Sequence[Document]) -> tuple[Document, ...]:
    return tuple({getattr(each, key): each for each in (*older, *newer)}.values())


def _faults(catalogue: Catalogue) -> Iterator[str]:
    """Every name that leads nowhere."""
    regions, services = {each.region for each in catalogue.regions}, {each.service for each in catalogue.services}
    yield from _unknown("services", ((each.service, each.regions) for each in catalogue.services), regions, "region")
    yield from _unknown("services", ((each.service, [each.owner]) for each in catalogue.services), set(catalogue.person_by_key), "person")
    yield from _unknown("customers", ((each.customer, [s.region for s in each.sites]) for each in catalogue.customers), regions, "region")
    yield from _unknown("people", ((each.person, each.services) for each in catalogue.people), services, "service")
    yield from _unknown("offers", ((each.offer, [each.service]) for each in catalogue.offers), services, "service")
    yield from _unknown("offers", ((each.offer, [each.region]) for each in catalogue.offers), regions, "region")
    yield from pool_faults(catalogue.pools, services, regions)
    yield from _of_people(catalogue)
    for offer in catalogue.offers:
        customer = catalogue.customer_named(offer.customer)
        if customer is None:
            yield f"offers: {offer.offer} names customer {offer.customer!r}, which is not in the catalogue"
        elif offer.group is not None and offer.group not in customer.groups:
            yield f"offers: {offer.offer} names group {offer.group!r}, which {offer.customer} does not have"


def _of_people(catalogue: Catalogue) -> Iterator[str]:
    people = catalogue.person_by_key
    suppliers = {each.partner for each in catalogue.partners if each.kind is PartnerKind.SUPPLIER}
    parties = {Side.CUSTOMER: {each.customer for each in catalogue.customers}, Side.SUPPLIER: suppliers}
    yield from _unknown("partners", ((each.partner, [each.representative]) for each in catalogue.partners), set(people), "person")
    for person in people.values():
        if person.party is not None and person.party not in parties[person.side]:
            yield f"people: {person.person} acts for {person.party!r}, which is no {person.side.value.lower()} of the catalogue"
        named = [person.manager, *(each.deputy for each in person.delegations)]
        for other in (people.get(key, key) for key in named if key is not None):
            if isinstance(other, str):
                yield f"people: {person.person} names person {other!r}, which is not in the catalogue"
            elif (other.side, other.party) != (person.side, person.party):
                yield f"people: {person.person} and {other.person} act for different parties; neither can stand in for the other"


def _unknown(where: str, named: Iterable[tuple[str, Iterable[str]]], known: set[str], what: str) -> Iterator[str]:
    for name, references in named:
        for reference in references:
            if reference not in known:
                yield f"{where}: {name} names {what} {reference!r}, which is not in the catalogue"
