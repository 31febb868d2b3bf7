"""The events of all audit trails as one list that can be read on from where one stopped."""

from collections.abc import Sequence

from sqlalchemy import bindparam, func, select, update

from domain.audit import AuditLine, AuditRecord, Sought
from store.audit import audit
from store.database import Database

_MOST_AT_ONCE = 10_000
"""Events that get their places in one transaction."""


class AuditStream:
    """Reads events in the order of their places, and gives places to those that have none.

    A place is given after its event was committed, by one giver at a time. A number drawn while events are written would be seen
    out of order where one transaction takes longer than the next, and whoever reads on would miss the slower one's events.
    """

    def __init__(self, database: Database) -> None:
        """Work on a database."""
        self._database = database

    async def after(self, place: int, limit: int) -> list[AuditLine]:
        """Events after a place, earliest first."""
        await self._give_places()
        query = select(audit.c.place, audit.c.link, audit.c.number, audit.c.event).where(audit.c.place > place)
        async with self._database.reading() as connection:
            rows = await connection.execute(query.order_by(audit.c.place).limit(limit))
            return [AuditLine.of(*row) for row in rows]

    async def newest(self, sought: Sought, limit: int, before: int | None = None) -> list[AuditRecord]:
        """Events that are looked for, newest first; those before a number of the trail that is named, else before a place."""
        await self._give_places()
        order = audit.c.place if sought.subject is None else audit.c.number
        query = select(audit.c.place, audit.c.link, audit.c.number, audit.c.event).order_by(order.desc()).limit(limit)
        query = query.where(*(audit.c[name] == value for name, value in sought._asdict().items() if value is not None))
        if before is not None:
            query = query.where(order < before)
        async with self._database.reading() as connection:
            return [AuditRecord.of(*row) for row in await connection.execute(query)]

    async def _give_places(self) -> None:
        while await self._have_none():
            async with self._database.writing() as connection:
                await self._database.hold(connection, "audit places")
                last = await connection.scalar(select(func.coalesce(func.max(audit.c.place), 0)))
                # By time, but never against the order of a trail, whose events may have been told late.
                by_trail = func.max(audit.c.at).over(partition_by=audit.c.subject, order_by=audit.c.number)
                new = select(audit.c.subject, audit.c.number, by_trail.label("at")).where(audit.c.place.is_(None)).subquery()
                order = (new.c.at, new.c.subject, new.c.number)
                first = select(new.c.subject, new.c.number).order_by(*order).limit(_MOST_AT_ONCE)
                rows: Sequence[tuple[str, int]] = [(subject, number) for subject, number in await connection.execute(first)]
                values = [{"of": subject, "nth": number, "given": place} for place, (subject, number) in enumerate(rows, start=last + 1)]
                if values:
                    mine = (audit.c.subject == bindparam("of"), audit.c.number == bindparam("nth"))
                    await connection.execute(update(audit).where(*mine).values(place=bindparam("given")), values)

    async def _have_none(self) -> bool:
        async with self._database.reading() as connection:
            return await connection.scalar(select(audit.c.number).where(audit.c.place.is_(None)).limit(1)) is not None
