"""The tickets behind a figure, each folded again, so that lateness and blame are those its own page shows."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select

from domain.attainment import Judgement
from domain.attribution import Part, attribute, lateness
from domain.clocks import read_clocks
from domain.events import TicketEvent
from domain.terms import SUPPORT_KINDS, Agreement
from store.agreements import AgreementStore
from store.database import Database
from store.periods import PeriodFrame
from store.results import Page, judged_clocks
from store.tickets import TicketStore, tickets

_AT_ONCE = 200


class JudgedClock(NamedTuple):
    """A clock with its verdict; how late it is in business time, and whose lateness that is, where it is breached."""

    subject: str
    clock: str
    verdict_at: datetime
    is_met: bool
    late_by: timedelta | None
    parts: Sequence[Part]


class JudgedClocks:
    """Looks the clocks of a period up."""

    def __init__(self, database: Database) -> None:
        """Work on a database."""
        self._database = database
        self._tickets = TicketStore(database)
        self._agreements = AgreementStore(database)

    async def page(self, frame: PeriodFrame, page: Page, now: datetime, as_of: datetime | None = None) -> list[JudgedClock]:
        """The clocks of a target that count this way in a period, newest verdict first; late by what they are at `as_of`, or now."""
        async with self._database.reading() as connection:
            rows = await judged_clocks(connection, frame.asked, frame.so_far(now), now, page)
            breached = [row.subject for row in rows if not row.is_met]
            events = await self._tickets.events_of(connection, breached)
            terms = {
                row.subject: await self._agreements.of(connection, row.agreements)
                for row in await connection.execute(select(tickets.c.subject, tickets.c.agreements).where(tickets.c.subject.in_(breached)))
            }
        at = as_of or now
        late = {
            (row.subject, row.clock): _lateness(row.clock, frame.asked.agreement, terms[row.subject], events[row.subject], at)
            for row in rows
            if row.subject in terms
        }
        found = []
        for subject, clock, verdict_at, is_met in rows:
            late_by, parts = late.get((subject, clock), (None, ()))
            found.append(JudgedClock(subject, clock, verdict_at, is_met, late_by, parts))
        return found

    async def late(self, frame: PeriodFrame, target: str, now: datetime) -> dict[str, timedelta]:
        """How late every ticket was that breached a target in a period, by the ticket's number; all of them, page by page."""
        found: dict[str, timedelta] = {}
        after = None
        while True:
            page = await self.page(frame, Page(target, Judgement.BREACHED, _AT_ONCE, after), now)
            for each in page:
                if each.late_by is not None and each.late_by > timedelta():
                    name = each.subject.partition("/")[2]
                    found[name] = max(each.late_by, found.get(name, timedelta()))
            if len(page) < _AT_ONCE:
                return found
            after = (page[-1].verdict_at, page[-1].subject, page[-1].clock)


def _lateness(
    clock: str, agreement: str, terms: Sequence[Agreement], events: Sequence[TicketEvent], at: datetime
) -> tuple[timedelta | None, Sequence[Part]]:
    """How late a clock is, and by whom; nothing of one that was met."""
    readings = read_clocks(terms, events, at)
    reading = next((each for each in readings if (each.agreement, each.clock) == (agreement, clock)), None)
    if reading is None or reading.met:
        return None, ()
    is_shared = reading.kind not in SUPPORT_KINDS and any(each.kind in SUPPORT_KINDS for each in readings)
    return lateness(reading), attribute(reading, readings, events, at) if is_shared else ()
