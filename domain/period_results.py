"""What all promises of a document came to in a period, and what that costs: pure, from counts and measured times."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from domain.agreement_parts import CreditLimits, Period
from domain.attainment import Counted
from domain.availability import Availability
from domain.credits import CreditBounds, CreditDraft, Missed, credit_drafts
from domain.documents import AgreementDocument
from domain.duties import Duty, DutyCount
from domain.early_warning import EarlyWarning, burn_rate
from domain.periods import PeriodSpan
from domain.results import Colour, TargetResult, Verdict, is_chronic, may_be_ended, of_attainment, of_availability
from domain.watermelon import OutcomeCount, Satisfaction, WatermelonReason


class PeriodResults(NamedTuple):
    """A period of an agreement as it stands; credits only of one that is over."""

    document: AgreementDocument
    period: PeriodSpan
    is_over: bool
    results: dict[str, TargetResult]
    """By target: of those that are promised by this kind of period."""
    every: dict[str, TargetResult]
    """By target: what all come to in the period, whatever they are promised by."""
    counted: dict[str, Counted]
    measured: dict[str, Availability]
    drafts: list[CreditDraft]
    satisfaction: Satisfaction
    outcomes: dict[str, OutcomeCount]
    watermelon: tuple[WatermelonReason, ...]
    duties: dict[Duty, DutyCount]
    earlier: dict[str, list[Colour]]
    """By target: the colours of the closed periods before this one, earliest first."""
    disputed: dict[str, TargetResult]
    """By target: the result as somebody disputes it, and it is not resolved."""
    recent: dict[str, TargetResult]
    """By target: what a running period came to of late; nothing of one that is over."""
    outages: dict[str, int]
    """By availability target: how often the service went down in its service hours."""

    @property
    def is_missed(self) -> bool:
        """Was any target missed?"""
        return any(result.verdict is Verdict.MISSED for result in self.results.values())

    def burn_rate(self, target: str) -> EarlyWarning | None:
        """The warning that a target's allowance is used too fast, while the period runs."""
        return None if self.is_over else burn_rate(target, self.results[target], self.recent.get(target))

    def warnings(self, target: str) -> Iterator[str]:
        """What to look at in a target."""
        if (warning := self.burn_rate(target)) is not None:
            yield warning.kind.value
        if not self.is_over:
            return
        colours = [*self.earlier.get(target, []), self.results[target].colour]
        if is_chronic(colours):
            yield "CHRONIC"
        if may_be_ended(colours):
            yield "MAY_BE_ENDED"


def results_of(
    document: AgreementDocument, kind: Period | None, counted: Mapping[str, Counted], measured: Mapping[str, Availability]
) -> dict[str, TargetResult]:
    """Each target that is promised by this kind of period, by name; without a kind every target, whatever it is promised by.

    Args:
        document: the agreement in force in the period.
        kind: months, quarters or years: others are judged at their own ends.
        counted: tickets by target, those within the agreed volume count; a target without any is grey.
        measured: availability by target; one of which nothing was reported is grey.
    """
    found = {
        target.target: of_attainment(Fraction(target.compliance), counted.get(target.target, Counted()).within)
        for target in document.targets
        if kind in {None, target.period} and target.compliance is not None
    }
    available = [each for each in document.availability if kind in {None, each.period}]
    return found | {each.target: of_availability(Fraction(each.percent), measured.get(each.target)) for each in available}


class Credited(NamedTuple):
    """What is known of an agreement's credits when those of a period are drafted."""

    given: Decimal = Decimal(0)
    """Credited earlier in the calendar year."""
    causes: Mapping[str, str] = {}
    """By target: the root cause of the miss, where somebody named one."""


NOTHING_KNOWN = Credited()


def credits_of(
    document: AgreementDocument, results: Mapping[str, TargetResult], known: Credited = NOTHING_KNOWN, share: Fraction = Fraction(1)
) -> list[CreditDraft]:
    """The credits that misses of a period give by the document's tables.

    `share` is how much of a month's fee was paid for a period that a change of versions split.
    """
    if document.price is None:
        return []
    missed = [
        Missed(name, each.achieved, known.causes.get(name))
        for name, each in results.items()
        if each.verdict is Verdict.MISSED and each.achieved is not None
    ]
    fee = document.price.monthly
    paid = fee if share == 1 else (fee * share.numerator / share.denominator).quantize(Decimal("0.01"))
    return credit_drafts(document.credits or (), missed, paid, _bounds(document.credit_limits, fee), known.given)


def _bounds(limits: CreditLimits | None, fee: Decimal) -> CreditBounds:
    """An agreement's limits in money."""
    if limits is None:
        return CreditBounds()
    month = fee * limits.month_percent / 100 if limits.month_percent is not None else None
    year = 12 * fee * limits.year_percent / 100 if limits.year_percent is not None else None
    return CreditBounds(month, year, limits.minimum)
