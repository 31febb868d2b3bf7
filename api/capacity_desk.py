"""Capacity as it is asked for: volumes and pipeline from the store, forecasts beside the loop, plans by the domain's rules."""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple
from zoneinfo import ZoneInfo

from api.clock import BusinessClock
from domain.capacity import PoolPlan, WhatIf, plan_of, what_if
from domain.catalogue import Catalogue
from domain.expected_volumes import PipelineVolume
from domain.forecasting import Forecast, ForecastMethod, MonthVolume, forecast
from domain.resources import ResourcePool
from store.database import Database
from store.expected_volumes import ExpectedVolumes, pipeline_at
from store.volumes import Volumes, volumes_at


class Capacity(NamedTuple):
    """The plans of pools, and the tickets of the last whole month that no pool works on, by service and region."""

    plans: list[PoolPlan]
    without_pool: dict[tuple[str | None, str | None], int]


class CapacityDesk:
    """Plans with the methods it is given; the naive forecasts are tried in any case."""

    def __init__(self, database: Database, now: BusinessClock, methods: Sequence[ForecastMethod]) -> None:
        """Work on a database."""
        self._database = database
        self._now = now
        self.methods = methods
        self.stated = ExpectedVolumes(database)

    async def look(self, catalogue: Catalogue, ahead: int, pools: Sequence[ResourcePool] | None = None) -> Capacity:
        """Every active pool, or some, some months ahead. Two queries, however many pools there are."""
        wanted = [each for each in catalogue.pools if each.active] if pools is None else pools
        async with self._database.reading() as connection:
            pipeline = await pipeline_at(connection)
            volumes = await volumes_at(connection, self._now(), _zone(catalogue))
        return Capacity(await self._plans(wanted, volumes, pipeline, ahead), volumes.without_pool(catalogue.pools))

    async def what_if(self, case_id: str, catalogue: Catalogue, ahead: int) -> list[WhatIf]:
        """What a case would ask of the pools; without statements of its own nothing is counted or forecast."""
        async with self._database.reading() as connection:
            pipeline = await pipeline_at(connection)
            own = [each.volume for each in pipeline if each.case_id == case_id]
            pools = [pool for pool in catalogue.pools if any(pool.works_on(each.service, each.region) for each in own)]
            if not pools:
                return []
            volumes = await volumes_at(connection, self._now(), _zone(catalogue))
        plans = await self._plans(pools, volumes, pipeline, ahead)
        return [found for plan in plans if (found := what_if(plan, case_id)) is not None]

    async def _plans(
        self, pools: Sequence[ResourcePool], volumes: Volumes, pipeline: Sequence[PipelineVolume], ahead: int
    ) -> list[PoolPlan]:
        plans = []
        for pool in pools:
            observed, running = volumes.of(pool)
            # The library takes a second to load, and fits compute: beside the loop that answers others.
            said = await asyncio.to_thread(partial(_forecast, pool, observed, ahead, self.methods))
            plans.append(plan_of(pool, observed, running, said, pipeline))
        return plans


def _forecast(pool: ResourcePool, observed: Sequence[MonthVolume], ahead: int, methods: Sequence[ForecastMethod]) -> Forecast:
    """Planned growth goes on from the last month; history leaves the first one out, which is seldom recorded from its first day on."""
    history = observed if pool.growth is not None else observed[1:]
    return forecast(history, ahead, methods, pool.growth)


def _zone(catalogue: Catalogue) -> ZoneInfo:
    return ZoneInfo(catalogue.calendar.time_zone)
