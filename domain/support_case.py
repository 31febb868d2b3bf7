"""An OLA or UC on its way to the registry: drafted, proposed, accepted by the team or supplier, signed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field

from domain.actors import Act
from domain.agreement_case import JustifiedReason, Signature
from domain.case_machine import Machine, Step
from domain.cases import Action, Case, Listing
from domain.consistency import faults_of
from domain.documents import AgreementDocument, FinalDraft, hash_of
from domain.errors import BadInput, Conflict, Forbidden
from domain.human_tasks import Assignment
from domain.lifecycle import Transition
from domain.people import Role, Side
from domain.stages.hashes import Hash, check_hash
from domain.stages.signing import SignatureMethod
from domain.terms import SUPPORT_KINDS, AgreementKind


class SupportState(StrEnum):
    """Where a support stands; from REGISTERED on it is an agreement like any other."""

    NEEDED = "NEEDED"
    DRAFTED = "DRAFTED"
    PROPOSED = "PROPOSED"
    ACCEPTED = "ACCEPTED"
    SIGNED = "SIGNED"
    REGISTERED = "REGISTERED"
    CANCELLED = "CANCELLED"


S = SupportState
SUPPORT_ENDS = frozenset({S.REGISTERED, S.CANCELLED})


class SupportCase(Case):
    """One run of the supply process."""

    state: SupportState = SupportState.NEEDED
    partner: str
    partner_rep: str
    supplier: str | None = None
    asked_by: str
    amends: Annotated[str | None, Field(description="the registered OLA or UC it is to be another version of")] = None
    document: AgreementDocument | None = None
    version: int = 0
    refusals: tuple[str, ...] = ()
    signatures: tuple[Signature, ...] = ()
    registry_nos: tuple[str, ...] = ()

    @property
    def document_hash(self) -> str | None:
        """What is accepted and signed."""
        return hash_of(self.document) if self.document is not None else None

    @property
    def listing(self) -> Listing:
        """How lists show it."""
        customer = self.document.customer.name if self.document is not None else ""
        return Listing("SUPPORT", customer, self.supplier, None, self.registry_nos, None)

    @property
    def required_signatories(self) -> tuple[str, ...]:
        """Everybody who must sign."""
        if self.document is None:
            return ()
        return tuple(dict.fromkeys((*self.document.provider.signatories, *self.document.customer.signatories)))

    @property
    def accepting(self) -> Assignment:
        """Who accepts: the owner of the team, or the supplier's representative."""
        if self.supplier is not None:
            return Assignment(Role.SUPPLIER_REP, Side.SUPPLIER, self.supplier, self.partner_rep)
        return Assignment(Role.TEAM_OWNER, person=self.partner_rep)


class ProposeSupport(Action):
    """The supply manager proposes an OLA to a team, or a UC to a supplier."""

    action: Literal["propose_support"] = "propose_support"
    document: AgreementDocument


class AcceptSupport(Action):
    """The team or supplier accepts it."""

    action: Literal["accept_support"] = "accept_support"
    document_hash: Hash


class RejectSupport(Action):
    """The team or supplier asks for something else."""

    action: Literal["reject_support"] = "reject_support"
    document_hash: Hash
    reason: JustifiedReason


class SignSupport(Action):
    """A signatory signs; an OLA may be signed off inside."""

    action: Literal["sign_support"] = "sign_support"
    document_hash: Hash
    method: SignatureMethod


class WithdrawSupport(Action):
    """It is not needed any longer."""

    action: Literal["withdraw_support"] = "withdraw_support"
    reason: JustifiedReason


def _row(row: str, at: SupportState, action: str, roles: Sequence[Role], *to: SupportState) -> Transition:
    return Transition(row, at, action, frozenset(roles), to)


_SUPPLY, _PARTNER = (Role.SUPPLY_MANAGER,), (Role.TEAM_OWNER, Role.SUPPLIER_REP)
_SIGNING = (Role.SIGNATORY, Role.TEAM_OWNER, Role.SUPPLY_MANAGER, Role.SUPPLIER_REP)

SUPPORT_TRANSITIONS = (
    _row("", S.NEEDED, "needed", (), S.DRAFTED),
    _row("", S.DRAFTED, "propose_support", _SUPPLY, S.PROPOSED),
    _row("", S.PROPOSED, "propose_support", _SUPPLY, S.PROPOSED),
    _row("", S.PROPOSED, "accept_support", _PARTNER, S.ACCEPTED),
    _row("", S.PROPOSED, "reject_support", _PARTNER, S.DRAFTED),
    _row("", S.ACCEPTED, "propose_support", _SUPPLY, S.PROPOSED),
    _row("", S.ACCEPTED, "sign_support", _SIGNING, S.ACCEPTED, S.SIGNED),
    _row("", S.SIGNED, "registered", (), S.REGISTERED),
    *(_row("", at, "withdraw_support", _SUPPLY, S.CANCELLED) for at in (S.DRAFTED, S.PROPOSED, S.ACCEPTED)),
)


def _drafted(case: SupportCase, at: datetime) -> SupportCase:
    return case.asking("DRAFT_SUPPORT", at, Assignment(Role.SUPPLY_MANAGER))


def _proposed(case: SupportCase, at: datetime) -> SupportCase:
    return case.asking("ACCEPT_SUPPORT", at, case.accepting)


def _accepted(case: SupportCase, at: datetime) -> SupportCase:
    assert case.document is not None
    theirs = Assignment(Role.SUPPLIER_REP, Side.SUPPLIER, case.supplier) if case.supplier is not None else Assignment(Role.TEAM_OWNER)
    partner = [theirs._replace(person=person) for person in case.document.provider.signatories]
    ours = [Assignment(Role.SIGNATORY, person=person) for person in case.document.customer.signatories]
    return case.asking("SIGN_SUPPORT", at, *partner, *ours)


def propose_support(case: SupportCase, action: ProposeSupport, act: Act) -> SupportCase:
    """A version of the document; complete, or refused with what is missing."""
    document = action.document
    if document.kind not in SUPPORT_KINDS or (document.kind is AgreementKind.UC) != (case.supplier is not None):
        raise BadInput(f"document.kind: with {case.partner} {'a UC' if case.supplier is not None else 'an OLA'} is made")
    if document.provider.name != case.partner:
        raise BadInput(f"document.provider: it is made with {case.partner}")
    if faults := faults_of(FinalDraft(documents=(document,))):
        raise BadInput("; ".join(map(str, faults)), faults[0].code)
    case = case.done("DRAFT_SUPPORT", act).but(document=document, version=case.version + 1, signatures=())
    return case.entering(S.PROPOSED, act.at)


def accept_support(case: SupportCase, action: AcceptSupport, act: Act) -> SupportCase:
    """It is agreed; now it is signed."""
    check_hash(action.document_hash, case.document_hash)
    return case.done("ACCEPT_SUPPORT", act).entering(S.ACCEPTED, act.at)


def reject_support(case: SupportCase, action: RejectSupport, act: Act) -> SupportCase:
    """Back to the supply manager, with the reason."""
    check_hash(action.document_hash, case.document_hash)
    case = case.done("ACCEPT_SUPPORT", act).but(refusals=(*case.refusals, action.reason))
    return case.entering(S.DRAFTED, act.at, action.reason)


def sign_support(case: SupportCase, action: SignSupport, act: Act) -> SupportCase:
    """One signature; the last one sends it to the registry."""
    check_hash(action.document_hash, case.document_hash)
    person = act.entitled.person
    if person not in case.required_signatories:
        raise Forbidden(f"{person} is not among those who sign: {', '.join(case.required_signatories)}")
    if any(each.person == person for each in case.signatures):
        raise Conflict("ALREADY_DECIDED", f"{person} has signed")
    if action.method is SignatureMethod.INTERNAL_SIGN_OFF and case.supplier is not None:
        raise BadInput("method: a UC is signed; INTERNAL_SIGN_OFF is for OLAs")
    signature = Signature(
        person=person,
        by=act.by.person,
        side=act.entitled.side,
        method=action.method.value,
        document_hash=action.document_hash,
        on_behalf_of=act.on_behalf_of,
        at=act.at,
    )
    case = case.done("SIGN_SUPPORT", act).but(signatures=(*case.signatures, signature))
    if set(case.required_signatories) <= {each.person for each in case.signatures}:
        return case.entering(S.SIGNED, act.at)
    return case


def withdraw_support(case: SupportCase, action: WithdrawSupport, act: Act) -> SupportCase:
    """The supply process ends without an agreement."""
    return case.entering(S.CANCELLED, act.at, action.reason)


SUPPORT_ACTIONS: Mapping[type[Action], Any] = {
    ProposeSupport: propose_support,
    AcceptSupport: accept_support,
    RejectSupport: reject_support,
    SignSupport: sign_support,
    WithdrawSupport: withdraw_support,
}
SUPPORT_BY_NAME = {str(action.model_fields["action"].default): action for action in SUPPORT_ACTIONS}


def _parse(value: Any) -> Action:
    name = value.get("action") if isinstance(value, Mapping) else None
    if not isinstance(name, str) or name not in SUPPORT_BY_NAME:
        raise BadInput(f"action: there is no {name!r}")
    return SUPPORT_BY_NAME[name].model_validate(value)


def _may_act(case: SupportCase, action: Action, act: Act) -> None:
    who = act.entitled
    if who.side is Side.SUPPLIER and who.party != case.supplier:
        raise Forbidden(f"{who.person} acts for another supplier")
    if action.action in {"accept_support", "reject_support"} and who.person != case.partner_rep:
        raise Forbidden(f"{case.partner_rep} decides for {case.partner}")


SUPPORT = Machine(
    table=SUPPORT_TRANSITIONS,
    parse=_parse,
    handlers={name: SUPPORT_ACTIONS[action] for name, action in SUPPORT_BY_NAME.items()},
    stages={S.DRAFTED: _drafted, S.PROPOSED: _proposed, S.ACCEPTED: _accepted},
    deadlines={},
    may_act=_may_act,
)


def need(case: SupportCase) -> Step:
    """The supply manager needs a support: it is to be drafted."""
    at = case.entered_at
    after = _drafted(case.entering(S.DRAFTED, at), at)
    return Step(after.but(revision=case.revision + 1), "needed", case, at)


def register_support(case: SupportCase, registry_nos: Sequence[str], at: datetime) -> Step:
    """The registry has it."""
    after = case.entering(S.REGISTERED, at).but(registry_nos=tuple(registry_nos))
    after = after.telling(
        "SUPPLY_MANAGER",
        case.partner_rep,
        subject=f"{registry_nos[0]} is registered",
        body=f"With {case.partner}.",
        phrase="support_registered",
        number=registry_nos[0],
        partner=case.partner,
    )
    return Step(after.but(revision=case.revision + 1, last_at=at), "registered", case, at)
