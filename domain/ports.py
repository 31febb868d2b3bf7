"""What activities need from the world: the store, the channels, the CRM. `worker.py` hands in real ones."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol

from domain.case_messages import AgreementOrder, CaseRecord, FollowUpOrder, Registered, Registration, StateChange
from domain.catalogue import Catalogue
from domain.closing import Closing, Looked
from domain.documents import AgreementDocument
from domain.effects import CreditNote, CrmCaseUpdate, CrmUpdate, MilestoneRecord, Notice
from domain.ending import Marking, WindingUp
from domain.follow_ups.change import Change
from domain.follow_ups.follow_up import FollowUp, News
from domain.letters import Letter
from domain.receivers import Parties, Receiver
from domain.replan import PageMoved, PageOrder
from domain.termination import TerminationOrder


class Refused(Exception):
    """The other side refuses this message for good; trying again changes nothing."""


class DeliveryState(StrEnum):
    """How far an effect on the outside has come."""

    PENDING = "PENDING"
    """Tried, or on its way; it is tried again."""
    WAITING = "WAITING"
    """It waits for an instant: the end of the receiver's quiet hours, or the next digest."""
    DELIVERED = "DELIVERED"
    REFUSED = "REFUSED"
    """A dead letter: it is tried again only when somebody sends it again."""


class Attempt(NamedTuple):
    """One attempt at an effect on one channel, for one receiver where the channel tells them apart, and how it ended.

    `due_at` is when what waits is told.
    """

    effect: Notice | CrmUpdate | CrmCaseUpdate | CreditNote
    channel: str
    state: DeliveryState
    at: datetime
    error: str | None = None
    receiver: str = ""
    due_at: datetime | None = None


class Waiting(NamedTuple):
    """A notice that waited for one receiver on one channel."""

    notice: Notice
    channel: str


class MilestoneStore(Protocol):
    """Where reached milestones are written down."""

    async def record(self, noticed: Sequence[MilestoneRecord]) -> None:
        """Write milestones; the same key a second time changes nothing."""

    async def digest_counts(self, bucket: str) -> dict[str, dict[str, int]]:
        """How many old milestones each receiver was not told of one by one, by kind, in a bucket not yet digested."""

    async def close_digest(self, bucket: str) -> None:
        """The bucket's milestones were told."""


class DeliveryLog(Protocol):
    """One row per effect on the outside, channel and receiver, with its attempts counted."""

    async def state(self, key: str, channel: str) -> DeliveryState:
        """How far an effect has come that has no receivers of its own; PENDING if nothing is known of it."""

    async def states_of(self, key: str) -> Mapping[tuple[str, str], DeliveryState]:
        """How far an effect has come, by channel and receiver; what is not there was never tried."""

    async def waiting(self, receiver: str, until: datetime) -> Sequence[Waiting]:
        """What waits for a receiver until an instant, earliest first."""

    async def note(self, attempt: Attempt) -> None:
        """Note how an attempt ended."""


class Notifier(Protocol):
    """A channel that carries notices to people."""

    name: str

    async def send(self, notice: Notice) -> None:
        """Hand the notice over; its key goes with it, so that a receiver can drop a second copy.

        Raises:
            Refused: this channel will never take it.
        """


class Carrier(Protocol):
    """A channel that carries letters to one person at a time."""

    name: str

    def reaches(self, letter: Letter) -> bool:
        """Is this a letter for this channel?"""

    async def carry(self, letter: Letter) -> None:
        """Hand a letter over; its key goes with it, so that a receiver can drop a second copy.

        Raises:
            Refused: this channel will never take it.
        """


class AddressBook(Protocol):
    """Who takes part, and whom a notice is about."""

    async def look_up(self, notice: Notice) -> tuple[Catalogue | None, Parties]:
        """The catalogue as it is now, None if none was loaded; and the parties of the notice's ticket or case."""


class Links(Protocol):
    """The addresses of pages on which somebody acts on a notice."""

    async def link_for(self, person: str, notice: Notice) -> str | None:
        """Where this person sees what the notice is about; None if there is no such page."""


class LetterWriter(Protocol):
    """Puts notices into the words of their receivers."""

    def write(self, notice: Notice, to: Receiver, link: str | None, names: Mapping[str, str]) -> Letter:
        """A notice as a letter to one person; `names` are those of people by key."""

    def write_to_role(self, notice: Notice, role: str, link: str | None) -> Letter:
        """A notice for the place where everybody of a role reads."""

    def write_to_nobody(self, notice: Notice, unreached: Sequence[str]) -> Letter:
        """A notice that no person stands behind, for the record."""

    def gather(self, letters: Sequence[Letter], key: str) -> Letter:
        """One letter of several to the same person, earliest first."""


class Crm(Protocol):
    """The CRM or help desk that tickets and requests for agreements come from."""

    name: str

    async def update_ticket(self, update: CrmUpdate) -> None:
        """Tell what happened to a ticket; the key goes with it.

        Raises:
            Refused: the CRM will never take it.
        """

    async def update_case(self, update: CrmCaseUpdate) -> None:
        """Tell where an agreement it asked for stands; the key goes with it.

        Raises:
            Refused: the CRM will never take it.
        """

    async def bill_credit(self, note: CreditNote) -> None:
        """Tell billing what to give back; the key goes with it.

        Raises:
            Refused: billing will never take it.
        """


class CaseStore(Protocol):
    """Where cases are written down."""

    async def record(self, record: CaseRecord) -> None:
        """Write a case, its tasks and its events; the same again changes nothing."""


class Registry(Protocol):
    """The contracts and agreements database."""

    async def register(self, registration: Registration) -> Sequence[Registered]:
        """Give numbers without gaps, in one transaction; once for each case.

        Raises:
            OverlappingAgreement: another agreement promises the same there.
        """

    async def change_state(self, change: StateChange) -> None:
        """Note a registered agreement's state."""


class PeriodBook(Protocol):
    """Where an agreement's periods are read, closed and kept."""

    async def close(self, registry_no: str, period: str, at: datetime) -> Closing | None:
        """Close a period as it stands; the same figures again are the same version. None where the agreement states no shares."""

    async def report(self, registry_no: str, period: str, at: datetime) -> Notice | None:
        """Who is told that the report of a period is ready."""

    async def look(self, registry_no: str, at: datetime) -> Looked:
        """What is irregular now, and which closed periods are no longer what their last version says."""


class FollowUps(Protocol):
    """Where follow-ups are opened, told things, and take effect."""

    async def open_follow_up(self, order: FollowUpOrder) -> None:
        """Write a follow-up down and start its process; one that is there already stays as it is."""

    async def tell(self, news: News) -> None:
        """Tell a follow-up something; one that has ended, or never was, hears nothing."""

    async def start_agreement(self, order: AgreementOrder) -> None:
        """Start the process of a registered agreement; one that runs already is left alone."""

    async def take_effect(self, case: FollowUp, at: datetime) -> None:
        """Make facts of what was decided: a ticket that counts nowhere, stretches that count; once, however often it is asked."""


class Amendments(Protocol):
    """Where changes of agreements become what people sign, and versions in the registry.

    When the case of a material change has ended, the change hears of it: news `registered` with its `version`, or `case_ended`
    with the `reason`.
    """

    async def open_amendment(self, change: Change, at: datetime) -> str:
        """Open the agreement case of a material change, filled with what is agreed now; the same change again gives the same case.

        Raises:
            NotFound: there is no such agreement that was signed here.
            Conflict: the agreement has ended, or is about to.
        """

    async def add_minor_version(self, registry_no: str, document: AgreementDocument, note: str, key: str, at: datetime) -> str:
        """Register a text as the next minor version, with its note; gives the version. The same key again gives the same.

        Raises:
            NotFound: there is no such agreement that was signed here.
            Conflict: the agreement has ended, or is about to.
        """


class Replans(Protocol):
    """Where open tickets are moved to another version of their agreement."""

    def move(self, order: PageOrder) -> AsyncIterator[PageMoved]:
        """Move tickets in small transactions, each told as it is done; what was moved before stays moved once."""

    async def finish(self, replan: str) -> None:
        """Note that the re-plan has come to its end."""


class Terminations(Protocol):
    """What orders to end agreements make of tickets, and what they leave to be settled."""

    async def mark_page(self, marking: Marking, after: str) -> str | None:
        """Mark some tickets, those after a subject; gives the last one, or None where there were no more."""

    async def still_stands(self, order: TerminationOrder) -> bool:
        """Is it the order that counts?"""

    async def wind_up(self, order: TerminationOrder) -> WindingUp:
        """What is left to be settled."""

    async def came_too_late(self, order: TerminationOrder) -> None:
        """The agreement ended with its term before the order took effect."""


class Surveys(Protocol):
    """Where it is kept who is asked for their opinion of the service."""

    async def due(self, registry_no: str, at: datetime) -> Sequence[Notice]:
        """Ask whom the day of `at` brings, in one transaction; gives the notices of all who are asked on that day.

        The same day again asks nobody a second time and gives the same notices. An agreement nobody knows asks nobody.
        """


class Retention(Protocol):
    """Where data about people goes once its period has passed."""

    async def run_batch(self, now: datetime) -> dict[str, int]:
        """Change or remove a batch of each kind of rows; gives how many. All zero: nothing is left to do."""


class DigestStarter(Protocol):
    """Starts the digest of old milestones."""

    async def ensure_letters(self, receiver: str, due_at: datetime) -> None:
        """See to it that what waits for a receiver until an instant is told then; a second call changes nothing."""

    async def ensure_digest(self, bucket: str) -> None:
        """See to it that the digest of a bucket will be sent; asking again changes nothing."""
