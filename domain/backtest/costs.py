"""What misses would have cost, and where the breaches behind them were."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from domain.agreement_parts import CreditLimits
from domain.backtest.promises import Part
from domain.backtest.report import CostPlace, CreditBacktest, CreditTerms
from domain.backtest.tally import Case, Promise, Tally
from domain.figures import to_cent

_NOTHING = Fraction()


class Judgement(NamedTuple):
    """A clock with a verdict, and its share of what its target would have given back."""

    part: Part
    case: Case
    credit: Fraction


def credits_of_part(part: Part) -> Iterator[CreditBacktest]:
    """What its whole periods would have given back, earliest first."""
    for judged in part.judged:
        for draft in judged.credits:
            yield CreditBacktest(
                period=judged.period.name,
                document=part.document.document,
                target=draft.target,
                amount=f"{draft.amount:.2f}",
                why=draft.why,
            )


def credit_terms(part: Part) -> CreditTerms:
    """What a document gives back, as it says it."""
    document, limits = part.document, part.document.credit_limits or CreditLimits()
    return CreditTerms(
        document=document.document,
        bands=tuple((table.target, _plain(band.below), _plain(band.credit)) for table in document.credits or () for band in table.bands),
        month_percent=_plain(limits.month_percent) if limits.month_percent is not None else None,
        year_percent=_plain(limits.year_percent) if limits.year_percent is not None else None,
        penalties=tuple((each.target, f"{each.per_started_hour:.2f}") for each in document.penalties),
    )


def _plain(percent: Decimal) -> str:
    return f"{percent.normalize():f} %"


def judgements(part: Part, tally: Tally) -> Iterator[Judgement]:
    """Every clock of a document with a verdict; a credit is shared out evenly among the breaches it was given for."""
    shares: dict[tuple[str, str], Fraction] = {}
    for judged in part.judged:
        for draft in judged.credits:
            breaches = part.judge.breaches(draft.target, judged.period)
            for case in breaches:
                key = (case.ticket, case.clock)
                shares[key] = shares.get(key, _NOTHING) + Fraction(draft.amount) / len(breaches)
    for target in part.document.targets:
        for case in tally.cases.get(Promise(part.name, target.target), ()):
            if case.verdict_at is not None:
                yield Judgement(part, case, _NOTHING if case.met else shares.get((case.ticket, case.clock), _NOTHING))


def places(found: Iterable[Judgement], named: Callable[[Judgement], str], *, is_priced: bool) -> list[CostPlace]:
    """Breaches and credits by what a clock is named with, the dearest first."""
    every: Counter[str] = Counter()
    breached: Counter[str] = Counter()
    credit: dict[str, Fraction] = {}
    for each in found:
        name = named(each)
        every[name] += 1
        if not each.case.met:
            breached[name] += 1
            credit[name] = credit.get(name, _NOTHING) + each.credit
    return [
        CostPlace(
            name=name, breached=breached[name], of=every[name], credit=f"{to_cent(credit.get(name, _NOTHING)):.2f}" if is_priced else None
        )
        for name in sorted(every, key=lambda name: (-credit.get(name, _NOTHING), -breached[name], name))
    ]
