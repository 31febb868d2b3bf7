"""What the process of a backtest is told, how far it is, and what it needs of the store."""

from collections.abc import AsyncIterator
from enum import StrEnum
from typing import Annotated, Protocol

from pydantic import Field

from domain.values import Message


class BacktestState(StrEnum):
    """How far a backtest has come."""

    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"
    """It was cancelled, or it cannot be measured; its row says which."""


class BacktestOrder(Message):
    """Which backtest is to be measured; the rest is what administrators read."""

    backtest: str
    proposals: tuple[str, ...]
    days: Annotated[str, Field(description="first day and first day not looked at, such as 2025-03-01/2026-03-01")]
    registry_no: str | None = None
    customer: str | None = None


class BacktestFault(Message):
    """Why a backtest came to no report, in one line."""

    backtest: str
    fault: Annotated[str, Field(max_length=2000)]


class BacktestResult(Message):
    """What became of it; the report is in the tables."""

    tickets: int


class Backtests(Protocol):
    """Where backtests are measured and written down."""

    def measure(self, backtest: str) -> AsyncIterator[int]:
        """Measure one from its first ticket on and keep its report; gives the tickets done, at least once a second.

        Begun again it comes to the same report. One that has ended already gives the tickets it had.

        Raises:
            NotFound: there is no such backtest.
            BadInput: its proposals cannot be measured.
        """

    async def fail(self, fault: BacktestFault) -> None:
        """Note that it comes to no report; one that has ended stays as it is."""
