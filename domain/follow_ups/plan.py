"""A service improvement plan: cause, actions with owners and dates, and proof over two periods that the defect is gone."""

from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field

from domain.actors import Act
from domain.agreement_parts import Money, Text
from domain.cases import Action
from domain.documents import hash_of
from domain.errors import BadInput, Conflict, Forbidden
from domain.follow_ups.follow_up import FollowUp, FollowUpKind, Kind, News, Reason, follow_up_id, row
from domain.human_tasks import Assignment
from domain.people import Key, Role
from domain.periods import kind_of
from domain.stages.hashes import Hash, check_hash
from domain.values import Document

PERIODS_AT_GOAL = 2
"""Periods running at the goal that prove a plan effective (lifecycle of plans in `docs/in-force.md`)."""


class PlanState(StrEnum):
    """Where an improvement plan stands."""

    PROPOSED = "PROPOSED"
    APPROVED = "APPROVED"
    IN_PROGRESS = "IN_PROGRESS"
    VERIFYING = "VERIFYING"
    CLOSED_EFFECTIVE = "CLOSED_EFFECTIVE"
    CLOSED_INEFFECTIVE = "CLOSED_INEFFECTIVE"
    REJECTED = "REJECTED"
    DROPPED = "DROPPED"


S = PlanState


class PlanAction(Document):
    """One thing that is done, by whom, until when."""

    action: Key
    text: Text
    owner: Key
    due: date


class PlanContent(Document):
    """What the plan says: why it came to the defect, what is done, what is expected."""

    root_cause: Text
    actions: Annotated[tuple[PlanAction, ...], Field(min_length=1)]
    expected: Annotated[Text, Field(description="the value the metric is to reach")]
    cost: Annotated[Money, Field(ge=0)] = Decimal(0)


class Plan(FollowUp):
    """An improvement plan. `about` is the target, or `satisfaction`; `level` counts up with each plan that did not help."""

    state: PlanState = S.PROPOSED
    trigger: str
    baseline: str
    mandatory: bool = False
    level: int = 1
    content: PlanContent | None = None
    finished: tuple[str, ...] = ()
    verified: tuple[str, ...] = ()

    @property
    def kind(self) -> FollowUpKind:
        """An improvement plan."""
        return FollowUpKind.PLAN

    @property
    def content_hash(self) -> str | None:
        """What is approved."""
        return hash_of(self.content) if self.content is not None else None

    def begun(self) -> Self:
        """The SLA team is asked for cause and actions."""
        return self.asking("DESCRIBE_PLAN", self.entered_at, Assignment(Role.SLA_TEAM))

    @property
    def successors(self) -> "tuple[Plan, ...]":
        """The next plan, where this one did not help."""
        return (self.successor,) if self.successor is not None else ()

    @property
    def successor(self) -> "Plan | None":
        """Did it not help, another one follows, one level higher, which nobody may reject."""
        if self.state is not S.CLOSED_INEFFECTIVE:
            return None
        return Plan(
            case_id=follow_up_id(FollowUpKind.PLAN, self.registry_no, self.about, f"level-{self.level + 1}", self.period),
            calendar=self.calendar,
            policy=self.policy,
            entered_at=self.last_at,
            last_at=self.last_at,
            registry_no=self.registry_no,
            customer=self.customer,
            about=self.about,
            period=self.period,
            trigger=f"the plan before it did not help: {self.reason}",
            baseline=self.baseline,
            mandatory=True,
            level=self.level + 1,
        )


class DescribePlan(Action):
    """Cause, actions, what is expected; another version takes the place of the one before."""

    action: Literal["describe_plan"] = "describe_plan"
    content: PlanContent


class ApprovePlan(Action):
    """The plan is right, and paid for."""

    action: Literal["approve_plan"] = "approve_plan"
    document_hash: Hash


class RejectPlan(Action):
    """No plan is needed, for a reason; a mandatory one cannot be rejected."""

    action: Literal["reject_plan"] = "reject_plan"
    reason: Reason


class BeginPlan(Action):
    """Work begins."""

    action: Literal["begin_plan"] = "begin_plan"


class FinishAction(Action):
    """One action of the plan is done."""

    action: Literal["finish_action"] = "finish_action"
    finished: Key


def _approved(case: Plan, at: datetime) -> Plan:
    case = case.asking("BEGIN_PLAN", at, Assignment(Role.SLA_TEAM))
    said = f"Because of {case.trigger}. Expected: {case.content.expected if case.content else ''}."
    return case.telling(
        "CUSTOMER_REP",
        subject=f"Improvement plan for {case.about} under {case.registry_no}",
        body=said,
        phrase="plan",
        expected=case.content.expected if case.content else "",
    )


def _in_progress(case: Plan, at: datetime) -> Plan:
    assert case.content is not None
    for each in case.content.actions:
        due = case.provider_days.close_of_date(each.due)
        due = due if due > at else case.provider_days.local(each.due, time(23, 59))
        case = case.asking_by("PLAN_ACTION", due, at, Assignment(Role.SLA_TEAM, person=each.owner), name=each.action)
    return case


def describe_plan(case: Plan, action: DescribePlan, act: Act) -> Plan:
    """The SLM manager decides next."""
    names = [each.action for each in action.content.actions]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise BadInput(f"content.actions: {twice[0]!r} stands twice")
    case = case.done("DESCRIBE_PLAN", act).but(content=action.content).voiding(act.at, "DESCRIBE_PLAN", "APPROVE_PLAN")
    return case.asking("APPROVE_PLAN", act.at, Assignment(Role.SLM_MANAGER))


def approve_plan(case: Plan, action: ApprovePlan, act: Act) -> Plan:
    """It is to be carried out; the customer is told."""
    check_hash(action.document_hash, case.content_hash)
    return case.done("APPROVE_PLAN", act).entering(S.APPROVED, act.at)


def reject_plan(case: Plan, action: RejectPlan, act: Act) -> Plan:
    """The reason is kept."""
    if case.mandatory:
        raise Conflict("PLAN_IS_MANDATORY", f"a plan because of {case.trigger} is not rejected; describe another one")
    return case.entering(S.REJECTED, act.at, action.reason)


def begin_plan(case: Plan, action: BeginPlan, act: Act) -> Plan:
    """Every action's owner is asked."""
    del action
    return case.done("BEGIN_PLAN", act).entering(S.IN_PROGRESS, act.at)


def finish_action(case: Plan, action: FinishAction, act: Act) -> Plan:
    """With the last one it is measured whether it helped."""
    content = case.content
    assert content is not None
    wanted = next((each for each in content.actions if each.action == action.finished), None)
    if wanted is None:
        raise BadInput(f"finished: the plan has no action {action.finished!r}")
    if action.finished in case.finished:
        raise Conflict("ALREADY_DECIDED", f"{action.finished} is done")
    if act.role is not Role.SLM_MANAGER and act.entitled.person != wanted.owner:
        raise Forbidden(f"{wanted.owner} does {action.finished}, or the SLM manager says that it is done")
    case = case.closing_task(f"PLAN_ACTION:{case.visit}:{action.finished}", act).but(finished=(*case.finished, action.finished))
    if len(case.finished) < len(content.actions):
        return case
    return case.entering(S.VERIFYING, act.at)


def _measured(case: Plan, news: News) -> Plan:
    """A period ended after the last action: at goal, or not. Others than those the defect is measured by prove nothing."""
    period, ended = str(news.content["period"]), datetime.fromisoformat(news.content["ended"])
    if case.state is not S.VERIFYING or ended <= case.entered_at or kind_of(period) is not kind_of(case.period):
        return case
    if not news.content["at_goal"]:
        case = case.entering(S.CLOSED_INEFFECTIVE, news.at, f"{period} was not at goal")
        return case.telling(
            "SLM_MANAGER",
            "SERVICE_DIRECTOR",
            subject=f"Improvement plan for {case.about} did not help",
            body=case.reason or "",
            phrase="plan_ineffective",
            measured=period,
        )
    if period in case.verified:
        return case
    case = case.but(verified=(*case.verified, period))
    if len(case.verified) < PERIODS_AT_GOAL:
        return case
    case = case.entering(S.CLOSED_EFFECTIVE, news.at)
    said = f"At goal in {' and '.join(case.verified)}."
    return case.telling(
        "CUSTOMER_REP",
        "SLM_MANAGER",
        subject=f"Improvement plan for {case.about} was effective",
        body=said,
        phrase="plan_effective",
        periods=", ".join(case.verified),
    )


def _made_mandatory(case: Plan, news: News) -> Plan:
    """The defect turned out to be chronic, or satisfaction fell."""
    return case.but(mandatory=True, trigger=str(news.content["trigger"])) if not case.mandatory else case


_SLM, _TEAM = (Role.SLM_MANAGER,), (Role.SLM_MANAGER, Role.SLA_TEAM)
_OWNERS = (*_TEAM, Role.TEAM_OWNER, Role.SUPPLY_MANAGER, Role.SERVICE_DEV_OWNER, Role.RESOURCE_MANAGER)


def _dropped(case: Plan, news: News) -> Plan:
    """Nothing is left to be done better."""
    return case.entering(S.DROPPED, news.at, "the agreement has ended")


_OPEN = (S.PROPOSED, S.APPROVED, S.IN_PROGRESS, S.VERIFYING)

PLAN = Kind(
    table=(
        row(S.PROPOSED, "describe_plan", _TEAM),
        row(S.PROPOSED, "approve_plan", _SLM, S.APPROVED),
        row(S.PROPOSED, "reject_plan", _SLM, S.REJECTED),
        row(S.APPROVED, "begin_plan", _TEAM, S.IN_PROGRESS),
        row(S.IN_PROGRESS, "finish_action", _OWNERS, S.IN_PROGRESS, S.VERIFYING),
        row(S.VERIFYING, "period_measured", (), S.VERIFYING, S.CLOSED_EFFECTIVE, S.CLOSED_INEFFECTIVE),
        *(row(at, "made_mandatory", ()) for at in _OPEN),
        *(row(at, "agreement_ended", (), S.DROPPED) for at in _OPEN),
    ),
    actions={
        DescribePlan: describe_plan,
        ApprovePlan: approve_plan,
        RejectPlan: reject_plan,
        BeginPlan: begin_plan,
        FinishAction: finish_action,
    },
    stages={S.APPROVED: _approved, S.IN_PROGRESS: _in_progress},
    deadlines={},
    hears={"period_measured": _measured, "made_mandatory": _made_mandatory, "agreement_ended": _dropped},
    ends=frozenset({S.CLOSED_EFFECTIVE, S.CLOSED_INEFFECTIVE, S.REJECTED, S.DROPPED}),
)
