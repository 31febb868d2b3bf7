"""Laws of settlements, releases and what a withdrawal holds (R-156, R-158, R-159)."""

from tests.domain.case_stories import local
from tests.domain.follow_up_stories import (
    LAWYER,
    STRANGER,
    WHY,
    FollowUpStory,
    claim,
    correction,
    credit,
    plan,
    release,
    review,
    settlement,
)

DONE = ["FINAL_REPORT", "CRM_CONFIRMATION"]


def test_a_settlement_is_closed_when_all_other_steps_are_done() -> None:
    story = FollowUpStory(settlement())
    assert story.waiting() == {"SETTLE_AGREEMENT FINANCE": local("2026-12-01T00:00")}
    assert story.refused("F1", "settle_agreement", "2026-11-02T08:30", statement=WHY) == "STEPS_OPEN"
    assert len(story.hears("steps_done", "2026-11-02T09:00", steps=DONE)) == 1
    assert story.hears("steps_done", "2026-11-02T09:05", steps=DONE) == [], "what was done stays as it was"
    assert {story.refused(each, "settle_agreement", statement=WHY) for each in ("M1", "B1", STRANGER)} == {"FORBIDDEN"}

    story.act("F1", "settle_agreement", "2026-11-20T10:00", statement=WHY)
    assert (story.state, story.case.open_tasks) == ("SETTLED", ())
    assert all(at is not None for at in story.case.steps.values())
    assert story.refused("F1", "settle_agreement", statement=WHY) == "INVALID_TRANSITION"


def test_after_a_withdrawal_legal_rules_first_and_it_is_ours() -> None:
    story = FollowUpStory(settlement("2026-10-14T11:00", basis="WITHDRAWAL"))
    assert [(task.kind, task.role) for task in story.case.open_tasks] == [("ENTER_RULING", "LEGAL")]
    assert story.refused("F1", "settle_agreement", "2026-10-15T10:00", statement=WHY) == "INVALID_TRANSITION"
    assert {story.refused(each, "enter_ruling", ruling=WHY) for each in ("B2", "M1", "F1")} == {"FORBIDDEN"}
    assert not story.case.has_effect

    story.act(LAWYER, "enter_ruling", "2026-10-20T10:00", ruling=WHY)
    assert (story.state, story.case.ruling, story.case.has_effect) == ("UNSETTLED", WHY, True)
    assert [task.kind for task in story.case.open_tasks] == ["SETTLE_AGREEMENT"]


def test_nobody_decides_on_money_that_is_held() -> None:
    story = FollowUpStory(credit(amount="800"))
    story.hears("legal_hold", "2026-06-02T09:00")
    assert story.refused("F1", "approve_credit", "2026-06-02T10:00", amount="800") == "LEGAL_HOLD"
    assert story.refused("F1", "reject_credit", reason=WHY) == "LEGAL_HOLD"
    story.hears("hold_ended", "2026-06-03T09:00")
    story.act("F1", "approve_credit", "2026-06-03T10:00", amount="800")
    assert story.state == "APPROVED"


def test_a_credit_whose_dispute_ended_while_it_was_held_is_settled_when_the_hold_ends() -> None:
    story = FollowUpStory(credit(amount="800"))
    story.act("F1", "approve_credit", "2026-06-02T10:00", amount="800")
    story.hears("legal_hold", "2026-06-03T09:00")
    assert story.refused("B1", "dispute_credit", "2026-06-04T09:00", reason=WHY) == "LEGAL_HOLD"
    story.until("2026-08-01T00:00")
    assert story.state == "APPROVED"
    story.hears("hold_ended", "2026-08-02T09:00")
    assert story.state == "SETTLED"


def test_a_claim_that_is_held_does_not_lapse_and_can_be_made_after_the_ruling() -> None:
    story = FollowUpStory(claim())
    story.hears("legal_hold", "2026-07-20T09:00")
    assert story.refused("S1", "file_claim", "2026-07-21T09:00", reference="letter 7") == "LEGAL_HOLD"
    story.until("2026-08-10T00:00")
    assert story.state == "OPEN"
    story.hears("hold_ended", "2026-08-11T09:00")
    story.act("S1", "file_claim", "2026-08-20T09:00", reference="letter 7")
    assert story.state == "FILED"


def test_a_claim_that_nobody_makes_after_the_ruling_lapses_all_the_same() -> None:
    story = FollowUpStory(claim())
    story.hears("legal_hold", "2026-07-20T09:00")
    story.until("2026-08-10T00:00")
    story.hears("hold_ended", "2026-08-11T09:00")
    story.until("2026-08-27T00:00")
    assert story.state == "LAPSED"


def test_what_was_to_make_the_agreement_better_ends_with_it() -> None:
    planned, held, improving, irregular = (FollowUpStory(each) for each in (review(), review(), plan(), correction()))
    held.act("M1", "hold_review", "2026-07-10T11:00")
    stories = (planned, held, improving, irregular)
    for story in stories:
        for name in ("agreement_ended", "gone"):
            story.hears(name, "2026-07-20T00:00")

    assert [story.state for story in stories] == ["CANCELLED", "HELD", "DROPPED", "GONE"], "minutes of what was held are still written"


def test_the_supply_manager_decides_whether_a_support_ends() -> None:
    story = FollowUpStory(release())
    assert story.waiting() == {"RELEASE_SUPPORT SUPPLY_MANAGER": local("2026-11-16T17:00")}, "10 business days; 11 November is free"
    assert {story.refused(each, "end_support", "2026-11-03T09:00", reason=WHY) for each in ("M1", "U1", STRANGER)} == {"FORBIDDEN"}
    story.act("S1", "keep_support", "2026-11-04T09:00", reason=WHY)
    assert (story.state, story.refused("S1", "end_support", reason=WHY)) == ("KEPT", "INVALID_TRANSITION")
