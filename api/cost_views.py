"""What the API shows of costs: forecast beside actual, what is not known in either, and what the fees leave."""

from decimal import Decimal

from pydantic import AwareDatetime, BaseModel

from api.cost_desk import LookedAtMonth
from domain.cost_sheet import Beside, ServiceSheet, Why
from domain.costs import HOUSE_CURRENCY, CostKind, Known, total_of
from domain.figures import shown
from domain.pricing import shown_margin
from store.actual_costs import CostStatement

FORECAST_KINDS = (CostKind.PEOPLE, CostKind.SUPPLIERS, CostKind.CREDITS)
"""What is forecast; other costs are only stated."""


def money(amount: Decimal | None) -> str | None:
    """An amount as the API writes it; None where it is not known."""
    return f"{amount:.2f}" if amount is not None else None


class CostsView(BaseModel):
    """Money by kind. What is not known is null and stands in `not_known`.

    `total` is the sum of what is known; of the actual it is null until people and suppliers are both stated.
    """

    people: str | None
    suppliers: str | None
    credits: str | None
    other: str | None
    total: str | None
    not_known: list[CostKind]

    @classmethod
    def of(cls, costs: Known, total: Decimal | None) -> "CostsView":
        """Costs as they are shown."""
        by_kind = {kind.value.lower(): money(costs.get(kind)) for kind in CostKind}
        return cls(**by_kind, total=money(total), not_known=[kind for kind in FORECAST_KINDS if costs.get(kind) is None])


class PoolShareView(BaseModel):
    """What a service bears of a pool, by the tickets of the twelve months before; `amount` is null where nobody priced its people."""

    pool: str
    people: str
    cost_per_person: str | None
    share_percent: str
    amount: str | None


class ContractView(BaseModel):
    """A contract with a supplier, for its days in force; null where its text names no price."""

    registry_no: str
    monthly: str | None
    amount: str | None


class StatementView(BaseModel):
    """What finance stated; it counts unless a later statement replaced it."""

    service: str
    month: str
    kind: CostKind
    amount: str
    source: str
    stated_by: str
    stated_at: AwareDatetime
    counts: bool

    @classmethod
    def of(cls, found: CostStatement) -> "StatementView":
        """A statement as it is shown."""
        same = found.cost._asdict() | {"amount": money(found.cost.amount)}
        return cls(**same, stated_by=found.stated_by, stated_at=found.stated_at, counts=found.counts)


class ServiceCostView(BaseModel):
    """A service in a month. `error_percent` is of the actual, over the kinds in `compared`: those known on both sides."""

    service: str
    forecast: CostsView
    actual: CostsView
    error_percent: str | None
    compared: list[CostKind]
    fees: str
    forecast_margin: str | None
    actual_margin: str | None
    pools: list[PoolShareView]
    contracts: list[ContractView]

    @classmethod
    def of(cls, found: ServiceSheet) -> "ServiceCostView":
        """A service as it is shown."""
        costs = found.costs
        return cls(
            service=costs.service,
            forecast=CostsView.of(costs.forecast, total_of(costs.forecast)),
            actual=CostsView.of(costs.actual, costs.actual_total),
            error_percent=shown(costs.error, 1) if costs.error is not None else None,
            compared=list(costs.compared),
            fees=f"{costs.fees:.2f}",
            forecast_margin=shown_margin(costs.forecast_margin) if costs.forecast_margin is not None else None,
            actual_margin=shown_margin(costs.actual_margin) if costs.actual_margin is not None else None,
            pools=[
                PoolShareView(
                    pool=each.pool.pool,
                    people=f"{each.pool.people:f}",
                    cost_per_person=money(each.pool.cost_per_person),
                    share_percent=shown(each.share * 100, 1),
                    amount=money(each.amount),
                )
                for each in found.pools
            ],
            contracts=[
                ContractView(registry_no=each.registry_no, monthly=money(each.monthly), amount=money(each.amount))
                for each in found.contracts
            ],
        )


class BesideView(BaseModel):
    """Money no service is charged with: in another currency, or of an agreement without a service."""

    registry_no: str
    amount: str | None
    currency: str
    why: Why

    @classmethod
    def of(cls, found: Beside) -> "BesideView":
        """Money beside the sheet as it is shown."""
        return cls(registry_no=found.registry_no, amount=money(found.amount), currency=found.currency, why=found.why)


class CostSheetView(BaseModel):
    """The cost sheet of a month. `is_over` says whether its credits are known; all sums are in `currency`."""

    month: str
    is_over: bool
    currency: str
    services: list[ServiceCostView]
    beside: list[BesideView]
    statements: list[StatementView]

    @classmethod
    def of(cls, found: LookedAtMonth) -> "CostSheetView":
        """A month as it is shown."""
        return cls(
            month=found.month.name,
            is_over=found.is_over,
            currency=HOUSE_CURRENCY,
            services=[ServiceCostView.of(each) for each in found.sheet.services],
            beside=[BesideView.of(each) for each in found.sheet.beside],
            statements=[StatementView.of(each) for each in found.statements],
        )
