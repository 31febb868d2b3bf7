"""An agreement case that people play by chance on the pure machine, and the laws that hold of it whatever they do."""

from collections import Counter
from datetime import datetime, timedelta
from functools import cache
from random import Random

from domain.actors import Actor
from domain.agreement_case import AgreementCase, PipelineRequest
from domain.agreement_machine import AGREEMENT, BY_NAME, EDITS, register
from domain.case_machine import Step, advance, judge, next_instant
from domain.cases import Answer, Submission
from domain.errors import BadInput, Conflict, Forbidden
from domain.human_tasks import TaskState
from domain.lifecycle import CASE_ENDS, TRANSITIONS, AgreementState, allowed, leads_on, transition
from domain.timer_policy import TimerPolicy
from tests.domain.case_stories import CaseStory
from tests.domain.random_deeds import DUTIES, ENDING, FIELDS, PEOPLE, STRANGER

JUMPS = (timedelta(), timedelta(), timedelta(), timedelta(minutes=7), timedelta(hours=5), timedelta(days=1), timedelta(days=6))
LONG_JUMPS = (timedelta(days=15), timedelta(days=40))


@cache
def starts() -> list[AgreementCase]:
    """The bank's case at every stage of its story."""
    story = CaseStory().play("bank-agreement")
    entered = [step.case for step in story.steps if step.case.visit != step.before.visit]
    waiting = next(each for each in entered if each.state is AgreementState.FEASIBILITY)
    waiting = waiting.but(pipeline=PipelineRequest(description="shredding")).entering(AgreementState.PIPELINE_WAIT, waiting.last_at)
    return [*entered, *(3 * [AGREEMENT.stages[AgreementState.PIPELINE_WAIT](waiting, waiting.last_at)])]


IMPATIENT = TimerPolicy(rounds_before_asking=1, disagreements_before_asking=1, wait_asked=3, tell_manager_from_loop=1)
"""A policy under which what is rare happens often."""


Refusal = Conflict | BadInput | Forbidden


class Play:
    """One case, played by chance."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        self.case = self.chance.choice(starts())
        self.case = self.case.but(policy=IMPATIENT if seed % 2 else self.case.policy)
        self.now = self.case.last_at
        self.number = 0
        self.seen: Counter[str] = Counter()
        self.steps: list[Step] = []

    def wait(self) -> None:
        """Some time passes; everything due by then happens."""
        self.now += self.jump()
        self.catch_up(self.now)
        upcoming = next_instant(self.case)
        assert upcoming is None or upcoming > self.now

    def jump(self) -> timedelta:
        """How much time passes."""
        return self.chance.choice(LONG_JUMPS if self.chance.random() < 0.02 else JUMPS)

    def catch_up(self, until: datetime) -> None:
        """What time has brought by an instant happens."""
        for step in advance(AGREEMENT, self.case, until):
            self.take(step)

    def deed(self) -> None:
        """Somebody does something that may or may not be possible."""
        said = self.choose()
        heard = self.hear(said)
        if isinstance(heard, Answer) and self.chance.random() < 0.1:
            assert judge(AGREEMENT, self.case, said, self.now + timedelta(hours=1)) == (heard, [])

    def choose(self) -> Submission:
        """What somebody tries next."""
        action, by = self._duty() or self._whim()
        self.number += 1
        return Submission(key=f"k{self.number}", action={"action": action, **FIELDS[action](self.chance, self.case)}, by=by)

    def hear(self, said: Submission) -> Answer | Refusal:
        """What the machine says to a deed; one that is possible is done."""
        action = said.action["action"]
        row = transition(TRANSITIONS, self.case.state, action)
        try:
            answer, steps = judge(AGREEMENT, self.case, said, self.now)
        except (Conflict, BadInput, Forbidden) as refused:
            self._refused(action, refused)
            return refused
        assert row is not None
        assert row.roles & set(said.by.roles)
        assert said.by is not STRANGER
        [step] = steps
        self.take(step)
        return answer

    def _duty(self) -> tuple[str, Actor] | None:
        """Half of the time, somebody who is waited for does what they are waited for."""
        if not self.case.open_tasks or self.chance.random() < 0.5:
            return None
        task = self.chance.choice(self.case.open_tasks)
        action = self.chance.choice(DUTIES[task.kind])
        if action == "compile_draft" and self.case.receipts and len(self.case.receipts) == len(self.case.reviewers):
            action = "freeze_draft"
        row = transition(TRANSITIONS, self.case.state, action)
        roles = {task.role} if row is None or task.role in row.roles else row.roles
        fit = [each for each in PEOPLE[:-1] if roles & set(each.roles) and task.person in {None, each.person}]
        return action, self.chance.choice(fit)

    def _whim(self) -> tuple[str, Actor]:
        """Else anybody does anything, more often what is possible by those who may."""
        action = self.chance.choice(sorted(BY_NAME))
        names = allowed(TRANSITIONS, self.case.state)
        if names and self.chance.random() < 0.7:
            milder = [name for name in names if name not in ENDING]
            action = self.chance.choice(milder if self.chance.random() < 0.9 else names)
        row = transition(TRANSITIONS, self.case.state, action)
        fit = [each for each in PEOPLE if row is not None and row.roles & set(each.roles)]
        return action, self.chance.choice(fit if fit and self.chance.random() < 0.9 else PEOPLE)

    def _refused(self, action: str, refused: Refusal) -> None:
        names = allowed(TRANSITIONS, self.case.state)
        is_not_now = refused.code == "INVALID_TRANSITION" or (refused.code == "ISSUED_IMMUTABLE" and action in EDITS)
        assert is_not_now is (action not in names)
        if isinstance(refused, Conflict) and is_not_now:
            assert refused.allowed == names
        self.seen[refused.code] += 1

    def take(self, step: Step) -> None:
        """Go on from a step that keeps the laws."""
        check_step(self.case, step, self.now)
        self.case = step.case
        check_case(self.case)
        self.steps.append(step)
        self.seen[step.action] += 1

    def finish(self) -> None:
        """With the last signature the registry takes it."""
        if self.case.state is AgreementState.SIGNING and self.case.all_signed:
            self.take(register(self.case, ["SLA/2026/0001"], self.now))


def check_step(case: AgreementCase, step: Step, now: datetime) -> None:
    assert step.before == case
    assert case.last_at <= step.case.last_at <= now
    assert step.case.revision == case.revision + 1
    assert case.state not in CASE_ENDS
    if step.action == "nudge":
        assert (step.case.state, step.case.visit) == (case.state, case.visit)
        assert step.told
        return
    row = transition(TRANSITIONS, case.state, step.action)
    assert row is not None
    assert step.case.state in row.to
    assert bool(row.roles) is (step.act is not None)
    assert [each for each in case.tasks if not each.is_open] == [
        after for each, after in zip(case.tasks, step.case.tasks, strict=False) if not each.is_open
    ]


def check_case(case: AgreementCase) -> None:
    """The invariants of a case, in every state."""
    if case.state in CASE_ENDS:
        assert (case.open_tasks, case.deadlines) == ((), ())
        assert leads_on(TRANSITIONS, case.state) == frozenset()
    elif not (case.state is AgreementState.SIGNING and case.all_signed):
        assert case.open_tasks or case.deadlines
    assert bool(case.registry_nos) is (case.state is AgreementState.REGISTERED)
    check_review(case)
    check_tasks(case)


def check_review(case: AgreementCase) -> None:
    assert {each.document_hash for each in case.approvals} <= {case.frozen_hash}
    assert case.frozen_hash is None or case.frozen_hash == case.draft_hash
    if case.state in {AgreementState.FINAL_REVIEW, AgreementState.SIGNING}:
        assert case.frozen_hash is not None
    if case.state in {AgreementState.SIGNING, AgreementState.REGISTERED}:
        assert {each.reviewer for each in case.approvals} == {each.name for each in case.reviewers}
    else:
        assert case.signatures == ()
    assert {each.document_hash for each in case.signatures} <= {case.frozen_hash}
    assert len({each.person for each in case.signatures}) == len(case.signatures)


def check_tasks(case: AgreementCase) -> None:
    assert len({each.task for each in case.tasks}) == len(case.tasks)
    for task in case.tasks:
        assert task.is_open is (task.closed_at is None)
        assert task.is_open or task.nudges == ()
        assert (task.decided_by is not None) is (task.state is TaskState.DECIDED)
        assert [each.at for each in task.nudges] == sorted(each.at for each in task.nudges)
