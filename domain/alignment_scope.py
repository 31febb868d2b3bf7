"""Rules 4 to 8 of the alignment: availability, scope, term, compliance, money."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import groupby

from domain.agreement_parts import AvailabilityTarget, DocumentTarget, Period
from domain.documents import AgreementDocument
from domain.figures import shown
from domain.findings import Finding, fails, holds, warns
from domain.support_chains import Segment
from domain.terms import AgreementKind


def availability(target: AvailabilityTarget, segments: Sequence[Segment]) -> Finding:
    """Rule 4: segments follow each other; several supports of one segment stand in for each other."""
    up = Fraction(1)
    for _, backups in groupby(sorted(segments, key=lambda each: each.name), key=lambda each: each.name):
        down = Fraction(1)
        for segment in backups:
            down *= 1 - _share(segment)
        up *= 1 - down
    percent, promised = up * 100, Fraction(target.percent)
    result = f"{shown(percent, 4)} % under {target.percent} %"
    if percent < promised:
        return fails("AVAILABILITY", target.target, result, achievable=f"{shown(percent, 4)} %")
    return holds("AVAILABILITY", target.target, result)


def _share(segment: Segment) -> Fraction:
    promise = next((each for each in segment.document.availability if each.target == segment.target), None)
    return Fraction(promise.percent) / 100 if promise is not None else Fraction(0)


def scope_gaps(sla: AgreementDocument, target: str, segment: Segment) -> Iterator[Finding]:
    """Rule 5: every region, and at least the workload that is promised."""
    support = segment.document
    if support.regions and (missing := set(sla.regions or ("every region",)) - set(support.regions)):
        yield fails("REGION_GAP", target, f"{segment.support} does not cover {', '.join(sorted(missing))}")
    limits = {each.unit: each for each in support.workload_limits or ()}
    for wanted in sla.workload_limits or ():
        had = limits.get(wanted.unit)
        if had is not None and _a_year(had.volume, had.per) < _a_year(wanted.volume, wanted.per):
            message = f"{segment.support} carries {had.volume} {had.unit} a {had.per.lower()}, promised are {wanted.volume}"
            yield fails("VOLUME_GAP", target, message, achievable=f"{had.volume} {had.unit}")


def _a_year(volume: int, per: Period) -> int:
    return volume * {Period.MONTH: 12, Period.QUARTER: 4, Period.YEAR: 1}[per]


def term_gaps(sla: AgreementDocument, target: str, segment: Segment) -> Iterator[Finding]:
    """Rule 6: from the first day to the last, and not to be ended sooner than the promise."""
    support = segment.document
    if sla.effective_from is not None and (support.effective_from is None or support.effective_from > sla.effective_from):
        yield fails("STARTS_LATER", target, f"{segment.support} starts {support.effective_from}")
    ends_first = support.effective_until is not None and (sla.effective_until is None or support.effective_until < sla.effective_until)
    if ends_first:
        say = warns if support.renewal_clause is not None and support.renewal_clause.automatic else fails
        yield say("EXPIRES_FIRST", target, f"{segment.support} ends {support.effective_until}")
    ours, theirs = sla.termination, support.termination
    if ours is not None and theirs is not None and theirs.notice_days < ours.notice_days:
        message = f"{segment.support} may end with {theirs.notice_days} days' notice, the promise with {ours.notice_days}"
        yield fails("SHORTER_NOTICE", target, message)


def compliance_gaps(target: DocumentTarget, segments: Sequence[Segment]) -> Iterator[Finding]:
    """Rule 7: at least the share of tickets that is promised."""
    for segment in segments:
        theirs = segment.promise.compliance if segment.promise is not None else None
        if theirs is not None and theirs < (target.compliance if target.compliance is not None else Decimal(100)):
            message = f"{segment.support} keeps {theirs} % of tickets, promised are {target.compliance or 100} %"
            yield fails("COMPLIANCE_GAP", target.target, message, achievable=f"{theirs} %")


def penalty_gap(sla: AgreementDocument, target: str, segment: Segment) -> Iterator[Finding]:
    """Rule 8: what a supplier owes covers what we owe."""
    if segment.document.kind is not AgreementKind.UC:
        return
    ours, theirs = _at_risk(sla, target), _at_risk(segment.document, segment.target)
    if theirs < ours:
        yield warns("PENALTY_GAP", target, f"{segment.support} gives back {theirs:.2f} at most, we owe up to {ours:.2f}")


def _at_risk(document: AgreementDocument, target: str) -> Decimal:
    """The most that one period of a target can cost the side that promises it."""
    table = next((each for each in document.credits or () if each.target == target), None)
    return (
        max((band.credit for band in table.bands), default=Decimal()) * document.price.monthly / 100
        if table and document.price
        else Decimal()
    )
