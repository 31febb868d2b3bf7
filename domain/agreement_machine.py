"""The machine of agreement cases: table, actions, stages and deadlines put together, and the duties that are kept apart."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from domain.actors import Act
from domain.agreement_case import AgreementCase
from domain.agreement_parts import Text
from domain.case_machine import Machine, Step
from domain.cases import Action
from domain.errors import BadInput, Conflict, Forbidden
from domain.lifecycle import TRANSITIONS, AgreementState
from domain.people import Role, Side
from domain.stages import (
    agent_selection,
    discussion,
    drafts,
    feasibility,
    negotiation,
    pipeline,
    pricing,
    requirements,
    review,
    signing,
    underpinning,
)


class Withdraw(Action):
    """CRM ends the case, on the customer's behalf unless it says otherwise."""

    action: Literal["withdraw"] = "withdraw"
    cause: Literal["BY_CUSTOMER", "BY_PROVIDER", "DUPLICATE"] = "BY_CUSTOMER"
    reason: Text


def withdraw(case: AgreementCase, action: Withdraw, act: Act) -> AgreementCase:
    """The case ends before it is in force; signatures given by then are void."""
    signing.refuse_when_signed(case)
    case = case.but(signatures=())
    return case.entering(AgreementState.CANCELLED, act.at, action.cause).telling(
        "SLA_TEAM", subject="Withdrawn", body=action.reason, phrase="withdrawn"
    )


ACTIONS: Mapping[type[Action], Callable[..., AgreementCase]] = {
    agent_selection.NominateAgent: agent_selection.name_agent,
    agent_selection.ConfirmAgent: agent_selection.name_agent,
    agent_selection.AppointAgent: agent_selection.appoint_agent,
    requirements.LogContact: requirements.log_contact,
    requirements.SetRequirements: requirements.set_requirements,
    requirements.RequirementsComplete: requirements.requirements_complete,
    feasibility.RecordConsultation: feasibility.record_consultation,
    feasibility.DecideFeasibility: feasibility.decide_feasibility,
    pipeline.NeedNewService: pipeline.need_new_service,
    pipeline.PipelineAnswered: pipeline.pipeline_answered,
    pipeline.PipelineReady: pipeline.pipeline_ready,
    pipeline.AnswerWaiting: pipeline.answer_waiting,
    feasibility.ProposeAlternatives: feasibility.propose_alternatives,
    feasibility.DeclineNotFeasible: feasibility.decline_not_feasible,
    feasibility.FeasibilityDone: feasibility.feasibility_done,
    requirements.ApproveRequirements: requirements.approve_requirements,
    requirements.RejectRequirements: requirements.reject_requirements,
    pricing.SetPrices: pricing.set_prices,
    pricing.ApprovePrice: pricing.approve_price,
    pricing.ApproveException: pricing.approve_exception,
    pricing.RejectPrice: pricing.reject_price,
    negotiation.CounterOffer: negotiation.counter_offer,
    negotiation.ContinueNegotiation: negotiation.continue_negotiation,
    negotiation.ChangeRequirement: negotiation.change_requirement,
    negotiation.AcceptOffer: negotiation.accept_offer,
    negotiation.RefuseOffer: negotiation.refuse_offer,
    negotiation.DeclineCommercial: negotiation.decline_commercial,
    underpinning.LinkSupports: underpinning.link_supports,
    underpinning.Unsupportable: underpinning.unsupportable,
    underpinning.SupportReady: underpinning.support_ready,
    drafts.CompileDraft: drafts.compile_draft,
    discussion.AcknowledgeReceipt: discussion.acknowledge_receipt,
    discussion.MakeComment: discussion.make_comment,
    discussion.ResolveComment: discussion.resolve_comment,
    discussion.ConfirmComment: discussion.confirm_comment,
    discussion.CommentRequires: discussion.comment_requires,
    discussion.FreezeDraft: discussion.freeze_draft,
    review.ApproveDraft: review.approve_draft,
    review.RejectDraft: review.reject_draft,
    review.ExtendReview: review.extend_review,
    signing.Sign: signing.sign,
    signing.RefuseToSign: signing.refuse_to_sign,
    Withdraw: withdraw,
}
"""Every action people have, and what it does."""


def name_of(action: type[Action]) -> str:
    """The name of an action's row in the table."""
    return str(action.model_fields["action"].default)


BY_NAME = {name_of(action): action for action in ACTIONS}


def parse_action(value: Any) -> Action:
    """An action from its JSON form.

    Raises:
        BadInput: there is none of that name.
        ValidationError: its fields are wrong.
    """
    name = value.get("action") if isinstance(value, Mapping) else None
    if not isinstance(name, str) or name not in BY_NAME:
        raise BadInput(f"action: there is no {name!r}")
    return BY_NAME[name].model_validate(value)


_APART = frozenset({Role.PRICING_APPROVER, Role.CONTROL_TIER})


def _may_act(case: AgreementCase, action: Action, act: Act) -> None:
    """The right person of the role, and duties that one person must not hold together.

    Raises:
        Forbidden: another customer's person, or not the agent of the case.
        BadInput: SEPARATION_OF_DUTIES.
    """
    who = act.entitled
    if who.side is Side.CUSTOMER and who.party != case.request.customer:
        raise Forbidden(f"{who.person} acts for another customer")
    if act.role is Role.REQUIREMENTS_AGENT and who.person != case.agent:
        raise Forbidden(f"{who.person} is not the agent of the case")
    people = {act.by.person, who.person}
    if act.role in _APART and case.agent in people:
        raise BadInput(f"{case.agent} wrote the requirements and cannot decide as {act.role}", "SEPARATION_OF_DUTIES")
    if act.role is Role.CONTROL_TIER and people & {case.compiled_by, case.price_approved_by}:
        raise BadInput(f"{act.by.person} wrote or priced it and cannot be its control tier", "SEPARATION_OF_DUTIES")
    if action.action == "decline_not_feasible" and act.by.person in case.decline_agreed_by.values():
        raise Conflict("ALREADY_DECIDED", f"{act.by.person} has agreed; another person must too")


EDITS = frozenset({"set_requirements", "set_prices", "link_supports", "compile_draft"})
"""What changes the text of the agreement or what it rests on; refused as such once it is issued (R-063)."""


def _edits_the_issued(case: AgreementCase, action: Action) -> bool:
    """Would it change what signatories have before them?"""
    return case.issued_at is not None and action.action in EDITS


AGREEMENT = Machine(
    table=TRANSITIONS,
    parse=parse_action,
    handlers={name_of(action): handler for action, handler in ACTIONS.items()},
    stages={
        AgreementState.AGENT_SELECTION: agent_selection.enter,
        AgreementState.REQUIREMENTS: requirements.enter,
        AgreementState.FEASIBILITY: feasibility.enter,
        AgreementState.PIPELINE_WAIT: pipeline.enter,
        AgreementState.REQUIREMENTS_APPROVAL: requirements.enter_approval,
        AgreementState.PRICING: pricing.enter,
        AgreementState.NEGOTIATION: negotiation.enter,
        AgreementState.UNDERPINNING: underpinning.enter,
        AgreementState.DRAFT_DISCUSSION: drafts.enter,
        AgreementState.FINAL_REVIEW: review.enter,
        AgreementState.SIGNING: signing.enter,
        AgreementState.CANCELLED: underpinning.release,
        AgreementState.DECLINED: underpinning.release,
    },
    deadlines={
        "lapse": requirements.lapse,
        "waiting_asked": pipeline.ask_to_wait,
        "offer_expired": negotiation.offer_expired,
        "signing_lapsed": signing.signing_lapsed,
    },
    may_act=_may_act,
    edits_the_issued=_edits_the_issued,
)


def begin(case: AgreementCase) -> Step:
    """The CRM's request is taken up, or declined with the reason."""
    at = case.entered_at
    if case.request.fault is not None:
        after = case.entering(AgreementState.DECLINED, at, "INVALID_REQUEST").telling(
            "CRM_STAFF", subject="Declined", body=case.request.fault, phrase="declined"
        )
        return Step(after.but(revision=case.revision + 1), "decline_request", case, at)
    if case.request.amends is not None and case.agent is not None:
        after = requirements.enter(case.entering(AgreementState.REQUIREMENTS, at), at)
        after = after.telling(
            "CUSTOMER_REP",
            "CRM_STAFF",
            subject=f"{case.request.amends} is renegotiated",
            body=case.request.wish,
            phrase="renegotiation_begins",
            number=case.request.amends,
        )
        return Step(after.but(revision=case.revision + 1), "begin_amendment", case, at)
    after = agent_selection.enter(case.entering(AgreementState.AGENT_SELECTION, at), at)
    return Step(after.but(revision=case.revision + 1), "accept_request", case, at)


def register(case: AgreementCase, registry_nos: Sequence[str], at: datetime) -> Step:
    """The registry has taken the agreement."""
    after = signing.registered(case, registry_nos, at)
    return Step(after.but(revision=case.revision + 1, last_at=at), "registered", case, at)


def not_registered(case: AgreementCase, why: str, at: datetime) -> Step:
    """The registry refuses the agreement; the SLM manager is told, and it stays signed."""
    after = case.telling("SLM_MANAGER", subject="A signed agreement cannot be registered", body=why, phrase="cannot_be_registered")
    return Step(after.but(revision=case.revision + 1, last_at=at), "not_registered", case, at)
