"""Waiting for a service that has to be developed first."""

from datetime import date, datetime
from typing import Literal

from domain.actors import Act
from domain.agreement_case import AgreementCase, PipelineRequest
from domain.agreement_parts import Text
from domain.cases import Action
from domain.errors import BadInput, Conflict
from domain.lifecycle import AgreementState
from domain.people import Key, Role
from domain.requirements import FeasibilityDecision, FeasibilityVerdict


class NeedNewService(Action):
    """A requirement no service of the catalogue meets."""

    action: Literal["need_new_service"] = "need_new_service"
    description: Text


class PipelineAnswered(Action):
    """Service development accepts with a date, or declines."""

    action: Literal["pipeline_answered"] = "pipeline_answered"
    accepted: bool
    ready_on: date | None = None
    reason: Text | None = None


class PipelineReady(Action):
    """The service is there."""

    action: Literal["pipeline_ready"] = "pipeline_ready"
    service: Key


class AnswerWaiting(Action):
    """The customer goes on waiting for the service, or does not."""

    action: Literal["answer_waiting"] = "answer_waiting"
    waits_on: bool


def need_new_service(case: AgreementCase, action: NeedNewService, act: Act) -> AgreementCase:
    """Ask service development."""
    if case.requirements is None or all(each.service is not None for each in case.requirements.requirements):
        raise Conflict("ALL_MATCHED", "every requirement names a service of the catalogue")
    case = case.done("DECIDE_FEASIBILITY", act).but(pipeline=PipelineRequest(description=action.description))
    return case.entering(AgreementState.PIPELINE_WAIT, act.at)


def enter(case: AgreementCase, at: datetime) -> AgreementCase:
    """Service development answers; the customer is asked from time to time whether to go on waiting."""
    case = case.asking("ANSWER_PIPELINE", at, case.staff(Role.SERVICE_DEV_OWNER))
    return case.until("waiting_asked", case.business_days_after(at, case.policy.wait_asked))


def pipeline_answered(case: AgreementCase, action: PipelineAnswered, act: Act) -> AgreementCase:
    """A date, or no."""
    assert case.pipeline is not None
    if not action.accepted:
        return _declined(case.done("ANSWER_PIPELINE", act), action, act)
    if action.ready_on is None:
        raise BadInput("ready_on: say when the service will be ready")
    pipeline = case.pipeline.model_copy(update={"accepted": True, "ready_on": action.ready_on.isoformat()})
    case = case.done("ANSWER_PIPELINE", act).but(pipeline=pipeline).asking("DEVELOP_SERVICE", act.at, case.staff(Role.SERVICE_DEV_OWNER))
    return case.telling(
        "CUSTOMER_REP",
        subject="A service is being developed for you",
        body=f"It is promised for {action.ready_on}.",
        phrase="being_developed",
        ready_on=action.ready_on.isoformat(),
    )


def _declined(case: AgreementCase, action: PipelineAnswered, act: Act) -> AgreementCase:
    if action.reason is None:
        raise BadInput("reason: say why the service will not be developed")
    assert case.requirements is not None
    decisions = {
        each.requirement: FeasibilityDecision(
            requirement=each.requirement, verdict=FeasibilityVerdict.NOT_FEASIBLE, technical=False, commercial=False, note=action.reason
        )
        for each in case.requirements.requirements
        if each.service is None
    }
    return case.but(feasibility=dict(case.feasibility) | decisions).entering(AgreementState.FEASIBILITY, act.at, "PIPELINE_DECLINED")


def pipeline_ready(case: AgreementCase, action: PipelineReady, act: Act) -> AgreementCase:
    """The service is in the catalogue: the requirements that waited for it are matched with it, and judged anew."""
    if case.pipeline is None or not case.pipeline.accepted or case.requirements is None:
        raise Conflict("NOT_ACCEPTED", "service development has not accepted the request yet")
    matched = tuple(
        each.model_copy(update={"service": action.service}) if each.service is None else each for each in case.requirements.requirements
    )
    requirements = case.requirements.model_copy(update={"requirements": matched})
    waited = {each.requirement for each in case.requirements.requirements if each.service is None}
    kept = {name: decision for name, decision in case.feasibility.items() if name not in waited}
    case = case.done("DEVELOP_SERVICE", act).but(requirements=requirements, feasibility=kept)
    return case.entering(AgreementState.FEASIBILITY, act.at, "PIPELINE_READY")


def ask_to_wait(case: AgreementCase, at: datetime) -> AgreementCase:
    """The customer has waited long: does it go on?"""
    case = case.asking("ANSWER_WAITING", at, case.customer_rep)
    return case.until("lapse", case.business_days_after(at, case.policy.wait_lapse))


def answer_waiting(case: AgreementCase, action: AnswerWaiting, act: Act) -> AgreementCase:
    """On for another stretch, or the end."""
    if not action.waits_on:
        return case.done("ANSWER_WAITING", act).entering(AgreementState.CANCELLED, act.at, "BY_CUSTOMER")
    if not case.is_asked("ANSWER_WAITING"):
        raise Conflict("NOT_ASKED", "the customer is asked when it has waited as long as agreed")
    case = case.done("ANSWER_WAITING", act).but(deadlines=())
    return case.until("waiting_asked", case.business_days_after(act.at, case.policy.wait_asked))
