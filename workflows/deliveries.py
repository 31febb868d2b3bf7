"""Getting effects done, each kind in its order and apart from the others, so that a dead channel stops no clock."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from domain.case_messages import CaseEffects
    from domain.ticket_messages import Undelivered

from workflows.effects import record_case, record_milestones, send_notice, update_case, update_ticket
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
    """What a case's process decided and is not done yet: records, notices, what the CRM is told."""

    def __init__(self, undelivered: CaseEffects) -> None:
        """Go on with what a former run left."""
        self._records = Lane(undelivered.records, record_case)
        self._notices = Lane(undelivered.notices, send_notice)
        self._crm_updates = Lane(undelivered.crm_updates, update_case)

    def add(self, effects: CaseEffects) -> None:
        """Deliver these too, and start."""
        self._records.add(effects.records)
        self._notices.add(effects.notices)
        self._crm_updates.add(effects.crm_updates)

    def start(self) -> None:
        """Deliver what waits, beside the process."""
        self._records.start()
        self._notices.start()
        self._crm_updates.start()

    @property
    def all_done(self) -> bool:
        """Is nothing left to deliver?"""
        return not (self._records.waiting or self._notices.waiting or self._crm_updates.waiting)

    def undelivered(self) -> CaseEffects:
        """What a next run has to go on with."""
        return CaseEffects(
            records=tuple(self._records.waiting), notices=tuple(self._notices.waiting), crm_updates=tuple(self._crm_updates.waiting)
        )
