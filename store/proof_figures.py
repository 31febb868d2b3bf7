"""Gathering what a proof of quality is made of: every agreement that promised a service, and its closed months."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.agreement_parts import Period
from domain.errors import Conflict
from domain.follow_ups.dispute import Dispute, DisputeState
from domain.follow_ups.follow_up import FollowUpKind
from domain.period_figures import PeriodFigures
from domain.periods import PeriodSpan, month_after, period_at, period_named, periods
from domain.proof_months import Promised
from domain.quality_proofs import ClosedMonth
from domain.spans import Span
from domain.terms import AgreementKind
from domain.versions import parts
from store.database import Database
from store.entries import Entry, entries, entries_of
from store.follow_ups import FollowUpStore
from store.period_results import closed


class Promises(NamedTuple):
    """The agreements that promise a service to customers, or did: whatever became of them, without those that state no shares."""

    entries: Sequence[Entry]
    names: frozenset[str]

    def months(self, now: datetime, zone: ZoneInfo) -> Promised:
        """When the service was promised, up to now; the month that is over is that of the provider's zone."""
        begins = min((entry.terms[0].begins for entry in self.entries), default=now)
        running = period_at(Period.MONTH, now, zone)
        over = list(periods(Period.MONTH, Span(month_after(begins, zone, -1), running.start), zone)) if begins < running.start else []
        newest = period_at(Period.MONTH, running.start - timedelta(days=1), zone)
        return Promised([month.name for month in over if self._is_promised(month)], newest.name, newest.end)

    def _is_promised(self, month: PeriodSpan) -> bool:
        """Was an agreement in force at the first instant of the month, on its own clocks?"""
        return any(term.span.start <= _first(entry, month.name) < term.span.end for entry in self.entries for term in entry.terms)

    def parts(self, months: Sequence[str]) -> Iterator[tuple[Entry, str, str]]:
        """Each agreement's closed periods in a stretch of months: the agreement, the month, and the name it is closed by."""
        for entry in self.entries:
            zone = ZoneInfo(entry.time_zone)
            whole = Span(_first(entry, months[0]), period_named(months[-1], zone)[1].end)
            for part, _ in parts(Period.MONTH, entry.stages, whole, zone):
                yield entry, part.name.partition("@")[0], part.name


class ProofFigures:
    """Looks at them."""

    def __init__(self, database: Database) -> None:
        """Work on a database."""
        self._database = database
        self._follow_ups = FollowUpStore(database)

    async def promises(self, connection: AsyncConnection, service: str) -> Promises:
        """Every agreement that promised a service to a customer, in force or ended."""
        mine = entries.c.service == service, entries.c.kind == AgreementKind.CUSTOMER_SLA.value, entries.c.case_id.is_not(None)
        found = entries_of((await connection.execute(select(entries).where(*mine).order_by(entries.c.registry_no))).all())
        names = {name for entry in found for row in entry.versions for name in (row.customer, row.registry_no)}
        return Promises(found, frozenset(names))

    async def closed(self, connection: AsyncConnection, promises: Promises, months: Sequence[str], now: datetime) -> list[ClosedMonth]:
        """What every agreement came to in these months, as it was known at an instant.

        Raises:
            Conflict: ON_LEGAL_HOLD, IN_DISPUTE or NOT_CLOSED, each with the agreements.
        """
        wanted = list(promises.parts(months))
        await self._refuse_unsettled(connection, wanted)
        numbers, names = {entry.registry_no for entry, *_ in wanted}, {name for *_, name in wanted}
        mine = closed.c.registry_no.in_(numbers), closed.c.period.in_(names), closed.c.closed_at <= now
        newest = select(closed.c.registry_no, closed.c.period, func.max(closed.c.version).label("version")).where(*mine)
        last = newest.group_by(closed.c.registry_no, closed.c.period).subquery()
        same = [closed.c[name] == last.c[name] for name in ("registry_no", "period", "version")]
        rows = await connection.execute(
            select(closed.c.registry_no, closed.c.period, closed.c.content).join(last, same[0] & same[1] & same[2])
        )
        found = {(row.registry_no, row.period): PeriodFigures.model_validate(row.content) for row in rows}
        missing = [f"{entry.registry_no} {name}" for entry, _, name in wanted if (entry.registry_no, name) not in found]
        if missing:
            raise Conflict("NOT_CLOSED", f"not closed yet: {', '.join(missing[:_NAMED])}{' …' if len(missing) > _NAMED else ''}")
        return [ClosedMonth(entry.customer, month, found[entry.registry_no, name].targets) for entry, month, name in wanted]

    async def _refuse_unsettled(self, connection: AsyncConnection, wanted: Sequence[tuple[Entry, str, str]]) -> None:
        held = sorted({entry.registry_no for entry, *_ in wanted if any(row.legal_hold for row in entry.versions)})
        if held:
            raise Conflict("ON_LEGAL_HOLD", f"legal has not ruled yet on {', '.join(held)}")
        periods_of = {entry.registry_no: {name for other, _, name in wanted if other is entry} for entry, *_ in wanted}
        disputes = await self._follow_ups.of_all(connection, sorted(periods_of), FollowUpKind.DISPUTE)
        disputed = [
            f"{number} {each.period}"
            for number, found in disputes.items()
            for each in found
            if isinstance(each, Dispute) and each.state is DisputeState.OPEN and each.period in periods_of[number]
        ]
        if disputed:
            raise Conflict("IN_DISPUTE", f"figures are disputed: {', '.join(sorted(disputed)[:_NAMED])}")


_NAMED = 5
"""How many agreements a refusal names."""


def _first(entry: Entry, month: str) -> datetime:
    """The first instant of a month on an agreement's clocks."""
    return period_named(month, ZoneInfo(entry.time_zone))[1].start.astimezone(UTC)
