"""The contracts and agreements database: append-only, numbered without gaps, what monitoring rests on."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, and_, false, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.case_messages import Registered, Registration, StateChange
from domain.documents import AgreementDocument, AgreementLevel, content_of, hash_of
from domain.errors import OverlappingAgreement
from domain.in_force import watched_of
from domain.lifecycle import AgreementState
from domain.overlaps import Promised, groups_of, overlap, promised_in, promised_in_terms
from domain.terms import Agreement, AgreementKind
from store.agreements import AgreementStore
from store.audit import AuditTrail
from store.case_tables import RegistryNumberRow, RegistryRow
from store.database import Database
from store.inbox_rows import InboxRows

entries = RegistryRow.__table__  # type: ignore[attr-defined]

SERIES = {AgreementKind.CUSTOMER_SLA: "SLA", AgreementKind.INTERNAL_SLA: "SLA", AgreementKind.OLA: "OLA", AgreementKind.UC: "UC"}
"""The series of registry numbers (`SLA/2026/0001`)."""

PROMISES = (AgreementKind.CUSTOMER_SLA, AgreementKind.INTERNAL_SLA)

FIRST_VERSION = "1.0"

LIVING = ("REGISTERED", "ACTIVE", "TERMINATING")
"""States of an entry that promises something, now or soon."""


class AgreementRegistry:
    """Carries out `domain.ports.Registry`. No method changes a registered text."""

    def __init__(self, database: Database) -> None:
        """Work on a database."""
        self._database = database
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
            found = (await connection.execute(select(entries).where(entries.c.case_id == registration.case_id))).all()
            if found:
                return [_registered(row, registration) for row in sorted(found, key=lambda row: str(row.registry_no))]
            promises = [promised for each in documents if (promised := promised_in(each)) is not None]
            await self._one_at_a_time(connection, promises)
            year = registration.signed_at.astimezone(ZoneInfo(documents[0].time_zone)).year
            numbers = {each.document: await self._number(connection, SERIES[each.kind], year) for each in documents}
            for document in documents:
                if (promised := promised_in(document)) is not None:
                    await self._refuse_overlap(connection, promised)
                await self._add(connection, document, numbers, registration)
            rows = await connection.execute(
                select(entries).where(entries.c.case_id == registration.case_id).order_by(entries.c.registry_no)
            )
            return [_registered(row, registration) for row in rows]

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
        late changes nothing.
        """
        versions = select(entries.c.version, entries.c.effective_from, entries.c.effective_until, entries.c.time_zone)
        mine = entries.c.registry_no == change.registry_no, entries.c.state == change.event.from_state
        async with self._database.writing() as connection:
            found = await connection.execute(versions.where(*mine))
            due = [row.version for row in found if _is_due(row, change)]
            await connection.execute(update(entries).where(*mine, entries.c.version.in_(due)).values(state=change.event.to_state))
            await self._audit.append(connection, [change.event])

    # ---- what is asked ----------------------------------------------------------------------------------------------

    async def entry(self, registry_no: str, version: str | None = None) -> Row[Any] | None:
        """A version of an entry; the newest if none is named."""
        query = select(entries).where(entries.c.registry_no == registry_no)
        if version is not None:
            query = query.where(entries.c.version == version)
        async with self._database.reading() as connection:
            rows = (await connection.execute(query)).all()
        return max(rows, key=lambda row: tuple(map(int, row.version.split("."))), default=None)

    async def of_case(self, case_id: str) -> Sequence[Row[Any]]:
        """What a case brought into the registry, in the order of the numbers."""
        query = select(entries).where(entries.c.case_id == case_id).order_by(entries.c.registry_no)
        async with self._database.reading() as connection:
            return (await connection.execute(query)).all()

    async def living(self, kind: str) -> Sequence[Row[Any]]:
        """Entries of a kind that were signed here and have not ended, older versions first."""
        query = select(entries).where(entries.c.kind == kind, entries.c.state.in_(LIVING), entries.c.imported_by.is_(None))
        async with self._database.reading() as connection:
            return (await connection.execute(query.order_by(entries.c.registry_no, entries.c.registered_at))).all()

    async def resting_on(self, registry_no: str) -> Sequence[Row[Any]]:
        """The entries signed here that rest on a support, in the order of their numbers."""
        query = select(entries).where(entries.c.kind.in_([kind.value for kind in PROMISES]), entries.c.imported_by.is_(None))
        async with self._database.reading() as connection:
            rows = (await connection.execute(query.order_by(entries.c.registry_no))).all()
        return [row for row in rows if registry_no in row.supports]

    async def search(self, wanted: Mapping[str, str], text: str | None, limit: int, after: str | None) -> Sequence[Row[Any]]:
        """Entries by column, and by a word in title, name or parties; in the order of their numbers.

        `after` is the last number of the page before, or number@version where a number has several versions.
        """
        query = select(entries)
        for name, value in wanted.items():
            query = query.where(entries.c[name] == value)
        if text:
            like = f"%{text.replace('%', '').replace('_', '')}%"
            columns = (entries.c.title, entries.c.name, entries.c.customer, entries.c.provider, entries.c.registry_no, entries.c.service)
            query = query.where(or_(*(column.ilike(like) for column in columns)))
        if after is not None:
            number, _, version = after.partition("@")
            later = and_(entries.c.registry_no == number, entries.c.version > version) if version else false()
            query = query.where(or_(entries.c.registry_no > number, later))
        async with self._database.reading() as connection:
            return (await connection.execute(query.order_by(entries.c.registry_no, entries.c.version).limit(limit))).all()

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
            theirs = Promised(
                row.customer, row.service, frozenset(row.regions), groups_of(row.document), row.effective_from, row.effective_until
            )
            if overlap(mine, theirs):
                raise OverlappingAgreement(f"{row.registry_no} promises {mine.service} to {mine.customer} there already")

    async def _add(
        self, connection: AsyncConnection, document: AgreementDocument, numbers: Mapping[str, str], registration: Registration
    ) -> None:
        assert document.effective_from is not None
        number = numbers[document.document]
        terms = document.terms_for_tickets(number, FIRST_VERSION, registration.supports) if document.targets else None
        if terms is not None:
            await self._agreements.add_within(connection, terms, registration.signed_at)
        values = {
            "registry_no": number,
            "version": FIRST_VERSION,
            "kind": document.kind.value,
            "level": document.level.value,
            "name": document.document,
            "title": document.title,
            "provider": document.provider.name,
            "customer": document.customer.name,
            "service": document.services[0] if document.services else None,
            "regions": list(document.regions),
            "parent": numbers.get(document.parent) if document.parent is not None else None,
            "supports": sorted({registration.supports.get(link.support, link.support) for link in document.links}),
            "effective_from": document.effective_from,
            "effective_until": document.effective_until,
            "time_zone": document.time_zone,
            "state": "REGISTERED",
            "digest": hash_of(document),
            "set_hash": registration.document_hash,
            "document": content_of(document),
            "terms": terms.digest if terms is not None else None,
            "case_id": registration.case_id,
            "registered_at": registration.signed_at.astimezone(UTC),
        }
        await connection.execute(self._database.insert(RegistryRow), values)


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
