"""An OLA or UC that only an ended agreement rested on: its end is proposed, and the supply manager decides."""

from enum import StrEnum
from typing import Literal, Self

from domain.actors import Act
from domain.cases import Action
from domain.follow_ups.follow_up import FollowUp, FollowUpKind, Kind, Reason, row
from domain.human_tasks import Assignment
from domain.people import Role


class ReleaseState(StrEnum):
    """Where the release of a support stands."""

    PROPOSED = "PROPOSED"
    ENDED = "ENDED"
    KEPT = "KEPT"


S = ReleaseState


class Release(FollowUp):
    """The support is the agreement it is filed under; `about` is the one that ended and rested on it."""

    state: ReleaseState = S.PROPOSED

    @property
    def kind(self) -> FollowUpKind:
        """A release."""
        return FollowUpKind.RELEASE

    def begun(self) -> Self:
        """The supply manager is asked."""
        return self.asking("RELEASE_SUPPORT", self.entered_at, Assignment(Role.SUPPLY_MANAGER))


class EndSupport(Action):
    """The support is given notice; its own end is ordered through the CRM like any other."""

    action: Literal["end_support"] = "end_support"
    reason: Reason


class KeepSupport(Action):
    """The support goes on, for a reason that is kept."""

    action: Literal["keep_support"] = "keep_support"
    reason: Reason


def end_support(case: Release, action: EndSupport, act: Act) -> Release:
    """It is to end."""
    return case.done("RELEASE_SUPPORT", act).entering(S.ENDED, act.at, action.reason)


def keep_support(case: Release, action: KeepSupport, act: Act) -> Release:
    """It goes on."""
    return case.done("RELEASE_SUPPORT", act).entering(S.KEPT, act.at, action.reason)


RELEASE = Kind(
    table=(
        row(S.PROPOSED, "end_support", (Role.SUPPLY_MANAGER,), S.ENDED),
        row(S.PROPOSED, "keep_support", (Role.SUPPLY_MANAGER,), S.KEPT),
    ),
    actions={EndSupport: end_support, KeepSupport: keep_support},
    stages={},
    deadlines={},
    hears={},
    ends=frozenset({S.ENDED, S.KEPT}),
)
