"""Service credits: what a missed promise costs, by the agreed bands, with what bounds it. A person approves every one."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import NamedTuple

from domain.agreement_parts import CreditTable, LatenessPenalty
from domain.closing import Due

_CENT = Decimal("0.01")


class Missed(NamedTuple):
    """A target that was missed in a period: what it came to, in per cent, and the root cause if somebody named one."""

    target: str
    achieved: Fraction
    cause: str | None = None


class CreditBounds(NamedTuple):
    """What bounds credits: the most a month and a year, in money, and the least that is paid at all."""

    month: Decimal | None = None
    year: Decimal | None = None
    minimum: Decimal = Decimal(0)


class CreditDraft(NamedTuple):
    """A credit as it is proposed to finance; `why` explains every step from the result to the amount."""

    target: str
    percent: Decimal
    amount: Decimal
    why: tuple[str, ...]


def percent_for(table: CreditTable, achieved: Fraction) -> Decimal:
    """Per cent of the monthly fee for a result: the lowest band it falls into; 0 where it falls into none."""
    reached = [band for band in table.bands if achieved < Fraction(band.below)]
    return min(reached, key=lambda band: band.below).credit if reached else Decimal(0)


def credit_drafts(
    tables: Iterable[CreditTable], missed: Sequence[Missed], fee: Decimal, bounds: CreditBounds, given: Decimal = Decimal(0)
) -> list[CreditDraft]:
    """The credits of a period, one for each target that gives one.

    Several targets hit by one root cause give only the highest, of equal ones the first by name; caps cut what goes
    beyond them, in the order of the targets' names; what stays below the minimum is not paid.

    Args:
        tables: what each target gives back, by result.
        missed: targets missed in the period.
        fee: the monthly fee of the service and region they belong to.
        bounds: caps in money.
        given: what was credited in the year before this period.
    """
    by_target = {table.target: table for table in tables}
    in_order = sorted(missed, key=lambda each: each.target)
    found = [(each, percent_for(by_target[each.target], each.achieved)) for each in in_order if each.target in by_target]
    left_of_month, left_of_year = bounds.month, None if bounds.year is None else max(bounds.year - given, Decimal(0))
    drafts = []
    for each, percent in sorted(_highest_of_each_cause(found), key=lambda pair: pair[0].target):
        amount = (fee * percent / 100).quantize(_CENT, ROUND_HALF_UP)
        why = [f"{percent.normalize():f} % of {fee} for {each.target}", *_left_out(each, found)]
        for name, left in (("month", left_of_month), ("year", left_of_year)):
            if left is not None and amount > left:
                amount = left
                why.append(f"the cap of the {name} leaves {left}")
        if amount <= 0 or amount < bounds.minimum:
            continue
        left_of_month = left_of_month - amount if left_of_month is not None else None
        left_of_year = left_of_year - amount if left_of_year is not None else None
        drafts.append(CreditDraft(each.target, percent, amount, tuple(why)))
    return drafts


def _highest_of_each_cause(found: Sequence[tuple[Missed, Decimal]]) -> list[tuple[Missed, Decimal]]:
    kept: dict[str, tuple[Missed, Decimal]] = {}
    for place, (each, percent) in enumerate(found):
        cause = f"cause {each.cause}" if each.cause is not None else f"alone {place}"
        if percent > 0 and (cause not in kept or percent > kept[cause][1]):
            kept[cause] = each, percent
    return list(kept.values())


def _left_out(kept: Missed, found: Sequence[tuple[Missed, Decimal]]) -> list[str]:
    """Why others with the same root cause give nothing."""
    others = [each.target for each, percent in found if percent > 0 and each is not kept and each.cause == kept.cause is not None]
    return [f"{', '.join(others)} missed by the same root cause {kept.cause}: only the highest counts"] if others else []


TOLD_TICKETS = 20
"""Late tickets that are named in an explanation; all are counted."""


def penalised(penalty: LatenessPenalty, late: Mapping[str, timedelta], currency: str, known: Due | None) -> Due:
    """What late tickets cost by started hours of their target's own time, beside what the target's share costs already.

    Args:
        penalty: the amount for each started hour.
        late: how late each ticket was, by its name.
        currency: of the amounts.
        known: what the target gives back by its table.
    """
    hours = {name: -(-each // timedelta(hours=1)) for name, each in late.items()}
    amount = penalty.per_started_hour * sum(hours.values())
    named = [f"{name}: {each} started hour(s) late at {penalty.per_started_hour}" for name, each in list(hours.items())[:TOLD_TICKETS]]
    more = [f"and {len(hours) - TOLD_TICKETS} more tickets"] if len(hours) > TOLD_TICKETS else []
    before = known or Due(target=penalty.target, amount=Decimal(0), currency=currency, why=())
    return before.model_copy(update={"amount": (before.amount + amount).quantize(_CENT), "why": (*before.why, *named, *more)})
