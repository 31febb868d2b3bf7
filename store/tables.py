"""The tables. Instants are aware UTC in code and text or timestamptz in the database; naive ones are refused."""

from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, Column, DateTime, Dialect, Index, Integer, String, TypeDecorator, text
from sqlmodel import Field, SQLModel


class Instant(TypeDecorator[datetime]):
    """An aware instant; SQLite would lose the zone, so it is put back, and a naive value never gets in."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Refuse a naive instant; store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value.isoformat()} has no time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Give back UTC."""
        return value if value is None else value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


ROW_ID = BigInteger().with_variant(Integer, "sqlite")
"""SQLite counts up only a column that is exactly an INTEGER PRIMARY KEY."""


class AgreementVersionRow(SQLModel, table=True):
    """A published agreement version; never changed, never removed."""

    __tablename__: ClassVar[str] = "agreement_version"

    digest: str = Field(primary_key=True, max_length=64)
    agreement: str = Field(max_length=100)
    version: str = Field(max_length=20)
    kind: str = Field(max_length=20)
    document: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    imported_at: datetime = Field(sa_type=Instant)

    __table_args__ = (Index("uq_agreement_version", "agreement", "version", unique=True),)


class InboxRow(SQLModel, table=True):
    """One event as it came in. It is the ticket's event list too: kept as long as the ticket."""

    __tablename__: ClassVar[str] = "inbox"

    id: int | None = Field(default=None, sa_column=Column(ROW_ID, primary_key=True, autoincrement=True))
    source: str = Field(max_length=200)
    event_id: str = Field(max_length=200)
    subject: str = Field(max_length=310)
    event: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    occurred_at: datetime = Field(sa_type=Instant)
    received_at: datetime = Field(sa_type=Instant)
    forwarded_at: datetime | None = Field(default=None, sa_type=Instant, nullable=True)

    __table_args__ = (
        Index("uq_inbox_event", "source", "event_id", unique=True),
        Index("ix_inbox_subject", "subject", "id"),
        Index(
            "ix_inbox_waiting", "subject", "id", sqlite_where=text("forwarded_at IS NULL"), postgresql_where=text("forwarded_at IS NULL")
        ),
    )


class TicketRow(SQLModel, table=True):
    """A ticket as it stands: what is true of it, and the agreement versions it runs under."""

    __tablename__: ClassVar[str] = "ticket"

    subject: str = Field(primary_key=True, max_length=310)
    source: str = Field(max_length=200)
    ticket_id: str = Field(max_length=100, index=True)
    created_at: datetime | None = Field(default=None, sa_type=Instant, nullable=True)
    customer: str | None = Field(default=None, max_length=200)
    service: str | None = Field(default=None, max_length=200)
    region: str | None = Field(default=None, max_length=200)
    priority: str | None = Field(default=None, max_length=200)
    attributes: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    agreements: list[str] = Field(sa_column=Column(JSON, nullable=False))
    clocks: list[str] = Field(sa_column=Column(JSON, nullable=False))
    alert: str | None = Field(default=None, max_length=40)
    is_open: bool = False
    updated_at: datetime = Field(sa_type=Instant)
    started_at: datetime | None = Field(default=None, sa_type=Instant, nullable=True)
    terms_sent: list[str] = Field(sa_column=Column(JSON, nullable=False))

    __table_args__ = (
        Index("ix_ticket_created", "created_at", "subject"),
        Index("ix_ticket_alert", "alert", "created_at"),
        # A customer's tickets, newest first, and the open ones among them.
        Index("ix_ticket_customer", "customer", "created_at", "subject"),
        Index("ix_ticket_open", "customer", "created_at", "subject", sqlite_where=text("is_open"), postgresql_where=text("is_open")),
    )


IS_OPEN = "state IN ('PENDING', 'RUNNING', 'PAUSED')"
"""The condition of a clock that can still change; written so everywhere, or its index does not serve."""

IS_RUNNING = "state = 'RUNNING'"
"""Likewise of what runs."""

WAS_BREACHED = "breach_at IS NOT NULL"
"""Likewise of a clock whose breach was noticed."""


class ClockRow(SQLModel, table=True):
    """A clock as it was last read; whether it is breached by now follows from `due_at` and `breach_at`.

    `created_at` is its ticket's. `verdict_at` is when its promise is decided if nothing more happens: the breach, else the
    completion, else the due time of one that runs; there is none for what counts nowhere. From then on `is_met` says how.
    `warn_at` is the first warning of one that runs, if nothing more happens.
    """

    __tablename__: ClassVar[str] = "ticket_clock"

    subject: str = Field(primary_key=True, max_length=310)
    clock: str = Field(primary_key=True, max_length=220)
    agreement: str = Field(max_length=100)
    version: str = Field(max_length=20)
    kind: str = Field(max_length=20)
    target: str = Field(max_length=100)
    cycle: int
    created_at: datetime = Field(sa_type=Instant)
    state: str = Field(max_length=20)
    reason: str | None = Field(default=None, max_length=100)
    started_at: datetime | None = Field(default=None, sa_type=Instant, nullable=True)
    due_at: datetime | None = Field(default=None, sa_type=Instant, nullable=True)
    completed_at: datetime | None = Field(default=None, sa_type=Instant, nullable=True)
    breach_at: datetime | None = Field(default=None, sa_type=Instant, nullable=True)
    executed_early: bool = False
    reopened: int = 0
    spent_seconds: int = 0
    limit_seconds: int | None = Field(default=None, sa_type=BigInteger, nullable=True)
    verdict_at: datetime | None = Field(default=None, sa_type=Instant, nullable=True)
    is_met: bool = False
    warn_at: datetime | None = Field(default=None, sa_type=Instant, nullable=True)

    __table_args__ = (
        # The tickets that are open under an agreement, page by page.
        Index("ix_clock_open", "agreement", "subject", sqlite_where=text(IS_OPEN), postgresql_where=text(IS_OPEN)),
        # The tickets an agreement is for, in the order they came in: their volume, and those beyond it.
        Index("ix_clock_created", "agreement", "created_at", "subject"),
        # A period's results are counted from it alone, and the tickets behind a figure are paged through in its order.
        Index("ix_clock_verdict", "agreement", "verdict_at", "subject", "clock", "target", "is_met"),
        # What is due next, and what is near its limit, whoever promised it.
        Index("ix_clock_due", "due_at", "subject", "clock", "warn_at", sqlite_where=text(IS_RUNNING), postgresql_where=text(IS_RUNNING)),
        # What was breached of late.
        Index("ix_clock_breach", "breach_at", "subject", sqlite_where=text(WAS_BREACHED), postgresql_where=text(WAS_BREACHED)),
    )


class MilestoneRow(SQLModel, table=True):
    """Something a clock reached, when it was true and when it was noticed."""

    __tablename__: ClassVar[str] = "milestone"

    key: str = Field(primary_key=True, sa_type=String(600))
    subject: str = Field(max_length=310, index=True)
    clock: str = Field(max_length=220)
    kind: str = Field(max_length=20)
    level: int
    at: datetime = Field(sa_type=Instant)
    detected_at: datetime = Field(sa_type=Instant)
    telling: str = Field(max_length=20)
    recipients: list[str] = Field(sa_column=Column(JSON, nullable=False))
    digest: str | None = Field(default=None, max_length=40, index=True)


class DeliveryRow(SQLModel, table=True):
    """One effect on one channel, with its attempts; for one receiver where the channel tells them apart, else for none."""

    __tablename__: ClassVar[str] = "delivery"

    key: str = Field(primary_key=True, sa_type=String(600))
    channel: str = Field(primary_key=True, max_length=40)
    receiver: str = Field(default="", primary_key=True, max_length=100)
    state: str = Field(max_length=20)
    attempts: int = 0
    due_at: datetime | None = Field(default=None, sa_type=Instant, nullable=True)
    effect: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    error: str | None = Field(default=None, sa_type=String(2000), nullable=True)
    first_at: datetime = Field(sa_type=Instant)
    last_at: datetime = Field(sa_type=Instant)

    __table_args__ = (
        Index("ix_delivery_state", "state", "last_at"),
        Index(
            "ix_delivery_due", "receiver", "due_at", sqlite_where=text("due_at IS NOT NULL"), postgresql_where=text("due_at IS NOT NULL")
        ),
    )


class MailboxRow(SQLModel, table=True):
    """A letter in the local mailbox; a second copy of a key finds the first one there."""

    __tablename__: ClassVar[str] = "mailbox"

    id: int | None = Field(default=None, sa_column=Column(ROW_ID, primary_key=True, autoincrement=True))
    message_id: str = Field(sa_type=String(710), unique=True)
    notice: str = Field(default="", sa_type=String(600))
    receiver: str = Field(default="", max_length=100, index=True)
    subject: str = Field(max_length=310, index=True)
    recipients: list[str] = Field(sa_column=Column(JSON, nullable=False))
    title: str = Field(max_length=500)
    body: str = Field(sa_type=String(10_000))
    link: str | None = Field(default=None, sa_type=String(2000), nullable=True)
    received_at: datetime = Field(sa_type=Instant)
