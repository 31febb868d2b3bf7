"""The tables of browsers: who is signed in, and which personal links were used."""

from datetime import datetime
from typing import ClassVar

from sqlmodel import Field, SQLModel

from store.tables import Instant


class SessionRow(SQLModel, table=True):
    """A browser somebody is signed in with, by the hash of its secret; times are real ones, not business time."""

    __tablename__: ClassVar[str] = "browser_session"

    digest: str = Field(primary_key=True, max_length=64)
    person: str = Field(max_length=100, index=True)
    made_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant, index=True)


class UsedLinkRow(SQLModel, table=True):
    """A personal link a decision was made by; it opens nothing any more."""

    __tablename__: ClassVar[str] = "used_link"

    digest: str = Field(primary_key=True, max_length=64)
    person: str = Field(max_length=100, index=True)
    used_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant, index=True)
