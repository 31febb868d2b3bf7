"""How the process of an agreement goes through its early end: an order of the CRM, its instant, and what is left to be done."""

from datetime import datetime

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from domain.agreement_life import versions_of
    from domain.case_messages import AgreementOrder, StateChange
    from domain.consequences import Consequences
    from domain.ending import (
        Marking,
        already_ended,
        at_end,
        completed,
        done_steps,
        is_ended_by,
        of_the_last_period,
        renewal_left_out,
        rewound,
        terminated,
        turned,
    )
    from domain.follow_ups.settlement import SettlementStep
    from domain.in_force import Occasion
    from domain.lifecycle import AgreementState
    from domain.termination import TerminationNews, TerminationOrder

from workflows.business_time import BusinessTimer
from workflows.effects import came_too_late, mark_tickets, still_stands, tell_follow_up, wind_up
from workflows.lanes import Lane


class EarlyEnd:
    """The part of `Agreement` that an order sets going; the rest of it is there."""

    _order: AgreementOrder
    _state: AgreementState
    _last: Occasion | None
    _orders: list[TerminationNews]
    _timer: BusinessTimer
    _changes: Lane[StateChange]

    async def _bring_about(self, found: Consequences) -> None:
        raise NotImplementedError

    async def _open(self, occasion: Occasion) -> None:
        raise NotImplementedError

    def _enter(self, state: AgreementState, at: datetime) -> None:
        raise NotImplementedError

    def _turn_to(self, state: AgreementState) -> None:
        raise NotImplementedError

    async def _all_told(self) -> None:
        raise NotImplementedError

    async def _hear_orders(self) -> None:
        """What the CRM ordered counts from here on; every open ticket hears of it."""
        while self._orders:
            news = self._orders.pop(0)
            turn = turned(self._order, self._state, news, workflow.info().workflow_id)
            self._order = turn.order
            if turn.marking is not None:
                self._last = rewound(self._last, news)
                await mark_tickets(turn.marking)
            if turn.changes:
                self._turn_to(turn.state)
            self._changes.add(turn.changes)
            await self._bring_about(turn.found)
            if turn.changes and (renewal := renewal_left_out(self._order, news)) is not None:
                await self._open(renewal)

    async def _end(self, occasion: Occasion) -> None:
        """The term is over, or the instant of an order has come: then nothing is measured any more, and all that is left is settled."""
        order = self._order.termination
        if order is None or not is_ended_by(self._order, occasion):
            self._enter(AgreementState.EXPIRED, occasion.at)
            if order is not None:
                await self._was_over(order)
            return
        if not await still_stands(order):
            # It was revoked or replaced in time, and the word of that is on its way here.
            await workflow.wait_condition(lambda: bool(self._orders))
            await self._hear_orders()
            return
        await self._terminate(order)

    async def _terminate(self, order: TerminationOrder) -> None:
        changes, told = terminated(order, self._state, workflow.info().workflow_id)
        self._turn_to(AgreementState.TERMINATED)
        self._changes.add(changes)
        await self._bring_about(told)
        await mark_tickets(Marking(leaves=order, at=self._timer.now()))
        await self._bring_about(at_end(order, self._order.registered.customer, await wind_up(order)))

    async def _was_over(self, order: TerminationOrder) -> None:
        """An order that would have taken effect after the end of the term ends nothing."""
        await came_too_late(order)
        await mark_tickets(Marking(leaves=None, stays=(order,), at=self._timer.now()))
        await self._bring_about(already_ended(order, self._state, workflow.info().workflow_id))

    async def _complete(self) -> None:
        """The report over the whole term, and as the last the confirmation to the CRM; the settlement hears when it has it."""
        order = self._order.termination
        if order is None or self._state is not AgreementState.TERMINATED:
            return
        began = versions_of(self._order)[0].begins
        is_reported = self._order.registered.watched is not None and began < order.effective_at
        await self._bring_about(completed(order, self._timer.now(), workflow.info().workflow_id, reported=is_reported))
        await self._all_told()
        await tell_follow_up(done_steps(order, self._timer.now(), SettlementStep.CRM_CONFIRMATION))

    def _left_of(self, found: Consequences) -> Consequences:
        """What still follows from a period: all of it, or what there is to settle of an agreement that has ended."""
        order = self._order.termination
        return of_the_last_period(found, order) if order is not None and self._state is AgreementState.TERMINATED else found
