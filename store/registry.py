"""The contracts and agreements database: append-only, numbered without gaps, what monitoring rests on."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.case_messages import Registered, Registration, StateChange
from domain.documents import AgreementDocument, AgreementLevel, content_of, hash_of
from domain.errors import NotAmendable, NotFound, OverlappingAgreement
from domain.in_force import watched_of
from domain.lifecycle import AgreementState
from domain.overlaps import Promised, groups_of, overlap, promised_in, promised_in_terms
from domain.terms import Agreement, AgreementKind
from domain.versions import FIRST_VERSION, next_minor
from store.agreements import AgreementStore
from store.audit import AuditTrail
from store.case_tables import RegistryNumberRow, RegistryRow
from store.database import Database
from store.entries import LIVING, PROMISES, Entries, Entry, brought_by, entries, entries_of, next_version, refuse_unless_amendable
from store.inbox_rows import InboxRows

SERIES = {AgreementKind.CUSTOMER_SLA: "SLA", AgreementKind.INTERNAL_SLA: "SLA", AgreementKind.OLA: "OLA", AgreementKind.UC: "UC"}
"""The series of registry numbers (`SLA/2026/0001`)."""


class AgreementRegistry(Entries):
    """Carries out `domain.ports.Registry`. No method changes a registered text."""

    def __init__(self, database: Database) -> None:
        """Work on a database."""
        super().__init__(database)
        self._agreements = AgreementStore(database)
        self._audit = AuditTrail(database)
        self._rows = InboxRows(database)

    async def register(self, registration: Registration) -> list[Registered]:
        """Numbers for a signed set, in one transaction; a case that has them gets the same again.

        Raises:
            OverlappingAgreement: another agreement promises the same there.
        """
        documents = [AgreementDocument.model_validate(each) for each in registration.documents]
        async with self._database.writing() as connection:
            await self._database.hold(connection, f"register:{registration.case_id}")
            found = (await connection.execute(select(entries).where(*brought_by(registration.case_id)))).all()
            if found:
                return [_registered(row, registration) for row in sorted(found, key=lambda row: str(row.registry_no))]
            promises = [promised for each in documents if (promised := promised_in(each)) is not None]
            await self._one_at_a_time(connection, promises)
            year = registration.signed_at.astimezone(ZoneInfo(documents[0].time_zone)).year
            amends = registration.amends
            numbers = dict(amends) | {
                each.document: await self._number(connection, SERIES[each.kind], year) for each in documents if each.document not in amends
            }
            before = await self._amended(connection, amends)
            if all(each.document in before and before[each.document].digest == hash_of(each) for each in documents):
                raise NotAmendable(f"nothing of {', '.join(sorted(amends.values()))} is changed")
            for document in documents:
                known = before.get(document.document)
                if known is not None and known.digest == hash_of(document):
                    continue  # the set was signed as a whole; what did not change keeps its version
                version = next_version(known, document, registration.signed_at) if known is not None else FIRST_VERSION
                if (promised := promised_in(document)) is not None:
                    await self._refuse_overlap(connection, promised, but=numbers[document.document])
                await self._add(connection, document, numbers, registration, version)
            rows = await connection.execute(select(entries).where(*brought_by(registration.case_id)).order_by(entries.c.registry_no))
            return [_registered(row, registration) for row in rows]

    async def add_minor_version(self, registry_no: str, document: AgreementDocument, note: str, key: str, at: datetime) -> Registered:
        """Register a version that changes nothing material; the same key again is the same version.

        Its first day is the document's, or today where that has come already.

        Raises:
            NotFound: there is no such agreement that was signed here.
            NotAmendable: it has ended, or another version waits for its day or began today.
        """
        async with self._database.writing() as connection:
            await self._database.hold(connection, f"amend:{registry_no}")
            rows = (await connection.execute(select(entries).where(entries.c.registry_no == registry_no))).all()
            if not rows or rows[0].case_id is None:
                raise NotFound(f"there is no agreement {registry_no} that was signed here")
            if known := [row for row in rows if row.amended_by == key]:
                return _registered(known[0])
            before = entries_of(rows)[0]
            today = at.astimezone(ZoneInfo(document.time_zone)).date()
            assert document.effective_from is not None
            document = document.model_copy(update={"effective_from": max(document.effective_from, today)})
            refuse_unless_amendable(before, document)
            values = {name: getattr(before, name) for name in entries.c.keys()} | {  # noqa: SIM118  (columns are not a mapping)
                **_values(document),
                "version": next_minor(before.version),
                "state": AgreementState.REGISTERED.value,
                "set_hash": hash_of(document),
                "amended_by": key,
                "note": note,
                "registered_at": at.astimezone(UTC),
            }
            await self._put(connection, document, values)
            query = select(entries).where(entries.c.registry_no == registry_no, entries.c.version == values["version"])
            made = _registered((await connection.execute(query)).one())
            await self._rows.keep_version(connection, made, at)
            return made

    async def import_terms(self, agreement: Agreement, by: str, at: datetime) -> bool:
        """Register ready terms, marked as imported; False if exactly this content is there already.

        Raises:
            BadInput: the version exists with other content.
            OverlappingAgreement: another agreement promises the same there.
        """
        async with self._database.writing() as connection:
            await self._database.hold(connection, f"import:{agreement.agreement}")
            if not await self._agreements.add_within(connection, agreement, at):
                return False
            promised = promised_in_terms(agreement)
            await self._one_at_a_time(connection, [promised] if promised is not None else [])
            same = select(entries.c.registry_no).where(entries.c.name == agreement.agreement, entries.c.imported_by.is_not(None)).limit(1)
            number, is_first = await connection.scalar(same), False
            if number is None:
                number, is_first = await self._number(connection, SERIES[agreement.kind], at.year), True
            if promised is not None:
                await self._refuse_overlap(connection, promised, but=number)
            state = "REGISTERED" if is_first or not agreement.in_force(at) else "ACTIVE"
            values = _imported(agreement) | {"registry_no": number, "state": state, "imported_by": by, "registered_at": at}
            await connection.execute(self._database.insert(RegistryRow), values)
            if is_first:
                entry = (await connection.execute(select(entries).where(entries.c.registry_no == number))).one()
                await self._rows.keep_agreement(connection, _registered(entry), at)
            return True

    async def change_state(self, change: StateChange) -> None:
        """Note a registered agreement's state, with its event.

        It is the state of the versions whose day has come, and comes after the one the event names: an attempt that is
        late changes nothing. What was terminated ends with all its versions.
        """
        versions = select(entries.c.version, entries.c.effective_from, entries.c.effective_until, entries.c.time_zone)
        left = LIVING if change.event.to_state == AgreementState.TERMINATED.value else (change.event.from_state,)
        mine = [entries.c.registry_no == change.registry_no, entries.c.state.in_(left)]
        if change.version is not None:
            mine.append(entries.c.version == change.version)
        async with self._database.writing() as connection:
            found = await connection.execute(versions.where(*mine))
            due = [row.version for row in found if _is_due(row, change)]
            await connection.execute(update(entries).where(*mine, entries.c.version.in_(due)).values(state=change.event.to_state))
            await self._audit.append(connection, [change.event])

    # ---- inside the transaction -------------------------------------------------------------------------------------

    async def _one_at_a_time(self, connection: AsyncConnection, promises: Sequence[Promised]) -> None:
        """Who promises something to a customer waits for whoever is just doing so, to see it; before any number is taken."""
        await self._database.hold(connection, *sorted({f"promises:{each.customer}" for each in promises}))

    async def _number(self, connection: AsyncConnection, series: str, year: int) -> str:
        """The next number; the row stays locked until the transaction ends, so a number is given or was never taken."""
        insert = self._database.insert(RegistryNumberRow).values(series=series, year=year, last=1)
        last = RegistryNumberRow.__table__.c.last  # type: ignore[attr-defined]
        statement = insert.on_conflict_do_update(index_elements=["series", "year"], set_={"last": last + 1}).returning(last)
        return f"{series}/{year}/{await connection.scalar(statement):04}"

    async def _refuse_overlap(self, connection: AsyncConnection, mine: Promised, but: str | None = None) -> None:
        """At most one service-level agreement for a customer group, service and region at any instant; `but` is its own number."""
        same = entries.c.customer == mine.customer, entries.c.service == mine.service
        living = entries.c.kind.in_([kind.value for kind in PROMISES]), entries.c.state.in_(LIVING), entries.c.registry_no != (but or "")
        for row in await connection.execute(select(entries).where(*same, *living)):
            until = _ends_on(row)
            theirs = Promised(row.customer, row.service, frozenset(row.regions), groups_of(row.document), row.effective_from, until)
            if overlap(mine, theirs):
                raise OverlappingAgreement(f"{row.registry_no} promises {mine.service} to {mine.customer} there already")

    async def _amended(self, connection: AsyncConnection, amends: Mapping[str, str]) -> dict[str, Entry]:
        """The agreements that documents are to be other versions of, each in its newest version, by document."""
        rows = await connection.execute(select(entries).where(entries.c.registry_no.in_(list(amends.values()))))
        found = {each.registry_no: each for each in entries_of(rows)}
        return {document: found[number] for document, number in amends.items()}

    async def _add(
        self, connection: AsyncConnection, document: AgreementDocument, numbers: Mapping[str, str], registration: Registration, version: str
    ) -> None:
        number = numbers[document.document]
        values = {
            **_values(document),
            "registry_no": number,
            "version": version,
            "parent": numbers.get(document.parent) if document.parent is not None else None,
            "supports": sorted({registration.supports.get(link.support, link.support) for link in document.links}),
            "state": AgreementState.REGISTERED.value,
            "set_hash": registration.document_hash,
            "case_id": registration.case_id,
            "registered_at": registration.signed_at.astimezone(UTC),
        }
        await self._put(connection, document, values)

    async def _put(self, connection: AsyncConnection, document: AgreementDocument, values: dict[str, Any]) -> None:
        """Write a version, and the terms tickets run under."""
        terms = None
        if document.targets:
            terms = document.terms_for_tickets(values["registry_no"], values["version"], values["supports"])
            await self._agreements.add_within(connection, terms, values["registered_at"])
        await connection.execute(self._database.insert(RegistryRow), values | {"terms": terms.digest if terms is not None else None})


def _values(document: AgreementDocument) -> dict[str, Any]:
    """The columns that a document fills."""
    assert document.effective_from is not None
    return {
        "kind": document.kind.value,
        "level": document.level.value,
        "name": document.document,
        "title": document.title,
        "provider": document.provider.name,
        "customer": document.customer.name,
        "service": document.services[0] if document.services else None,
        "regions": list(document.regions),
        "effective_from": document.effective_from,
        "effective_until": document.effective_until,
        "time_zone": document.time_zone,
        "digest": hash_of(document),
        "document": content_of(document),
    }


def _ends_on(row: Row[Any]) -> date | None:
    """The first day on which nothing is promised any more: as agreed, or after an early end."""
    until: date | None = row.effective_until
    if row.terminates_at is None:
        return until
    terminates_at: datetime = row.terminates_at
    after = (terminates_at.astimezone(ZoneInfo(row.time_zone)) + timedelta(days=1) - timedelta(microseconds=1)).date()
    return min(after, until or after)


def _is_due(row: Row[Any], change: StateChange) -> bool:
    """Has the day come on which this version begins, or ends?"""
    on = change.event.at.astimezone(ZoneInfo(row.time_zone)).date()
    if change.event.to_state == AgreementState.ACTIVE.value:
        return bool(row.effective_from <= on)
    return change.event.to_state != AgreementState.EXPIRED.value or (row.effective_until is not None and row.effective_until <= on)


def _registered(row: Row[Any], registration: Registration | None = None) -> Registered:
    """An entry as its process is told of it; it is watched if it promises shares, which ready terms do not."""
    watched = None
    if registration is not None and registration.calendar is not None:
        document = AgreementDocument.model_validate(row.document)
        watched = watched_of(document, registration.calendar, registration.policy)
    return Registered(
        watched=watched,
        registry_no=row.registry_no,
        version=row.version,
        customer=row.customer,
        effective_from=row.effective_from,
        effective_until=row.effective_until,
        time_zone=row.time_zone,
    )


def _imported(agreement: Agreement) -> dict[str, Any]:
    """Ready terms as an entry, but for what the registry gives."""
    return {
        "version": agreement.version,
        "kind": agreement.kind.value,
        "level": AgreementLevel.SERVICE.value,
        "name": agreement.agreement,
        "title": agreement.title or agreement.agreement,
        "provider": agreement.provider,
        "customer": agreement.customer,
        "service": agreement.service,
        "regions": list(agreement.regions),
        "supports": list(agreement.supported_by),
        "effective_from": agreement.effective_from,
        "effective_until": agreement.effective_until,
        "time_zone": agreement.time_zone,
        "digest": agreement.digest,
        "set_hash": agreement.digest,
        "document": agreement.model_dump(mode="json"),
        "terms": agreement.digest,
    }
