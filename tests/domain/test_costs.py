"""Laws of the costs of services: forecast, actual, error, and how a pool is shared out (R-146)."""

from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.costs import CostKind, ServiceCosts, Tickets, error_percent, in_month, pool_shares, shared_out, total_of
from domain.figures import shown
from domain.pricing import shown_margin
from domain.resources import ResourcePool
from domain.spans import Span

WARSAW = ZoneInfo("Europe/Warsaw")
FORECAST = {CostKind.PEOPLE: 7 * Decimal(9500), CostKind.SUPPLIERS: Decimal(14000), CostKind.CREDITS: Decimal(1200)}
ACTUAL = {CostKind.PEOPLE: Decimal(68000), CostKind.SUPPLIERS: Decimal(14500), CostKind.CREDITS: Decimal(1500)}


def pool(*services: str, people: str = "7", cost: str | None = "9500", regions: tuple[str, ...] = ()) -> ResourcePool:
    return ResourcePool.model_validate(
        {"pool": "p", "name": "P", "services": services, "regions": regions, "people": people, "cost_per_person": cost}
        | {"minutes_per_ticket": "35"}
    )


def local(day: int, month: int = 3) -> datetime:
    return datetime(2026, month, day, tzinfo=WARSAW)


def test_people_contracts_and_credits_sum_up_and_are_compared_with_the_actual() -> None:
    costs = ServiceCosts("MPS", FORECAST, ACTUAL, Decimal(100000))

    assert (total_of(costs.forecast), total_of(costs.actual)) == (Decimal(81700), Decimal(84000))
    assert costs.error is not None
    assert shown(costs.error, 1) == "2.7", "of the actual; of the forecast it would be 2.8"
    assert (shown_margin(costs.forecast_margin), shown_margin(costs.actual_margin)) == ("18.30 %", "16.00 %")


def test_only_what_is_known_on_both_sides_is_compared() -> None:
    no_credits = ServiceCosts("MPS", FORECAST | {CostKind.CREDITS: None}, ACTUAL, Decimal(0))
    half = ServiceCosts("MPS", FORECAST, {CostKind.PEOPLE: Decimal(66500), CostKind.CREDITS: Decimal(1200)}, Decimal(100000))

    assert no_credits.compared == (CostKind.PEOPLE, CostKind.SUPPLIERS)
    assert no_credits.error == error_percent(Decimal(80500), Decimal(82500))
    assert (half.compared, half.error) == ((CostKind.PEOPLE, CostKind.CREDITS), Fraction(0))
    assert half.actual_margin is None, "half the costs make a fine margin"


def test_what_nobody_foresaw_is_error() -> None:
    costs = ServiceCosts("MPS", FORECAST, FORECAST | {CostKind.OTHER: Decimal(8300)}, Decimal(0))

    assert costs.error == error_percent(Decimal(81700), Decimal(90000))


def test_nothing_known_is_no_sum_and_nothing_spent_is_no_error() -> None:
    unknown = ServiceCosts("MPS", {CostKind.PEOPLE: None}, {}, Decimal(100))

    assert (total_of(unknown.forecast), unknown.error, unknown.forecast_margin) == (None, None, None)
    assert error_percent(Decimal(5), Decimal(0)) is None


def test_a_pool_of_one_service_costs_it_all() -> None:
    (share,) = pool_shares(pool("MPS"), {})

    assert (share.service, share.share, str(share.amount)) == ("MPS", Fraction(1), "66500.00")


def test_a_pool_of_several_services_is_shared_by_the_tickets_it_works_on_and_evenly_where_none_came() -> None:
    shared = pool("MPS", "ERP", regions=("METRO",))
    tickets: Tickets = {("MPS", "METRO"): 300, ("ERP", "METRO"): 100, ("ERP", "REMOTE"): 900, (None, "METRO"): 50}

    assert [str(each.amount) for each in pool_shares(shared, tickets)] == ["49875.00", "16625.00"]
    assert [str(each.amount) for each in pool_shares(shared, {})] == ["33250.00", "33250.00"]


def test_what_nobody_priced_is_not_known() -> None:
    assert [each.amount for each in pool_shares(pool("MPS", "ERP", cost=None), {})] == [None, None]


@given(
    st.decimals(min_value=0, max_value=10**9, places=2, allow_nan=False),
    st.lists(st.integers(0, 10**6), min_size=1, max_size=20).filter(any),
)
def test_shares_sum_up_to_the_whole_to_the_cent(whole: Decimal, weights: list[int]) -> None:
    parts = shared_out(whole, weights)

    assert sum(parts) == whole
    assert all(each >= 0 for each in parts)


@pytest.mark.parametrize(
    ("begins", "ends", "amount"),
    [
        (local(1, 1), local(1, 12), "3100.00"),
        (local(22), local(1, 12), "1000.00"),
        (local(1, 1), local(11), "1000.00"),
        (local(1, 4), local(1, 5), "0"),
    ],
    ids=["whole month", "ten days with the change of clocks", "ten days", "later"],
)
def test_a_price_holds_for_the_days_in_force(begins: datetime, ends: datetime, amount: str) -> None:
    assert str(in_month(Decimal(3100), Span(local(1), local(1, 4)), Span(begins, ends))) == amount
