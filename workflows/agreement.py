"""The process of a registered agreement: it waits for its first day, is watched while in force, and ends with its term."""

from datetime import datetime

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from domain.agreement_life import (
        ends_with_its_term,
        entering,
        occasion_after,
        periods_to_close_again,
        stage_at,
        switched,
        switching,
        with_version,
    )
    from domain.case_messages import AgreementOrder, AgreementStanding, CaseEffects, Registered
    from domain.consequences import Consequences, Source, at_closing, planned_review
    from domain.in_force import Occasion, OccasionKind
    from domain.in_force_messages import Asking
    from domain.irregularities import at_look
    from domain.lifecycle import AgreementState
    from domain.renewing import at_renewal
    from domain.settling import at_settling
    from domain.termination import TerminationNews

from workflows.business_time import BusinessTimer
from workflows.early_end import EarlyEnd
from workflows.effects import (
    ask,
    change_state,
    close_period,
    look,
    open_follow_up,
    report_period,
    send_notice,
    tell_follow_up,
    update_case,
)
from workflows.lanes import Lane
from workflows.names import AGREEMENT_STATE


@workflow.defn(name="Agreement")
class Agreement(EarlyEnd):
    """Carries out one occasion after the other. What they are follows from the agreement's dates (`domain/in_force.py`)."""

    @workflow.init
    def __init__(self, order: AgreementOrder) -> None:
        """Take over what the registry, or the last run, knows."""
        self._order = order
        self._state = AgreementState(order.state)
        self._last = order.last
        self._irregular = dict(order.irregular)
        self._again = list(order.again)
        self._is_to_look = order.to_look
        self._closing_again: str | None = None
        self._is_amended = False
        self._orders = list(order.orders)
        self._timer = BusinessTimer(order.time_shift)
        self._changes = Lane((), change_state)
        self._notices = Lane(order.undelivered.notices, send_notice)
        self._crm_updates = Lane(order.undelivered.crm_updates, update_case)

    @workflow.run
    async def run(self, order: AgreementOrder) -> str:
        """REGISTERED until its first day, ACTIVE until its term ends, then EXPIRED; its periods closed, reported and settled.

        An order of the CRM ends it early: TERMINATING until the order's instant, then TERMINATED, and settled likewise.
        """
        del order  # kept in __init__, and changed by later versions
        if (self._notices.waiting or self._crm_updates.waiting) and workflow.patched("tell-what-was-left"):
            self._deliver()  # the run before left it: the CRM was away
        while True:
            self._is_amended = False
            while (occasion := occasion_after(self._order, self._last)) is not None:
                if not await self._until(occasion):
                    await self._hear_orders()
                    await self._look_again()
                    await self._close_again()
                    continue
                before = self._last
                await self._carry_out(occasion)
                # An order that came meanwhile may have taken the process back to its own instant.
                self._last = occasion if self._last is before else self._last
                if occasion.kind is OccasionKind.SETTLE or workflow.info().is_continue_as_new_suggested():
                    await self._changes_written()
                    workflow.continue_as_new(self._carried())
            await self._close_again()
            if ends_with_its_term(self._order) and not self._orders:
                break
            await workflow.wait_condition(lambda: self._is_amended or bool(self._orders))  # nothing but a person ends it
            await self._hear_orders()
        await self._complete()
        await self._all_told()
        return self._state.value

    @workflow.signal
    def figures_changed(self, period: str) -> None:
        """Facts of a period that is closed came late, or were decided on: it is closed again, as another version."""
        self._again += [name for name in periods_to_close_again(self._order, period) if name not in self._again]

    @workflow.signal
    def amended(self, registered: Registered) -> None:
        """Another version was registered: it takes the place of the one in force on its first day."""
        self._order = with_version(self._order, registered, self._timer.now())
        self._is_amended = True

    @workflow.signal
    def termination(self, news: TerminationNews) -> None:
        """The CRM ordered the agreement's end, or revoked the order; carried out between two occasions."""
        self._orders.append(news)

    @workflow.signal
    def supports_changed(self, why: str) -> None:
        """What it rests on, or its own hours, may carry its promises no more: it is looked at now."""
        del why  # for who reads the history
        self._is_to_look = True

    @workflow.query
    def standing(self) -> AgreementStanding:
        """How far the process is; for a look at it."""
        return AgreementStanding(
            state=self._state.value,
            waits_for=occasion_after(self._order, self._last),
            again=tuple(dict.fromkeys([*filter(None, [self._closing_again]), *self._again])),
            untold=len(self._changes.waiting) + len(self._notices.waiting) + len(self._crm_updates.waiting),
        )

    # ---- occasions --------------------------------------------------------------------------------------------------

    async def _carry_out(self, occasion: Occasion) -> None:
        match occasion.kind:
            case OccasionKind.BEGIN:
                self._enter(AgreementState.ACTIVE, occasion.at)
            case OccasionKind.SWITCH:
                self._switch(occasion.name, occasion.at)
            case OccasionKind.END:
                await self._end(occasion)
            case OccasionKind.LOOK:
                await self._look(occasion.at)
            case OccasionKind.ASK:
                await self._bring_about(Consequences(notices=tuple(await ask(self._asking("", occasion.at)))))
            case OccasionKind.CLOSE:
                await self._close(occasion.name, occasion.at)
            case OccasionKind.REPORT:
                await self._report(occasion)
            case OccasionKind.SETTLE:
                await self._settle(occasion.name, occasion.at)
            case OccasionKind.REVIEW | OccasionKind.RENEW:
                await self._open(occasion)

    async def _open(self, occasion: Occasion) -> None:
        """What people have to decide by a date becomes a case they see."""
        source = self._source(occasion.at)
        is_review = occasion.kind is OccasionKind.REVIEW
        await self._bring_about(planned_review(source, occasion) if is_review else at_renewal(source, self._order, occasion))

    async def _close(self, period: str, at: datetime) -> None:
        """The period's figures are kept; misses are told, and start improvement."""
        closing = await close_period(self._asking(period, at))
        if closing is not None:
            await self._bring_about(self._left_of(at_closing(self._source(at), closing)))

    async def _settle(self, period: str, at: datetime) -> None:
        """When business opens after a period: what its misses cost, with whatever came in overnight."""
        closing = await close_period(self._asking(period, at))
        if closing is not None:
            await self._bring_about(self._left_of(at_settling(self._source(at), closing)))

    async def _report(self, occasion: Occasion) -> None:
        notice = await report_period(self._asking(occasion.name, occasion.at))
        await self._bring_about(Consequences(notices=(notice,) if notice is not None else ()))

    async def _look(self, at: datetime) -> None:
        """Early warning: what is irregular opens a correction, what is no longer closes it."""
        seen = await look(self._asking("", at))
        consequences, self._irregular = at_look(self._source(at), seen.irregular, self._irregular)
        await self._bring_about(consequences)
        self._again += [name for name in seen.late if name not in self._again]

    async def _look_again(self) -> None:
        """A look out of turn, where it was asked for; before the first day nothing is looked at."""
        is_to_look, self._is_to_look = self._is_to_look, False
        if is_to_look and self._state is AgreementState.ACTIVE and stage_at(self._order, self._timer.now()).watched is not None:
            await self._look(self._timer.now())

    async def _close_again(self) -> None:
        """Another version of periods whose facts came late; nothing is told or opened twice."""
        while self._again:
            # Out of the list first: facts that change meanwhile ask for it once more.
            period = self._closing_again = self._again.pop(0)
            await self._close(period, self._timer.now())
            await self._settle(period, self._timer.now())
        self._closing_again = None

    # ---- how --------------------------------------------------------------------------------------------------------

    async def _until(self, occasion: Occasion) -> bool:
        """Wait for an occasion; a timer that ran out early is set again. False if something else is to be done first."""
        self._is_amended = False
        while self._timer.now() < occasion.at:
            if self._is_called:
                return False
            self._timer.set(occasion.at, f"{occasion.kind.value.lower()} {occasion.name}".strip())
            await workflow.wait_condition(lambda: self._timer.fired or self._is_called)
        return not self._orders

    @property
    def _is_called(self) -> bool:
        """Is something else to be done before the next occasion?"""
        return bool(self._again or self._orders) or self._is_amended or self._is_to_look

    async def _bring_about(self, found: Consequences) -> None:
        """Tell who is to be told, open what is to be followed up, and let those that are open hear."""
        self._notices.add(found.notices)
        self._crm_updates.add(found.crm_updates)
        self._deliver()
        for each in found.openings:
            await open_follow_up(each, self._timer.shift)
        for news in found.news:
            await tell_follow_up(news)

    def _enter(self, state: AgreementState, at: datetime) -> None:
        came = entering(self._order, self._state, state, at, workflow.info().workflow_id)
        self._turn_to(state)
        self._changes.add([came.change])
        self._notices.add([came.notice])
        self._crm_updates.add([came.crm_update] if came.crm_update is not None else [])
        self._deliver()

    def _turn_to(self, state: AgreementState) -> None:
        self._state = state
        workflow.upsert_search_attributes([AGREEMENT_STATE.value_set(state.value)])

    def _switch(self, version: str, at: datetime) -> None:
        """Another version is in force: new tickets run under it, old ones keep theirs."""
        process = workflow.info().workflow_id
        self._changes.add(switching(self._order, version, at, process))
        notice, update = switched(self._order, version, at, process)
        self._notices.add([notice])
        self._crm_updates.add([update] if update is not None else [])
        self._deliver()

    def _deliver(self) -> None:
        for lane in (self._changes, self._notices, self._crm_updates):
            lane.start()

    def _source(self, at: datetime) -> Source:
        watched = stage_at(self._order, at).watched
        assert watched is not None, "an agreement that is not watched has no such occasions"
        return Source(self._order, watched, at)

    def _asking(self, period: str, at: datetime) -> Asking:
        return Asking(registry_no=self._order.registered.registry_no, period=period, at=at)

    async def _all_told(self) -> None:
        await workflow.wait_condition(lambda: not (self._changes.waiting or self._notices.waiting or self._crm_updates.waiting))

    async def _changes_written(self) -> None:
        await workflow.wait_condition(lambda: not self._changes.waiting)

    def _carried(self) -> AgreementOrder:
        undelivered = CaseEffects(notices=tuple(self._notices.waiting), crm_updates=tuple(self._crm_updates.waiting))
        return self._order.model_copy(
            update={
                "state": self._state.value,
                "undelivered": undelivered,
                "last": self._last,
                "irregular": self._irregular,
                "again": tuple(self._again),
                "orders": tuple(self._orders),
                "to_look": self._is_to_look,
            }
        )
