"""The coverage rule: every offer needs its own agreement in force. Agreements without targets of their own do not count."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from fractions import Fraction
from typing import NamedTuple

from domain.catalogue import ServiceOffer
from domain.figures import shown
from domain.terms import SUPPORT_KINDS, Agreement


class OfferCoverage(NamedTuple):
    """An offer and the agreement version that promises it; none: it is uncovered."""

    offer: ServiceOffer
    agreement: Agreement | None


class CoverageReport(NamedTuple):
    """All offers with what covers them."""

    offers: tuple[OfferCoverage, ...]

    @property
    def covered(self) -> int:
        """How many offers have an agreement in force."""
        return sum(each.agreement is not None for each in self.offers)

    @property
    def share(self) -> Fraction | None:
        """Covered offers of all, exactly; None without offers."""
        return Fraction(self.covered, len(self.offers)) if self.offers else None

    @property
    def shown_share(self) -> str | None:
        """The share as people read it, cut off after one decimal; None without offers."""
        return None if self.share is None else f"{shown(self.share * 100, 1)} %"


def coverage_of(offers: Sequence[ServiceOffer], agreements: Iterable[Agreement], at: datetime) -> CoverageReport:
    """Which offers have an agreement in force at an instant."""
    in_force = [each for each in agreements if each.kind not in SUPPORT_KINDS and each.in_force(at)]
    return CoverageReport(tuple(OfferCoverage(offer, next((each for each in in_force if promises(each, offer)), None)) for offer in offers))


def promises(agreement: Agreement, offer: ServiceOffer) -> bool:
    """Is this the promise the offer needs: for its customer and group, its service, its region?"""
    attributes = {"customer": offer.customer, "service": offer.service, "region": offer.region}
    return agreement.covers(attributes | ({"group": offer.group} if offer.group is not None else {}))
