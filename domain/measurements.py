"""What was measured of a service: stretches in which it was up, down, unknown, or agreed not to count."""

from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, NamedTuple, Self

from pydantic import AwareDatetime, Field, model_validator

from domain.availability import AvailabilityFacts
from domain.instants import SERVICE_YEARS, from_us, to_us
from domain.people import Key
from domain.reports import Name, Report
from domain.spans import Span, merge
from domain.values import Document

LONGEST = timedelta(days=366)
"""A stretch longer than a year is a slip of who reported it."""


class MeasurementKind(StrEnum):
    """What a stretch says of the service."""

    UP = "UP"
    DOWN = "DOWN"
    UNKNOWN = "UNKNOWN"
    EXCLUDED = "EXCLUDED"


class Measurement(Document):
    """A sample or an outage: a stretch of time, and what was measured in it.

    A sample stands for the time until the next one.
    """

    measurement: Name
    kind: MeasurementKind
    start: AwareDatetime
    end: AwareDatetime
    note: Annotated[str, Field(max_length=500)] = ""

    @model_validator(mode="after")
    def _is_a_stretch(self) -> Self:
        if not self.start < self.end:
            raise ValueError("end: must lie after start")
        if self.start.year not in SERVICE_YEARS or self.end.year not in SERVICE_YEARS or self.end - self.start > LONGEST:
            raise ValueError(f"start: the years {SERVICE_YEARS[0]} to {SERVICE_YEARS[-1]} count, and no stretch is longer than a year")
        return self


class Measurements(Report):
    """What one source measured of one availability target."""

    target: Key
    measurements: Annotated[tuple[Measurement, ...], Field(min_length=1, max_length=10_000)]


class Measured(NamedTuple):
    """A stored stretch: its kind and its instants."""

    kind: MeasurementKind
    span: Span


def facts_in(period: Span, measured: Iterable[Measured]) -> AvailabilityFacts:
    """The facts of a period. Where samples were taken, the time between them that none stands for is unknown."""
    by_kind: dict[MeasurementKind, list[Span]] = {kind: [] for kind in MeasurementKind}
    for each in measured:
        by_kind[each.kind].append(each.span)
    known = [span for spans in by_kind.values() for span in spans]
    gaps = _gaps(period, known) if by_kind[MeasurementKind.UP] else []
    unknown = (*by_kind[MeasurementKind.UNKNOWN], *gaps)
    return AvailabilityFacts(tuple(by_kind[MeasurementKind.DOWN]), unknown, tuple(by_kind[MeasurementKind.EXCLUDED]))


def _gaps(period: Span, known: Iterable[Span]) -> list[Span]:
    at, end, gaps = to_us(period.start), to_us(period.end), []
    for low, high in merge((to_us(span.start), to_us(span.end)) for span in known):
        if low > at:
            gaps.append(Span(from_us(at), from_us(min(low, end))))
        at = max(at, high if high is not None else end)
        if at >= end:
            return gaps
    return [*gaps, Span(from_us(at), from_us(end))]
