"""Laws of changes (R-123 to R-128, R-018, SC-6): examined in time, what is material is renegotiated, nobody is left with a wrong date."""

from datetime import datetime
from typing import Any

import pytest

from domain.documents import AgreementDocument
from domain.follow_ups.review import Review
from domain.follow_ups.triggers import MATERIAL_BY_DEFINITION, ChangeTrigger
from domain.materiality import is_material
from tests.domain.case_stories import local
from tests.domain.drafts import bank_draft, changed, with_target
from tests.domain.follow_up_stories import STRANGER, WHY, FollowUpStory, change, review, trigger

BEFORE = bank_draft().named("warsaw")
WITH_CONTACT = changed(BEFORE, customer=BEFORE.customer.model_dump() | {"contact": "printing@narew.example"})
FIVE = ("WORKING_HOURS", "AVAILABILITY", "RESPONSIVENESS", "FULFILMENT", "RESPONSE_TIME")


def sent(document: AgreementDocument) -> dict[str, Any]:
    """A small change as the API hands it on."""
    return {"document": document.model_dump(mode="json"), "before": BEFORE.model_dump(mode="json"), "note": WHY}


def edited() -> FollowUpStory:
    """6d: the bank's address for mail."""
    story = FollowUpStory(change(code="CONTACT_DATA"))
    story.act("L1", "edit_minor", "2026-07-21T10:00", **sent(WITH_CONTACT))
    return story


def warned(story: FollowUpStory) -> list[datetime]:
    """When people were warned of the date."""
    return [step.at for step in story.steps if step.action == "needed_by"]


# ---- examined -------------------------------------------------------------------------------------------------------


def test_r_123_a_promised_modification_is_examined_within_five_business_days() -> None:
    story = FollowUpStory(change("2026-07-20T09:00"))
    assert story.waiting() == {"EXAMINE_CHANGE SLM_MANAGER": local("2026-07-27T09:00")}

    story.act("L1", "keep_agreement", reason=WHY)
    assert (story.state, story.case.reason, story.case.open_tasks, story.case.deadlines) == ("NO_CHANGE", WHY, (), ())
    assert story.case.tasks[0].decided_by == "L1", "the SLA team may examine too"
    assert story.told(to="CUSTOMER_REP") == ["SLA/2026/0001 stays as it is"]


def test_only_slm_manager_and_sla_team_examine() -> None:
    story = FollowUpStory(change())
    assert {story.refused(each, "keep_agreement", reason=WHY) for each in ("C1", "B1", "S1", STRANGER)} == {"FORBIDDEN"}
    assert {story.refused(each, "renegotiate") for each in ("C1", "B1", STRANGER)} == {"FORBIDDEN"}


@pytest.mark.parametrize("code", FIVE)
def test_r_124_five_triggers_are_material_by_definition(code: str) -> None:
    story = FollowUpStory(change(code=code))
    assert story.refused("L1", "keep_agreement", reason=WHY) == "MATERIAL_BY_DEFINITION"
    assert story.refused("L1", "edit_minor", **sent(WITH_CONTACT)) == "MATERIAL_BY_DEFINITION"

    story.act("M1", "renegotiate")
    assert (story.state, story.case.has_effect, story.case.open_tasks) == ("MATERIAL", True, ())


def test_no_other_trigger_that_people_send_is_material_by_definition() -> None:
    assert set(MATERIAL_BY_DEFINITION) == {*map(ChangeTrigger, FIVE), ChangeTrigger.RENEWAL}


# ---- small ----------------------------------------------------------------------------------------------------------


def test_6d_a_change_of_contact_data_is_small_and_acknowledged_by_both_sides() -> None:
    story = edited()
    assert story.state == "MINOR"
    assert sorted(story.waiting()) == ["ACKNOWLEDGE_CHANGE CRM_STAFF", "ACKNOWLEDGE_CHANGE CUSTOMER_REP"]
    seen = {"document_hash": story.case.edited_hash}
    assert story.refused("B1", "acknowledge_change", document_hash="0" * 64) == "STALE_DOCUMENT"
    assert {story.refused(each, "acknowledge_change", **seen) for each in ("L1", "M1", STRANGER)} == {"FORBIDDEN"}

    story.act("C1", "acknowledge_change", **seen)
    assert story.refused("C1", "acknowledge_change", **seen) == "ALREADY_DECIDED"
    assert not story.case.has_effect
    story.act("B1", "acknowledge_change", **seen)
    assert (story.state, story.case.has_effect) == ("MINOR", True)
    assert {story.refused("L1", each, reason=WHY) for each in ("withdraw_change",)} == {"ALREADY_DECIDED"}
    assert story.refused("L1", "edit_minor", **sent(WITH_CONTACT)) == "ALREADY_DECIDED"

    assert len(story.hears("registered", "2026-07-21T11:00", version="1.1")) == 1
    assert (story.state, story.case.registered_as, story.case.has_effect) == ("REGISTERED", "1.1", False)
    assert story.told(to="CUSTOMER_REP")[-1] == "SLA/2026/0001 1.1 is registered"


def test_a_text_with_something_material_in_it_is_refused_and_says_what() -> None:
    story = FollowUpStory(change())
    faster = with_target(WITH_CONTACT, limit="3h")
    assert story.refused("L1", "edit_minor", **sent(faster)) == "MATERIAL_CHANGE"
    assert story.refused("L1", "edit_minor", **sent(BEFORE)) == "NOTHING_CHANGED"
    assert is_material(BEFORE, faster) == ("targets.response.limit: 4h → 3h",)


def test_what_one_side_refuses_is_examined_anew() -> None:
    story = edited()
    story.act("C1", "acknowledge_change", document_hash=story.case.edited_hash)
    story.act("B1", "refuse_change", document_hash=story.case.edited_hash, reason=WHY)

    assert (story.state, story.case.edited, list(story.waiting())) == ("RAISED", None, ["EXAMINE_CHANGE SLM_MANAGER"])
    story.act("L1", "edit_minor", **sent(WITH_CONTACT))
    assert sorted(story.waiting()) == ["ACKNOWLEDGE_CHANGE CRM_STAFF", "ACKNOWLEDGE_CHANGE CUSTOMER_REP"], "both are asked again"


def test_a_small_change_is_given_up_or_turned_down_by_the_registry() -> None:
    story = edited()
    story.act("C1", "withdraw_change", reason=WHY)
    assert (story.state, story.case.has_effect) == ("WITHDRAWN", False)

    late = edited()
    for person in ("C1", "B1"):
        late.act(person, "acknowledge_change", document_hash=late.case.edited_hash)
    late.hears("not_registered", "2026-07-22T10:00", reason="it is being terminated")
    assert (late.state, late.case.reason, late.case.agreed) == ("RAISED", "it is being terminated", False)
    assert list(late.waiting()) == ["EXAMINE_CHANGE SLM_MANAGER"]
    assert late.told(to="CUSTOMER_REP")[-1] == "SLA/2026/0001 is not changed: old terms stay"


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        ({"price": {"monthly": "1"}}, "price.monthly"),
        ({"regions": ["METRO", "REMOTE"]}, "regions"),
        ({"effective_until": "2031-01-01"}, "effective_until"),
        ({"time_zone": "UTC", "calendars": []}, "time_zone"),
        ({"control_layer": {"disputes": "a judge"}}, "control_layer.disputes"),
        ({"credits": []}, "credits.response"),
        ({"penalties": [{"target": "response", "per_started_hour": "50"}]}, "penalties.response"),
        ({"availability": [{"target": "up", "percent": "99"}]}, "availability.up"),
        ({"obligations": [{"obligation": "a.packages", "side": "CUSTOMER", "text": "paper"}]}, "obligations.a.packages"),
        ({"links": []}, "links."),
    ],
)
def test_what_is_promised_is_material(fields: dict[str, Any], what: str) -> None:
    after = changed(BEFORE, **{name: value for name, value in fields.items() if name != "calendars"})
    assert any(each.startswith(what) for each in is_material(BEFORE, after)), is_material(BEFORE, after)


def test_names_people_and_addresses_are_small() -> None:
    people = {"name": BEFORE.customer.name, "representative": "B2", "signatories": ["Z9"], "contact": "Long Street 7"}
    packages = [{**each.model_dump(mode="json"), "packages": []} for each in BEFORE.obligations]
    after = changed(BEFORE, title="Printers of Warsaw", customer=people, obligations=packages)
    assert is_material(BEFORE, after) == ()
    assert is_material(BEFORE, changed(BEFORE, customer={**people, "name": "Bank Wkra S.A."})) != ()


# ---- material -------------------------------------------------------------------------------------------------------


def renegotiated(needed_by: str | None = "2026-09-01") -> FollowUpStory:
    """SC-6 after its triage."""
    story = FollowUpStory(change("2026-07-20T09:00", "WORKING_HOURS", needed_by))
    story.act("M1", "renegotiate", "2026-07-21T10:00")
    story.hears("case_opened", "2026-07-21T10:00", case_id="case-7")
    return story


def test_sc_6_the_case_is_kept_and_the_date_is_warned_of_while_nothing_is_registered() -> None:
    story = renegotiated()
    assert (story.state, story.case.amendment, story.case.has_effect) == ("MATERIAL", "case-7", False)
    assert story.hears("case_opened", "2026-07-21T10:00", case_id="case-7") == []

    story.until("2026-08-21T09:00")
    assert warned(story) == [local("2026-08-11T00:00"), local("2026-08-18T00:00")]
    story.hears("registered", "2026-08-21T09:00", version="2.0")
    story.until("2026-09-02T00:00")
    assert (story.state, story.case.registered_as, len(warned(story))) == ("REGISTERED", "2.0", 2)
    assert story.told(to="CRM_STAFF").count("Change of SLA/2026/0001 not registered 15 business days before 2026-09-01") == 1


def test_6b_who_never_signs_is_warned_four_times() -> None:
    story = renegotiated().until("2026-12-01T00:00")
    assert warned(story) == [local(f"2026-{day}T00:00") for day in ("08-11", "08-18", "08-25", "09-01")]
    subjects = [each for each in story.told(to="SLM_MANAGER") if "not registered" in each]
    assert subjects[-1] == "Change of SLA/2026/0001 not registered on 2026-09-01, the day it is needed"
    assert len(subjects) == len(set(subjects)) == 4


def test_6c_a_second_trigger_belongs_to_the_open_change_and_the_earlier_date_counts() -> None:
    story = renegotiated().until("2026-08-12T00:00")
    earlier = trigger("RESPONSE_TIME", "2026-08-03T09:00", "E-2", needed_by="2026-08-20").model_dump(mode="json")
    assert len(story.hears("trigger", "2026-08-12T09:00", **earlier)) == 1
    assert story.hears("trigger", "2026-08-12T09:00", **earlier) == [], "heard twice"
    assert [each.code.value for each in story.case.triggers] == ["WORKING_HOURS", "RESPONSE_TIME"]
    assert str(story.case.needed.needed_by) == "2026-08-20"

    story.until("2026-09-02T00:00")
    assert warned(story)[1:] == [local("2026-08-13T00:00"), local("2026-08-20T00:00")]


def test_a_trigger_for_a_later_date_moves_nothing() -> None:
    story = renegotiated()
    later = trigger("LAW", "2026-08-03T09:00", "E-2", needed_by="2026-10-01").model_dump(mode="json")
    story.hears("trigger", "2026-08-03T09:00", **later)
    assert str(story.case.needed.needed_by) == "2026-09-01"


def test_what_is_material_sends_a_small_change_back() -> None:
    story = edited()
    story.hears("trigger", "2026-07-22T09:00", **trigger("RESPONSE_TIME", "2026-07-22T09:00", "E-2").model_dump(mode="json"))
    assert (story.state, story.case.edited, list(story.waiting())) == ("RAISED", None, ["EXAMINE_CHANGE SLM_MANAGER"])
    assert story.refused("L1", "edit_minor", **sent(WITH_CONTACT)) == "MATERIAL_BY_DEFINITION"


def test_a_failed_renegotiation_changes_nothing_and_says_so() -> None:
    story = renegotiated()
    story.hears("case_ended", "2026-08-20T09:00", reason="CANCELLED: LAPSED")
    assert (story.state, story.case.reason, story.case.deadlines) == ("FAILED", "CANCELLED: LAPSED", ())
    assert story.told(to="CUSTOMER_REP")[-1] == "SLA/2026/0001 is not changed: old terms stay"


def test_a_date_that_is_past_already_is_said_at_once_and_once() -> None:
    story = FollowUpStory(change("2026-07-20T09:00", needed_by="2026-07-17")).until("2026-08-20T09:00")
    assert warned(story) == [local("2026-07-20T09:00")]


def test_what_comes_too_late_for_a_change_asks_for_the_next_one() -> None:
    story = edited()
    for person in ("C1", "B1"):
        story.act(person, "acknowledge_change", document_hash=story.case.edited_hash)
    late = trigger("LAW", "2026-07-21T10:00", "E-9")
    story.hears("trigger", "2026-07-21T10:00", **late.model_dump(mode="json"))
    story.hears("registered", "2026-07-21T11:00", version="1.1")

    [following] = story.case.successors
    assert (following.case_id, following.triggers, following.state.value) == (f"change:SLA-2026-0001:{late.key}", (late,), "RAISED")


# ---- out of a review ------------------------------------------------------------------------------------------------


def closed(minutes: dict[str, Any]) -> Review:
    story = FollowUpStory(review()).until("2026-07-07T10:00")
    story.act("M1", "hold_review", "2026-07-10T11:30")
    story.act("L1", "record_minutes", minutes=minutes)
    story.act("B1", "approve_minutes", document_hash=story.case.minutes_hash)
    story.act("M1", "close_review")
    case: Review = story.case
    return case


def test_r_128_a_review_that_decides_on_a_change_asks_for_it() -> None:
    held = closed({"targets": {"response": "TIGHTEN"}, "needs": {"evening hours": "AMEND"}})
    [following] = held.successors

    assert (following.triggers[0].code.value, following.triggers[0].source) == ("REVIEW_OUTCOME", held.case_id)
    assert following.triggers[0].text == "response: TIGHTEN; evening hours: AMEND"
    assert list(FollowUpStory(following).waiting()) == ["EXAMINE_CHANGE SLM_MANAGER"]
    assert closed({"targets": {"response": "KEEP"}}).successors == ()
