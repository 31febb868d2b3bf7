"""The life of an agreement: its states, and every way from one to the next as data.

The same table answers the API, the processes and the tests: what may be done in a state, by whom, and where it may lead.
Row numbers are those of the state machine in `docs/lifecycle.md`; rows without a number are work inside a stage.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple

from domain.people import Role


class AgreementState(StrEnum):
    """Where an agreement stands. Up to REGISTERED the state is its case's, from then on each document's own.

    SUPERSEDED is a version in whose place another is in force.
    """

    REQUESTED = "REQUESTED"
    AGENT_SELECTION = "AGENT_SELECTION"
    REQUIREMENTS = "REQUIREMENTS"
    FEASIBILITY = "FEASIBILITY"
    PIPELINE_WAIT = "PIPELINE_WAIT"
    REQUIREMENTS_APPROVAL = "REQUIREMENTS_APPROVAL"
    PRICING = "PRICING"
    NEGOTIATION = "NEGOTIATION"
    UNDERPINNING = "UNDERPINNING"
    DRAFT_DISCUSSION = "DRAFT_DISCUSSION"
    FINAL_REVIEW = "FINAL_REVIEW"
    SIGNING = "SIGNING"
    REGISTERED = "REGISTERED"
    ACTIVE = "ACTIVE"
    TERMINATING = "TERMINATING"
    TERMINATED = "TERMINATED"
    EXPIRED = "EXPIRED"
    SUPERSEDED = "SUPERSEDED"
    CANCELLED = "CANCELLED"
    DECLINED = "DECLINED"


S = AgreementState
CASE_ENDS = frozenset({S.REGISTERED, S.CANCELLED, S.DECLINED})
"""Where the case's own process ends."""
STAGES = (
    S.AGENT_SELECTION,
    S.REQUIREMENTS,
    S.FEASIBILITY,
    S.PIPELINE_WAIT,
    S.REQUIREMENTS_APPROVAL,
    S.PRICING,
    S.NEGOTIATION,
    S.UNDERPINNING,
    S.DRAFT_DISCUSSION,
    S.FINAL_REVIEW,
    S.SIGNING,
)
"""The stages in which people are waited for."""


class Transition(NamedTuple):
    """One way on: what is done in a state, by which roles, and the states it may lead to.

    An action whose `to` includes its own state may leave the case where it is, because others must act too. Without
    roles the system does it, by a check or a timer.
    """

    row: str
    at: StrEnum
    action: str
    roles: frozenset[Role]
    to: tuple[StrEnum, ...]


def _row(row: str, at: AgreementState, action: str, roles: Iterable[Role], *to: AgreementState) -> Transition:
    return Transition(row, at, action, frozenset(roles), to or (at,))


_SLA, _SLM, _CRM, _AGENT = (Role.SLA_TEAM,), (Role.SLM_MANAGER,), (Role.CRM_STAFF,), (Role.REQUIREMENTS_AGENT,)
_CUSTOMER, _SUPPLY, _DEVELOPMENT = (Role.CUSTOMER_REP,), (Role.SUPPLY_MANAGER,), (Role.SERVICE_DEV_OWNER,)
REVIEWERS = (Role.CUSTOMER_REP, Role.LEGAL, Role.CRM_STAFF, Role.SLM_MANAGER, Role.SUPPLY_MANAGER, Role.CONTROL_TIER)
"""Who may be a party to the final version, and who is one unless the case names others (LEGAL only where the customer has one)."""

_BACK_FROM_REVIEW = (S.DRAFT_DISCUSSION, S.UNDERPINNING, S.NEGOTIATION, S.REQUIREMENTS)

TRANSITIONS: tuple[Transition, ...] = (
    _row("T02", S.REQUESTED, "accept_request", (), S.AGENT_SELECTION),
    _row("T03", S.REQUESTED, "decline_request", (), S.DECLINED),
    _row("T04", S.AGENT_SELECTION, "nominate_agent", _SLA, S.AGENT_SELECTION, S.REQUIREMENTS),
    _row("T04", S.AGENT_SELECTION, "confirm_agent", _CRM, S.AGENT_SELECTION, S.REQUIREMENTS),
    _row("T04", S.AGENT_SELECTION, "appoint_agent", _SLM, S.REQUIREMENTS),
    _row("", S.REQUIREMENTS, "log_contact", _AGENT),
    _row("", S.REQUIREMENTS, "set_requirements", _AGENT),
    _row("T05", S.REQUIREMENTS, "requirements_complete", _AGENT, S.FEASIBILITY),
    _row("", S.FEASIBILITY, "record_consultation", _AGENT),
    _row("", S.FEASIBILITY, "decide_feasibility", _AGENT),
    _row("T06", S.FEASIBILITY, "need_new_service", _AGENT, S.PIPELINE_WAIT),
    _row("T07", S.PIPELINE_WAIT, "pipeline_answered", _DEVELOPMENT, S.PIPELINE_WAIT, S.FEASIBILITY),
    _row("T07", S.PIPELINE_WAIT, "pipeline_ready", _DEVELOPMENT, S.FEASIBILITY),
    _row("T37", S.PIPELINE_WAIT, "answer_waiting", _CUSTOMER, S.PIPELINE_WAIT, S.CANCELLED),
    _row("T37", S.PIPELINE_WAIT, "waiting_asked", ()),
    _row("T37", S.PIPELINE_WAIT, "lapse", (), S.CANCELLED),
    _row("T08", S.FEASIBILITY, "propose_alternatives", _AGENT, S.REQUIREMENTS),
    _row("T09", S.FEASIBILITY, "decline_not_feasible", (*_AGENT, *_SLM), S.FEASIBILITY, S.DECLINED),
    _row("T10", S.FEASIBILITY, "feasibility_done", _AGENT, S.REQUIREMENTS_APPROVAL),
    _row("T11", S.REQUIREMENTS_APPROVAL, "approve_requirements", _CUSTOMER, S.PRICING),
    _row("T12", S.REQUIREMENTS_APPROVAL, "reject_requirements", _CUSTOMER, S.REQUIREMENTS),
    _row("T13", S.REQUIREMENTS_APPROVAL, "lapse", (), S.CANCELLED),
    _row("", S.PRICING, "set_prices", (*_SLA, *_AGENT)),
    _row("T14", S.PRICING, "approve_price", (Role.PRICING_APPROVER,), S.NEGOTIATION),
    _row("", S.PRICING, "approve_exception", (Role.FINANCE_DIRECTOR,)),
    _row("T36", S.PRICING, "reject_price", (Role.PRICING_APPROVER,)),
    _row("T15", S.NEGOTIATION, "counter_offer", _CUSTOMER, S.PRICING),
    _row("T15", S.NEGOTIATION, "offer_expired", (), S.PRICING, S.CANCELLED),
    _row("T15", S.NEGOTIATION, "continue_negotiation", (*_SLM, *_CRM)),
    _row("T16", S.NEGOTIATION, "change_requirement", _CUSTOMER, S.REQUIREMENTS),
    _row("T17", S.NEGOTIATION, "accept_offer", (*_CUSTOMER, *_CRM), S.NEGOTIATION, S.UNDERPINNING),
    _row("T13", S.NEGOTIATION, "refuse_offer", _CUSTOMER, S.CANCELLED),
    _row("T18", S.NEGOTIATION, "decline_commercial", _CRM, S.DECLINED),
    _row("", S.UNDERPINNING, "link_supports", _SUPPLY),
    _row("T19", S.UNDERPINNING, "unsupportable", _SUPPLY, S.NEGOTIATION),
    _row("T20", S.UNDERPINNING, "support_ready", _SUPPLY, S.DRAFT_DISCUSSION),
    _row("", S.DRAFT_DISCUSSION, "compile_draft", _SLA),
    _row("", S.DRAFT_DISCUSSION, "acknowledge_receipt", REVIEWERS),
    _row("", S.DRAFT_DISCUSSION, "comment", REVIEWERS),
    _row("", S.DRAFT_DISCUSSION, "resolve_comment", _SLA),
    _row("", S.DRAFT_DISCUSSION, "confirm_comment", REVIEWERS),
    _row("T21", S.DRAFT_DISCUSSION, "freeze_draft", _SLA, S.FINAL_REVIEW),
    _row("T22", S.DRAFT_DISCUSSION, "comment_requires", _SLA, S.REQUIREMENTS, S.NEGOTIATION, S.UNDERPINNING),
    _row("T23", S.FINAL_REVIEW, "approve_draft", REVIEWERS, S.FINAL_REVIEW, S.SIGNING),
    _row("T24", S.FINAL_REVIEW, "reject_draft", REVIEWERS, *_BACK_FROM_REVIEW),
    _row("", S.FINAL_REVIEW, "extend_review", _SLM),
    _row("T13", S.FINAL_REVIEW, "lapse", (), S.CANCELLED),
    _row("T25", S.SIGNING, "sign", (Role.SIGNATORY,)),
    _row("T25", S.SIGNING, "registered", (), S.REGISTERED),
    _row("T26", S.SIGNING, "refuse_to_sign", (Role.SIGNATORY,), S.DRAFT_DISCUSSION),
    _row("T27", S.SIGNING, "signing_lapsed", (), S.NEGOTIATION),
    *(_row("T13", stage, "withdraw", _CRM, S.CANCELLED) for stage in STAGES),
)


def leads_on(table: Sequence[Transition], at: StrEnum) -> frozenset[StrEnum]:
    """The states a state may be left for."""
    return frozenset(state for each in table if each.at is at for state in each.to if state is not at)


def transition(table: Sequence[Transition], at: StrEnum, action: str) -> Transition | None:
    """The row for an action in a state."""
    return next((each for each in table if each.at is at and each.action == action), None)


def allowed(table: Sequence[Transition], at: StrEnum) -> tuple[str, ...]:
    """What people may do in a state."""
    return tuple(sorted({each.action for each in table if each.at is at and each.roles}))
