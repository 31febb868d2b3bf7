"""Measuring proposals on recorded tickets."""

from pydantic import ValidationError
from temporalio import activity
from temporalio.exceptions import ApplicationError

from domain.backtest.orders import BacktestFault, Backtests
from domain.errors import ServandaError


class BacktestActivities:
    """Measures backtests, and notes those that come to no report."""

    def __init__(self, backtests: Backtests) -> None:
        """Take where they are measured."""
        self._backtests = backtests

    @activity.defn(name="backtests.measure")
    async def measure_proposals(self, backtest: str) -> int:
        """Measure one; gives its tickets. A second attempt begins anew and comes to the same report."""
        done = 0
        try:
            async for done in self._backtests.measure(backtest):
                activity.heartbeat(done)
        except (ServandaError, ValidationError) as fault:
            # The same question is refused again, however often it is asked.
            raise ApplicationError(str(fault), type=type(fault).__name__, non_retryable=True) from fault
        return done

    @activity.defn(name="backtests.fail")
    async def fail(self, fault: BacktestFault) -> None:
        """Note why one comes to no report."""
        await self._backtests.fail(fault)
