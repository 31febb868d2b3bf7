"""Calendars are held to their definition: the wall clock, looked at minute by minute, by code of its own."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.calendar_definitions import CalendarDefinition
from domain.calendars import ServiceCalendar
from domain.spans import Span

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
STEP = timedelta(minutes=5)

AROUND = [
    ("Europe/Warsaw", datetime(2026, 3, 28, tzinfo=UTC)),
    ("Europe/Warsaw", datetime(2026, 10, 24, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 3, 7, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 10, 31, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 4, 3, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 10, 2, tzinfo=UTC)),
    ("Africa/Cairo", datetime(2026, 4, 23, tzinfo=UTC)),
    ("Africa/Cairo", datetime(2026, 10, 29, tzinfo=UTC)),
    ("Asia/Beirut", datetime(2026, 3, 28, tzinfo=UTC)),
    ("America/Sao_Paulo", datetime(2017, 10, 14, tzinfo=UTC)),
    ("America/Sao_Paulo", datetime(2018, 2, 17, tzinfo=UTC)),
    ("Pacific/Apia", datetime(2011, 12, 29, tzinfo=UTC)),
    ("Asia/Kathmandu", datetime(2026, 12, 30, tzinfo=UTC)),
    ("Africa/Casablanca", datetime(2026, 2, 14, tzinfo=UTC)),
    ("America/St_Johns", datetime(2026, 3, 7, tzinfo=UTC)),
    ("Antarctica/Troll", datetime(2026, 3, 28, tzinfo=UTC)),
    ("Asia/Pyongyang", datetime(2018, 5, 3, tzinfo=UTC)),
    ("UTC", datetime(2026, 12, 30, tzinfo=UTC)),
]
"""Zones and the day before something odd: the clocks change, the year ends, a date is left out."""


@lru_cache
def hours(text: str) -> tuple[timedelta, timedelta]:
    start, end = text.split("-")
    first, last = (timedelta(hours=int(part[:2]), minutes=int(part[3:])) for part in (start, end))
    return first, last if last > first else last + timedelta(days=1)


def is_open(definition: dict[str, Any], instant: datetime) -> bool:
    """The definition in `docs/rules.md`, rule 1, word by word; none of the product's code."""
    local = instant.astimezone(ZoneInfo(definition["time_zone"]))
    if local.date().isoformat() in definition["holidays"]:
        return False
    shown = timedelta(hours=local.hour, minutes=local.minute, seconds=local.second)
    for back in (0, 1):
        on = local.date() - timedelta(days=back)
        intervals = definition["exceptions"].get(on.isoformat(), definition["weekly"].get(DAYS[on.weekday()], []))
        if any(start <= shown + timedelta(days=back) < end for start, end in map(hours, intervals)):
            return True
    return False


def counted(definition: dict[str, Any], start: datetime, end: datetime, pauses: list[Span]) -> timedelta:
    total, at = timedelta(), start
    while at < end:
        if is_open(definition, at) and not any(pause.start <= at < pause.end for pause in pauses):
            total += STEP
        at += STEP
    return total


class Slow:
    """The slow answer to every question, from `is_open` alone.

    Hours, offsets and changes of the clocks are whole multiples of a step here, so a step is covered as a whole or not at
    all, and what lies between two steps is exact.
    """

    def __init__(self, definition: dict[str, Any], begin: datetime, days: int) -> None:
        self.steps = [begin + number * STEP for number in range(days * 288)]
        self.open = [at for at in self.steps if is_open(definition, at)]

    def counted(self, start: datetime, end: datetime, pauses: list[Span]) -> list[Span]:
        """What counts between two instants, cut at every step and every pause."""
        parts = [Span(max(at, start), min(at + STEP, end)) for at in self.open]
        for pause in pauses:
            parts = [
                part
                for whole in parts
                for part in (Span(whole.start, min(whole.end, pause.start)), Span(max(whole.start, pause.end), whole.end))
            ]
            parts = [part for part in parts if part.start < part.end]
        return [part for part in parts if part.start < part.end]

    def due(self, start: datetime, budget: timedelta, pauses: list[Span]) -> datetime | None:
        """Where the budget ends; None if that lies after what was looked at."""
        left = budget
        for part in self.counted(start, self.steps[-1] + STEP, pauses):
            if left <= part.end - part.start:
                return part.start + left
            left -= part.end - part.start
        return None

    def spans(self, start: datetime, end: datetime) -> list[Span]:
        """The covered stretches, joined where they touch."""
        joined: list[Span] = []
        for part in self.counted(start, end, []):
            touches = joined and joined[-1].end == part.start
            joined = [*joined[:-1], Span(joined[-1].start, part.end)] if touches else [*joined, part]
        return joined


def clock_time(steps: int) -> str:
    return f"{steps // 12:02}:{steps % 12 * 5:02}"


@st.composite
def day_hours(draw: st.DrawFn) -> list[str]:
    """None, one or two intervals of a day; the last may pass midnight or end there."""
    marks = sorted(draw(st.lists(st.integers(0, 287), min_size=4, max_size=4, unique=True)))
    kind = draw(st.sampled_from(["closed", "one", "two", "whole", "late", "over"]))
    return {
        "closed": [],
        "one": [f"{clock_time(marks[0])}-{clock_time(marks[3])}"],
        "two": [f"{clock_time(marks[0])}-{clock_time(marks[1])}", f"{clock_time(marks[2])}-{clock_time(marks[3])}"],
        "whole": ["00:00-24:00"],
        "late": [f"{clock_time(marks[1])}-24:00"],
        "over": [f"{clock_time(max(marks[3], 200))}-{clock_time(min(marks[0], 60))}"],
    }[kind]


def without_spill(weekly: dict[str, list[str]]) -> dict[str, list[str]]:
    """Drop what a shift past midnight would run into: such a calendar is refused, which is tested elsewhere."""
    for day, following in zip(DAYS, [*DAYS[1:], DAYS[0]], strict=True):
        tails = [hours(text)[1] - timedelta(days=1) for text in weekly[day] if hours(text)[1] > timedelta(days=1)]
        if tails and any(hours(text)[0] < tails[0] for text in weekly[following]):
            weekly[day] = [text for text in weekly[day] if hours(text)[1] <= timedelta(days=1)]
    return weekly


@st.composite
def cases(draw: st.DrawFn) -> tuple[dict[str, Any], datetime]:
    zone, around = draw(st.sampled_from(AROUND))
    dates = [(around.date() + timedelta(days=ahead)).isoformat() for ahead in range(-1, 6)]
    weekly = without_spill({day: draw(day_hours()) for day in DAYS})
    if not any(weekly.values()):
        weekly["wed"] = ["08:00-17:00"]
    definition = {
        "calendar": "c",
        "time_zone": zone,
        "weekly": weekly,
        "holidays": draw(st.lists(st.sampled_from(dates), max_size=2, unique=True)),
        "exceptions": draw(st.dictionaries(st.sampled_from(dates), day_hours(), max_size=2)),
    }
    return definition, around + draw(st.integers(0, 288)) * STEP


def calendar(definition: dict[str, Any]) -> ServiceCalendar:
    return ServiceCalendar(CalendarDefinition.model_validate(definition))


LENGTHS = st.integers(0, 4 * 288).map(lambda steps: steps * STEP)


@st.composite
def pauses_from(draw: st.DrawFn, start: datetime) -> list[Span]:
    marks = draw(st.lists(st.tuples(st.integers(-50, 900), st.integers(0, 300)), max_size=3))
    return [Span(start + begin * STEP, start + (begin + length) * STEP) for begin, length in marks]


@settings(max_examples=90, deadline=None, derandomize=True)
@given(cases(), LENGTHS, st.data())
def test_elapsed_is_what_the_wall_clock_shows_as_open(
    case: tuple[dict[str, Any], datetime], length: timedelta, data: st.DataObject
) -> None:
    definition, start = case
    pauses = data.draw(pauses_from(start))

    assert calendar(definition).elapsed(start, start + length, pauses) == counted(definition, start, start + length, pauses)


@settings(max_examples=90, deadline=None, derandomize=True)
@given(cases(), st.integers(1, 400), st.data())
def test_due_is_the_earliest_instant_at_which_elapsed_reaches_the_budget(
    case: tuple[dict[str, Any], datetime], steps: int, data: st.DataObject
) -> None:
    definition, start = case
    budget, pauses, tested = steps * timedelta(minutes=1), data.draw(pauses_from(start)), calendar(definition)
    due = tested.due(start, budget, pauses)

    assert tested.elapsed(start, due, pauses) == budget
    assert tested.elapsed(start, due - timedelta(microseconds=1), pauses) < budget
    assert due > start


EXACT = st.timedeltas(timedelta(microseconds=1), timedelta(hours=30))
OFTEN_SMALL = st.one_of(EXACT, st.integers(1, 360).map(lambda steps: steps * STEP))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(cases(), OFTEN_SMALL, OFTEN_SMALL, st.data())
def test_due_is_where_the_wall_clock_has_shown_enough_open_time(
    case: tuple[dict[str, Any], datetime], late: timedelta, budget: timedelta, data: st.DataObject
) -> None:
    definition, around = case
    start = around + late
    pauses = data.draw(pauses_from(start))
    expected = Slow(definition, around, 9).due(start, budget, pauses)
    due = calendar(definition).due(start, budget, pauses)

    assert due == expected if expected is not None else due >= around + timedelta(days=9)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(cases(), OFTEN_SMALL, EXACT, st.data())
def test_open_spans_and_elapsed_are_exact_between_two_steps(
    case: tuple[dict[str, Any], datetime], late: timedelta, length: timedelta, data: st.DataObject
) -> None:
    definition, around = case
    start, end = around + late, around + late + length
    pauses = [Span(pause.start, pause.end + timedelta(microseconds=1)) for pause in data.draw(pauses_from(start))]
    tested, slow = calendar(definition), Slow(definition, around, 4)

    assert tested.open_spans(start, end) == slow.spans(start, end)
    assert tested.elapsed(start, end, pauses) == sum((part.end - part.start for part in slow.counted(start, end, pauses)), timedelta())


@settings(max_examples=60, deadline=None, derandomize=True)
@given(cases(), EXACT, EXACT, EXACT, st.data())
def test_with_pauses_due_is_still_later_for_a_longer_budget_and_never_earlier_for_a_later_start(
    case: tuple[dict[str, Any], datetime], budget: timedelta, more: timedelta, later: timedelta, data: st.DataObject
) -> None:
    definition, start = case
    tested, pauses = calendar(definition), data.draw(pauses_from(start))

    assert tested.due(start, budget, pauses) < tested.due(start, budget + more, pauses)
    assert tested.due(start, budget, pauses) <= tested.due(start + later, budget, pauses)


@settings(max_examples=90, deadline=None, derandomize=True)
@given(cases(), st.integers(0, 4 * 1440))
def test_the_slow_predicate_of_the_product_is_the_definition_too(case: tuple[dict[str, Any], datetime], minutes: int) -> None:
    definition, start = case
    instant = start + timedelta(minutes=minutes)

    assert calendar(definition).covers(instant) is is_open(definition, instant)


@settings(max_examples=70, deadline=None, derandomize=True)
@given(cases(), LENGTHS, LENGTHS)
def test_elapsed_adds_up_and_open_spans_are_what_it_counts(case: tuple[dict[str, Any], datetime], one: timedelta, other: timedelta) -> None:
    definition, start = case
    tested, middle, end = calendar(definition), start + one, start + one + other
    spans = tested.open_spans(start, end)

    assert tested.elapsed(start, middle) + tested.elapsed(middle, end) == tested.elapsed(start, end)
    assert sum((span.end - span.start for span in spans), timedelta()) == tested.elapsed(start, end)
    assert all(before.end < after.start for before, after in pairwise(spans))


@settings(max_examples=70, deadline=None, derandomize=True)
@given(cases(), st.integers(1, 3000), st.integers(1, 3000))
def test_a_longer_budget_is_never_due_earlier_and_a_later_start_never_either(
    case: tuple[dict[str, Any], datetime], one: int, more: int
) -> None:
    definition, start = case
    tested, budget = calendar(definition), timedelta(minutes=one)

    assert tested.due(start, budget) < tested.due(start, budget + timedelta(minutes=more))
    assert tested.due(start, budget) <= tested.due(start + timedelta(minutes=more), budget)


@settings(max_examples=20, deadline=None, derandomize=True)
@given(cases(), st.lists(st.tuples(st.integers(-30, 30), st.integers(1, 40)), min_size=1, max_size=4))
def test_an_answer_does_not_depend_on_the_questions_before(case: tuple[dict[str, Any], datetime], asked: list[tuple[int, int]]) -> None:
    definition, start = case
    used = calendar(definition)
    for years, hours_ in asked:
        used.due(start.replace(month=1, day=1, year=start.year + years), timedelta(hours=hours_))

    assert used.due(start, timedelta(hours=7)) == calendar(definition).due(start, timedelta(hours=7))
    assert used.elapsed(start, start + timedelta(days=9)) == calendar(definition).elapsed(start, start + timedelta(days=9))


FAR_START = st.datetimes(datetime(2243, 1, 1), datetime(2400, 1, 1), timezones=st.just(UTC))


@settings(max_examples=8, deadline=None, derandomize=True)
@given(FAR_START, EXACT)
def test_an_exact_answer_in_a_far_year_does_not_depend_on_the_questions_before(start: datetime, budget: timedelta) -> None:
    whole = {"calendar": "c", "time_zone": "UTC", "weekly": {day: ["00:00-24:00"] for day in DAYS}}
    fresh, used = calendar(whole), calendar(whole)
    used.due(start, timedelta(hours=1))

    assert fresh.due(start, budget) == used.due(start, budget) == start + budget


@settings(max_examples=60, deadline=None, derandomize=True)
@given(cases(), st.integers(0, 2000), st.integers(1, 500), st.integers(1, 500))
def test_a_pause_delays_by_the_business_time_it_covers(
    case: tuple[dict[str, Any], datetime], begin: int, length: int, budget_minutes: int
) -> None:
    definition, start = case
    tested, budget = calendar(definition), timedelta(minutes=budget_minutes)
    pause = Span(start + timedelta(minutes=begin), start + timedelta(minutes=begin + length))
    covered = tested.elapsed(pause.start, pause.end)
    without = tested.due(start, budget)
    expected = without if pause.start >= without or not covered else tested.due(start, budget + covered)

    assert tested.due(start, budget, [pause]) == expected


@pytest.mark.parametrize(("zone", "around"), AROUND)
def test_around_the_clock_counts_real_hours_in_every_zone(zone: str, around: datetime) -> None:
    whole = calendar({"calendar": "c", "time_zone": zone, "weekly": {day: ["00:00-24:00"] for day in DAYS}})

    assert whole.elapsed(around, around + timedelta(days=3)) == timedelta(days=3)
    assert whole.due(around, timedelta(hours=50)) == around + timedelta(hours=50)


@pytest.mark.parametrize(
    ("day", "length"), [(date(2026, 3, 29), 7), (date(2026, 10, 25), 9), (date(2026, 6, 7), 8)], ids=["spring", "autumn", "summer"]
)
def test_a_night_shift_is_as_long_as_the_night_really_was(day: date, length: int) -> None:
    nights = calendar({"calendar": "c", "time_zone": "Europe/Warsaw", "weekly": {"sat": ["22:00-06:00"]}})
    noon = datetime.combine(day - timedelta(days=1), time(12), ZoneInfo("Europe/Warsaw"))

    assert nights.elapsed(noon, noon + timedelta(hours=26)) == timedelta(hours=length)
