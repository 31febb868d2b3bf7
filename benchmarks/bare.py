"""What the bare engine does with the same messages: the workflows that ours are measured beside."""

from datetime import UTC, datetime, timedelta

from temporalio import activity, workflow

with workflow.unsafe.imports_passed_through():
    from domain.events import EventKind
    from domain.ticket_messages import TicketNews, TicketOrder

from workflows.business_time import BusinessTimer

BARE_QUEUE = "bare"

_FAR = timedelta(hours=4)


@workflow.defn(name="BareTicket")
class BareTicket:
    """Takes what a ticket's process takes, counts it, re-arms one timer where ours does, and knows nothing."""

    @workflow.init
    def __init__(self, order: TicketOrder) -> None:
        """Begin with the events of the order."""
        self._count = len(order.events)
        self._timer = BusinessTimer(order.time_shift)
        self._has_news = True
        self._waits = self._ended = False

    @workflow.run
    async def run(self, order: TicketOrder) -> int:  # noqa: ARG002  (taken in __init__, as ours)
        """Wait for messages until one says that the ticket is resolved."""
        while not self._ended:
            self._has_news = False
            self._timer.set(None if self._waits else workflow.now() + _FAR, "next")
            await workflow.wait_condition(lambda: self._has_news or self._timer.fired)
        return self._count

    @workflow.signal
    def ticket_news(self, news: TicketNews) -> None:
        """Count the events."""
        for event in news.events:
            self._count += 1
            self._waits = event.kind is EventKind.PAUSED
            self._ended = event.milestone == "RESOLVED"
        self._has_news = True


@workflow.defn(name="BareAlarm")
class BareAlarm:
    """One timer, then one activity that does nothing but look at the clock."""

    @workflow.run
    async def run(self, due_at: datetime) -> datetime:
        """Give the instant at which the activity ran."""
        await workflow.sleep(max(due_at - workflow.now(), timedelta(milliseconds=1)))
        return await workflow.execute_activity(look_at_clock, start_to_close_timeout=timedelta(seconds=15))


@activity.defn(name="bare.look_at_clock")
async def look_at_clock() -> datetime:
    """The instant at which this runs."""
    return datetime.now(UTC)


BARE_WORKFLOWS = (BareTicket, BareAlarm)
