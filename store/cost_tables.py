"""The table of what services cost, as finance states it."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import Column, Index
from sqlmodel import Field, SQLModel

from store.tables import ROW_ID, Instant


class ActualCostRow(SQLModel, table=True):
    """A statement of what a service cost in a month. Never changed: the newest of a service, month and kind counts.

    The amount is written as a decimal: SQLite knows no exact numbers of its own.
    """

    __tablename__: ClassVar[str] = "actual_cost"

    id: int | None = Field(default=None, sa_column=Column(ROW_ID, primary_key=True, autoincrement=True))
    service: str = Field(max_length=100)
    month: str = Field(max_length=7)
    kind: str = Field(max_length=20)
    amount: str = Field(max_length=20)
    source: str = Field(max_length=300)
    stated_by: str = Field(max_length=100)
    stated_at: datetime = Field(sa_type=Instant)

    __table_args__ = (Index("ix_actual_cost", "month", "service", "kind", "id"),)
