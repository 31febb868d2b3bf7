"""An irregularity somebody must look at: it is opened once, and closes by itself when its cause is gone."""

from enum import StrEnum
from typing import Literal, Self

from domain.actors import Act
from domain.cases import Action
from domain.follow_ups.follow_up import FollowUp, FollowUpKind, Kind, News, Reason, row
from domain.human_tasks import Assignment
from domain.people import Role


class CorrectionState(StrEnum):
    """Where a correction stands."""

    OPEN = "OPEN"
    CORRECTED = "CORRECTED"
    GONE = "GONE"


S = CorrectionState

NOT_MEASURED = "NOT_MEASURED"
"""The cause of a correction that waits for a statement instead of a repair: too much of a period is unknown."""

AT_RISK_UNSUPPORTED = "AT_RISK_UNSUPPORTED"
"""The cause where OLAs or UCs carried a promise when it was signed, and do not any more (R-078)."""

_ASKED = {NOT_MEASURED: ("STATE_RESULT", Role.SLM_MANAGER), AT_RISK_UNSUPPORTED: ("RESTORE_SUPPORT", Role.SUPPLY_MANAGER)}


class Correction(FollowUp):
    """What is irregular (`cause`), and the figure that shows it; once done, what was done or stated."""

    state: CorrectionState = S.OPEN
    cause: str
    why: str
    statement: str | None = None

    @property
    def kind(self) -> FollowUpKind:
        """A correction."""
        return FollowUpKind.CORRECTION

    def begun(self) -> Self:
        """The SLM manager is asked to act, or to state what was not measured; the supply manager, where supports carry too little."""
        task, role = _ASKED.get(self.cause, ("CORRECT", Role.SLM_MANAGER))
        return self.asking(task, self.entered_at, Assignment(role))


class Correct(Action):
    """What was done about it, or what is stated of a period that was not measured."""

    action: Literal["correct"] = "correct"
    statement: Reason


def correct(case: Correction, action: Correct, act: Act) -> Correction:
    """Somebody acted, and says how."""
    return (
        case.done("CORRECT", act)
        .done("STATE_RESULT", act)
        .done("RESTORE_SUPPORT", act)
        .entering(S.CORRECTED, act.at)
        .but(statement=action.statement)
    )


def _gone(case: Correction, news: News) -> Correction:
    return case.entering(S.GONE, news.at, "the cause is gone")


CORRECTION = Kind(
    table=(row(S.OPEN, "correct", (Role.SLM_MANAGER, Role.SLA_TEAM, Role.SUPPLY_MANAGER), S.CORRECTED), row(S.OPEN, "gone", (), S.GONE)),
    actions={Correct: correct},
    stages={},
    deadlines={},
    hears={"gone": _gone},
    ends=frozenset({S.CORRECTED, S.GONE}),
)
