"""What was measured in the past, put beside what an option promises (R-050) and before both sides while they talk (R-055)."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Any

from sqlalchemy import Row

from api.clock import BusinessClock
from domain.documents import AgreementDocument
from domain.errors import BadInput
from domain.facts import Fact, MeasuredFigure
from domain.periods import kind_of
from domain.pricing import LevelOption
from store.database import Database
from store.entries import PROMISES
from store.observed import Asked, nine_in_ten, observed
from store.period_results import ClosedPeriods
from store.registry import AgreementRegistry

LOOKED_BACK = timedelta(days=365)
"""How far back: twelve months of tickets (R-050)."""

OF_CLOCKS, OF_PERIODS = "clocks/", "period/"
"""What the ids of our measurements begin with: counted from clocks, or read from a closed period."""

_SHOWN = Decimal("0.0001")
"""Shares are cut off after four decimals, never rounded up (R-083)."""


class Performance:
    """Looks at the tickets and closed periods in the store."""

    def __init__(self, database: Database, now: BusinessClock) -> None:
        """Work on a database, by the business's clock."""
        self._database = database
        self._now = now
        self._registry, self._closed = AgreementRegistry(database), ClosedPeriods(database)

    async def fill(self, proposal: dict[str, Any], customer: str) -> None:
        """Write what was measured into a proposal.

        Into each option that states no observed share and has tickets to show: the share, and where it comes from. Beside
        the figures somebody brought along: those measured of its services, and of the customer's own agreements.

        Raises:
            BadInput: a figure claims a measurement of ours that is none.
        """
        for option in proposal["options"]:
            if option.get("observed") is None:
                option.update(await self._of(LevelOption.model_validate(option)))
        options = [LevelOption.model_validate(each) for each in proposal["options"]]
        facts = [fact async for fact in self._facts(options, customer)]
        proposal["facts"] = [
            *_brought_along(proposal.get("facts", ())),
            *(fact.model_dump(mode="json", exclude_none=True) for fact in facts),
        ]

    async def _of(self, option: LevelOption) -> dict[str, str]:
        now = self._now()
        limit = option.limit.limit if option.limit is not None else None
        asked = Asked(option.service, option.region, option.target, now - LOOKED_BACK)
        async with self._database.reading() as connection:
            found = await observed(connection, asked, limit, now)
        if not found.counted:
            return {}
        source = f"{found.met} of {found.counted} {option.target} clocks, tickets of {_dates(now)}"
        return {"observed": str(_share(found.met, found.counted)), "source": source}

    async def _facts(self, options: Sequence[LevelOption], customer: str) -> AsyncIterator[Fact]:
        now = self._now()
        for service, region, target in dict.fromkeys((each.service, each.region, each.target) for each in options):
            async for fact in self._of_clocks(Asked(service, region, target, now - LOOKED_BACK), now):
                yield fact
        for service in dict.fromkeys(each.service for each in options):
            async for fact in self._of_periods(service, customer):
                yield fact

    async def _of_clocks(self, asked: Asked, now: datetime) -> AsyncIterator[Fact]:
        about = " ".join(each for each in (asked.service, asked.region, asked.target) if each is not None)
        measurement = OF_CLOCKS + "/".join((asked.service, asked.region or "everywhere", asked.target, f"{now:%Y-%m-%dT%H:%MZ}"))
        async with self._database.reading() as connection:
            found, took = await observed(connection, asked, None, now), await nine_in_ten(connection, asked)
        known = {"about": about, "period": _dates(now), "measurement": measurement}
        if found.counted:
            source = f"{found.met} of {found.counted} clocks"
            yield Fact(figure=MeasuredFigure.SHARE_MET, value=_share(found.met, found.counted), unit="%", source=source, **known)
        if took is not None:
            yield Fact(figure=MeasuredFigure.NINE_IN_TEN, value=Decimal(-(-took // timedelta(minutes=1))), unit="min", **known)

    async def _of_periods(self, service: str, customer: str) -> AsyncIterator[Fact]:
        """The availability in the last closed period of each of the customer's own agreements: another's is not theirs to see."""
        for entry in [each for kind in PROMISES for each in await self._registry.living(kind.value)]:
            targets = AgreementDocument.model_validate(entry.document).availability
            if (entry.customer, entry.service) != (customer, service) or not targets:
                continue
            closed = await self._closed.versions(entry.registry_no)
            for target in targets:
                rows = [row for row in closed if kind_of(row.period) is target.period and _achieved(row, target.target) is not None]
                if rows:
                    yield _availability(rows[-1], target.target)


def _achieved(row: Row[Any], target: str) -> str | None:
    return next((each["achieved"] for each in row.content["targets"] if each["target"] == target), None)


def _availability(row: Row[Any], target: str) -> Fact:
    return Fact(
        figure=MeasuredFigure.AVAILABILITY,
        about=f"{row.registry_no} {target}",
        value=Decimal((_achieved(row, target) or "").removesuffix(" %")),
        unit="%",
        period=row.period,
        measurement=f"{OF_PERIODS}{row.registry_no}/{row.period}/{target}/version {row.version}",
    )


def _brought_along(facts: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Figures people brought along; ours are measured anew, whoever sent them back."""
    theirs = []
    for fact in facts:
        measurement = fact.get("measurement")
        if measurement is None:
            theirs.append(fact)
        elif not str(measurement).startswith((OF_CLOCKS, OF_PERIODS)):
            raise BadInput(f"facts: {measurement!r} is no measurement made here; say in `source` where the figure can be looked up")
    return theirs


def _share(met: int, counted: int) -> Decimal:
    return (Decimal(100 * met) / counted).quantize(_SHOWN, ROUND_DOWN)


def _dates(now: datetime) -> str:
    return f"{(now - LOOKED_BACK).date()} to {now.date()}"
