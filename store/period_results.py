"""Closed periods: each version of a result is kept; the same figures again are the same version."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, func, select

from domain.canonical import digest_of
from domain.results import Colour
from store.database import Database
from store.period_tables import PeriodResultRow

closed = PeriodResultRow.__table__  # type: ignore[attr-defined]

_LOOKED_AT = 500
"""As many months that were closed are looked at, the newest first; a page waits for it."""
_URGENT = (Colour.RED, Colour.AMBER)


class Closing(NamedTuple):
    """A period's figures as somebody closes it."""

    registry_no: str
    period: str
    content: Mapping[str, Any]
    by: str
    at: datetime


class ClosedPeriods:
    """Keeps versions; none is ever changed."""

    def __init__(self, database: Database) -> None:
        """Work on a database."""
        self._database = database

    async def close(self, closing: Closing) -> Row[Any]:
        """Keep the figures as the period's next version, unless they are those of its last one; gives the version that counts."""
        digest = digest_of(closing.content)
        async with self._database.writing() as connection:
            await self._database.hold(connection, f"period:{closing.registry_no}:{closing.period}")
            query = select(closed).where(closed.c.registry_no == closing.registry_no, closed.c.period == closing.period)
            versions = (await connection.execute(query.order_by(closed.c.version))).all()
            if versions and versions[-1].digest == digest:
                return versions[-1]
            values = {
                "registry_no": closing.registry_no,
                "period": closing.period,
                "version": len(versions) + 1,
                "digest": digest,
                "content": dict(closing.content),
                "closed_by": closing.by,
                "closed_at": closing.at,
            }
            await connection.execute(self._database.insert(PeriodResultRow), values)
            return (await connection.execute(query.order_by(closed.c.version))).all()[-1]

    async def last(self, registry_no: str, periods: Sequence[str], known_at: datetime | None = None) -> dict[str, Row[Any]]:
        """The last version of each of these periods that was closed, or was by an instant; one query, of no ticket."""
        mine = closed.c.registry_no == registry_no, closed.c.period.in_(list(periods))
        known = [] if known_at is None else [closed.c.closed_at <= known_at]
        newest = select(closed.c.period, func.max(closed.c.version).label("version")).where(*mine, *known).group_by(closed.c.period)
        wanted = newest.subquery()
        query = select(closed).join(wanted, (closed.c.period == wanted.c.period) & (closed.c.version == wanted.c.version)).where(*mine)
        async with self._database.reading() as connection:
            return {row.period: row for row in await connection.execute(query)}

    async def newest_of(self, registry_nos: Sequence[str] | None) -> str | None:
        """The agreement whose period was closed last, of these or of all."""
        query = select(closed.c.registry_no).order_by(closed.c.closed_at.desc()).limit(1)
        if registry_nos is not None:
            query = query.where(closed.c.registry_no.in_(list(registry_nos)))
        async with self._database.reading() as connection:
            found: str | None = await connection.scalar(query)
            return found

    async def most_in_need(self, month: str, registry_nos: Sequence[str] | None) -> str | None:
        """The agreement whose closed month came out worst, of these or of all: red, then amber, then whichever was closed last."""
        parts = (closed.c.period == month) | closed.c.period.startswith(f"{month}@", autoescape=True)
        query = select(closed.c.registry_no, closed.c.content["targets"]).where(parts).order_by(closed.c.closed_at.desc()).limit(_LOOKED_AT)
        if registry_nos is not None:
            query = query.where(closed.c.registry_no.in_(list(registry_nos)))
        async with self._database.reading() as connection:
            rows = (await connection.execute(query)).all()
        found: dict[str, int] = {}
        for number, targets in rows:  # the first one is the version that counts
            found.setdefault(number, _urgency(targets))
        return min(found, key=found.__getitem__, default=None)

    async def versions(self, registry_no: str, period: str | None = None) -> Sequence[Row[Any]]:
        """The versions of an agreement's closed periods, or of one of them, earliest first."""
        query = select(closed).where(closed.c.registry_no == registry_no)
        if period is not None:
            query = query.where(closed.c.period == period)
        async with self._database.reading() as connection:
            return (await connection.execute(query.order_by(closed.c.period, closed.c.version))).all()


def _urgency(targets: Sequence[Mapping[str, Any]]) -> int:
    return min((_URGENT.index(each["colour"]) for each in targets if each["colour"] in _URGENT), default=len(_URGENT))
