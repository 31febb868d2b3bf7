"""The audit trail: events appended to their chains, in the transaction of what they tell of."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.audit import (
    FIRST_LINK,
    REDACTIONS,
    AuditEvent,
    ChainedEvent,
    Redaction,
    broken_at,
    link_of,
    redaction_of,
    redactions_in,
)
from domain.canonical import digest_of
from store.case_tables import AuditRow
from store.database import Database

audit = AuditRow.__table__  # type: ignore[attr-defined]


class AuditTrail:
    """Appends and proves. No event is changed or removed; one may lose the names in it, and the trail then says so."""

    def __init__(self, database: Database) -> None:
        """Work on a database."""
        self._database = database

    async def append(self, connection: AsyncConnection, events: Sequence[AuditEvent]) -> None:
        """Chain events to those of their subject, one writer of a subject at a time; one that is there is not written twice."""
        await self._database.hold(connection, *(f"audit:{subject}" for subject in sorted({event.subject for event in events})))
        known = set(await connection.scalars(select(audit.c.key).where(audit.c.key.in_([event.key for event in events]))))
        new = list({event.key: event for event in events if event.key not in known}.values())
        ends, rows = await self._ends(connection, sorted({event.subject for event in new})), []
        for event in new:
            number, previous = ends.get(event.subject, (0, FIRST_LINK))
            content = event.model_dump(mode="json")
            ends[event.subject] = number + 1, link_of(previous, number + 1, content)
            row = {"subject": event.subject, "number": number + 1, "key": event.key, "event": content, "at": event.at}
            rows.append(row | {"link": ends[event.subject][1], "actor": event.actor, "action": event.action})
        if rows:
            await connection.execute(self._database.insert(AuditRow), rows)

    async def _ends(self, connection: AsyncConnection, subjects: Sequence[str]) -> dict[str, tuple[int, str]]:
        """Number and link of the last event of each subject that has one."""
        last = select(audit.c.subject, func.max(audit.c.number)).where(audit.c.subject.in_(list(subjects))).group_by(audit.c.subject)
        query = select(audit.c.subject, audit.c.number, audit.c.link).where(tuple_(audit.c.subject, audit.c.number).in_(last))
        return {subject: (number, link) for subject, number, link in await connection.execute(query)}

    async def of(self, subject: str, after: int = 0, limit: int | None = None) -> Sequence[Row[Any]]:
        """The events of a subject, earliest first; all of them without a limit."""
        query = select(audit).where(audit.c.subject == subject, audit.c.number > after).order_by(audit.c.number).limit(limit)
        async with self._database.reading() as connection:
            return (await connection.execute(query)).all()

    async def subjects(self) -> list[str]:
        """Everything that has a trail."""
        async with self._database.reading() as connection:
            return list(await connection.scalars(select(audit.c.subject).distinct().order_by(audit.c.subject)))

    async def redact(self, connection: AsyncConnection, row: Row[Any], left: Mapping[str, Any], by: tuple[str, datetime]) -> None:
        """Leave of an event what has no names; a trail of its own says so, by whom and when, and the chain holds as it was."""
        same = audit.c.subject == row.subject, audit.c.number == row.number
        await connection.execute(update(audit).where(*same).values(event=dict(left), actor=left["actor"], action=left["action"]))
        redaction = Redaction(row.number, row.link, digest_of(left))
        await self.append(connection, [redaction_of(row.subject, redaction, *by)])

    async def redacted(self) -> int:
        """How many events lost names, those that lost some twice counted twice."""
        async with self._database.reading() as connection:
            return await connection.scalar(select(func.count()).where(audit.c.subject == REDACTIONS)) or 0

    async def broken_at(self, subject: str) -> int | None:
        """The number of the first event of a trail that does not fit; None if it is whole, or what lost names is all that does not."""
        query = select(audit.c.number, audit.c.event, audit.c.link).where(audit.c.subject == subject).order_by(audit.c.number)
        async with self._database.reading() as connection:
            chain = [ChainedEvent(*row) for row in await connection.execute(query)]
            broken = broken_at(chain)
            return broken if broken is None else broken_at(chain, await _redactions(connection, subject))


async def _redactions(connection: AsyncConnection, subject: str) -> set[Redaction]:
    begin = redactions_in(subject)
    query = select(audit.c.key, audit.c.event).where(audit.c.subject == REDACTIONS, audit.c.key.startswith(begin, autoescape=True))
    found = await connection.execute(query)
    numbered = ((key.removeprefix(begin).partition(":")[0], event) for key, event in found)
    return {Redaction(int(number), event["reason"], event["document_hash"]) for number, event in numbered if number.isdigit()}
