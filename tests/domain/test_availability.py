"""Availability is held to counting minute by minute, whatever overlaps and in whatever order facts came."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from domain.availability import AvailabilityFacts, availability_in
from domain.calendars import calendar_of
from domain.spans import Span
from tests.domain.case_stories import CATALOGUE

OFFICE = calendar_of(CATALOGUE.calendar)
START = datetime(2026, 3, 26, 22, tzinfo=UTC)
MINUTES = 5 * 24 * 60
"""Five days over the turn to summer time."""


def minute(number: int) -> datetime:
    return START + timedelta(minutes=number)


spans = st.lists(
    st.tuples(st.integers(0, MINUTES), st.integers(0, 900)).map(lambda pair: Span(minute(pair[0]), minute(pair[0] + pair[1]))), max_size=5
)


@given(down=spans, unknown=spans, excluded=spans)
def test_every_minute_is_counted_once_and_where_it_belongs(down: list[Span], unknown: list[Span], excluded: list[Span]) -> None:
    period = Span(START, minute(MINUTES))
    found = availability_in(period, OFFICE, AvailabilityFacts(tuple(down), tuple(unknown), tuple(excluded)))
    counts = {"agreed": 0, "down": 0, "unknown": 0}
    for number in range(MINUTES):
        at = minute(number)

        def lies_in(stretches: list[Span], instant: datetime = at) -> bool:
            return any(span.start <= instant < span.end for span in stretches)

        if not OFFICE.elapsed(at, at + timedelta(minutes=1)) or lies_in(excluded):
            continue
        is_down = lies_in(down)
        is_unknown = lies_in(unknown) and not is_down
        counts["down"] += is_down
        counts["unknown"] += is_unknown
        counts["agreed"] += not is_unknown

    assert found == tuple(timedelta(minutes=counts[name]) for name in ("agreed", "down", "unknown"))
    if found.percent is not None:
        assert found.percent == 100 * Fraction(counts["agreed"] - counts["down"], counts["agreed"])


@given(down=spans)
def test_the_order_in_which_facts_came_changes_nothing(down: list[Span]) -> None:
    period = Span(START, minute(MINUTES))
    first = availability_in(period, OFFICE, AvailabilityFacts(tuple(down)))

    assert availability_in(period, OFFICE, AvailabilityFacts((*reversed(down), *down))) == first
