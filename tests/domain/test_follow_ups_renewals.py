"""Laws of renewals (R-131): decided by both sides in time; only a clause lets an agreement go on without a word."""

from datetime import date, datetime

import pytest

from domain.agreement_parts import RenewalClause
from domain.follow_ups.renewal import next_end
from tests.domain.case_stories import local
from tests.domain.follow_up_stories import STRANGER, WHY, FollowUpStory, renewal

CLAUSE = RenewalClause(automatic=True, months=12, notice_days=30)


def everybody(decision: str, story: FollowUpStory) -> FollowUpStory:
    for person in ("M1", "C1", "B1"):
        story.act(person, "decide_renewal", decision=decision, reason=WHY)
    return story


def at_of(story: FollowUpStory, action: str) -> list[datetime]:
    return [step.at for step in story.steps if step.action == action]


def test_r_131_both_sides_are_asked_by_sixty_days_before_the_end() -> None:
    story = FollowUpStory(renewal())
    assert story.waiting() == {f"DECIDE_RENEWAL {role}": local("2029-01-14T00:00") for role in ("SLM_MANAGER", "CRM_STAFF", "CUSTOMER_REP")}
    assert {story.refused(each, "decide_renewal", decision="RENEW_AS_IS") for each in ("L1", "S1", STRANGER)} == {"FORBIDDEN"}


def test_without_a_decision_and_without_a_clause_it_ends() -> None:
    story = FollowUpStory(renewal()).until("2029-03-14T23:59")
    assert (story.state, at_of(story, "undecided"), at_of(story, "notice_deadline")) == ("OPEN", [local("2029-02-13T00:00")], [])
    assert story.told(to="SERVICE_DIRECTOR") == ["Renewal of SLA/2026/0001 not decided"]

    story.until("2029-03-15T00:00")
    assert (story.state, story.case.reason, story.case.has_effect) == ("LAPSED", "nobody decided on it", False)
    assert story.told(to="CUSTOMER_REP")[-1] == "SLA/2026/0001 is not renewed and ends on 2029-03-15"


def test_renewed_as_it_is_by_both_sides_it_becomes_a_version_with_a_later_end() -> None:
    story = FollowUpStory(renewal()).until("2029-01-10T09:00")
    for person in ("M1", "C1"):
        story.act(person, "decide_renewal", decision="RENEW_AS_IS")
    assert not story.case.has_effect, "the customer was not heard"
    story.act("B1", "decide_renewal", decision="RENEW_AS_IS")
    assert (story.case.has_effect, story.case.renewed_until) == (True, date(2032, 3, 15))
    assert story.refused("B1", "decide_renewal", decision="LET_EXPIRE") == "ALREADY_DECIDED"

    story.hears("registered", "2029-01-10T09:00", version="1.1")
    assert (story.state, story.case.registered_as, story.case.deadlines) == ("RENEWED", "1.1", ())


def test_both_sides_must_name_the_same() -> None:
    story = FollowUpStory(renewal())
    story.act("M1", "decide_renewal", decision="RENEW_AS_IS")
    story.act("C1", "decide_renewal", decision="RENEW_AS_IS")
    story.act("B1", "decide_renewal", decision="RENEGOTIATE")
    assert (story.state, story.case.has_effect) == ("OPEN", False)
    assert sorted(story.waiting()) == ["DECIDE_RENEWAL CRM_STAFF", "DECIDE_RENEWAL CUSTOMER_REP", "DECIDE_RENEWAL SLM_MANAGER"]
    assert "Renewal of SLA/2026/0001: not the same wish" in story.told(to="CUSTOMER_REP")

    story.act("M1", "decide_renewal", decision="RENEGOTIATE")
    story.act("C1", "decide_renewal", decision="RENEGOTIATE")
    assert story.state == "RENEGOTIATED"


def test_renegotiating_is_a_material_change_that_is_needed_by_the_end() -> None:
    story = everybody("RENEGOTIATE", FollowUpStory(renewal()))
    [change] = story.case.successors

    assert (change.state.value, change.has_effect, change.triggers[0].code.value) == ("MATERIAL", True, "RENEWAL")
    assert change.needed.needed_at == local("2029-03-15T00:00")
    assert FollowUpStory(change).state == "MATERIAL"


def test_let_expire_ends_it_with_its_term() -> None:
    story = everybody("LET_EXPIRE", FollowUpStory(renewal(clause=CLAUSE)))
    assert (story.state, story.case.successors, story.case.has_effect) == ("EXPIRING", (), False)
    assert story.until("2029-04-01T00:00").state == "EXPIRING"


# ---- an automatic clause --------------------------------------------------------------------------------------------


def test_a_clause_warns_before_its_last_day_of_notice_and_works_on_the_last_day_of_the_term() -> None:
    story = FollowUpStory(renewal(clause=CLAUSE)).until("2029-03-13T23:59")
    assert at_of(story, "notice_deadline") == [local("2029-01-29T00:00"), local("2029-02-08T00:00")]
    assert not story.case.has_effect

    story.until("2029-03-14T00:00")
    assert (story.case.by_clause, story.case.has_effect, story.case.renewed_until) == (True, True, date(2030, 3, 15))
    assert story.case.note == "renewed as it is until 2030-03-15, by its clause, as nobody decided otherwise in time"
    story.hears("registered", "2029-03-14T00:01", version="1.1")
    assert (story.state, story.case.registered_as) == ("RENEWED", "1.1")


@pytest.mark.parametrize(("at", "state"), [("2029-02-13T00:00", "LAPSED"), ("2029-02-13T00:01", "OPEN")])
def test_either_side_stops_a_clause_by_its_last_day_of_notice(at: str, state: str) -> None:
    story = FollowUpStory(renewal(clause=CLAUSE))
    story.act("B1", "decide_renewal", at, decision="LET_EXPIRE")
    story.until("2029-03-14T00:00")
    assert (story.state, story.case.by_clause) == (state, state == "OPEN")


def test_who_takes_the_notice_back_lets_the_clause_work() -> None:
    story = FollowUpStory(renewal(clause=CLAUSE))
    story.act("B1", "decide_renewal", decision="LET_EXPIRE")
    story.act("B1", "decide_renewal", decision="RENEGOTIATE")
    assert story.until("2029-03-14T00:00").case.by_clause


def test_a_clause_that_is_not_automatic_lets_nothing_go_on_by_itself() -> None:
    story = FollowUpStory(renewal(clause=RenewalClause(automatic=False, months=12, notice_days=30))).until("2029-03-15T00:00")
    assert (story.state, at_of(story, "notice_deadline")) == ("LAPSED", [])


def test_what_the_registry_refuses_is_not_renewed() -> None:
    story = everybody("RENEW_AS_IS", FollowUpStory(renewal()))
    story.hears("not_registered", "2029-01-10T09:00", reason="it is being terminated")
    assert (story.state, story.case.reason) == ("LAPSED", "it is being terminated")


@pytest.mark.parametrize(
    ("begins", "ends", "clause", "expected"),
    [
        ("2026-03-15", "2029-03-15", None, "2032-03-15"),
        ("2026-03-15", "2029-03-15", CLAUSE, "2030-03-15"),
        ("2026-01-10", "2026-02-01", None, "2026-02-23"),
        ("2026-08-31", "2027-02-28", None, "2027-08-28"),
        ("2026-01-01", "2027-01-01", RenewalClause(automatic=True), "2028-01-01"),
    ],
)
def test_a_renewal_is_as_long_as_the_clause_says_or_as_the_term_was(
    begins: str, ends: str, clause: RenewalClause | None, expected: str
) -> None:
    assert next_end(date.fromisoformat(begins), date.fromisoformat(ends), clause) == date.fromisoformat(expected)
