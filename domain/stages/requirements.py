"""Capturing what the customer needs, and its approval of the final statement."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from domain.actors import Act
from domain.agreement_case import AgreementCase, Contact
from domain.agreement_parts import Text
from domain.cases import Action
from domain.errors import BadInput, Conflict
from domain.human_tasks import TaskState
from domain.lifecycle import AgreementState
from domain.requirements import RequirementsDocument
from domain.stages.hashes import Hash, check_hash


class LogContact(Action):
    """The agent spoke with the customer."""

    action: Literal["log_contact"] = "log_contact"
    at: AwareDatetime | None = None
    channel: Annotated[str, Field(min_length=1, max_length=60, description="call, meeting, mail")]
    persons: Annotated[tuple[Annotated[str, Field(min_length=1, max_length=200)], ...], Field(min_length=1)]
    note: Text
    refuses_alternatives: bool = False


class SetRequirements(Action):
    """The agent writes down what the customer needs."""

    action: Literal["set_requirements"] = "set_requirements"
    requirements: RequirementsDocument


class RequirementsComplete(Action):
    """The agent declares the set complete."""

    action: Literal["requirements_complete"] = "requirements_complete"


class ApproveRequirements(Action):
    """The customer approves the final statement."""

    action: Literal["approve_requirements"] = "approve_requirements"
    document_hash: Hash


class RejectRequirements(Action):
    """The customer sends it back."""

    action: Literal["reject_requirements"] = "reject_requirements"
    document_hash: Hash
    reason: Text


def enter(case: AgreementCase, at: datetime) -> AgreementCase:
    """The agent contacts the customer, if that has not happened yet, and captures the needs."""
    if case.statement is not None:  # what was sent keeps its version; from here on it is another
        case = case.but(requirements_version=case.statement_version + 1)
    if not case.contacts:
        case = case.asking("CONTACT_CUSTOMER", at, case.requirements_agent)
    return case.asking("CAPTURE_REQUIREMENTS", at, case.requirements_agent)


def log_contact(case: AgreementCase, action: LogContact, act: Act) -> AgreementCase:
    """Keep when, how and with whom the agent spoke."""
    at = action.at or act.at
    if at > act.at:
        raise BadInput("at: a contact is logged after it was made")
    contact = Contact(
        at=at, channel=action.channel, persons=action.persons, note=action.note, refuses_alternatives=action.refuses_alternatives
    )
    return case.done("CONTACT_CUSTOMER", act).but(contacts=(*case.contacts, contact))


def set_requirements(case: AgreementCase, action: SetRequirements, act: Act) -> AgreementCase:
    """The set as it stands; what was decided about a requirement that changed has to be decided anew."""
    del act
    before = {each.requirement: each for each in case.requirements.requirements} if case.requirements is not None else {}
    same = {each.requirement for each in action.requirements.requirements if before.get(each.requirement) == each}
    kept = {name: decision for name, decision in case.feasibility.items() if name in same}
    return case.but(requirements=action.requirements, requirements_version=case.statement_version + 1, feasibility=kept)


def requirements_complete(case: AgreementCase, action: RequirementsComplete, act: Act) -> AgreementCase:
    """On to feasibility, once the customer was spoken with and every topic is answered."""
    del action
    if not case.contacts:
        raise Conflict("NO_CUSTOMER_CONTACT", "no contact with the customer is logged")
    if case.requirements is None:
        raise Conflict("NO_REQUIREMENTS", "no requirement is written down")
    if case.requirements.open_topics:
        raise Conflict("TOPICS_OPEN", f"not answered, nor marked as not applicable: {', '.join(case.requirements.open_topics)}")
    return case.done("CAPTURE_REQUIREMENTS", act).entering(AgreementState.FEASIBILITY, act.at)


def enter_approval(case: AgreementCase, at: datetime) -> AgreementCase:
    """The customer decides; silence lapses, it never consents."""
    case = case.asking("APPROVE_REQUIREMENTS", at, case.customer_rep)
    return case.until("lapse", case.business_days_after(at, case.policy.approval_lapse))


def approve_requirements(case: AgreementCase, action: ApproveRequirements, act: Act) -> AgreementCase:
    """The statement is fixed."""
    check_hash(action.document_hash, case.statement_hash)
    return case.done("APPROVE_REQUIREMENTS", act).entering(AgreementState.PRICING, act.at)


def reject_requirements(case: AgreementCase, action: RejectRequirements, act: Act) -> AgreementCase:
    """Back to the agent, with the reason; the SLM manager hears of the third time."""
    check_hash(action.document_hash, case.statement_hash)
    case = case.done("APPROVE_REQUIREMENTS", act).entering(AgreementState.REQUIREMENTS, act.at, action.reason)
    case = case.but(loop_count=case.loop_count + 1)
    if case.loop_count >= case.policy.tell_manager_from_loop:
        body = f"The customer rejected the requirements {case.loop_count} times; last reason: {action.reason}"
        case = case.telling(
            "SLM_MANAGER",
            subject="Requirements go round in circles",
            body=body,
            phrase="rejected_again",
            count=case.loop_count,
            reason=action.reason,
        )
    return case


def lapse(case: AgreementCase, at: datetime) -> AgreementCase:
    """Nobody decided in time: the case ends."""
    return case.voiding(at, state=TaskState.LAPSED).entering(AgreementState.CANCELLED, at, "LAPSED")
