"""What follow-ups decide becomes fact: a ticket that counts nowhere, stretches of time that count, another version of an agreement."""

from collections.abc import Sequence
from datetime import datetime

from api.clock import BusinessClock
from api.inbox import Inbox
from domain.documents import AgreementDocument
from domain.errors import Conflict, NotFound
from domain.events import EventKind, TicketEvent
from domain.follow_ups.change import Change
from domain.follow_ups.dispute import Dispute, DisputeState
from domain.follow_ups.exclusion import Exclusion
from domain.follow_ups.follow_up import FollowUp, News
from domain.follow_ups.renewal import Renewal
from domain.follow_ups.settlement import Settlement
from domain.measurements import Measurements
from domain.ports import Amendments
from store.agreements import AgreementStore
from store.changes import GOING_ON, ChangeStore
from store.database import Database
from store.entries import Entry
from store.follow_ups import FollowUpStore
from store.measurements import MeasurementStore
from store.registry import AgreementRegistry
from store.terminations import TerminationStore
from store.tickets import TicketStore


class DecidedFacts:
    """Carries out `workflows.processes.Facts`."""

    def __init__(self, database: Database, now: BusinessClock, amendments: Amendments) -> None:
        """Work on a database, by the business's clock; versions are made by `amendments`."""
        self._database = database
        self._terminations = TerminationStore(database)
        self._follow_ups = FollowUpStore(database)
        self._changes = ChangeStore(database)
        self._registry = AgreementRegistry(database)
        self._amendments = amendments
        self._measurements = MeasurementStore(database)
        self._inbox = Inbox(database, TicketStore(database), AgreementStore(database), now)

    async def open(self, case: FollowUp) -> Sequence[News]:
        """Write a follow-up down; one that is there already stays as it is. A change may belong to one that is open."""
        if isinstance(case, Change):
            return (await self._changes.open(case)).news
        await self._follow_ups.open(case)
        return ()

    async def take_effect(self, case: FollowUp, at: datetime) -> Sequence[News]:
        """Make facts of what was decided; their names make a second time the same fact."""
        if isinstance(case, Exclusion):
            await self._inbox.accept([_voided(case, at)])
        if isinstance(case, Dispute) and case.state is DisputeState.UPHELD:
            await self._measurements.add(_measured(case), case.raised_by, at)
        if isinstance(case, Settlement):
            return await self._released(case, at)
        if isinstance(case, Change):
            return (await self._changed(case, at),)
        if isinstance(case, Renewal):
            return (await self._renewed(case, at),)
        return ()

    async def _released(self, case: Settlement, at: datetime) -> Sequence[News]:
        """Legal has ruled: nothing is held any longer, here and with suppliers."""
        async with self._database.writing() as connection:
            await self._terminations.release(connection, case.registry_no)
            entry = await self._terminations.entry(connection, case.registry_no)
            assert entry is not None, f"{case.registry_no} has no entry"
            money = await self._follow_ups.money_of(connection, entry.registry_no, entry.supports)
        return [News(name="hold_ended", about=each, at=at) for each in money]

    async def _changed(self, case: Change, at: datetime) -> News:
        """A small change becomes a version, a material one an agreement case."""
        try:
            if case.edited is not None:
                return await self._version(case, case.edited, case.note, at)
            opened = await self._amendments.open_amendment(case, at)
        except (Conflict, NotFound) as refusal:
            if case.edited is not None:
                return _not_registered(case, str(refusal), at)
            return News(name="case_ended", about=case.case_id, content={"reason": str(refusal)}, at=at)
        return News(name="case_opened", about=case.case_id, content={"case_id": opened}, at=at)

    async def _renewed(self, case: Renewal, at: datetime) -> News:
        """The text in force with a later end becomes a version; where another one waits for its day it is tried until it can."""
        entry = await self._entry(case)
        if str(entry.effective_until) not in {case.about, str(case.renewed_until)}:
            return _not_registered(case, f"{case.registry_no} {entry.version} ends on {entry.effective_until}", at)
        document = AgreementDocument.model_validate({**entry.document, "effective_until": case.renewed_until})
        return await self._version(case, document, case.note, at)

    async def _version(self, case: FollowUp, document: AgreementDocument, note: str, at: datetime) -> News:
        """A text as the next version; what has ended, or is about to, gets none."""
        entry = await self._entry(case)
        if entry.state not in GOING_ON and case.case_id not in {each.amended_by for each in entry.versions}:
            return _not_registered(case, f"{case.registry_no} is {entry.state}", at)
        version = await self._amendments.add_minor_version(case.registry_no, document, note, case.case_id, at)
        return News(name="registered", about=case.case_id, content={"version": version}, at=at)

    async def _entry(self, case: FollowUp) -> Entry:
        entry = await self._registry.entry(case.registry_no)
        assert entry is not None, f"{case.registry_no} has no entry"
        return entry


def _not_registered(case: FollowUp, reason: str, at: datetime) -> News:
    return News(name="not_registered", about=case.case_id, content={"reason": reason}, at=at)


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
