"""What misses would have cost, and where the breaches behind them were."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import NamedTuple

from domain.backtest.promises import Part
from domain.backtest.report import CostPlace, CreditBacktest
from domain.backtest.tally import Case, Promise, Tally

_CENT = Decimal("0.01")
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
        CostPlace(name=name, breached=breached[name], of=every[name], credit=_money(credit.get(name, _NOTHING)) if is_priced else None)
        for name in sorted(every, key=lambda name: (-credit.get(name, _NOTHING), -breached[name], name))
    ]


def _money(amount: Fraction) -> str:
    return str((Decimal(amount.numerator) / amount.denominator).quantize(_CENT, ROUND_HALF_UP))
