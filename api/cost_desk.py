"""The cost sheet of a month, put together from the catalogue, the registry, the cases, the tickets, and what finance states."""

from typing import NamedTuple
from zoneinfo import ZoneInfo

from api.clock import BusinessClock
from domain.agreement_parts import Period
from domain.catalogue import Catalogue
from domain.cost_sheet import CostSheet, Facts, cost_sheet
from domain.errors import BadInput
from domain.periods import PeriodSpan, month_after, period_at, period_named
from store.actual_costs import ActualCosts, CostStatement
from store.database import Database
from store.service_money import ServiceMoney


class LookedAtMonth(NamedTuple):
    """A month with its sheet, and every statement of finance, newest first."""

    month: PeriodSpan
    is_over: bool
    sheet: CostSheet
    statements: list[CostStatement]


class CostDesk:
    """Looks at months, by the business's clock."""

    def __init__(self, database: Database, now: BusinessClock) -> None:
        """Work on a database."""
        self.actual = ActualCosts(database)
        self._money = ServiceMoney(database)
        self._now = now

    def month(self, name: str | None, catalogue: Catalogue) -> PeriodSpan:
        """A month by its name, in the provider's zone; the last whole one if none is named.

        Raises:
            BadInput: it is no name of a month.
        """
        zone = ZoneInfo(catalogue.calendar.time_zone)
        if name is None:
            return period_at(Period.MONTH, month_after(self._now(), zone, -1), zone)
        kind, found = period_named(name, zone)
        if kind is not Period.MONTH or found.name != name:
            raise BadInput(f"month: {name!r} is none; write 2026-04")
        return found

    async def look(self, name: str | None, catalogue: Catalogue) -> LookedAtMonth:
        """The sheet of a month, with the pools as they are in the catalogue today.

        Raises:
            BadInput: it is no name of a month.
        """
        month, zone = self.month(name, catalogue), ZoneInfo(catalogue.calendar.time_zone)
        fees = await self._money.fees(month)
        statements = await self.actual.of_month(month.name)
        is_over = month.end <= self._now()
        facts = Facts(
            services=tuple(each.service for each in catalogue.services),
            pools=catalogue.pools,
            tickets=await self._money.tickets(month, zone) if any(len(pool.services) > 1 for pool in catalogue.pools) else {},
            contracts=await self._money.supplier_fees(month),
            fees=fees,
            accepted=await self._money.accepted([each.case_id for each in fees]),
            billed=await self._money.billed(month),
            stated={(each.cost.service, each.cost.kind): each.cost.amount for each in statements if each.counts},
            is_over=is_over,
        )
        return LookedAtMonth(month, is_over, cost_sheet(facts), statements)
