"""The cost sheet of a month: every service with what it is forecast to cost, what it did cost, and what it brings."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from domain.costs import HOUSE_CURRENCY, CostKind, PoolShare, ServiceCosts, Tickets, pool_shares
from domain.pricing import LevelOption
from domain.resources import ResourcePool


class Priced(NamedTuple):
    """A version of an agreement in force in a month: what it costs or brings a month, and for its days in force.

    Both are None where its text names no price; `case_id` is the case that made it.
    """

    registry_no: str
    service: str | None
    case_id: str
    monthly: Decimal | None
    amount: Decimal | None
    currency: str


class Billed(NamedTuple):
    """A credit that billing was told of."""

    registry_no: str
    service: str | None
    amount: Decimal
    currency: str


class Why(StrEnum):
    """Why money stands beside the sheet instead of in it."""

    OTHER_CURRENCY = "OTHER_CURRENCY"
    NO_SERVICE = "NO_SERVICE"


class Beside(NamedTuple):
    """Money that no service is charged with."""

    registry_no: str
    amount: Decimal | None
    currency: str
    why: Why


class Facts(NamedTuple):
    """What is known of a month. `accepted` are options by case; `stated` is what finance states, by service and kind."""

    services: tuple[str, ...]
    pools: Sequence[ResourcePool]
    tickets: Tickets
    contracts: Sequence[Priced]
    fees: Sequence[Priced]
    accepted: Mapping[str, Sequence[LevelOption]]
    billed: Sequence[Billed]
    stated: Mapping[tuple[str, CostKind], Decimal]
    is_over: bool


class ServiceSheet(NamedTuple):
    """A service on the sheet, with what its people and suppliers are."""

    costs: ServiceCosts
    pools: tuple[PoolShare, ...]
    contracts: tuple[Priced, ...]


class CostSheet(NamedTuple):
    """All services, and what stands beside them."""

    services: tuple[ServiceSheet, ...]
    beside: tuple[Beside, ...]


def cost_sheet(facts: Facts) -> CostSheet:
    """The sheet of a month. Money in another currency than the house's, or of no service, is not summed but named."""
    shares = [share for pool in facts.pools for share in pool_shares(pool, facts.tickets)]
    named = [each.service for each in (*facts.contracts, *facts.fees) if each.service is not None]
    services = dict.fromkeys((*facts.services, *(share.service for share in shares), *named, *(service for service, _ in facts.stated)))
    every: tuple[Priced | Billed, ...] = (*facts.contracts, *facts.fees, *facts.billed)
    return CostSheet(
        tuple(_sheet(service, facts, [share for share in shares if share.service == service]) for service in services),
        tuple(Beside(each.registry_no, each.amount, each.currency, why) for each in every if (why := _why_beside(each)) is not None),
    )


def _why_beside(each: Priced | Billed) -> Why | None:
    if not each.amount:
        return None
    if each.currency != HOUSE_CURRENCY:
        return Why.OTHER_CURRENCY
    return Why.NO_SERVICE if each.service is None else None


def _sheet(service: str, facts: Facts, shares: Sequence[PoolShare]) -> ServiceSheet:
    contracts = [each for each in facts.contracts if each.service == service and each.currency == HOUSE_CURRENCY]
    fees = [each for each in facts.fees if each.service == service and each.currency == HOUSE_CURRENCY]
    forecast = {
        CostKind.PEOPLE: _sum(share.amount for share in shares) if shares else None,
        CostKind.SUPPLIERS: _sum(each.amount for each in contracts),
        CostKind.CREDITS: _expected_credits(service, facts),
    }
    brought = sum((each.amount for each in fees if each.amount is not None), Decimal(0))
    return ServiceSheet(ServiceCosts(service, forecast, _actual(service, facts), brought), tuple(shares), tuple(contracts))


def _sum(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """The sum; not known where one of them is not."""
    found = list(amounts)
    known = [each for each in found if each is not None]
    return sum(known, Decimal(0)) if len(known) == len(found) else None


def _expected_credits(service: str, facts: Facts) -> Decimal | None:
    """What backtests expect of every agreement of the service; not known where an option that was accepted names none.

    An agreement counts whole in a month in which it is in force at all, by the version that comes last.
    """
    last = {each.registry_no: each.case_id for each in facts.fees if each.service == service}
    expected: list[Decimal | None] = []
    for case_id in dict.fromkeys(last.values()):
        options = [each for each in facts.accepted.get(case_id, ()) if each.service == service]
        known = [each.cost_parts.expected_credits if each.cost_parts is not None else None for each in options]
        expected += [each.monthly if each is not None else None for each in known] or [None]
    return _sum(expected)


def _actual(service: str, facts: Facts) -> dict[CostKind, Decimal | None]:
    """What finance states; credits it states nothing of are those billing was told of, once the month is over."""
    stated = {kind: facts.stated.get((service, kind)) for kind in CostKind}
    if stated[CostKind.CREDITS] is None and facts.is_over:
        mine = (each.amount for each in facts.billed if each.service == service and each.currency == HOUSE_CURRENCY)
        stated[CostKind.CREDITS] = sum(mine, Decimal(0))
    return stated
