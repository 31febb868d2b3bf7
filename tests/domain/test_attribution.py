"""Blame adds up: the parts of a ticket's time sum to its lateness, whoever had it how often."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.attribution import NOBODY, SLACK, Part, attribute, lateness
from domain.clocks import ClockReading, read_clocks
from tests.conftest import Story, example

AGREEMENTS = [example(name) for name in ("erp", "erp-desk", "erp-servers", "erp-vendor")]


def incident() -> Story:
    story = Story("+02:00", customer="Logistyka Wisła S.A.", service="ERP", priority="1")
    story.created("2026-05-13T09:00", held_by="desk")
    return story


def parts_of(story: Story, as_of: datetime) -> tuple[ClockReading, list[Part]]:
    readings = read_clocks(AGREEMENTS, story.events, as_of)
    promise = next(reading for reading in readings if reading.clock == "solution")
    return promise, attribute(promise, readings, story.events, as_of)


def minutes(part: Part) -> tuple[str, int]:
    return part.holder, int(part.over / timedelta(minutes=1))


def test_one_incident_three_promises_sums_to_forty_minutes() -> None:
    story = incident()
    story.changed("2026-05-13T09:50", held_by="servers")
    story.changed("2026-05-13T13:20", held_by="vendor")
    story.reached("2026-05-14T08:40", "RESOLVED")
    promise, parts = parts_of(story, story.at("2026-05-14T12:00"))

    assert [minutes(part) for part in parts] == [("desk", -10), ("servers", 30), ("vendor", 20)], "SC-4"
    assert lateness(promise) == timedelta(minutes=40) == sum((part.over for part in parts), timedelta())


def test_time_in_nobodys_hands_and_planned_slack_are_parts_too() -> None:
    story = incident()
    story.changed("2026-05-13T09:50", held_by=None)
    story.changed("2026-05-13T10:50", held_by="servers")
    story.reached("2026-05-13T16:00", "RESOLVED")
    promise, parts = parts_of(story, story.at("2026-05-14T12:00"))

    assert [minutes(part) for part in parts] == [("desk", -10), ("servers", 130), (NOBODY, 60), (SLACK, -240)]
    assert lateness(promise) == timedelta(minutes=-60)


HOLDERS = ("desk", "servers", "vendor", "somebody else", None)


@given(
    handovers=st.lists(st.tuples(st.integers(1, 4000), st.sampled_from(HOLDERS)), max_size=8),
    paused=st.lists(st.tuples(st.integers(1, 4000), st.integers(1, 500)), max_size=2),
    resolved=st.integers(1, 5000) | st.none(),
)
def test_the_parts_always_sum_to_the_lateness(
    handovers: list[tuple[int, str | None]], paused: list[tuple[int, int]], resolved: int | None
) -> None:
    story = incident()
    start = story.at("2026-05-13T09:00")

    def later(minute: int) -> str:
        return (start + timedelta(minutes=minute)).isoformat()

    for minute, holder in handovers:
        story.changed(later(minute), held_by=holder)
    for minute, length in paused:
        story.paused(later(minute))
        story.resumed(later(minute + length))
    if resolved is not None:
        story.reached(later(resolved), "RESOLVED")
    promise, parts = parts_of(story, start + timedelta(minutes=6000))

    assert sum((part.over for part in parts), timedelta()) == lateness(promise)
    assert sum((part.held for part in parts), timedelta()) == promise.spent
