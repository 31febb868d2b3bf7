"""What is asked of a record: which proposals, on whose tickets."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from domain.backtest.proposals import Proposal, Whose
from domain.errors import BadInput
from domain.measurements import Measured
from domain.spans import Span

SEED = 1
"""Where nobody states another: every seed is as good."""


class Record(NamedTuple):
    """Where tickets and samples come from: its name, the stretch in which its tickets were created, and the instant it is read at."""

    source: str
    span: Span
    as_of: datetime
    samples: Mapping[str, Sequence[Measured]] = {}
    """By availability target."""
    digest: str | None = None
    """SHA-256 of the file it was read from."""


class Question(NamedTuple):
    """What is asked: which proposals, whose tickets, the share the strictest limits are for, the seed of the draws."""

    proposals: Sequence[Proposal]
    whose: Whose = Whose.THE_CUSTOMER
    wanted: Decimal | None = None
    seed: int = SEED


def zone_of(proposals: Sequence[Proposal]) -> ZoneInfo:
    """The wall clock a record is read by: that of the first proposal.

    Raises:
        BadInput: it promises nothing.
    """
    if not proposals[0].promising:
        raise BadInput(f"{proposals[0].proposal} promises nothing that could be measured: it has no targets")
    return ZoneInfo(proposals[0].promising[0].time_zone)


def days_of(question: Question, first: date, after: date) -> Span:
    """The stretch of whole days from one to another, the last one not included."""
    zone = zone_of(question.proposals)
    return Span(datetime.combine(first, time(), zone), datetime.combine(after, time(), zone))
