"""An agreement on its way from the customer's wish to the registry: what the case holds."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import AwareDatetime, Field

from domain.agreement_parts import Text
from domain.cases import Case, Listing
from domain.documents import FinalDraft, hash_of
from domain.findings import AlignmentReport
from domain.human_tasks import Assignment
from domain.lifecycle import AgreementState
from domain.people import Role, Side
from domain.pricing import PriceProposal
from domain.requirements import Consultation, FeasibilityDecision, RequirementsDocument, RequirementsStatement
from domain.values import Message


class AgreementRequest(Message):
    """What the CRM asked for."""

    crm_source: str
    crm_event_id: str
    crm_case: str
    provider: str
    customer: str
    is_internal: bool = False
    customer_has_legal: bool = False
    services: tuple[str, ...]
    consults: Annotated[Mapping[str, tuple[str, ...]], Field(description="processes to ask about on-site work, by service")] = {}
    wish: str = ""
    fault: Annotated[str | None, Field(description="why it cannot be taken up")] = None
    amends: Annotated[str | None, Field(description="the registered agreement that is renegotiated")] = None
    amends_case: Annotated[str | None, Field(description="the case that made what is in force")] = None
    change: Annotated[str | None, Field(description="the change that asks for it")] = None


class Amended(Message):
    """A registered version of a document that a renegotiation may replace."""

    registry_no: str
    version: str
    document_hash: str
    effective_from: date


class Contact(Message):
    """That the agent spoke with the customer."""

    at: AwareDatetime
    channel: str
    persons: tuple[str, ...]
    note: str
    refuses_alternatives: bool = False


class PipelineRequest(Message):
    """A service that has to be developed first."""

    description: str
    accepted: bool = False
    ready_on: str | None = None


class NegotiationRound(Message):
    """One exchange about price and level."""

    number: int
    price: Decimal
    offered_at: AwareDatetime
    counter: Decimal | None = None
    comment: str | None = None
    ended: str | None = None


class Acceptance(Message):
    """Which option set a side accepted."""

    side: Side
    by: str
    on_behalf_of: str | None = None
    options: tuple[str, ...]
    at: AwareDatetime


class Comment(Message):
    """A remark on the final version; settled when the SLA team answered it and its author agreed."""

    comment: str
    by: str
    written_by: str
    role: Role
    kind: str
    text: str
    resolution: str | None = None
    is_settled: bool = False


class Reviewer(Message):
    """A party to the final version: a role, or one person in it."""

    role: Role
    side: Side = Side.PROVIDER
    party: str | None = None
    person: str | None = None

    @property
    def name(self) -> str:
        """How the party is named in receipts and decisions."""
        return self.person or self.role.value

    @property
    def assignment(self) -> Assignment:
        """Whom its tasks are for."""
        return Assignment(self.role, self.side, self.party, self.person)


class ReviewDecision(Message):
    """What a party decided on a frozen draft; void as soon as there is another."""

    reviewer: str
    by: str
    on_behalf_of: str | None = None
    document_hash: str
    approved: bool
    is_void: bool = False
    at: AwareDatetime


class Signature(Message):
    """One signature under the issued hash: whose, and who gave it."""

    person: str
    by: str
    side: Side
    method: str
    document_hash: str
    on_behalf_of: str | None = None
    scan: str | None = None
    at: AwareDatetime


class Support(Message):
    """An OLA or UC as it stood when it was linked: its content, and whether it is agreed."""

    support: str
    document: Mapping[str, object]
    state: str
    registry_no: str | None = None


class AgreementCase(Case):
    """One run of the life cycle up to registration; it may end in several documents."""

    state: AgreementState = AgreementState.REQUESTED
    request: AgreementRequest
    nominations: Mapping[str, str] = {}
    disagreements: int = 0
    agent: str | None = None
    contacts: tuple[Contact, ...] = ()
    requirements: RequirementsDocument | None = None
    requirements_version: int = 0
    statement: RequirementsStatement | None = None
    statement_version: int = 0
    loop_count: int = 0
    feasibility: Mapping[str, FeasibilityDecision] = {}
    consultations: tuple[Consultation, ...] = ()
    decline_agreed_by: Mapping[str, str] = {}
    pipeline: PipelineRequest | None = None
    proposal: PriceProposal | None = None
    exception_hash: Annotated[str | None, Field(description="the proposal the finance director allowed below the floor")] = None
    price_approved_by: str | None = None
    rounds: tuple[NegotiationRound, ...] = ()
    expiries: int = 0
    continued: frozenset[str] = frozenset()
    offer_until: Annotated[AwareDatetime | None, Field(description="end of the offer; none before the proposal is approved")] = None
    acceptances: tuple[Acceptance, ...] = ()
    supports: Mapping[str, Support] = {}
    alignment: tuple[AlignmentReport, ...] = ()
    draft: FinalDraft | None = None
    draft_version: int = 0
    compiled_hash: str | None = None
    draft_faults: tuple[str, ...] = ()
    compiled_by: str | None = None
    reviewers: tuple[Reviewer, ...] = ()
    receipts: Mapping[str, AwareDatetime] = {}
    comments: tuple[Comment, ...] = ()
    frozen_hash: str | None = None
    decisions: tuple[ReviewDecision, ...] = ()
    extended: bool = False
    issued_at: AwareDatetime | None = None
    signatures: tuple[Signature, ...] = ()
    registry_nos: tuple[str, ...] = ()
    amends: Annotated[Mapping[str, Amended], Field(description="what is in force, by document, where it is renegotiated")] = {}

    @property
    def listing(self) -> Listing:
        """How lists show it."""
        return Listing("AGREEMENT", self.request.customer, None, self.agent, self.registry_nos, self.request.crm_case, self.request.amends)

    # ---- who is asked -----------------------------------------------------------------------------------------------

    @property
    def customer_rep(self) -> Assignment:
        """The customer's representative."""
        return Assignment(Role.CUSTOMER_REP, Side.CUSTOMER, self.request.customer)

    @property
    def requirements_agent(self) -> Assignment:
        """The agent of the case."""
        return Assignment(Role.REQUIREMENTS_AGENT, person=self.agent)

    def staff(self, role: Role) -> Assignment:
        """One of the provider's roles."""
        return Assignment(role)

    # ---- hashes -----------------------------------------------------------------------------------------------------

    @property
    def statement_hash(self) -> str | None:
        """What the customer approves: the statement and the requirements document, together."""
        if self.statement is None or self.requirements is None:
            return None
        return f"{hash_of(self.statement)[:32]}{hash_of(self.requirements)[:32]}"

    @property
    def proposal_hash(self) -> str | None:
        """What the pricing approver approves."""
        return hash_of(self.proposal) if self.proposal is not None else None

    @property
    def draft_hash(self) -> str | None:
        """What reviewers and signatories decide on."""
        return hash_of(self.draft) if self.draft is not None else None

    @property
    def required_signatories(self) -> tuple[tuple[str, Side], ...]:
        """Everybody who must sign, each once, over all documents."""
        if self.draft is None:
            return ()
        provider = [(name, Side.PROVIDER) for each in self.draft.documents for name in each.provider.signatories]
        customer = [(name, Side.CUSTOMER) for each in self.draft.documents for name in each.customer.signatories]
        return tuple(dict.fromkeys((*provider, *customer)))

    @property
    def approvals(self) -> tuple[ReviewDecision, ...]:
        """Approvals that count: on the frozen hash, not void."""
        return tuple(each for each in self.decisions if each.approved and not each.is_void and each.document_hash == self.frozen_hash)

    @property
    def all_signed(self) -> bool:
        """Has everybody signed who must?"""
        required = {person for person, _ in self.required_signatories}
        return bool(required) and required <= {each.person for each in self.signatures}


JustifiedReason = Annotated[Text, Field(min_length=10, description="why, in ten characters or more")]
"""A reason that others can act on (T24)."""
