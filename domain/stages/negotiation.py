"""Price and level, discussed in rounds until both sides accept the same option set."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from domain.actors import Act
from domain.agreement_case import Acceptance, AgreementCase, JustifiedReason, NegotiationRound
from domain.agreement_parts import Money, Text
from domain.cases import Action
from domain.errors import BadInput, Conflict
from domain.human_tasks import TaskState
from domain.lifecycle import AgreementState
from domain.people import Key, Role, Side
from domain.stages.hashes import Hash, check_hash
from domain.stages.pricing import check_floor


class CounterOffer(Action):
    """The customer asks for another price or level."""

    action: Literal["counter_offer"] = "counter_offer"
    price: Annotated[Money | None, Field(ge=0)] = None
    comment: Text


class ContinueNegotiation(Action):
    """After many rounds: go on. Who stops instead declines, or withdraws the case."""

    action: Literal["continue_negotiation"] = "continue_negotiation"
    reason: Text


class ChangeRequirement(Action):
    """The customer needs something else."""

    action: Literal["change_requirement"] = "change_requirement"
    reason: Text


class AcceptOffer(Action):
    """A side accepts an option set: one option for each service and region."""

    action: Literal["accept_offer"] = "accept_offer"
    options: Annotated[tuple[Key, ...], Field(min_length=1)]
    document_hash: Hash


class RefuseOffer(Action):
    """The customer refuses for good."""

    action: Literal["refuse_offer"] = "refuse_offer"
    reason: Text


class DeclineCommercial(Action):
    """The provider refuses for good."""

    action: Literal["decline_commercial"] = "decline_commercial"
    reason: JustifiedReason


def enter(case: AgreementCase, at: datetime) -> AgreementCase:
    """Both sides look at the offer while it is valid; after many rounds somebody decides whether to go on."""
    offer_until = case.days_after(at, case.policy.offer_days)
    case = case.asking("ACCEPT_OFFER", at, case.customer_rep, case.staff(Role.CRM_STAFF))
    case = case.but(acceptances=(), offer_until=offer_until, continued=frozenset())
    if case.rounds and (last := case.rounds[-1]).ended is not None:  # back from a later stage: the same offer, a round of its own
        again = NegotiationRound(number=last.number + 1, price=last.price, offered_at=at)
        case = case.but(rounds=(*case.rounds, again))
    if _must_be_continued(case):
        case = case.asking("CONTINUE_NEGOTIATION", at, case.staff(Role.SLM_MANAGER), case.staff(Role.CRM_STAFF))
    return case.until("offer_expired", offer_until)


def counter_offer(case: AgreementCase, action: CounterOffer, act: Act) -> AgreementCase:
    """Another price or level: to be priced anew."""
    if _must_be_continued(case):
        raise Conflict("CONTINUATION_NEEDED", f"after {len(case.rounds)} rounds the SLM manager and CRM staff decide whether to go on")
    return _ended(case, "COUNTER", counter=action.price, comment=action.comment).entering(AgreementState.PRICING, act.at, "COUNTER_OFFER")


def continue_negotiation(case: AgreementCase, action: ContinueNegotiation, act: Act) -> AgreementCase:
    """Go on after many rounds; both must say so."""
    del action
    if not case.is_asked("CONTINUE_NEGOTIATION"):
        raise Conflict("NOT_ASKED", f"it is asked after {case.policy.rounds_before_asking} rounds")
    return case.done("CONTINUE_NEGOTIATION", act).but(continued=case.continued | {act.role.value})


def change_requirement(case: AgreementCase, action: ChangeRequirement, act: Act) -> AgreementCase:
    """The customer needs something else: the statement is open again."""
    return _ended(case, "REQUIREMENT_CHANGED", comment=action.reason).entering(AgreementState.REQUIREMENTS, act.at, action.reason)


def accept_offer(case: AgreementCase, action: AcceptOffer, act: Act) -> AgreementCase:
    """The customer, then CRM staff, accept the same set."""
    if case.proposal is None:
        raise Conflict("NO_PROPOSAL", "nothing is priced yet")
    check_hash(action.document_hash, case.proposal_hash)
    try:
        case.proposal.chosen(action.options)
    except ValueError as wrong:
        raise BadInput(str(wrong).replace("offered:", "options:")) from wrong
    side = act.entitled.side
    case.refuse_second_decision("ACCEPT_OFFER", act)
    mine = Acceptance(side=side, by=act.by.person, on_behalf_of=act.on_behalf_of, options=tuple(sorted(action.options)), at=act.at)
    theirs = next((each for each in case.acceptances if each.side is Side.CUSTOMER), None)
    if side is Side.CUSTOMER:
        return case.done("ACCEPT_OFFER", act).but(acceptances=(mine,))
    if theirs is None:
        raise Conflict("CUSTOMER_FIRST", "the customer has not accepted yet")
    if theirs.options != mine.options:
        raise Conflict("DIFFERENT_OPTIONS", f"the customer accepted {', '.join(theirs.options)}")
    check_floor(case, action.options)
    case = _ended(case.done("ACCEPT_OFFER", act), "ACCEPTED").but(acceptances=(theirs, mine))
    return case.entering(AgreementState.UNDERPINNING, act.at)


def refuse_offer(case: AgreementCase, action: RefuseOffer, act: Act) -> AgreementCase:
    """The customer refuses for good."""
    return _ended(case, "REFUSED", comment=action.reason).entering(AgreementState.CANCELLED, act.at, "BY_CUSTOMER")


def decline_commercial(case: AgreementCase, action: DeclineCommercial, act: Act) -> AgreementCase:
    """The provider refuses for good."""
    case = _ended(case, "DECLINED", comment=action.reason).entering(AgreementState.DECLINED, act.at, "COMMERCIAL")
    return case.telling("CUSTOMER_REP", subject="We cannot offer this", body=action.reason, phrase="cannot_offer")


def offer_expired(case: AgreementCase, at: datetime) -> AgreementCase:
    """The first time the price is looked at again, the second time the case ends."""
    case = _ended(case.voiding(at, state=TaskState.LAPSED), "EXPIRED").but(expiries=case.expiries + 1)
    if case.expiries > 1:
        return case.entering(AgreementState.CANCELLED, at, "LAPSED")
    return case.entering(AgreementState.PRICING, at, "OFFER_EXPIRED")


def _must_be_continued(case: AgreementCase) -> bool:
    return len(case.rounds) >= case.policy.rounds_before_asking and len(case.continued) < 2


def _ended(case: AgreementCase, ended: str, **of_round: object) -> AgreementCase:
    if not case.rounds:
        return case
    return case.but(rounds=(*case.rounds[:-1], case.rounds[-1].model_copy(update={"ended": ended, **of_round})))
