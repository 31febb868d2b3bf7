"""Work packages of agreements with their owners now, and the handovers of owners who left."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.agreement_parts import Obligation
from domain.case_telling import record_of
from domain.catalogue import Catalogue
from domain.follow_ups.follow_up import FollowUp, FollowUpKind
from domain.follow_ups.handover import Handover, handover_of
from domain.follow_ups.kinds import has_ended
from domain.timer_policy import TimerPolicy
from domain.work_packages import OwnedPackage, PackageState, leavers, owned_packages
from store.cases import CaseStore
from store.database import Database
from store.entries import Entries, Entry
from store.follow_ups import FollowUpStore
from store.inbox_rows import InboxRows

_AT_ONCE = 500
"""So many agreements are asked for in one query, which holds a bounded number of names."""


class AgreedWork(NamedTuple):
    """The work packages of an agreement, and its handovers, earliest first."""

    entry: Entry
    packages: tuple[OwnedPackage, ...]
    handovers: tuple[Handover, ...]

    def orphaned(self, catalogue: Catalogue) -> tuple[OwnedPackage, ...]:
        """Those whose owner has left."""
        return tuple(each for each in self.packages if each.state(catalogue) is PackageState.ORPHANED)

    def handover(self, package: OwnedPackage) -> Handover | None:
        """The last handover of what the package's owner had."""
        mine = [each for each in self.handovers if each.about == package.owner and package.name in {one.name for one in each.packages}]
        return mine[-1] if mine else None


class WorkPackages:
    """Reads them; only agreements that were signed here have any."""

    def __init__(self, database: Database) -> None:
        """Work on a database."""
        self._database = database
        self._entries = Entries(database)
        self._follow_ups = FollowUpStore(database)

    async def of(self, entries: Sequence[Entry], connection: AsyncConnection | None = None) -> list[AgreedWork]:
        """Those of the versions given."""
        if connection is None:
            async with self._database.reading() as mine:
                return await self.of(entries, mine)
        numbers = [each.registry_no for each in entries]
        found: dict[str, list[FollowUp]] = {}
        for begin in range(0, len(numbers), _AT_ONCE):
            found |= await self._follow_ups.of_all(connection, numbers[begin : begin + _AT_ONCE], FollowUpKind.HANDOVER)
        return [_work(each, [one for one in found[each.registry_no] if isinstance(one, Handover)]) for each in entries]

    async def living(self, at: datetime, connection: AsyncConnection | None = None) -> list[AgreedWork]:
        """Those of every agreement that has not ended, in the versions in force at an instant; in the order of the numbers."""
        signed = [each.at(at) for each in await self._entries.all_living() if each.case_id is not None]
        return await self.of(signed, connection)


def _work(entry: Entry, handovers: Sequence[Handover]) -> AgreedWork:
    obligations = obligations_in(entry.document) if entry.case_id is not None else ()
    changes = [change for each in handovers for change in each.changes]
    return AgreedWork(entry, owned_packages(obligations, changes), tuple(handovers))


def obligations_in(document: Mapping[str, Any]) -> tuple[Obligation, ...]:
    """The obligations of a stored text alone: a list over all agreements would spend its time reading the rest."""
    return _OBLIGATIONS.validate_python(document.get("obligations", ()))


_OBLIGATIONS = TypeAdapter(tuple[Obligation, ...])


OPENED_BY_CATALOGUE = "catalogue"
"""The source of handovers, which a change of the catalogue opens."""


class Handovers:
    """Opens a handover for every owner who leaves and every agreement they had work under."""

    def __init__(self, database: Database, policy: TimerPolicy) -> None:
        """Work on a database; new handovers get this policy."""
        self._cases = CaseStore(database)
        self._rows = InboxRows(database)
        self._work = WorkPackages(database)
        self._policy = policy

    async def open(self, connection: AsyncConnection, before: Catalogue, after: Catalogue, at: datetime) -> None:
        """Open what a change of the catalogue asks for, in its transaction.

        Who left just now is handed over again, whatever was decided of them before; who left earlier only where nobody was ever
        asked, as under an agreement registered since.
        """
        left = leavers(before, after)
        if not left:
            return
        fields = {"calendar": after.calendar, "policy": self._policy}
        for work in await self._work.living(at, connection):
            agreement = work.entry.registry_no, work.entry.customer
            for owner, packages in _by_owner(work, after, left):
                record = record_of(handover_of(agreement, owner, packages, at, fields))
                await self._cases.open(connection, record, OPENED_BY_CATALOGUE, record.case_id)
                await self._rows.keep_start(connection, record.case_id, OPENED_BY_CATALOGUE, record.case_id, at)


def _by_owner(work: AgreedWork, catalogue: Catalogue, left: frozenset[str]) -> Iterator[tuple[str, list[OwnedPackage]]]:
    """Owners who left with what nobody is asked about yet."""
    found: dict[str, list[OwnedPackage]] = {}
    gone = [each for each in work.packages if each.owner in left or catalogue.has_left(each.owner)]
    for each in gone:
        known = work.handover(each)
        if known is None or (each.owner in left and has_ended(known)):
            found.setdefault(each.owner, []).append(each)
    yield from found.items()
