"""The process of a backtest: one activity measures it, and a backtest that comes to no report says why."""

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.backtests import BacktestActivities
    from domain.backtest.orders import BacktestFault, BacktestOrder, BacktestResult

from workflows.effects import WRITING_RETRY, WRITING_TIMEOUT
from workflows.names import BACKTESTS_QUEUE

LONGEST = timedelta(hours=12)
"""Three years of a million tickets under five proposals take a few of them."""

HEARTBEAT = timedelta(seconds=10)
"""A batch of tickets takes some milliseconds; a worker not heard of for so long is dead, and another begins anew."""

RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=5), maximum_attempts=12)
"""Workers are killed and databases are away for a while; what fails for half an hour fails for another reason."""


@workflow.defn(name="Backtest")
class Backtest:
    """The question, the tickets and the report are in the tables; here it is held that it comes to an end."""

    @workflow.run
    async def run(self, order: BacktestOrder) -> BacktestResult:
        """Measure it; note why where that cannot be done."""
        self._show(order, "is being measured; the activity's heartbeat says how many tickets are done")
        try:
            tickets = await self._measure(order)
        except (ActivityError, asyncio.CancelledError) as failure:
            fault = _told(failure)
            await self._note(order, fault)
            self._show(order, fault)
            raise
        self._show(order, f"{tickets} tickets were measured")
        return BacktestResult(tickets=tickets)

    async def _measure(self, order: BacktestOrder) -> int:
        return await workflow.execute_activity_method(
            BacktestActivities.measure_proposals,
            order.backtest,
            task_queue=BACKTESTS_QUEUE,
            start_to_close_timeout=LONGEST,
            heartbeat_timeout=HEARTBEAT,
            retry_policy=RETRY,
            summary=f"measure {', '.join(order.proposals)}"[:200],
        )

    async def _note(self, order: BacktestOrder, fault: str) -> None:
        await workflow.execute_activity_method(
            BacktestActivities.fail,
            BacktestFault(backtest=order.backtest, fault=fault),
            start_to_close_timeout=WRITING_TIMEOUT,
            retry_policy=WRITING_RETRY,
            summary=fault[:200],
        )

    def _show(self, order: BacktestOrder, said: str) -> None:
        workflow.set_current_details(
            f"| backtest | proposals | days | state |\n|---|---|---|---|\n"
            f"| {order.backtest} | {', '.join(order.proposals)} | {order.days} | {said} |"
        )


def _told(failure: ActivityError | asyncio.CancelledError) -> str:
    """Why, in one line."""
    if is_cancelled_exception(failure):
        return "it was cancelled before every ticket was measured"
    lines = str(failure.__cause__ or failure).splitlines()
    return f"it could not be measured: {lines[0] if lines else 'no reason was given'}"[:500]
