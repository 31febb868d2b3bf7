"""Prices, approved inside before the customer sees them."""

from datetime import datetime
from typing import Literal

from domain.actors import Act
from domain.agreement_case import AgreementCase, JustifiedReason, NegotiationRound
from domain.agreement_parts import Text
from domain.cases import Action
from domain.errors import Conflict
from domain.lifecycle import AgreementState
from domain.people import Role
from domain.pricing import PriceProposal, is_too_little, shown_margin
from domain.stages.hashes import Hash, check_hash


class SetPrices(Action):
    """SLA team or agent price the options."""

    action: Literal["set_prices"] = "set_prices"
    proposal: PriceProposal


class ApprovePrice(Action):
    """The pricing approver lets the offer go to the customer."""

    action: Literal["approve_price"] = "approve_price"
    document_hash: Hash


class ApproveException(Action):
    """The finance director allows a margin below the floor."""

    action: Literal["approve_exception"] = "approve_exception"
    document_hash: Hash
    reason: JustifiedReason


class RejectPrice(Action):
    """The pricing approver sends the proposal back."""

    action: Literal["reject_price"] = "reject_price"
    reason: Text


def enter(case: AgreementCase, at: datetime) -> AgreementCase:
    """The SLA team prices; what was offered before is no offer any longer."""
    return case.asking("SET_PRICES", at, case.staff(Role.SLA_TEAM)).but(exception_hash=None, offer_until=None)


def set_prices(case: AgreementCase, action: SetPrices, act: Act) -> AgreementCase:
    """Options for every service of the case; the approver is asked, below the floor the finance director too."""
    wanted = {each.service for each in (case.requirements.requirements if case.requirements is not None else ())} - {None}
    if missing := sorted(map(str, {*wanted, *case.request.services} - {each.service for each in action.proposal.options})):
        raise Conflict("NO_OPTION", f"no level is priced for {', '.join(missing)}")
    case = (
        case.done("SET_PRICES", act)
        .voiding(act.at, "SET_PRICES", "APPROVE_PRICE", "APPROVE_EXCEPTION")
        .but(proposal=action.proposal, exception_hash=None)
    )
    case = case.asking("APPROVE_PRICE", act.at, case.staff(Role.PRICING_APPROVER))
    if is_below_floor(case, action.proposal.offered):
        case = case.asking("APPROVE_EXCEPTION", act.at, case.staff(Role.FINANCE_DIRECTOR))
    return case


def is_below_floor(case: AgreementCase, options: tuple[str, ...]) -> bool:
    """Is the margin of a set below the floor?"""
    assert case.proposal is not None
    return is_too_little(case.proposal.margin_of(options), case.policy.margin_floor, is_internal=case.request.is_internal)


def check_floor(case: AgreementCase, options: tuple[str, ...]) -> None:
    """Refuse a margin below the floor that nobody excepted.

    Raises:
        Conflict: MARGIN_BELOW_FLOOR.
    """
    assert case.proposal is not None
    is_excepted = case.exception_hash == case.proposal_hash and set(options) == set(case.proposal.offered)
    if is_below_floor(case, options) and not is_excepted:
        margin = shown_margin(case.proposal.margin_of(options))
        raise Conflict(
            "MARGIN_BELOW_FLOOR", f"the margin is {margin}, the floor {case.policy.margin_floor} %; the finance director may except it"
        )


def approve_price(case: AgreementCase, action: ApprovePrice, act: Act) -> AgreementCase:
    """The offer goes to the customer."""
    proposal = case.proposal
    if proposal is None or not case.is_asked("APPROVE_PRICE"):
        raise Conflict("NO_PROPOSAL", "no proposal waits for approval; prices are being set")
    check_hash(action.document_hash, case.proposal_hash)
    check_floor(case, proposal.offered)
    offer = NegotiationRound(number=len(case.rounds) + 1, price=proposal.price_of(proposal.offered), offered_at=act.at)
    case = case.done("APPROVE_PRICE", act).but(rounds=(*case.rounds, offer), price_approved_by=act.by.person)
    return case.entering(AgreementState.NEGOTIATION, act.at)


def approve_exception(case: AgreementCase, action: ApproveException, act: Act) -> AgreementCase:
    """The finance director takes the low margin upon themselves."""
    if not case.is_asked("APPROVE_EXCEPTION"):
        raise Conflict("NOT_ASKED", "no proposal below the floor waits")
    check_hash(action.document_hash, case.proposal_hash)
    return case.done("APPROVE_EXCEPTION", act).but(exception_hash=action.document_hash)


def reject_price(case: AgreementCase, action: RejectPrice, act: Act) -> AgreementCase:
    """Back to the SLA team."""
    if not case.is_asked("APPROVE_PRICE"):
        raise Conflict("NO_PROPOSAL", "no proposal waits for approval; prices are being set")
    case = case.done("APPROVE_PRICE", act).voiding(act.at, "APPROVE_EXCEPTION").asking("SET_PRICES", act.at, case.staff(Role.SLA_TEAM))
    return case.telling("SLA_TEAM", case.agent or "", subject="Prices rejected", body=action.reason, phrase="prices_rejected")
