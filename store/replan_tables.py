"""The tables of re-plans and calendars: what was asked and confirmed, and what became of each ticket."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, Column, Index, String, text
from sqlmodel import Field, SQLModel

from store.tables import IS_RUNNING, Instant


class ReplanRow(SQLModel, table=True):
    """A dry run, or a re-plan; `confirms` names the dry run a re-plan rests on, `after` the ticket it has come to."""

    __tablename__: ClassVar[str] = "replan"

    replan: str = Field(primary_key=True, max_length=40)
    agreement: str = Field(max_length=100)
    from_version: str | None = Field(default=None, max_length=20, nullable=True)
    to_version: str = Field(max_length=20)
    terms: str = Field(max_length=64)
    reason: str = Field(sa_type=String(2000))
    rate: float
    confirms: str | None = Field(default=None, max_length=40, nullable=True)
    state: str = Field(max_length=20)
    versions: int
    by: str = Field(max_length=100)
    asked_at: datetime = Field(sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant, nullable=True)
    after: str = Field(default="", max_length=310)

    __table_args__ = (
        # One agreement's tickets are moved by one at a time, whoever asks, wherever.
        Index("uq_replan_running", "agreement", unique=True, sqlite_where=text(IS_RUNNING), postgresql_where=text(IS_RUNNING)),
        Index("ix_replan_agreement", "agreement", "asked_at"),
    )


class ReplanMoveRow(SQLModel, table=True):
    """One ticket of a dry run, or of a re-plan: when it was moved, from which version, and its clocks before and after."""

    __tablename__: ClassVar[str] = "replan_move"

    replan: str = Field(primary_key=True, max_length=40)
    subject: str = Field(primary_key=True, max_length=310)
    source: str = Field(max_length=200)
    event_id: str = Field(max_length=200)
    left: str = Field(max_length=20)
    at: datetime = Field(sa_type=Instant)
    clocks: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    new_due_at: datetime | None = Field(default=None, sa_type=Instant, nullable=True)
    changes: bool
    breaches: bool
    state: str = Field(max_length=20)

    __table_args__ = (Index("ix_replan_move_subject", "subject", "at"),)


class CalendarVersionRow(SQLModel, table=True):
    """A version of a calendar: proposed, and published once somebody confirmed it; its definition never changes."""

    __tablename__: ClassVar[str] = "calendar_version"

    calendar: str = Field(primary_key=True, max_length=100)
    version: int = Field(primary_key=True)
    digest: str = Field(max_length=64)
    definition: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    reason: str = Field(sa_type=String(2000))
    state: str = Field(max_length=20)
    proposed_by: str = Field(max_length=100)
    proposed_at: datetime = Field(sa_type=Instant)
    confirmed_by: str | None = Field(default=None, max_length=100, nullable=True)
    confirmed_at: datetime | None = Field(default=None, sa_type=Instant, nullable=True)
    outcomes: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
