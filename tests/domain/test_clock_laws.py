"""Laws of the fold, on random stories: order of arrival, pauses, attribution to the right instant."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.clocks import ClockReading, ClockState, read_clocks
from domain.events import EventKind, TicketEvent
from tests.conftest import example

START = datetime(2026, 3, 27, 7, tzinfo=UTC)
AGREEMENT = example("erp")
KINDS = st.sampled_from(
    [
        (EventKind.PAUSED, None, "AWAITING_CUSTOMER", {}),
        (EventKind.PAUSED, None, "AWAITING_SUPPLIER", {}),
        (EventKind.RESUMED, None, None, {}),
        (EventKind.CHANGED, None, None, {"priority": "1"}),
        (EventKind.CHANGED, None, None, {"priority": "2"}),
        (EventKind.CHANGED, None, None, {"region": "MOON"}),
        (EventKind.MILESTONE, "RESOLVED", None, {}),
        (EventKind.MILESTONE, "RESPONDED", None, {}),
        (EventKind.REOPENED, None, None, {}),
        (EventKind.CANCELLED, None, "DUPLICATE", {}),
    ]
)


def event(number: int, kind: EventKind, milestone: str | None, reason: str | None, attributes: dict[str, str], minutes: int) -> TicketEvent:
    at = START + timedelta(minutes=minutes)
    return TicketEvent(
        source="s",
        event_id=f"e{number}",
        ticket_id="t",
        kind=kind,
        occurred_at=at,
        received_at=at,
        milestone=milestone,
        reason=reason,
        attributes=attributes,
    )


CREATED = event(0, EventKind.CREATED, None, None, {"customer": "Logistyka Wisła S.A.", "service": "ERP", "priority": "1"}, 0)


@st.composite
def stories(draw: st.DrawFn) -> list[TicketEvent]:
    parts = draw(st.lists(st.tuples(KINDS, st.integers(0, 6 * 24 * 60)), max_size=12))
    return [CREATED, *(event(number, *kind, minutes) for number, (kind, minutes) in enumerate(parts, start=1))]


def facts(readings: list[ClockReading]) -> list[object]:
    return [(each.clock, each.state, each.due_at, each.breach_at, each.completed_at, each.spent, each.reopened) for each in readings]


def read(story: list[TicketEvent], at: datetime) -> list[ClockReading]:
    return read_clocks([AGREEMENT], story, at)


INSTANTS = st.integers(0, 10 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))


@settings(max_examples=300, deadline=None, derandomize=True)
@given(stories(), INSTANTS, st.randoms(use_true_random=False))
def test_the_reading_does_not_depend_on_the_order_in_which_events_arrived(story: list[TicketEvent], at: datetime, order: object) -> None:
    shuffled = list(story)
    order.shuffle(shuffled)  # type: ignore[attr-defined]

    assert facts(read(shuffled, at)) == facts(read(story, at))


@settings(max_examples=300, deadline=None, derandomize=True)
@given(stories(), INSTANTS)
def test_what_happens_later_does_not_change_an_earlier_reading(story: list[TicketEvent], at: datetime) -> None:
    assert facts(read([each for each in story if each.occurred_at <= at], at)) == facts(read(story, at))


@settings(max_examples=300, deadline=None, derandomize=True)
@given(stories(), INSTANTS, st.integers(0, 5 * 24 * 60))
def test_a_breach_once_true_stays_true_at_the_same_instant(story: list[TicketEvent], at: datetime, minutes: int) -> None:
    known = [each for each in story if each.occurred_at <= at]
    before = {each.clock: each.breach_at for each in read(known, at) if each.breached}
    after = {each.clock: each.breach_at for each in read(story, at + timedelta(minutes=minutes))}

    assert before.items() <= after.items()


@settings(max_examples=300, deadline=None, derandomize=True)
@given(stories(), INSTANTS)
def test_an_open_running_clock_is_breached_exactly_when_nothing_remains(story: list[TicketEvent], at: datetime) -> None:
    changes = any(each.kind is EventKind.CHANGED for each in story)
    for reading in read(story, at):
        if reading.state is ClockState.RUNNING and not changes and reading.remaining is not None:
            assert reading.breached == (reading.remaining <= timedelta())


@settings(max_examples=300, deadline=None, derandomize=True)
@given(stories(), INSTANTS)
def test_the_due_time_is_the_instant_at_which_what_remains_is_used_up(story: list[TicketEvent], at: datetime) -> None:
    for reading in read(story, at):
        if reading.state is ClockState.RUNNING and not reading.breached and reading.due_at is not None:
            later = next(
                each for each in read([each for each in story if each.occurred_at <= at], reading.due_at) if each.clock == reading.clock
            )
            assert later.remaining == timedelta()
            assert later.breach_at == reading.due_at
