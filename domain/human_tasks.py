"""Human tasks: opened, reminded of, escalated, decided. One mechanism for every approval; no task decides itself."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from pydantic import AwareDatetime

from domain.business_days import business_days_from
from domain.calendars import ServiceCalendar
from domain.people import Role, Side
from domain.timer_policy import DatedPolicy, TaskPolicy
from domain.values import Message


class TaskState(StrEnum):
    """Where a task stands; a reminded or escalated one is still open."""

    OPEN = "OPEN"
    DECIDED = "DECIDED"
    VOID = "VOID"
    LAPSED = "LAPSED"


class NudgeKind(StrEnum):
    """What happens when a task is not acted on."""

    REMIND = "REMIND"
    ESCALATE = "ESCALATE"


class Nudge(Message):
    """A reminder or escalation to come; `number` counts those of its kind."""

    at: AwareDatetime
    kind: NudgeKind
    number: int
    to: tuple[str, ...] = ()
    daily: bool = False


class HumanTask(Message):
    """One decision that is waited for, from a role or from one person."""

    task: str
    kind: str
    role: Role
    side: Side = Side.PROVIDER
    party: str | None = None
    person: str | None = None
    opened_at: AwareDatetime
    due_at: AwareDatetime
    nudges: tuple[Nudge, ...] = ()
    state: TaskState = TaskState.OPEN
    reminded: int = 0
    escalated: bool = False
    decided_by: str | None = None
    on_behalf_of: str | None = None
    closed_at: AwareDatetime | None = None

    @property
    def is_open(self) -> bool:
        """Is it still waited for?"""
        return self.state is TaskState.OPEN

    @property
    def assignee(self) -> str:
        """Whom to tell: the person, else the role."""
        return self.person or self.role.value


class Told(NamedTuple):
    """A nudge that is due now, to be told once."""

    task: HumanTask
    nudge: Nudge


class Assignment(NamedTuple):
    """Who a task is for."""

    role: Role
    side: Side = Side.PROVIDER
    party: str | None = None
    person: str | None = None


def open_task(name: str, kind: str, whom: Assignment, times: tuple[TaskPolicy, ServiceCalendar, datetime]) -> HumanTask:
    """A task opened at an instant, with all its times in business days of the provider's calendar."""
    policy, calendar, at = times

    def after(days: int) -> datetime:
        return calendar.due(at, days * calendar.business_day)

    reminders = [Nudge(at=after(days), kind=NudgeKind.REMIND, number=number) for number, days in enumerate(policy.remind, start=1)]
    escalations = [
        Nudge(at=after(step.after), kind=NudgeKind.ESCALATE, number=number, to=step.to, daily=step.daily)
        for number, step in enumerate(policy.escalate, start=1)
    ]
    return HumanTask(
        task=name,
        kind=kind,
        role=whom.role,
        side=whom.side,
        party=whom.party,
        person=whom.person,
        opened_at=at,
        due_at=after(policy.due),
        nudges=tuple(sorted((*reminders, *escalations), key=lambda nudge: nudge.at)),
    )


def open_dated_task(
    name: str, kind: str, whom: Assignment, times: tuple[DatedPolicy, ServiceCalendar, datetime], due: datetime
) -> HumanTask:
    """A task opened at an instant that is due at another; reminders count from its date, and those that are past already are left out."""
    policy, calendar, at = times
    reminders = [
        Nudge(at=business_days_from(calendar, due, days), kind=NudgeKind.REMIND, number=number)
        for number, days in enumerate(policy.remind, start=1)
    ]
    escalations = [
        Nudge(at=business_days_from(calendar, due, step.after), kind=NudgeKind.ESCALATE, number=number, to=step.to)
        for number, step in enumerate(policy.escalate, start=1)
    ]
    nudges = sorted((each for each in (*reminders, *escalations) if each.at > at), key=lambda nudge: nudge.at)
    who = {"role": whom.role, "side": whom.side, "party": whom.party, "person": whom.person}
    return HumanTask.model_validate({"task": name, "kind": kind, "opened_at": at, "due_at": max(due, at), "nudges": nudges, **who})


def nudge(task: HumanTask, calendar: ServiceCalendar, now: datetime) -> tuple[HumanTask, list[Told]]:
    """The task after every nudge that is due by now, and what is to be told.

    After an outage only the latest reminder is told, and each receiver of an escalation hears of it once.
    """
    due = [each for each in task.nudges if each.at <= now]
    if not due or not task.is_open:
        return task, []
    to_come = [each for each in task.nudges if each.at > now]
    told: dict[object, Nudge] = {}
    for each in due:
        told[each.to] = each
        if each.daily:
            following = each
            while following.at <= now:
                told[each.to] = following
                following = _a_day_later(following, calendar)
            to_come.append(following)
    changed = task.model_copy(
        update={
            "nudges": tuple(sorted(to_come, key=lambda nudge: nudge.at)),
            "reminded": task.reminded + sum(each.kind is NudgeKind.REMIND for each in told.values()),
            "escalated": task.escalated or any(each.kind is NudgeKind.ESCALATE for each in told.values()),
        }
    )
    return changed, [Told(changed, each) for each in told.values()]


def _a_day_later(each: Nudge, calendar: ServiceCalendar) -> Nudge:
    return each.model_copy(update={"at": calendar.due(each.at, calendar.business_day), "number": each.number + 1})


def next_nudge(tasks: Iterable[HumanTask]) -> datetime | None:
    """When the next task is to be nudged."""
    return min((task.nudges[0].at for task in tasks if task.is_open and task.nudges), default=None)
