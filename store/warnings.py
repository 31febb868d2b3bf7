"""What is likely to be missed under an agreement, from its tickets and measurements as they stand; the domain judges."""

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.agreement_parts import TICKETS
from domain.early_warning import NEAR_DAYS, EarlyWarning, near_breach, workload
from domain.instants import span_us
from domain.periods import period_at
from domain.spans import Span
from domain.versions import name_at
from store.database import Database
from store.entries import Entry
from store.periods import Periods
from store.results import created_under, near_breaches_of
from store.stated import Stated


class EarlyWarnings:
    """Looks for warnings; keeps none, so that one whose cause is gone is gone too."""

    def __init__(self, database: Database) -> None:
        """Work on a database."""
        self._database = database
        self._periods = Periods(database)

    async def warnings(self, entry: Entry, now: datetime) -> Sequence[EarlyWarning]:
        """Everything to warn of in the running periods of a registered agreement; nothing while it is not in force.

        Raises:
            NotFound: it came as ready terms, which state neither shares nor volumes to hold anything against.
        """
        stated = Stated.of(entry)
        if now < stated.term.begins or (stated.term.ends is not None and now >= stated.term.ends):
            return []
        async with self._database.reading() as connection:
            near = await near_breaches_of(connection, stated.asked, Span(now - NEAR_DAYS, now))
            found = [near_breach(target, counted) for target, counted in sorted(near.items())]
            found += await self._workload(connection, stated, now)
        return [*await self._burn_rates(entry, stated, now), *(each for each in found if each is not None)]

    async def _burn_rates(self, entry: Entry, stated: Stated, now: datetime) -> Sequence[EarlyWarning]:
        """Each target by the kind of period it is promised for."""
        document = stated.document
        kinds = dict.fromkeys([*(each.period for each in document.targets), *(each.period for each in document.availability)])
        running = [await self._periods.results(entry, name_at(kind, now, entry.stages, stated.zone), now) for kind in kinds]
        return [warning for found in running for target in found.results if (warning := found.burn_rate(target)) is not None]

    async def _workload(self, connection: AsyncConnection, stated: Stated, now: datetime) -> list[EarlyWarning | None]:
        """The volume of tickets in the running period of each limit on them, and how much of that period is gone."""
        found = []
        for limit in (each for each in stated.asked.limits if each.unit == TICKETS):
            whole = period_at(limit.per, now, stated.zone)
            period = whole.cut_to(Span(stated.term.begins, stated.term.ends or whole.end))
            if period is not None and now > period.start:
                volume = await created_under(connection, stated.asked, Span(period.start, now))
                found.append(workload(limit, volume, Fraction(span_us(now - period.start), span_us(period.end - period.start))))
        return found
