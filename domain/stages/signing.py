"""Signing the issued hash: every signatory of every party, then the registry."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Literal

from domain.actors import Act
from domain.agreement_case import AgreementCase, JustifiedReason, Signature
from domain.amendment import refuse_unamendable
from domain.cases import Action
from domain.errors import BadInput, Conflict, Forbidden
from domain.human_tasks import Assignment, TaskState
from domain.lifecycle import AgreementState
from domain.people import Role, Side
from domain.stages.hashes import Hash, check_hash


class SignatureMethod(StrEnum):
    """How it is signed."""

    QUALIFIED_ESIGN = "QUALIFIED_ESIGN"
    ADVANCED_ESIGN = "ADVANCED_ESIGN"
    PAPER_SCAN = "PAPER_SCAN"
    INTERNAL_SIGN_OFF = "INTERNAL_SIGN_OFF"


class Sign(Action):
    """A signatory signs the issued hash; a scan of a paper signature is stored and named by its own hash."""

    action: Literal["sign"] = "sign"
    document_hash: Hash
    method: SignatureMethod
    scan: Hash | None = None


class RefuseToSign(Action):
    """A signatory does not sign: back to the discussion."""

    action: Literal["refuse_to_sign"] = "refuse_to_sign"
    reason: JustifiedReason


def enter(case: AgreementCase, at: datetime) -> AgreementCase:
    """One task for each signatory."""
    customer = case.request.customer
    whom = [
        Assignment(Role.SIGNATORY, side, customer if side is Side.CUSTOMER else None, person) for person, side in case.required_signatories
    ]
    return case.asking("SIGN", at, *whom).until("signing_lapsed", case.days_after(at, case.policy.signing_days))


def sign(case: AgreementCase, action: Sign, act: Act) -> AgreementCase:
    """One signature; after the last one nothing lapses any more, and the registry is next."""
    check_hash(action.document_hash, case.frozen_hash)
    refuse_unamendable(case, act.at)
    person = act.entitled.person
    side = act.entitled.side
    if (person, side) not in case.required_signatories:
        raise Forbidden(f"{person} is not among those who sign: {', '.join(name for name, _ in case.required_signatories)}")
    _refuse_second_decision(case, act)
    if action.method is SignatureMethod.INTERNAL_SIGN_OFF and not case.request.is_internal:
        raise BadInput("method: INTERNAL_SIGN_OFF is for agreements between departments")
    if (action.method is SignatureMethod.PAPER_SCAN) != (action.scan is not None):
        raise BadInput("scan: a scan belongs to PAPER_SCAN, and PAPER_SCAN needs one")
    signature = Signature(
        person=person,
        by=act.by.person,
        side=side,
        method=action.method.value,
        document_hash=action.document_hash,
        on_behalf_of=act.on_behalf_of,
        scan=action.scan,
        at=act.at,
    )
    case = case.done("SIGN", act).but(signatures=(*case.signatures, signature))
    return case.but(deadlines=()) if case.all_signed else case


def refuse_to_sign(case: AgreementCase, action: RefuseToSign, act: Act) -> AgreementCase:
    """Back to the discussion; signatures given before are void."""
    refuse_when_signed(case)
    if act.entitled.person not in dict(case.required_signatories):
        raise Forbidden(f"{act.entitled.person} is not among those who sign")
    _refuse_second_decision(case, act)
    return case.done("SIGN", act).entering(AgreementState.DRAFT_DISCUSSION, act.at, action.reason)


def _refuse_second_decision(case: AgreementCase, act: Act) -> None:
    if any(each.person == act.entitled.person for each in case.signatures):
        raise Conflict("ALREADY_DECIDED", f"{act.entitled.person} has signed")


def refuse_when_signed(case: AgreementCase) -> None:
    """With the last signature the agreement is made.

    Raises:
        Conflict: ISSUED_IMMUTABLE.
    """
    if case.all_signed:
        raise Conflict("ISSUED_IMMUTABLE", "all parties have signed; the agreement is being registered")


def signing_lapsed(case: AgreementCase, at: datetime) -> AgreementCase:
    """Too late: price and level are looked at again, signatures are void."""
    case = case.voiding(at, state=TaskState.LAPSED).but(signatures=(), frozen_hash=None, issued_at=None)
    return case.entering(AgreementState.NEGOTIATION, at, "SIGNING_LAPSED")


def registered(case: AgreementCase, registry_nos: Sequence[str], at: datetime) -> AgreementCase:
    """The registry has it: the case is done."""
    case = case.entering(AgreementState.REGISTERED, at).but(registry_nos=tuple(registry_nos))
    body = f"Registered as {', '.join(registry_nos)}."
    return case.telling(
        "CUSTOMER_REP",
        "CRM_STAFF",
        "SLM_MANAGER",
        "SUPPLY_MANAGER",
        subject="The agreement is registered",
        body=body,
        phrase="registered",
        numbers=", ".join(registry_nos),
    )
