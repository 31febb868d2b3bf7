"""Backtests without a database: the process of one, tried alone."""

import asyncio
from collections.abc import AsyncIterator

from domain.backtest.orders import BacktestFault


class MemoryBacktests:
    """Carries out `domain.backtest.orders.Backtests`: each has so many tickets, and measures one after the other."""

    def __init__(self, tickets: int = 3) -> None:
        """Take how many there are."""
        self.tickets = tickets
        self.pause = 0.0
        self.refusal: Exception | None = None
        self.measured: list[str] = []
        self.faults: list[BacktestFault] = []

    async def measure(self, backtest: str) -> AsyncIterator[int]:
        """Count its tickets."""
        if self.refusal is not None:
            raise self.refusal
        for done in range(1, self.tickets + 1):
            await asyncio.sleep(self.pause)
            yield done
        self.measured.append(backtest)

    async def fail(self, fault: BacktestFault) -> None:
        """Keep it."""
        self.faults.append(fault)
