"""Published proofs of quality, for anybody: a page, data with its signature, a file to print, and the keys that prove it."""

import asyncio
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, Field
from sqlalchemy import Row

from api.dependencies import Parts, TheParts
from api.doors import AsReader
from api.proof_desk import WITHDRAW
from api.rendered import told_as
from connectors.proof_signing import public_keys
from connectors.readable.proof import ReadProof, readable_proof
from domain.errors import Conflict, NotFound
from domain.quality_proofs import ProofContent, ProofState

router = APIRouter(tags=["proofs"], dependencies=[AsReader])

Language = Annotated[Literal["pl", "en"] | None, Query(description="left out: the browser's")]


class PublishedProof(BaseModel):
    """A published proof with its signature: a compact JWS over its id, hash and instant. Withdrawn, it has no content any more."""

    proof: str
    content: Annotated[dict[str, Any] | None, Field(description="what the hash is of, as canonical JSON (sorted keys, UTF-8, no blanks)")]
    hash: str
    published_at: AwareDatetime
    signature: str
    address: str
    key: Annotated[str, Field(description="where the public keys are")]
    withdrawn_at: AwareDatetime | None = None
    withdrawn_because: str | None = None


class KeySet(BaseModel):
    """The public keys that proofs of this installation are signed with, the newest first (RFC 7517)."""

    keys: list[dict[str, str]]


@router.get("/proofs/key.json")
async def show_keys(parts: TheParts) -> KeySet:
    """The public keys."""
    return KeySet.model_validate(public_keys(parts.settings.proof_key))


@router.get("/proofs/{proof}.json")
async def show_data(proof: str, parts: TheParts) -> PublishedProof:
    """The proof as data; `servanda proof verify` checks it."""
    return await _published(proof, parts)


@router.get("/proofs/{proof}.pdf", response_class=Response, responses={200: {"content": {"application/pdf": {}}}})
async def show_file(proof: str, parts: TheParts, request: Request, language: Language = None) -> Response:
    """The proof to print; the address of its data and its hash stand on it."""
    found = await _published(proof, parts)
    if found.content is None:
        raise Conflict("WITHDRAWN", f"{proof} was withdrawn: {found.withdrawn_because}")
    return await asyncio.to_thread(told_as, readable_proof(_read(found), _language(request, language)), "pdf", proof)


@router.get("/proofs/{proof}", response_class=Response, responses={200: {"content": {"text/html": {}}}})
async def show_page(proof: str, parts: TheParts, request: Request, language: Language = None) -> Response:
    """The proof as a page, with how it came about and how to check it."""
    found = await _published(proof, parts)
    return await asyncio.to_thread(told_as, readable_proof(_read(found), _language(request, language)), "html", proof)


async def _published(proof: str, parts: Parts) -> PublishedProof:
    async with parts.database.reading() as connection:
        row = await parts.proofs.proof(connection, proof)
        decisions = (await parts.proofs.decisions_on(connection, [proof]))[proof]
    if row is None or row.published_at is None:
        raise NotFound(f"there is no published proof {proof}")
    links_to, withdrawal = parts.settings.links_to, _withdrawal(row, decisions)
    return PublishedProof(
        proof=row.proof,
        content=row.content if withdrawal is None else None,
        hash=row.digest,
        published_at=row.published_at,
        signature=row.signature,
        address=f"{links_to}/proofs/{row.proof}",
        key=f"{links_to}/proofs/key.json",
        withdrawn_at=withdrawal.at if withdrawal is not None else None,
        withdrawn_because=withdrawal.reason if withdrawal is not None else None,
    )


def _withdrawal(row: Row[Any], decisions: list[Row[Any]]) -> Row[Any] | None:
    return next((each for each in decisions if each.action == WITHDRAW), None) if row.state == ProofState.WITHDRAWN.value else None


def _read(found: PublishedProof) -> ReadProof:
    content = ProofContent.model_validate(found.content) if found.content is not None else None
    stated = found.proof, content, found.hash, found.published_at, found.address
    return ReadProof(*stated, withdrawn_at=found.withdrawn_at, withdrawn_because=found.withdrawn_because)


def _language(request: Request, chosen: Literal["pl", "en"] | None) -> Literal["pl", "en"]:
    return chosen or ("pl" if request.headers.get("accept-language", "").lower().startswith("pl") else "en")
