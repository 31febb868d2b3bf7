"""The settlement of an agreement that ended early: what is left to be done, and after a withdrawal the ruling it all waits for."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Literal, Self

from pydantic import AwareDatetime

from domain.actors import Act
from domain.cases import Action
from domain.errors import Conflict, Forbidden
from domain.follow_ups.follow_up import FollowUp, FollowUpKind, Kind, News, Reason, row
from domain.human_tasks import Assignment
from domain.people import Role, Side
from domain.termination import TerminationBasis


class SettlementState(StrEnum):
    """Where a settlement stands."""

    HELD = "HELD"
    UNSETTLED = "UNSETTLED"
    SETTLED = "SETTLED"


S = SettlementState


class SettlementStep(StrEnum):
    """What is to be done after the end; all but the money is done by the agreement's process."""

    REGISTER = "REGISTER"
    COVERAGE = "COVERAGE"
    FINAL_REPORT = "FINAL_REPORT"
    CRM_CONFIRMATION = "CRM_CONFIRMATION"
    MONEY = "MONEY"


class Settlement(FollowUp):
    """Credits and claims up to the end, and the steps with the instant each was done; the customer may dispute until `disputed_until`.

    `ruling` is what legal decided after a withdrawal; until then nothing is decided on any money of the agreement.
    """

    state: SettlementState = S.UNSETTLED
    basis: TerminationBasis
    legal_ref: str
    ended_at: AwareDatetime
    disputed_until: AwareDatetime
    steps: Mapping[SettlementStep, AwareDatetime | None]
    ruling: str | None = None

    @property
    def kind(self) -> FollowUpKind:
        """A settlement."""
        return FollowUpKind.SETTLEMENT

    @property
    def has_effect(self) -> bool:
        """A ruling ends the hold on everything else."""
        return self.ruling is not None

    def begun(self) -> Self:
        """Finance is asked, or legal first."""
        if self.state is S.HELD:
            return self.asking("ENTER_RULING", self.entered_at, Assignment(Role.LEGAL))
        return self.asking_by("SETTLE_AGREEMENT", self.disputed_until, self.entered_at, Assignment(Role.FINANCE))

    def having(self, steps: Mapping[SettlementStep, datetime]) -> Self:
        """The settlement with steps that were done; one that was done before stays as it was."""
        return self.but(steps={step: known or steps.get(step) for step, known in self.steps.items()})


class SettleAgreement(Action):
    """Finance has settled what is owed up to the end."""

    action: Literal["settle_agreement"] = "settle_agreement"
    statement: Reason


class EnterRuling(Action):
    """Legal rules on a withdrawal: what counts of what was measured, credited and claimed."""

    action: Literal["enter_ruling"] = "enter_ruling"
    ruling: Reason


def _unsettled(case: Settlement, at: datetime) -> Settlement:
    due = max(case.disputed_until, at)
    return case.asking_by("SETTLE_AGREEMENT", due, at, Assignment(Role.FINANCE))


def enter_ruling(case: Settlement, action: EnterRuling, act: Act) -> Settlement:
    """The provider's legal decides; the money may be settled then."""
    if act.entitled.side is not Side.PROVIDER:
        raise Forbidden("the provider's legal rules on a withdrawal")
    return case.done("ENTER_RULING", act).entering(S.UNSETTLED, act.at).but(ruling=action.ruling)


def settle_agreement(case: Settlement, action: SettleAgreement, act: Act) -> Settlement:
    """The last step; those before it must be done."""
    if left := sorted(step for step, at in case.steps.items() if at is None and step is not SettlementStep.MONEY):
        raise Conflict("STEPS_OPEN", f"not done yet: {', '.join(left)}")
    case = case.done("SETTLE_AGREEMENT", act).having({SettlementStep.MONEY: act.at})
    return case.entering(S.SETTLED, act.at, action.statement)


def _steps_done(case: Settlement, news: News) -> Settlement:
    return case.having({SettlementStep(step): news.at for step in news.content["steps"]})


_FINANCE = (Role.FINANCE, Role.FINANCE_DIRECTOR)

SETTLEMENT = Kind(
    table=(
        row(S.HELD, "enter_ruling", (Role.LEGAL,), S.UNSETTLED),
        row(S.HELD, "steps_done", ()),
        row(S.UNSETTLED, "settle_agreement", _FINANCE, S.SETTLED),
        row(S.UNSETTLED, "steps_done", ()),
    ),
    actions={EnterRuling: enter_ruling, SettleAgreement: settle_agreement},
    stages={S.UNSETTLED: _unsettled},
    deadlines={},
    hears={"steps_done": _steps_done},
    ends=frozenset({S.SETTLED}),
)
