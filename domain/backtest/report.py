"""What a backtest says: assumed, measured, not known. Shares are in per cent, cut off; money is a decimal; times are UTC."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field

from domain.agreement_parts import Period
from domain.backtest.proposals import Whose
from domain.results import Colour, Verdict
from domain.values import Message

MOST_BREACHES = 100
"""Breached tickets of a proposal that are named, the latest first; all are counted."""


class Gap(StrEnum):
    """What is not known, and would change the answer."""

    FEW_WEEKS = "FEW_WEEKS"
    """Fewer weeks than a year: seasons are not seen."""
    FEW_TICKETS = "FEW_TICKETS"
    """So few cases of a promise that its share says nothing."""
    NO_TICKETS = "NO_TICKETS"
    """No ticket of the record is the proposal's."""
    NO_SAMPLES = "NO_SAMPLES"
    """Nothing was measured of an availability target."""
    NO_SHARE = "NO_SHARE"
    """A target without an agreed share of tickets cannot be missed in a period."""
    NO_PRICE = "NO_PRICE"
    """Without a monthly fee and credit tables a miss costs nothing that could be counted."""
    OTHER_WORKLOAD = "OTHER_WORKLOAD"
    """Volumes of other things than tickets are not in the record."""
    OPEN_TICKETS = "OPEN_TICKETS"
    """Clocks that are open and not late have no verdict."""
    CAUSES = "CAUSES"
    """Root causes of misses are not known: two misses of one cause count as two."""
    EARLIER = "EARLIER"
    """Tickets that were open when the record begins are not in it."""
    BEHAVIOUR = "BEHAVIOUR"
    """People worked under other promises then; under these they would have worked otherwise."""
    OUTSIDE = "OUTSIDE"
    """Tickets outside the proposal's services and regions."""


class Unknown(Message):
    """Something that is not known: which, what it is about, how many."""

    gap: Gap
    proposal: str | None = None
    about: str | None = None
    count: int | None = None


class RangeFigures(Message):
    """Between which shares most of the draws of weeks lie."""

    low: str
    high: str


class PeriodBacktest(Message):
    """A promise in a period; `verdict` is what would have been reported. One that is not whole has figures, no verdict and no credit."""

    period: str
    is_whole: bool
    achieved: str | None
    verdict: Verdict | None
    colour: Colour
    range: RangeFigures | None
    met: int | None = None
    breached: int | None = None
    over_limit: int | None = None
    agreed_minutes: float | None = None
    down_minutes: float | None = None


class PromiseBacktest(Message):
    """One promise over the whole record, and period by period.

    `promised` is the share agreed; None where none is, and nothing is judged then. `missed` of `judged` whole periods were
    missed, of the kind it is promised by. `months` are calendar months, whatever it is promised by.
    """

    document: str
    target: str
    is_availability: bool
    promised: str | None
    per: Period
    achieved: str | None
    range: RangeFigures | None
    met: int | None
    breached: int | None
    missed: int
    judged: int
    months: tuple[PeriodBacktest, ...]
    longer: tuple[PeriodBacktest, ...]


class CreditBacktest(Message):
    """What a miss would have given back."""

    period: str
    document: str
    target: str
    amount: Annotated[str, Field(description="money, two decimals")]
    why: tuple[str, ...]


class CostPlace(Message):
    """Where breaches were: by target, hour of the day in which the ticket came (wall clock), or region; credits shared out evenly."""

    name: str
    breached: int
    of: int
    credit: str | None


class StrictestLimit(Message):
    """The strictest limit that would have held at the wanted share over the whole record, in minutes of business time."""

    document: str
    target: str
    when: str
    wanted: str
    promised_minutes: int
    held_minutes: int | None
    judged: int


class BreachBacktest(Message):
    """A ticket that would have breached."""

    ticket: str
    document: str
    clock: str
    breach_at: AwareDatetime
    late_minutes: int
    region: str | None


class ProposalBacktest(Message):
    """A proposal, measured."""

    proposal: str
    digest: str
    titles: tuple[str, ...]
    services: tuple[str, ...]
    regions: tuple[str, ...]
    customers: tuple[str, ...]
    monthly: str | None
    currency: str
    tickets: int
    clocks: int
    promises: tuple[PromiseBacktest, ...]
    credits: tuple[CreditBacktest, ...]
    credit_total: str | None
    credit_months: int
    targets: tuple[CostPlace, ...]
    hours: tuple[CostPlace, ...]
    places: tuple[CostPlace, ...]
    strictest: tuple[StrictestLimit, ...]
    breached: int
    breaches: tuple[BreachBacktest, ...]

    @property
    def missed(self) -> int:
        """How many periods of its promises would have been missed."""
        return sum(each.missed for each in self.promises)

    @property
    def judged(self) -> int:
        """Of how many."""
        return sum(each.judged for each in self.promises)

    @property
    def earned(self) -> str | None:
        """The fees of the whole months less the credits of the record; None without a fee."""
        if self.monthly is None or self.credit_total is None:
            return None
        return f"{Decimal(self.monthly) * self.credit_months - Decimal(self.credit_total):.2f}"


class Assumptions(Message):
    """What was taken as given."""

    whose: Whose
    as_of: AwareDatetime
    wanted: Annotated[str | None, Field(description="the share the strictest limits are for; none: each target's own")]
    draws: int
    confidence: int
    seed: int
    least_judged: int
    least_weeks: int


class Measured(Message):
    """What the record holds."""

    source: str
    since: AwareDatetime
    until: AwareDatetime
    time_zone: str
    tickets: int
    events: int
    weeks: int


class BacktestReport(Message):
    """The answer to: had this been in force, what would have happened, and what would it have cost?"""

    assumed: Assumptions
    measured: Measured
    unknown: tuple[Unknown, ...]
    proposals: tuple[ProposalBacktest, ...]
