"""What was observed in the past, put beside what an option promises (R-050)."""

from datetime import timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Any

from api.clock import BusinessClock
from domain.pricing import LevelOption
from store.database import Database
from store.observed import Asked, observed

LOOKED_BACK = timedelta(days=365)
"""How far back: twelve months of tickets (R-050)."""

_SHOWN = Decimal("0.0001")
"""Shares are cut off after four decimals, never rounded up (R-083)."""


class Performance:
    """Looks at the tickets in the store."""

    def __init__(self, database: Database, now: BusinessClock) -> None:
        """Work on a database, by the business's clock."""
        self._database = database
        self._now = now

    async def fill(self, proposal: dict[str, Any]) -> None:
        """Write the observed share, and where it comes from, into each option that states none and has tickets to show."""
        for option in proposal["options"]:
            if option.get("observed") is None:
                option.update(await self._of(LevelOption.model_validate(option)))

    async def _of(self, option: LevelOption) -> dict[str, str]:
        now = self._now()
        limit = option.limit.limit if option.limit is not None else None
        asked = Asked(option.service, option.region, option.target, now - LOOKED_BACK)
        async with self._database.reading() as connection:
            found = await observed(connection, asked, limit, now)
        if not found.counted:
            return {}
        share = (Decimal(100 * found.met) / found.counted).quantize(_SHOWN, ROUND_DOWN)
        dates = f"{asked.since.date()} to {now.date()}"
        return {"observed": str(share), "source": f"{found.met} of {found.counted} {option.target} clocks, tickets of {dates}"}
