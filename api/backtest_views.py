"""Backtests as they are shown."""

from datetime import date, timedelta
from typing import Annotated, Any, Self

from pydantic import AwareDatetime, BaseModel, Field

from domain.backtest.completing import Remark
from domain.backtest.orders import BacktestState
from domain.backtest.report import BacktestReport


class BacktestView(BaseModel):
    """A backtest: what is measured of which days, and how far it is."""

    backtest: str
    address: Annotated[str, Field(description="where it is looked at")]
    state: BacktestState
    proposals: Annotated[list[str], Field(description="their names")]
    since: date
    until: Annotated[date, Field(description="first day that is not looked at")]
    case_id: str | None
    registry_no: str | None
    replan: str | None
    asked_by: str
    asked_at: AwareDatetime
    tickets_done: int
    tickets: Annotated[int | None, Field(description="how many there are; none: nobody has begun")]
    done_at: AwareDatetime | None
    fault: Annotated[str | None, Field(description="why it came to no report")]
    remarks: Annotated[list[Remark], Field(description="what was assumed of promises in the making, and which are not measured")]

    @property
    def last_day(self) -> date:
        """The last day that is looked at."""
        return self.until - timedelta(days=1)

    @classmethod
    def of(cls, row: Any, **more: Any) -> Self:
        """A row as it is shown."""
        own = {name: getattr(row, name) for name in cls.model_fields if hasattr(row, name)}
        return cls.model_validate({**own, "proposals": row.names, "address": f"/backtests/{row.backtest}", **more})


class BacktestWithReport(BacktestView):
    """The same with its report, once it is there."""

    report: BacktestReport | None


class BacktestPageView(BaseModel):
    """Some backtests, newest first; `next` asks for those after them."""

    backtests: list[BacktestView]
    next: str | None
