"""Laws of corrections, exclusions and disputes (R-086, R-090, R-114, C12), and what holds of the tables of all follow-ups."""

import pytest
from pydantic import TypeAdapter

from domain.actors import Actor
from domain.follow_ups.correction import NOT_MEASURED
from domain.follow_ups.follow_up import FollowUp, FollowUpKind
from domain.follow_ups.kinds import ACTIONS, KINDS, AnyFollowUp, has_ended
from domain.people import Role, Side
from tests.domain.case_stories import local
from tests.domain.follow_up_stories import (
    NUMBER,
    STRANGER,
    WHY,
    FollowUpStory,
    change,
    claim,
    correction,
    credit,
    dispute,
    exclusion,
    handover,
    plan,
    refusals,
    release,
    renewal,
    review,
    settlement,
)

DEPUTY = Actor(
    person="M2",
    name="Marek Zastępca",
    side=Side.PROVIDER,
    roles=(Role.SLM_MANAGER,),
    deputises=(Actor(person="M1", name="Maria Menedżerska", side=Side.PROVIDER, roles=(Role.SLM_MANAGER,)),),
)


# ---- corrections ----------------------------------------------------------------------------------------------------


def test_an_irregularity_is_looked_at_within_two_business_days() -> None:
    story = FollowUpStory(correction())
    assert story.waiting() == {"CORRECT SLM_MANAGER": local("2026-06-02T17:00")}
    story.until("2026-06-02T17:00")
    assert "Escalated: Correct the irregularity (SLM_MANAGER)" in story.told(to="SERVICE_DIRECTOR")
    assert {story.refused(each, "correct", statement=WHY) for each in ("C1", "B1", STRANGER)} == {"FORBIDDEN"}

    story.act("L1", "correct", statement=WHY)
    assert (story.state, story.case.statement, story.case.open_tasks) == ("CORRECTED", WHY, ())
    assert story.hears("gone", "2026-06-04T00:00") == []
    assert story.refused("L1", "correct", statement=WHY) == "INVALID_TRANSITION"


def test_a_correction_closes_by_itself_when_its_cause_is_gone() -> None:
    story = FollowUpStory(correction())
    assert len(story.hears("gone", "2026-06-02T00:00")) == 1
    assert (story.state, story.case.open_tasks, story.hears("gone", "2026-06-02T00:00")) == ("GONE", (), [])
    assert story.refused("L1", "correct", statement=WHY) == "INVALID_TRANSITION"


def test_what_was_not_measured_is_stated() -> None:
    story = FollowUpStory(correction(cause=NOT_MEASURED))
    assert story.waiting() == {"STATE_RESULT SLM_MANAGER": local("2026-06-08T17:00")}
    story.act("M1", "correct", statement="the probe was moved, the service was up")
    assert (story.state, story.case.tasks[0].decided_by) == ("CORRECTED", "M1")


# ---- exclusions -----------------------------------------------------------------------------------------------------


def test_an_exclusion_is_decided_by_somebody_else_than_who_proposed_it() -> None:
    story = FollowUpStory(exclusion(by="M1"))
    assert list(story.waiting()) == ["DECIDE_EXCLUSION SLM_MANAGER"]
    assert story.refused("M1", "approve_exclusion") == story.refused("M1", "reject_exclusion", reason=WHY) == "SEPARATION_OF_DUTIES"
    assert story.refused(DEPUTY.model_copy(update={"roles": ()}), "approve_exclusion") == "SEPARATION_OF_DUTIES", "in their name"
    assert {story.refused(each, "approve_exclusion") for each in ("L1", "B1", STRANGER)} == {"FORBIDDEN"}
    assert not story.case.has_effect

    story.act("T1", "approve_exclusion")
    assert (story.state, story.case.has_effect, story.case.open_tasks) == ("APPROVED", True, ())
    assert story.told(to="CUSTOMER_REP") == ["Ticket T-1 counts nowhere"]
    assert story.refused("T1", "reject_exclusion", reason=WHY) == "INVALID_TRANSITION"


def test_a_rejected_exclusion_has_no_effect() -> None:
    story = FollowUpStory(exclusion())
    story.act("M1", "reject_exclusion", reason=WHY)
    assert (story.state, story.case.reason, story.case.has_effect) == ("REJECTED", WHY, False)


# ---- disputes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("deed", "state"), [("uphold_dispute", "UPHELD"), ("dismiss_dispute", "DISMISSED")])
def test_a_dispute_is_decided_by_the_slm_manager_who_did_not_raise_it(deed: str, state: str) -> None:
    story = FollowUpStory(dispute())
    assert (list(story.waiting()), story.case.has_effect) == (["RESOLVE_DISPUTE SLM_MANAGER"], True)
    assert {story.refused(each, deed, reason=WHY) for each in ("L1", "B1", "D1", STRANGER)} == {"FORBIDDEN"}
    assert refusals(dispute(by="M1"), deed, ["M1"], reason=WHY) == {"SEPARATION_OF_DUTIES"}

    story.act("M1", deed, "2026-09-20T10:00", reason=WHY)
    assert (story.state, story.case.has_effect, story.case.open_tasks) == (state, True, ())
    assert story.told(to="CUSTOMER_REP") == [f"Dispute about availability in 2026-08: {state}"]
    other = "dismiss_dispute" if deed == "uphold_dispute" else "uphold_dispute"
    assert story.refused("M1", other, reason=WHY) == "INVALID_TRANSITION"


# ---- all of them ----------------------------------------------------------------------------------------------------

ALL = (
    *(review(), plan(), credit(), claim(), correction(), exclusion(), dispute(), change(), renewal(), settlement(), release()),
    handover(),
)


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.kind.value)
def test_a_table_names_every_action_deadline_and_news_of_its_kind(case: FollowUp) -> None:
    kind = KINDS[case.kind]
    actions = {str(action.model_fields["action"].default) for action in kind.actions}

    assert {each.action for each in kind.table if each.roles} == actions
    assert {each.action for each in kind.table if not each.roles} == set(kind.deadlines) | set(kind.hears)
    assert actions <= set(ACTIONS)
    assert {each.at for each in kind.table} | {to for each in kind.table for to in each.to} == set(
        case.state.__class__.__members__.values()
    )
    assert not {each.at for each in kind.table} & kind.ends


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.kind.value)
def test_a_follow_up_is_named_once_and_read_back_as_what_it_is(case: FollowUp) -> None:
    begun = FollowUpStory(case).case
    assert TypeAdapter(AnyFollowUp).validate_json(begun.model_dump_json()) == begun
    assert begun.case_id == case.case_id
    assert (begun.listing.agreement, begun.listing.crm_case, has_ended(begun)) == (NUMBER, None, False)


def test_a_name_says_the_kind() -> None:
    assert len({case.case_id for case in ALL}) == len(ALL) == len(FollowUpKind)
