"""What is said of one proposal: its promises, its cost, its breaches, and what is not known of it."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from zoneinfo import ZoneInfo

from domain.agreement_parts import TICKETS, Period
from domain.backtest.costs import Judgement, credit_terms, credits_of_part, judgements, places
from domain.backtest.judging import Judge
from domain.backtest.promises import Part, promise_backtests
from domain.backtest.proposals import Assumed
from domain.backtest.question import Question, Record
from domain.backtest.ranges import LEAST_JUDGED
from domain.backtest.report import (
    MOST_BREACHES,
    BreachBacktest,
    Certainty,
    CostPlace,
    Gap,
    PromiseBacktest,
    ProposalBacktest,
    StrictestLimit,
    Unknown,
)
from domain.backtest.strictest import strictest_limits
from domain.backtest.tally import Promise, Tally
from domain.instants import SECOND_US

_WANTED = Decimal(95)
"""The share asked for where neither the question nor the target states one: the one most promises state."""
_MINUTE_US = 60 * SECOND_US
_WEEKS_OF_A_YEAR = 52
"""From so many weeks on the seasons of a year were seen."""
_A_FEW, _MOST = 3, Fraction(80, 100)
"""A record is uneven where a third of its months hold 80 % of its clocks: evenly spread they would hold 33 (thresholds of ours)."""
_NOWHERE = "?"
"""The region of a ticket that names none."""


class Summing:
    """Sums up one proposal."""

    def __init__(self, assumed: Assumed, tally: Tally, record: Record, question: Question) -> None:
        """Judge its documents over the record."""
        self._proposal = assumed.proposal
        self._tally = tally
        self._record = record
        self._question = question
        self._parts = [_judged(name, assumed, tally, record) for name in assumed.documents]

    def summed(self) -> ProposalBacktest:
        """What is said of it."""
        documents = [part.document for part in self._parts]
        fees = [each.price.monthly for each in documents if each.price is not None]
        is_priced = bool(fees) or any(each.penalties for each in documents)
        found = [each for part in self._parts for each in judgements(part, self._tally)]
        returned = [each for part in self._parts for each in credits_of_part(part)]

        def by(name: Callable[[Judgement], str]) -> tuple[CostPlace, ...]:
            return tuple(places(found, name, is_priced=is_priced))

        return ProposalBacktest(
            proposal=self._proposal.proposal,
            digest=self._proposal.digest,
            titles=_distinct(each.title for each in documents),
            services=_distinct(service for each in documents for service in each.services),
            regions=_distinct(region for each in documents for region in each.regions),
            customers=_distinct(each.customer.name for each in documents),
            monthly=f"{sum(fees):.2f}" if fees else None,
            currency=documents[0].currency,
            tickets=self._tally.covered,
            clocks=sum(map(len, self._tally.cases.values())),
            promises=tuple(self._promises),
            credit_terms=tuple(credit_terms(part) for part in self._parts),
            credits=tuple(returned),
            before_caps=f"{sum((judged.before_caps for part in self._parts for judged in part.judged), Decimal()):.2f}"
            if is_priced
            else None,
            credit_total=f"{sum((Decimal(each.amount) for each in returned), Decimal()):.2f}" if is_priced else None,
            credit_months=max(sum(each.is_whole for each in part.months()) for part in self._parts),
            targets=by(lambda each: each.case.clock.partition("#")[0]),
            hours=by(_hour),
            places=by(lambda each: each.case.region or _NOWHERE),
            strictest=tuple(each for part in self._parts for each in self._strictest(part)),
            breached=sum(not each.case.met for each in found),
            breaches=_most_late(found),
        )

    def unknown(self) -> Iterator[Unknown]:
        """What is not known of it."""
        name = self._proposal.proposal
        for each in self._gaps():
            yield each.model_copy(update={"proposal": name})

    @cached_property
    def _promises(self) -> list[PromiseBacktest]:
        return [each for part in self._parts for each in promise_backtests(part, self._record.span, self._question.seed)]

    def _strictest(self, part: Part) -> Iterator[StrictestLimit]:
        for target in part.document.targets:
            wanted = self._question.wanted or target.compliance or _WANTED
            for each in strictest_limits(self._tally.cases.get(Promise(part.name, target.target), ()), Fraction(wanted)):
                yield StrictestLimit(
                    document=part.document.document,
                    target=target.target,
                    when=each.when,
                    wanted=f"{wanted.normalize():f} %",
                    promised_minutes=round(each.promised.total_seconds() / 60),
                    held_minutes=round(each.held.total_seconds() / 60) if each.held is not None else None,
                    judged=each.judged,
                )

    def _gaps(self) -> Iterator[Unknown]:
        if not self._tally.covered:
            yield Unknown(gap=Gap.NO_TICKETS)
        if self._tally.outside:
            yield Unknown(gap=Gap.OUTSIDE, count=self._tally.outside)
        if still := sum(case.verdict_at is None for cases in self._tally.cases.values() for case in cases):
            yield Unknown(gap=Gap.OPEN_TICKETS, count=still)
        yield from self._thin()
        for part in self._parts:
            yield from _gaps_of(part, self._tally, self._record)

    def _thin(self) -> Iterator[Unknown]:
        """Judged periods that say little, and the few months most of the record lies in."""
        promises = self._promises
        judged = [each for promise in promises for each in (promise.months if promise.per is Period.MONTH else promise.longer)]
        if thin := sum(each.certainty is Certainty.THIN for each in judged):
            yield Unknown(gap=Gap.THIN_PERIODS, count=thin)
        volumes: Counter[str] = Counter()
        for promise in promises:
            for each in promise.months:
                volumes[each.period] += (each.met or 0) + (each.breached or 0)
        every, busiest = sum(volumes.values()), volumes.most_common(max(1, len(volumes) // _A_FEW))
        held = sum(count for _, count in busiest)
        if every and len(volumes) >= 2 * _A_FEW and Fraction(held, every) >= _MOST:
            yield Unknown(gap=Gap.UNEVEN, about=", ".join(sorted(name for name, _ in busiest)), count=100 * held // every)


def _judged(name: str, assumed: Assumed, tally: Tally, record: Record) -> Part:
    document = assumed.documents[name]
    judge = Judge(document, record.span, tally, name, record.samples)
    return Part(name, document, judge, list(judge.judged()), ZoneInfo(document.time_zone))


def _gaps_of(part: Part, tally: Tally, record: Record) -> Iterator[Unknown]:
    document = part.document
    for target in document.targets:
        known = sum(case.verdict_at is not None for case in tally.cases.get(Promise(part.name, target.target), ()))
        if known < LEAST_JUDGED:
            yield Unknown(gap=Gap.FEW_TICKETS, about=target.target, count=known)
        if target.compliance is None:
            yield Unknown(gap=Gap.NO_SHARE, about=target.target)
    for each in document.availability:
        if each.target not in record.samples:
            yield Unknown(gap=Gap.NO_SAMPLES, about=each.target)
    if (document.price is None or not document.credits) and not document.penalties:
        yield Unknown(gap=Gap.NO_PRICE, about=document.document)
    elif any(judged.credits for judged in part.judged):
        yield Unknown(gap=Gap.CAUSES, about=document.document)
    for limit in document.workload_limits or ():
        if limit.unit != TICKETS:
            yield Unknown(gap=Gap.OTHER_WORKLOAD, about=limit.unit)


def unknown_of_record(weeks: int) -> Iterator[Unknown]:
    """What no record can tell, and what this one is too short for."""
    if weeks < _WEEKS_OF_A_YEAR:
        yield Unknown(gap=Gap.FEW_WEEKS, count=weeks)
    yield Unknown(gap=Gap.EARLIER)
    yield Unknown(gap=Gap.BEHAVIOUR)
    yield Unknown(gap=Gap.DELIVERY)


def _hour(each: Judgement) -> str:
    return f"{each.case.created_at.astimezone(each.part.zone).hour:02}"


def _most_late(found: Iterable[Judgement]) -> tuple[BreachBacktest, ...]:
    breached = [(each.case.verdict_at, each) for each in found if each.case.verdict_at is not None and not each.case.met]
    worst = sorted(breached, key=lambda pair: (-pair[1].case.late, pair[1].case.ticket, pair[1].case.clock))[:MOST_BREACHES]
    return tuple(
        BreachBacktest(
            ticket=each.case.ticket,
            document=each.part.document.document,
            clock=each.case.clock,
            breach_at=at,
            late_minutes=-(-each.case.late // _MINUTE_US),
            region=each.case.region,
        )
        for at, each in worst
    )


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
