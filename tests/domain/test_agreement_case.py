"""Laws of the agreement case: who decides what, in which stage, and what is refused."""

from domain.human_tasks import TaskState
from domain.lifecycle import AgreementState
from tests.domain.case_stories import CaseStory


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
