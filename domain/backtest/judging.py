"""A proposal's promises by period, and the credits its misses would have given: counted as a closed period is."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from domain.agreement_parts import TICKETS, AvailabilityTarget, Period
from domain.attainment import Attainment, Counted
from domain.availability import Availability, availability_in
from domain.backtest.ranges import Week
from domain.backtest.tally import Case, Promise, Tally
from domain.closing import Due
from domain.credits import CreditDraft, penalised
from domain.documents import AgreementDocument
from domain.instants import MICROSECOND
from domain.measurements import Measured, facts_in
from domain.period_results import Credited, credits_of, results_of
from domain.periods import PeriodSpan, closed_kinds, period_at, periods
from domain.results import TargetResult
from domain.spans import Span

_WEEK = timedelta(days=7)


class Judged(NamedTuple):
    """A period of one document: what each promise came to; credits of whole periods, by the targets they are promised by."""

    kind: Period
    period: PeriodSpan
    is_whole: bool
    results: Mapping[str, TargetResult]
    counted: Mapping[str, Counted]
    measured: Mapping[str, Availability]
    credits: Sequence[CreditDraft]
    before_caps: Decimal
    """What the credits would have come to without caps."""


class Judge:
    """Judges one document over the stretch that the record tells of."""

    def __init__(
        self, document: AgreementDocument, span: Span, tally: Tally, name: str, measured: Mapping[str, Sequence[Measured]]
    ) -> None:
        """Sort its clocks by when they came to a verdict.

        Args:
            document: what is promised.
            span: the stretch the record tells of.
            tally: the clocks.
            name: what the document is called there.
            measured: what was measured of each availability target; of one that is left out nothing is known.
        """
        self._document = document
        self._uncapped = document.model_copy(update={"credit_limits": None})
        self._span = span
        self._zone = ZoneInfo(document.time_zone)
        self._measured = measured
        over = _over_limit(document, tally.created.get(name, ()), self._zone)
        self._cases = {each.target: _Ordered(tally.cases.get(Promise(name, each.target), ()), over) for each in document.targets}

    def judged(self) -> Iterator[Judged]:
        """Every month, and every quarter or year something is promised by, earliest first."""
        found = [(period, kind) for kind in closed_kinds(self._document.periods) for period in periods(kind, self._span, self._zone)]
        given: dict[int, Decimal] = {}
        for period, kind in sorted(found, key=lambda each: each[0].end):  # in the order in which credits would have been given
            yield self._judge(kind, period, given)

    def _judge(self, kind: Period, period: PeriodSpan, given: dict[int, Decimal]) -> Judged:
        span = Span(period.start, period.end)
        promised_by = [each for each in self._document.availability if kind in {Period.MONTH, each.period}]
        counted = {target: cases.counted(span) for target, cases in self._cases.items()}
        measured = {each.target: self._availability(each, span) for each in promised_by if each.target in self._measured}
        is_whole = period == period_at(kind, period.start, self._zone)
        found = results_of(self._document, kind, counted, measured) if is_whole else {}
        credit = self._credits(kind, period, found, given)
        uncapped = self._with_penalties(kind, period, credits_of(self._uncapped, found)) if is_whole else []
        every = results_of(self._document, None, counted, measured)
        return Judged(kind, period, is_whole, every, counted, measured, credit, sum((each.amount for each in uncapped), Decimal(0)))

    def weeks(self, target: str, span: Span) -> list[Week]:
        """What each week of a span, by the wall clock, adds to a promise; the first and the last cut to the span."""
        found = list(_weeks(span, self._zone))
        if target in self._cases:
            return [self._cases[target].week(week) for week in found]
        up = next(each for each in self._document.availability if each.target == target)
        measured = [self._availability(up, week) for week in found if target in self._measured]
        return [Week((each.agreed - each.down) // MICROSECOND, each.agreed // MICROSECOND) for each in measured]

    def cases(self, target: str) -> Sequence[Case]:
        """Every clock of a promise with a verdict."""
        return self._cases[target].judged

    def breaches(self, target: str, period: PeriodSpan) -> list[Case]:
        """The clocks that count against a promise in a period."""
        return self._cases[target].breaches(Span(period.start, period.end)) if target in self._cases else []

    def _credits(
        self, kind: Period, period: PeriodSpan, results: Mapping[str, TargetResult], given: dict[int, Decimal]
    ) -> list[CreditDraft]:
        if not results:
            return []
        year = period.start.astimezone(self._zone).year
        drafts = credits_of(self._document, results, Credited(given.get(year, Decimal(0))))
        given[year] = sum((draft.amount for draft in drafts), given.get(year, Decimal(0)))
        return self._with_penalties(kind, period, drafts)

    def _with_penalties(self, kind: Period, period: PeriodSpan, drafts: Sequence[CreditDraft]) -> list[CreditDraft]:
        """With what late tickets cost by started hours; no cap holds for that, as none does when a period is closed."""
        document, found = self._document, {draft.target: draft for draft in drafts}
        for penalty in document.penalties:
            target, draft = document.target(penalty.target), found.get(penalty.target)
            late = {case.ticket: timedelta(microseconds=case.late) for case in self.breaches(penalty.target, period) if case.late}
            if target is None or target.period is not kind or not late:
                continue
            known = Due(target=draft.target, amount=draft.amount, currency=document.currency, why=draft.why) if draft is not None else None
            due = penalised(penalty, late, document.currency, known)
            found[due.target] = CreditDraft(due.target, draft.percent if draft is not None else Decimal(0), due.amount, due.why)
        return list(found.values())

    def _availability(self, target: AvailabilityTarget, span: Span) -> Availability:
        return availability_in(span, self._document.calendar(target.calendar), facts_in(span, self._measured[target.target]))


class _Ordered:
    """The clocks of one promise with a verdict, in its order."""

    def __init__(self, cases: Iterable[Case], over: frozenset[str]) -> None:
        judged = [(case.verdict_at, case) for case in cases if case.verdict_at is not None]
        self.judged = [case for _, case in sorted(judged, key=lambda each: each[0])]
        self._at = sorted(at for at, _ in judged)
        self._over = over

    def counted(self, span: Span) -> Counted:
        within = self._within(span)
        over = sum(case.ticket in self._over for case in within)
        met = sum(case.met and case.ticket not in self._over for case in within)
        return Counted(Attainment(met, len(within) - over - met), over)

    def week(self, span: Span) -> Week:
        attainment = self.counted(span).within
        return Week(attainment.met, attainment.judged)

    def breaches(self, span: Span) -> list[Case]:
        return [case for case in self._within(span) if not case.met and case.ticket not in self._over]

    def _within(self, span: Span) -> Sequence[Case]:
        return self.judged[bisect_left(self._at, span.start) : bisect_left(self._at, span.end)]


def _over_limit(document: AgreementDocument, created: Iterable[tuple[datetime, str]], zone: ZoneInfo) -> frozenset[str]:
    """The tickets beyond the agreed volume of the period they came in (R-087)."""
    limits = [each for each in document.workload_limits or () if each.unit == TICKETS]
    if not limits:
        return frozenset()
    ordered = sorted(set(created))
    beyond: set[str] = set()
    for limit in limits:
        volume: dict[str, int] = {}
        for at, ticket in ordered:
            period = period_at(limit.per, at, zone).name
            volume[period] = volume.get(period, 0) + 1
            if volume[period] > limit.volume:
                beyond.add(ticket)
    return frozenset(beyond)


def _weeks(span: Span, zone: ZoneInfo) -> Iterator[Span]:
    """The weeks of a span by the wall clock, Monday to Sunday, the first and the last cut to it."""
    at = span.start
    while at < span.end:
        local = at.astimezone(zone)
        monday = datetime(local.year, local.month, local.day, tzinfo=zone) - timedelta(days=local.weekday())
        after = min(monday + _WEEK, span.end)
        yield Span(at, after)
        at = after
