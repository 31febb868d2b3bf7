"""The tables of agreement cases: the case, its tasks and documents, the audit trail, the registry, the catalogue."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, Column, Index, String, false
from sqlmodel import Field, SQLModel

from store.tables import Instant


class CaseRow(SQLModel, table=True):
    """An agreement case as it stands: what lists are narrowed to, and the whole of it."""

    __tablename__: ClassVar[str] = "agreement_case"

    case_id: str = Field(primary_key=True, max_length=100)
    kind: str = Field(max_length=20)
    source: str = Field(max_length=200)
    event_id: str = Field(max_length=200)
    revision: int = 0
    state: str = Field(max_length=30)
    reason: str | None = Field(default=None, sa_type=String(2000), nullable=True)
    customer: str = Field(max_length=200)
    party: str | None = Field(default=None, max_length=200, nullable=True)
    agent: str | None = Field(default=None, max_length=100)
    agreement: str | None = Field(default=None, max_length=40, nullable=True)
    opened_at: datetime = Field(sa_type=Instant)
    entered_at: datetime = Field(sa_type=Instant)
    next_at: datetime | None = Field(default=None, sa_type=Instant, nullable=True)
    registry_nos: list[str] = Field(sa_column=Column(JSON, nullable=False))
    document: dict[str, Any] = Field(sa_column=Column("document", JSON, nullable=False))
    started_at: datetime | None = Field(default=None, sa_type=Instant, nullable=True)

    __table_args__ = (
        Index("uq_case_event", "source", "event_id", unique=True),
        # A list is narrowed by one of these and shown newest first: the index gives both, nothing is sorted.
        Index("ix_case_state", "state", "opened_at", "case_id"),
        Index("ix_case_customer", "customer", "opened_at", "case_id"),
        Index("ix_case_party", "party", "opened_at", "case_id"),
        Index("ix_case_agent", "agent", "opened_at", "case_id"),
        Index("ix_case_agreement", "agreement", "kind", "opened_at", "case_id"),
        Index("ix_case_opened", "opened_at", "case_id"),
        # How many cases stand where is counted from this index alone.
        Index("ix_case_stage", "customer", "kind", "state"),
    )


class HumanTaskRow(SQLModel, table=True):
    """A decision that is, or was, waited for."""

    __tablename__: ClassVar[str] = "human_task"

    case_id: str = Field(primary_key=True, max_length=100)
    task: str = Field(primary_key=True, max_length=200)
    kind: str = Field(max_length=40)
    role: str = Field(max_length=40)
    side: str = Field(max_length=20)
    party: str | None = Field(default=None, max_length=200, nullable=True)
    person: str | None = Field(default=None, max_length=100, nullable=True)
    state: str = Field(max_length=20)
    escalated: bool = False
    opened_at: datetime = Field(sa_type=Instant)
    due_at: datetime = Field(sa_type=Instant)
    closed_at: datetime | None = Field(default=None, sa_type=Instant, nullable=True)
    decided_by: str | None = Field(default=None, max_length=100, nullable=True)
    on_behalf_of: str | None = Field(default=None, max_length=100, nullable=True)

    __table_args__ = (
        Index("ix_task_open", "state", "role", "due_at"),
        Index("ix_task_person", "state", "person", "due_at"),
        Index("ix_task_case", "case_id", "role", "state"),
    )


class AuditRow(SQLModel, table=True):
    """One event of an audit trail; `link` chains it to the one before. Written once, never changed.

    `place` is its number among the events of all trails, given once, some time after it was committed: it orders them for
    those who read on, and proves nothing. `actor` and `action` repeat what the event says, for an index.
    """

    __tablename__: ClassVar[str] = "audit_event"
    __table_args__ = (
        Index("ix_audit_event_place", "place", unique=True),
        Index("ix_audit_event_actor", "actor", "place"),
        Index("ix_audit_event_action", "action", "place"),
    )

    subject: str = Field(primary_key=True, max_length=310)
    number: int = Field(primary_key=True)
    key: str = Field(sa_type=String(600), unique=True)
    event: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    at: datetime = Field(sa_type=Instant)
    link: str = Field(max_length=64)
    place: int | None = Field(default=None, sa_type=BigInteger, nullable=True)
    actor: str
    action: str


class RegistryRow(SQLModel, table=True):
    """One version of an agreement in the registry; text and number never change, only the state goes on.

    A minor version says what made it, and why; its case is that of the version before.
    """

    __tablename__: ClassVar[str] = "registry_entry"

    registry_no: str = Field(primary_key=True, max_length=40)
    version: str = Field(primary_key=True, max_length=20)
    kind: str = Field(max_length=20)
    level: str = Field(max_length=20)
    name: str = Field(max_length=100)
    title: str = Field(max_length=500)
    provider: str = Field(max_length=200)
    customer: str = Field(max_length=200)
    service: str | None = Field(default=None, max_length=200, nullable=True)
    regions: list[str] = Field(sa_column=Column(JSON, nullable=False))
    parent: str | None = Field(default=None, max_length=40, nullable=True)
    supports: list[str] = Field(sa_column=Column(JSON, nullable=False))
    effective_from: date
    effective_until: date | None = Field(default=None, nullable=True)
    time_zone: str = Field(max_length=60)
    state: str = Field(max_length=20)
    digest: str = Field(max_length=64)
    set_hash: str = Field(max_length=64)
    document: dict[str, Any] = Field(sa_column=Column("document", JSON, nullable=False))
    terms: str | None = Field(default=None, max_length=64, nullable=True)
    case_id: str | None = Field(default=None, max_length=100, nullable=True, index=True)
    imported_by: str | None = Field(default=None, max_length=100, nullable=True)
    amended_by: str | None = Field(default=None, max_length=200, nullable=True)
    note: str | None = Field(default=None, max_length=2000, nullable=True)
    registered_at: datetime = Field(sa_type=Instant)
    terminates_at: datetime | None = Field(default=None, sa_type=Instant, nullable=True)
    legal_hold: bool = Field(default=False, sa_column_kwargs={"server_default": false()})

    __table_args__ = (Index("ix_registry_customer", "customer", "service"), Index("ix_registry_kind", "kind", "state"))


class RegistryNumberRow(SQLModel, table=True):
    """The last number given in a series and year; locked while numbers are given, so that none is left out."""

    __tablename__: ClassVar[str] = "registry_number"

    series: str = Field(primary_key=True, max_length=10)
    year: int = Field(primary_key=True)
    last: int


class DocumentRow(SQLModel, table=True):
    """A version of a document of a case, by its hash; written once."""

    __tablename__: ClassVar[str] = "document_version"

    case_id: str = Field(primary_key=True, max_length=100)
    kind: str = Field(primary_key=True, max_length=20)
    digest: str = Field(primary_key=True, max_length=64)
    number: int
    document: dict[str, Any] = Field(sa_column=Column("document", JSON, nullable=False))
    created_at: datetime = Field(sa_type=Instant)


class ScanRow(SQLModel, table=True):
    """The scan of a paper signature in a case, by the hash of its bytes."""

    __tablename__: ClassVar[str] = "scan"

    case_id: str = Field(primary_key=True, max_length=100)
    digest: str = Field(primary_key=True, max_length=64)
    media_type: str = Field(max_length=60)
    content: bytes
    stored_by: str = Field(max_length=100)
    stored_at: datetime = Field(sa_type=Instant)


class CatalogueRow(SQLModel, table=True):
    """A version of the catalogue; the newest counts."""

    __tablename__: ClassVar[str] = "catalogue_version"

    number: int | None = Field(default=None, primary_key=True)
    digest: str = Field(max_length=64)
    document: dict[str, Any] = Field(sa_column=Column("document", JSON, nullable=False))
    loaded_by: str = Field(max_length=100)
    loaded_at: datetime = Field(sa_type=Instant)


class PersonTokenRow(SQLModel, table=True):
    """The hash of a token somebody signs in with; the token itself is kept nowhere."""

    __tablename__: ClassVar[str] = "person_token"

    digest: str = Field(primary_key=True, max_length=64)
    person: str = Field(max_length=100, index=True)
    made_at: datetime = Field(sa_type=Instant)
    revoked_at: datetime | None = Field(default=None, sa_type=Instant, nullable=True)
