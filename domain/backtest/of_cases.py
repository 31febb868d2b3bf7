"""What an agreement case has on the table, as proposals: requirements as asked, priced options, or the draft."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import NamedTuple

from pydantic import ValidationError

from domain.agreement_case import AgreementCase
from domain.agreement_parts import Price
from domain.backtest.asked import MOST_PROPOSALS
from domain.backtest.completing import Completing, Known, Promised, Remark, RemarkKind, Scope, Sides
from domain.backtest.proposals import Proposal
from domain.documents import AgreementDocument
from domain.lifecycle import AgreementState
from domain.pricing import LevelOption
from domain.requirements import Requirement
from domain.targets import Limit, TargetKind
from domain.terms import AgreementKind

AS_ASKED = "as asked"
DRAFT = "draft"

_ASKING = frozenset(
    {
        AgreementState.REQUESTED,
        AgreementState.AGENT_SELECTION,
        AgreementState.REQUIREMENTS,
        AgreementState.FEASIBILITY,
        AgreementState.PIPELINE_WAIT,
        AgreementState.REQUIREMENTS_APPROVAL,
    }
)
_PRICING = frozenset({AgreementState.PRICING, AgreementState.NEGOTIATION})

_MINUTES = {"minute": 1, "minutes": 1, "hour": 60, "hours": 60}
_DAYS = {
    "business days": TargetKind.BUSINESS_DAYS,
    "business day": TargetKind.BUSINESS_DAYS,
    "calendar days": TargetKind.CALENDAR_DAYS,
    "days": TargetKind.CALENDAR_DAYS,
}
_NEXT_DAY = "next business day"


class CaseProposals(NamedTuple):
    """What can be measured of a case, with what was assumed and what cannot."""

    proposals: tuple[Proposal, ...]
    remarks: tuple[Remark, ...]


def proposals_of_case(case: AgreementCase, known: Known) -> CaseProposals:
    """What the case would promise as it stands: what it asks before there are prices, its options while they are priced, then its draft.

    Every option with a limit is a proposal of its own, those that are offered first.
    """
    completing = Completing(_sides(case), known)
    if case.state not in _ASKING | _PRICING and case.draft is not None:
        found = [Proposal(proposal=DRAFT, documents=case.draft.documents)]
    elif case.state not in _ASKING and case.proposal is not None:
        found = list(_options(case, completing))
    else:
        found = list(_as_asked(case, completing))
    for each in found[MOST_PROPOSALS:]:
        completing.remark(RemarkKind.TOO_MANY, each.proposal, str(MOST_PROPOSALS))
    return CaseProposals(tuple(found[:MOST_PROPOSALS]), tuple(completing.remarks))


def _sides(case: AgreementCase) -> Sides:
    kind = AgreementKind.INTERNAL_SLA if case.request.is_internal else AgreementKind.CUSTOMER_SLA
    return Sides(kind, case.request.provider, case.request.customer, case.calendar)


# ---- options --------------------------------------------------------------------------------------------------------


def _options(case: AgreementCase, completing: Completing) -> Iterator[Proposal]:
    assert case.proposal is not None
    offered = case.proposal.offered
    for each in sorted(case.proposal.options, key=lambda option: option.option not in offered):
        document = _of_option(each, case.proposal.currency, completing)
        if document is not None:
            yield Proposal(proposal=each.option, documents=(document,))


def _of_option(option: LevelOption, currency: str, completing: Completing) -> AgreementDocument | None:
    if option.limit is None:
        completing.remark(RemarkKind.NO_LIMIT, option.option)
        return None
    price = Price(monthly=option.price, currency=currency, option=option.option)
    regions = (option.region,) if option.region is not None else ()
    scope = Scope(option.option, option.service, regions, price)
    return completing.document(scope, [Promised(option.option, option.target, option.limit, option.promised)])


# ---- requirements ---------------------------------------------------------------------------------------------------


def _as_asked(case: AgreementCase, completing: Completing) -> Iterator[Proposal]:
    """All measurable requirements in one proposal, a document for each service and its regions."""
    asked: dict[tuple[str, tuple[str, ...]], list[tuple[Requirement, Limit]]] = {}
    for each in case.requirements.requirements if case.requirements is not None else ():
        limit = _limit(each)
        if each.service is None:
            completing.remark(RemarkKind.NO_SERVICE, each.requirement)
        elif limit is None:
            completing.remark(RemarkKind.OTHER_UNIT, each.requirement, f"{each.value.normalize():f} {each.unit}")
        else:
            asked.setdefault((each.service, each.regions), []).append((each, limit))
    documents = []
    for (service, regions), found in asked.items():
        scope = Scope("-".join(("asked", service, *regions))[:100], service, regions)
        document = completing.document(scope, list(_promises(found)))
        if document is not None:
            documents.append(document)
    if documents:
        yield Proposal(proposal=AS_ASKED, documents=tuple(documents))


def _promises(found: Sequence[tuple[Requirement, Limit]]) -> Iterator[Promised]:
    """A target for each, called by its metric; where two measure the same, by their own names."""
    metrics = [_metric(each) for each, _ in found]
    for (each, limit), metric in zip(found, metrics, strict=True):
        yield Promised(each.requirement, metric, limit, each.compliance, None if metrics.count(metric) == 1 else each.requirement)


def _metric(requirement: Requirement) -> str:
    """The metric as a target is named."""
    return "".join(letter if letter.isalnum() else "-" for letter in requirement.metric.strip().lower())


def _limit(requirement: Requirement) -> Limit | None:
    """The limit a requirement asks for; None where it is no time that a ticket could be given."""
    unit, value = " ".join(requirement.unit.lower().split()), requirement.value
    try:
        if unit == _NEXT_DAY:
            return Limit(kind=TargetKind.NEXT_BUSINESS_DAY, calendar=requirement.calendar)
        if (minutes := _MINUTES.get(unit.removeprefix("business "))) is not None and value > 0:
            length = timedelta(seconds=int(value * minutes * 60))
            return Limit(kind=TargetKind.DURATION, limit=length, calendar=requirement.calendar) if length else None
        if (kind := _DAYS.get(unit)) is not None and value == value.to_integral_value():
            return Limit(kind=kind, days=int(value), calendar=requirement.calendar)
    except (ValidationError, ArithmeticError):
        return None
    return None
