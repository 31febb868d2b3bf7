"""Obligations nobody acts on, over all agreements that have not ended (R-149)."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.duties import Duty
from domain.neglect import Owed, Silence, Stated, owed_in_last_periods
from domain.people import Side
from domain.spans import Span
from store.database import Database
from store.duties import facts
from store.entries import Entry
from store.work_packages import AgreedWork, WorkPackages, obligations_in


class Neglected(NamedTuple):
    """An obligation of which nothing was reported in a period, and who does its work."""

    entry: Entry
    owed: Owed
    owners: tuple[str, ...]


class Neglect:
    """Looks for what nobody reported."""

    def __init__(self, database: Database) -> None:
        """Work on a database."""
        self._database = database
        self._work = WorkPackages(database)

    async def at(self, at: datetime) -> list[Neglected]:
        """What was not acted on in the last periods that are over; the neglected first, then in the order of the numbers."""
        async with self._database.reading() as connection:
            living = await self._work.living(at, connection)
        return await self.of(living, at)

    async def of(self, agreed: Sequence[AgreedWork], at: datetime) -> list[Neglected]:
        """The same under some agreements."""
        looked_for = [(work, owed) for work in agreed for owed in _owed(work.entry, at)]
        spans = {_span(owed) for _, owed in looked_for}
        numbers = [work.entry.registry_no for work in agreed]
        async with self._database.reading() as connection:
            seen = {span: await _seen(connection, span, numbers) for span in spans}
        silent = [
            Neglected(work.entry, owed, _owners(work, owed)) for work, owed in looked_for if _key(work, owed) not in seen[_span(owed)]
        ]
        return sorted(silent, key=lambda each: each.owed.silence is Silence.NO_ACTIVITY)


def _span(owed: Owed) -> Span:
    return Span(owed.period.start, owed.period.end)


def _key(work: AgreedWork, owed: Owed) -> tuple[str, Duty]:
    return work.entry.registry_no, Duty(owed.obligation.obligation, owed.obligation.side)


_NAMED_IN_A_QUERY = 500
"""So many agreements are named in a query; of more, every record of the period is read: a query holds a bounded number of names."""


async def _seen(connection: AsyncConnection, span: Span, numbers: Sequence[str]) -> Collection[tuple[str, Duty]]:
    """Whatever was reported in a period: agreement and duty."""
    wanted = [facts.c.at >= span.start, facts.c.at < span.end]
    if len(numbers) <= _NAMED_IN_A_QUERY:
        wanted.append(facts.c.registry_no.in_(numbers))
    query = select(facts.c.registry_no, facts.c.obligation, facts.c.side).where(*wanted).distinct()
    return {(number, Duty(name, Side(side))) for number, name, side in await connection.execute(query)}


def _owed(entry: Entry, at: datetime) -> list[Owed]:
    """What a record is looked for of, by the texts of the versions."""
    if entry.case_id is None:
        return []
    texts = {each.version: obligations_in(each.document) for each in entry.versions}
    stated = [Stated(term.span, texts[term.version]) for term in entry.terms]
    return list(owed_in_last_periods(stated, at, ZoneInfo(entry.time_zone)))


def _owners(work: AgreedWork, owed: Owed) -> tuple[str, ...]:
    mine = [each.owner for each in work.packages if each.name.obligation == owed.obligation.obligation]
    return tuple(dict.fromkeys(mine))
