"""A renegotiation on the pure machine: it begins with what is in force, and replaces only what it changes."""

from datetime import date, timedelta
from typing import Any

import pytest

from domain.agreement_case import AgreementCase, Support
from domain.agreement_machine import begin
from domain.amendment import Asked, InForce, changed_by, open_amendment, outcome_of
from domain.documents import FinalDraft, content_of
from domain.errors import Conflict
from domain.lifecycle import AgreementState
from tests.domain.case_stories import CaseStory, hashes_of, local, support_facts
from tests.domain.drafts import bank_draft, changed

NUMBERS = {"bank": "SLA/2026/0001", "warsaw": "SLA/2026/0002", "podlasie": "SLA/2026/0003"}
SUPPORTS = {each["support"]: Support.model_validate(each) for each in support_facts()}
ASKED = Asked("SLA/2026/0002", "change:SLA-2026-0002:abc", "The bank opens longer.")


def signed() -> AgreementCase:
    """The case that made what is in force."""
    story = CaseStory().play("bank-agreement")
    story.registered("2026-03-06T10:45", *NUMBERS.values())
    return story.case


class Amending(CaseStory):
    """A renegotiation, from its opening on."""

    def __init__(self, at: str = "2026-07-21T10:00", before: AgreementCase | None = None) -> None:
        in_force = [InForce(NUMBERS[each.document], "1.0", each) for each in bank_draft().documents]
        case = open_amendment(ASKED, before or signed(), in_force, SUPPORTS, local(at))
        self.steps = [begin(case)]
        self.told: list[str] = []

    def does(self, person: str, action: str, at: str | None = None, **fields: Any) -> str:
        known = hashes_of(self.case)
        filled = {name: known.get(value, value) if isinstance(value, str) else value for name, value in fields.items()}
        return self.act(person, action, at, **filled).state

    def to_the_draft(self, draft: FinalDraft) -> "Amending":
        """Everything up to the discussion of a text, as quick as it goes."""
        self.does("A1", "log_contact", "2026-07-24T09:00", channel="call", persons=["B1"], note="Longer hours.")
        self.does("A1", "requirements_complete")
        self.does("A1", "feasibility_done", statement={"text": "Longer hours.", "version": self.case.requirements_version})
        self.does("B1", "approve_requirements", "2026-07-28T09:00", document_hash="$statement")
        assert self.case.proposal is not None
        self.does("L1", "set_prices", proposal=self.case.proposal.model_dump(mode="json"))
        self.does("P1", "approve_price", document_hash="$proposal")
        for person in ("B1", "C1"):
            self.does(person, "accept_offer", document_hash="$proposal", options=["warsaw-gold", "podlasie-nbd"])
        self.does("S1", "link_supports", draft=content_of(draft), supports=support_facts())
        self.does("S1", "support_ready", supports=support_facts())
        self.does("L1", "compile_draft", draft=content_of(draft))
        for person in ("C1", "M1", "S1", "T1", "B1", "B2"):
            self.does(person, "acknowledge_receipt", document_hash="$draft")
        return self


def text(**warsaw: Any) -> FinalDraft:
    """The set with another Warsaw."""
    again = {"effective_from": "2026-09-01", "price": {"monthly": "12120", "option": "Gold"}} | warsaw
    documents = [changed(each, **again) if each.document == "warsaw" else each for each in bank_draft().documents]
    return FinalDraft(documents=tuple(documents))


def test_it_begins_with_everything_that_is_in_force() -> None:
    before, case = signed(), Amending().case

    assert (case.state, case.agent) == (AgreementState.REQUIREMENTS, "A1")
    assert (case.requirements, case.proposal, case.reviewers) == (before.requirements, before.proposal, before.reviewers)
    assert case.draft == bank_draft()
    assert changed_by(case) == []
    assert {task.kind for task in case.open_tasks} == {"CONTACT_CUSTOMER", "CAPTURE_REQUIREMENTS"}
    assert (case.signatures, case.decisions, case.contacts) == ((), (), ()), "what was decided was decided about the other version"
    assert case.requirements_version == before.requirements_version + 1


def test_without_a_known_agent_one_is_chosen_first() -> None:
    assert Amending(before=signed().but(agent=None)).case.state is AgreementState.AGENT_SELECTION


def test_the_same_change_opens_the_same_case() -> None:
    assert Amending().case.case_id == Amending("2026-07-22T10:00").case.case_id != CaseStory().case.case_id


@pytest.mark.parametrize(
    ("draft", "code"),
    [
        (bank_draft(), "NOTHING_CHANGED"),
        (text(effective_from="2026-03-16"), "EFFECTIVE_DATE_PAST"),
        (text(effective_from="2026-07-28"), "EFFECTIVE_DATE_PAST"),
        (FinalDraft(documents=tuple(each for each in text().documents if each.document != "podlasie")), "DOCUMENT_DROPPED"),
    ],
)
def test_a_text_that_could_not_be_registered_is_not_frozen(draft: FinalDraft, code: str) -> None:
    story = Amending().to_the_draft(draft)
    with pytest.raises(Conflict) as refused:
        story.does("L1", "freeze_draft", document_hash="$draft")

    assert refused.value.code == code


def test_sc_6e_a_price_that_is_rejected_in_review_goes_back_to_the_negotiation() -> None:
    story = Amending().to_the_draft(text())
    story.does("L1", "freeze_draft", document_hash="$draft")
    state = story.does("B1", "reject_draft", document_hash="$draft", reason_code="PRICE", reason="twelve thousand is too much")

    assert (state, outcome_of(story.case.but(state=AgreementState.NEGOTIATION, request=signed().request))) == ("NEGOTIATION", None)
    assert [each.document for each in changed_by(story.case)] == ["warsaw"]


def test_a_first_day_that_has_come_is_not_signed_for() -> None:
    story = Amending().to_the_draft(text(effective_from="2026-08-15"))
    story.does("L1", "freeze_draft", document_hash="$draft")
    for person in ("C1", "M1", "S1", "T1", "B1", "B2"):
        story.does(person, "approve_draft", document_hash="$draft")
    story.does("Z1", "sign", "2026-08-10T10:00", document_hash="$draft", method="QUALIFIED_ESIGN")
    with pytest.raises(Conflict) as refused:
        story.does("B3", "sign", "2026-08-15T00:00", document_hash="$draft", method="QUALIFIED_ESIGN")

    assert refused.value.code == "EFFECTIVE_DATE_PAST"
    assert story.does("B3", "refuse_to_sign", reason="the first day has come, let us agree on another") == "DRAFT_DISCUSSION"


def test_the_change_hears_how_it_ended() -> None:
    case = Amending().to_the_draft(text()).case
    registered, lapsed = case.but(state=AgreementState.REGISTERED), case.but(state=AgreementState.CANCELLED, reason="LAPSED")
    done, failed = outcome_of(registered), outcome_of(lapsed)

    assert done is not None
    assert failed is not None
    assert (done.name, done.about, done.content) == ("registered", ASKED.change, {"version": "2.0"})
    assert (failed.name, failed.content["reason"]) == ("case_ended", f"{case.case_id} ended CANCELLED: LAPSED")
    assert outcome_of(signed()) is None


def test_sc_6b_without_a_new_version_the_old_hours_go_on() -> None:
    """Sat 5 Sep 12:30 under version 1.0: the clock starts on Monday at 08:00."""
    terms = bank_draft().named("warsaw").terms_for_tickets("SLA/2026/0002", "1.0", ())

    assert terms.effective_until == date(2029, 3, 16)
    assert terms.calendar("PL-BH-8-17").due(local("2026-09-05T12:30"), timedelta(hours=4)) == local("2026-09-07T12:00")
