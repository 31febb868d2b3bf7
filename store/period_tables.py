"""The tables of periods: what was measured, and what they came to."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, Column, Index
from sqlmodel import Field, SQLModel

from store.tables import ROW_ID, Instant


class MeasurementRow(SQLModel, table=True):
    """A stretch of time of an availability target, as a source measured or reported it. Written once."""

    __tablename__: ClassVar[str] = "measurement"

    id: int | None = Field(default=None, sa_column=Column(ROW_ID, primary_key=True, autoincrement=True))
    registry_no: str = Field(max_length=40)
    target: str = Field(max_length=100)
    source: str = Field(max_length=200)
    name: str = Field(max_length=200)
    kind: str = Field(max_length=20)
    starts_at: datetime = Field(sa_type=Instant)
    ends_at: datetime = Field(sa_type=Instant)
    note: str = Field(max_length=500)
    reported_by: str = Field(max_length=100)
    received_at: datetime = Field(sa_type=Instant)

    __table_args__ = (
        Index("uq_measurement", "source", "name", unique=True),
        # What reaches into a period is read from this index alone.
        Index("ix_measurement_target", "registry_no", "target", "ends_at", "starts_at", "kind"),
    )


class PeriodResultRow(SQLModel, table=True):
    """A version of what an agreement came to in a closed period. Written once; late facts make another version."""

    __tablename__: ClassVar[str] = "period_result"

    registry_no: str = Field(primary_key=True, max_length=40)
    period: str = Field(primary_key=True, max_length=30)
    version: int = Field(primary_key=True)
    digest: str = Field(max_length=64)
    content: dict[str, Any] = Field(sa_column=Column("content", JSON, nullable=False))
    closed_by: str = Field(max_length=100)
    closed_at: datetime = Field(sa_type=Instant)

    # Which agreement has news is read from this index alone.
    __table_args__ = (Index("ix_period_closed", "closed_at", "registry_no"),)


class DutyRow(SQLModel, table=True):
    """An obligation that was kept or missed once, and whose duty it was then. Written once."""

    __tablename__: ClassVar[str] = "duty"

    id: int | None = Field(default=None, sa_column=Column(ROW_ID, primary_key=True, autoincrement=True))
    registry_no: str = Field(max_length=40)
    source: str = Field(max_length=200)
    name: str = Field(max_length=200)
    obligation: str = Field(max_length=100)
    side: str = Field(max_length=20)
    kept: bool
    at: datetime = Field(sa_type=Instant)
    note: str = Field(max_length=500)
    reported_by: str = Field(max_length=100)
    received_at: datetime = Field(sa_type=Instant)

    __table_args__ = (Index("uq_duty", "source", "name", unique=True), Index("ix_duty_agreement", "registry_no", "at"))


class FeedbackRow(SQLModel, table=True):
    """An answer (`about` is empty, `value` the score) or an outcome (`about` names it, `value` is 1 if it was reached)."""

    __tablename__: ClassVar[str] = "feedback"

    id: int | None = Field(default=None, sa_column=Column(ROW_ID, primary_key=True, autoincrement=True))
    registry_no: str = Field(max_length=40)
    source: str = Field(max_length=200)
    name: str = Field(max_length=200)
    about: str = Field(max_length=100)
    value: int
    at: datetime = Field(sa_type=Instant)
    reported_by: str = Field(max_length=100)
    received_at: datetime = Field(sa_type=Instant)

    __table_args__ = (Index("uq_feedback", "source", "name", unique=True), Index("ix_feedback_agreement", "registry_no", "at"))
