"""How many tickets came in each month, by service and region, in one query for everybody who plans."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, case, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.forecasting import MonthVolume
from domain.periods import month_after
from domain.resources import ResourcePool
from store.tables import TicketRow

tickets = TicketRow.__table__  # type: ignore[attr-defined]

MONTHS_BACK = 36
"""Whole months that are looked at: three years show a season three times, and what is older says little of next month."""


class Volumes(NamedTuple):
    """Tickets by service, region and month; the last month is the running one, counted up to now."""

    months: tuple[date, ...]
    counts: dict[tuple[str | None, str | None], list[int]]

    def of(self, pool: ResourcePool) -> tuple[list[MonthVolume], MonthVolume]:
        """What came for a pool: whole months, from that of its first ticket on, and the running one."""
        mine = [counts for (service, region), counts in self.counts.items() if pool.works_on(service, region)]
        found = [MonthVolume(month, sum(counts[place] for counts in mine)) for place, month in enumerate(self.months)]
        first = next((place for place, month in enumerate(found) if month.tickets), len(found))
        return found[first:-1], found[-1]

    def without_pool(self, pools: Sequence[ResourcePool]) -> dict[tuple[str | None, str | None], int]:
        """Tickets of the last whole month that no pool works on, by service and region."""
        return {
            key: counts[-2]
            for key, counts in sorted(self.counts.items(), key=lambda item: (item[0][0] or "", item[0][1] or ""))
            if counts[-2] and not any(pool.works_on(*key) for pool in pools)
        }


async def volumes_at(connection: AsyncConnection, now: datetime, zone: ZoneInfo) -> Volumes:
    """Tickets by the month they were created in, in the provider's zone. One query, however many pools there are."""
    starts = [month_after(now, zone, place - MONTHS_BACK) for place in range(MONTHS_BACK + 1)]
    created = select(tickets.c.service, tickets.c.region, _month(starts, 0, len(starts)).label("month"))
    named = created.where(tickets.c.created_at >= starts[0], tickets.c.created_at < now).subquery()
    query = select(named.c.service, named.c.region, named.c.month, func.count()).group_by(named.c.service, named.c.region, named.c.month)
    counts: dict[tuple[str | None, str | None], list[int]] = {}
    for service, region, place, count in await connection.execute(query):
        counts.setdefault((service, region), [0] * len(starts))[place] = count
    return Volumes(tuple(start.astimezone(zone).date() for start in starts), counts)


def _month(starts: Sequence[datetime], first: int, end: int) -> ColumnElement[Any]:
    """The place of a ticket's month among those that begin then, found by halves: six comparisons a ticket instead of 36."""
    if end - first == 1:
        return literal_column(str(first))
    middle = (first + end) // 2
    return case((tickets.c.created_at < starts[middle], _month(starts, first, middle)), else_=_month(starts, middle, end))
