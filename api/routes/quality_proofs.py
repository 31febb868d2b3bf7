"""Proofs of quality as the provider's people draft, approve and withdraw them."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import Row

from api.dependencies import Parts, TheParts
from api.people import TheInsider
from api.proof_desk import APPROVE, DECIDING, ProofDraft
from api.routes.case_decisions import IdempotencyKey
from api.routes.cases import proofs_offered, the_case
from domain.agreement_case import AgreementCase
from domain.errors import Forbidden, NotFound
from domain.follow_ups.follow_up import Reason
from domain.people import Role
from domain.proof_months import MonthName, ProofAsked
from domain.quality_proofs import ProofContent, ProofState

router = APIRouter(tags=["quality proofs"])


class ProofBody(BaseModel):
    """Which service, and from which month to which, both included; the rules say which months may be asked for."""

    model_config = ConfigDict(extra="forbid")

    service: Annotated[str, Field(min_length=1, max_length=100, description="as the catalogue calls it")]
    first_month: Annotated[MonthName, Field(alias="from", description="the first month, such as 2026-01")]
    last_month: Annotated[MonthName, Field(alias="to", description="the last month")]
    leave_out: Annotated[
        tuple[Annotated[str, Field(max_length=200)], ...],
        Field(max_length=20, description="months, agreements or customers somebody would leave out: always refused, CHERRY_PICKING"),
    ] = ()


class ApprovalBody(BaseModel):
    """The hash of the content that was read."""

    hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class WithdrawalBody(BaseModel):
    """Why; of a published proof everybody reads it."""

    reason: Reason


class OfferBody(BaseModel):
    """The agreement case in whose offer it is to stand."""

    case_id: Annotated[str, Field(max_length=100)]


class OfferedView(BaseModel):
    """The proofs in the offer of a case, by their public pages."""

    case_id: str
    proofs: list[str]


class ProofDecisionView(BaseModel):
    """Who drafted, approved or withdrew a proof."""

    action: str
    role: str
    person: str
    reason: str | None
    at: AwareDatetime

    @classmethod
    def of(cls, row: Row[Any]) -> "ProofDecisionView":
        """A decision as it is shown."""
        return cls(**{name: getattr(row, name) for name in cls.model_fields})


class ListedProofView(BaseModel):
    """A proof in a list; `waits_for` are the sides that have not approved."""

    proof: str
    service: str
    first_month: str
    last_month: str
    state: ProofState
    hash: str
    attainment: str
    made_at: AwareDatetime
    published_at: AwareDatetime | None
    waits_for: list[str]
    decisions: list[ProofDecisionView]
    address: Annotated[str | None, Field(description="its public page, once it is published")]

    @classmethod
    def fields(cls, row: Row[Any], decisions: Sequence[Row[Any]], links_to: str) -> dict[str, Any]:
        """The fields of a row and its decisions."""
        given = {each.role for each in decisions if each.action == APPROVE}
        is_draft = row.state == ProofState.DRAFT.value
        waits = {"SLM_MANAGER": Role.SLM_MANAGER.value in given, "CRM": bool(given - {Role.SLM_MANAGER.value})}
        return {
            **{name: getattr(row, name) for name in ("proof", "service", "first_month", "last_month", "state", "made_at", "published_at")},
            "hash": row.digest,
            "attainment": row.content["total"]["attainment"],
            "waits_for": [side for side, has in waits.items() if is_draft and not has],
            "decisions": [ProofDecisionView.of(each) for each in decisions],
            "address": f"{links_to}/proofs/{row.proof}" if row.published_at is not None else None,
        }


class ProofView(ListedProofView):
    """A proof whole; `changed_since` is the code that says why the same could not be made today, where its figures changed."""

    content: ProofContent
    changed_since: str | None


@router.post("/quality-proofs", status_code=201)
async def draft_proof(body: ProofBody, parts: TheParts, someone: TheInsider, idempotency_key: IdempotencyKey) -> ProofView:
    """Draft a proof from the closed months of every agreement that promises the service; the same key does it once."""
    if not someone.has(Role.SLM_MANAGER):
        raise Forbidden("the SLM manager drafts proofs of quality")
    months = ProofAsked(body.first_month, body.last_month, body.leave_out)
    draft = ProofDraft(body.service, months, someone.actor.person, idempotency_key)
    return await _view(parts, await parts.proof_desk.draft(draft, someone.catalogue), someone)


@router.get("/quality-proofs")
async def list_proofs(
    parts: TheParts,
    _: TheInsider,
    service: Annotated[str | None, Query(max_length=100, description="left out: of all")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> list[ListedProofView]:
    """Drafts, published and withdrawn proofs, newest first."""
    async with parts.database.reading() as connection:
        rows = await parts.proofs.newest(connection, service, limit)
        decisions = await parts.proofs.decisions_on(connection, [row.proof for row in rows])
    return [ListedProofView(**ListedProofView.fields(row, decisions[row.proof], parts.settings.links_to)) for row in rows]


@router.get("/quality-proofs/{proof}")
async def show_proof(proof: str, parts: TheParts, someone: TheInsider) -> ProofView:
    """A proof as it is to be approved or was published, and whether its figures are still what they were."""
    async with parts.database.reading() as connection:
        row = await parts.proofs.proof(connection, proof)
    if row is None:
        raise NotFound(f"there is no proof {proof}")
    return await _view(parts, row, someone)


@router.post("/quality-proofs/{proof}/approve")
async def approve_proof(proof: str, body: ApprovalBody, parts: TheParts, someone: TheInsider) -> ProofView:
    """Approve it for the SLM manager's side or the CRM's; with both it is published, signed, and never changes."""
    _refuse_others(someone)
    return await _view(parts, await parts.proof_desk.approve(proof, body.hash, someone), someone)


@router.post("/quality-proofs/{proof}/withdraw")
async def withdraw_proof(proof: str, body: WithdrawalBody, parts: TheParts, someone: TheInsider) -> ProofView:
    """Take it back for good; where it was published, its page says so and why."""
    _refuse_others(someone)
    return await _view(parts, await parts.proof_desk.withdraw(proof, body.reason, someone), someone)


@router.post("/quality-proofs/{proof}/offer")
async def offer_proof(proof: str, body: OfferBody, parts: TheParts, someone: TheInsider) -> OfferedView:
    """Add it to the offer of an agreement case about the service; the customer reads it with the offer (R-153)."""
    _refuse_others(someone)
    row = await the_case(body.case_id, parts, someone)
    if row.kind != "AGREEMENT":
        raise NotFound(f"there is no offer in {body.case_id}")
    await parts.proof_desk.offer(proof, AgreementCase.model_validate(row.document), someone)
    return OfferedView(case_id=row.case_id, proofs=await proofs_offered(row, parts))


def _refuse_others(someone: TheInsider) -> None:
    if not someone.has(*DECIDING):
        raise Forbidden("the SLM manager and the CRM decide on proofs of quality")


async def _view(parts: Parts, row: Row[Any], someone: TheInsider) -> ProofView:
    async with parts.database.reading() as connection:
        decisions = (await parts.proofs.decisions_on(connection, [row.proof]))[row.proof]
    fields = ListedProofView.fields(row, decisions, parts.settings.links_to)
    changed = await parts.proof_desk.changed_since(row.proof, someone.catalogue)
    return ProofView(
        **fields, content=ProofContent.model_validate(row.content), changed_since=changed.code if changed is not None else None
    )
