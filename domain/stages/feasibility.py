"""Can it be done, and can it be sold: a verdict on every requirement, nothing promised silently."""

from datetime import datetime
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from domain.actors import Act
from domain.agreement_case import AgreementCase, JustifiedReason
from domain.cases import Action
from domain.errors import BadInput, Conflict
from domain.lifecycle import AgreementState
from domain.people import Role
from domain.requirements import Consultation, FeasibilityDecision, FeasibilityVerdict, Need, Requirement, RequirementsStatement


class RecordConsultation(Action):
    """An operational process was asked."""

    action: Literal["record_consultation"] = "record_consultation"
    consultation: Consultation


class DecideFeasibility(Action):
    """The agent's verdicts."""

    action: Literal["decide_feasibility"] = "decide_feasibility"
    decisions: Annotated[tuple[FeasibilityDecision, ...], Field(min_length=1)]


class ProposeAlternatives(Action):
    """What must be had cannot be done as asked: back to the customer with what could."""

    action: Literal["propose_alternatives"] = "propose_alternatives"


class DeclineNotFeasible(Action):
    """Agent and SLM manager decline, after the customer refused the alternatives."""

    action: Literal["decline_not_feasible"] = "decline_not_feasible"
    reason: JustifiedReason


class FeasibilityDone(Action):
    """Everything needed can be done: statement and requirements document go to the customer."""

    action: Literal["feasibility_done"] = "feasibility_done"
    statement: RequirementsStatement


class Alternative(NamedTuple):
    """What could be done instead of a requirement that must be met and cannot be: technically, commercially, or both."""

    requirement: Requirement
    technical: bool
    commercial: bool
    alternative: str


def proposed_alternatives(case: AgreementCase) -> tuple[Alternative, ...]:
    """What the customer was told could be done instead, while it is still asked, or was declined; nothing before that."""
    is_asked = case.state is AgreementState.REQUIREMENTS and case.reason == "ALTERNATIVES"
    if not is_asked and not (case.state is AgreementState.DECLINED and case.reason == "NOT_FEASIBLE"):
        return ()
    known = {each.requirement: each for each in _requirements(case)}
    return tuple(
        Alternative(known[each.requirement], bool(each.technical), bool(each.commercial), each.alternative)
        for each in _missed(case)
        if each.alternative is not None
    )


def enter(case: AgreementCase, at: datetime) -> AgreementCase:
    """The agent decides."""
    return case.asking("DECIDE_FEASIBILITY", at, case.requirements_agent).but(decline_agreed_by={})


def record_consultation(case: AgreementCase, action: RecordConsultation, act: Act) -> AgreementCase:
    """Keep what an operational process answered."""
    del act
    return case.but(consultations=(*case.consultations, action.consultation))


def decide_feasibility(case: AgreementCase, action: DecideFeasibility, act: Act) -> AgreementCase:
    """Verdicts on some requirements; later ones replace earlier ones."""
    del act
    known = {each.requirement for each in _requirements(case)}
    for decision in action.decisions:
        if decision.requirement not in known:
            raise BadInput(f"decisions: there is no requirement {decision.requirement!r}")
    return case.but(feasibility=dict(case.feasibility) | {each.requirement: each for each in action.decisions})


def propose_alternatives(case: AgreementCase, action: ProposeAlternatives, act: Act) -> AgreementCase:
    """Back to the customer with what could be done instead."""
    del action
    missed = _missed(case)
    if not missed:
        raise Conflict("ALL_FEASIBLE", "no requirement that must be met is decided as not feasible")
    if without := [each.requirement for each in missed if each.alternative is None]:
        raise Conflict("NO_ALTERNATIVE", f"no alternative is named for {', '.join(without)}")
    offered = "; ".join(f"{each.requirement}: {each.alternative}" for each in missed)
    case = case.done("DECIDE_FEASIBILITY", act).entering(AgreementState.REQUIREMENTS, act.at, "ALTERNATIVES")
    return case.telling("CUSTOMER_REP", subject="What we could do instead", body=offered, phrase="alternatives")


def decline_not_feasible(case: AgreementCase, action: DeclineNotFeasible, act: Act) -> AgreementCase:
    """Agent and SLM manager decline together, after the customer refused the alternatives."""
    if not _missed(case):
        raise Conflict("ALL_FEASIBLE", "no requirement that must be met is decided as not feasible")
    if not any(each.refuses_alternatives for each in case.contacts):
        raise Conflict("ALTERNATIVES_NOT_REFUSED", "no contact says that the customer refuses the alternatives")
    agreed = dict(case.decline_agreed_by) | {act.role.value: act.by.person}
    case = case.done("CONFIRM_DECLINE", act).but(decline_agreed_by=agreed)
    if len(agreed) == 2:
        return case.entering(AgreementState.DECLINED, act.at, "NOT_FEASIBLE").telling(
            "CUSTOMER_REP", subject="We cannot offer this", body=action.reason, phrase="cannot_offer"
        )
    other = case.staff(Role.SLM_MANAGER) if act.role is Role.REQUIREMENTS_AGENT else case.requirements_agent
    return case.asking("CONFIRM_DECLINE", act.at, other)


def feasibility_done(case: AgreementCase, action: FeasibilityDone, act: Act) -> AgreementCase:
    """Statement and requirements document, of the same version, go to the customer."""
    for requirement in _requirements(case):
        _check_decided(requirement, case.feasibility.get(requirement.requirement))
    if missing := _not_consulted(case):
        raise Conflict("NOT_CONSULTED", f"no answer is recorded from {', '.join(missing)}")
    if action.statement.version != case.requirements_version:
        message = f"statement {action.statement.version} does not belong to requirements document {case.requirements_version}"
        raise Conflict("VERSION_MISMATCH", message)
    case = case.done("DECIDE_FEASIBILITY", act).but(statement=action.statement, statement_version=case.requirements_version)
    return case.entering(AgreementState.REQUIREMENTS_APPROVAL, act.at)


def _requirements(case: AgreementCase) -> tuple[Requirement, ...]:
    return case.requirements.requirements if case.requirements is not None else ()


def _missed(case: AgreementCase) -> list[FeasibilityDecision]:
    must = {each.requirement for each in _requirements(case) if each.need is Need.MUST}
    decisions = [case.feasibility[name] for name in sorted(must & set(case.feasibility))]
    return [each for each in decisions if each.verdict is FeasibilityVerdict.NOT_FEASIBLE]


def _check_decided(requirement: Requirement, decision: FeasibilityDecision | None) -> None:
    name = requirement.requirement
    if decision is None or decision.technical is None or decision.commercial is None:
        raise Conflict("NO_VERDICT", f"{name} lacks its technical or its commercial verdict")
    if requirement.need is Need.MUST and decision.verdict is FeasibilityVerdict.NOT_FEASIBLE:
        raise Conflict("NOT_FEASIBLE", f"{name} must be met and is not feasible: propose alternatives, or decline")
    if requirement.service is None and decision.verdict is not FeasibilityVerdict.NOT_FEASIBLE:
        raise Conflict("NO_SERVICE", f"no service of the catalogue meets {name}; ask for one to be developed")


def _not_consulted(case: AgreementCase) -> list[str]:
    asked = {each.process for each in case.consultations}
    on_site = {each.service for each in _requirements(case) if each.on_site and each.service is not None}
    return sorted({process for service in on_site for process in case.request.consults.get(service, ())} - asked)
