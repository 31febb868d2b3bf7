"""What is asked of a record: which proposals, on whose tickets."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from domain.backtest.proposals import Proposal, Whose
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
