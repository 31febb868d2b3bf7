"""Work packages whose owner has left: somebody names who does the work from now on, or leaves them for a reason."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from domain.actors import Act
from domain.agreement_parts import Owner, Text
from domain.canonical import digest_of
from domain.cases import Action
from domain.errors import BadInput
from domain.follow_ups.follow_up import FollowUp, FollowUpKind, Kind, News, Reason, follow_up_id, row
from domain.human_tasks import Assignment
from domain.people import Key, Role
from domain.values import Document
from domain.work_packages import OwnedPackage, OwnerChange, PackageName


class HandoverState(StrEnum):
    """Where a handover stands."""

    OPEN = "OPEN"
    HANDED_OVER = "HANDED_OVER"
    LEFT_ORPHANED = "LEFT_ORPHANED"
    GONE = "GONE"


S = HandoverState


class OrphanedPackage(Document):
    """A work package that lost its owner; once somebody is named, who does it from now on."""

    obligation: Key
    package: Key
    task: Text
    owner: Owner | None = None

    @property
    def name(self) -> PackageName:
        """How it is called."""
        return PackageName(self.obligation, self.package)


class Handover(FollowUp):
    """What one owner who left had to do under one agreement; `about` is who left."""

    state: HandoverState = S.OPEN
    packages: tuple[OrphanedPackage, ...]

    @property
    def kind(self) -> FollowUpKind:
        """A handover."""
        return FollowUpKind.HANDOVER

    @property
    def changes(self) -> tuple[OwnerChange, ...]:
        """The owners named so far."""
        return tuple(OwnerChange(each.name, self.about, each.owner) for each in self.packages if each.owner is not None)

    def begun(self) -> Self:
        """The SLM manager is asked for new owners, and told which work packages have none."""
        listed = "\n".join(f"{each.name}: {each.task}" for each in self.packages)
        return self.asking("NAME_OWNER", self.entered_at, Assignment(Role.SLM_MANAGER)).telling(
            "SLM_MANAGER",
            subject=f"Work packages without an owner: {len(self.packages)} of {self.registry_no}, as {self.about} has left",
            body=listed,
            phrase="orphaned",
            count=len(self.packages),
            packages=listed,
        )


def handover_of(agreement: tuple[str, str], owner: str, packages: Sequence[OwnedPackage], at: datetime, fields: dict[str, Any]) -> Handover:
    """A handover as it is opened.

    Args:
        agreement: its registry number, and its customer.
        owner: who left.
        packages: what they owned there.
        at: when it became known; so that who comes back and leaves again is another occasion.
        fields: calendar and policy, in which the task's time counts.
    """
    number, customer = agreement
    return Handover(
        **fields,
        case_id=follow_up_id(FollowUpKind.HANDOVER, number, digest_of([owner, at.isoformat()])[:12]),
        entered_at=at,
        last_at=at,
        registry_no=number,
        customer=customer,
        about=owner,
        packages=tuple(
            OrphanedPackage(obligation=each.name.obligation, package=each.name.package, task=each.package.task) for each in packages
        ),
    )


class NameOwner(Action):
    """Who does the work from now on: a person of the catalogue by their short name, a team, a supplier, or in other words."""

    action: Literal["name_owner"] = "name_owner"
    owner: Owner
    packages: Annotated[
        tuple[str, ...], Field(description="work packages as obligation/package; none: every one that has no new owner yet")
    ] = ()


class LeaveOrphaned(Action):
    """Nobody does the work from now on, for a reason that is kept."""

    action: Literal["leave_orphaned"] = "leave_orphaned"
    reason: Reason


def name_owner(case: Handover, action: NameOwner, act: Act) -> Handover:
    """Once every package has an owner it is done; until then the task stays open."""
    known = {str(each.name) for each in case.packages}
    if unknown := sorted(set(action.packages) - known):
        raise BadInput(f"packages: {unknown[0]!r} is none of these: {', '.join(sorted(known))}")
    meant = set(action.packages) or {str(each.name) for each in case.packages if each.owner is None}
    packages = tuple(each.model_copy(update={"owner": action.owner}) if str(each.name) in meant else each for each in case.packages)
    case = case.but(packages=packages)
    if any(each.owner is None for each in packages):
        return case
    return case.done("NAME_OWNER", act).entering(S.HANDED_OVER, act.at)


def leave_orphaned(case: Handover, action: LeaveOrphaned, act: Act) -> Handover:
    """They stay on the list of what nobody owns; whom somebody was named for keeps the new owner."""
    return case.done("NAME_OWNER", act).entering(S.LEFT_ORPHANED, act.at, action.reason)


def _gone(case: Handover, news: News) -> Handover:
    return case.entering(S.GONE, news.at, "the agreement has ended")


_DECIDING = (Role.SLM_MANAGER, Role.SLA_TEAM)

HANDOVER = Kind(
    table=(
        row(S.OPEN, "name_owner", _DECIDING, S.OPEN, S.HANDED_OVER),
        row(S.OPEN, "leave_orphaned", _DECIDING, S.LEFT_ORPHANED),
        row(S.OPEN, "agreement_ended", (), S.GONE),
    ),
    actions={NameOwner: name_owner, LeaveOrphaned: leave_orphaned},
    stages={},
    deadlines={},
    hears={"agreement_ended": _gone},
    ends=frozenset({S.HANDED_OVER, S.LEFT_ORPHANED, S.GONE}),
)
