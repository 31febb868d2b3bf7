"""A backtest of an installation's own tickets as it is asked for and kept: what is tried, on whose tickets, of which days."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field, model_validator

from domain.backtest.proposals import Proposal, Whose
from domain.backtest.question import SEED, Question, Record, days_of
from domain.backtest.running import begun
from domain.periods import months_after
from domain.spans import Span
from domain.values import Document

MOST_PROPOSALS = 5
"""Every ticket is folded under each of them; more than five are no longer compared at a glance."""
MOST_MONTHS = 36
"""Older promises and people say little of what is to come."""

_LOOKED_BACK = 12
"""Months, so that every season was seen once."""

SOURCE = "the tickets of this installation"
"""How reports name the record."""


class AskedBacktest(Document):
    """Its question. `since` is the first day on which tickets were created, `until` the first that is not looked at."""

    proposals: Annotated[tuple[Proposal, ...], Field(min_length=1, max_length=MOST_PROPOSALS)]
    whose: Whose = Whose.THE_CUSTOMER
    wanted: Annotated[Decimal | None, Field(gt=0, le=100, description="share the strictest limits are for; none: each target's own")] = None
    seed: Annotated[int, Field(ge=0, le=2**31, description="of the draws behind the ranges")] = SEED
    since: date
    until: date
    registry_no: Annotated[str | None, Field(max_length=40, description="agreement whose samples of availability count")] = None

    @model_validator(mode="after")
    def _is_a_stretch(self) -> Self:
        if self.until <= self.since:
            raise ValueError(f"until: {self.until} must lie after {self.since}")
        if self.until > months_after(self.since, MOST_MONTHS):
            raise ValueError(f"until: at most {MOST_MONTHS} months are looked at; begin later than {self.since}")
        return self

    @property
    def question(self) -> Question:
        """What is asked of a record."""
        return Question(self.proposals, self.whose, self.wanted, self.seed)

    @property
    def span(self) -> Span:
        """Its days, by the wall clock of the first proposal."""
        return days_of(self.question, self.since, self.until)

    def record(self, asked_at: datetime) -> Record:
        """The record as it stood when it was asked, without samples."""
        return Record(SOURCE, self.span, min(asked_at, self.span.end))

    def refuse_unmeasurable(self, asked_at: datetime) -> None:
        """Refuse proposals that nothing can be measured of, before anything waits for them.

        Raises:
            BadInput: one promises nothing, or something that cannot be measured; two have one name.
        """
        begun(self.question, self.record(asked_at))


def first_day_before(until: date) -> date:
    """Where nobody says from when: twelve whole months, beside the running one, before a day."""
    return months_after(until.replace(day=1), -_LOOKED_BACK)
