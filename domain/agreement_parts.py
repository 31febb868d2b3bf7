"""The parts of an agreement beside its targets: parties, duties, money, change, control. An answer may be one line or many."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Self

from pydantic import Field, model_validator

from domain.people import Key, Side
from domain.targets import Limit, ServiceTarget
from domain.values import Document

Text = Annotated[str, Field(min_length=1, max_length=20_000)]
Percent = Annotated[Decimal, Field(ge=0, le=100, max_digits=9, decimal_places=6, description="per cent, exact")]
Money = Annotated[Decimal, Field(max_digits=15, decimal_places=2)]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$", description="ISO 4217, such as PLN")]


class Party(Document):
    """One side of the agreement, who speaks for it, and who must sign together."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    representative: Key | None = None
    signatories: Annotated[tuple[Key, ...], Field(description="all of them must sign (joint representation)")] = ()
    contact: Annotated[str | None, Field(min_length=1, max_length=500, description="where it is reached, such as an address for mail")] = (
        None
    )


class Period(StrEnum):
    """The stretch of local time a share or a volume is counted in."""

    MONTH = "MONTH"
    QUARTER = "QUARTER"
    YEAR = "YEAR"


class Measurement(Document):
    """How a target is measured: the six answers without which its figure could be disputed (R-081)."""

    source: Annotated[Text | None, Field(description="where the figures come from")] = None
    formula: Text | None = None
    sampling: Text | None = None
    rounding: Text | None = None
    unknown_data: Annotated[Text | None, Field(description="what counts while nothing was measured")] = None
    dispute: Annotated[Text | None, Field(description="until when and how a figure is disputed")] = None
    responsible: Annotated[Text | None, Field(description="who measures")] = None


class DocumentTarget(ServiceTarget):
    """A target as the agreement states it: the clock of each ticket, the share that must meet it, how it is measured."""

    compliance: Annotated[Percent | None, Field(description="share of tickets that must meet it in a period")] = None
    period: Period = Period.MONTH
    accepted: Annotated[Limit | None, Field(description="the level the customer accepted; at signing it equals the promise")] = None
    measurement: Measurement = Measurement()
    procedures: Annotated[tuple[Text, ...], Field(description="internal procedures that serve it")] = ()
    handling_buffer_minutes: Annotated[int, Field(ge=0, description="time between the hands of its supports")] = 0

    @property
    def for_tickets(self) -> ServiceTarget:
        """The part that tickets are measured by."""
        return ServiceTarget.model_validate({name: getattr(self, name) for name in ServiceTarget.model_fields})


class AvailabilityTarget(Document):
    """Share of the agreed service time in which the service is up."""

    target: Key
    percent: Percent
    period: Period = Period.MONTH
    calendar: Annotated[str, Field(description="service hours: a calendar of this agreement, or 24x7")] = "24x7"
    measurement: Measurement = Measurement()


TICKETS = "tickets"
"""The unit of workload limits that is counted here; others are told us."""


class WorkloadLimit(Document):
    """The volume up to which the promise, and the credit, hold."""

    volume: Annotated[int, Field(gt=0)]
    unit: Annotated[str, Field(min_length=1, max_length=100, description="what is counted, such as tickets or devices")]
    per: Period = Period.MONTH


Owner = Annotated[
    str, Field(min_length=1, max_length=200, description="a person's short name or a team or supplier of the catalogue; else words")
]


class WorkPackage(Document):
    """Concrete tasks with an owner that fulfil an obligation."""

    package: Key
    task: Text
    owner: Owner


class Obligation(Document):
    """A duty of one side."""

    obligation: Key
    side: Side
    text: Text
    packages: tuple[WorkPackage, ...] = ()
    every: Annotated[
        Period | None, Field(description="how often it is due: without a record in a whole period it is neglected; none: when it comes up")
    ] = None


class Price(Document):
    """What the customer pays; a charge-back between departments may be 0."""

    monthly: Annotated[Money, Field(ge=0)]
    currency: Currency = "PLN"
    option: Annotated[str | None, Field(description="the level option that was chosen")] = None


class CreditBand(Document):
    """A result below this many per cent gives back this many per cent of the monthly fee."""

    below: Percent
    credit: Percent


class CreditTable(Document):
    """Service credits of one target; the lowest band that holds counts."""

    target: str
    bands: Annotated[tuple[CreditBand, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _gives_more_for_less(self) -> Self:
        steps = sorted(self.bands, key=lambda band: band.below, reverse=True)
        if any(lower.credit < upper.credit or lower.below == upper.below for upper, lower in pairwise(steps)):
            raise ValueError(f"bands: the credit of {self.target!r} must grow as the result falls")
        return self


class CreditLimits(Document):
    """What bounds credits: the most in a month and in a calendar year, in per cent of what is paid for it, and the least that is paid."""

    month_percent: Annotated[Percent | None, Field(description="of the monthly fee")] = None
    year_percent: Annotated[Percent | None, Field(description="of twelve monthly fees")] = None
    minimum: Annotated[Money, Field(ge=0)] = Decimal(0)


class LatenessPenalty(Document):
    """What each ticket costs that breaches a target: an amount for every started hour of the target's own time."""

    target: str
    per_started_hour: Annotated[Money, Field(gt=0)]


class ModificationPlan(Document):
    """How this agreement changes: who may ask, how, with what notice, under which version number."""

    who_may_ask: Text
    how: Text
    notice_days: Annotated[int, Field(ge=0)]
    version_rule: Text = "small changes count up the second number, all others the first"


class ReviewPlan(Document):
    """When both sides look at the agreement together."""

    every_months: Annotated[int, Field(gt=0, le=24)]
    first_on: date | None = None


class TerminationRoute(Document):
    """How the agreement may be ended early: always through the CRM, on a legal basis."""

    notice_days: Annotated[int, Field(ge=0)]
    how: Text


class RenewalClause(Document):
    """What the parties agreed on for the end of the term. Only an automatic clause lets it go on without a decision."""

    automatic: bool
    months: Annotated[int | None, Field(gt=0, le=120, description="for how long it goes on; none: as long as the term was")] = None
    notice_days: Annotated[int, Field(ge=0, le=366, description="days before the end by which either side says that it ends")] = 0


class Outcome(Document):
    """What the customer wants to reach with the service, as a share that can be counted."""

    outcome: Key
    statement: Text
    goal: Percent | None = None


class Exclusion(Document):
    """Agreed time or an agreed event that does not count."""

    exclusion: Key
    text: Text


class ControlLayer(Document):
    """The governance terms: six parts, all of which must be answered; two more for customers the law watches (R-056, R-062)."""

    governance_roles: Text | None = None
    measurement_and_reporting: Text | None = None
    escalation_ladder: Text | None = None
    change_control: Text | None = None
    audit_and_evidence: Text | None = None
    disputes: Text | None = None
    data_locations: Annotated[Text | None, Field(description="regulated customers: where data and service are")] = None
    exit_plan: Annotated[Text | None, Field(description="regulated customers: how they leave in order")] = None


class Better(StrEnum):
    """In which direction a term's value gets stricter."""

    LOWER = "LOWER"
    HIGHER = "HIGHER"


class LevelTerm(Document):
    """A term that lower levels inherit. A mandatory one may be tightened and never weakened; where it has no value, never changed."""

    term: Key
    text: Text
    value: Annotated[Decimal | None, Field(description="what can be compared, such as days between two reports")] = None
    better: Better = Better.LOWER
    mandatory: bool = False
    requirement: Annotated[Key | None, Field(description="the requirement it answers")] = None
    standard_clause: Annotated[Text | None, Field(description="or the standard clause it is")] = None

    def weakens(self, above: "LevelTerm") -> bool:
        """Is this less than what a level above made mandatory?"""
        if self.value is None or above.value is None:
            return self.text != above.text or self.value != above.value
        return self.value > above.value if above.better is Better.LOWER else self.value < above.value
