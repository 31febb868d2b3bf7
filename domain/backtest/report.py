"""What a backtest says: assumed, measured, not known. Shares are in per cent, cut off; money is a decimal; times are UTC."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field

from domain.agreement_parts import Period
from domain.backtest.proposals import Whose
from domain.option_costs import ExpectedCredits, expected_credits_of
from domain.results import Colour, Verdict
from domain.targets import Limit
from domain.values import Message

MOST_BREACHES = 100
"""Breached tickets of a proposal that are named, the most late first; all are counted."""


class Gap(StrEnum):
    """What is not known, and would change the answer."""

    FEW_WEEKS = "FEW_WEEKS"
    """Fewer weeks than a year: seasons are not seen."""
    FEW_TICKETS = "FEW_TICKETS"
    """So few cases of a promise that its share says nothing."""
    THIN_PERIODS = "THIN_PERIODS"
    """Judged periods that rest on too few cases to tell luck from skill."""
    UNEVEN = "UNEVEN"
    """Most of the record lies in a few of its months."""
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
    DELIVERY = "DELIVERY"
    """What it costs to deliver, and whether the customer would have stayed, no ticket tells."""
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


class Certainty(StrEnum):
    """How much a verdict says."""

    CLEAR = "CLEAR"
    """The whole range lies on the verdict's side of the promise."""
    OPEN = "OPEN"
    """The range reaches over the promise: it could have come out otherwise."""
    THIN = "THIN"
    """There are too few cases for a range."""


class PeriodBacktest(Message):
    """A promise in a period; `verdict` is what would have been reported. One that is not whole has figures, no verdict and no credit."""

    period: str
    is_whole: bool
    achieved: str | None
    verdict: Verdict | None
    colour: Colour
    range: RangeFigures | None
    certainty: Certainty | None
    met: int | None = None
    breached: int | None = None
    over_limit: int | None = None
    agreed_minutes: float | None = None
    down_minutes: float | None = None


class RuleBacktest(Message):
    """What a target promises to some tickets, and how many of them kept it over the whole record."""

    when: str
    limit: Limit
    met: int
    judged: int


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
    missed_clearly: int
    missed_thin: int
    judged: int
    rules: tuple[RuleBacktest, ...]
    months: tuple[PeriodBacktest, ...]
    longer: tuple[PeriodBacktest, ...]


class CreditBacktest(Message):
    """What a miss would have given back."""

    period: str
    document: str
    target: str
    amount: Annotated[str, Field(description="money, two decimals")]
    why: tuple[str, ...]


class CreditTerms(Message):
    """What a document gives back: for a target below a share, in per cent of the fee; what bounds it; what a late hour costs."""

    document: str
    bands: tuple[tuple[str, str, str], ...]
    month_percent: str | None
    year_percent: str | None
    penalties: tuple[tuple[str, str], ...]


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
    credit_terms: tuple[CreditTerms, ...]
    credits: tuple[CreditBacktest, ...]
    before_caps: str | None
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
    def missed_clearly(self) -> int:
        """How many of them whatever weeks had been drawn."""
        return sum(each.missed_clearly for each in self.promises)

    @property
    def missed_thin(self) -> int:
        """How many of them on too few cases to tell."""
        return sum(each.missed_thin for each in self.promises)

    @property
    def judged(self) -> int:
        """Of how many."""
        return sum(each.judged for each in self.promises)

    @property
    def expected_credits(self) -> ExpectedCredits | None:
        """What an option that promises this expects to give back in a month; None without a fee or a whole month."""
        if self.credit_total is None or not self.credit_months:
            return None
        return expected_credits_of(Decimal(self.credit_total), self.credit_months, self.digest)

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
    digest: Annotated[str | None, Field(description="SHA-256 of the file it was read from")]
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
