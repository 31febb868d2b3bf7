"""Getting effects done, each kind in its order and apart from the others, so that a dead channel stops no clock."""

from collections.abc import Sequence

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from domain.case_messages import CaseEffects
    from domain.effects import CreditNote, CrmCaseUpdate, Notice
    from domain.ticket_messages import Undelivered

from workflows.effects import bill_credit, record_case, record_milestones, send_notice, update_case, update_ticket
from workflows.lanes import Lane


class Deliveries:
    """What a ticket's process decided and is not done yet: records, notices, write-backs."""

    def __init__(self, undelivered: Undelivered) -> None:
        """Go on with what a former run left."""
        self._milestones = Lane(undelivered.milestones, record_milestones)
        self._notices = Lane(undelivered.notices, send_notice)
        self._crm_updates = Lane(undelivered.crm_updates, update_ticket)

    def start(self) -> None:
        """Deliver what waits, beside the clocks."""
        for lane in (self._milestones, self._notices, self._crm_updates):
            lane.start()

    def add(self, effects: Undelivered) -> None:
        """Deliver these too, each kind after what waits of it already."""
        self._milestones.add(effects.milestones)
        self._notices.add(effects.notices)
        self._crm_updates.add(effects.crm_updates)

    @property
    def all_done(self) -> bool:
        """Is nothing left to deliver?"""
        return not (self._milestones.waiting or self._notices.waiting or self._crm_updates.waiting)

    def undelivered(self) -> Undelivered:
        """What a next run has to go on with; what is on its way now is sent again under its key."""
        return Undelivered(
            milestones=tuple(self._milestones.waiting),
            notices=tuple(self._notices.waiting),
            crm_updates=tuple(self._crm_updates.waiting),
        )


class CaseDeliveries:
    """What a case's process decided and is not done yet. It is written down first, and told then: people, and the CRM.

    So a deed starts one thing only, whatever is under way when it comes. A worker that has just replayed the process hears
    a deed before the answers of activities which came before it (temporalio/sdk-python issue 1591); were several things
    started, their order would depend on that, and the history could never be replayed again.
    """

    def __init__(self, undelivered: CaseEffects) -> None:
        """Go on with what a former run left."""
        self._decided = Lane((undelivered,) if undelivered != CaseEffects() else (), self._write_down)
        self._notices: Lane[Notice] = Lane((), send_notice)
        self._crm_updates: Lane[CrmCaseUpdate] = Lane((), update_case)
        self._credit_notes: Lane[CreditNote] = Lane((), bill_credit)

    def add(self, effects: CaseEffects) -> None:
        """Deliver these too, after what waits already."""
        self._decided.add([effects])

    def start(self) -> None:
        """Deliver what waits, beside the process."""
        self._decided.start()

    async def _write_down(self, decided: Sequence[CaseEffects]) -> int:
        records = [record for effects in decided for record in effects.records]
        if records:
            await record_case(records)
        for effects in decided:
            self._notices.add(effects.notices)
            self._crm_updates.add(effects.crm_updates)
            self._credit_notes.add(effects.credit_notes)
        for lane in (self._notices, self._crm_updates, self._credit_notes):
            lane.start()
        return len(decided)

    @property
    def all_done(self) -> bool:
        """Is nothing left to deliver?"""
        return not (self._decided.waiting or self._notices.waiting or self._crm_updates.waiting or self._credit_notes.waiting)

    def undelivered(self) -> CaseEffects:
        """What a next run has to go on with; what is on its way now is sent again under its key."""
        decided = self._decided.waiting
        return CaseEffects(
            records=tuple(record for effects in decided for record in effects.records),
            notices=(*self._notices.waiting, *(notice for effects in decided for notice in effects.notices)),
            crm_updates=(*self._crm_updates.waiting, *(update for effects in decided for update in effects.crm_updates)),
            credit_notes=(*self._credit_notes.waiting, *(note for effects in decided for note in effects.credit_notes)),
        )
