"""Laws of service reviews (R-122, R-129, R-132, SC-5): pack in time, postponed once, minutes both sides agree on, every action owned."""

import pytest

from domain.follow_ups.minutes import Minutes
from domain.follow_ups.review import Review
from tests.domain.case_stories import local
from tests.domain.follow_up_stories import MINUTES, STRANGER, WHY, FollowUpStory, refusals, review


def started(at: str = "2026-06-25T10:00", **more: str) -> FollowUpStory:
    return FollowUpStory(review(at, **more))


def held() -> FollowUpStory:
    story = started().until("2026-07-07T10:00")
    story.act("M1", "hold_review", "2026-07-10T11:30")
    return story


def minuted(minutes: object = MINUTES) -> FollowUpStory:
    story = held()
    story.act("L1", "record_minutes", minutes=minutes)
    return story


def approved(minutes: object = MINUTES) -> FollowUpStory:
    story = minuted(minutes)
    story.act("B1", "approve_minutes", document_hash=story.case.minutes_hash)
    return story


# ---- the pack -------------------------------------------------------------------------------------------------------


def test_the_pack_is_ready_five_business_days_before_and_goes_three_before_at_the_latest() -> None:
    story = started()
    assert [(each.name, each.at) for each in story.case.deadlines] == [
        ("review_missed", local("2026-07-24T10:00")),
        ("pack_ready", local("2026-07-03T10:00")),
    ]

    story.until("2026-07-03T10:00")
    assert story.state == "PACK_READY"
    assert story.waiting() == {"SEND_PACK SLA_TEAM": local("2026-07-07T10:00")}

    story.until("2026-07-07T10:00")
    assert (story.state, story.case.pack_sent_at) == ("PACK_SENT", local("2026-07-07T10:00"))
    assert story.waiting() == {"HOLD_REVIEW SLM_MANAGER": local("2026-07-10T10:00")}
    assert "Review 2026-Q2 of SLA/2026/0001" in story.told(to="CUSTOMER_REP")


def test_a_watermelons_review_has_its_pack_by_thursday_for_a_meeting_on_tuesday() -> None:
    story = FollowUpStory(review("2026-07-01T00:05", "2026-07-07T10:00", due_at=local("2026-07-07T17:00"))).until("2026-07-01T00:05")
    assert (story.state, story.waiting()) == ("PACK_READY", {"SEND_PACK SLA_TEAM": local("2026-07-02T10:00")})

    story.until("2026-07-02T10:00")
    assert (story.state, story.waiting()) == ("PACK_SENT", {"HOLD_REVIEW SLM_MANAGER": local("2026-07-07T17:00")})


def test_the_sla_team_sends_the_pack_earlier_and_once() -> None:
    story = started().until("2026-07-03T10:00")
    story.act("L1", "send_pack", "2026-07-06T09:00")

    assert (story.state, story.case.pack_sent_at) == ("PACK_SENT", local("2026-07-06T09:00"))
    assert story.refused("L1", "send_pack") == "INVALID_TRANSITION"
    assert refusals(review(), "send_pack", ["L1"]) == {"INVALID_TRANSITION"}, "before it is ready"


# ---- postponed, held, missed ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("at", "waiting"), [("2026-07-06T09:00", "SEND_PACK SLA_TEAM"), ("2026-07-08T09:00", "HOLD_REVIEW SLM_MANAGER")])
def test_a_postponed_review_has_every_date_anew(at: str, waiting: str) -> None:
    story = started()
    story.act("M1", "postpone_review", at, meeting_at=local("2026-07-24T10:00"), reason=WHY)

    due = {"SEND_PACK SLA_TEAM": local("2026-07-21T10:00"), "HOLD_REVIEW SLM_MANAGER": local("2026-07-24T10:00")}
    assert story.waiting() == {waiting: due[waiting]}
    assert story.until("2026-07-24T10:00").state == "PACK_SENT", "ten business days are allowed, and it is not missed"
    assert not any(subject.startswith("Escalated") for subject in story.told(to="SLM_MANAGER"))
    assert story.until("2026-08-07T10:00").state == "MISSED"


def test_a_review_is_postponed_once_and_not_too_far_and_not_into_the_past() -> None:
    story = started()
    wanted = {"reason": WHY}
    assert story.refused("M1", "postpone_review", meeting_at=local("2026-07-24T10:01"), **wanted) == "BAD_INPUT"
    assert story.refused("M1", "postpone_review", meeting_at=local("2026-07-10T10:00"), **wanted) == "BAD_INPUT"
    assert story.refused("M1", "postpone_review", "2026-07-20T10:00", meeting_at=local("2026-07-15T10:00"), **wanted) == "BAD_INPUT"
    assert story.refused("L1", "postpone_review", meeting_at=local("2026-07-23T10:00"), **wanted) == "FORBIDDEN"

    story.act("M1", "postpone_review", meeting_at=local("2026-07-23T10:00"), **wanted)
    assert story.refused("M1", "postpone_review", meeting_at=local("2026-07-27T10:00"), **wanted) == "POSTPONED_BEFORE"


def test_a_review_not_held_ten_business_days_later_is_missed_and_still_waited_for() -> None:
    story = started().until("2026-07-24T09:59")
    assert story.state == "PACK_SENT"

    story.until("2026-07-24T10:00")
    assert (story.state, story.case.was_missed) == ("MISSED", True)
    assert story.told(to="SERVICE_DIRECTOR") == ["Review 2026-Q2 of SLA/2026/0001 missed"]
    assert story.waiting() == {"HOLD_REVIEW SLM_MANAGER": local("2026-07-24T10:00")}

    story.act("M1", "hold_review", "2026-07-28T10:00")
    assert (story.state, story.case.was_missed) == ("HELD", True)


def test_who_is_to_hold_a_review_never_hears_that_it_was_escalated_and_the_director_does() -> None:
    story = started().until("2026-08-07T09:59")
    assert not [each for each in story.told(to="SERVICE_DIRECTOR") if each.startswith("Escalated")]

    story.until("2026-08-07T10:00")
    assert [each for each in story.told(to="SERVICE_DIRECTOR") if each.startswith("Escalated")]
    assert not [each for each in story.told(to="SLM_MANAGER") if each.startswith("Escalated")]


def test_held_at_the_very_instant_it_would_be_missed_is_held() -> None:
    story = started()
    story.act("M1", "hold_review", "2026-07-24T10:00")

    assert (story.state, story.case.was_missed, story.case.held_at) == ("HELD", False, local("2026-07-24T10:00"))


def test_only_the_slm_manager_says_that_it_was_held() -> None:
    assert refusals(review(), "hold_review", ["L1", "C1", "B1", STRANGER]) == {"FORBIDDEN"}


# ---- minutes --------------------------------------------------------------------------------------------------------


def test_minutes_decide_on_every_target_and_on_no_other() -> None:
    story = held()
    assert story.refused("L1", "record_minutes", minutes={"targets": {}}) == "DECISION_MISSING"
    assert story.refused("L1", "record_minutes", minutes={"targets": {"response": "KEEP", "x": "KEEP"}}) == "BAD_INPUT"
    assert {story.refused(each, "record_minutes", minutes=MINUTES) for each in ("B1", STRANGER, "C1")} == {"FORBIDDEN"}


def test_the_customer_itself_approves_the_minutes_it_saw() -> None:
    story = minuted()
    assert list(story.waiting()) == ["APPROVE_MINUTES CUSTOMER_REP"]
    seen = {"document_hash": story.case.minutes_hash}
    assert story.refused(STRANGER, "approve_minutes", **seen) == "FORBIDDEN"
    assert story.refused("M1", "approve_minutes", **seen) == "FORBIDDEN"
    assert story.refused("B1", "approve_minutes", document_hash="0" * 64) == "STALE_DOCUMENT"
    assert held().refused("B1", "approve_minutes", **seen) == "STALE_DOCUMENT"

    answer = story.act("B1", "approve_minutes", key="once", **seen)
    assert (story.state, list(story.waiting())) == ("MINUTES_APPROVED", ["CLOSE_REVIEW SLM_MANAGER"])
    assert story.act("B1", "approve_minutes", key="once", **seen) == answer


def test_rejected_minutes_are_written_anew_before_anybody_decides_again() -> None:
    story = minuted()
    seen = {"document_hash": story.case.minutes_hash}
    story.act("B1", "reject_minutes", reason=WHY, **seen)
    assert list(story.waiting()) == ["WRITE_MINUTES SLA_TEAM"]
    assert story.refused("B1", "reject_minutes", reason=WHY, **seen) == "ALREADY_DECIDED"
    assert story.refused("B1", "approve_minutes", **seen) == "ALREADY_DECIDED"

    story.act("L1", "record_minutes", minutes=MINUTES | {"notes": "as the customer remembers it"})
    story.act("B1", "approve_minutes", document_hash=story.case.minutes_hash)
    assert story.state == "MINUTES_APPROVED"


def test_an_action_without_owner_or_date_keeps_a_review_open() -> None:
    story = approved(MINUTES | {"actions": [{"text": "send a map", "owner": "O2"}]})
    assert story.refused("M1", "close_review") == "ACTION_WITHOUT_OWNER"

    story.act("L1", "record_minutes", minutes=MINUTES)
    assert (story.state, list(story.waiting())) == ("HELD", ["APPROVE_MINUTES CUSTOMER_REP"]), "nobody is asked to write what is written"
    story.act("B1", "approve_minutes", document_hash=story.case.minutes_hash)
    story.act("M1", "close_review")
    assert (story.state, story.case.open_tasks, story.case.deadlines) == ("CLOSED", (), ())
    assert story.told(to="O2") == ["Action of review 2026-Q2, due 2026-07-31"]


def test_decisions_to_change_are_told_to_those_who_change_agreements() -> None:
    story = approved({"targets": {"response": "REPLACE"}, "needs": {"evening hours": "AMEND", "parking": "NO_CHANGE"}})
    assert {story.refused(each, "close_review") for each in ("L1", "B1", STRANGER)} == {"FORBIDDEN"}
    story.act("M1", "close_review")

    assert story.told(to="CRM_STAFF")[-1] == "SLA/2026/0001 is to be changed"
    assert Minutes.model_validate({"targets": {"response": "REPLACE"}, "needs": {"x": "AMEND"}}).changes == (
        "response: REPLACE",
        "x: AMEND",
    )
    assert "is to be changed" not in " ".join(approved_and_closed().told(to="CRM_STAFF"))


def approved_and_closed() -> FollowUpStory:
    story = approved()
    story.act("M1", "close_review")
    return story


def test_a_closed_review_takes_nothing_any_more() -> None:
    story = approved_and_closed()
    assert {story.refused("M1", action) for action in ("hold_review", "close_review", "send_pack")} == {"INVALID_TRANSITION"}
    assert story.until("2027-01-01T00:00").state == "CLOSED"
    assert isinstance(story.case, Review)
