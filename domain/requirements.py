"""What the customer needs, made measurable; and whether it can be done, technically and commercially."""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from domain.agreement_parts import Percent, Text
from domain.people import Key
from domain.values import Document

TOPICS = (
    "hours",
    "sites",
    "volumes",
    "response",
    "fulfilment",
    "availability",
    "outcomes",
    "exceptions",
    "security",
    "reporting",
    "growth",
    "budget",
)
"""What a customer is asked about; a topic that does not matter is answered "not applicable" (R-038)."""


class Need(StrEnum):
    """How much the customer needs it."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    COULD = "COULD"


class Requirement(Document):
    """One customer need in measurable form."""

    requirement: Key
    need: Need = Need.MUST
    text: Text
    service: Annotated[Key | None, Field(description="service of the catalogue it is about; none: it has to be developed")] = None
    regions: tuple[Key, ...] = ()
    metric: Annotated[str, Field(min_length=1, max_length=100, description="what is measured, such as response")]
    value: Decimal
    unit: Annotated[str, Field(min_length=1, max_length=60, description="such as business hours, per cent, devices")]
    calendar: Annotated[str, Field(min_length=1, max_length=100, description="in which it counts; 24x7 around the clock")]
    compliance: Annotated[Percent | None, Field(description="share of cases in which it must hold")] = None
    on_site: Annotated[bool, Field(description="somebody has to come")] = False
    source: Annotated[Text | None, Field(description="who said it, when")] = None


class RequirementsDocument(Document):
    """All captured requirements, with an answer to every topic."""

    requirements: Annotated[tuple[Requirement, ...], Field(min_length=1, max_length=500)]
    topics: Annotated[Mapping[str, Text], Field(description="answers by topic")] = {}

    @model_validator(mode="after")
    def _is_clear(self) -> Self:
        names = [each.requirement for each in self.requirements]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"requirements: {twice[0]!r} stands twice")
        if unknown := sorted(set(self.topics) - set(TOPICS)):
            raise ValueError(f"topics: {unknown[0]!r} is none of {', '.join(TOPICS)}")
        return self

    @property
    def open_topics(self) -> tuple[str, ...]:
        """Topics nobody answered."""
        return tuple(topic for topic in TOPICS if topic not in self.topics)


class RequirementsStatement(Document):
    """The short final statement the customer approves, sent together with the requirements document of the same version."""

    text: Text
    version: Annotated[int, Field(gt=0, description="version of the requirements document it belongs to")]


class FeasibilityVerdict(StrEnum):
    """What became of a requirement."""

    MATCHED = "MATCHED"
    FEASIBLE = "FEASIBLE"
    FEASIBLE_WITH_CHANGES = "FEASIBLE_WITH_CHANGES"
    NOT_FEASIBLE = "NOT_FEASIBLE"


class FeasibilityDecision(Document):
    """Can it be done, and can it be sold? Both are asked of every requirement."""

    requirement: Key
    verdict: FeasibilityVerdict
    technical: Annotated[bool | None, Field(description="it can be done")] = None
    commercial: Annotated[bool | None, Field(description="it can be sold")] = None
    alternative: Text | None = None
    note: Text | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.verdict is FeasibilityVerdict.NOT_FEASIBLE) == (self.technical is True and self.commercial is True):
            raise ValueError(f"verdict: {self.verdict} of {self.requirement} does not fit its technical and commercial verdicts")
        return self


class Consultation(Document):
    """What an operational process answered before something was promised."""

    process: Key
    asked: Text
    answer: Text
    by: Annotated[str, Field(min_length=1, max_length=200)]
