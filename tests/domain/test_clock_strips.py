"""A clock over its calendar: stretches without a gap, of the right kind, and its instants."""

from datetime import datetime, timedelta
from itertools import pairwise

from domain.clock_strips import ClockStrip, MarkKind, StretchKind, clock_strip
from domain.clocks import read_clocks
from domain.events import EventKind
from tests.conftest import Story, example


def strip(story: Story, now: str) -> ClockStrip:
    [reading] = read_clocks([example("printers-warsaw")], story.events, story.at(now))
    found = clock_strip(reading, story.at(now))
    assert found is not None
    return found


def printer() -> Story:
    return Story(customer="Bank Narew S.A.", service="MPS", region="METRO")


def told(found: ClockStrip) -> list[tuple[str, str, str]]:
    def local(at: datetime) -> str:
        return at.astimezone(found.zone).strftime("%d %H:%M")

    return [(each.kind.value, local(each.start), local(each.end)) for each in found.stretches]


def test_a_clock_in_time_shows_what_was_counted_the_night_and_what_is_ahead() -> None:
    story = printer()
    story.created("2026-03-16T15:30")

    assert told(strip(story, "2026-03-16T16:00")) == [
        ("COUNTED", "16 15:30", "16 16:00"),
        ("AHEAD", "16 16:00", "16 17:00"),
        ("CLOSED", "16 17:00", "17 08:00"),
        ("AHEAD", "17 08:00", "17 10:30"),
    ]


def test_a_pause_and_what_is_counted_beyond_the_due_time_are_told_apart() -> None:
    story = printer()
    story.created("2026-03-17T08:00")
    story.paused("2026-03-17T09:00")
    story.resumed("2026-03-17T10:00")
    story.reached("2026-03-17T14:00", "RESPONDED")
    found = strip(story, "2026-03-18T12:00")

    assert told(found) == [
        ("COUNTED", "17 08:00", "17 09:00"),
        ("PAUSED", "17 09:00", "17 10:00"),
        ("COUNTED", "17 10:00", "17 13:00"),
        ("OVER", "17 13:00", "17 14:00"),
    ]
    assert [each.kind for each in found.marks] == [
        MarkKind.START,
        MarkKind.WARNING,
        MarkKind.WARNING,
        MarkKind.DUE,
        MarkKind.COMPLETED,
    ], "answered: now is no part of it"


def test_an_open_pause_reaches_to_now_and_a_clock_taken_out_ends_where_it_stopped() -> None:
    waiting, gone = printer(), printer()
    waiting.created("2026-03-17T08:00")
    waiting.paused("2026-03-17T09:00")
    gone.created("2026-03-17T08:00")
    gone.tell("2026-03-17T10:00", EventKind.CANCELLED, reason="DUPLICATE")

    assert told(strip(waiting, "2026-03-17T12:00"))[-1] == ("PAUSED", "17 09:00", "17 12:00")
    assert told(strip(gone, "2026-05-17T12:00")) == [("COUNTED", "17 08:00", "17 10:00")]


def test_stretches_follow_each_other_without_a_gap_for_months() -> None:
    story = printer()
    story.created("2026-03-16T15:30")
    found = strip(story, "2026-06-16T12:00").stretches

    assert all(one.end == other.start for one, other in pairwise(found))
    assert sum((each.end - each.start for each in found if each.kind is StretchKind.COUNTED), timedelta()) == timedelta(hours=4)
