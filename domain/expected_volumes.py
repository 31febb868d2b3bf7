"""How many tickets an agreement that is not signed yet would bring, as somebody states it (R-143, R-147)."""

from decimal import Decimal
from fractions import Fraction
from typing import Annotated, NamedTuple

from pydantic import Field

from domain.people import Key
from domain.resources import ResourcePool
from domain.values import Document


class ExpectedVolume(Document):
    """Tickets a month that an agreement would bring in a region, and how likely it is signed.

    They come on top of today's: an amendment states only what it adds. No tickets takes an earlier statement back.
    """

    service: Key
    region: Key
    tickets: Annotated[int, Field(ge=0, le=1_000_000, description="tickets a month")]
    minutes_per_ticket: Annotated[
        Decimal | None, Field(gt=0, le=100_000, description="working minutes a ticket takes; none: what the pool states")
    ] = None
    probability: Annotated[Decimal, Field(ge=0, le=100, description="per cent: how likely it is signed")]
    source: Annotated[str, Field(min_length=1, max_length=500, description="where the figures come from")]

    @property
    def likely(self) -> Fraction:
        """Tickets a month weighed by how likely they come: 150 at 60 % are 90."""
        return Fraction(self.tickets) * Fraction(self.probability) / 100

    def hours(self, pool: ResourcePool, *, is_signed: bool) -> Fraction:
        """Hours a month that it asks of a pool: all of it once signed, weighed by its probability before. Nothing of other pools."""
        if not pool.works_on(self.service, self.region):
            return Fraction(0)
        tickets = Fraction(self.tickets) if is_signed else self.likely
        return tickets * Fraction(self.minutes_per_ticket or pool.minutes_per_ticket) / 60


class PipelineVolume(NamedTuple):
    """A statement that counts, and the case it was made in."""

    case_id: str
    customer: str
    volume: ExpectedVolume
