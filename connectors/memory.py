"""Channels, CRM and log that live in memory: for tests, and to try the processes without a database."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from domain.audit import AuditEvent
from domain.case_messages import CaseRecord, Registered, Registration, StateChange
from domain.closing import Closing, Looked
from domain.documents import AgreementDocument
from domain.effects import CreditNote, CrmCaseUpdate, CrmUpdate, MilestoneRecord, Notice
from domain.ending import Marking, WindingUp
from domain.follow_ups.change import Change
from domain.follow_ups.follow_up import FollowUp, News
from domain.follow_ups.renewal import Renewal
from domain.letters import waiting_bucket
from domain.ports import Attempt, DeliveryState, Waiting
from domain.registry_numbers import in_addresses
from domain.replan import PageMoved, PageOrder
from domain.termination import TerminationOrder


class MemoryNotifier:
    """Keeps every notice handed over, a repeated one too."""

    name = "memory"

    def __init__(self) -> None:
        self.sent: list[Notice] = []
        self.failures_left = 0

    async def send(self, notice: Notice) -> None:
        """Keep a notice; fail first as often as `failures_left` says."""
        if self.failures_left > 0:
            self.failures_left -= 1
            raise ConnectionError("the channel is down")
        self.sent.append(notice)


class MemoryCrm:
    """Keeps what the CRM was told."""

    name = "memory-crm"

    def __init__(self) -> None:
        self.updates: list[CrmUpdate] = []
        self.case_updates: list[CrmCaseUpdate] = []
        self.credit_notes: list[CreditNote] = []
        self.is_down = False

    async def update_ticket(self, update: CrmUpdate) -> None:
        """Keep an update."""
        self.updates.append(update)

    async def update_case(self, update: CrmCaseUpdate) -> None:
        """Keep an update about a case; fail while the CRM is down."""
        if self.is_down:
            raise ConnectionError("the CRM is down")
        self.case_updates.append(update)

    async def bill_credit(self, note: CreditNote) -> None:
        """Keep a credit note."""
        self.credit_notes.append(note)


class MemoryDeliveries:
    """Carries out `domain.ports.DeliveryLog`."""

    def __init__(self) -> None:
        self.states: dict[tuple[str, str], DeliveryState] = {}
        self.attempts: Counter[str] = Counter()
        self._letters: dict[tuple[str, str, str], Attempt] = {}

    async def state(self, key: str, channel: str) -> DeliveryState:
        """How far an effect has come that has no receivers of its own; PENDING if nothing is known of it."""
        return self.states.get((key, channel), DeliveryState.PENDING)

    async def states_of(self, key: str) -> dict[tuple[str, str], DeliveryState]:
        """How far an effect has come, by channel and receiver."""
        return {(channel, receiver): each.state for (of, channel, receiver), each in self._letters.items() if of == key}

    async def waiting(self, receiver: str, until: datetime) -> list[Waiting]:
        """What waits for a receiver until an instant, earliest first."""
        return [
            Waiting(each.effect, each.channel)
            for each in self._letters.values()
            if isinstance(each.effect, Notice)
            and each.receiver == receiver
            and each.due_at is not None
            and each.due_at <= until
            and each.state in {DeliveryState.WAITING, DeliveryState.PENDING}
        ]

    async def note(self, attempt: Attempt) -> None:
        """Note how an attempt ended."""
        key = attempt.effect.key, attempt.channel, attempt.receiver
        before = self._letters.get(key)
        self.attempts[attempt.effect.key] += 1
        self._letters[key] = attempt._replace(due_at=attempt.due_at or (before.due_at if before is not None else None))
        self.states[attempt.effect.key, attempt.channel] = attempt.state


class MemoryMilestones:
    """Carries out `domain.ports.MilestoneStore` and `DigestStarter`."""

    def __init__(self) -> None:
        self.records: dict[str, MilestoneRecord] = {}
        self.digests: set[str] = set()

    async def record(self, noticed: Sequence[MilestoneRecord]) -> None:
        """Keep milestones; the same key a second time changes nothing."""
        for milestone in noticed:
            self.records.setdefault(milestone.key, milestone)

    async def digest_counts(self, bucket: str) -> dict[str, dict[str, int]]:  # noqa: ARG002
        """No digest is told from memory."""
        return {}

    async def close_digest(self, bucket: str) -> None:
        """No digest is told from memory."""

    async def ensure_digest(self, bucket: str) -> None:
        """Note that a digest was asked for."""
        self.digests.add(bucket)

    async def ensure_letters(self, receiver: str, due_at: datetime) -> None:
        """Note that somebody's letters were asked for."""
        self.digests.add(waiting_bucket(receiver, due_at))


class MemoryCases:
    """Carries out `domain.ports.CaseStore`."""

    def __init__(self) -> None:
        self.records: dict[str, CaseRecord] = {}
        self.events: dict[str, AuditEvent] = {}

    async def record(self, record: CaseRecord) -> None:
        """Keep the newest state of each case, and every event once."""
        known = self.records.get(record.case_id)
        if known is None or known.revision < record.revision:
            self.records[record.case_id] = record
        for event in record.events:
            self.events.setdefault(event.key, event)


class MemoryRegistry:
    """Carries out `domain.ports.Registry`."""

    def __init__(self) -> None:
        self.entries: dict[str, list[Registered]] = {}
        self.changes: dict[str, StateChange] = {}
        self.calls = 0

    async def register(self, registration: Registration) -> list[Registered]:
        """Number the documents of a case once, by kind and year."""
        self.calls += 1
        if registration.case_id not in self.entries:
            documents = [AgreementDocument.model_validate(each) for each in registration.documents]
            self.entries[registration.case_id] = []
            for document in documents:
                self.entries[registration.case_id].append(self._entry(document, registration.signed_at.year))
        return self.entries[registration.case_id]

    def _entry(self, document: AgreementDocument, year: int) -> Registered:
        prefix = document.kind.value.removeprefix("CUSTOMER_").removeprefix("INTERNAL_")
        taken = sum(each.registry_no.startswith(f"{prefix}/{year}/") for entries in self.entries.values() for each in entries)
        assert document.effective_from is not None
        return Registered(
            registry_no=f"{prefix}/{year}/{taken + 1:04}",
            customer=document.customer.name,
            effective_from=document.effective_from,
            effective_until=document.effective_until,
            time_zone=document.time_zone,
        )

    async def change_state(self, change: StateChange) -> None:
        """Keep each change once."""
        self.changes.setdefault(change.event.key, change)


class MemoryPeriods:
    """Carries out `domain.ports.PeriodBook`: answers what a test says, and keeps what was asked."""

    def __init__(self) -> None:
        self.closings: dict[str, Closing] = {}
        self.seen: dict[str, Looked] = {}
        self.asked: list[tuple[str, str, datetime]] = []

    async def close(self, registry_no: str, period: str, at: datetime) -> Closing | None:
        """The closing a test prepared for the period, if it did."""
        self.asked.append(("close", period, at))
        found = self.closings.get(period)
        return found.model_copy(update={"registry_no": registry_no}) if found is not None else None

    async def report(self, registry_no: str, period: str, at: datetime) -> Notice | None:
        """Everybody is told."""
        self.asked.append(("report", period, at))
        key = f"agreement:{in_addresses(registry_no)}:report:{period}"
        return Notice(key=key, case_id=registry_no, recipients=("CUSTOMER_REP",), subject=f"report of {period}", body="")

    async def look(self, registry_no: str, at: datetime) -> Looked:
        """What a test prepared for the date."""
        del registry_no
        self.asked.append(("look", at.isoformat(), at))
        return self.seen.get(at.date().isoformat(), Looked())


class MemoryFollowUps:
    """Carries out `workflows.processes.Facts`: keeps what was opened and what took effect."""

    def __init__(self) -> None:
        self.opened: dict[str, FollowUp] = {}
        self.effects: dict[str, FollowUp] = {}

    async def open(self, case: FollowUp) -> Sequence[News]:
        """Keep each once."""
        self.opened.setdefault(case.case_id, case)
        return ()

    async def take_effect(self, case: FollowUp, at: datetime) -> Sequence[News]:
        """Keep the last; a change hears of its case, and of its version."""
        self.effects[case.case_id] = case
        if not isinstance(case, Change | Renewal):
            return ()
        if isinstance(case, Change) and case.edited is None:
            return (News(name="case_opened", about=case.case_id, content={"case_id": "case-1"}, at=at),)
        return (News(name="registered", about=case.case_id, content={"version": "1.1"}, at=at),)


class MemoryTerminations:
    """Carries out `domain.ports.Terminations`: keeps which tickets were marked, and answers what a test says."""

    def __init__(self) -> None:
        self.tickets: list[str] = []
        self.marked: list[tuple[str, Marking]] = []
        self.found = WindingUp()
        self.revoked: set[str] = set()
        self.too_late: list[str] = []

    async def mark_page(self, marking: Marking, after: str) -> str | None:
        """Mark the next ticket."""
        if (subject := next((each for each in sorted(self.tickets) if each > after), None)) is not None:
            self.marked.append((subject, marking))
        return subject

    async def still_stands(self, order: TerminationOrder) -> bool:
        """It does, unless a test says otherwise."""
        return order.order_id not in self.revoked

    async def wind_up(self, order: TerminationOrder) -> WindingUp:  # noqa: ARG002
        """What a test prepared."""
        return self.found

    async def came_too_late(self, order: TerminationOrder) -> None:
        """Keep which."""
        self.too_late.append(order.order_id)


class MemorySurveys:
    """Carries out `domain.ports.Surveys`."""

    def __init__(self) -> None:
        self.notices: dict[str, list[Notice]] = {}
        """By agreement: who is asked, whatever the day."""

    async def due(self, registry_no: str, at: datetime) -> list[Notice]:  # noqa: ARG002
        """The notices that were put here."""
        return self.notices.get(registry_no, [])


class MemoryReplans:
    """Carries out `domain.ports.Replans`: a page holds one ticket."""

    def __init__(self) -> None:
        self.tickets: list[str] = []
        self.moved: list[str] = []
        self.finished: list[str] = []

    async def move(self, order: PageOrder) -> AsyncIterator[PageMoved]:
        """Move the next ticket, if there is one."""
        left = [each for each in self.tickets if each > order.after]
        self.moved += left[:1]
        yield PageMoved(after=(left or [order.after])[0], made=len(left[:1]), moved=len(self.moved), is_last=len(left) <= 1)

    async def finish(self, replan: str) -> None:
        """Keep its name."""
        self.finished.append(replan)


class MemoryRetention:
    """Says of each batch how many rows it changed, as it was told to; then that nothing is left."""

    def __init__(self) -> None:
        """Nothing to do."""
        self.batches: list[int] = []

    async def run_batch(self, now: datetime) -> dict[str, int]:  # noqa: ARG002  (the port's name)
        """The next batch."""
        return {"rows": self.batches.pop(0) if self.batches else 0}
