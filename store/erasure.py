"""Erasing a person: what no duty keeps goes, one kind of data after the other, and the audit trail says so."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.audit import AuditEvent
from domain.errors import BadInput, Conflict
from domain.personal_data import Fate, Identity, PersonReport
from domain.retention import DataKind, RetentionPolicy
from store.audit import AuditTrail
from store.case_tables import AuditRow, HumanTaskRow
from store.database import Database
from store.directory import Directory
from store.personal_data import Person, PersonalData, Seen, takes_whole
from store.personal_places import KIND_OF, ORDER, searched

tasks, audit = HumanTaskRow.__table__, AuditRow.__table__  # type: ignore[attr-defined]


class ErasureOrder(NamedTuple):
    """Who is to be erased, why, who says so and when; `also` are other texts that name the person."""

    who: str
    reason: str
    by: str
    at: datetime
    also: tuple[str, ...] = ()


class Erasure:
    """Erases people; a second time finds nothing left to do."""

    def __init__(self, database: Database, policy: RetentionPolicy) -> None:
        """Work on a database, by the periods of an installation."""
        self._database = database
        self._data = PersonalData(database, policy)
        self._audit = AuditTrail(database)
        self._directory = Directory(database)

    async def erase(self, order: ErasureOrder) -> PersonReport:
        """Erase what no duty keeps, in one transaction for each kind; gives what is left, and why.

        Raises:
            Conflict: PERSON_ACTIVE while the person takes part, TASKS_OPEN while somebody waits for them.
            BadInput: the reason names the person, or `PersonalData.report` says so.
        """
        today = order.at.date()
        async with self._database.reading() as connection:
            person = await self._data.person(connection, order.who, order.also)
            await _refuse(connection, person, order)
            keeps_name = self._data.name_kept(await self._data.seen(connection, person.identity, today), today) is not None
        for kind in ORDER:
            async with self._database.writing() as connection:
                if kind is DataKind.ADDRESS:
                    changed = await self._forget(connection, person.identity, keeps_name=keeps_name)
                else:
                    changed = await self._erase(connection, person.identity, kind, order)
                if changed:
                    await self._audit.append(connection, [_event(person.identity, kind, changed, order)])
        # By their key: their address leads to them no longer.
        left = person.identity.key if person.identity.is_known else order.who
        return await self._data.report(left, today, order.also)

    async def _forget(self, connection: AsyncConnection, identity: Identity, *, keeps_name: bool) -> int:
        await self._database.hold(connection, "catalogue")
        return await self._directory.forget(connection, identity, keeps_name=keeps_name)

    async def _erase(self, connection: AsyncConnection, identity: Identity, kind: DataKind, order: ErasureOrder) -> int:
        seen = await self._data.seen(connection, identity, order.at.date(), [kind], locks=True)
        going = [each for each in seen if each.fate is Fate.ERASE]
        for each in going:
            if each.table is audit:
                await self._audit.redact(connection, each.row, identity.without(each.row.event), (order.by, order.at))
            else:
                await connection.execute(_statement(each, identity))
        return len(going)


async def _refuse(connection: AsyncConnection, person: Person, order: ErasureOrder) -> None:
    key = person.identity.key
    if person.is_active:
        raise Conflict("PERSON_ACTIVE", f"{key} takes part: load the catalogue with active: false for {key} first")
    waiting = select(tasks.c.case_id).where(tasks.c.person == key, tasks.c.state == "OPEN").limit(1)
    if (case_id := await connection.scalar(waiting)) is not None:
        raise Conflict("TASKS_OPEN", f"{case_id} waits for {key}: have somebody else decide first")
    if person.identity.is_named_in(order.reason):
        raise BadInput("reason: leave names out of it, it is kept")


def _statement(seen: Seen, identity: Identity) -> Any:
    """What takes a person out of a row: remove it, or replace what names them."""
    table, row = seen.table, seen.row
    same = [column == getattr(row, column.name) for column in table.primary_key]
    whole = takes_whole(table, row, identity)
    if KIND_OF[table.name] is DataKind.SIGN_IN or table.name == "scan" or (whole and table.name != "survey"):
        return delete(table).where(*same)
    values = _without(seen, identity)
    if whole:
        values["comment"] = None
    return update(table).where(*same).values(**values)


def _without(seen: Seen, identity: Identity) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for column in (each for each in searched(seen.table) if not each.primary_key):
        before = getattr(seen.row, column.name)
        after = identity.without(before)
        if after != before:
            length = getattr(column.type, "length", None)
            values[column.name] = after[:length] if isinstance(after, str) else after
    return values


def _event(identity: Identity, kind: DataKind, changed: int, order: ErasureOrder) -> AuditEvent:
    name = identity.key if identity.is_known else identity.instead
    return AuditEvent(
        key=f"person:{name}:erase:{kind.value}:{order.at.isoformat()}",
        subject=f"person:{name}",
        action="erase",
        from_state=kind.value,
        to_state="ERASED",
        actor=order.by,
        reason=f"{changed} row(s): {order.reason}",
        at=order.at,
    )
