"""A change of an agreement: what asks for it, whether it is needed and how large, and what became of it.

The version in force stays in force, and is watched, until a new one is registered; a change that fails changes nothing.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from domain.business_days import business_days_from
from domain.documents import AgreementDocument, hash_of
from domain.follow_ups.follow_up import FollowUp, FollowUpKind, News, follow_up_id
from domain.follow_ups.triggers import Trigger
from domain.human_tasks import Assignment
from domain.people import Role


class ChangeState(StrEnum):
    """Where a change stands."""

    RAISED = "RAISED"
    NO_CHANGE = "NO_CHANGE"
    MINOR = "MINOR"
    MATERIAL = "MATERIAL"
    REGISTERED = "REGISTERED"
    WITHDRAWN = "WITHDRAWN"
    FAILED = "FAILED"


S = ChangeState


class Change(FollowUp):
    """A change; `about` is the code of its first trigger, `later` are triggers that came when it was decided already.

    `impact` are the agreements below a corporate document, `why` says why such a one is changed again. A small change is
    `edited` text that is `agreed` by both sides; a material one is the `amendment`, an agreement case. `registered_as` is
    the version it led to; `warned` are the warnings of its needed-by date that were told, in business days before it.
    """

    state: ChangeState = S.RAISED
    triggers: tuple[Trigger, ...]
    later: tuple[Trigger, ...] = ()
    impact: tuple[str, ...] = ()
    why: str | None = None
    edited: AgreementDocument | None = None
    note: str = ""
    agreed: bool = False
    amendment: str | None = None
    registered_as: str | None = None
    warned: tuple[int, ...] = ()

    @property
    def kind(self) -> FollowUpKind:
        """A change."""
        return FollowUpKind.CHANGE

    @property
    def edited_hash(self) -> str | None:
        """What both sides acknowledge."""
        return hash_of(self.edited) if self.edited is not None else None

    @property
    def has_effect(self) -> bool:
        """A material one opens its case, a small one that both sides agreed on is registered; news tell what came of it."""
        return self.agreed if self.state is S.MINOR else self.state is S.MATERIAL and self.amendment is None

    @property
    def needed(self) -> Trigger | None:
        """The trigger that needs it first."""
        dated = [each for each in self.triggers if each.needed_at is not None]
        return min(dated, key=lambda each: each.needed_at or each.at, default=None)

    @property
    def successors(self) -> "tuple[Change, ...]":
        """What was asked for when it was too late for this change asks for another one."""
        return tuple(raised_from(self, each) for each in self.later)

    def begun(self) -> Self:
        """It is examined; one that was decided elsewhere goes its way at once."""
        begun: Self = material(self, self.entered_at) if self.state is S.MATERIAL else raised(self, self.entered_at)
        return begun

    def too_late(self, news: News) -> Self:
        """A trigger that is heard after the end is kept for the next change."""
        return self.keeping(Trigger.model_validate(news.content)) if news.name == "trigger" else self

    def keeping(self, trigger: Trigger) -> Self:
        """The change with a trigger kept for the next one."""
        return self if self.knows(trigger) else self.but(later=(*self.later, trigger))

    def knows(self, trigger: Trigger) -> bool:
        """Was it heard before?"""
        return trigger.key in {each.key for each in (*self.triggers, *self.later)}

    def warned_in_time(self, at: datetime) -> Self:
        """The change with a deadline for the next warning of its needed-by date; those whose time has passed are left out.

        Counted back from the start of the day it is needed: 15 business days before 1 September are the start of 11 August.
        """
        to_come = [max(instant, at) for instant, days in self.warnings if instant >= at or days == 0]
        return self.until("needed_by", min(to_come)) if to_come else self

    @property
    def warnings(self) -> list[tuple[datetime, int]]:
        """Instants of the warnings that were not told, with the business days before the day it is needed."""
        needed_at = self.needed.needed_at if self.needed is not None else None
        if needed_at is None:
            return []
        left = [days for days in self.policy.needed_by_warnings if days not in self.warned]
        return [(business_days_from(self.provider_days, needed_at, -days), days) for days in left]


def raised_from(case: FollowUp, trigger: Trigger, state: ChangeState = S.RAISED) -> Change:
    """A change that another follow-up of the agreement leads to."""
    return Change(
        case_id=follow_up_id(FollowUpKind.CHANGE, case.registry_no, trigger.key),
        calendar=case.calendar,
        policy=case.policy,
        state=state,
        entered_at=case.last_at,
        last_at=case.last_at,
        registry_no=case.registry_no,
        customer=case.customer,
        about=trigger.code.value,
        triggers=(trigger,),
        why=trigger.text,
    )


def raised(case: Any, at: datetime) -> Any:
    """The SLM manager is asked, and those hear of it who know the customer."""
    said = "; ".join(f"{each.code}: {each.text}" for each in case.triggers)
    case = case.warned_in_time(at).asking("EXAMINE_CHANGE", at, Assignment(Role.SLM_MANAGER))
    return case.telling(
        "SLA_TEAM", "CRM_STAFF", subject=f"{case.registry_no} is examined for a change", body=said, phrase="change_examined"
    )


def material(case: Any, at: datetime) -> Any:
    """Both sides hear that it is renegotiated."""
    asked = "; ".join(each.text for each in case.triggers)
    said = f"{asked}. The present version stays in force until the new one is."
    case = case.warned_in_time(at)
    return case.telling(
        "CUSTOMER_REP",
        "CRM_STAFF",
        "SLM_MANAGER",
        subject=f"{case.registry_no} is renegotiated",
        body=said,
        phrase="renegotiated",
        asked=asked,
    )
