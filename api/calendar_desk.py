"""Versions of calendars: what one would change, and its publishing, which gives agreements a version and moves open tickets."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import ValidationError
from sqlalchemy import Row

from api.clock import BusinessClock
from api.replan_desk import Asked, ReplanDesk, agreement_of
from api.replanner import Replanner
from domain.audit import AuditEvent
from domain.calendar_changes import CalendarState, Outcome, is_changed_by, why_not, with_calendar
from domain.calendar_definitions import CalendarDefinition
from domain.documents import AgreementDocument
from domain.errors import BadInput, Conflict
from domain.findings import Finding
from domain.replan import Route
from domain.terms import Agreement
from domain.versions import next_minor, place_of
from store.agreements import AgreementStore
from store.alignments import Alignments
from store.audit import AuditTrail
from store.calendars import CalendarStore, Confirmation
from store.database import Database
from store.entries import Entry
from store.inbox_rows import InboxRows
from store.registry import AgreementRegistry
from store.replans import Counts, ReplanStore

IMPORTED_BY = "calendar"
"""Who imported a version of ready terms that came of a calendar."""


_NOTHING = Counts(0, 0, 0, None)


class Effect(NamedTuple):
    """What a version of a calendar means for an agreement: its next version and its open tickets, promises not carried any more.

    An agreement that does not use the calendar itself, and rests on one that does, gets no version and has no counts. One whose
    promises cannot be kept with it is `refused` and stays as it is; so what it rests on is not asked.
    """

    registry_no: str
    version: str
    next_version: str | None
    counts: Counts
    at_risk: Sequence[Finding]
    refused: str | None = None


class CalendarDesk:
    """Takes proposals and confirmations in, and carries them out."""

    def __init__(self, database: Database, now: BusinessClock, rate: float) -> None:
        """Work on a database, by the business's clock; tickets are moved at `rate`, in a second."""
        self._database = database
        self._now = now
        self._rate = rate
        self._calendars = CalendarStore(database)
        self._registry = AgreementRegistry(database)
        self._agreements = AgreementStore(database)
        self._alignments = Alignments(database)
        self._replans = ReplanDesk(database, now)
        self._counts = ReplanStore(database)
        self._replanner = Replanner(database, now)
        self._rows = InboxRows(database)
        self._audit = AuditTrail(database)

    async def propose(self, definition: CalendarDefinition, reason: str, by: str) -> Row[Any]:
        """Write a version down; nothing comes of it before it is confirmed.

        Raises:
            Conflict: SAME_CALENDAR, where it is published as it is.
        """
        return await self._calendars.propose(definition, reason, by, self._now())

    async def in_use(self) -> dict[str, CalendarDefinition]:
        """Every calendar that living agreements use or that was published, by name: the newest text of each."""
        found: dict[str, CalendarDefinition] = {}
        for entry in await self._registry.all_living():
            found |= {each.calendar: each for each in _calendars(entry)}
        async with self._database.reading() as connection:
            rows = await self._calendars.all(connection)
        published = {row.calendar: definition_of(row) for row in reversed(rows) if row.state == CalendarState.CONFIRMED.value}
        return found | published

    async def effect(self, definition: CalendarDefinition) -> list[Effect]:
        """What a version would change, counted now and written nowhere."""
        living = await self._registry.all_living()
        changed = {each.registry_no for each in living if is_changed_by(_calendars(each), definition)}
        found = []
        for entry in living:
            if not {entry.registry_no, *await self._alignments.names(entry)} & changed:
                continue
            try:
                found.append(await self._effect_on(entry, definition, gets_version=entry.registry_no in changed))
            except BadInput as refusal:
                found.append(Effect(entry.registry_no, entry.version, None, _NOTHING, (), str(refusal)))
        return found

    async def _effect_on(self, entry: Entry, definition: CalendarDefinition, *, gets_version: bool) -> Effect:
        now = self._now()
        counts = await self._foresee(entry, definition) if gets_version else _NOTHING
        known = {(each.code, each.target, each.message) for each in await self._alignments.lost(entry, now)}
        lost = [each for each in await self._alignments.lost(entry, now, definition) if (each.code, each.target, each.message) not in known]
        return Effect(entry.registry_no, entry.version, next_minor(entry.version) if gets_version else None, counts, lost)

    async def confirm(self, name: str, version: int, digest: str, by: str) -> Row[Any]:
        """Publish a version; what comes of it is carried out by the forwarder, as often as it takes.

        Raises:
            NotFound: there is no such version.
            Conflict: HASH_MISMATCH; SUPERSEDED, by a later version.
        """
        at = self._now()
        async with self._database.writing() as connection:
            row = await self._calendars.confirm(connection, Confirmation(name, version, digest, by, at))
            await self._rows.keep_calendar(connection, name, version, at)
            await self._audit.append(connection, [_audited(row)])
        return row

    async def carry_out(self, name: str, version: int) -> None:
        """Give each agreement that uses the calendar its next version, and start moving its open tickets; once, however often asked.

        Raises:
            Conflict: REPLAN_RUNNING, where tickets of one are being moved just now: it is to be asked again.
        """
        async with self._database.reading() as connection:
            row = await self._calendars.version(connection, name, version)
        definition = CalendarDefinition.model_validate(row.definition)
        outcomes = {number: Outcome.model_validate(each) for number, each in row.outcomes.items()}
        for entry in await self._registry.all_living():
            is_ours = entry.registered_at == row.confirmed_at
            if entry.registry_no in outcomes or not (is_ours or is_changed_by(_calendars(entry), definition)):
                continue
            outcomes[entry.registry_no] = await self._carry_out(row, entry, None if is_ours else definition)
            async with self._database.writing() as connection:
                await self._calendars.note(connection, name, version, outcomes)

        await self._have_looked(row, set(outcomes))

    async def _have_looked(self, row: Any, changed: set[str]) -> None:
        """Have the promises that use the calendar, or rest on what does, look whether they are still carried."""
        why = f"calendar {row.calendar} version {row.version}"
        found = [
            each.registry_no
            for each in await self._registry.all_living()
            if {each.registry_no, *await self._alignments.names(each)} & changed
        ]
        async with self._database.writing() as connection:
            for number in found:
                await self._rows.keep_look(connection, number, why, row.confirmed_at)

    async def _carry_out(self, row: Any, entry: Entry, definition: CalendarDefinition | None) -> Outcome:
        """One agreement; without a definition it has its version already."""
        try:
            if definition is not None:
                await self._add_version(row, entry, definition)
        except (BadInput, Conflict) as refusal:
            return Outcome(refused=str(refusal))
        except ValidationError as wrong:  # the document goes with it, and what it promises for tickets does not
            return Outcome(refused=why_not(wrong))
        newest = await self._registry.entry(entry.registry_no)
        assert newest is not None
        if newest.row.terms is None:
            return Outcome(version=newest.version)
        key = f"calendar:{row.calendar}:{row.version}:{len(newest.versions)}"
        asked = Asked(f"{place_of(newest.version)[0]}.*", newest.version, row.reason, self._rate, row.confirmed_by, key)
        dry = await self._replans.dry_run(newest, asked)
        async with self._database.reading() as connection:
            counted = await self._counts.counts(connection, dry)
        if not counted.moved:
            return Outcome(version=newest.version)
        replan = await self._replans.confirm(newest, asked._replace(key=f"confirm:{key}"), dry.replan)
        return Outcome(version=newest.version, replan=replan.replan)

    async def _add_version(self, row: Any, entry: Entry, definition: CalendarDefinition) -> None:
        at: datetime = row.confirmed_at
        begins = max(entry.effective_from, at.astimezone(ZoneInfo(entry.time_zone)).date())
        if entry.case_id is not None:
            document = with_calendar(AgreementDocument.model_validate(entry.document), definition, begins)
            key = f"calendar:{row.calendar}:{row.version}"[:200]
            await self._registry.add_minor_version(entry.registry_no, document, row.reason, key, at)
        else:
            terms = with_calendar(Agreement.model_validate(entry.document), definition, begins)
            await self._registry.import_terms(terms.model_copy(update={"version": next_minor(entry.version)}), IMPORTED_BY, at)

    async def _foresee(self, entry: Entry, definition: CalendarDefinition) -> Counts:
        if entry.row.terms is None:
            return _NOTHING
        async with self._database.reading() as connection:
            [terms] = await self._agreements.of(connection, [entry.row.terms])
        version = next_minor(entry.version)
        to = with_calendar(terms, definition, terms.effective_from).model_copy(update={"version": version})
        route = Route(agreement=agreement_of(entry), from_version=f"{place_of(version)[0]}.*", to_version=version)
        return await self._replanner.foresee(route, to)


def definition_of(row: Any) -> CalendarDefinition:
    """What a version says."""
    return CalendarDefinition.model_validate(row.definition)


def _calendars(entry: Entry) -> Sequence[CalendarDefinition]:
    """The calendars a text has."""
    return [CalendarDefinition.model_validate(each) for each in entry.document.get("calendars", ())]


def _audited(row: Any) -> AuditEvent:
    return AuditEvent(
        key=f"calendar:{row.calendar}:{row.version}:confirm",
        subject=f"calendar:{row.calendar}",
        action="confirm",
        from_state=CalendarState.PROPOSED.value,
        to_state=CalendarState.CONFIRMED.value,
        actor=row.confirmed_by,
        reason=row.reason,
        document_hash=row.digest,
        at=row.confirmed_at.astimezone(UTC),
    )
