"""The tables of proofs of quality: what is published, and who decided on it."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, Column, Index, String
from sqlmodel import Field, SQLModel

from store.tables import Instant


class QualityProofRow(SQLModel, table=True):
    """A proof. Its content never changes; it names nobody, and neither does the rest of the row."""

    __tablename__: ClassVar[str] = "quality_proof"

    proof: str = Field(primary_key=True, max_length=40)
    service: str = Field(max_length=100)
    first_month: str = Field(max_length=7)
    last_month: str = Field(max_length=7)
    state: str = Field(max_length=20)
    digest: str = Field(max_length=64)
    content: dict[str, Any] = Field(sa_column=Column("content", JSON, nullable=False))
    made_at: datetime = Field(sa_type=Instant)
    published_at: datetime | None = Field(default=None, sa_type=Instant, nullable=True)
    signature: str | None = Field(default=None, max_length=1000, nullable=True)

    __table_args__ = (Index("ix_quality_proof_service", "service", "state", "published_at"),)


class QualityProofDecisionRow(SQLModel, table=True):
    """Who drafted, approved or withdrew a proof, in which role, and why; one decision of each kind and role."""

    __tablename__: ClassVar[str] = "quality_proof_decision"

    proof: str = Field(primary_key=True, max_length=40)
    action: str = Field(primary_key=True, max_length=20)
    role: str = Field(primary_key=True, max_length=30)
    person: str = Field(max_length=100)
    reason: str | None = Field(default=None, sa_type=String(2000), nullable=True)
    at: datetime = Field(sa_type=Instant)


class QualityProofOfferRow(SQLModel, table=True):
    """A proof that somebody added to the offer of a case."""

    __tablename__: ClassVar[str] = "quality_proof_offer"

    case_id: str = Field(primary_key=True, max_length=100)
    proof: str = Field(primary_key=True, max_length=40)
    person: str = Field(max_length=100)
    at: datetime = Field(sa_type=Instant)
