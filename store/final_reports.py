"""The report over the whole term: counted anew from first to last, beside the closed periods."""

from datetime import UTC, datetime

from domain.agreement_parts import Period
from domain.errors import Conflict, NotFound
from domain.final_report import FinalPeriod, FinalReport, FinalStage, known_to_both, stage_of
from domain.follow_ups.credit import Credit
from domain.follow_ups.follow_up import FollowUpKind
from domain.periods import PeriodSpan, period_at
from domain.versions import VersionTerm
from store.database import Database
from store.entries import Entry
from store.follow_ups import FollowUpStore
from store.period_results import ClosedPeriods
from store.periods import PeriodFrame, Periods
from store.stated import Stated
from store.terminations import TerminationStore


class FinalReports:
    """Writes them."""

    def __init__(self, database: Database) -> None:
        """Work on a database."""
        self._database = database
        self._periods = Periods(database)
        self._closed = ClosedPeriods(database)
        self._follow_ups = FollowUpStore(database)
        self._terminations = TerminationStore(database)

    async def of(self, entry: Entry, now: datetime) -> FinalReport:
        """The whole term of an agreement that has ended.

        Raises:
            NotFound: it came as ready terms, which state no shares, or was never in force.
            Conflict: NOT_ENDED.
        """
        term = Stated.of(entry).term
        if term.ends is None or term.ends > now:
            raise Conflict("NOT_ENDED", f"{entry.registry_no} is in force; the final report is made when it has ended")
        if term.ends <= term.begins:
            raise NotFound(f"{entry.registry_no} was never in force")
        stages = [await self._stage(entry, stage, now) for stage in entry.stages]
        last: dict[str, FinalPeriod] = {}
        for row in await self._closed.versions(entry.registry_no):
            last[row.period] = FinalPeriod.of(row.period, row.version, row.content)
        async with self._database.reading() as connection:
            order = await self._terminations.standing(connection, entry.registry_no)
            money = await self._follow_ups.of(connection, entry.registry_no, FollowUpKind.CREDIT)
        return FinalReport(
            registry_no=entry.registry_no,
            title=entry.title,
            provider=entry.provider,
            customer=entry.customer,
            state=entry.standing,
            begins=term.begins.astimezone(UTC),
            ends=term.ends.astimezone(UTC),
            basis=order.basis if order is not None else None,
            legal_ref=order.legal_ref if order is not None else None,
            stages=tuple(stages),
            periods=tuple(last[name] for name in sorted(last)),
            credits=known_to_both([each for each in money if isinstance(each, Credit)]),
        )

    async def _stage(self, entry: Entry, stage: VersionTerm, now: datetime) -> FinalStage:
        assert stage.ends is not None
        version = entry.within(stage, stage.ends)
        stated = Stated.of(version)
        name = period_at(Period.MONTH, stage.begins, stated.zone).name
        span = PeriodSpan(name, stage.begins, stage.ends)
        found = await self._periods.within(PeriodFrame(entry.registry_no, stated.document, Period.MONTH, span, stated.asked), now)
        return stage_of(stage.version, (stage.begins.astimezone(UTC), stage.ends.astimezone(UTC)), found.every)
