"""The tables of planning: what agreements that are not signed yet would bring."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, Column, Index
from sqlmodel import Field, SQLModel

from store.tables import ROW_ID, Instant


class ExpectedVolumeRow(SQLModel, table=True):
    """A statement of how many tickets a case's agreement would bring. Never changed: the newest of a service and region counts."""

    __tablename__: ClassVar[str] = "expected_volume"

    id: int | None = Field(default=None, sa_column=Column(ROW_ID, primary_key=True, autoincrement=True))
    case_id: str = Field(max_length=100)
    service: str = Field(max_length=100)
    region: str = Field(max_length=100)
    volume: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    stated_by: str = Field(max_length=100)
    stated_at: datetime = Field(sa_type=Instant)

    __table_args__ = (Index("ix_expected_volume", "case_id", "service", "region", "id"),)
