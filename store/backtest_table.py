"""The table of backtests: what was asked of which tickets, how far it is, and the report."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, Column, Index, String
from sqlmodel import Field, SQLModel

from store.tables import Instant


class BacktestRow(SQLModel, table=True):
    """A backtest; `case_id`, `registry_no` or `replan` says what it is for, where it is for something.

    `tickets_done` of `tickets` were measured; without a count nobody has begun.
    """

    __tablename__: ClassVar[str] = "backtest"

    backtest: str = Field(primary_key=True, max_length=40)
    asked_by: str = Field(max_length=100)
    asked_at: datetime = Field(sa_type=Instant)
    question: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    names: list[str] = Field(sa_column=Column(JSON, nullable=False))
    remarks: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    since: date
    until: date
    case_id: str | None = Field(default=None, max_length=100, nullable=True)
    registry_no: str | None = Field(default=None, max_length=40, nullable=True)
    replan: str | None = Field(default=None, max_length=40, nullable=True)
    state: str = Field(max_length=20)
    tickets_done: int = 0
    tickets: int | None = Field(default=None, nullable=True)
    report: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
    fault: str | None = Field(default=None, sa_type=String(2000), nullable=True)
    done_at: datetime | None = Field(default=None, sa_type=Instant, nullable=True)

    __table_args__ = (
        Index("ix_backtest_asked", "asked_at", "backtest"),
        Index("ix_backtest_case", "case_id", "asked_at"),
        Index("ix_backtest_registry_no", "registry_no", "asked_at"),
        Index("ix_backtest_replan", "replan", "asked_at"),
    )
