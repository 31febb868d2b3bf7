"""What all promises of a document came to in a period, and what that costs: pure, from counts and measured times."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from domain.agreement_parts import Period
from domain.attainment import Attainment
from domain.availability import Availability
from domain.credits import CreditBounds, CreditDraft, Missed, credit_drafts
from domain.documents import AgreementDocument
from domain.results import TargetResult, Verdict, of_attainment, of_availability


def results_of(
    document: AgreementDocument, kind: Period | None, counted: Mapping[str, Attainment], measured: Mapping[str, Availability]
) -> dict[str, TargetResult]:
    """Each target that is promised by this kind of period, by name; without a kind every target, whatever it is promised by.

    Args:
        document: the agreement in force in the period.
        kind: months, quarters or years: others are judged at their own ends.
        counted: tickets by target; a target without any is grey.
        measured: availability by target.
    """
    found = {
        target.target: of_attainment(Fraction(target.compliance), counted.get(target.target, Attainment()))
        for target in document.targets
        if kind in {None, target.period} and target.compliance is not None
    }
    available = [each for each in document.availability if kind in {None, each.period} and each.target in measured]
    return found | {each.target: of_availability(Fraction(each.percent), measured[each.target]) for each in available}


def credits_of(document: AgreementDocument, results: Mapping[str, TargetResult], given: Decimal = Decimal(0)) -> list[CreditDraft]:
    """The credits that misses of a whole period give by the document's tables; `given` was credited earlier in the year."""
    if document.price is None:
        return []
    missed = [Missed(name, each.achieved) for name, each in results.items() if each.verdict is Verdict.MISSED and each.achieved is not None]
    return credit_drafts(document.credits or (), missed, document.price.monthly, CreditBounds(), given)
