"""What customers say and reach: answers to surveys, and outcomes that the service is there for."""

from typing import Annotated

from pydantic import AwareDatetime, Field

from domain.people import Key
from domain.reports import Name, Report
from domain.values import Document

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


class Feedback(Report):
    """What one source says of one agreement."""

    answers: Annotated[tuple[SurveyAnswer, ...], Field(max_length=10_000)] = ()
    outcomes: Annotated[tuple[OutcomeValue, ...], Field(max_length=10_000)] = ()
