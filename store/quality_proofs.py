"""Proofs of quality and the decisions on them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.quality_proofs import ProofState
from store.database import Database
from store.quality_proof_tables import QualityProofDecisionRow, QualityProofOfferRow, QualityProofRow

_TABLES = QualityProofRow, QualityProofDecisionRow, QualityProofOfferRow
proofs, decisions, offers = (table.__table__ for table in _TABLES)  # type: ignore[union-attr]


class ProofDecision(NamedTuple):
    """Somebody drafts, approves or withdraws a proof."""

    proof: str
    action: str
    role: str
    person: str
    at: datetime
    reason: str | None = None


class QualityProofStore:
    """Reads and writes them, on the caller's transaction."""

    def __init__(self, database: Database) -> None:
        """Work on a database."""
        self._database = database

    async def add(self, connection: AsyncConnection, values: Mapping[str, Any]) -> None:
        """Write a draft down; one that is there already stays as it is."""
        await connection.execute(self._database.insert(QualityProofRow).on_conflict_do_nothing(index_elements=["proof"]), values)

    async def hold(self, connection: AsyncConnection, proof: str) -> None:
        """Let nobody else decide on a proof until the transaction ends."""
        await self._database.hold(connection, f"quality-proof:{proof}")

    async def proof(self, connection: AsyncConnection, proof: str) -> Row[Any] | None:
        """A proof by its id."""
        return (await connection.execute(select(proofs).where(proofs.c.proof == proof))).one_or_none()

    async def newest(self, connection: AsyncConnection, service: str | None, limit: int) -> Sequence[Row[Any]]:
        """Proofs in any state, newest first; of one service where it is named."""
        query = select(proofs).order_by(proofs.c.made_at.desc(), proofs.c.proof).limit(limit)
        return (await connection.execute(query if service is None else query.where(proofs.c.service == service))).all()

    async def published_of(self, connection: AsyncConnection, service: str) -> str | None:
        """The proof of a service that was published last and not withdrawn."""
        mine = proofs.c.service == service, proofs.c.state == ProofState.PUBLISHED.value
        query = select(proofs.c.proof).where(*mine).order_by(proofs.c.published_at.desc(), proofs.c.proof).limit(1)
        found: str | None = await connection.scalar(query)
        return found

    async def decide(self, connection: AsyncConnection, decision: ProofDecision) -> None:
        """Keep a decision; the same again stays as it is."""
        insert = self._database.insert(QualityProofDecisionRow)
        await connection.execute(insert.on_conflict_do_nothing(index_elements=["proof", "action", "role"]), decision._asdict())

    async def decisions_on(self, connection: AsyncConnection, ids: Sequence[str]) -> dict[str, list[Row[Any]]]:
        """The decisions on proofs, earliest first, by proof."""
        query = select(decisions).where(decisions.c.proof.in_(list(ids))).order_by(decisions.c.at, decisions.c.action)
        found: dict[str, list[Row[Any]]] = {each: [] for each in ids}
        for row in await connection.execute(query):
            found[row.proof].append(row)
        return found

    async def offer(self, connection: AsyncConnection, case_id: str, proof: str, person: str, at: datetime) -> None:
        """Add a proof to the offer of a case; once is enough."""
        insert = self._database.insert(QualityProofOfferRow).on_conflict_do_nothing(index_elements=["case_id", "proof"])
        await connection.execute(insert, {"case_id": case_id, "proof": proof, "person": person, "at": at})

    async def offered_in(self, connection: AsyncConnection, case_id: str) -> list[str]:
        """The proofs in the offer of a case, without those that were withdrawn."""
        query = select(offers.c.proof).join(proofs, proofs.c.proof == offers.c.proof)
        query = query.where(offers.c.case_id == case_id, proofs.c.state == ProofState.PUBLISHED.value)
        return list(await connection.scalars(query.order_by(offers.c.at, offers.c.proof)))

    async def note(self, connection: AsyncConnection, proof: str, **values: Any) -> None:
        """Note what became of a proof."""
        await connection.execute(update(proofs).where(proofs.c.proof == proof).values(**values))
