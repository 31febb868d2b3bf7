"""Proofs of quality for the people who make them: drafts, the two approvals, withdrawals."""

from typing import Annotated, TypeVar
from urllib.parse import quote
from uuid import uuid4

from fastapi import Path, Response
from pydantic import BaseModel, ValidationError

from api.dependencies import Parts, TheParts
from api.errors import faults_of, status_of
from api.pages.page import go_to, own, page_router
from api.pages.visitors import Sent, TheForm, TheVisitor, Visitor
from api.proof_desk import DECIDING
from api.routes.quality_proofs import (
    ApprovalBody,
    OfferBody,
    ProofBody,
    WithdrawalBody,
    approve_proof,
    draft_proof,
    list_proofs,
    offer_proof,
    show_proof,
    withdraw_proof,
)
from connectors.readable.proof import ReadProof, readable_proof
from domain.errors import BadInput, Forbidden, ServandaError
from domain.people import Role

router = page_router()

SECTION = "/pages/quality-proofs"
_FIELDS = ("service", "from", "to")

Body = TypeVar("Body", bound=BaseModel)
ProofId = Annotated[str, Path(max_length=40)]


def _refuse_outsiders(visitor: Visitor) -> None:
    if not visitor.is_inside:
        raise Forbidden("proofs of quality are made by the provider's people")


@router.get(SECTION)
async def show_proofs(parts: TheParts, visitor: TheVisitor) -> Response:
    """Every proof, newest first, and the form of a draft."""
    _refuse_outsiders(visitor)
    return await _list_page(parts, visitor, dict.fromkeys(_FIELDS, ""))


@router.post(SECTION)
async def take_draft(parts: TheParts, visitor: TheVisitor, sent: TheForm) -> Response:
    """Draft a proof; a refusal stands above the form, with what was typed."""
    _refuse_outsiders(visitor)
    typed = {name: sent.text(name) for name in _FIELDS}
    try:
        made = await draft_proof(ProofBody.model_validate(typed), parts, visitor.someone, sent.text("key") or uuid4().hex)
    except ValidationError as wrong:
        return await _list_page(
            parts, visitor, typed, "; ".join(f"{each['field']}: {each['message']}" for each in faults_of(wrong.errors())), 422
        )
    except ServandaError as refusal:
        return await _list_page(parts, visitor, typed, str(refusal), status_of(refusal))
    return go_to(f"{SECTION}/{made.proof}")


async def _list_page(parts: Parts, visitor: Visitor, typed: dict[str, str], fault: str = "", status: int = 200) -> Response:
    return own(
        "quality_proofs",
        visitor,
        status,
        section=SECTION,
        found=await list_proofs(parts, visitor.someone, None, 50),
        services=visitor.someone.catalogue.services,
        typed=typed,
        fault=fault,
        may_draft=visitor.someone.has(Role.SLM_MANAGER),
    )


@router.get(f"{SECTION}/{{proof}}")
async def show_one(proof: ProofId, parts: TheParts, visitor: TheVisitor) -> Response:
    """A proof as everybody would read it, who approved it, and what may be done."""
    _refuse_outsiders(visitor)
    found, address = await show_proof(proof, parts, visitor.someone), f"{parts.settings.links_to}/proofs/{proof}"
    read = ReadProof(found.proof, found.content, found.hash, found.published_at or found.made_at, address)
    told = readable_proof(read, visitor.language)
    may_decide = visitor.someone.has(*DECIDING)
    return own(
        "quality_proof",
        visitor,
        section=SECTION,
        found=found,
        told={**told, "documents": told["documents"][:-1]},
        may_approve=may_decide and found.state == "DRAFT",
        may_withdraw=may_decide and found.state != "WITHDRAWN",
    )


@router.post(f"{SECTION}/{{proof}}/approve")
async def take_approval(proof: ProofId, parts: TheParts, visitor: TheVisitor, sent: TheForm) -> Response:
    """Approve what the page showed."""
    _refuse_outsiders(visitor)
    await approve_proof(proof, _body(ApprovalBody, sent, "hash"), parts, visitor.someone)
    return go_to(f"{SECTION}/{quote(proof)}")


@router.post(f"{SECTION}/{{proof}}/withdraw")
async def take_withdrawal(proof: ProofId, parts: TheParts, visitor: TheVisitor, sent: TheForm) -> Response:
    """Take it back, with a reason."""
    _refuse_outsiders(visitor)
    await withdraw_proof(proof, _body(WithdrawalBody, sent, "reason"), parts, visitor.someone)
    return go_to(f"{SECTION}/{quote(proof)}")


@router.post(f"{SECTION}/{{proof}}/offer")
async def take_offer(proof: ProofId, parts: TheParts, visitor: TheVisitor, sent: TheForm) -> Response:
    """Add it to the offer of the case whose page asked for it."""
    _refuse_outsiders(visitor)
    body = _body(OfferBody, sent, "case_id")
    await offer_proof(proof, body, parts, visitor.someone)
    return go_to(f"/pages/cases/{quote(body.case_id)}")


def _body(form: type[Body], sent: Sent, field: str) -> Body:
    try:
        return form.model_validate({field: sent.text(field)})
    except ValidationError as wrong:
        raise BadInput(f"{field}: {faults_of(wrong.errors())[0]['message']}") from wrong
