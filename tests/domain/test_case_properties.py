"""What holds of every agreement case, whatever people do and however time passes: thousands of deeds, right and wrong, by chance."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import cache
from random import Random
from typing import Any

import pytest

from domain.actors import Actor, actor_of
from domain.agreement_case import AgreementCase, PipelineRequest
from domain.agreement_machine import AGREEMENT, BY_NAME, register
from domain.case_machine import Step, advance, judge, next_instant
from domain.cases import Answer, Submission
from domain.documents import FinalDraft
from domain.errors import BadInput, Conflict, Forbidden
from domain.human_tasks import TaskState
from domain.lifecycle import CASE_ENDS, TRANSITIONS, AgreementState, allowed, leads_on, transition
from domain.people import Role, Side
from domain.requirements import TOPICS
from domain.timer_policy import TimerPolicy
from tests.domain.case_stories import CATALOGUE, CaseStory, candidate, linked, local, proposal, support_facts
from tests.domain.drafts import bank_draft, support, with_document, with_target

RUNS, DEEDS = 200, 40
STRANGER = Actor(person="K1", name="Karol Obcy", side=Side.CUSTOMER, party="Bank Wkra S.A.", roles=(Role.CUSTOMER_REP, Role.SIGNATORY))
PEOPLE = [*(actor_of(CATALOGUE, each.person, local("2026-01-12T09:15").date()) for each in CATALOGUE.people), STRANGER]
STALE = "0" * 64
WHY = "because it is so"
JUMPS = (timedelta(), timedelta(), timedelta(), timedelta(minutes=7), timedelta(hours=5), timedelta(days=1), timedelta(days=6))
LONG_JUMPS = (timedelta(days=15), timedelta(days=40))

WARSAW = FinalDraft(documents=bank_draft().documents[:2])
"""The bank's draft without Podlasie, whose chain takes long to check."""
DRAFTS = (
    linked(WARSAW),
    linked(WARSAW),
    linked(with_document(WARSAW, "warsaw", {"title": "Printing in Warsaw"})),
    linked(with_document(WARSAW, "warsaw", {"price": None})),
)
SUPPORTS = (support_facts(), support_facts(field_warsaw=with_target(support("field-warsaw"), limit="8h")))
PRICES = (proposal("95", "88"), proposal("90", "85"), proposal("90", "85", "12000"))

Fields = Callable[[Random, AgreementCase], dict[str, Any]]


def _hash(chance: Random, current: str | None) -> str:
    return STALE if current is None or chance.random() < 0.1 else current


def _agent(chance: Random, _: AgreementCase) -> dict[str, Any]:
    person = chance.choice(("A1", "A1", "A1", "A2", "S1"))
    known = dict(candidate(person, chance.choice((0, 4, 4, 5))))
    return {"agent": known | ({"services": ["MPS"]} if person == "A2" else {})}


def _needs(chance: Random, _: AgreementCase) -> dict[str, Any]:
    def need(name: str) -> dict[str, Any]:
        return {
            "requirement": name,
            "need": chance.choice(("MUST", "SHOULD")),
            "text": "A technician comes.",
            "service": chance.choice(("MPS", "MPS", None)),
            "metric": "response",
            "value": chance.choice((4, 8)),
            "unit": "business hours",
            "calendar": "PL-BH-8-17",
            "on_site": chance.random() < 0.5,
        }

    topics = [topic for topic in TOPICS if topic != "budget" or chance.random() < 0.8]
    return {"requirements": {"requirements": [need("r1"), need("r2")], "topics": dict.fromkeys(topics, "not applicable")}}


def _verdicts(chance: Random, case: AgreementCase) -> dict[str, Any]:
    def verdict(name: str) -> dict[str, Any]:
        if chance.random() < 0.7:
            return {"requirement": name, "verdict": "FEASIBLE", "technical": True, "commercial": True}
        alternative = chance.choice(("next day", None))
        return {"requirement": name, "verdict": "NOT_FEASIBLE", "technical": True, "commercial": False, "alternative": alternative}

    known = [each.requirement for each in case.requirements.requirements] if case.requirements is not None else ["r1"]
    return {"decisions": [verdict(name) for name in known]}


def _options(chance: Random, case: AgreementCase) -> dict[str, Any]:
    sets = (["warsaw-gold", "podlasie-nbd"], ["warsaw-gold", "podlasie-nbd"], ["warsaw-gold", "podlasie-resident"], ["warsaw-gold"])
    return {"document_hash": _hash(chance, case.proposal_hash), "options": chance.choice(sets)}


def _comment(chance: Random, case: AgreementCase) -> str:
    known = [each.comment for each in case.comments if not each.is_settled]
    return chance.choice(known) if known else "c0"


def _signature(chance: Random, case: AgreementCase) -> dict[str, Any]:
    method = chance.choice(("QUALIFIED_ESIGN", "QUALIFIED_ESIGN", "PAPER_SCAN", "INTERNAL_SIGN_OFF"))
    return {"document_hash": _hash(chance, case.frozen_hash), "method": method, "scan": STALE if method == "PAPER_SCAN" else None}


FIELDS: Mapping[str, Fields] = {
    "nominate_agent": _agent,
    "confirm_agent": _agent,
    "appoint_agent": _agent,
    "log_contact": lambda chance, _: {
        "channel": "call",
        "persons": ["B1"],
        "note": "talk",
        "refuses_alternatives": chance.random() < 0.5,
    },
    "set_requirements": _needs,
    "requirements_complete": lambda *_: {},
    "record_consultation": lambda *_: {"consultation": {"process": "FIELD_SERVICE", "asked": "?", "answer": "Yes.", "by": "O2"}},
    "decide_feasibility": _verdicts,
    "need_new_service": lambda *_: {"description": "shredding"},
    "pipeline_answered": lambda chance, _: chance.choice(
        [{"accepted": True, "ready_on": "2026-06-01"}, {"accepted": False, "reason": WHY}, {"accepted": False}]
    ),
    "pipeline_ready": lambda *_: {"service": "SHRED"},
    "answer_waiting": lambda chance, _: {"waits_on": chance.random() < 0.8},
    "propose_alternatives": lambda *_: {},
    "decline_not_feasible": lambda *_: {"reason": WHY},
    "feasibility_done": lambda chance, case: {"statement": {"text": "All.", "version": case.requirements_version or chance.randint(1, 2)}},
    "approve_requirements": lambda chance, case: {"document_hash": _hash(chance, case.statement_hash)},
    "reject_requirements": lambda chance, case: {"document_hash": _hash(chance, case.statement_hash), "reason": WHY},
    "set_prices": lambda chance, _: {"proposal": chance.choice(PRICES)},
    "approve_price": lambda chance, case: {"document_hash": _hash(chance, case.proposal_hash)},
    "approve_exception": lambda chance, case: {"document_hash": _hash(chance, case.proposal_hash), "reason": WHY},
    "reject_price": lambda *_: {"reason": WHY},
    "counter_offer": lambda chance, _: {"price": chance.choice(("12000", None)), "comment": "less"},
    "continue_negotiation": lambda *_: {"reason": WHY},
    "change_requirement": lambda *_: {"reason": WHY},
    "accept_offer": _options,
    "refuse_offer": lambda *_: {"reason": WHY},
    "decline_commercial": lambda *_: {"reason": WHY},
    "link_supports": lambda chance, _: {"draft": chance.choice(DRAFTS[:3]), "supports": chance.choice(SUPPORTS)},
    "unsupportable": lambda *_: {"target": "response", "achievable": "by 16:00"},
    "support_ready": lambda *_: {},
    "compile_draft": lambda chance, _: {"draft": chance.choice(DRAFTS)},
    "acknowledge_receipt": lambda chance, case: {"document_hash": _hash(chance, case.draft_hash)},
    "comment": lambda chance, case: {
        "comment": f"c{len(case.comments)}",
        "kind": chance.choice(("TEXT", "TEXT", "PRICE", "SUPPORT", "REQUIREMENT")),
        "text": WHY,
    },
    "resolve_comment": lambda chance, case: {"comment": _comment(chance, case), "resolution": WHY},
    "confirm_comment": lambda chance, case: {"comment": _comment(chance, case), "is_settled": chance.random() < 0.8},
    "comment_requires": lambda chance, case: {"comment": _comment(chance, case)},
    "freeze_draft": lambda chance, case: {"document_hash": _hash(chance, case.draft_hash)},
    "approve_draft": lambda chance, case: {"document_hash": _hash(chance, case.frozen_hash)},
    "reject_draft": lambda chance, case: {
        "document_hash": _hash(chance, case.frozen_hash),
        "reason_code": chance.choice(("TEXT", "CONTROL_LAYER", "SUPPORT", "PRICE", "REQUIREMENT_GAP")),
        "reason": WHY,
    },
    "extend_review": lambda chance, _: {"business_days": chance.randint(1, 11), "reason": WHY},
    "sign": _signature,
    "refuse_to_sign": lambda *_: {"reason": WHY},
    "withdraw": lambda *_: {"reason": WHY},
}
ENDING = frozenset({"withdraw", "refuse_offer", "decline_commercial"})
"""Deeds that would end most runs early."""


DUTIES = {
    "NOMINATE_AGENT": ("nominate_agent", "appoint_agent"),
    "CONFIRM_AGENT": ("confirm_agent",),
    "APPOINT_AGENT": ("appoint_agent",),
    "CONTACT_CUSTOMER": ("log_contact",),
    "CAPTURE_REQUIREMENTS": ("set_requirements", "requirements_complete", "requirements_complete"),
    "DECIDE_FEASIBILITY": ("record_consultation", "decide_feasibility", "feasibility_done", "feasibility_done", "need_new_service"),
    "CONFIRM_DECLINE": ("decline_not_feasible",),
    "ANSWER_PIPELINE": ("pipeline_answered",),
    "DEVELOP_SERVICE": ("pipeline_ready",),
    "ANSWER_WAITING": ("answer_waiting",),
    "APPROVE_REQUIREMENTS": ("approve_requirements",),
    "SET_PRICES": ("set_prices",),
    "APPROVE_PRICE": ("approve_price",),
    "APPROVE_EXCEPTION": ("approve_exception",),
    "ACCEPT_OFFER": ("accept_offer", "accept_offer", "accept_offer", "accept_offer", "refuse_offer"),
    "CONTINUE_NEGOTIATION": ("continue_negotiation",),
    "SET_UP_SUPPORT": ("link_supports", "support_ready"),
    "COMPILE_DRAFT": ("compile_draft", "resolve_comment"),
    "ACKNOWLEDGE_DRAFT": ("acknowledge_receipt",),
    "REVIEW_DRAFT": ("approve_draft",),
    "SIGN": ("sign",),
}
"""What each kind of task waits for."""


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


class Play:
    """One case, played by chance."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        self.case = self.chance.choice(starts())
        self.case = self.case.but(policy=IMPATIENT if seed % 2 else self.case.policy)
        self.now = self.case.last_at
        self.number = 0
        self.seen: Counter[str] = Counter()

    def wait(self) -> None:
        """Some time passes; everything due by then happens."""
        self.now += self.chance.choice(LONG_JUMPS if self.chance.random() < 0.02 else JUMPS)
        for step in advance(AGREEMENT, self.case, self.now):
            self.take(step)
        upcoming = next_instant(self.case)
        assert upcoming is None or upcoming > self.now

    def deed(self) -> None:
        """Somebody does something that may or may not be possible."""
        action, by = self._duty() or self._whim()
        row = transition(TRANSITIONS, self.case.state, action)
        self.number += 1
        said = Submission(key=f"k{self.number}", action={"action": action, **FIELDS[action](self.chance, self.case)}, by=by)
        try:
            answer, steps = judge(AGREEMENT, self.case, said, self.now)
        except (Conflict, BadInput, Forbidden) as refused:
            self._refused(action, refused)
        else:
            assert row is not None
            assert row.roles & set(by.roles)
            assert by is not STRANGER
            [step] = steps
            self.take(step)
            self._again(said, answer)

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

    def _refused(self, action: str, refused: Conflict | BadInput | Forbidden) -> None:
        names = allowed(TRANSITIONS, self.case.state)
        assert (refused.code == "INVALID_TRANSITION") is (action not in names)
        if isinstance(refused, Conflict) and refused.code == "INVALID_TRANSITION":
            assert refused.allowed == names
        self.seen[refused.code] += 1

    def _again(self, said: Submission, answer: Answer) -> None:
        if self.chance.random() < 0.1:
            assert judge(AGREEMENT, self.case, said, self.now + timedelta(hours=1)) == (answer, [])

    def take(self, step: Step) -> None:
        """Go on from a step that keeps the laws."""
        check_step(self.case, step, self.now)
        self.case = step.case
        check_case(self.case)
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


@cache
def played(seed: int) -> Play:
    play = Play(seed)
    for _ in range(DEEDS):
        play.wait()
        frozen_case, before = play.case, play.case.model_dump_json()
        play.deed()
        assert frozen_case.model_dump_json() == before
        play.finish()
        assert AgreementCase.model_validate_json(play.case.model_dump_json()) == play.case
    return play


@pytest.mark.parametrize("seed", range(RUNS))
def test_the_laws_hold_whatever_people_do(seed: int) -> None:
    play = played(seed)

    assert play.number == DEEDS


def test_chance_tries_almost_everything() -> None:
    seen = sum((played(seed).seen for seed in range(RUNS)), Counter[str]())

    assert {"INVALID_TRANSITION", "FORBIDDEN", "STALE_DOCUMENT", "BAD_INPUT", "nudge"} <= set(seen)
    assert len(set(BY_NAME) - set(seen)) <= 3


def test_every_action_people_have_is_played() -> None:
    assert set(FIELDS) == set(BY_NAME) == {each.action for each in TRANSITIONS if each.roles}
