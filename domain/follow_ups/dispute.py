"""A disputed measurement: both accounts are kept and shown until somebody decides which one counts."""

from enum import StrEnum
from typing import Literal, Self

from domain.actors import Act
from domain.cases import Action
from domain.follow_ups.follow_up import FollowUp, FollowUpKind, Kind, Reason, refuse_own, row
from domain.human_tasks import Assignment
from domain.measurements import Measurement
from domain.people import Role


class DisputeState(StrEnum):
    """Where a dispute stands."""

    OPEN = "OPEN"
    UPHELD = "UPHELD"
    DISMISSED = "DISMISSED"


S = DisputeState


class Dispute(FollowUp):
    """What the other side says was measured, for a target (`about`) and a period."""

    state: DisputeState = S.OPEN
    why: str
    raised_by: str
    account: tuple[Measurement, ...]

    @property
    def kind(self) -> FollowUpKind:
        """A dispute."""
        return FollowUpKind.DISPUTE

    @property
    def has_effect(self) -> bool:
        """While it is open its credit waits; once resolved the period is closed again."""
        return True

    def begun(self) -> Self:
        """The SLM manager decides."""
        return self.asking("RESOLVE_DISPUTE", self.entered_at, Assignment(Role.SLM_MANAGER))


class UpholdDispute(Action):
    """The account of who raised it counts; the period gets another version."""

    action: Literal["uphold_dispute"] = "uphold_dispute"
    reason: Reason


class DismissDispute(Action):
    """What was measured stays."""

    action: Literal["dismiss_dispute"] = "dismiss_dispute"
    reason: Reason


def uphold_dispute(case: Dispute, action: UpholdDispute, act: Act) -> Dispute:
    """Its stretches become facts like any others."""
    refuse_own(act, case.raised_by)
    return _told(case.done("RESOLVE_DISPUTE", act).entering(S.UPHELD, act.at, action.reason))


def dismiss_dispute(case: Dispute, action: DismissDispute, act: Act) -> Dispute:
    """The reason is kept and told."""
    refuse_own(act, case.raised_by)
    return _told(case.done("RESOLVE_DISPUTE", act).entering(S.DISMISSED, act.at, action.reason))


def _told(case: Dispute) -> Dispute:
    return case.telling(
        "CUSTOMER_REP",
        "SLA_TEAM",
        subject=f"Dispute about {case.about} in {case.period}: {case.state}",
        body=case.reason or "",
        phrase="dispute",
        state=case.state.value,
    )


_SLM = (Role.SLM_MANAGER,)

DISPUTE = Kind(
    table=(row(S.OPEN, "uphold_dispute", _SLM, S.UPHELD), row(S.OPEN, "dismiss_dispute", _SLM, S.DISMISSED)),
    actions={UpholdDispute: uphold_dispute, DismissDispute: dismiss_dispute},
    stages={},
    deadlines={},
    hears={},
    ends=frozenset({S.UPHELD, S.DISMISSED}),
)
