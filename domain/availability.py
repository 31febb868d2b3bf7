"""Availability of a period: (AST − DT) / AST, exact to the microsecond (lifecycle of a period, `docs/rules.md`, rule 18)."""

from collections.abc import Iterable
from datetime import timedelta
from fractions import Fraction
from typing import NamedTuple

from domain.calendars import ServiceCalendar
from domain.instants import MICROSECOND, to_us
from domain.spans import Span, merge

UNKNOWN_ALLOWED = Fraction(10, 100)
"""Share of the agreed service time that may be unknown and is then left out; above it nothing is measured (EGI's limit)."""

_Stretch = tuple[int, int]


class AvailabilityFacts(NamedTuple):
    """What is known of a service: when it was down, when nobody knows, and what the parties agreed does not count."""

    down: tuple[Span, ...] = ()
    unknown: tuple[Span, ...] = ()
    excluded: tuple[Span, ...] = ()


class Availability(NamedTuple):
    """Agreed service time (AST), down time in it (DT), and the time of it that was left out as unknown."""

    agreed: timedelta
    down: timedelta
    unknown: timedelta

    @property
    def is_measured(self) -> bool:
        """Is little enough unknown? Exactly the limit is little enough."""
        whole = self.agreed + self.unknown
        return not whole or Fraction(self.unknown // MICROSECOND, whole // MICROSECOND) <= UNKNOWN_ALLOWED

    @property
    def percent(self) -> Fraction | None:
        """The share of the agreed time in which the service was up; None if there was none, or it was not measured."""
        if not self.agreed or not self.is_measured:
            return None
        return 100 * Fraction((self.agreed - self.down) // MICROSECOND, self.agreed // MICROSECOND)


def availability_in(period: Span, hours: ServiceCalendar, facts: AvailabilityFacts) -> Availability:
    """Measure a period.

    Only service hours count; agreed exclusions are taken out of both times, known down time is known whatever else is
    said of it, and what is unknown is taken out of the agreed time.
    """
    covered = [(to_us(span.start), to_us(span.end)) for span in hours.open_spans(period.start, period.end)]
    agreed = _without(covered, _stretches(facts.excluded))
    down = _both(agreed, _stretches(facts.down))
    unknown = _without(_both(agreed, _stretches(facts.unknown)), down)
    return Availability(_length(agreed) - _length(unknown), _length(down), _length(unknown))


def outages_in(period: Span, hours: ServiceCalendar, facts: AvailabilityFacts) -> int:
    """How many outages took service time: one through a night counts once, one outside service hours not at all."""
    covered = [(to_us(span.start), to_us(span.end)) for span in hours.open_spans(period.start, period.end)]
    agreed = _without(covered, _stretches(facts.excluded))
    return sum(1 for outage in _stretches(facts.down) if _both([outage], agreed))


def _stretches(spans: Iterable[Span]) -> list[_Stretch]:
    return [(start, end) for start, end in merge((to_us(span.start), to_us(span.end)) for span in spans) if end is not None]


def _both(ours: list[_Stretch], theirs: list[_Stretch]) -> list[_Stretch]:
    """What two ordered lists of stretches share."""
    shared, place = [], 0
    for low, high in ours:
        while place < len(theirs) and theirs[place][1] <= low:
            place += 1
        for start, end in theirs[place:]:
            if start >= high:
                break
            shared.append((max(low, start), min(high, end)))
    return shared


def _without(ours: list[_Stretch], theirs: list[_Stretch]) -> list[_Stretch]:
    left = []
    for low, high in ours:
        at = low
        for start, end in _both([(low, high)], theirs):
            if start > at:
                left.append((at, start))
            at = end
        if high > at:
            left.append((at, high))
    return left


def _length(stretches: list[_Stretch]) -> timedelta:
    return timedelta(microseconds=sum(end - start for start, end in stretches))
