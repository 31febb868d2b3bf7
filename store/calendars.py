"""Versions of calendars: proposed, confirmed, never changed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.calendar_changes import CalendarState, Outcome, digest_of_calendar
from domain.calendar_definitions import CalendarDefinition
from domain.errors import Conflict, NotFound
from store.database import Database
from store.replan_tables import CalendarVersionRow

versions = CalendarVersionRow.__table__  # type: ignore[attr-defined]


class Confirmation(NamedTuple):
    """Who publishes which version of a calendar, and when; `digest` is what they saw."""

    calendar: str
    version: int
    digest: str
    by: str
    at: datetime


class CalendarStore:
    """Reads and adds versions of calendars."""

    def __init__(self, database: Database) -> None:
        """Work on a database."""
        self._database = database

    async def propose(self, definition: CalendarDefinition, reason: str, by: str, at: datetime) -> Row[Any]:
        """Write the next version of a calendar down; the newest one proposed again is the same one.

        Raises:
            Conflict: SAME_CALENDAR, where it is published as it is.
        """
        name, digest = definition.calendar, digest_of_calendar(definition)
        async with self._database.writing() as connection:
            await self._database.hold(connection, f"calendar:{name}")
            last = await self._newest(connection, name)
            if last is not None and last.digest == digest:
                if last.state == CalendarState.CONFIRMED.value:
                    raise Conflict("SAME_CALENDAR", f"{name} version {last.version} says exactly this")
                return last
            number = 1 if last is None else last.version + 1
            values = {"calendar": name, "version": number, "digest": digest, "definition": definition.model_dump(mode="json")}
            values |= {"reason": reason, "state": CalendarState.PROPOSED.value, "proposed_by": by, "proposed_at": at, "outcomes": {}}
            await connection.execute(self._database.insert(CalendarVersionRow), values)
            made = await self._newest(connection, name)
        assert made is not None
        return made

    async def confirm(self, connection: AsyncConnection, said: Confirmation) -> Row[Any]:
        """Publish a version; one that is published stays as it is.

        Raises:
            NotFound: there is no such version.
            Conflict: HASH_MISMATCH, where it says something else; SUPERSEDED, by a later version.
        """
        name, version = said.calendar, said.version
        await self._database.hold(connection, f"calendar:{name}")
        row, last = await self.version(connection, name, version), await self._newest(connection, name)
        if row.digest != said.digest:
            raise Conflict("HASH_MISMATCH", f"{name} version {version} has the hash {row.digest}")
        if row.state == CalendarState.CONFIRMED.value:
            return row
        if last is not None and last.version != version:
            raise Conflict("SUPERSEDED", f"{name} has a later version, {last.version}: confirm that one, or propose this again")
        mine = versions.c.calendar == name, versions.c.version == version
        values = {"state": CalendarState.CONFIRMED.value, "confirmed_by": said.by, "confirmed_at": said.at}
        await connection.execute(update(versions).where(*mine).values(**values))
        return await self.version(connection, name, version)

    async def version(self, connection: AsyncConnection, name: str, version: int) -> Row[Any]:
        """A version.

        Raises:
            NotFound: there is none.
        """
        query = select(versions).where(versions.c.calendar == name, versions.c.version == version)
        row = (await connection.execute(query)).one_or_none()
        if row is None:
            raise NotFound(f"there is no version {version} of a calendar {name}")
        return row

    async def all(self, connection: AsyncConnection) -> Sequence[Row[Any]]:
        """Every version of every calendar, newest version first."""
        return (await connection.execute(select(versions).order_by(versions.c.calendar, versions.c.version.desc()))).all()

    async def note(self, connection: AsyncConnection, name: str, version: int, outcomes: Mapping[str, Outcome]) -> None:
        """Keep what a version did to agreements, by their registry numbers."""
        shown = {number: each.model_dump(mode="json") for number, each in outcomes.items()}
        mine = versions.c.calendar == name, versions.c.version == version
        await connection.execute(update(versions).where(*mine).values(outcomes=shown))

    @staticmethod
    async def _newest(connection: AsyncConnection, name: str) -> Row[Any] | None:
        last = select(func.max(versions.c.version)).where(versions.c.calendar == name).scalar_subquery()
        return (await connection.execute(select(versions).where(versions.c.calendar == name, versions.c.version == last))).one_or_none()
