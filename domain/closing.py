"""What a closed period of an agreement says to its process, and what comes of it: notices, credits, claims, plans, reviews."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

from pydantic import AwareDatetime

from domain.results import Colour, Verdict
from domain.values import Message
from domain.watermelon import WatermelonReason

SATISFACTION = "satisfaction"
"""What a plan is about that came out of a watermelon instead of a target."""


LATE_FACTS_FOR = timedelta(days=31)
"""How long after its end a period is looked at again for facts that came late; until then its figures may still change."""


class ClosedTarget(Message):
    """A target in the closed period; shares as people read them. Of a disputed one both accounts stand beside each other."""

    target: str
    promised: str
    achieved: str | None
    verdict: Verdict
    colour: Colour
    chronic: bool = False
    may_be_ended: bool = False
    disputed: bool = False


class Due(Message):
    """Money a missed target gives back, by the agreed tables."""

    target: str
    amount: Decimal
    currency: str
    why: tuple[str, ...]


class Closing(Message):
    """A version of a closed period, as the agreement's process goes on from it.

    `due` is what its misses cost the provider: to its customer by credits, or of a supplier by claims. `caused` names
    agreements and tickets that rest on a supplier's contract and were late with it. `plans` are the open plans by what
    they are about. `satisfied`: is the customer content, with every outcome reached? None while too few have answered.
    """

    period: str
    ended: AwareDatetime
    version: int
    targets: tuple[ClosedTarget, ...]
    due: tuple[Due, ...] = ()
    caused: tuple[str, ...] = ()
    watermelon: tuple[WatermelonReason, ...] = ()
    satisfied: bool | None = None
    plans: Mapping[str, str] = {}
    proposals: tuple[str, ...] = ()


class Irregularity(Message):
    """Something that may become a miss: its kind, the target it is about, and the figures that show it."""

    kind: str
    target: str
    why: str


class Looked(Message):
    """What was seen when the agreement was looked at: what is irregular now, and closed periods with late facts."""

    irregular: tuple[Irregularity, ...] = ()
    late: tuple[str, ...] = ()
