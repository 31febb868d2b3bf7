"""The process of a registered agreement: it waits for its first day, is in force, and ends with its term."""

from datetime import datetime

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from domain.agreement_life import entering, term_of
    from domain.case_messages import AgreementOrder
    from domain.lifecycle import AgreementState

from workflows.business_time import BusinessTimer
from workflows.effects import change_state, send_notice, update_case
from workflows.lanes import Lane
from workflows.names import AGREEMENT_STATE


@workflow.defn(name="Agreement")
class Agreement:
    """Tells when an agreement begins and ends. Whether it is in force at an instant follows from its dates, timer or not."""

    @workflow.init
    def __init__(self, order: AgreementOrder) -> None:
        """Take over what the registry, or the last run, knows."""
        self._order = order
        self._state = AgreementState(order.state)
        self._timer = BusinessTimer(order.time_shift)
        self._changes = Lane((), change_state)
        self._notices = Lane(order.undelivered.notices, send_notice)
        self._crm_updates = Lane(order.undelivered.crm_updates, update_case)

    @workflow.run
    async def run(self, order: AgreementOrder) -> str:
        """REGISTERED until its first day, ACTIVE until its term ends, then EXPIRED."""
        term = term_of(order.registered)
        if self._state is AgreementState.REGISTERED:
            await self._until(term.begins, "first day in force")
            self._enter(AgreementState.ACTIVE, term.begins)
        if term.ends is None:
            await workflow.wait_condition(lambda: False)  # nothing but a person ends it
        else:
            await self._until(term.ends, "end of the term")
            self._enter(AgreementState.EXPIRED, term.ends)
        await workflow.wait_condition(lambda: not (self._changes.waiting or self._notices.waiting or self._crm_updates.waiting))
        return self._state.value

    async def _until(self, instant: datetime, summary: str) -> None:
        """Wait for an instant; a timer that ran out early is set again."""
        while self._timer.now() < instant:
            self._timer.set(instant, summary)
            await workflow.wait_condition(lambda: self._timer.fired)

    def _enter(self, state: AgreementState, at: datetime) -> None:
        came = entering(self._order, self._state, state, at, workflow.info().workflow_id)
        self._state = state
        self._changes.add([came.change])
        self._notices.add([came.notice])
        self._crm_updates.add([came.crm_update] if came.crm_update is not None else [])
        for lane in (self._changes, self._notices, self._crm_updates):
            lane.start()
        workflow.upsert_search_attributes([AGREEMENT_STATE.value_set(state.value)])
