"""The improvement section of a report (R-110, R-121, R-138): what belongs to a period, who does it until when, and how it stands."""

from zoneinfo import ZoneInfo

from domain.improvement import ImprovementSection, improvement_of, seen_by_customers
from domain.periods import period_named
from tests.domain.case_stories import local
from tests.domain.follow_up_stories import MINUTES, PLAN_CONTENT, FollowUpStory, credit, plan, review

WARSAW = ZoneInfo("Europe/Warsaw")


def told(period: str, *stories: FollowUpStory) -> ImprovementSection:
    return improvement_of([story.case for story in stories], period_named(period, WARSAW)[1], WARSAW)


def described() -> FollowUpStory:
    story = FollowUpStory(plan())
    story.act("L1", "describe_plan", "2026-06-02T09:00", content=PLAN_CONTENT)
    return story


def in_progress() -> FollowUpStory:
    story = described()
    story.act("M1", "approve_plan", "2026-06-03T09:00", document_hash=story.case.content_hash)
    story.act("L1", "begin_plan", "2026-06-04T09:00")
    story.act("L1", "finish_action", "2026-06-05T09:00", finished="route")
    return story


def verified() -> FollowUpStory:
    story = in_progress()
    story.act("O2", "finish_action", "2026-06-18T09:00", finished="hire")
    for month, after in (("2026-07", "2026-08"), ("2026-08", "2026-09")):
        ended = local(f"{after}-01T00:00").isoformat()
        story.hears("period_measured", f"{after}-01T00:05", period=month, ended=ended, at_goal=True)
    return story


def test_a_plan_stands_with_its_actions_by_owner_and_date() -> None:
    found = told("2026-05", in_progress())
    [one] = found.plans

    assert (one.name, one.state, one.owner, one.due_at) == ("response", "IN_PROGRESS", "O2", local("2026-06-19T17:00"))
    assert one.address == "/cases/sip:SLA-2026-0001:response:2026-05"
    assert [(each.name, each.owner, each.due_at, each.state) for each in found.actions] == [
        ("hire two technicians", "O2", local("2026-06-19T23:59"), "OPEN"),
        ("plan routes anew", "L1", local("2026-06-26T23:59"), "DONE"),
    ]


def test_a_plan_is_told_from_the_period_it_came_out_of_to_the_one_it_ended_in() -> None:
    told_in = {month for month in ("2026-04", "2026-05", "2026-06", "2026-09", "2026-10") if told(month, verified()).plans}
    assert told_in == {"2026-05", "2026-06", "2026-09"}
    assert told("2026-12", in_progress()).plans, "it is open still"
    assert told("2026-Q2", verified()).plans

    [plan_told] = told("2026-09", verified()).plans
    assert (plan_told.state, plan_told.verified, plan_told.owner) == ("CLOSED_EFFECTIVE", ("2026-07", "2026-08"), None)


def test_a_review_is_told_with_the_stretch_it_looks_at_and_the_month_it_meets_in() -> None:
    story = FollowUpStory(review()).until("2026-07-07T10:00")
    assert not told("2026-06", story).reviews
    for period in ("2026-Q2", "2026-07"):
        [one] = told(period, story).reviews
        assert (one.name, one.state, one.owner, one.due_at) == ("2026-Q2", "PACK_SENT", "SLM_MANAGER", local("2026-07-10T10:00"))

    story.act("M1", "hold_review", "2026-07-10T11:30")
    story.act("L1", "record_minutes", minutes=MINUTES)
    [agreed] = told("2026-Q2", story).actions
    assert (agreed.name, agreed.owner, agreed.due_at, agreed.state) == ("send a map", "O2", local("2026-07-31T23:59"), "HELD")


def test_a_customer_is_told_of_plans_that_are_carried_out_and_not_who_does() -> None:
    assert seen_by_customers(told("2026-05", described())) == ImprovementSection()

    found = seen_by_customers(told("2026-05", in_progress()))
    assert [each.owner for each in (*found.plans, *found.actions)] == [None, None, None]


def test_nothing_else_is_improvement() -> None:
    assert told("2026-05", FollowUpStory(credit())) == ImprovementSection()
