"""Laws of the agreement case: who decides what, in which stage, and what is refused."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import pytest

from domain.actors import Actor, actor_of
from domain.agreement_case import AgreementCase
from domain.agreement_machine import AGREEMENT, parse_action
from domain.case_machine import judge
from domain.cases import Answer, Submission
from domain.catalogue import Catalogue
from domain.documents import FinalDraft
from domain.errors import BadInput, Conflict, Forbidden
from domain.human_tasks import NudgeKind, TaskState
from domain.lifecycle import STAGES, AgreementState
from domain.people import Role, Side
from domain.requirements import TOPICS
from tests.domain.case_stories import CATALOGUE, CaseStory, candidate, linked, local, proposal, support_facts
from tests.domain.drafts import bank_draft, changed, support, with_document

STALE = "0" * 64
OFFER = ["warsaw-gold", "podlasie-nbd"]
NBD = {"text": "Next business day everywhere.", "version": 1}
REVIEWERS = {"C1", "M1", "S1", "B1", "B2", "T1"}
OTHER_BANK = Actor(person="K1", name="Karol Obcy", side=Side.CUSTOMER, party="Bank Wkra S.A.", roles=(Role.CUSTOMER_REP, Role.SIGNATORY))


@cache
def _played() -> CaseStory:
    return CaseStory().play("bank-agreement")


def reached(state: str, times: int = 1) -> CaseStory:
    """The bank's case as it stands when it has come to a stage for the first, second … time."""
    whole = _played()
    entries = [number for number, step in enumerate(whole.steps) if step.case.state == state and step.case.visit != step.before.visit]
    story = CaseStory()
    story.steps = whole.steps[: entries[times - 1] + 1]
    return story


def deed(story: CaseStory, by: Actor, action: str, at: str | None = None, key: str | None = None, **fields: Any) -> Answer:
    """Somebody who is not in the example catalogue as they are here does something."""
    now = local(at) if at is not None else story.case.last_at
    how = {name: fields.pop(name, None) for name in ("acting_for", "acting_as")}
    said = Submission(key=key or f"{by.person}-{action}-{len(story.steps)}", action={"action": action, **fields}, by=by, **how)
    answer, steps = judge(AGREEMENT, story.case, said, now)
    story.steps += steps
    return answer


def refusal(story: CaseStory, person: str | Actor, action: str, **fields: Any) -> str:
    """The code an action is refused with; it must leave the case as it was."""
    before = story.case
    by = person if isinstance(person, Actor) else actor_of(CATALOGUE, person, before.last_at.date())
    with pytest.raises((Conflict, BadInput, Forbidden)) as refused:
        deed(story, by, action, **fields)
    assert story.case == before
    return refused.value.code


def deputies(**deputy_of: str) -> Catalogue:
    """The example catalogue, with deputies in the second half of February 2026."""

    def away(person: str) -> tuple[dict[str, str], ...]:
        return ({"deputy": deputy_of[person], "first_on": "2026-02-16", "last_on": "2026-02-28"},) if person in deputy_of else ()

    people = tuple(each.model_copy(update={"delegations": away(each.person)}) for each in CATALOGUE.people)
    return CATALOGUE.model_copy(update={"people": people})


def on(catalogue: Catalogue, person: str, at: str = "2026-02-23T12:00") -> Actor:
    return actor_of(catalogue, person, local(at).date())


def requirement(name: str, **changes: Any) -> dict[str, Any]:
    return {
        "requirement": name,
        "text": "A technician comes.",
        "service": "MPS",
        "metric": "response",
        "value": 4,
        "unit": "business hours",
        "calendar": "PL-BH-8-17",
    } | changes


def needs(*requirements: dict[str, Any], without: Sequence[str] = ()) -> dict[str, Any]:
    return {"requirements": list(requirements), "topics": {topic: "not applicable" for topic in TOPICS if topic not in without}}


def in_feasibility(*requirements: dict[str, Any], refuses_alternatives: bool = False) -> CaseStory:
    """A case with requirements of one's own, complete."""
    story = reached("REQUIREMENTS")
    story.act("A1", "log_contact", channel="call", persons=["B1"], note="talk", refuses_alternatives=refuses_alternatives)
    story.act("A1", "set_requirements", requirements=needs(*requirements))
    story.act("A1", "requirements_complete")
    return story


def not_feasible(name: str = "visit", **changes: Any) -> list[dict[str, Any]]:
    return [{"requirement": name, "verdict": "NOT_FEASIBLE", "technical": True, "commercial": False, "alternative": "next day"} | changes]


def feasible(name: str = "visit") -> list[dict[str, Any]]:
    return [{"requirement": name, "verdict": "FEASIBLE", "technical": True, "commercial": True}]


def waiting_for_a_service() -> CaseStory:
    story = in_feasibility(requirement("visit"), requirement("shredding", service=None))
    story.act("A1", "need_new_service", description="Paper is shredded at the branches.")
    return story


def open_kinds(case: AgreementCase) -> set[str]:
    return {f"{task.kind} {task.assignee}" for task in case.open_tasks}


def compiled(draft: FinalDraft | None = None, **more: Any) -> CaseStory:
    """The bank's case with the final version sent to all parties."""
    story = reached("DRAFT_DISCUSSION")
    story.act("L1", "compile_draft", draft=linked(draft), **more)
    return story


def acknowledged(story: CaseStory, *but: str) -> CaseStory:
    for person in sorted(REVIEWERS - set(but)):
        story.act(person, "acknowledge_receipt", document_hash=story.case.draft_hash)
    return story


def frozen(draft: FinalDraft | None = None) -> CaseStory:
    story = acknowledged(compiled(draft))
    story.act("L1", "freeze_draft", document_hash=story.case.draft_hash)
    return story


def supported_by(text_from: str = "08:00-16:00") -> list[dict[str, Any]]:
    """The supports, with a supplier who does not work as long as the promise asks."""
    calendar = {
        "calendar": "PL-8-16",
        "time_zone": "Europe/Warsaw",
        "weekly": {day: [text_from] for day in ("mon", "tue", "wed", "thu", "fri")},
    }
    target = support("techteren").targets[0].model_dump(mode="json") | {"calendar": "PL-8-16"}
    return support_facts(techteren=changed(support("techteren"), calendars=[calendar], targets=[target]))


# ---- the story ------------------------------------------------------------------------------------------------------


def test_the_bank_story_reaches_its_last_signature() -> None:
    story = CaseStory().play("bank-agreement")

    assert story.case.state is AgreementState.SIGNING
    assert story.case.all_signed
    assert story.case.open_tasks == ()
    assert len(story.steps) >= 30


def test_a_new_draft_voids_what_was_decided_on_the_old_one() -> None:
    story = CaseStory().play("bank-agreement", until="FINAL_REVIEW")
    for person in ("C1", "M1", "B1"):
        story.act(person, "approve_draft", document_hash=story.case.frozen_hash)
    story.act("T1", "reject_draft", document_hash=story.case.frozen_hash, reason_code="CONTROL_LAYER", reason="no audit clause")

    assert story.case.approvals == ()
    assert sum(each.is_void for each in story.case.decisions) == 4
    assert {task.state for task in story.case.tasks if task.kind == "REVIEW_DRAFT"} == {TaskState.DECIDED, TaskState.VOID}


def test_the_registry_ends_the_case() -> None:
    story = CaseStory().play("bank-agreement")
    story.registered("2026-03-06T10:45", "SLA/2026/0001", "SLA/2026/0002", "SLA/2026/0003")

    assert story.case.state is AgreementState.REGISTERED
    assert story.case.registry_nos == ("SLA/2026/0001", "SLA/2026/0002", "SLA/2026/0003")
    assert story.case.untold[-1].recipients == ("CUSTOMER_REP", "CRM_STAFF", "SLM_MANAGER", "SUPPLY_MANAGER")


def test_a_request_with_a_fault_is_declined_with_it() -> None:
    story = CaseStory(fault="there is no customer 'Bank Naraw'")

    assert (story.case.state, story.case.reason) == (AgreementState.DECLINED, "INVALID_REQUEST")
    assert story.case.untold[-1].body == "there is no customer 'Bank Naraw'"
    assert story.case.open_tasks == ()


# ---- what may be done where -----------------------------------------------------------------------------------------


def test_an_invalid_transition_lists_what_is_allowed() -> None:
    story = reached("PRICING")
    with pytest.raises(Conflict) as refused:
        story.act("Z1", "sign", document_hash=STALE, method="QUALIFIED_ESIGN")

    assert refused.value.code == "INVALID_TRANSITION"
    assert refused.value.allowed == ("approve_exception", "approve_price", "reject_price", "set_prices", "withdraw")


def test_prices_wait_for_the_customers_approval_of_the_requirements() -> None:
    assert refusal(reached("REQUIREMENTS_APPROVAL"), "L1", "set_prices", proposal=proposal("95", "88")) == "INVALID_TRANSITION"


def test_nothing_can_be_done_after_the_end() -> None:
    story = reached("PRICING")
    story.act("C1", "withdraw", reason="The bank buys elsewhere.")
    with pytest.raises(Conflict) as refused:
        story.act("C1", "withdraw", reason="again")

    assert (refused.value.code, refused.value.allowed) == ("INVALID_TRANSITION", ())


def test_an_action_that_is_time_s_cannot_be_sent() -> None:
    with pytest.raises(BadInput, match="there is no 'lapse'"):
        reached("REQUIREMENTS_APPROVAL").act("X1", "lapse")


@pytest.mark.parametrize("value", [None, [], "sign", {}, {"action": None}, {"action": "sing"}, {"action": 1}])
def test_what_is_no_action_is_bad_input(value: Any) -> None:
    with pytest.raises(BadInput, match="action: there is no"):
        parse_action(value)


@pytest.mark.parametrize("name", [[], {}])
def test_an_action_whose_name_is_no_text_is_bad_input(name: Any) -> None:
    with pytest.raises(BadInput):
        parse_action({"action": name})


@pytest.mark.parametrize(
    ("state", "person", "action", "fields"),
    [
        ("AGENT_SELECTION", "C1", "nominate_agent", {"agent": candidate("A1")}),
        ("AGENT_SELECTION", "L1", "confirm_agent", {"agent": candidate("A1")}),
        ("REQUIREMENTS", "L1", "requirements_complete", {}),
        ("REQUIREMENTS", "A2", "requirements_complete", {}),
        ("FEASIBILITY", "A2", "propose_alternatives", {}),
        ("REQUIREMENTS_APPROVAL", "B2", "approve_requirements", {"document_hash": STALE}),
        ("PRICING", "L1", "approve_price", {"document_hash": STALE}),
        ("PRICING", "P1", "approve_exception", {"document_hash": STALE, "reason": "We want this customer."}),
        ("NEGOTIATION", "B2", "accept_offer", {"document_hash": STALE, "options": OFFER}),
        ("NEGOTIATION", "B1", "decline_commercial", {"reason": "too cheap for us"}),
        ("UNDERPINNING", "L1", "support_ready", {}),
        ("UNDERPINNING", "U1", "support_ready", {}),
        ("DRAFT_DISCUSSION", "S1", "compile_draft", {"draft": linked()}),
        ("FINAL_REVIEW", "L1", "approve_draft", {"document_hash": STALE}),
        ("FINAL_REVIEW", "C1", "extend_review", {"business_days": 5, "reason": "holidays"}),
        ("SIGNING", "M1", "sign", {"document_hash": STALE, "method": "QUALIFIED_ESIGN"}),
        ("SIGNING", "B1", "withdraw", {"reason": "too late"}),
    ],
)
def test_who_has_not_the_role_is_refused(state: str, person: str, action: str, fields: dict[str, Any]) -> None:
    assert refusal(reached(state), person, action, **fields) == "FORBIDDEN"


@pytest.mark.parametrize("state", ["REQUIREMENTS_APPROVAL", "NEGOTIATION"])
def test_another_customers_person_is_refused(state: str) -> None:
    action = "approve_requirements" if state == "REQUIREMENTS_APPROVAL" else "refuse_offer"
    fields = {"document_hash": STALE} if action == "approve_requirements" else {"reason": "no"}

    assert refusal(reached(state), OTHER_BANK, action, **fields) == "FORBIDDEN"


# ---- keys and repeats -----------------------------------------------------------------------------------------------


def test_the_same_key_again_is_the_same_answer_and_no_new_step() -> None:
    story = reached("AGENT_SELECTION")
    first = story.act("L1", "nominate_agent", key="k-1", agent=candidate("A1"))
    story.act("C1", "confirm_agent", agent=candidate("A1"))
    steps = len(story.steps)
    again = story.act("L1", "nominate_agent", key="k-1", agent=candidate("A1"))

    assert again == first
    assert (again.state, again.revision, again.waiting_for) == ("AGENT_SELECTION", 2, ("CRM_STAFF",))
    assert len(story.steps) == steps


def test_the_same_key_with_another_decision_is_refused() -> None:
    story = frozen()
    fields = {"document_hash": story.case.frozen_hash}
    story.act("M1", "approve_draft", key="k-77", **fields)

    assert refusal(story, "M1", "reject_draft", key="k-77", reason_code="TEXT", reason="I changed my mind.", **fields) == "ALREADY_DECIDED"
    assert refusal(story, "C1", "approve_draft", key="k-77", **fields) == "ALREADY_DECIDED"


def test_a_decision_is_the_same_though_we_know_more_of_it_the_second_time() -> None:
    by = actor_of(CATALOGUE, "L1", local("2026-01-12T09:15").date())
    first, again = (
        Submission(key="k-1", action={"action": "nominate_agent", "agent": candidate("A1", cases)}, by=by, sent="0" * 64)
        for cases in (0, 1)
    )

    assert first.fingerprint == again.fingerprint
    assert first.fingerprint != first.model_copy(update={"sent": "1" * 64}).fingerprint


def test_a_refused_deed_may_be_sent_again_under_its_key() -> None:
    story = reached("REQUIREMENTS")

    assert refusal(story, "A1", "requirements_complete", key="k-1") == "NO_CUSTOMER_CONTACT"
    story.act("A1", "log_contact", channel="call", persons=["B1"], note="talk")
    story.act("A1", "set_requirements", requirements=needs(requirement("visit")))
    assert story.act("A1", "requirements_complete", key="k-1").state == "FEASIBILITY"


# ---- agent ----------------------------------------------------------------------------------------------------------


def test_both_sides_must_name_the_agent() -> None:
    story = reached("AGENT_SELECTION")

    assert story.act("C1", "confirm_agent", agent=candidate("A1")).waiting_for == ("SLA_TEAM",)
    assert story.act("L1", "nominate_agent", agent=candidate("A1")).state == "REQUIREMENTS"
    assert story.case.agent == "A1"


@pytest.mark.parametrize("person", ["A2", "S1"])
def test_an_agent_must_be_an_authority_for_every_service(person: str) -> None:
    assert refusal(reached("AGENT_SELECTION"), "L1", "nominate_agent", agent=candidate(person)) == "AGENT_NOT_QUALIFIED"


def test_an_agent_has_five_open_cases_at_most() -> None:
    story = reached("AGENT_SELECTION")

    assert refusal(story, "L1", "nominate_agent", agent=candidate("A1", 5)) == "AGENT_OVERLOADED"
    assert story.act("L1", "nominate_agent", agent=candidate("A1", 4)).state == "AGENT_SELECTION"


def other_agent() -> dict[str, Any]:
    return dict(candidate("A2")) | {"services": ["MPS"]}


def test_after_two_disagreements_the_slm_manager_appoints() -> None:
    story = reached("AGENT_SELECTION")
    assert refusal(story, "M1", "appoint_agent", agent=candidate("A1")) == "NOT_ASKED"
    for _ in range(2):
        story.act("L1", "nominate_agent", agent=candidate("A1"))
        story.act("C1", "confirm_agent", agent=other_agent())

    assert open_kinds(story.case) == {"NOMINATE_AGENT SLA_TEAM", "CONFIRM_AGENT CRM_STAFF", "APPOINT_AGENT SLM_MANAGER"}
    assert story.act("M1", "appoint_agent", agent=other_agent()).state == "REQUIREMENTS"
    assert story.case.agent == "A2"
    assert open_kinds(story.case) == {"CONTACT_CUSTOMER A2", "CAPTURE_REQUIREMENTS A2"}


def test_a_nomination_stands_until_the_other_side_has_decided() -> None:
    story = reached("AGENT_SELECTION")
    story.act("L1", "nominate_agent", agent=candidate("A1"))

    assert refusal(story, "L1", "nominate_agent", agent=other_agent()) == "ALREADY_DECIDED"


def test_an_acceptance_stands() -> None:
    story = reached("NEGOTIATION")
    offer: dict[str, Any] = {"document_hash": story.case.proposal_hash}
    story.act("B1", "accept_offer", options=OFFER, **offer)

    assert refusal(story, "B1", "accept_offer", options=["warsaw-gold", "podlasie-resident"], **offer) == "ALREADY_DECIDED"


def test_one_disagreement_asks_both_again() -> None:
    story = reached("AGENT_SELECTION")
    story.act("L1", "nominate_agent", agent=candidate("A1"))
    story.act("C1", "confirm_agent", agent=other_agent())

    assert open_kinds(story.case) == {"NOMINATE_AGENT SLA_TEAM", "CONFIRM_AGENT CRM_STAFF"}
    assert story.case.untold[-1].subject == "The names differ"
    assert refusal(story, "M1", "appoint_agent", agent=candidate("A1")) == "NOT_ASKED"


# ---- requirements ---------------------------------------------------------------------------------------------------


def test_requirements_are_set_after_the_customer_was_spoken_with() -> None:
    story = reached("REQUIREMENTS")
    story.act("A1", "set_requirements", requirements=needs(requirement("visit")))

    assert refusal(story, "A1", "requirements_complete") == "NO_CUSTOMER_CONTACT"


def test_without_a_requirement_the_set_is_not_complete() -> None:
    story = reached("REQUIREMENTS")
    story.act("A1", "log_contact", channel="call", persons=["B1"], note="talk")

    assert refusal(story, "A1", "requirements_complete") == "NO_REQUIREMENTS"


def test_two_topics_unanswered_keep_the_set_open() -> None:
    story = reached("REQUIREMENTS")
    story.act("A1", "log_contact", channel="call", persons=["B1"], note="talk")
    story.act("A1", "set_requirements", requirements=needs(requirement("visit"), without=["security", "budget"]))
    with pytest.raises(Conflict, match="security, budget") as refused:
        story.act("A1", "requirements_complete")

    assert refused.value.code == "TOPICS_OPEN"


def test_a_contact_lies_in_the_past() -> None:
    story = reached("REQUIREMENTS")
    talk = {"action": "log_contact", "channel": "call", "persons": ["B1"], "note": "talk", "at": "2026-01-13T10:01:00+01:00"}
    with pytest.raises(BadInput, match="logged after it was made"):
        judge(AGREEMENT, story.case, Submission(key="k", action=talk, by=on(CATALOGUE, "A1")), story.case.last_at)


def test_a_changed_requirement_has_to_be_judged_anew() -> None:
    story = in_feasibility(requirement("visit"), requirement("toner"))
    story.act("A1", "decide_feasibility", decisions=[*not_feasible("visit"), *feasible("toner")])
    story.act("A1", "propose_alternatives")
    story.act("A1", "set_requirements", requirements=needs(requirement("visit", value=8), requirement("toner")))

    assert set(story.case.feasibility) == {"toner"}


# ---- feasibility ----------------------------------------------------------------------------------------------------


def test_every_requirement_gets_a_verdict() -> None:
    story = in_feasibility(requirement("visit"), requirement("toner", need="SHOULD"))
    story.act("A1", "decide_feasibility", decisions=feasible())

    assert refusal(story, "A1", "feasibility_done", statement=NBD) == "NO_VERDICT"


def test_a_technical_verdict_alone_is_not_enough() -> None:
    story = in_feasibility(requirement("visit", need="SHOULD"))
    story.act("A1", "decide_feasibility", decisions=not_feasible(commercial=None))

    assert refusal(story, "A1", "feasibility_done", statement=NBD) == "NO_VERDICT"


def test_what_must_be_had_is_never_promised_silently() -> None:
    story = in_feasibility(requirement("visit"))
    story.act("A1", "decide_feasibility", decisions=not_feasible())

    assert refusal(story, "A1", "feasibility_done", statement=NBD) == "NOT_FEASIBLE"


def test_what_should_be_had_may_be_left_out() -> None:
    story = in_feasibility(requirement("visit", need="SHOULD"))
    story.act("A1", "decide_feasibility", decisions=not_feasible())

    assert story.act("A1", "feasibility_done", statement=NBD).state == "REQUIREMENTS_APPROVAL"


def test_a_verdict_is_about_a_requirement_there_is() -> None:
    assert refusal(in_feasibility(requirement("visit")), "A1", "decide_feasibility", decisions=feasible("other")) == "BAD_INPUT"


def test_a_need_without_a_service_cannot_be_feasible() -> None:
    story = in_feasibility(requirement("visit", service=None))
    story.act("A1", "decide_feasibility", decisions=feasible())

    assert refusal(story, "A1", "feasibility_done", statement=NBD) == "NO_SERVICE"


def test_on_site_work_needs_the_answer_of_field_service() -> None:
    story = in_feasibility(requirement("visit", on_site=True))
    story.act("A1", "decide_feasibility", decisions=feasible())
    assert refusal(story, "A1", "feasibility_done", statement=NBD) == "NOT_CONSULTED"
    consultation = {"process": "FIELD_SERVICE", "asked": "Can it be staffed?", "answer": "Yes.", "by": "O2"}
    story.act("A1", "record_consultation", consultation=consultation)

    assert story.act("A1", "feasibility_done", statement=NBD).state == "REQUIREMENTS_APPROVAL"


def test_statement_and_requirements_document_have_the_same_version() -> None:
    story = in_feasibility(requirement("visit"))
    story.act("A1", "decide_feasibility", decisions=feasible())

    assert refusal(story, "A1", "feasibility_done", statement={"text": "All.", "version": 2}) == "VERSION_MISMATCH"


def test_t08_alternatives_lead_back_to_the_requirements_without_counting_a_loop() -> None:
    story = in_feasibility(requirement("visit"))
    assert refusal(story, "A1", "propose_alternatives") == "ALL_FEASIBLE"
    story.act("A1", "decide_feasibility", decisions=not_feasible(alternative=None))
    assert refusal(story, "A1", "propose_alternatives") == "NO_ALTERNATIVE"
    story.act("A1", "decide_feasibility", decisions=not_feasible())

    assert story.act("A1", "propose_alternatives").state == "REQUIREMENTS"
    assert story.case.loop_count == 0
    assert story.case.untold[-1].body == "visit: next day"


def test_declining_takes_the_agent_and_the_slm_manager() -> None:
    story = in_feasibility(requirement("visit"), refuses_alternatives=True)
    assert refusal(story, "A1", "decline_not_feasible", reason="nobody works there") == "ALL_FEASIBLE"
    story.act("A1", "decide_feasibility", decisions=not_feasible())

    assert story.act("A1", "decline_not_feasible", reason="nobody works there").state == "FEASIBILITY"
    assert "CONFIRM_DECLINE SLM_MANAGER" in open_kinds(story.case)
    assert refusal(story, "A1", "decline_not_feasible", reason="nobody works there") == "ALREADY_DECIDED"
    answer = story.act("M1", "decline_not_feasible", reason="nobody works there")
    assert (answer.state, answer.reason, answer.waiting_for) == ("DECLINED", "NOT_FEASIBLE", ())


def test_the_slm_manager_may_decline_first() -> None:
    story = in_feasibility(requirement("visit"), refuses_alternatives=True)
    story.act("A1", "decide_feasibility", decisions=not_feasible())
    story.act("M1", "decline_not_feasible", reason="nobody works there")

    assert "CONFIRM_DECLINE A1" in open_kinds(story.case)
    assert story.act("A1", "decline_not_feasible", reason="nobody works there").state == "DECLINED"


def test_one_person_cannot_decline_for_both() -> None:
    story = in_feasibility(requirement("visit"), refuses_alternatives=True)
    story.act("A1", "decide_feasibility", decisions=not_feasible())
    story.act("A1", "decline_not_feasible", reason="nobody works there")
    both = on(deputies(M1="A1"), "A1")

    assert refusal(story, both, "decline_not_feasible", acting_for="M1", reason="nobody works there") == "ALREADY_DECIDED"


def test_declining_waits_until_the_customer_has_refused_the_alternatives() -> None:
    story = in_feasibility(requirement("visit"))
    story.act("A1", "decide_feasibility", decisions=not_feasible())

    assert refusal(story, "A1", "decline_not_feasible", reason="nobody works there") == "ALTERNATIVES_NOT_REFUSED"


# ---- a service that has to be developed -----------------------------------------------------------------------------


def test_a_new_service_is_asked_for_only_where_none_matches() -> None:
    assert refusal(in_feasibility(requirement("visit")), "A1", "need_new_service", description="x") == "ALL_MATCHED"


def test_an_accepted_service_comes_with_a_date() -> None:
    story = waiting_for_a_service()

    assert refusal(story, "V1", "pipeline_ready", service="SHRED") == "NOT_ACCEPTED"
    assert refusal(story, "V1", "pipeline_answered", accepted=True) == "BAD_INPUT"
    assert story.act("V1", "pipeline_answered", accepted=True, ready_on="2026-04-15").state == "PIPELINE_WAIT"
    assert open_kinds(story.case) == {"DEVELOP_SERVICE SERVICE_DEV_OWNER"}
    assert story.case.untold[-1].body == "It is promised for 2026-04-15."


def test_a_service_that_is_ready_matches_what_waited_for_it() -> None:
    story = waiting_for_a_service()
    story.act("V1", "pipeline_answered", accepted=True, ready_on="2026-04-15")
    answer = story.act("V1", "pipeline_ready", service="SHRED")

    assert (answer.state, answer.reason) == ("FEASIBILITY", "PIPELINE_READY")
    assert story.case.requirements is not None
    assert [each.service for each in story.case.requirements.requirements] == ["MPS", "SHRED"]


def test_what_waited_for_a_service_is_judged_anew_when_it_is_ready() -> None:
    story = in_feasibility(requirement("visit"), requirement("shredding", service=None))
    story.act("A1", "decide_feasibility", decisions=[*feasible("visit"), *feasible("shredding")])
    story.act("A1", "need_new_service", description="Paper is shredded at the branches.")
    story.act("V1", "pipeline_answered", accepted=True, ready_on="2026-04-15")
    story.act("V1", "pipeline_ready", service="SHRED")

    assert set(story.case.feasibility) == {"visit"}


def test_a_declined_service_is_not_feasible() -> None:
    story = waiting_for_a_service()
    assert refusal(story, "V1", "pipeline_answered", accepted=False) == "BAD_INPUT"
    answer = story.act("V1", "pipeline_answered", accepted=False, reason="too few customers")

    assert (answer.state, answer.reason) == ("FEASIBILITY", "PIPELINE_DECLINED")
    assert story.case.feasibility["shredding"].verdict == "NOT_FEASIBLE"
    assert story.case.feasibility["shredding"].note == "too few customers"


def test_the_customer_may_stop_waiting_at_any_time() -> None:
    answer = waiting_for_a_service().act("B1", "answer_waiting", waits_on=False)

    assert (answer.state, answer.reason) == ("CANCELLED", "BY_CUSTOMER")


def test_the_customer_agrees_to_wait_on_when_asked() -> None:
    assert refusal(waiting_for_a_service(), "B1", "answer_waiting", waits_on=True) == "NOT_ASKED"


def test_a_developed_service_is_priced_like_the_others() -> None:
    story = waiting_for_a_service()
    story.act("V1", "pipeline_answered", accepted=True, ready_on="2026-04-15")
    story.act("V1", "pipeline_ready", service="SHRED")
    story.act("A1", "decide_feasibility", decisions=[*feasible("visit"), *feasible("shredding")])
    story.act("A1", "feasibility_done", statement=NBD)
    story.act("B1", "approve_requirements", document_hash=story.case.statement_hash)

    assert refusal(story, "L1", "set_prices", proposal=proposal("90", "85")) == "NO_OPTION"


# ---- the customer's approval ----------------------------------------------------------------------------------------


def test_the_customer_approves_the_statement_it_has_read() -> None:
    story = reached("REQUIREMENTS_APPROVAL", 2)
    old = reached("REQUIREMENTS_APPROVAL").case.statement_hash

    assert refusal(story, "B1", "approve_requirements", document_hash=old) == "STALE_DOCUMENT"
    assert refusal(story, "B1", "reject_requirements", document_hash=old, reason="no") == "STALE_DOCUMENT"
    assert story.act("B1", "approve_requirements", document_hash=story.case.statement_hash).state == "PRICING"


def test_t12_a_rejection_counts_loops_and_the_third_is_told_to_the_slm_manager() -> None:
    story = in_feasibility(requirement("visit"))
    story.act("A1", "decide_feasibility", decisions=feasible())
    told = []
    for version in (1, 2, 3):
        story.act("A1", "feasibility_done", statement={"text": f"try {version}", "version": version})
        answer = story.act("B1", "reject_requirements", document_hash=story.case.statement_hash, reason="Sejny branch missing")
        told.append([each.recipients for each in story.case.untold if "SLM_MANAGER" in each.recipients])
        assert (answer.state, answer.reason, story.case.loop_count) == ("REQUIREMENTS", "Sejny branch missing", version)
        story.act("A1", "set_requirements", requirements=needs(requirement("visit")))
        story.act("A1", "requirements_complete")

    assert told == [[], [], [("SLM_MANAGER",)]]


# ---- prices ---------------------------------------------------------------------------------------------------------


def test_a_price_is_approved_as_it_stands() -> None:
    story = reached("PRICING")
    assert refusal(story, "P1", "approve_price", document_hash=STALE) == "NO_PROPOSAL"
    assert refusal(story, "P1", "reject_price", reason="no") == "NO_PROPOSAL"
    story.act("L1", "set_prices", proposal=proposal("95", "88"))
    first = story.case.proposal_hash
    story.act("A1", "set_prices", proposal=proposal("90", "85"))

    assert refusal(story, "P1", "approve_price", document_hash=first) == "STALE_DOCUMENT"
    assert story.act("P1", "approve_price", document_hash=story.case.proposal_hash).state == "NEGOTIATION"
    assert [str(each.price) for each in story.case.rounds] == ["12330"]


def test_every_service_of_the_case_is_priced() -> None:
    story = CaseStory()
    story.steps = reached("PRICING").steps
    request = story.case.request.model_copy(update={"services": ("MPS", "LIFTS")})
    story.steps = [*story.steps[:-1], story.steps[-1]._replace(case=story.case.but(request=request))]

    assert refusal(story, "L1", "set_prices", proposal=proposal("95", "88")) == "NO_OPTION"


def test_a_margin_below_the_floor_needs_the_finance_director() -> None:
    story = reached("PRICING")
    story.act("L1", "set_prices", proposal=proposal("90", "85", "12000"))

    assert open_kinds(story.case) == {"APPROVE_PRICE PRICING_APPROVER", "APPROVE_EXCEPTION FINANCE_DIRECTOR"}
    with pytest.raises(Conflict, match=r"12\.90 %") as refused:
        story.act("P1", "approve_price", document_hash=story.case.proposal_hash)
    assert refused.value.code == "MARGIN_BELOW_FLOOR"
    story.act("F1", "approve_exception", document_hash=story.case.proposal_hash, reason="We want this customer.")
    assert story.act("P1", "approve_price", document_hash=story.case.proposal_hash).state == "NEGOTIATION"


def test_an_exception_is_for_one_proposal() -> None:
    story = reached("PRICING")
    story.act("L1", "set_prices", proposal=proposal("90", "85", "12000"))
    story.act("F1", "approve_exception", document_hash=story.case.proposal_hash, reason="We want this customer.")
    story.act("L1", "set_prices", proposal=proposal("90", "85", "11000"))

    assert refusal(story, "P1", "approve_price", document_hash=story.case.proposal_hash) == "MARGIN_BELOW_FLOOR"


def test_t36_rejected_prices_go_back_to_the_sla_team() -> None:
    story = reached("PRICING")
    story.act("L1", "set_prices", proposal=proposal("95", "88"))

    assert story.act("P1", "reject_price", reason="Podlasie is too dear.").state == "PRICING"
    assert open_kinds(story.case) == {"SET_PRICES SLA_TEAM"}
    assert story.case.untold[-1].recipients == ("SLA_TEAM", "A1")


def test_rejected_prices_are_not_approved_unchanged() -> None:
    story = reached("PRICING")
    story.act("L1", "set_prices", proposal=proposal("95", "88"))
    story.act("P1", "reject_price", reason="Podlasie is too dear.")

    assert refusal(story, "P1", "approve_price", document_hash=story.case.proposal_hash) == "NO_PROPOSAL"


def test_new_requirements_are_priced_anew() -> None:
    story = reached("NEGOTIATION")
    story.act("B1", "change_requirement", reason="a branch in Suwałki")
    story.act("A1", "set_requirements", requirements=needs(requirement("visit")))
    story.act("A1", "requirements_complete")
    story.act("A1", "decide_feasibility", decisions=feasible())
    story.act("A1", "feasibility_done", statement={"text": "All.", "version": 3})
    story.act("B1", "approve_requirements", document_hash=story.case.statement_hash)

    assert refusal(story, "P1", "approve_price", document_hash=story.case.proposal_hash) in {"NO_PROPOSAL", "STALE_DOCUMENT"}


def test_who_set_the_prices_has_decided_their_task() -> None:
    story = reached("PRICING")
    story.act("L1", "set_prices", proposal=proposal("95", "88"))

    [task] = [each for each in story.case.tasks if each.kind == "SET_PRICES"]
    assert (task.state, task.decided_by) == (TaskState.DECIDED, "L1")


# ---- negotiation ----------------------------------------------------------------------------------------------------


def test_both_sides_accept_the_same_options_the_customer_first() -> None:
    story = reached("NEGOTIATION")
    offer: dict[str, Any] = {"document_hash": story.case.proposal_hash}

    assert refusal(story, "C1", "accept_offer", options=OFFER, **offer) == "CUSTOMER_FIRST"
    assert story.act("B1", "accept_offer", options=OFFER, **offer).state == "NEGOTIATION"
    assert refusal(story, "C1", "accept_offer", options=["warsaw-gold", "podlasie-resident"], **offer) == "DIFFERENT_OPTIONS"
    assert story.act("C1", "accept_offer", options=OFFER[::-1], **offer).state == "UNDERPINNING"
    assert [each.side for each in story.case.acceptances] == [Side.CUSTOMER, Side.PROVIDER]


def test_an_offer_that_was_replaced_cannot_be_accepted() -> None:
    old = reached("NEGOTIATION").case.proposal_hash

    assert refusal(reached("NEGOTIATION", 2), "B1", "accept_offer", document_hash=old, options=OFFER) == "STALE_DOCUMENT"


@pytest.mark.parametrize("options", [["warsaw-gold"], ["warsaw-gold", "warsaw-gold", "podlasie-nbd"], [*OFFER, "podlasie-resident"], ["x"]])
def test_an_accepted_set_has_one_option_for_each_service_and_region(options: list[str]) -> None:
    story = reached("NEGOTIATION")

    assert refusal(story, "B1", "accept_offer", document_hash=story.case.proposal_hash, options=options) == "BAD_INPUT"


def test_crm_staff_accept_within_the_floor() -> None:
    story = reached("NEGOTIATION")
    options: dict[str, Any] = {"document_hash": story.case.proposal_hash, "options": ["warsaw-gold", "podlasie-resident"]}
    story.act("B1", "accept_offer", **options)

    assert story.act("C1", "accept_offer", **options).state == "UNDERPINNING"


def test_crm_staff_cannot_accept_a_set_below_the_floor() -> None:
    story = reached("PRICING")
    priced = proposal("90", "85")
    priced["options"].append(priced["options"][0] | {"option": "warsaw-cheap", "unit_price": "70"})
    story.act("L1", "set_prices", proposal=priced)
    story.act("P1", "approve_price", document_hash=story.case.proposal_hash)
    options: dict[str, Any] = {"document_hash": story.case.proposal_hash, "options": ["warsaw-cheap", "podlasie-nbd"]}
    story.act("B1", "accept_offer", **options)

    assert refusal(story, "C1", "accept_offer", **options) == "MARGIN_BELOW_FLOOR"


def test_t15_a_counter_offer_is_a_round_and_leads_back_to_the_prices() -> None:
    story = reached("NEGOTIATION")
    story.act("B1", "counter_offer", price="12000", comment="Our budget is 12 000 a month.")

    assert (story.case.state, story.case.reason) == (AgreementState.PRICING, "COUNTER_OFFER")
    assert [(each.number, str(each.price), str(each.counter), each.ended) for each in story.case.rounds] == [
        (1, "12984", "12000", "COUNTER")
    ]


def after_rounds(number: int) -> CaseStory:
    story = reached("NEGOTIATION")
    for _ in range(number - 1):
        story.act("B1", "counter_offer", comment="less")
        story.act("L1", "set_prices", proposal=proposal("90", "85"))
        story.act("P1", "approve_price", document_hash=story.case.proposal_hash)
    return story


def test_after_the_fifth_round_both_say_whether_to_go_on() -> None:
    story = after_rounds(5)
    assert refusal(story, "B1", "counter_offer", comment="less") == "CONTINUATION_NEEDED"
    story.act("M1", "continue_negotiation", reason="nearly there")
    assert refusal(story, "B1", "counter_offer", comment="less") == "CONTINUATION_NEEDED"
    story.act("C1", "continue_negotiation", reason="nearly there")

    assert story.act("B1", "counter_offer", comment="less").state == "PRICING"


def test_a_later_round_is_gone_on_with_anew_wherever_it_comes_from() -> None:
    story = after_rounds(5)
    for person in ("M1", "C1"):
        story.act(person, "continue_negotiation", reason="nearly there")
    for person in ("B1", "C1"):
        story.act(person, "accept_offer", document_hash=story.case.proposal_hash, options=OFFER)
    story.act("S1", "link_supports", draft=linked(), supports=supported_by())
    story.act("S1", "unsupportable", target="response", achievable="by 16:00")

    assert refusal(story, "B1", "counter_offer", comment="less") == "CONTINUATION_NEEDED"


def test_nobody_is_asked_to_go_on_after_the_fourth_round() -> None:
    story = after_rounds(4)

    assert refusal(story, "M1", "continue_negotiation", reason="why not") == "NOT_ASKED"
    assert story.act("B1", "counter_offer", comment="less").state == "PRICING"


def test_t16_a_changed_requirement_leads_back_to_the_requirements() -> None:
    story = reached("NEGOTIATION")
    answer = story.act("B1", "change_requirement", reason="a branch in Suwałki")

    assert (answer.state, answer.reason) == ("REQUIREMENTS", "a branch in Suwałki")
    assert open_kinds(story.case) == {"CAPTURE_REQUIREMENTS A1"}
    story.act("A1", "set_requirements", requirements=needs(requirement("visit")))
    assert story.case.requirements_version == 3


@pytest.mark.parametrize(
    ("person", "action", "state", "reason"),
    [("B1", "refuse_offer", "CANCELLED", "BY_CUSTOMER"), ("C1", "decline_commercial", "DECLINED", "COMMERCIAL")],
)
def test_either_side_may_refuse_for_good(person: str, action: str, state: str, reason: str) -> None:
    answer = reached("NEGOTIATION").act(person, action, reason="We do not agree.")

    assert (answer.state, answer.reason, answer.waiting_for) == (state, reason, ())


# ---- supports -------------------------------------------------------------------------------------------------------


def test_a_promise_nothing_carries_is_refused_with_the_broken_rule() -> None:
    story = reached("UNDERPINNING")
    assert refusal(story, "S1", "support_ready") == "NO_LINKS"
    story.act("S1", "link_supports", draft=linked(), supports=supported_by())
    with pytest.raises(Conflict, match=r"podlasie\.response") as refused:
        story.act("S1", "support_ready")

    assert refused.value.code == "MISALIGNED"
    assert story.act("S1", "support_ready", supports=support_facts()).state == "DRAFT_DISCUSSION"


def test_every_support_is_agreed_before_the_draft() -> None:
    story = reached("UNDERPINNING")
    facts = [each | {"registry_no": None, "state": "PROPOSED"} if each["support"] == "techteren" else each for each in support_facts()]
    story.act("S1", "link_supports", draft=linked(), supports=facts)

    assert refusal(story, "S1", "support_ready") == "SUPPORT_NOT_ACCEPTED"
    assert story.act("S1", "support_ready", supports=support_facts()).state == "DRAFT_DISCUSSION"


def test_a_link_names_a_support_there_is() -> None:
    assert refusal(reached("UNDERPINNING"), "S1", "link_supports", draft=linked(), supports=support_facts()[:2]) == "BAD_INPUT"


def test_t19_an_unsupportable_target_leads_back_to_the_negotiation() -> None:
    story = reached("UNDERPINNING")
    assert refusal(story, "S1", "unsupportable", target="response", achievable="17:00") == "ALIGNED"
    story.act("S1", "link_supports", draft=linked(), supports=supported_by())
    answer = story.act("S1", "unsupportable", target="response", achievable="by 16:00")

    assert (answer.state, answer.reason) == ("NEGOTIATION", "UNSUPPORTABLE_TARGET: response, achievable by 16:00")
    assert story.case.acceptances == ()
    assert story.case.untold[-1].body == "Achievable: by 16:00"


def test_a_reopened_negotiation_leaves_the_accepted_round_as_it_was() -> None:
    story = reached("UNDERPINNING")
    story.act("S1", "link_supports", draft=linked(), supports=supported_by())
    story.act("S1", "unsupportable", target="response", achievable="by 16:00")
    story.act("B1", "counter_offer", price="9000", comment="Then it is worth less.")

    assert story.case.rounds[1].ended == "ACCEPTED"


# ---- the final version ----------------------------------------------------------------------------------------------


def test_the_final_version_goes_to_six_parties() -> None:
    assert open_kinds(compiled().case) == {
        "COMPILE_DRAFT SLA_TEAM",
        "ACKNOWLEDGE_DRAFT CUSTOMER_REP",
        "ACKNOWLEDGE_DRAFT LEGAL",
        "ACKNOWLEDGE_DRAFT_INTERNAL CRM_STAFF",
        "ACKNOWLEDGE_DRAFT_INTERNAL SLM_MANAGER",
        "ACKNOWLEDGE_DRAFT_INTERNAL SUPPLY_MANAGER",
        "ACKNOWLEDGE_DRAFT_INTERNAL CONTROL_TIER",
    }


def test_a_missing_receipt_of_the_customer_is_escalated_to_crm_and_one_of_ours_to_the_slm_manager() -> None:
    escalated = {
        task.assignee: [nudge.to for nudge in task.nudges if nudge.kind is NudgeKind.ESCALATE]
        for task in compiled().case.open_tasks
        if task.kind.startswith("ACKNOWLEDGE")
    }

    assert escalated["CUSTOMER_REP"] == escalated["LEGAL"] == [("CRM_STAFF",)]
    assert escalated["CRM_STAFF"] == escalated["CONTROL_TIER"] == [("SLM_MANAGER",)]


def test_nothing_is_frozen_before_it_is_compiled() -> None:
    assert refusal(reached("DRAFT_DISCUSSION"), "L1", "freeze_draft", document_hash=STALE) == "NO_DRAFT"


def test_five_of_six_receipts_are_too_few() -> None:
    story = acknowledged(compiled(), "B2")
    with pytest.raises(Conflict, match="not acknowledged by LEGAL") as refused:
        story.act("L1", "freeze_draft", document_hash=story.case.draft_hash)

    assert refused.value.code == "RECEIPTS_MISSING"
    story.act("B2", "acknowledge_receipt", document_hash=story.case.draft_hash)
    assert story.act("L1", "freeze_draft", document_hash=story.case.draft_hash).state == "FINAL_REVIEW"


def test_a_new_version_must_be_acknowledged_anew() -> None:
    story = acknowledged(compiled())
    old = story.case.draft_hash
    story.act("L1", "compile_draft", draft=linked(with_document(bank_draft(), "warsaw", {"title": "Printing in Warsaw"})))

    assert story.case.draft_version == 2
    assert refusal(story, "B1", "acknowledge_receipt", document_hash=old) == "STALE_DOCUMENT"
    assert refusal(story, "L1", "freeze_draft", document_hash=old) == "STALE_DOCUMENT"
    assert refusal(story, "L1", "freeze_draft", document_hash=story.case.draft_hash) == "RECEIPTS_MISSING"


def test_a_comment_is_settled_by_its_author() -> None:
    story = acknowledged(compiled())
    story.act("B2", "comment", comment="c1", text="Which court?")
    assert refusal(story, "B2", "comment", comment="c1", text="Which law?") == "BAD_INPUT"
    assert refusal(story, "L1", "freeze_draft", document_hash=story.case.draft_hash) == "OPEN_COMMENTS"
    assert refusal(story, "B2", "confirm_comment", comment="c1", is_settled=True) == "NOT_RESOLVED"
    story.act("L1", "resolve_comment", comment="c1", resolution="Warsaw.")
    assert refusal(story, "B1", "confirm_comment", comment="c1", is_settled=True) == "FORBIDDEN"
    assert refusal(story, "L1", "freeze_draft", document_hash=story.case.draft_hash) == "OPEN_COMMENTS"
    story.act("B2", "confirm_comment", comment="c1", is_settled=True)

    assert story.act("L1", "freeze_draft", document_hash=story.case.draft_hash).state == "FINAL_REVIEW"


def test_an_author_who_does_not_agree_asks_for_another_answer() -> None:
    story = compiled()
    story.act("B2", "comment", comment="c1", text="Which court?")
    story.act("L1", "resolve_comment", comment="c1", resolution="Warsaw.")
    story.act("B2", "confirm_comment", comment="c1", is_settled=False)

    assert story.case.comments[0].resolution is None
    assert refusal(story, "L1", "resolve_comment", comment="c2", resolution="?") == "BAD_INPUT"


@pytest.mark.parametrize(("kind", "state"), [("REQUIREMENT", "REQUIREMENTS"), ("PRICE", "NEGOTIATION"), ("SUPPORT", "UNDERPINNING")])
def test_t22_a_comment_leads_back_to_the_stage_it_is_about(kind: str, state: str) -> None:
    story = compiled()
    story.act("B1", "comment", comment="c1", kind=kind, text="This is not what we agreed.")
    answer = story.act("L1", "comment_requires", comment="c1")

    assert (answer.state, answer.reason) == (state, "This is not what we agreed.")
    assert story.case.comments[0].is_settled


def test_a_comment_about_the_text_stays_in_the_discussion() -> None:
    story = compiled()
    story.act("B1", "comment", comment="c1", text="A typing error.")

    assert refusal(story, "L1", "comment_requires", comment="c1") == "ABOUT_THE_TEXT"


def test_an_incomplete_draft_is_not_frozen() -> None:
    layer = bank_draft().named("bank").control_layer.model_dump(mode="json") | {"disputes": None}
    story = acknowledged(compiled(with_document(bank_draft(), "bank", {"control_layer": layer})))
    with pytest.raises(BadInput, match=r"control_layer\.disputes") as refused:
        story.act("L1", "freeze_draft", document_hash=story.case.draft_hash)

    assert refused.value.code == "INCOMPLETE"


def test_of_nine_obligations_the_one_without_a_work_package_is_named_and_the_draft_is_not_issued() -> None:
    package = {"package": "do", "task": "It is done.", "owner": "O2"}
    nine = [
        {"obligation": f"duty-{number}", "side": side, "text": "It is done.", "packages": [package] if number < 9 else []}
        for number, side in zip(range(1, 10), ["PROVIDER"] * 5 + ["CUSTOMER"] * 4, strict=True)
    ]
    story = acknowledged(compiled(with_document(bank_draft(), "warsaw", {"obligations": nine})))
    with pytest.raises(BadInput) as refused:
        story.act("L1", "freeze_draft", document_hash=story.case.draft_hash)

    assert refused.value.code == "NO_WORK_PACKAGE"
    assert str(refused.value) == "NO_WORK_PACKAGE: warsaw.obligations.duty-9: no work package fulfils it (R-148)"


def test_what_the_catalogue_forbids_is_not_frozen() -> None:
    story = acknowledged(compiled(faults=["UNKNOWN_SERVICE: warsaw.services: there is none"]))

    assert refusal(story, "L1", "freeze_draft", document_hash=story.case.draft_hash) == "UNKNOWN_SERVICE"


def test_a_draft_of_a_wrong_structure_is_refused_at_once() -> None:
    draft = linked(with_document(bank_draft(), "warsaw", {"services": ["MPS", "LIFTS"]}))

    assert refusal(reached("DRAFT_DISCUSSION"), "L1", "compile_draft", draft=draft) == "ONE_SERVICE_PER_DOCUMENT"


def test_an_agreement_of_the_wrong_kind_for_its_customer_is_refused_at_once() -> None:
    faults = ["WRONG_KIND: warsaw.kind: 'HR' is DEPARTMENT, which a CUSTOMER_SLA is not made with"]

    assert refusal(reached("DRAFT_DISCUSSION"), "L1", "compile_draft", draft=linked(), faults=faults) == "WRONG_KIND"


def test_a_draft_that_promises_more_than_its_supports_is_not_frozen() -> None:
    warsaw = bank_draft().named("warsaw")
    target = warsaw.targets[0].model_dump(mode="json") | {"limit": "2h", "accepted": {"kind": "DURATION", "limit": "2h"}}
    story = acknowledged(compiled(with_document(bank_draft(), "warsaw", {"targets": [target]})))

    assert refusal(story, "L1", "freeze_draft", document_hash=story.case.draft_hash) == "MISALIGNED"


def test_a_compiled_draft_links_supports_there_are() -> None:
    links = [link.model_dump(mode="json") | {"support": "ghost"} for link in bank_draft().named("warsaw").links]
    story = acknowledged(compiled(with_document(bank_draft(), "warsaw", {"links": links})))

    assert refusal(story, "L1", "freeze_draft", document_hash=story.case.draft_hash) == "MISALIGNED"


CUSTOMER = {"role": "CUSTOMER_REP", "side": "CUSTOMER", "party": "Bank Narew S.A."}


@pytest.mark.parametrize("reviewers", [[CUSTOMER], [{"role": "CONTROL_TIER"}], [CUSTOMER, CUSTOMER, {"role": "CONTROL_TIER"}]])
def test_customer_and_control_tier_always_review(reviewers: list[dict[str, Any]]) -> None:
    assert refusal(reached("DRAFT_DISCUSSION"), "L1", "compile_draft", draft=linked(), reviewers=reviewers) == "BAD_INPUT"


def test_the_author_cannot_be_named_as_control_tier() -> None:
    reviewers = [CUSTOMER, {"role": "CONTROL_TIER", "person": "L1"}]

    assert refusal(reached("DRAFT_DISCUSSION"), "L1", "compile_draft", draft=linked(), reviewers=reviewers) == "SEPARATION_OF_DUTIES"


def test_a_case_may_name_its_reviewers() -> None:
    story = compiled(reviewers=[CUSTOMER, {"role": "CONTROL_TIER", "person": "T1"}])
    for person in ("B1", "T1"):
        story.act(person, "acknowledge_receipt", document_hash=story.case.draft_hash)
    story.act("L1", "freeze_draft", document_hash=story.case.draft_hash)

    assert refusal(story, "M1", "approve_draft", document_hash=story.case.frozen_hash) == "FORBIDDEN"
    story.act("B1", "approve_draft", document_hash=story.case.frozen_hash)
    assert story.act("T1", "approve_draft", document_hash=story.case.frozen_hash).state == "SIGNING"


def test_who_is_no_control_tier_cannot_decide_as_it() -> None:
    story = compiled(reviewers=[CUSTOMER, {"role": "CONTROL_TIER", "person": "M1"}])

    assert refusal(story, "M1", "acknowledge_receipt", document_hash=story.case.draft_hash) == "FORBIDDEN"


def test_two_parties_of_one_name_are_told_apart_by_their_persons() -> None:
    ours = {"role": "LEGAL"}
    theirs = {"role": "LEGAL", "side": "CUSTOMER", "party": "Bank Narew S.A."}
    story = reached("DRAFT_DISCUSSION")
    control = {"role": "CONTROL_TIER"}

    assert refusal(story, "L1", "compile_draft", draft=linked(), reviewers=[CUSTOMER, control, ours, theirs]) == "BAD_INPUT"
    story.act("L1", "compile_draft", draft=linked(), reviewers=[CUSTOMER, control, ours, theirs | {"person": "B2"}])
    assert [task.side for task in story.case.open_tasks if task.role is Role.LEGAL] == [Side.PROVIDER, Side.CUSTOMER]


def test_the_customers_lawyer_leaves_the_task_of_ours_open() -> None:
    lawyers = [{"role": "LEGAL"}, {"role": "LEGAL", "side": "CUSTOMER", "party": "Bank Narew S.A.", "person": "B2"}]
    story = compiled(reviewers=[CUSTOMER, {"role": "CONTROL_TIER"}, *lawyers])
    story.act("B2", "acknowledge_receipt", document_hash=story.case.draft_hash)

    assert "ACKNOWLEDGE_DRAFT_INTERNAL LEGAL" in open_kinds(story.case)


def test_a_role_does_not_review_beside_a_person_of_it() -> None:
    reviewers = [CUSTOMER, {"role": "CONTROL_TIER"}, {"role": "CONTROL_TIER", "person": "T1"}]

    assert refusal(reached("DRAFT_DISCUSSION"), "L1", "compile_draft", draft=linked(), reviewers=reviewers) == "BAD_INPUT"


@pytest.mark.parametrize(
    "reviewer",
    [{"role": "PRICING_APPROVER"}, {"role": "SUPPLIER_REP", "side": "SUPPLIER", "party": "TechTeren"}, {"role": "CUSTOMER_REP"}],
)
def test_a_reviewer_is_somebody_who_can_review(reviewer: dict[str, Any]) -> None:
    reviewers = [CUSTOMER, {"role": "CONTROL_TIER"}, reviewer]

    assert refusal(reached("DRAFT_DISCUSSION"), "L1", "compile_draft", draft=linked(), reviewers=reviewers) == "BAD_INPUT"


def back_from_underpinning() -> CaseStory:
    """The draft was reviewed, its supports were rejected, and the supply manager has linked another promise."""
    story = frozen()
    story.act("S1", "reject_draft", document_hash=story.case.frozen_hash, reason_code="SUPPORT", reason="TechTeren has given notice.")
    story.act("S1", "link_supports", draft=linked(with_document(bank_draft(), "warsaw", {"title": "Warsaw"})), supports=support_facts())
    story.act("S1", "support_ready")
    return story


def test_a_version_is_acknowledged_after_it_was_compiled() -> None:
    story = back_from_underpinning()

    assert refusal(story, "B1", "acknowledge_receipt", document_hash=story.case.draft_hash) == "STALE_DOCUMENT"


def test_only_a_compiled_version_is_frozen() -> None:
    story = back_from_underpinning()

    assert refusal(story, "L1", "freeze_draft", document_hash=story.case.draft_hash) == "NO_DRAFT"


def test_another_compiled_draft_is_another_version() -> None:
    story = back_from_underpinning()
    story.act("L1", "compile_draft", draft=linked(with_document(bank_draft(), "warsaw", {"title": "Warsaw"})))

    assert story.case.draft_version == 2


# ---- final review ---------------------------------------------------------------------------------------------------


def test_the_review_is_unanimous() -> None:
    story = frozen()
    states = [story.act(person, "approve_draft", document_hash=story.case.frozen_hash).state for person in sorted(REVIEWERS)]

    assert states == ["FINAL_REVIEW"] * 5 + ["SIGNING"]
    assert story.case.issued_at == story.case.last_at


def test_an_approval_of_the_old_draft_is_stale() -> None:
    story, old = reached("FINAL_REVIEW", 2), reached("FINAL_REVIEW").case.frozen_hash

    assert refusal(story, "B1", "approve_draft", document_hash=old) == "STALE_DOCUMENT"
    assert refusal(story, "B1", "reject_draft", document_hash=old, reason_code="TEXT", reason="unreadable") == "STALE_DOCUMENT"


def test_a_party_decides_once() -> None:
    story = frozen()
    fields = {"document_hash": story.case.frozen_hash}
    story.act("M1", "approve_draft", **fields)

    assert refusal(story, "M1", "approve_draft", **fields) == "ALREADY_DECIDED"
    assert refusal(story, "M1", "reject_draft", reason_code="TEXT", reason="I changed my mind.", **fields) == "ALREADY_DECIDED"


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("TEXT", "DRAFT_DISCUSSION"),
        ("CONTROL_LAYER", "DRAFT_DISCUSSION"),
        ("SUPPORT", "UNDERPINNING"),
        ("PRICE", "NEGOTIATION"),
        ("REQUIREMENT_GAP", "REQUIREMENTS"),
    ],
)
def test_t24_the_reason_code_decides_where_the_case_goes_back_to(code: str, state: str) -> None:
    story = frozen()
    story.act("C1", "approve_draft", document_hash=story.case.frozen_hash)
    answer = story.act("T1", "reject_draft", document_hash=story.case.frozen_hash, reason_code=code, reason="It does not fit.")

    assert (answer.state, answer.reason) == (state, f"{code}: It does not fit.")
    assert all(each.is_void for each in story.case.decisions)
    assert story.case.approvals == ()
    assert "CRM_STAFF" in story.case.untold[-1].recipients
    assert story.case.untold[-1].body.startswith("CONTROL_TIER rejected it")


def test_a_rejection_gives_a_reason() -> None:
    story = frozen()
    with pytest.raises(ValueError, match="at least 10 characters"):
        story.act("T1", "reject_draft", document_hash=story.case.frozen_hash, reason_code="TEXT", reason="too long")

    assert story.case.decisions == ()


def test_the_second_draft_needs_six_new_decisions() -> None:
    story = reached("FINAL_REVIEW", 2)

    assert story.case.approvals == ()
    assert len([task for task in story.case.open_tasks if task.kind == "REVIEW_DRAFT"]) == 6


def test_the_author_cannot_stand_in_for_the_control_tier() -> None:
    story, author = frozen(), on(deputies(T1="L1"), "L1")

    assert refusal(story, author, "approve_draft", document_hash=story.case.frozen_hash) == "SEPARATION_OF_DUTIES"


def test_who_approved_the_price_cannot_stand_in_for_the_control_tier() -> None:
    story, approver = frozen(), on(deputies(T1="P1"), "P1")

    assert refusal(story, approver, "approve_draft", document_hash=story.case.frozen_hash) == "SEPARATION_OF_DUTIES"


def test_the_agent_approves_neither_price_nor_draft() -> None:
    priced = reached("PRICING")
    priced.act("L1", "set_prices", proposal=proposal("95", "88"))
    reviewed = frozen()
    agent = on(deputies(P1="A1", T1="A1"), "A1")

    assert refusal(priced, agent, "approve_price", document_hash=priced.case.proposal_hash) == "SEPARATION_OF_DUTIES"
    assert refusal(reviewed, agent, "approve_draft", document_hash=reviewed.case.frozen_hash) == "SEPARATION_OF_DUTIES"


# ---- deputies -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", ["2026-02-16T08:00", "2026-02-28T23:00"])
def test_a_deputys_approval_counts_on_behalf_of_the_reviewer(at: str) -> None:
    story, deputy = frozen(), on(deputies(M1="S1"), "S1", at)
    deed(story, deputy, "approve_draft", acting_for="M1", document_hash=story.case.frozen_hash)

    [decision] = story.case.approvals
    assert (decision.reviewer, decision.by, decision.on_behalf_of) == ("SLM_MANAGER", "S1", "M1")
    [task] = [each for each in story.case.tasks if each.kind == "REVIEW_DRAFT" and each.state is TaskState.DECIDED]
    assert (task.role, task.decided_by, task.on_behalf_of) == (Role.SLM_MANAGER, "S1", "M1")


@pytest.mark.parametrize("at", ["2026-02-15T23:59", "2026-03-01T00:00"])
def test_a_deputy_outside_the_delegation_is_refused(at: str) -> None:
    story, person = frozen(), on(deputies(M1="X1"), "X1", at)

    assert refusal(story, person, "approve_draft", document_hash=story.case.frozen_hash) == "FORBIDDEN"


def test_nobody_stands_in_for_somebody_who_did_not_ask_them() -> None:
    story, deputy = frozen(), on(deputies(M1="X1"), "X1")

    assert refusal(story, deputy, "approve_draft", acting_for="S1", document_hash=story.case.frozen_hash) == "FORBIDDEN"


def test_who_reviews_for_themselves_and_another_decides_for_both() -> None:
    story, both = frozen(), on(deputies(M1="S1"), "S1")
    fields = {"document_hash": story.case.frozen_hash}
    deed(story, both, "approve_draft", **fields)
    deed(story, both, "approve_draft", acting_for="M1", **fields)

    assert {each.reviewer for each in story.case.approvals} == {"SUPPLY_MANAGER", "SLM_MANAGER"}


def test_the_agents_deputy_acts_for_the_agent() -> None:
    story, deputy = reached("REQUIREMENTS"), on(deputies(A1="A2"), "A2")
    deed(story, deputy, "log_contact", acting_for="A1", channel="call", persons=["B1"], note="talk")

    [task] = [each for each in story.case.tasks if each.kind == "CONTACT_CUSTOMER"]
    assert (task.decided_by, task.on_behalf_of) == ("A2", "A1")


def test_the_agents_deputy_need_not_say_for_whom() -> None:
    story, deputy = reached("REQUIREMENTS"), on(deputies(A1="A2"), "A2")

    assert deed(story, deputy, "log_contact", channel="call", persons=["B1"], note="talk").state == "REQUIREMENTS"


def test_a_signature_names_the_deputy_who_gave_it() -> None:
    story, deputy = reached("SIGNING"), on(deputies(Z1="M1"), "M1")
    deed(story, deputy, "sign", document_hash=story.case.frozen_hash, method="QUALIFIED_ESIGN")

    assert "M1" in story.case.signatures[0].model_dump().values()


def test_a_deputy_signs_on_behalf_of_a_signatory() -> None:
    story, deputy = reached("SIGNING"), on(deputies(Z1="M1"), "M1")
    deed(story, deputy, "sign", document_hash=story.case.frozen_hash, method="QUALIFIED_ESIGN")

    [signature] = story.case.signatures
    assert signature.on_behalf_of == "Z1"
    assert open_kinds(story.case) == {"SIGN B3", "SIGN B4"}


# ---- signing --------------------------------------------------------------------------------------------------------


def sign(story: CaseStory, *people: str) -> CaseStory:
    for person in people:
        story.act(person, "sign", document_hash=story.case.frozen_hash, method="QUALIFIED_ESIGN")
    return story


def test_all_signatories_of_all_parties_sign() -> None:
    story = sign(reached("SIGNING"), "Z1", "B3")

    assert not story.case.all_signed
    assert open_kinds(story.case) == {"SIGN B4"}
    assert sign(story, "B4").case.all_signed
    assert story.case.deadlines == ()


@pytest.mark.parametrize("person", ["U1", OTHER_BANK])
def test_who_is_no_signatory_of_the_document_cannot_sign(person: str | Actor) -> None:
    story = reached("SIGNING")
    fields = {"document_hash": story.case.frozen_hash}

    assert refusal(story, person, "sign", method="QUALIFIED_ESIGN", **fields) == "FORBIDDEN"
    assert refusal(story, person, "refuse_to_sign", reason="I do not like it.") == "FORBIDDEN"


def test_a_signature_is_for_the_issued_hash_and_given_once() -> None:
    story = reached("SIGNING")
    assert refusal(story, "Z1", "sign", document_hash=STALE, method="QUALIFIED_ESIGN") == "STALE_DOCUMENT"
    sign(story, "Z1")

    assert refusal(story, "Z1", "sign", document_hash=story.case.frozen_hash, method="PAPER_SCAN", scan=STALE) == "ALREADY_DECIDED"


@pytest.mark.parametrize(
    "how",
    [{"method": "INTERNAL_SIGN_OFF"}, {"method": "PAPER_SCAN"}, {"method": "QUALIFIED_ESIGN", "scan": STALE}],
)
def test_a_signature_has_a_method_that_fits(how: dict[str, str]) -> None:
    story = reached("SIGNING")

    assert refusal(story, "Z1", "sign", document_hash=story.case.frozen_hash, **how) == "BAD_INPUT"


def test_t26_a_refusal_leads_back_to_the_discussion_and_voids_signatures() -> None:
    story = sign(reached("SIGNING"), "Z1")
    answer = story.act("B3", "refuse_to_sign", reason="The board has not agreed.")

    assert (answer.state, answer.reason) == ("DRAFT_DISCUSSION", "The board has not agreed.")
    assert story.case.signatures == ()
    assert story.case.frozen_hash is None
    assert all(each.is_void for each in story.case.decisions)


def test_what_is_issued_is_not_edited() -> None:
    story = reached("SIGNING")
    with pytest.raises(Conflict, match="cannot be done in SIGNING") as refused:
        story.act("L1", "compile_draft", draft=linked())

    assert (refused.value.code, refused.value.allowed) == ("ISSUED_IMMUTABLE", ("refuse_to_sign", "sign", "withdraw"))


def test_who_has_signed_does_not_refuse_afterwards() -> None:
    assert refusal(sign(reached("SIGNING"), "Z1"), "Z1", "refuse_to_sign", reason="I changed my mind.") == "ALREADY_DECIDED"


def test_after_the_last_signature_nothing_is_taken_back() -> None:
    story = sign(reached("SIGNING"), "Z1", "B3", "B4")

    assert refusal(story, "B4", "refuse_to_sign", reason="I changed my mind.") == "ISSUED_IMMUTABLE"
    assert refusal(story, "C1", "withdraw", reason="too late") == "ISSUED_IMMUTABLE"


def test_nobody_signs_for_both_sides() -> None:
    draft = bank_draft()
    for name in ("bank", "warsaw", "podlasie"):
        both = {"name": "Bank Narew S.A.", "representative": "B1", "signatories": ["Z1"]}
        draft = with_document(draft, name, {"customer": both})
    story = acknowledged(compiled(draft))

    assert refusal(story, "L1", "freeze_draft", document_hash=story.case.draft_hash) == "SEPARATION_OF_DUTIES"


# ---- the end --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", STAGES)
def test_crm_may_withdraw_in_every_stage(stage: AgreementState) -> None:
    story = waiting_for_a_service() if stage is AgreementState.PIPELINE_WAIT else reached(stage.value)
    answer = story.act("C1", "withdraw", reason="The bank buys elsewhere.")

    assert (answer.state, answer.reason, answer.waiting_for) == ("CANCELLED", "BY_CUSTOMER", ())
    assert story.case.deadlines == ()


@pytest.mark.parametrize("cause", ["BY_PROVIDER", "DUPLICATE"])
def test_a_case_may_be_withdrawn_for_another_cause(cause: str) -> None:
    answer = reached("PRICING").act("C1", "withdraw", cause=cause, reason="There is a case about this already.")

    assert (answer.state, answer.reason) == ("CANCELLED", cause)


@pytest.mark.parametrize("number", [None, "UC/2026/0001"])
def test_t13_supports_under_way_are_released_when_the_case_ends(number: str | None) -> None:
    story = reached("UNDERPINNING")
    facts = [each | {"registry_no": number} if each["support"] == "techteren" else each for each in support_facts()]
    story.act("S1", "link_supports", draft=linked(), supports=facts)
    story.act("C1", "withdraw", reason="The bank buys elsewhere.")

    told = [each.body for each in story.case.untold if each.recipients == ("SUPPLY_MANAGER",)]
    assert told == ([] if number else ["case-1 has ended without an agreement; under way for it: techteren."])


def test_between_departments_free_prices_and_a_sign_off_are_enough() -> None:
    story = CaseStory()
    internal = reached("PRICING").case.request.model_copy(update={"is_internal": True})
    story.steps = [story.steps[0]._replace(case=reached("PRICING").case.but(request=internal))]
    story.act("L1", "set_prices", proposal=proposal("0", "0"))

    assert open_kinds(story.case) == {"APPROVE_PRICE PRICING_APPROVER"}
    assert story.act("P1", "approve_price", document_hash=story.case.proposal_hash).state == "NEGOTIATION"


def test_signatures_on_an_agreement_that_is_withdrawn_are_void() -> None:
    story = CaseStory().play("bank-agreement", until="SIGNING")
    story.act("B3", "sign", document_hash=story.case.frozen_hash, method="QUALIFIED_ESIGN")
    story.act("C1", "withdraw", reason="The bank buys elsewhere.")

    assert (story.case.state.value, story.case.signatures) == ("CANCELLED", ())
