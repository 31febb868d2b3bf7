"""A ticket's clock that is to count nowhere after the fact: proposed by one person, decided by another, with a reason."""

from enum import StrEnum
from typing import Literal, Self

from domain.actors import Act
from domain.cases import Action
from domain.effects import TicketRef
from domain.follow_ups.follow_up import FollowUp, FollowUpKind, Kind, Reason, refuse_own, row
from domain.human_tasks import Assignment
from domain.people import Role


class ExclusionState(StrEnum):
    """Where an exclusion stands."""

    PROPOSED = "PROPOSED"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"


S = ExclusionState


class ExclusionReason(StrEnum):
    """Why a ticket counts nowhere; after its completion only a dispute that was upheld does."""

    FORCE_MAJEURE = "FORCE_MAJEURE"
    DISPUTE_UPHELD = "DISPUTE_UPHELD"


class Exclusion(FollowUp):
    """A ticket that is to be left out; `about` names it."""

    state: ExclusionState = S.PROPOSED
    ticket: TicketRef
    because: ExclusionReason
    why: str
    proposed_by: str

    @property
    def kind(self) -> FollowUpKind:
        """An exclusion."""
        return FollowUpKind.EXCLUSION

    @property
    def has_effect(self) -> bool:
        """An approved one takes the ticket out of every figure."""
        return self.state is S.APPROVED

    def begun(self) -> Self:
        """The SLM manager decides."""
        return self.asking("DECIDE_EXCLUSION", self.entered_at, Assignment(Role.SLM_MANAGER))


class ApproveExclusion(Action):
    """The second pair of eyes agrees: the ticket counts nowhere."""

    action: Literal["approve_exclusion"] = "approve_exclusion"


class RejectExclusion(Action):
    """The ticket counts."""

    action: Literal["reject_exclusion"] = "reject_exclusion"
    reason: Reason


def approve_exclusion(case: Exclusion, action: ApproveExclusion, act: Act) -> Exclusion:
    """It is told to those it helps and to those it costs."""
    del action
    refuse_own(act, case.proposed_by)
    case = case.done("DECIDE_EXCLUSION", act).entering(S.APPROVED, act.at)
    said = f"{case.because}: {case.why}"
    return case.telling(
        "CUSTOMER_REP",
        "SLA_TEAM",
        subject=f"Ticket {case.ticket.ticket_id} counts nowhere",
        body=said,
        phrase="exclusion",
        ticket=case.ticket.ticket_id,
    )


def reject_exclusion(case: Exclusion, action: RejectExclusion, act: Act) -> Exclusion:
    """The reason is kept."""
    refuse_own(act, case.proposed_by)
    return case.done("DECIDE_EXCLUSION", act).entering(S.REJECTED, act.at, action.reason)


_DECIDING = (Role.SLM_MANAGER, Role.CONTROL_TIER)

EXCLUSION = Kind(
    table=(
        row(S.PROPOSED, "approve_exclusion", _DECIDING, S.APPROVED),
        row(S.PROPOSED, "reject_exclusion", _DECIDING, S.REJECTED),
    ),
    actions={ApproveExclusion: approve_exclusion, RejectExclusion: reject_exclusion},
    stages={},
    deadlines={},
    hears={},
    ends=frozenset({S.APPROVED, S.REJECTED}),
)
