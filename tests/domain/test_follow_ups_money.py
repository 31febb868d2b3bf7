"""Laws of credits and claims (R-079, R-090, R-136, SC-3): billing is told what was decided last, in sum, and each difference once."""

from decimal import Decimal

import pytest

from tests.domain.case_stories import local
from tests.domain.follow_up_stories import STRANGER, WHY, FollowUpStory, claim, credit


def approved(amount: str = "2000") -> FollowUpStory:
    story = FollowUpStory(credit("2026-05-04T08:00", amount))
    story.act("F1", "approve_credit", "2026-05-06T10:00", amount=amount)
    return story


def redrafted(story: FollowUpStory, at: str, amount: str, version: int) -> int:
    return len(story.hears("redrafted", at, amount=amount, why=["late facts"], version=version))


# ---- credits --------------------------------------------------------------------------------------------------------


def test_a_credit_is_billed_once_when_finance_approves_the_amount_it_saw() -> None:
    story = FollowUpStory(credit("2026-05-04T08:00", "2000"))
    assert story.waiting() == {"APPROVE_CREDIT FINANCE": local("2026-05-08T17:00")}
    assert {story.refused(each, "approve_credit", amount="2000") for each in ("M1", "B1", "C1", STRANGER)} == {"FORBIDDEN"}
    assert story.refused("F1", "approve_credit", amount="1999") == "STALE_DOCUMENT"

    answer = story.act("F1", "approve_credit", "2026-05-06T10:00", key="once", amount="2000")
    assert story.act("F1", "approve_credit", key="once", amount="2000") == answer
    assert story.refused("F1", "approve_credit", key="again", amount="2000") == "INVALID_TRANSITION"
    assert (story.state, story.billed()) == ("APPROVED", ["2000"])
    assert story.told(to="CUSTOMER_REP") == ["Credit under SLA/2026/0001: 2000 PLN"]


def test_the_slm_manager_names_a_root_cause_until_finance_has_decided() -> None:
    story = FollowUpStory(credit("2026-05-04T08:00", "2000"))
    assert not story.case.has_effect
    assert {story.refused(each, "name_cause", cause="PRB-71") for each in ("F1", "L1", "B1", "C1", STRANGER)} == {"FORBIDDEN"}

    story.act("M1", "name_cause", "2026-05-05T09:00", cause="PRB-71")
    assert (story.state, story.case.cause, story.case.stated, story.case.has_effect) == ("DRAFTED", "PRB-71", "PRB-71", True)
    story.act("M1", "name_cause", cause="PRB-72")
    assert story.case.stated == "PRB-72"

    story.hears("redrafted", "2026-05-05T09:01", amount="2000", why=["only the highest counts"], version=2)
    assert (story.case.amount, story.case.why) == (Decimal(2000), ("only the highest counts",))
    story.act("F1", "approve_credit", "2026-05-06T10:00", amount="2000")
    assert (story.case.has_effect, story.refused("M1", "name_cause", cause="PRB-71")) == (False, "INVALID_TRANSITION")


def test_a_rejected_credit_is_never_billed() -> None:
    story = FollowUpStory(credit())
    assert {story.refused(each, "reject_credit", reason=WHY) for each in ("M1", "B1", STRANGER)} == {"FORBIDDEN"}
    story.act("F1", "reject_credit", reason=WHY)
    assert (story.state, story.billed(), story.case.open_tasks, story.told(to="CUSTOMER_REP")) == ("REJECTED", [], (), [])


def test_the_customer_disputes_a_credit_for_thirty_days() -> None:
    story = approved()
    assert [(each.name, each.at) for each in story.case.deadlines] == [("dispute_over", local("2026-06-05T10:00"))]
    assert {story.refused(each, "dispute_credit", reason=WHY) for each in (STRANGER, "F1", "C1")} == {"FORBIDDEN"}

    story.act("B1", "dispute_credit", "2026-06-05T10:00", reason=WHY)
    assert (story.state, list(story.waiting())) == ("DISPUTED", ["RESOLVE_CREDIT FINANCE_DIRECTOR"])
    late = approved().until("2026-06-05T10:00")
    assert (late.state, late.refused("B1", "dispute_credit", reason=WHY)) == ("SETTLED", "INVALID_TRANSITION")


@pytest.mark.parametrize(("amount", "notes"), [("5000", ["2000", "3000"]), ("2000", ["2000"]), ("0", ["2000", "-2000"])])
def test_billing_gets_the_difference_when_a_disputed_credit_is_resolved(amount: str, notes: list[str]) -> None:
    story = approved()
    story.act("B1", "dispute_credit", "2026-06-01T10:00", reason=WHY)
    assert {story.refused(each, "resolve_credit", amount=amount, reason=WHY) for each in ("M1", "B1", STRANGER)} == {"FORBIDDEN"}

    story.act("F1", "resolve_credit", "2026-06-03T10:00", amount=amount, reason=WHY)
    assert (story.state, story.billed(), story.case.billed) == ("SETTLED", notes, Decimal(amount))


def test_late_facts_before_approval_change_what_finance_looks_at() -> None:
    story = FollowUpStory(credit(amount="2000"))
    assert redrafted(story, "2026-06-02T00:00", "5000", 2) == 1
    assert story.refused("F1", "approve_credit", amount="2000") == "STALE_DOCUMENT"
    assert list(story.waiting()) == ["APPROVE_CREDIT FINANCE"]
    story.act("F1", "approve_credit", amount="5000")
    assert story.billed() == ["5000"]


def test_late_facts_after_approval_are_approved_anew_and_billed_as_a_difference_once() -> None:
    story = approved()
    assert redrafted(story, "2026-05-10T00:00", "5000", 2) == 1
    assert redrafted(story, "2026-05-10T00:00", "5000", 2) == 0, "news heard a second time"
    assert redrafted(story, "2026-05-10T00:00", "2000", 1) == 0, "news that are older"
    assert (story.state, story.billed()) == ("DRAFTED", ["2000"])

    story.act("F1", "approve_credit", "2026-05-11T10:00", amount="5000")
    assert story.billed() == ["2000", "3000"]
    assert redrafted(story, "2026-05-12T00:00", "0", 3) == 1
    story.act("F1", "approve_credit", "2026-05-13T10:00", amount="0")
    assert (story.billed(), story.case.billed) == (["2000", "3000", "-5000"], Decimal(0))


def test_the_same_amount_in_another_version_asks_nobody() -> None:
    story = approved()
    redrafted(story, "2026-05-10T00:00", "2000", 2)
    assert (story.state, story.billed(), story.case.version) == ("APPROVED", ["2000"], 2)
    assert story.until("2026-06-05T10:00").state == "SETTLED"


def test_a_customer_hears_of_a_credit_that_is_taken_back() -> None:
    story = approved()
    redrafted(story, "2026-05-10T00:00", "5000", 2)
    story.act("F1", "reject_credit", reason=WHY)
    assert (story.state, story.billed()) == ("REJECTED", ["2000", "-2000"])
    assert story.told(to="CUSTOMER_REP")[-1] == "Credit under SLA/2026/0001 taken back: 2000 PLN"


def test_late_facts_leave_a_disputed_credit_with_who_decides_on_it() -> None:
    story = approved()
    story.act("B1", "dispute_credit", "2026-05-20T10:00", reason=WHY)
    assert redrafted(story, "2026-05-21T00:00", "5000", 2) == 1
    assert (story.state, story.case.amount, list(story.waiting())) == ("DISPUTED", Decimal(5000), ["RESOLVE_CREDIT FINANCE_DIRECTOR"])
    story.act("F1", "resolve_credit", amount="5000", reason=WHY)
    assert story.billed() == ["2000", "3000"]


def test_news_after_the_end_change_nothing() -> None:
    story = approved().until("2026-06-05T10:00")
    assert (redrafted(story, "2026-06-06T00:00", "5000", 2), story.state, story.billed()) == (0, "SETTLED", ["2000"])


def test_news_that_come_after_the_last_day_find_the_credit_settled() -> None:
    story = approved()
    assert redrafted(story, "2026-06-06T00:00", "5000", 2) == 1
    assert (story.state, story.case.entered_at, story.billed()) == ("SETTLED", local("2026-06-05T10:00"), ["2000"])


# ---- disputed figures (SC-3.7) --------------------------------------------------------------------------------------


def test_nobody_decides_on_a_credit_whose_figures_are_disputed() -> None:
    story = FollowUpStory(credit(amount="2000"))
    assert len(story.hears("figures_disputed", "2026-06-02T09:00")) == 1
    assert story.hears("figures_disputed", "2026-06-02T09:00") == []
    assert story.refused("F1", "approve_credit", amount="2000") == "MEASUREMENT_DISPUTED"
    assert story.refused("F1", "reject_credit", reason=WHY) == "MEASUREMENT_DISPUTED"


@pytest.mark.parametrize("version", [1, 2])
def test_a_dismissed_dispute_of_figures_ends_the_wait_though_nothing_changed(version: int) -> None:
    story = FollowUpStory(credit(amount="2000"))
    story.hears("figures_disputed", "2026-06-02T09:00")
    assert redrafted(story, "2026-06-09T09:00", "2000", version) == 1
    story.act("F1", "approve_credit", amount="2000")
    assert story.billed() == ["2000"]


@pytest.mark.parametrize(("amount", "state", "notes"), [("2000", "SETTLED", ["2000"]), ("5000", "DRAFTED", ["2000"])])
def test_a_credit_does_not_settle_while_its_figures_are_disputed(amount: str, state: str, notes: list[str]) -> None:
    story = approved()
    story.hears("figures_disputed", "2026-06-01T09:00")
    assert story.until("2026-06-20T10:00").state == "APPROVED"

    redrafted(story, "2026-06-21T09:00", amount, 2)
    assert (story.state, story.billed()) == (state, notes)


def test_figures_cleared_in_time_leave_the_customer_its_thirty_days() -> None:
    story = approved()
    story.hears("figures_disputed", "2026-05-10T09:00")
    redrafted(story, "2026-05-12T09:00", "2000", 1)
    assert story.state == "APPROVED"
    assert story.until("2026-06-05T10:00").state == "SETTLED"


# ---- claims (SC-3.5) ------------------------------------------------------------------------------------------------


def test_a_claim_of_may_is_reminded_of_on_16_july_and_lapses_with_31_july() -> None:
    story = FollowUpStory(claim())
    assert story.waiting() == {"FILE_CLAIM SUPPLY_MANAGER": local("2026-08-01T00:00")}
    assert {each.name: each.at for each in story.case.deadlines} == {
        "claim_reminder": local("2026-07-16T00:00"),
        "claim_lapsed": local("2026-08-01T00:00"),
    }

    told = "Claim under SLA/2026/0001 not made yet"
    assert told not in story.until("2026-07-15T23:59").told(to="SUPPLY_MANAGER")
    assert story.until("2026-07-16T00:00").told(to="SUPPLY_MANAGER").count(told) == 1
    assert story.until("2026-07-31T23:59").state == "OPEN"
    assert story.until("2026-08-01T00:00").state == "LAPSED"
    assert (story.told(to="SLM_MANAGER"), story.case.open_tasks) == (["Claim under SLA/2026/0001 lapsed"], ())
    assert story.refused("S1", "file_claim", reference="letter 7") == "INVALID_TRANSITION"


def test_a_claim_is_filed_in_its_last_instant_and_settled() -> None:
    story = FollowUpStory(claim())
    assert {story.refused(each, "file_claim", reference="letter 7") for each in ("M1", "U1", "B1", STRANGER)} == {"FORBIDDEN"}
    story.act("S1", "file_claim", "2026-07-31T23:59", reference="letter 7")
    assert (story.state, story.case.reason, story.case.deadlines, story.case.open_tasks) == ("FILED", "letter 7", (), ())

    assert redrafted(story, "2026-08-02T00:00", "900", 2) == 0, "it is with the supplier"
    assert {story.refused(each, "settle_claim", amount="1500") for each in ("M1", "U1")} == {"FORBIDDEN"}
    story.act("S1", "settle_claim", "2026-08-20T10:00", amount="1500")
    assert (story.state, story.case.amount) == ("SETTLED", Decimal(1500))


@pytest.mark.parametrize("is_filed", [False, True])
def test_a_claim_is_dropped_for_a_reason(*, is_filed: bool) -> None:
    story = FollowUpStory(claim())
    if is_filed:
        story.act("S1", "file_claim", reference="letter 7")
    assert story.refused("M1", "drop_claim", reason=WHY) == "FORBIDDEN"
    story.act("S1", "drop_claim", reason=WHY)
    assert (story.state, story.case.reason, story.case.open_tasks) == ("DROPPED", WHY, ())


def test_late_facts_change_a_claim_that_is_not_made() -> None:
    story = FollowUpStory(claim())
    assert redrafted(story, "2026-06-10T00:00", "3600", 2) == 1
    assert redrafted(story, "2026-06-10T00:00", "3600", 2) == 0
    assert story.case.amount == Decimal(3600)
    assert type(story.case).model_validate_json(story.case.model_dump_json()) == story.case


def test_a_claim_found_late_has_no_reminder_in_the_past() -> None:
    story = FollowUpStory(claim("2026-07-20T09:00"))
    assert [each.name for each in story.case.deadlines] == ["claim_lapsed"]
