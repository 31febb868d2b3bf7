"""How the end of a term opens a renewal: with what is read before, and for as long as the term that ends."""

from datetime import date, timedelta

import pytest

from domain.agreement_parts import Period, RenewalClause
from domain.case_messages import AgreementOrder, Registered
from domain.consequences import Source
from domain.follow_ups.renewal import Renewal
from domain.in_force import Occasion, OccasionKind, Watched
from domain.renewing import at_renewal
from domain.terms import AgreementKind
from tests.domain.case_stories import CATALOGUE, local


def version(number: str, begins: str, until: str) -> Registered:
    dates = {"effective_from": date.fromisoformat(begins), "effective_until": date.fromisoformat(until)}
    return Registered(registry_no="SLA/2026/0001", version=number, customer="Bank Narew S.A.", time_zone="Europe/Warsaw", **dates)


def opened(*versions: Registered, clause: RenewalClause | None = None) -> Renewal:
    """The renewal of the newest version, ninety days before its end."""
    watched = Watched(kind=AgreementKind.CUSTOMER_SLA, periods=(Period.MONTH,), targets=(), calendar=CATALOGUE.calendar, renewal=clause)
    order = AgreementOrder(registered=versions[0], later=versions[1:])
    ends = versions[-1].effective_until
    assert ends is not None
    at = local(f"{ends - timedelta(days=90)}T00:00")
    occasion = Occasion(at=at, kind=OccasionKind.RENEW, name=str(ends))
    [found] = at_renewal(Source(order, watched, at), order, occasion).openings
    assert isinstance(found, Renewal)
    return found


def test_r_131_a_renewal_is_named_by_the_end_and_brings_what_is_read_before() -> None:
    found = opened(version("1.0", "2026-03-15", "2029-03-15"))

    assert (found.case_id, found.entered_at) == ("renewal:SLA-2026-0001:2029-03-15", local("2028-12-15T00:00"))
    assert (found.ends_at, found.renewed_until) == (local("2029-03-15T00:00"), date(2032, 3, 15))
    assert found.pack == (
        "/registry/SLA-2026-0001/slam",
        "/registry/SLA-2026-0001/surveys?period=2028-Q3",
        "/registry/SLA-2026-0001/follow-ups?kind=CREDIT",
        "/registry/SLA-2026-0001/results?period=2028-11",
    )


@pytest.mark.parametrize(
    ("versions", "until"),
    [
        ((("1.0", "2026-03-15", "2029-03-15"), ("1.1", "2027-05-01", "2029-03-15")), "2032-03-15"),
        ((("1.0", "2026-03-15", "2029-03-15"), ("1.1", "2029-01-10", "2032-03-15")), "2035-03-15"),
        ((("1.0", "2026-03-15", "2029-03-15"), ("2.0", "2028-03-15", "2030-03-15")), "2032-03-15"),
    ],
)
def test_a_term_is_as_long_as_the_last_one_whatever_was_changed_since(versions: tuple[tuple[str, str, str], ...], until: str) -> None:
    assert opened(*(version(*each) for each in versions)).renewed_until == date.fromisoformat(until)


def test_a_clause_says_for_how_long() -> None:
    clause = RenewalClause(automatic=True, months=12, notice_days=30)
    found = opened(version("1.0", "2026-03-15", "2029-03-15"), clause=clause)
    assert (found.renewed_until, found.clause) == (date(2030, 3, 15), clause)
