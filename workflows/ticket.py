"""The process of one ticket: wait for the next event or the next milestone, tell who must know, until every clock has ended."""

from datetime import datetime

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from domain.announcements import Announcements, announce, mark_told
    from domain.clocks import ClockReading, read_clocks
    from domain.telling import alert_notice, effects_of
    from domain.ticket_messages import TicketNews, TicketOrder, TicketResult, Undelivered
    from domain.wording import verdict_of
    from domain.writing_back import HelpDesk, mark_written

from workflows.appearance import show
from workflows.business_time import BusinessTimer
from workflows.deliveries import Deliveries

LONG_HISTORY = 1000
"""Events after which a run continues as new, long before the engine would ask for it (`docs/decisions/0003`)."""


@workflow.defn(name="Ticket")
class Ticket:
    """All clocks of one ticket. Truth is folded from its events; the timer only says when to look again."""

    @workflow.init
    def __init__(self, order: TicketOrder) -> None:
        """Take over what the last run, or the inbox, knows."""
        self._ticket = order.ticket
        self._agreements = order.agreements
        self._events = {event.key: event for event in order.events}
        self._alert = order.alert
        self._told: dict[str, datetime] = dict(order.told)
        self._writes_back = order.writes_back
        self._timer = BusinessTimer(order.time_shift)
        self._deliveries = Deliveries(order.undelivered)
        self._has_news = True

    @workflow.run
    async def run(self, order: TicketOrder) -> TicketResult:
        """Fold, tell, wait; end when no clock is open and everything is delivered."""
        del order  # taken in __init__, because a signal may come before run; not kept a second time
        while True:
            readings = self._look()
            if any(reading.is_open for reading in readings):
                await workflow.wait_condition(lambda: self._has_news or self._timer.fired)
            elif not self._has_news and self._deliveries.all_done:
                return TicketResult(verdicts={reading.clock: verdict_of(reading) for reading in readings})
            else:
                await workflow.wait_condition(lambda: self._has_news or self._deliveries.all_done)
            if self._is_long():
                workflow.continue_as_new(self._order())

    @workflow.signal
    def ticket_news(self, news: TicketNews) -> None:
        """Take new facts; known ones are not taken twice."""
        for event in news.events:
            if event.key not in self._events:
                self._events[event.key] = event
                self._has_news = True
        if news.agreements is not None:
            self._agreements, self._alert, self._has_news = news.agreements, news.alert, True

    def _look(self) -> list[ClockReading]:
        """Read the clocks, tell what is new, and set the timer for what comes next."""
        self._has_news = False
        now = self._timer.now()
        readings = read_clocks(self._agreements, self._events.values(), now)
        news = announce(readings, self._told, now)
        self._deliveries.add(effects_of(news, self._ticket, workflow.info().workflow_id, now))
        if self._writes_back:
            self._write_back(readings, news, now)
        mark_told(news, self._told)
        self._tell_alert(now)
        self._deliveries.start()
        show(readings)
        coming = [event.occurred_at for event in self._events.values() if event.occurred_at > now]
        self._timer.set_for(news.next_milestone, min(coming, default=None))
        return readings

    def _write_back(self, readings: list[ClockReading], news: Announcements, now: datetime) -> None:
        updates = HelpDesk(self._ticket, workflow.info().workflow_id).news(readings, news, self._told, now)
        self._deliveries.add(Undelivered(crm_updates=updates))
        mark_written(updates, self._told)

    def _tell_alert(self, now: datetime) -> None:
        if self._alert is not None and (key := f"alert:{self._alert.value}") not in self._told:
            self._told[key] = now
            self._deliveries.add(Undelivered(notices=(alert_notice(self._alert, self._ticket, workflow.info().workflow_id),)))

    def _is_long(self) -> bool:
        info = workflow.info()
        return info.is_continue_as_new_suggested() or info.get_current_history_length() > LONG_HISTORY

    def _order(self) -> TicketOrder:
        return TicketOrder(
            ticket=self._ticket,
            agreements=self._agreements,
            events=tuple(self._events.values()),
            alert=self._alert,
            told=self._told,
            undelivered=self._deliveries.undelivered(),
            time_shift=self._timer.shift,
            writes_back=self._writes_back,
        )
