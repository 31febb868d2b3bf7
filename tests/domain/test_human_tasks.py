"""Laws of a human task: when it reminds, when it escalates, what is told after an outage. It never decides itself."""

from itertools import pairwise

import pytest

from domain.calendars import calendar_of
from domain.human_tasks import Assignment, HumanTask, NudgeKind, TaskState, next_nudge, nudge, open_task
from domain.lifecycle import STAGES, TRANSITIONS
from domain.people import Role, Side
from domain.timer_policy import TASKS, Escalation, TaskPolicy, TimerPolicy
from tests.domain.case_stories import CATALOGUE, local

OFFICE = calendar_of(CATALOGUE.calendar)
CRM = Assignment(Role.CRM_STAFF)
POLICY = TaskPolicy(
    due=5, remind=(2, 4), escalate=(Escalation(after=5, to=("SLM_MANAGER",)), Escalation(after=6, to=("SERVICE_DIRECTOR",), daily=True))
)


def task_of(kind: str, at: str) -> HumanTask:
    return open_task("t", kind, CRM, (TASKS[kind], OFFICE, local(at)))


def opened(at: str = "2026-02-02T12:00") -> HumanTask:
    return open_task("t", "REVIEW_DRAFT", CRM, (POLICY, OFFICE, local(at)))


def nudges(task: HumanTask) -> list[str]:
    return [f"{each.kind} {each.number} {each.at.astimezone(local('2026-02-02T12:00').tzinfo):%m-%dT%H:%M}" for each in task.nudges]


def told_at(task: HumanTask, at: str) -> tuple[HumanTask, list[str]]:
    after, told = nudge(task, OFFICE, local(at))
    return after, [f"{each.nudge.kind} {each.nudge.number} {','.join(each.nudge.to)}".strip() for each in told]


# ---- opening --------------------------------------------------------------------------------------------------------


def test_business_days_count_to_the_same_time_of_day() -> None:
    task = opened()

    assert task.due_at == local("2026-02-09T12:00")
    assert nudges(task) == ["REMIND 1 02-04T12:00", "REMIND 2 02-06T12:00", "ESCALATE 1 02-09T12:00", "ESCALATE 2 02-10T12:00"]


@pytest.mark.parametrize(
    ("kind", "at", "due"),
    [
        ("NOMINATE_AGENT", "2026-01-12T09:15", "2026-01-14T09:15"),
        ("CONTACT_CUSTOMER", "2026-01-13T10:00", "2026-01-15T10:00"),
        ("CAPTURE_REQUIREMENTS", "2026-01-13T10:00", "2026-01-27T10:00"),
        ("SET_UP_SUPPORT", "2026-02-16T11:20", "2026-03-02T11:20"),
        ("REVIEW_DRAFT", "2026-02-20T12:00", "2026-02-27T12:00"),
        ("REVIEW_DRAFT", "2026-02-27T09:00", "2026-03-06T09:00"),
        ("CONTACT_CUSTOMER", "2026-04-01T00:00", "2026-04-02T17:00"),
        ("CONTACT_CUSTOMER", "2026-04-03T12:00", "2026-04-08T12:00"),
        ("CONTACT_CUSTOMER", "2026-02-07T09:00", "2026-02-10T17:00"),
        ("CONTACT_CUSTOMER", "2026-03-27T12:00", "2026-03-31T12:00"),
    ],
)
def test_due_instants(kind: str, at: str, due: str) -> None:
    assert task_of(kind, at).due_at == local(due)


def test_every_kind_reminds_before_it_is_due_and_is_told_of_once_at_most_at_a_time() -> None:
    for kind, policy in TASKS.items():
        assert all(earlier < later for earlier, later in pairwise(policy.remind)), kind
        assert all(days < policy.due for days in policy.remind), kind
        assert policy.escalate, kind


def test_a_policy_of_the_case_goes_before_the_default() -> None:
    own = TaskPolicy(due=1)

    assert TimerPolicy(tasks={"SIGN": own}).of("SIGN") == own
    assert TimerPolicy(tasks={"SIGN": own}).of("REVIEW_DRAFT") == TASKS["REVIEW_DRAFT"]


# ---- reminders and escalations --------------------------------------------------------------------------------------


def test_nothing_is_told_before_it_is_due() -> None:
    task = opened()

    assert told_at(task, "2026-02-04T11:59") == (task, [])


def test_each_reminder_is_told_once() -> None:
    task, first = told_at(opened(), "2026-02-04T12:00")
    task, none = told_at(task, "2026-02-04T12:00")
    task, second = told_at(task, "2026-02-06T12:00")

    assert (first, none, second) == (["REMIND 1"], [], ["REMIND 2"])
    assert (task.reminded, task.escalated) == (2, False)


def test_after_an_outage_only_the_latest_reminder_is_told() -> None:
    task, told = told_at(opened(), "2026-02-08T03:00")

    assert told == ["REMIND 2"]
    assert task.reminded == 1


def test_after_a_long_outage_each_receiver_hears_once() -> None:
    task, told = told_at(opened(), "2026-02-12T13:00")

    assert told == ["REMIND 2", "ESCALATE 1 SLM_MANAGER", "ESCALATE 4 SERVICE_DIRECTOR"]
    assert nudges(task) == ["ESCALATE 5 02-13T12:00"]


def test_a_daily_escalation_goes_on_every_business_day() -> None:
    task, _ = told_at(opened(), "2026-02-10T12:00")
    days = ["2026-02-11T12:00", "2026-02-12T12:00", "2026-02-13T12:00", "2026-02-14T12:00", "2026-02-15T12:00", "2026-02-16T12:00"]
    heard = []
    for day in days:
        task, told = told_at(task, day)
        heard.append(told)

    assert heard == [
        ["ESCALATE 3 SERVICE_DIRECTOR"],
        ["ESCALATE 4 SERVICE_DIRECTOR"],
        ["ESCALATE 5 SERVICE_DIRECTOR"],
        [],
        [],
        ["ESCALATE 6 SERVICE_DIRECTOR"],
    ]


def test_an_escalated_task_is_still_open_for_its_assignee() -> None:
    task, _ = told_at(opened(), "2026-02-09T12:00")

    assert task.escalated
    assert task.is_open
    assert task.assignee == "CRM_STAFF"


@pytest.mark.parametrize("state", [TaskState.DECIDED, TaskState.VOID, TaskState.LAPSED])
def test_a_closed_task_tells_nothing(state: TaskState) -> None:
    closed = opened().model_copy(update={"state": state})

    assert told_at(closed, "2026-03-12T13:00") == (closed, [])
    assert next_nudge([closed]) is None


def test_the_next_nudge_is_the_earliest_of_all_open_tasks() -> None:
    early, late = opened("2026-02-02T12:00"), opened("2026-02-03T12:00")

    assert next_nudge([late, early]) == local("2026-02-04T12:00")
    assert next_nudge([]) is None


def test_a_task_is_named_after_its_person_before_its_role() -> None:
    signatory = Assignment(Role.SIGNATORY, Side.CUSTOMER, "Bank Narew S.A.", "B3")
    task = open_task("t", "SIGN", signatory, (TASKS["SIGN"], OFFICE, local("2026-03-03T14:00")))

    assert task.assignee == "B3"
    assert {each.kind for each in task.nudges} == {NudgeKind.REMIND, NudgeKind.ESCALATE}


def test_every_stage_can_be_withdrawn_from_and_no_timer_decides_for_a_person() -> None:
    assert {each.at for each in TRANSITIONS if each.action == "withdraw"} == set(STAGES)
    assert {each.action for each in TRANSITIONS if not each.roles} == {
        "accept_request",
        "begin_amendment",
        "decline_request",
        "waiting_asked",
        "lapse",
        "offer_expired",
        "registered",
        "signing_lapsed",
    }
