"""Each promise of a document over the record: period by period, and over all."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from fractions import Fraction
from typing import NamedTuple
from zoneinfo import ZoneInfo

from domain.agreement_parts import Period
from domain.attainment import Attainment, Counted
from domain.availability import Availability
from domain.backtest.judging import Judge, Judged
from domain.backtest.ranges import LEAST_JUDGED, Range, range_of
from domain.backtest.report import Certainty, PeriodBacktest, PromiseBacktest, RangeFigures, RuleBacktest
from domain.backtest.strictest import condition
from domain.documents import AgreementDocument
from domain.figures import shown
from domain.results import Colour, TargetResult, Verdict, of_attainment, of_availability
from domain.spans import Span
from domain.targets import Limit

_PLACES = 2
"""Decimals of shares, cut off: an answer about the past needs no more."""


class Part(NamedTuple):
    """A document of the proposal, judged over the record."""

    name: str
    """What it is called on clocks."""
    document: AgreementDocument
    judge: Judge
    judged: Sequence[Judged]
    zone: ZoneInfo
    """The wall clock it goes by."""

    def months(self) -> list[Judged]:
        """Its calendar months."""
        return [each for each in self.judged if each.kind is Period.MONTH]


def promise_backtests(part: Part, span: Span, seed: int) -> Iterator[PromiseBacktest]:
    """Its targets, then its availability targets."""
    document = part.document
    for target in document.targets:
        share = Fraction(target.compliance) if target.compliance is not None else None
        yield _Promise(part, target.target, target.period, share, is_availability=False, seed=seed).over(span)
    for each in document.availability:
        yield _Promise(part, each.target, each.period, Fraction(each.percent), is_availability=True, seed=seed).over(span)


class _Promise(NamedTuple):
    """One promise of a document: the share agreed, if one is, and the kind of period it is judged by."""

    part: Part
    target: str
    per: Period
    promised: Fraction | None
    is_availability: bool
    seed: int

    def over(self, span: Span) -> PromiseBacktest:
        months = [self._period(each) for each in self.part.months()]
        longer = [self._period(each) for each in self.part.judged if each.kind is self.per is not Period.MONTH]
        judged = months if self.per is Period.MONTH else longer
        missed = [each.certainty for each in judged if each.verdict is Verdict.MISSED]
        counted = _sum(each.counted.get(self.target, Counted()) for each in self.part.months())
        result, drawn = self._whole(counted), self._range(span, counted)
        return PromiseBacktest(
            document=self.part.document.document,
            target=self.target,
            is_availability=self.is_availability,
            promised=f"{shown(self.promised, 4).rstrip('0').rstrip('.')} %" if self.promised is not None else None,
            per=self.per,
            achieved=_percent(result.achieved),
            range=_figures(drawn),
            met=None if self.is_availability else counted.met,
            breached=None if self.is_availability else counted.breached,
            missed=len(missed),
            missed_clearly=missed.count(Certainty.CLEAR),
            missed_thin=missed.count(Certainty.THIN),
            judged=sum(each.verdict in {Verdict.MISSED, Verdict.MET} for each in judged),
            rules=tuple(self._rules()),
            months=tuple(months),
            longer=tuple(longer),
        )

    def _whole(self, counted: Attainment) -> TargetResult:
        promised = self.promised or Fraction(0)
        if not self.is_availability:
            return of_attainment(promised, counted)
        return of_availability(promised, _total(each.measured[self.target] for each in self.part.months() if self.target in each.measured))

    def _period(self, judged: Judged) -> PeriodBacktest:
        span = Span(judged.period.start, judged.period.end)
        counted = judged.counted.get(self.target, Counted())
        measured = judged.measured.get(self.target)
        result = judged.results.get(self.target) or of_attainment(Fraction(0), counted.within)
        is_judged = self.promised is not None and judged.is_whole
        drawn = self._range(span, counted.within)
        figures: dict[str, float] = (
            {"met": counted.within.met, "breached": counted.within.breached, "over_limit": counted.over_limit}
            if not self.is_availability
            else {f"{name}_minutes": getattr(measured, name) / timedelta(minutes=1) for name in ("agreed", "down")}
            if measured is not None
            else {}
        )
        return PeriodBacktest.model_validate(
            {
                "period": judged.period.name,
                "is_whole": judged.is_whole,
                "achieved": _percent(result.achieved),
                "verdict": result.verdict if is_judged else None,
                "colour": result.colour if is_judged else Colour.GREY,
                "range": _figures(drawn),
                "certainty": _certainty(result, drawn) if is_judged else None,
            }
            | figures
        )

    def _range(self, span: Span, counted: Attainment) -> Range | None:
        if not self.is_availability and counted.judged < LEAST_JUDGED:
            return None
        return range_of(self.part.judge.weeks(self.target, span), self.seed)

    def _rules(self) -> Iterator[RuleBacktest]:
        """What is promised to which tickets, each with those that kept it."""
        target = self.part.document.target(self.target)
        if target is None or self.is_availability:
            return
        met, judged = Counter[str](), Counter[str]()
        for case in self.part.judge.cases(self.target):
            when = condition(case.rule)
            judged[when] += 1
            met[when] += case.met
        for row in target.for_tickets.rows:
            limit = Limit.model_validate({name: getattr(row, name) for name in Limit.model_fields})
            when = condition(row)
            yield RuleBacktest(when=when, limit=limit, met=met[when], judged=judged[when])


def _certainty(result: TargetResult, drawn: Range | None) -> Certainty | None:
    """How much a verdict says; None where there is none."""
    if result.verdict not in {Verdict.MET, Verdict.MISSED}:
        return None
    if drawn is None:
        return Certainty.THIN
    is_clear = drawn.low >= result.promised if result.verdict is Verdict.MET else drawn.high < result.promised
    return Certainty.CLEAR if is_clear else Certainty.OPEN


def _figures(drawn: Range | None) -> RangeFigures | None:
    return None if drawn is None else RangeFigures(low=_percent(drawn.low) or "", high=_percent(drawn.high) or "")


def _sum(counts: Iterable[Counted]) -> Attainment:
    return sum((each.within for each in counts), Attainment())


def _total(measured: Iterable[Availability]) -> Availability | None:
    found = list(measured)
    nothing = timedelta()
    return Availability(*(sum(times, nothing) for times in zip(*found, strict=True))) if found else None


def _percent(share: Fraction | None) -> str | None:
    return f"{shown(share, _PLACES)} %" if share is not None else None
