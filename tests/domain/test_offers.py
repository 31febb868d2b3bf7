"""Laws of coverage: an offer is covered by its own agreement in force, and by nothing else."""

from datetime import datetime
from fractions import Fraction

from domain.catalogue import ServiceOffer
from domain.offers import coverage_of
from tests.conftest import example

WARSAW = ServiceOffer(offer="warsaw", service="MPS", customer="Bank Narew S.A.", region="METRO")
PODLASIE = ServiceOffer(offer="podlasie", service="MPS", customer="Bank Narew S.A.", region="REMOTE")
IN_FORCE = datetime.fromisoformat("2026-03-16T00:00+01:00")


def test_an_offer_without_an_agreement_of_its_own_is_uncovered() -> None:
    report = coverage_of([WARSAW, PODLASIE], [example("printers-warsaw")], IN_FORCE)

    assert [each.agreement.agreement if each.agreement else None for each in report.offers] == ["printers-warsaw", None]
    assert (report.covered, report.share) == (1, Fraction(1, 2))


def test_an_agreement_covers_from_its_first_instant_in_force() -> None:
    before = datetime.fromisoformat("2026-03-15T23:59:59+01:00")

    assert coverage_of([WARSAW], [example("printers-warsaw")], before).covered == 0
    assert coverage_of([WARSAW], [example("printers-warsaw")], IN_FORCE).covered == 1


def test_an_agreement_for_one_group_does_not_cover_the_offer_to_another() -> None:
    for_branches = example("printers-warsaw").model_copy(update={"groups": ("branches",)})
    to_head_office = WARSAW.model_copy(update={"group": "head-office"})

    assert coverage_of([to_head_office, WARSAW], [for_branches], IN_FORCE).covered == 0
    assert coverage_of([WARSAW.model_copy(update={"group": "branches"})], [for_branches], IN_FORCE).covered == 1


def test_support_by_a_team_covers_no_offer() -> None:
    desk = example("erp-desk")
    offer = ServiceOffer(offer="x", service=desk.service or "ERP", customer=desk.customer, region="METRO")

    assert coverage_of([offer], [desk], IN_FORCE).covered == 0


def test_without_offers_there_is_no_share() -> None:
    assert coverage_of([], [], IN_FORCE).share is None
