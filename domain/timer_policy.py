"""How long people have, when they are reminded, who hears of it when they do not act. Every number is a setting."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from domain.values import Document

BusinessDays = Annotated[int, Field(gt=0, le=366, description="business days of the provider's calendar, counted from the opening")]


class Escalation(Document):
    """Who is told when a task has been open so long, and how often again."""

    after: BusinessDays
    to: Annotated[tuple[str, ...], Field(min_length=1)]
    daily: bool = False


class TaskPolicy(Document):
    """The times of one kind of task."""

    due: BusinessDays
    remind: tuple[BusinessDays, ...] = ()
    escalate: tuple[Escalation, ...] = ()


def _policy(
    due: int, remind: tuple[int, ...] = (), *escalate: tuple[int, tuple[str, ...]], daily: tuple[int, str] | None = None
) -> TaskPolicy:
    steps = [Escalation(after=after, to=to) for after, to in escalate]
    if daily is not None:
        steps.append(Escalation(after=daily[0], to=(daily[1],), daily=True))
    return TaskPolicy(due=due, remind=remind, escalate=tuple(steps))


_SLM, _CRM = ("SLM_MANAGER",), ("CRM_STAFF",)

CASE_TASKS: Mapping[str, TaskPolicy] = {
    "NOMINATE_AGENT": _policy(2, (1,), (2, _SLM), daily=(4, "SERVICE_DIRECTOR")),
    "CONFIRM_AGENT": _policy(2, (1,), (2, _SLM), daily=(4, "SERVICE_DIRECTOR")),
    "APPOINT_AGENT": _policy(2, (1,), daily=(4, "SERVICE_DIRECTOR")),
    "CONTACT_CUSTOMER": _policy(2, (), (3, _CRM)),
    "CAPTURE_REQUIREMENTS": _policy(10, (7,), (10, _SLM)),
    "DECIDE_FEASIBILITY": _policy(5, (3,), (5, _SLM)),
    "CONFIRM_DECLINE": _policy(5, (3,), (5, ("SERVICE_DIRECTOR",))),
    "ANSWER_PIPELINE": _policy(5, (3,), (5, _SLM)),
    "DEVELOP_SERVICE": _policy(20, (), (20, _SLM)),
    "ANSWER_WAITING": _policy(5, (3,), (5, _CRM)),
    "APPROVE_REQUIREMENTS": _policy(10, (3, 7), (10, _CRM)),
    "SET_PRICES": _policy(5, (3,), (5, ("FINANCE_DIRECTOR",))),
    "APPROVE_PRICE": _policy(5, (3,), (5, ("FINANCE_DIRECTOR",))),
    "APPROVE_EXCEPTION": _policy(5, (3,), (5, ("SERVICE_DIRECTOR",))),
    "ACCEPT_OFFER": _policy(15, (5, 10), (15, ("CRM_MANAGER",))),
    "CONTINUE_NEGOTIATION": _policy(5, (3,), (5, ("SERVICE_DIRECTOR",))),
    "SET_UP_SUPPORT": _policy(10, (5, 8), (10, _SLM)),
    "COMPILE_DRAFT": _policy(5, (2, 4), (5, _SLM)),
    "ACKNOWLEDGE_DRAFT": _policy(5, (2, 4), (5, _CRM)),
    "ACKNOWLEDGE_DRAFT_INTERNAL": _policy(5, (2, 4), (5, _SLM)),
    "REVIEW_DRAFT": _policy(5, (2, 4), (5, ("MANAGER", "SLM_MANAGER"))),
    "SIGN": _policy(10, (3, 6, 9), (10, _CRM)),
    "ACCEPT_SUPPORT": _policy(10, (5, 8), (10, _SLM)),
    "DRAFT_SUPPORT": _policy(10, (5, 8), (10, _SLM)),
    "SIGN_SUPPORT": _policy(10, (3, 6, 9), (10, ("SUPPLY_MANAGER",))),
}
"""The defaults of the stage table (`docs/lifecycle.md`)."""

FOLLOW_UP_TASKS: Mapping[str, TaskPolicy] = {
    "WRITE_MINUTES": _policy(3, (2,), (3, _SLM)),
    "APPROVE_MINUTES": _policy(5, (3,), (5, _CRM)),
    "CLOSE_REVIEW": _policy(5, (3,), (5, ("SERVICE_DIRECTOR",))),
    "DESCRIBE_PLAN": _policy(5, (3,), (5, _SLM)),
    "APPROVE_PLAN": _policy(5, (3,), (5, ("SERVICE_DIRECTOR",))),
    "BEGIN_PLAN": _policy(5, (3,), (5, _SLM)),
    "APPROVE_CREDIT": _policy(5, (3,), (5, ("FINANCE_DIRECTOR",))),
    "RESOLVE_CREDIT": _policy(10, (5, 8), (10, ("SERVICE_DIRECTOR",))),
    "CORRECT": _policy(2, (1,), (2, ("SERVICE_DIRECTOR",))),
    "RESTORE_SUPPORT": _policy(5, (3,), (5, _SLM)),
    "STATE_RESULT": _policy(5, (3,), (5, ("SERVICE_DIRECTOR",))),
    "DECIDE_EXCLUSION": _policy(5, (3,), (5, ("SERVICE_DIRECTOR",))),
    "ENTER_RULING": _policy(10, (5, 8), (10, ("SERVICE_DIRECTOR",))),
    "RELEASE_SUPPORT": _policy(10, (5, 8), (10, _SLM)),
    "NAME_OWNER": _policy(2, (1,), (2, ("SERVICE_DIRECTOR",))),
    "RESOLVE_DISPUTE": _policy(10, (5, 8), (10, ("SERVICE_DIRECTOR",))),
    "EXAMINE_CHANGE": _policy(5, (3,), (5, ("SERVICE_DIRECTOR",))),
    "ACKNOWLEDGE_CHANGE": _policy(5, (2, 4), (5, _SLM)),
}
"""The defaults of what follows from watching an agreement in force (`docs/in-force.md`)."""

TASKS: Mapping[str, TaskPolicy] = {**CASE_TASKS, **FOLLOW_UP_TASKS}


class DatedPolicy(Document):
    """The times of a task with a date of its own: when it is reminded of, in business days from that date, and who hears if it is late."""

    remind: tuple[int, ...] = (-2, 0, 2)
    escalate: tuple[Escalation, ...] = (Escalation(after=5, to=_SLM),)


DATED_TASKS: Mapping[str, DatedPolicy] = {
    "SEND_PACK": DatedPolicy(remind=(-1,), escalate=()),
    "HOLD_REVIEW": DatedPolicy(remind=(-1, 2, 5), escalate=(Escalation(after=10, to=("SERVICE_DIRECTOR",)),)),
    "FILE_CLAIM": DatedPolicy(remind=(-2,), escalate=()),
    "PLAN_ACTION": DatedPolicy(),
    "SETTLE_AGREEMENT": DatedPolicy(remind=(-5, 0), escalate=(Escalation(after=5, to=("FINANCE_DIRECTOR",)),)),
    "DECIDE_RENEWAL": DatedPolicy(remind=(-10, 0, 5), escalate=()),
}
"""The defaults of tasks with a date of their own (`docs/in-force.md`)."""


class TimerPolicy(Document):
    """The times of a case, pinned when it is opened."""

    tasks: Annotated[Mapping[str, TaskPolicy], Field(description="kinds of tasks that differ from the defaults")] = {}
    dated_tasks: Annotated[Mapping[str, DatedPolicy], Field(description="likewise of tasks with a date of their own")] = {}
    approval_lapse: BusinessDays = 20
    wait_asked: BusinessDays = 20
    wait_lapse: BusinessDays = 10
    offer_days: Annotated[int, Field(gt=0, le=366, description="calendar days an offer is valid")] = 30
    review_lapse: BusinessDays = 15
    longest_extension: BusinessDays = 10
    signing_days: Annotated[int, Field(gt=0, le=366, description="calendar days for all signatures")] = 30
    tell_manager_from_loop: Annotated[int, Field(gt=0)] = 3
    rounds_before_asking: Annotated[int, Field(gt=0)] = 5
    disagreements_before_asking: Annotated[int, Field(gt=0)] = 2
    most_open_cases: Annotated[int, Field(gt=0, description="open cases an agent may have")] = 5
    margin_floor: Annotated[Decimal, Field(ge=0, lt=100, description="per cent of the price")] = Decimal(15)

    pack_ready_days: Annotated[int, Field(gt=0, description="business days before a review")] = 5
    pack_sent_days: Annotated[int, Field(gt=0, description="business days before a review")] = 3
    review_postponed_days: BusinessDays = 10
    review_missed_days: BusinessDays = 10
    ad_hoc_review_days: BusinessDays = 5
    dispute_days: Annotated[int, Field(gt=0, le=366, description="calendar days a credit may be disputed")] = 30
    claim_months: Annotated[int, Field(gt=0, le=24, description="billing months after the period in which a claim is made")] = 2
    claim_reminder_days: Annotated[int, Field(gt=0, le=366, description="calendar days before the last day of a claim")] = 15
    needed_by_warnings: Annotated[tuple[int, ...], Field(description="business days before a change is needed; 0: that day")] = (
        15,
        10,
        5,
        0,
    )
    renewal_days: Annotated[int, Field(gt=0, le=366, description="calendar days before the end at which a renewal is opened")] = 90
    renewal_decision_days: Annotated[int, Field(gt=0, le=366, description="calendar days before the end by which it is decided")] = 60
    renewal_escalation_days: Annotated[int, Field(gt=0, le=366, description="calendar days before the end; then the director hears")] = 30
    renewal_notice_warnings: Annotated[tuple[int, ...], Field(description="calendar days before the last day of notice")] = (15, 5)

    def of(self, kind: str) -> TaskPolicy:
        """The times of a kind of task."""
        return self.tasks.get(kind) or TASKS[kind]

    def of_dated(self, kind: str) -> DatedPolicy:
        """The times of a kind of task with a date of its own."""
        return self.dated_tasks.get(kind) or DATED_TASKS[kind]
