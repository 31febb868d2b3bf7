"""The process of one ticket: wait for the next event or the next milestone, tell who must know, until every clock has ended."""

from datetime import datetime
from typing import Any

from temporalio import workflow
from temporalio.common import SearchAttributeUpdate

with workflow.unsafe.imports_passed_through():
    from domain.announcements import Announcements, Reached, Withdrawn, announce, mark_told
    from domain.clocks import ClockReading, MilestoneKind, read_clocks
    from domain.effects import CrmUpdate, MilestoneRecord, Notice, Telling
    from domain.health import health_of, next_due_at
    from domain.terms import interned
    from domain.ticket_messages import TicketNews, TicketOrder, TicketResult
    from domain.wording import alert_text, body_of, clock_table, subject_of, verdict_of, withdrawal_text

from workflows.business_time import BusinessTimer
from workflows.deliveries import Deliveries
from workflows.names import CLOCK_HEALTH, NEXT_DUE_AT

LONG_HISTORY = 1000
"""Events after which a run continues as new, long before the engine would ask for it (`docs/decisions/0003`)."""


@workflow.defn(name="Ticket")
class Ticket:
    """All clocks of one ticket. Truth is folded from its events; the timer only says when to look again."""

    @workflow.init
    def __init__(self, order: TicketOrder) -> None:
        """Take over what the last run, or the inbox, knows."""
        self._ticket = order.ticket
        self._agreements = tuple(interned(agreement) for agreement in order.agreements)
        self._events = {event.key: event for event in order.events}
        self._alert = order.alert
        self._told: dict[str, datetime] = dict(order.told)
        self._timer = BusinessTimer(order.time_shift)
        self._deliveries = Deliveries(order.undelivered)
        self._has_news = True

    @workflow.run
    async def run(self, order: TicketOrder) -> TicketResult:  # noqa: ARG002  (taken in __init__: signals may come before run)
        """Fold, tell, wait; end when no clock is open and everything is delivered."""
        self._deliveries.start()
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
            self._agreements = tuple(interned(agreement) for agreement in news.agreements)
            self._alert = news.alert
            self._has_news = True

    def _look(self) -> list[ClockReading]:
        """Read the clocks, tell what is new, and set the timer for what comes next."""
        self._has_news = False
        now = self._timer.now()
        readings = read_clocks(self._agreements, self._events.values(), now)
        news = announce(readings, self._told, now)
        self._tell(news, now)
        mark_told(news, self._told)
        self._show(readings)
        coming = [event.occurred_at for event in self._events.values() if event.occurred_at > now]
        ahead = news.next_milestone
        self._timer.set(
            min([*coming, *([ahead.at] if ahead is not None else [])], default=None),
            f"{ahead.clock} {ahead.kind.value.lower()} {ahead.level or ''}".strip() if ahead is not None else "next event",
        )
        return readings

    def _tell(self, news: Announcements, now: datetime) -> None:
        for reached in news.reached:
            self._deliveries.record(self._record(reached, now))
            if reached.telling is Telling.TOLD:
                self._deliveries.notify(self._notice(reached, now))
                if reached.milestone.kind is MilestoneKind.BREACH:
                    self._deliveries.update_crm(self._breach_update(reached))
        for withdrawn in news.withdrawn:
            self._withdraw(withdrawn, now)
        if self._alert is not None and (key := f"alert:{self._alert.value}") not in self._told:
            self._told[key] = now
            subject, body = alert_text(self._alert, self._ticket)
            self._deliveries.notify(self._message(key, ("SLM_MANAGER",), subject, body))

    def _record(self, reached: Reached, now: datetime) -> MilestoneRecord:
        milestone = reached.milestone
        return MilestoneRecord(
            key=self._key(reached.key),
            ticket=self._ticket,
            clock=milestone.clock,
            kind=milestone.kind,
            level=milestone.level,
            at=milestone.at,
            detected_at=now,
            telling=reached.telling,
            recipients=reached.recipients,
        )

    def _notice(self, reached: Reached, now: datetime) -> Notice:
        return self._message(reached.key, reached.recipients, subject_of(reached, self._ticket), body_of(reached, now))

    def _breach_update(self, reached: Reached) -> CrmUpdate:
        return CrmUpdate(
            key=self._key(f"{reached.key}:crm"),
            ticket=self._ticket,
            kind="clock.breached",
            clock=reached.milestone.clock,
            agreement=reached.reading.agreement,
            at=reached.milestone.at,
            due_at=reached.reading.due_at,
            text=subject_of(reached, self._ticket),
        )

    def _withdraw(self, withdrawn: Withdrawn, now: datetime) -> None:
        """The record keeps both values; those who were told get one correction."""
        subject, body = withdrawal_text(withdrawn, self._ticket)
        key = f"{withdrawn.key}:withdrawn"
        recipients = ("CUSTOMER_REP", "SLM_MANAGER")
        self._deliveries.record(
            MilestoneRecord(
                key=self._key(key),
                ticket=self._ticket,
                clock=withdrawn.clock,
                kind=MilestoneKind.BREACH,
                level=0,
                at=withdrawn.told_at,
                detected_at=now,
                telling=Telling.WITHDRAWN,
                recipients=recipients,
            )
        )
        if withdrawn.silently:
            return
        self._deliveries.notify(self._message(key, recipients, subject, body))
        self._deliveries.update_crm(
            CrmUpdate(
                key=self._key(f"{key}:crm"),
                ticket=self._ticket,
                kind="clock.breach_withdrawn",
                clock=withdrawn.clock,
                agreement="",
                at=withdrawn.told_at,
                text=subject,
            )
        )

    def _message(self, key: str, recipients: tuple[str, ...], subject: str, body: str) -> Notice:
        return Notice(key=self._key(key), ticket=self._ticket, recipients=recipients, subject=subject, body=body)

    def _key(self, step: str) -> str:
        return f"{workflow.info().workflow_id}:{step}"

    def _show(self, readings: list[ClockReading]) -> None:
        """What administrators see and search; written only when it changed, as each write costs."""
        workflow.set_current_details(clock_table(readings) if readings else "No promise covers this ticket.")
        shown = workflow.info().typed_search_attributes
        changes: list[SearchAttributeUpdate[Any]] = []
        if readings and shown.get(CLOCK_HEALTH) != (health := health_of(readings).value):
            changes.append(CLOCK_HEALTH.value_set(health))
        due = next_due_at(readings)
        if shown.get(NEXT_DUE_AT) != due:
            changes.append(NEXT_DUE_AT.value_set(due) if due is not None else NEXT_DUE_AT.value_unset())
        if changes:
            workflow.upsert_search_attributes(changes)

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
        )
