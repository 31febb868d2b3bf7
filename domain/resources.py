"""Who works on tickets: pools of people, the services and regions they work for, and what they can do in a month."""

from collections.abc import Collection, Iterable, Iterator
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from domain.people import Key
from domain.values import Document

HOURS_PER_PERSON = Decimal("134.4")
"""Productive hours of one full-time person in a month: 168 paid hours (21 days of 8), of which 80 % are left after leave,
training and meetings (requirement R-142 counts with the same; a pool states its own where it knows better)."""


class ResourcePool(Document):
    """People who work on tickets of some services, as many as full-time ones.

    A ticket takes minutes of every pool that works on it: the desk answers it and a technician drives, each in a pool of their own.
    """

    pool: Key
    name: Annotated[str, Field(min_length=1, max_length=200)]
    services: Annotated[tuple[Key, ...], Field(min_length=1, description="services whose tickets they work on")]
    regions: Annotated[tuple[Key, ...], Field(description="where; none: in every region")] = ()
    on_site: Annotated[bool, Field(description="they go to the customers' sites; others help from afar")] = False
    people: Annotated[Decimal, Field(ge=0, le=100_000, description="full-time equivalents")]
    hours_per_person: Annotated[Decimal, Field(gt=0, le=744, description="productive hours of a full-time person in a month")] = (
        HOURS_PER_PERSON
    )
    minutes_per_ticket: Annotated[Decimal, Field(gt=0, le=100_000, description="working minutes a ticket takes, on average")]
    cost_per_person: Annotated[Decimal | None, Field(ge=0, description="what a full-time person costs in a month; no customer sees it")] = (
        None
    )
    growth: Annotated[
        Decimal | None, Field(ge=-50, le=100, description="planned growth of tickets in per cent a month, instead of a forecast")
    ] = None
    active: Annotated[bool, Field(description="false once there is no such pool any more")] = True

    def works_on(self, service: str | None, region: str | None) -> bool:
        """Do they work on tickets of a service there? One without a region is for those who work in every region."""
        return self.active and service in self.services and (not self.regions or region in self.regions)


def pool_faults(pools: Iterable[ResourcePool], services: Collection[str], regions: Collection[str]) -> Iterator[str]:
    """Every service or region of a pool that leads nowhere, in words."""
    for pool in pools:
        for what, named, known in (("service", pool.services, services), ("region", pool.regions, regions)):
            for name in named:
                if name not in known:
                    yield f"pools: {pool.pool} names {what} {name!r}, which is not in the catalogue"
