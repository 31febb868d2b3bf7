"""The table of service tokens."""

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from store.tables import Instant


class ServiceTokenRow(SQLModel, table=True):
    """A program's token, by its hash. Its name is given once and stands in trails as `service:NAME`; times are real ones."""

    __tablename__: ClassVar[str] = "service_token"

    name: str = Field(primary_key=True, max_length=60)
    digest: str = Field(max_length=64, unique=True)
    scopes: list[str] = Field(sa_column=Column(JSON, nullable=False))
    made_by: str = Field(max_length=100)
    made_at: datetime = Field(sa_type=Instant)
    expires_at: datetime | None = Field(default=None, sa_type=Instant, nullable=True)
    revoked_at: datetime | None = Field(default=None, sa_type=Instant, nullable=True)
    last_used_on: date | None = Field(default=None, nullable=True)
