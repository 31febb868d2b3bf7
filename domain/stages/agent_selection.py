"""Choosing the requirements agent: the SLA team and CRM staff name the same person."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from domain.actors import Act
from domain.agreement_case import AgreementCase
from domain.cases import Action
from domain.errors import BadInput, Conflict
from domain.lifecycle import AgreementState
from domain.people import Key, Role
from domain.values import Document


class Candidate(Document):
    """A person named as agent, as the directory knows them."""

    person: Key
    is_agent: bool
    services: tuple[str, ...] = ()
    open_cases: Annotated[int, Field(ge=0)] = 0


class NominateAgent(Action):
    """The SLA team names the requirements agent."""

    action: Literal["nominate_agent"] = "nominate_agent"
    agent: Candidate


class ConfirmAgent(Action):
    """CRM staff names the requirements agent."""

    action: Literal["confirm_agent"] = "confirm_agent"
    agent: Candidate


class AppointAgent(Action):
    """The SLM manager decides where the two could not agree."""

    action: Literal["appoint_agent"] = "appoint_agent"
    agent: Candidate


def enter(case: AgreementCase, at: datetime) -> AgreementCase:
    """Ask both."""
    return case.asking("NOMINATE_AGENT", at, case.staff(Role.SLA_TEAM)).asking("CONFIRM_AGENT", at, case.staff(Role.CRM_STAFF))


def name_agent(case: AgreementCase, action: NominateAgent | ConfirmAgent, act: Act) -> AgreementCase:
    """One side's choice; the same from both assigns the agent, different ones ask both again, and in the end the SLM manager."""
    kind = "NOMINATE_AGENT" if isinstance(action, NominateAgent) else "CONFIRM_AGENT"
    if kind in case.nominations:
        raise Conflict("ALREADY_DECIDED", f"{case.nominations[kind]} was named; the other side is asked now")
    _check(case, action.agent)
    case = case.done(kind, act).but(nominations=dict(case.nominations) | {kind: action.agent.person})
    if len(case.nominations) < 2:
        return case
    if len(set(case.nominations.values())) == 1:
        return _assigned(case, action.agent.person, act)
    named = sorted(case.nominations.values())
    names = " and ".join(named)
    case = case.but(nominations={}, disagreements=case.disagreements + 1)
    body = f"{names} were named as agent; please name one person."
    case = case.telling("SLA_TEAM", "CRM_STAFF", subject="The names differ", body=body, phrase="names_differ", names=", ".join(named))
    if case.disagreements >= case.policy.disagreements_before_asking:
        case = case.asking("APPOINT_AGENT", act.at, case.staff(Role.SLM_MANAGER))
    return enter(case, act.at)


def appoint_agent(case: AgreementCase, action: AppointAgent, act: Act) -> AgreementCase:
    """The SLM manager's choice ends the disagreement."""
    if case.disagreements < case.policy.disagreements_before_asking:
        raise Conflict("NOT_ASKED", "the SLA team and CRM staff choose; the SLM manager is asked when they could not agree")
    _check(case, action.agent)
    return _assigned(case.done("APPOINT_AGENT", act), action.agent.person, act)


def _check(case: AgreementCase, agent: Candidate) -> None:
    missing = sorted(set(case.request.services) - set(agent.services))
    if not agent.is_agent or missing:
        lacks = f"no authority for {', '.join(missing)}" if missing else "no requirements agent"
        raise BadInput(f"agent: {agent.person} is {lacks}", "AGENT_NOT_QUALIFIED")
    if agent.open_cases >= case.policy.most_open_cases:
        raise Conflict("AGENT_OVERLOADED", f"{agent.person} has {agent.open_cases} open cases, {case.policy.most_open_cases} is the limit")


def _assigned(case: AgreementCase, person: str, act: Act) -> AgreementCase:
    case = case.entering(AgreementState.REQUIREMENTS, act.at).but(agent=person)
    return case.telling(
        "CUSTOMER_REP", subject="Your contact is named", body=f"{person} will ask you what you need.", phrase="contact_named", person=person
    )
