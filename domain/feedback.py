"""What customers say and reach: answers to surveys, and outcomes that the service is there for."""

from typing import Annotated

from pydantic import AwareDatetime, Field

from domain.people import Key
from domain.values import Document

Name = Annotated[str, Field(min_length=1, max_length=200, description="names it within its source for ever; sent again it is the same")]

CONTENT_FROM = 4
"""Score from which an answer counts as content, on a scale from 1 to 5 (R-118)."""


class SurveyAnswer(Document):
    """One person's answer after a ticket, or to the quarter's survey."""

    answer: Name
    score: Annotated[int, Field(ge=1, le=5)]
    at: AwareDatetime


class OutcomeValue(Document):
    """Whether an outcome of the agreement was reached, once."""

    value: Name
    outcome: Annotated[Key, Field(description="as the agreement names it")]
    reached: bool
    at: AwareDatetime


class Feedback(Document):
    """What one source says of one agreement."""

    registry_no: Annotated[str, Field(pattern=r"^[A-Z]+[/-]\d{4}[/-]\d{4,}$", description="SLA/2026/0001")]
    source: Annotated[str, Field(pattern=r"^[A-Za-z0-9._~/:@-]{1,140}$", description="the system that asked or measured")]
    answers: Annotated[tuple[SurveyAnswer, ...], Field(max_length=10_000)] = ()
    outcomes: Annotated[tuple[OutcomeValue, ...], Field(max_length=10_000)] = ()
