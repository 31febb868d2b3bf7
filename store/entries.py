"""Reading the registry: entries by number, version or instant, each knowing the versions beside it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, time
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, and_, false, or_, select

from domain.documents import AgreementDocument, document_of
from domain.errors import NotAmendable
from domain.lifecycle import AgreementState
from domain.registry_numbers import in_addresses, in_registry
from domain.terms import Agreement, AgreementKind
from domain.versions import (
    FIRST_VERSION,
    Validity,
    VersionTerm,
    cut_at,
    in_force_at,
    newest_in,
    next_major,
    place_of,
    stages_in,
    terms_of,
)
from store.case_tables import RegistryRow
from store.database import Database

entries = RegistryRow.__table__  # type: ignore[attr-defined]

PROMISES = (AgreementKind.CUSTOMER_SLA, AgreementKind.INTERNAL_SLA)

LIVING = ("REGISTERED", "ACTIVE", "TERMINATING")
"""States of an entry that promises something, now or soon."""


def brought_by(case_id: str) -> tuple[ColumnElement[bool], ...]:
    """The condition of entries that a case brought here, without the minor versions they had since."""
    return entries.c.case_id == case_id, entries.c.amended_by.is_(None)


class Entry:
    """A version of an agreement with all versions it has; the columns of its row are its attributes."""

    def __init__(self, row: Row[Any], versions: Sequence[Row[Any]]) -> None:
        """Take the version's row, and those of all."""
        self.row = row
        self.versions = versions

    def __getattr__(self, column: str) -> Any:
        """A column of the row."""
        return getattr(self.row, column)

    @cached_property
    def terms(self) -> tuple[VersionTerm, ...]:
        """When each version is in force, earliest first; up to an early end where one was ordered."""
        return cut_at(self.agreed_terms, self.row.terminates_at)

    @cached_property
    def agreed_terms(self) -> tuple[VersionTerm, ...]:
        """The same as it was agreed."""
        found = [Validity(each.version, each.effective_from, each.effective_until) for each in self.versions]
        return terms_of(found, ZoneInfo(self.row.time_zone))

    @property
    def text(self) -> AgreementDocument:
        """What the version says; of ready terms, what tickets need of it and nothing more."""
        if self.row.case_id is None:
            return document_of(Agreement.model_validate(self.row.document))
        return AgreementDocument.model_validate(self.row.document)

    @property
    def name_on_clocks(self) -> str:
        """What clocks call it: its number if it was signed here, else the name its ready terms came with."""
        return in_addresses(self.row.registry_no) if self.row.case_id is not None else str(self.row.name)

    @property
    def standing(self) -> str:
        """The state of the agreement, whichever version has it: what is in force comes before what waits for its day."""
        states = {row.state for row in self.versions}
        return next((state for state in ("TERMINATING", "ACTIVE", "REGISTERED") if state in states), str(self.row.state))

    @property
    def stages(self) -> tuple[VersionTerm, ...]:
        """The same between material changes: what is measured by one text."""
        return stages_in(self.terms)

    def within(self, stage: VersionTerm, before: datetime) -> "Entry":
        """The version whose text counts for a stretch of a stage that ends with an instant."""
        return self.of_version(newest_in(self.terms, stage, before))

    def of_version(self, version: str) -> "Entry":
        """Another version of the same agreement."""
        return Entry(next(each for each in self.versions if each.version == version), self.versions)

    def at(self, instant: datetime) -> "Entry":
        """The version in force at an instant; before the first day the first, after the end the last."""
        return self.of_version(in_force_at(self.terms, instant).version)


def entries_of(rows: Iterable[Row[Any]]) -> list[Entry]:
    """The newest version of each agreement among rows that hold all versions, in the order in which they come."""
    versions: dict[str, list[Row[Any]]] = {}
    for row in rows:
        versions.setdefault(row.registry_no, []).append(row)
    return [Entry(max(each, key=lambda row: place_of(row.version)), each) for each in versions.values()]


def next_version(before: Entry, document: AgreementDocument, signed_at: datetime) -> str:
    """The version that a materially changed document is.

    Raises:
        NotAmendable: as `refuse_unless_amendable` says, or this one's day has come already.
    """
    refuse_unless_amendable(before, document)
    assert document.effective_from is not None
    if datetime.combine(document.effective_from, time(), ZoneInfo(document.time_zone)) <= signed_at:
        raise NotAmendable(f"the next version of {before.registry_no} begins on {document.effective_from}, which is past")
    return next_major(before.version)


def refuse_unless_amendable(before: Entry, document: AgreementDocument) -> None:
    """Refuse a version that cannot follow the newest there is.

    Raises:
        NotAmendable: the agreement has ended, or the newest version waits for its day, or begins no earlier than this one.
    """
    assert document.effective_from is not None
    if before.state not in LIVING or before.state == AgreementState.TERMINATING.value:
        raise NotAmendable(f"{before.registry_no} is {before.state}; nothing of it can be changed")
    if before.state == AgreementState.REGISTERED.value and before.version != FIRST_VERSION:
        raise NotAmendable(f"{before.registry_no} {before.version} is registered and waits for its first day")
    if document.effective_from <= before.effective_from:
        raise NotAmendable(f"{before.registry_no} {before.version} begins on {before.effective_from}; another follows on a later day")


class Entries:
    """Looks entries up."""

    def __init__(self, database: Database) -> None:
        """Work on a database."""
        self._database = database

    async def entry(self, registry_no: str, version: str | None = None) -> Entry | None:
        """A version of an entry; the newest if none is named."""
        found = await self._newest(entries.c.registry_no == registry_no)
        if not found or (version is not None and version not in {each.version for each in found[0].versions}):
            return None
        return found[0] if version is None else found[0].of_version(version)

    async def of_case(self, case_id: str) -> Sequence[Row[Any]]:
        """What a case brought into the registry, in the order of the numbers."""
        query = select(entries).where(*brought_by(case_id)).order_by(entries.c.registry_no)
        async with self._database.reading() as connection:
            return (await connection.execute(query)).all()

    async def set_of(self, registry_no: str) -> list[Entry]:
        """The agreement, the one above it and all below that, each in its newest version: what is changed together."""
        whose = select(entries.c.customer).where(entries.c.registry_no == registry_no).limit(1).scalar_subquery()
        theirs = await self._newest(entries.c.case_id.is_not(None), entries.c.customer == whose)
        found = {each.registry_no: each for each in theirs}
        if registry_no not in found:
            return []
        top = found[registry_no]
        while top.parent in found:
            top = found[top.parent]
        return [each for each in found.values() if _is_below(each, top.registry_no, found)]

    async def signed_with(self, entry: Entry) -> list[Entry]:
        """The documents that were signed as one with a version, each as it was then, without those that came to its set later."""
        found = []
        for each in await self.set_of(entry.registry_no):
            then = [row for row in each.versions if row.registered_at <= entry.registered_at]
            if then:
                found.append(Entry(max(then, key=lambda row: place_of(row.version)), each.versions))
        return found

    async def living(self, kind: str) -> list[Entry]:
        """Agreements of a kind that were signed here and have not ended, in the order of their numbers."""
        found = await self._newest(entries.c.kind == kind, entries.c.imported_by.is_(None))
        return [each for each in found if each.state in LIVING]

    async def all_living(self) -> list[Entry]:
        """Every agreement that has not ended, imported ones too, in the order of their numbers."""
        return [each for each in await self._newest(entries.c.state.in_(LIVING)) if each.state in LIVING]

    async def outlines(self, wanted: Mapping[str, str]) -> list[Entry]:
        """Agreements by column, each in its newest version, in the order of their numbers; without their texts."""
        columns = [column for column in entries.c if column.name != "document"]
        query = select(*columns).where(*(entries.c[name] == value for name, value in wanted.items()))
        async with self._database.reading() as connection:
            return entries_of(await connection.execute(query.order_by(entries.c.registry_no)))

    async def numbered(self, registry_nos: Iterable[str]) -> list[Entry]:
        """Agreements by their numbers, in the order of these."""
        return await self._newest(entries.c.registry_no.in_(list(registry_nos)))

    async def numbers(self, names: Iterable[str]) -> dict[str, str]:
        """Registry numbers by the names that clocks call agreements by; of ready terms that nobody registered there is none."""
        wanted = sorted(set(names))
        mine = or_(entries.c.registry_no.in_([in_registry(name) for name in wanted]), entries.c.name.in_(wanted))
        return {each.name_on_clocks: str(each.registry_no) for each in await self._newest(mine) if each.name_on_clocks in wanted}

    async def resting_on(self, registry_no: str) -> list[Entry]:
        """The entries signed here that rest on a support, in the order of their numbers."""
        found = await self._newest(entries.c.kind.in_([kind.value for kind in PROMISES]), entries.c.imported_by.is_(None))
        return [each for each in found if registry_no in each.supports]

    async def search(
        self, wanted: Mapping[str, str], text: str | None, limit: int, after: str | None, *, kinds: Collection[str] = ()
    ) -> Sequence[Row[Any]]:
        """Entries by column, and by a word in title, name or parties; in the order of their numbers.

        `kinds` are those that the word may mean instead.

        `after` is the last number of the page before, or number@version where a number has several versions.
        """
        query = select(entries)
        for name, value in wanted.items():
            query = query.where(entries.c[name] == value)
        if text:
            like = f"%{text.replace('%', '').replace('_', '')}%"
            columns = (entries.c.title, entries.c.name, entries.c.customer, entries.c.provider, entries.c.registry_no, entries.c.service)
            query = query.where(or_(entries.c.kind.in_(kinds), *(column.ilike(like) for column in columns)))
        if after is not None:
            number, _, version = after.partition("@")
            later = and_(entries.c.registry_no == number, entries.c.version > version) if version else false()
            query = query.where(or_(entries.c.registry_no > number, later))
        async with self._database.reading() as connection:
            return (await connection.execute(query.order_by(entries.c.registry_no, entries.c.version).limit(limit))).all()

    async def titles(self, kinds: Sequence[str], wanted: Mapping[str, str], limit: int) -> Sequence[Row[Any]]:
        """Agreements of these kinds that have not ended, newest number first: number, title, customer and state, without their texts."""
        query = select(entries.c.registry_no, entries.c.title, entries.c.customer, entries.c.state)
        query = query.where(entries.c.kind.in_(list(kinds)), entries.c.state.in_(LIVING))
        for name, value in wanted.items():
            query = query.where(entries.c[name] == value)
        async with self._database.reading() as connection:
            return (await connection.execute(query.order_by(entries.c.registry_no.desc(), entries.c.version.desc()).limit(limit))).all()

    async def _newest(self, *wanted: ColumnElement[bool]) -> list[Entry]:
        async with self._database.reading() as connection:
            return entries_of(await connection.execute(select(entries).where(*wanted).order_by(entries.c.registry_no)))


def _is_below(entry: Entry, top: str, found: Mapping[str, Entry]) -> bool:
    while entry.registry_no != top:
        if entry.parent not in found:
            return False
        entry = found[entry.parent]
    return True
