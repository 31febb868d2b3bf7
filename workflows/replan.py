"""The process of a re-plan: page after page of open tickets is moved to another version of their agreement."""

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.replan import ReplanActivities
    from domain.replan import PageMoved, PageOrder, ReplanOrder, ReplanResult

from workflows.effects import WRITING_RETRY, WRITING_TIMEOUT

PAGE = 250
"""Tickets one activity moves."""
PAGES_PER_RUN = 40
"""Pages after which a run continues as new: 10,000 tickets, and some 250 events."""

HEARTBEAT = timedelta(seconds=5)
"""An activity says after each chunk that it lives; a chunk is half a second of tickets at its rate."""


@workflow.defn(name="Replan")
class Replan:
    """Where the tickets are, and which was moved, is in the tables; here it is held that the work goes on to its end."""

    @workflow.init
    def __init__(self, order: ReplanOrder) -> None:
        """Take over where the last run left off."""
        self._order = order

    @workflow.run
    async def run(self, order: ReplanOrder) -> ReplanResult:
        """Move page after page; note the end."""
        del order  # taken in __init__
        pages, is_last = 0, False
        while not is_last:
            if pages == PAGES_PER_RUN:
                workflow.continue_as_new(self._order)
            self._show()
            page = await self._move_page()
            self._order = self._order.model_copy(update={"after": page.after, "moved": page.moved})
            pages, is_last = pages + 1, page.is_last
        return await self._end()

    async def _move_page(self) -> PageMoved:
        order = PageOrder(replan=self._order.replan, after=self._order.after, limit=PAGE, rate=self._order.rate)
        return await workflow.execute_activity_method(
            ReplanActivities.move,
            order,
            start_to_close_timeout=timedelta(minutes=5, seconds=2 * PAGE / self._order.rate),
            heartbeat_timeout=HEARTBEAT,
            retry_policy=WRITING_RETRY,
            summary=f"tickets after {self._order.after or 'the beginning'}"[:200],
        )

    async def _end(self) -> ReplanResult:
        await workflow.execute_activity_method(
            ReplanActivities.finish,
            self._order.replan,
            start_to_close_timeout=WRITING_TIMEOUT,
            retry_policy=WRITING_RETRY,
            summary="every ticket had its turn",
        )
        self._show()
        return ReplanResult(moved=self._order.moved)

    def _show(self) -> None:
        order = self._order
        workflow.set_current_details(
            f"| agreement | to | moved | come to |\n|---|---|---|---|\n"
            f"| {order.agreement} | {order.to_version} | {order.moved} | {order.after or 'the beginning'} |"
        )
