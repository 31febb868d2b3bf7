"""Can people be there in time: whether a region has technicians enough for the sites a customer has there (R-108)."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from domain.catalogue import Catalogue
from domain.requirements import Requirement

SHORT_LIMIT_HOURS = Decimal(8)
"""Limits of fewer hours than this are judged: a longer one reaches into the next business day, for which a round can be planned."""

SITES_PER_PERSON = 3
"""Sites one technician can keep within a short limit: while one is served, a second call waits, and a third comes too late
(a policy number of ours; requirement R-108 has one technician for six sites as too few, seven for a city as enough)."""

_HOURS = {"hour": Fraction(1), "hours": Fraction(1), "h": Fraction(1), "business hours": Fraction(1), "business hour": Fraction(1)}
_HOURS |= {"minutes": Fraction(1, 60), "minute": Fraction(1, 60), "min": Fraction(1, 60), "business minutes": Fraction(1, 60)}
"""Units in which short limits are asked for, in hours."""


class ReachVerdict(StrEnum):
    """What the region's people allow; advice for who decides on feasibility."""

    FEASIBLE = "FEASIBLE"
    NOT_COMMERCIALLY_FEASIBLE = "NOT_COMMERCIALLY_FEASIBLE"
    NOT_KNOWN = "NOT_KNOWN"
    """No pool or no site is in the catalogue."""


class Reach(NamedTuple):
    """A requirement in a region: the limit asked, people of the pools there, the customer's sites there, and what follows."""

    requirement: str
    region: str
    limit_hours: Fraction
    people: Decimal
    sites: int
    pools: tuple[str, ...]
    verdict: ReachVerdict
    why: str


def reach_of(requirements: Iterable[Requirement], customer: str, catalogue: Catalogue) -> Iterator[Reach]:
    """Every requirement that somebody comes within a short limit, region by region.

    A pool that works in several regions counts in each of them: its people can be anywhere.
    """
    known = catalogue.customer_named(customer)
    for requirement in requirements:
        limit = _limit(requirement)
        if limit is None:
            continue
        for region in requirement.regions:
            pools = [each for each in catalogue.pools if each.on_site and each.works_on(requirement.service, region)]
            people = sum((each.people for each in pools), Decimal(0))
            sites = sum(site.region == region for site in (known.sites if known is not None else ()))
            verdict, why = _verdict(people, sites, has_pool=bool(pools))
            yield Reach(requirement.requirement, region, limit, people, sites, tuple(each.pool for each in pools), verdict, why)


def _limit(requirement: Requirement) -> Fraction | None:
    """The limit in hours; None where nobody has to come, or not so soon."""
    unit = _HOURS.get(" ".join(requirement.unit.lower().split()))
    if not requirement.on_site or unit is None:
        return None
    limit = Fraction(requirement.value) * unit
    return limit if limit < SHORT_LIMIT_HOURS else None


def _verdict(people: Decimal, sites: int, *, has_pool: bool) -> tuple[ReachVerdict, str]:
    if not has_pool or not sites:
        missing = "no pool goes to sites for the service there" if not has_pool else "the customer has no site there"
        return ReachVerdict.NOT_KNOWN, f"{missing}, as far as the catalogue knows"
    said = f"{sites} site(s) for {people:f} people, one can keep {SITES_PER_PERSON}"
    if sites > people * SITES_PER_PERSON:
        return ReachVerdict.NOT_COMMERCIALLY_FEASIBLE, f"{said}: not commercially feasible"
    return ReachVerdict.FEASIBLE, said
