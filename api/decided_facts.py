"""What follow-ups decide becomes fact: a ticket that counts nowhere, stretches of time that count."""

from datetime import datetime

from api.clock import BusinessClock
from api.inbox import Inbox
from domain.events import EventKind, TicketEvent
from domain.follow_ups.dispute import Dispute, DisputeState
from domain.follow_ups.exclusion import Exclusion
from domain.follow_ups.follow_up import FollowUp
from domain.measurements import Measurements
from store.agreements import AgreementStore
from store.database import Database
from store.follow_ups import FollowUpStore
from store.measurements import MeasurementStore
from store.tickets import TicketStore


class DecidedFacts:
    """Carries out `workflows.processes.Facts`."""

    def __init__(self, database: Database, now: BusinessClock) -> None:
        """Work on a database, by the business's clock."""
        self._follow_ups = FollowUpStore(database)
        self._measurements = MeasurementStore(database)
        self._inbox = Inbox(database, TicketStore(database), AgreementStore(database), now)

    async def open(self, case: FollowUp) -> None:
        """Write a follow-up down; one that is there already stays as it is."""
        await self._follow_ups.open(case)

    async def take_effect(self, case: FollowUp, at: datetime) -> None:
        """Make facts of what was decided; their names make a second time the same fact."""
        if isinstance(case, Exclusion):
            await self._inbox.accept([_voided(case, at)])
        if isinstance(case, Dispute) and case.state is DisputeState.UPHELD:
            await self._measurements.add(_measured(case), case.raised_by, at)


def _voided(case: Exclusion, at: datetime) -> TicketEvent:
    return TicketEvent(
        source=case.ticket.source,
        event_id=case.case_id,
        ticket_id=case.ticket.ticket_id,
        kind=EventKind.VOIDED,
        occurred_at=at,
        received_at=at,
        reason=case.because.value,
    )


def _measured(case: Dispute) -> Measurements:
    """The other side's account, as a source of its own."""
    return Measurements(registry_no=case.registry_no, target=case.about, source=case.case_id, measurements=case.account)
