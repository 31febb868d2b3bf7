"""Laws of an agreement case's time: what is told when, what lapses when, and what an outage may not change."""

import copy
from datetime import datetime
from functools import cache
from typing import Any

import pytest

from domain.actors import actor_of
from domain.agreement_machine import AGREEMENT
from domain.case_machine import advance, judge, next_instant
from domain.cases import Answer, Submission
from domain.errors import BadInput, Conflict
from domain.human_tasks import TaskState
from domain.lifecycle import AgreementState
from domain.timer_policy import TaskPolicy, TimerPolicy
from tests.domain.case_stories import CATALOGUE, CaseStory, candidate, local, proposal

OFFER = ["warsaw-gold", "podlasie-nbd"]
REVIEWERS = ("B1", "C1", "M1", "S1", "T1")


@cache
def _until(state: str) -> CaseStory:
    return CaseStory().play("bank-agreement", until=state)


def reached(state: str) -> CaseStory:
    """The bank's case when it first comes to a stage, with nothing told yet."""
    story = copy.copy(_until(state))
    story.steps, story.told = list(story.steps), []
    return story


def late(story: CaseStory, person: str, action: str, received: str, judged: str, key: str | None = None, **fields: Any) -> Answer:
    """A deed that reached us at one instant, and is judged at a later one."""
    said = Submission(
        key=key or f"{person}-{action}-{received}",
        action={"action": action, **fields},
        by=actor_of(CATALOGUE, person, local(received).date()),
        received_at=local(received),
    )
    answer, steps = judge(AGREEMENT, story.case, said, local(judged))
    for step in steps:
        story._take(step)
    return answer


def deadline(story: CaseStory) -> datetime:
    [one] = story.case.deadlines
    return one.at


def instants(story: CaseStory, until: str) -> list[str]:
    """Every instant at which something is told, up to one, each noticed when it comes."""
    found = []
    while (at := next_instant(story.case)) is not None and at <= local(until):
        told = len(story.told)
        for step in advance(AGREEMENT, story.case, at):
            story._take(step)
        found += [f"{at.astimezone(local(until).tzinfo):%m-%dT%H:%M} {each}" for each in story.told[told:]]
    return found


def in_review_since(at: str = "2026-02-20T12:00") -> CaseStory:
    """SC-8: a review by five that began at an instant."""
    story = reached("DRAFT_DISCUSSION")
    case = story.case
    story.steps.append(story.steps[-1]._replace(case=case.but(last_at=local("2026-02-20T11:00"))))
    draft = case.draft
    assert draft is not None
    customer = {"role": "CUSTOMER_REP", "side": "CUSTOMER", "party": "Bank Narew S.A."}
    ours = [{"role": role} for role in ("CRM_STAFF", "SLM_MANAGER", "SUPPLY_MANAGER", "CONTROL_TIER")]
    story.act("L1", "compile_draft", draft=draft.model_dump(mode="json", by_alias=True), reviewers=[customer, *ours])
    for person in REVIEWERS:
        story.act(person, "acknowledge_receipt", document_hash=story.case.draft_hash)
    story.steps.append(story.steps[-1]._replace(case=story.case.but(last_at=local(at))))
    story.act("L1", "freeze_draft", document_hash=story.case.draft_hash)
    story.told = []
    return story


# ---- SC-1 -----------------------------------------------------------------------------------------------------------


def test_the_selection_is_due_two_business_days_after_the_request() -> None:
    assert CaseStory().waiting() == {
        "NOMINATE_AGENT SLA_TEAM": "2026-01-14T08:15:00+00:00",
        "CONFIRM_AGENT CRM_STAFF": "2026-01-14T08:15:00+00:00",
    }


def test_only_who_has_not_decided_is_reminded() -> None:
    story = CaseStory()
    story.act("L1", "nominate_agent", "2026-01-12T14:00", agent=candidate("A1"))

    assert instants(story, "2026-01-14T09:14") == ["01-13T09:15 REMIND CONFIRM_AGENT CRM_STAFF 1"]
    assert instants(story, "2026-01-19T09:15") == [
        "01-14T09:15 ESCALATE CONFIRM_AGENT CRM_STAFF 1",
        "01-16T09:15 ESCALATE CONFIRM_AGENT CRM_STAFF 2",
        "01-19T09:15 ESCALATE CONFIRM_AGENT CRM_STAFF 3",
    ]


def test_nothing_lapses_while_an_agent_is_chosen() -> None:
    story = CaseStory().until("2026-12-31T12:00")

    assert story.case.state is AgreementState.AGENT_SELECTION
    assert story.case.deadlines == ()


def test_the_bank_story_reminds_only_as_the_design_says() -> None:
    story = CaseStory().play("bank-agreement")

    assert [each for each in story.told if "APPROVE_REQUIREMENTS" in each] == ["REMIND APPROVE_REQUIREMENTS CUSTOMER_REP 1"]
    assert [each for each in story.told if "REVIEW_DRAFT" in each][:3] == [
        "REMIND REVIEW_DRAFT LEGAL 1",
        "REMIND REVIEW_DRAFT SUPPLY_MANAGER 1",
        "REMIND REVIEW_DRAFT CONTROL_TIER 1",
    ]
    assert [each for each in story.told if each.startswith("ESCALATE")] == []


def test_first_contact_and_capture_are_due_two_and_ten_business_days_after_the_assignment() -> None:
    story = reached("REQUIREMENTS")

    assert story.waiting() == {
        "CONTACT_CUSTOMER A1": "2026-01-15T09:00:00+00:00",
        "CAPTURE_REQUIREMENTS A1": "2026-01-27T09:00:00+00:00",
    }
    assert instants(story, "2026-01-31T12:00") == [
        "01-16T10:00 ESCALATE CONTACT_CUSTOMER A1 1",
        "01-22T10:00 REMIND CAPTURE_REQUIREMENTS A1 1",
        "01-27T10:00 ESCALATE CAPTURE_REQUIREMENTS A1 1",
    ]


def approval_since(at: str) -> CaseStory:
    story = reached("REQUIREMENTS_APPROVAL")
    entered = AGREEMENT.stages[AgreementState.REQUIREMENTS_APPROVAL](
        story.case.entering(AgreementState.REQUIREMENTS_APPROVAL, local(at)), local(at)
    )
    story.steps.append(story.steps[-1]._replace(case=entered.but(last_at=local(at))))
    return story


def test_the_customers_approval_is_asked_for_four_times_and_lapses_after_twenty_business_days() -> None:
    story = approval_since("2026-01-28T10:00")

    assert instants(story, "2026-02-25T09:59") == [
        "02-02T10:00 REMIND APPROVE_REQUIREMENTS CUSTOMER_REP 1",
        "02-06T10:00 REMIND APPROVE_REQUIREMENTS CUSTOMER_REP 2",
        "02-11T10:00 ESCALATE APPROVE_REQUIREMENTS CUSTOMER_REP 1",
    ]
    assert story.case.state is AgreementState.REQUIREMENTS_APPROVAL
    story.until("2026-02-25T10:00")
    assert (story.case.state, story.case.reason) == (AgreementState.CANCELLED, "LAPSED")
    assert next_instant(story.case) is None


@pytest.mark.parametrize(
    ("state", "until", "told"),
    [
        (
            "FEASIBILITY",
            "2026-01-31T12:00",
            ["01-23T16:00 REMIND DECIDE_FEASIBILITY A1 1", "01-27T16:00 ESCALATE DECIDE_FEASIBILITY A1 1"],
        ),
        (
            "PRICING",
            "2026-02-20T12:00",
            ["02-06T15:20 REMIND SET_PRICES SLA_TEAM 1", "02-10T15:20 ESCALATE SET_PRICES SLA_TEAM 1"],
        ),
        (
            "NEGOTIATION",
            "2026-02-27T12:00",
            [
                "02-12T16:00 REMIND ACCEPT_OFFER CUSTOMER_REP 1",
                "02-12T16:00 REMIND ACCEPT_OFFER CRM_STAFF 1",
                "02-19T16:00 REMIND ACCEPT_OFFER CUSTOMER_REP 2",
                "02-19T16:00 REMIND ACCEPT_OFFER CRM_STAFF 2",
                "02-26T16:00 ESCALATE ACCEPT_OFFER CUSTOMER_REP 1",
                "02-26T16:00 ESCALATE ACCEPT_OFFER CRM_STAFF 1",
            ],
        ),
        (
            "UNDERPINNING",
            "2026-03-13T12:00",
            [
                "02-23T11:20 REMIND SET_UP_SUPPORT SUPPLY_MANAGER 1",
                "02-26T11:20 REMIND SET_UP_SUPPORT SUPPLY_MANAGER 2",
                "03-02T11:20 ESCALATE SET_UP_SUPPORT SUPPLY_MANAGER 1",
            ],
        ),
        (
            "DRAFT_DISCUSSION",
            "2026-03-13T12:00",
            [
                "02-24T14:30 REMIND COMPILE_DRAFT SLA_TEAM 1",
                "02-26T14:30 REMIND COMPILE_DRAFT SLA_TEAM 2",
                "02-27T14:30 ESCALATE COMPILE_DRAFT SLA_TEAM 1",
            ],
        ),
    ],
)
def test_each_stage_reminds_and_escalates_at_its_times(state: str, until: str, told: list[str]) -> None:
    assert instants(reached(state), until) == told


def test_signatories_are_asked_one_by_one() -> None:
    story = reached("SIGNING")
    for person in ("Z1", "B3"):
        story.act(person, "sign", document_hash=story.case.frozen_hash, method="QUALIFIED_ESIGN")

    assert story.waiting() == {"SIGN B4": "2026-03-17T13:00:00+00:00"}
    assert instants(story, "2026-03-28T12:00") == [
        "03-06T14:00 REMIND SIGN B4 1",
        "03-11T14:00 REMIND SIGN B4 2",
        "03-16T14:00 REMIND SIGN B4 3",
        "03-17T14:00 ESCALATE SIGN B4 1",
    ]


def test_t27_signing_lapses_after_thirty_days_and_voids_signatures() -> None:
    story = reached("SIGNING")
    story.act("Z1", "sign", document_hash=story.case.frozen_hash, method="QUALIFIED_ESIGN")
    story.until("2026-04-02T13:59")
    assert story.case.state is AgreementState.SIGNING
    story.until("2026-04-02T14:00")

    assert (story.case.state, story.case.reason) == (AgreementState.NEGOTIATION, "SIGNING_LAPSED")
    assert story.case.signatures == ()
    assert story.case.issued_at is None
    assert {task.state for task in story.case.tasks if task.kind == "SIGN"} == {TaskState.DECIDED, TaskState.LAPSED}


def test_after_the_last_signature_nothing_lapses() -> None:
    story = CaseStory().play("bank-agreement").until("2026-12-31T12:00")

    assert story.case.state is AgreementState.SIGNING
    assert story.case.all_signed


# ---- offers ---------------------------------------------------------------------------------------------------------


def second_offer() -> CaseStory:
    story = reached("NEGOTIATION")
    story.act("B1", "counter_offer", "2026-02-10T12:00", price="12000", comment="less")
    story.act("L1", "set_prices", "2026-02-12T09:00", proposal=proposal("90", "85"))
    story.act("P1", "approve_price", "2026-02-12T10:00", document_hash=story.case.proposal_hash)
    return story


def test_an_offer_is_valid_for_thirty_days_then_the_price_is_looked_at_again() -> None:
    story = second_offer()
    assert story.case.offer_until == local("2026-03-14T10:00")
    story.until("2026-03-14T09:59")
    assert story.case.state is AgreementState.NEGOTIATION
    story.until("2026-03-14T10:00")

    assert (story.case.state, story.case.reason) == (AgreementState.PRICING, "OFFER_EXPIRED")
    assert [each.ended for each in story.case.rounds] == ["COUNTER", "EXPIRED"]


def test_t15_the_second_offer_that_expires_ends_the_case() -> None:
    story = second_offer().until("2026-03-14T10:00")
    story.act("L1", "set_prices", "2026-03-16T09:00", proposal=proposal("90", "85"))
    story.act("P1", "approve_price", "2026-03-16T10:00", document_hash=story.case.proposal_hash)
    story.until("2026-04-15T10:00")

    assert (story.case.state, story.case.reason) == (AgreementState.CANCELLED, "LAPSED")
    assert story.case.expiries == 2


def test_an_offer_over_the_change_of_the_clocks_ends_at_the_same_time_of_day() -> None:
    story = reached("PRICING")
    story.act("L1", "set_prices", "2026-03-16T09:00", proposal=proposal("90", "85"))
    story.act("P1", "approve_price", "2026-03-16T10:00", document_hash=story.case.proposal_hash)

    assert deadline(story) == local("2026-04-15T10:00")


def test_an_offer_is_accepted_while_it_is_valid() -> None:
    story = second_offer()
    offer: dict[str, Any] = {"document_hash": story.case.proposal_hash, "options": OFFER}

    assert late(story, "B1", "accept_offer", "2026-03-14T09:59", "2026-03-14T09:59", **offer).state == "NEGOTIATION"
    with pytest.raises(Conflict) as refused:
        late(story, "C1", "accept_offer", "2026-03-14T10:01", "2026-03-14T10:01", **offer)
    assert refused.value.code == "INVALID_TRANSITION"


# ---- waiting for a service ------------------------------------------------------------------------------------------


def in_pipeline() -> CaseStory:
    """A case that waits for a service since Thu 22 Jan 2026 10:00."""
    story = reached("FEASIBILITY")
    assert story.case.requirements is not None
    first, *others = story.case.requirements.requirements
    without = story.case.requirements.model_copy(update={"requirements": (first.model_copy(update={"service": None}), *others)})
    story.steps.append(story.steps[-1]._replace(case=story.case.but(requirements=without)))
    story.act("A1", "need_new_service", "2026-01-22T10:00", description="shredding")
    story.told = []
    return story


def test_the_customer_is_asked_after_twenty_business_days_whether_to_wait_on() -> None:
    story = in_pipeline()
    assert story.waiting() == {"ANSWER_PIPELINE SERVICE_DEV_OWNER": "2026-01-29T09:00:00+00:00"}
    assert deadline(story) == local("2026-02-19T10:00")
    story.until("2026-02-19T10:00")

    assert story.waiting()["ANSWER_WAITING CUSTOMER_REP"] == "2026-02-26T09:00:00+00:00"
    assert deadline(story) == local("2026-03-05T10:00")


def test_silence_after_the_question_ends_the_wait() -> None:
    story = in_pipeline()
    told = instants(story, "2026-03-05T10:00")

    assert told[-2:] == ["02-24T10:00 REMIND ANSWER_WAITING CUSTOMER_REP 1", "02-26T10:00 ESCALATE ANSWER_WAITING CUSTOMER_REP 1"]
    assert (story.case.state, story.case.reason) == (AgreementState.CANCELLED, "LAPSED")


def test_a_customer_who_waits_on_is_asked_again_twenty_business_days_later() -> None:
    story = in_pipeline()
    story.act("B1", "answer_waiting", "2026-02-20T09:00", waits_on=True)
    assert deadline(story) == local("2026-03-20T09:00")
    story.until("2026-03-20T09:00")

    assert "ANSWER_WAITING CUSTOMER_REP" in story.waiting()


# ---- the review -----------------------------------------------------------------------------------------------------


def test_a_review_reminds_twice_escalates_and_lapses() -> None:
    story = in_review_since("2026-02-23T09:00")
    for person in ("B1", "C1", "M1", "S1"):
        story.act(person, "approve_draft", document_hash=story.case.frozen_hash)

    assert story.waiting() == {"REVIEW_DRAFT CONTROL_TIER": "2026-03-02T08:00:00+00:00"}
    assert instants(story, "2026-03-16T08:59") == [
        "02-25T09:00 REMIND REVIEW_DRAFT CONTROL_TIER 1",
        "02-27T09:00 REMIND REVIEW_DRAFT CONTROL_TIER 2",
        "03-02T09:00 ESCALATE REVIEW_DRAFT CONTROL_TIER 1",
    ]
    assert deadline(story) == local("2026-03-16T09:00")
    story.until("2026-03-16T09:00")
    assert (story.case.state, story.case.reason) == (AgreementState.CANCELLED, "LAPSED")
    assert [task.state for task in story.case.tasks if task.kind == "REVIEW_DRAFT"].count(TaskState.LAPSED) == 1


def test_a_review_is_extended_once_by_ten_business_days_at_most() -> None:
    story = in_review_since("2026-02-20T12:00")
    assert deadline(story) == local("2026-03-13T12:00")
    with pytest.raises(BadInput, match="10 at most"):
        story.act("M1", "extend_review", business_days=11, reason="holidays")
    story.act("M1", "extend_review", business_days=10, reason="holidays")

    assert deadline(story) == local("2026-03-27T12:00")
    with pytest.raises(Conflict) as refused:
        story.act("M1", "extend_review", business_days=1, reason="holidays")
    assert refused.value.code == "ALREADY_EXTENDED"
    story.until("2026-03-27T11:59")
    assert story.case.state is AgreementState.FINAL_REVIEW


def test_the_review_of_another_draft_may_be_extended_again() -> None:
    story = in_review_since()
    story.act("M1", "extend_review", business_days=5, reason="holidays")
    story.act("T1", "reject_draft", document_hash=story.case.frozen_hash, reason_code="TEXT", reason="unreadable page")

    assert not story.case.extended


def test_sc_8_a_decision_made_during_an_outage_counts_once_and_only_the_undecided_is_reminded() -> None:
    story = in_review_since()
    fields: dict[str, Any] = {"document_hash": story.case.frozen_hash}
    for person, at in (("B1", "2026-02-20T14:00"), ("C1", "2026-02-23T09:00"), ("M1", "2026-02-23T11:00")):
        story.act(person, "approve_draft", at, **fields)
    answer = late(story, "S1", "approve_draft", "2026-02-24T13:00", "2026-02-24T16:40", key="k-77", **fields)
    story.until("2026-02-24T16:40")
    steps = len(story.steps)

    assert (answer.state, len(story.case.approvals)) == ("FINAL_REVIEW", 4)
    assert story.case.approvals[-1].at == local("2026-02-24T13:00")
    assert story.told == ["REMIND REVIEW_DRAFT CONTROL_TIER 1"]
    assert late(story, "S1", "approve_draft", "2026-02-24T16:41", "2026-02-24T16:41", key="k-77", **fields) == answer
    with pytest.raises(Conflict) as refused:
        late(
            story,
            "S1",
            "reject_draft",
            "2026-02-24T16:41",
            "2026-02-24T16:41",
            key="k-77",
            reason_code="TEXT",
            reason="I changed my mind.",
            **fields,
        )
    assert refused.value.code == "ALREADY_DECIDED"
    assert len(story.steps) == steps


def test_sc_8_the_last_approval_cancels_reminders_and_lapse() -> None:
    story = in_review_since()
    for person in REVIEWERS:
        story.act(person, "approve_draft", "2026-02-26T09:00", document_hash=story.case.frozen_hash)
    told = list(story.told)
    story.until("2026-02-27T12:00")

    assert story.case.state is AgreementState.SIGNING
    assert told == [
        f"REMIND REVIEW_DRAFT {role} 1" for role in ("CUSTOMER_REP", "CRM_STAFF", "SLM_MANAGER", "SUPPLY_MANAGER", "CONTROL_TIER")
    ]
    assert story.told == told
    assert [each.name for each in story.case.deadlines] == ["signing_lapsed"]


# ---- outages --------------------------------------------------------------------------------------------------------


def test_after_an_outage_over_two_reminders_one_is_told() -> None:
    story = approval_since("2026-01-28T10:00").until("2026-02-09T12:00")

    assert story.told == ["REMIND APPROVE_REQUIREMENTS CUSTOMER_REP 2"]
    assert story.until("2026-02-09T12:00").told == ["REMIND APPROVE_REQUIREMENTS CUSTOMER_REP 2"]


def test_a_daily_escalation_missed_for_days_is_told_once() -> None:
    story = CaseStory().until("2026-01-22T12:00")

    assert story.told == [
        "REMIND NOMINATE_AGENT SLA_TEAM 1",
        "ESCALATE NOMINATE_AGENT SLA_TEAM 1",
        "ESCALATE NOMINATE_AGENT SLA_TEAM 6",
        "REMIND CONFIRM_AGENT CRM_STAFF 1",
        "ESCALATE CONFIRM_AGENT CRM_STAFF 1",
        "ESCALATE CONFIRM_AGENT CRM_STAFF 6",
    ]
    assert next_instant(story.case) == local("2026-01-23T09:15")


def test_a_lapse_is_recorded_at_the_instant_it_was_due() -> None:
    story = approval_since("2026-01-28T10:00").until("2026-03-20T08:00")

    assert story.case.entered_at == local("2026-02-25T10:00")
    assert (story.steps[-1].action, story.steps[-1].at) == ("lapse", local("2026-02-25T10:00"))
    assert [task.closed_at for task in story.case.tasks if task.state is TaskState.LAPSED] == [local("2026-02-25T10:00")]
    assert story.told == []


def test_two_lapses_in_one_outage_follow_each_other_at_their_instants() -> None:
    story = in_pipeline()
    story.until("2026-06-01T12:00")

    assert [(step.action, step.at) for step in story.steps[-2:]] == [
        ("waiting_asked", local("2026-02-19T10:00")),
        ("lapse", local("2026-03-05T10:00")),
    ]


def test_what_follows_a_lapse_is_reminded_of_from_then_on() -> None:
    story = second_offer()
    story.told = []
    story.until("2026-03-20T12:00")

    assert story.case.entered_at == local("2026-03-14T10:00")
    assert story.waiting() == {"SET_PRICES SLA_TEAM": "2026-03-20T16:00:00+00:00"}
    assert story.told == ["REMIND SET_PRICES SLA_TEAM 1"]


def test_a_deed_received_before_the_lapse_counts_although_it_is_judged_after_it() -> None:
    story = approval_since("2026-01-28T10:00")
    answer = late(story, "B1", "approve_requirements", "2026-02-25T09:59", "2026-02-25T18:00", document_hash=story.case.statement_hash)

    assert answer.state == "PRICING"
    assert story.case.entered_at == local("2026-02-25T09:59")
    assert story.steps[-1].at == local("2026-02-25T09:59")


def test_a_deed_received_after_the_lapse_finds_the_case_ended() -> None:
    story = approval_since("2026-01-28T10:00")
    with pytest.raises(Conflict) as refused:
        late(story, "B1", "approve_requirements", "2026-02-25T10:01", "2026-02-25T18:00", document_hash=story.case.statement_hash)

    assert (refused.value.code, refused.value.allowed) == ("INVALID_TRANSITION", ())


def test_a_deed_that_finds_its_stage_lapsed_is_judged_in_the_next() -> None:
    story = second_offer()
    before = len(story.steps)
    answer = late(story, "L1", "set_prices", "2026-03-16T09:00", "2026-03-16T12:00", proposal=proposal("90", "80"))

    assert answer.state == "PRICING"
    assert [(step.action, step.at) for step in story.steps[before:]] == [
        ("offer_expired", local("2026-03-14T10:00")),
        ("set_prices", local("2026-03-16T09:00")),
    ]


def test_no_deed_is_dated_before_the_last_one_or_into_the_future() -> None:
    story = second_offer()
    offer: dict[str, Any] = {"document_hash": story.case.proposal_hash, "options": OFFER}
    late(story, "B1", "accept_offer", "2026-02-11T08:00", "2026-02-13T08:00", **offer)
    assert story.steps[-1].at == local("2026-02-12T10:00")
    late(story, "C1", "accept_offer", "2026-05-01T08:00", "2026-02-13T09:00", **offer)

    assert story.steps[-1].at == local("2026-02-13T09:00")


def test_escalated_work_can_still_be_done() -> None:
    story = CaseStory().until("2026-01-22T12:00")
    story.act("L1", "nominate_agent", agent=candidate("A1"))
    answer = story.act("C1", "confirm_agent", "2026-01-22T13:00", agent=candidate("A1"))

    assert answer.state == "REQUIREMENTS"
    assert not any("SERVICE_DIRECTOR" in each for each in story.told)


def test_the_times_of_a_case_are_settings() -> None:
    policy = TimerPolicy(tasks={"NOMINATE_AGENT": TaskPolicy(due=1)})
    story = CaseStory(policy=policy)

    assert story.waiting()["NOMINATE_AGENT SLA_TEAM"] == "2026-01-13T08:15:00+00:00"
    assert story.waiting()["CONFIRM_AGENT CRM_STAFF"] == "2026-01-14T08:15:00+00:00"
