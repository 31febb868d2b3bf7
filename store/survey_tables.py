"""The table of surveys."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import Index, String
from sqlmodel import Field, SQLModel

from store.tables import Instant


class SurveyRow(SQLModel, table=True):
    """A question to one person about a ticket, once for ever, or about a quarter of an agreement; and the answer, given once."""

    __tablename__: ClassVar[str] = "survey"

    survey: str = Field(primary_key=True, max_length=40)
    registry_no: str = Field(max_length=40)
    ticket: str | None = Field(default=None, max_length=310, nullable=True)
    period: str | None = Field(default=None, max_length=10, nullable=True)
    customer: str = Field(max_length=200)
    person: str = Field(max_length=200)
    language: str = Field(max_length=2)
    asked_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    answered_at: datetime | None = Field(default=None, sa_type=Instant, nullable=True)
    score: int | None = Field(default=None, nullable=True)
    comment: str | None = Field(default=None, sa_type=String(2000), nullable=True)

    __table_args__ = (
        Index("uq_survey_ticket", "ticket", unique=True),
        Index("uq_survey_quarter", "registry_no", "period", unique=True),
        Index("ix_survey_asked", "registry_no", "asked_at"),
        Index("ix_survey_person", "customer", "asked_at"),
    )
