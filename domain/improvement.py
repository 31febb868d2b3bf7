"""What is done to become better, as a service report shows it: plans, their actions, and reviews. Pure."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, Field

from domain.follow_ups.follow_up import FollowUp
from domain.follow_ups.kinds import has_ended
from domain.follow_ups.plan import Plan, PlanState
from domain.follow_ups.review import Review
from domain.periods import PeriodSpan, period_named
from domain.values import Message

INSIDE_ONLY = frozenset({PlanState.PROPOSED, PlanState.REJECTED})
"""Plans the customer is not told of: nobody decided to carry them out."""


class PlannedStep(Message):
    """A plan, a review or an action: what, who answers for it, until when, how it stands.

    Who does not stand in it is not asked yet, or any more. An action of a review stands as its review does.
    """

    name: str
    owner: str | None = None
    due_at: AwareDatetime | None = None
    state: str
    verified: Annotated[tuple[str, ...], Field(description="periods at goal since the last action of the plan")] = ()
    address: str


class ImprovementSection(Message):
    """Improvement plans and reviews of a period, and what was agreed to be done; as they stand when the report is read."""

    plans: tuple[PlannedStep, ...] = ()
    reviews: tuple[PlannedStep, ...] = ()
    actions: tuple[PlannedStep, ...] = ()


def improvement_of(cases: Iterable[FollowUp], period: PeriodSpan, zone: ZoneInfo) -> ImprovementSection:
    """The plans and reviews that belong to a period.

    Plans are those that came out of it, were still open in it, or ended in it; reviews those that look at it, or meet in it.

    Args:
        cases: follow-ups of the agreement; others than plans and reviews are passed over.
        period: of the report.
        zone: of the agreement, in which the date of an action ends.
    """
    found = list(cases)
    plans = [each for each in found if isinstance(each, Plan) and _concerns(each, period, zone)]
    reviews = [each for each in found if isinstance(each, Review) and _looks_at(each, period)]
    return ImprovementSection(
        plans=tuple(_step(each, each.about, None, each.verified) for each in plans),
        reviews=tuple(_step(each, each.about, each.hold_by) for each in reviews),
        actions=(
            *(step for each in plans for step in _of_plan(each, zone)),
            *(step for each in reviews for step in _of_review(each, zone)),
        ),
    )


def seen_by_customers(section: ImprovementSection) -> ImprovementSection:
    """The section without plans nobody decided on, and without who of the provider's people does what in a plan."""
    hidden = {each.address for each in section.plans if each.state in INSIDE_ONLY}
    plans = {each.address for each in section.plans}
    steps = {
        name: tuple(
            each.model_copy(update={"owner": None}) if each.address in plans else each
            for each in getattr(section, name)
            if each.address not in hidden
        )
        for name in ("plans", "actions")
    }
    return section.model_copy(update=steps)


def _concerns(plan: Plan, period: PeriodSpan, zone: ZoneInfo) -> bool:
    came_at = period_named(plan.period, zone)[1].start
    if period.start <= came_at < period.end:
        return True
    return came_at < period.start and (not has_ended(plan) or plan.last_at >= period.start)


def _looks_at(review: Review, period: PeriodSpan) -> bool:
    return review.period.partition("@")[0] == period.name.partition("@")[0] or period.start <= review.meeting_at < period.end


def _step(case: FollowUp, name: str, due: datetime | None, verified: tuple[str, ...] = ()) -> PlannedStep:
    """A case by who is waited for first."""
    asked = min(case.open_tasks, key=lambda task: task.due_at, default=None)
    return PlannedStep(
        name=name,
        owner=asked.assignee if asked is not None else None,
        due_at=due or (asked.due_at if asked is not None else None),
        state=case.state.value,
        verified=verified,
        address=_address(case),
    )


def _of_plan(plan: Plan, zone: ZoneInfo) -> Iterator[PlannedStep]:
    for each in plan.content.actions if plan.content is not None else ():
        state = "DONE" if each.action in plan.finished else "OPEN"
        yield PlannedStep(name=each.text, owner=each.owner, due_at=_end_of(each.due, zone), state=state, address=_address(plan))


def _of_review(review: Review, zone: ZoneInfo) -> Iterator[PlannedStep]:
    for each in review.minutes.actions if review.minutes is not None else ():
        due = _end_of(each.due, zone) if each.due is not None else None
        yield PlannedStep(name=each.text, owner=each.owner, due_at=due, state=review.state.value, address=_address(review))


def _address(case: FollowUp) -> str:
    return f"/cases/{case.case_id}"


def _end_of(on: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(on, time(23, 59), zone)
