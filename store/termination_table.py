"""The table of orders to end agreements early."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, Column, Index
from sqlmodel import Field, SQLModel

from store.tables import Instant


class TerminationRow(SQLModel, table=True):
    """An order as it was taken, and what became of it. None is ever removed."""

    __tablename__: ClassVar[str] = "termination"

    order_id: str = Field(primary_key=True, max_length=40)
    source: str = Field(max_length=200)
    event_id: str = Field(max_length=200)
    registry_no: str = Field(max_length=40)
    state: str = Field(max_length=20)
    order: dict[str, Any] = Field(sa_column=Column("order", JSON, nullable=False))
    received_at: datetime = Field(sa_type=Instant)
    revoked_at: datetime | None = Field(default=None, sa_type=Instant, nullable=True)
    revoked_by: str | None = Field(default=None, max_length=200, nullable=True)
    revoked_because: str | None = Field(default=None, max_length=200, nullable=True)

    __table_args__ = (
        Index("uq_termination_event", "source", "event_id", unique=True),
        Index("ix_termination_agreement", "registry_no", "received_at"),
        Index("ix_termination_state", "state"),
    )
