"""Laws of improvement plans (R-121, R-138, SC-5): cause, actions, and proof over two periods; one that did not help has a successor."""

from typing import Any

import pytest

from domain.follow_ups.plan import Plan
from tests.domain.case_stories import local
from tests.domain.follow_up_stories import PLAN_CONTENT, STRANGER, WHY, FollowUpStory, plan


def described(case: Plan | None = None, by: str = "L1") -> FollowUpStory:
    story = FollowUpStory(case or plan())
    story.act(by, "describe_plan", "2026-06-03T10:00", content=PLAN_CONTENT)
    return story


def in_progress(case: Plan | None = None) -> FollowUpStory:
    story = described(case)
    story.act("M1", "approve_plan", document_hash=story.case.content_hash)
    story.act("L1", "begin_plan", "2026-06-05T09:00")
    return story


def verifying(case: Plan | None = None) -> FollowUpStory:
    story = in_progress(case)
    story.act("O2", "finish_action", "2026-06-18T09:00", finished="hire")
    story.act("L1", "finish_action", "2026-06-25T09:00", finished="route")
    return story


def measured(story: FollowUpStory, period: str, at: str, *, at_goal: bool, ended: str | None = None) -> int:
    """The agreement's process closes a period; gives how many steps the plan made of it."""
    return len(story.hears("period_measured", at, period=period, ended=local(ended or at).isoformat(), at_goal=at_goal))


# ---- on paper -------------------------------------------------------------------------------------------------------


def test_a_plan_is_proposed_and_the_sla_team_finds_the_cause() -> None:
    story = FollowUpStory(plan())
    assert (story.state, list(story.waiting())) == ("PROPOSED", ["DESCRIBE_PLAN SLA_TEAM"])
    assert {story.refused(each, "describe_plan", content=PLAN_CONTENT) for each in ("C1", "B1", "O2", STRANGER)} == {"FORBIDDEN"}
    twice = PLAN_CONTENT | {"actions": 2 * [PLAN_CONTENT["actions"][0]]}
    assert story.refused("L1", "describe_plan", content=twice) == "BAD_INPUT"


@pytest.mark.parametrize("by", ["L1", "M1"])
def test_whoever_describes_it_the_slm_manager_is_waited_for_next(by: str) -> None:
    assert list(described(by=by).waiting()) == ["APPROVE_PLAN SLM_MANAGER"]


def test_approval_belongs_to_the_text_that_was_seen() -> None:
    story = described()
    seen = {"document_hash": story.case.content_hash}
    story.act("L1", "describe_plan", content=PLAN_CONTENT | {"cost": "500"})
    assert story.refused("M1", "approve_plan", **seen) == "STALE_DOCUMENT"
    now = {"document_hash": story.case.content_hash}
    assert {story.refused(each, "approve_plan", **now) for each in ("L1", "B1", STRANGER)} == {"FORBIDDEN"}

    story.act("M1", "approve_plan", **now)
    assert (story.state, list(story.waiting())) == ("APPROVED", ["BEGIN_PLAN SLA_TEAM"])
    assert story.told(to="CUSTOMER_REP") == ["Improvement plan for response under SLA/2026/0001"]
    assert story.refused("M1", "approve_plan", **now) == "INVALID_TRANSITION"
    assert FollowUpStory(plan()).refused("M1", "approve_plan", **now) == "STALE_DOCUMENT", "nothing is described yet"


def test_a_plan_is_rejected_with_a_reason_unless_it_is_mandatory() -> None:
    story = described()
    assert {story.refused(each, "reject_plan", reason=WHY) for each in ("L1", "B1", STRANGER)} == {"FORBIDDEN"}
    story.act("M1", "reject_plan", reason=WHY)
    assert (story.state, story.case.reason, story.case.open_tasks) == ("REJECTED", WHY, ())
    assert story.hears("made_mandatory", "2026-07-01T00:05", trigger="chronic") == [], "it has ended"

    story = described()
    assert len(story.hears("made_mandatory", "2026-07-01T00:05", trigger="chronic")) == 1
    assert story.hears("made_mandatory", "2026-07-01T00:05", trigger="chronic") == []
    assert story.refused("M1", "reject_plan", reason=WHY) == "PLAN_IS_MANDATORY"


# ---- carried out ----------------------------------------------------------------------------------------------------


def test_each_owner_is_asked_until_the_close_of_the_actions_day() -> None:
    assert in_progress().waiting() == {"PLAN_ACTION O2": local("2026-06-19T17:00"), "PLAN_ACTION L1": local("2026-06-26T17:00")}


def test_an_overdue_action_is_reminded_of_three_times_and_escalated() -> None:
    story = in_progress()
    for day in range(15, 30):
        story.until(f"2026-06-{day}T17:00")

    reminded = [(each.nudge.kind.value, f"{each.nudge.at:%m-%d}") for step in story.steps for each in step.told if each.task.person == "O2"]
    assert reminded == [("REMIND", "06-17"), ("REMIND", "06-19"), ("REMIND", "06-23"), ("ESCALATE", "06-26")]


def test_an_action_is_done_by_its_owner_or_the_slm_manager_and_once() -> None:
    story = in_progress()
    assert {story.refused(each, "finish_action", finished="hire") for each in ("L1", "O1", "B1", STRANGER)} == {"FORBIDDEN"}
    assert story.refused("O2", "finish_action", finished="nothing") == "BAD_INPUT"
    story.act("M1", "finish_action", finished="hire")
    assert story.refused("O2", "finish_action", finished="hire") == "ALREADY_DECIDED"
    assert list(story.waiting()) == ["PLAN_ACTION L1"]

    story.act("L1", "finish_action", finished="route")
    assert (story.state, story.case.open_tasks) == ("VERIFYING", ())


# ---- verified -------------------------------------------------------------------------------------------------------


def test_two_periods_at_goal_prove_a_plan_effective() -> None:
    story = verifying()
    assert measured(story, "2026-06", "2026-07-01T00:05", at_goal=True) == 1
    assert measured(story, "2026-06", "2026-07-01T00:05", at_goal=True) == 0, "news heard a second time"
    assert story.state == "VERIFYING"
    assert measured(story, "2026-07", "2026-08-01T00:05", at_goal=True) == 1

    assert (story.state, story.case.verified, story.case.successor) == ("CLOSED_EFFECTIVE", ("2026-06", "2026-07"), None)
    assert story.told(to="CUSTOMER_REP")[-1] == "Improvement plan for response was effective"
    assert measured(story, "2026-08", "2026-09-01T00:05", at_goal=False) == 0, "news after the end"


def test_quarters_verify_what_came_out_of_a_quarter() -> None:
    story = verifying(plan(about="satisfaction", period="2026-Q2"))
    assert measured(story, "2026-07", "2026-08-01T00:05", at_goal=True) == measured(story, "2026-08", "2026-09-01T00:05", at_goal=True) == 0
    measured(story, "2026-Q3", "2026-10-01T00:05", at_goal=True)
    assert story.state == "VERIFYING"
    measured(story, "2026-Q4", "2027-01-01T00:05", at_goal=True)
    assert story.state == "CLOSED_EFFECTIVE"


def test_periods_before_the_last_action_neither_prove_nor_refute() -> None:
    story = in_progress()
    assert measured(story, "2026-05", "2026-06-10T09:00", at_goal=False, ended="2026-06-01T00:00") == 0

    story = verifying()
    assert measured(story, "2026-05", "2026-06-26T09:00", at_goal=False, ended="2026-06-01T00:00") == 0, "late facts of what it came out of"
    assert story.state == "VERIFYING"


@pytest.mark.parametrize("bad", ["2026-06", "2026-07"])
def test_one_period_off_goal_makes_another_plan_one_level_higher_that_nobody_rejects(bad: str) -> None:
    story = verifying()
    measured(story, "2026-06", "2026-07-01T00:05", at_goal=bad != "2026-06")
    measured(story, "2026-07", "2026-08-01T00:05", at_goal=bad != "2026-07")

    assert (story.state, story.case.reason) == ("CLOSED_INEFFECTIVE", f"{bad} was not at goal")
    assert story.told(to="SERVICE_DIRECTOR") == ["Improvement plan for response did not help"]
    following = story.case.successor
    assert (following.level, following.mandatory, following.state.value, following.about) == (2, True, "PROPOSED", "response")
    assert described(following).refused("M1", "reject_plan", reason=WHY) == "PLAN_IS_MANDATORY"


def test_late_facts_that_turn_a_verified_period_red_refute_the_plan() -> None:
    story = verifying()
    measured(story, "2026-06", "2026-07-01T00:05", at_goal=True)
    measured(story, "2026-06", "2026-07-08T00:00", at_goal=False, ended="2026-07-01T00:00")
    assert story.state == "CLOSED_INEFFECTIVE"


def test_successors_have_names_of_their_own() -> None:
    names: list[Any] = []
    case: Plan | None = plan()
    for _ in range(3):
        assert case is not None
        names.append(case.case_id)
        story = verifying(case.but(entered_at=local("2026-06-01T00:05"), last_at=local("2026-06-01T00:05")))
        measured(story, "2026-06", "2026-07-01T00:05", at_goal=False)
        case = story.case.successor
    assert names == ["sip:SLA-2026-0001:response:2026-05", *(f"sip:SLA-2026-0001:response:level-{n}:2026-05" for n in (2, 3))]
