"""The due-time table of the scenarios, row by row, read through the fold."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.documents import read_calendar
from domain.clocks import read_clocks
from domain.terms import Agreement
from tests.conftest import EXAMPLES, Story

WARSAW = ZoneInfo("Europe/Warsaw")
CALENDARS = [read_calendar(EXAMPLES / "calendars" / name).model_dump() for name in ("pl-bh-8-17.yaml", "pl-ext.yaml")]
BH, EXT, ALWAYS = "PL-BH-8-17", "PL-EXT", "24x7"

FOUR_HOURS: dict[str, Any] = {"limit": "4h", "calendar": BH}
EIGHT_HOURS: dict[str, Any] = {"limit": "8h", "calendar": BH}
FOUR_EXTENDED: dict[str, Any] = {"limit": "4h", "calendar": EXT}
ONE_DAY: dict[str, Any] = {"kind": "BUSINESS_DAYS", "days": 1, "calendar": BH}
NEXT_DAY: dict[str, Any] = {"kind": "NEXT_BUSINESS_DAY", "calendar": BH}
WEEK: dict[str, Any] = {"kind": "CALENDAR_DAYS", "days": 7, "calendar": ALWAYS}
AT_ONCE: dict[str, Any] = {"kind": "IMMEDIATE"}

TABLE: list[tuple[str, dict[str, Any], str, str, str | None, str | None]] = [
    ("4 h before opening", FOUR_HOURS, "2026-03-16 07:10", "2026-03-16 12:00", "2026-03-16 11:00", "2026-03-16 11:36"),
    ("4 h to closing", FOUR_HOURS, "2026-03-16 13:00", "2026-03-16 17:00", "2026-03-16 16:00", "2026-03-16 16:36"),
    ("4 h a minute later", FOUR_HOURS, "2026-03-16 13:01", "2026-03-17 08:01", "2026-03-16 16:01", "2026-03-16 16:37"),
    ("4 h over night", FOUR_HOURS, "2026-03-16 15:30", "2026-03-17 10:30", "2026-03-17 09:30", "2026-03-17 10:06"),
    ("4 h at closing", FOUR_HOURS, "2026-03-16 17:00", "2026-03-17 12:00", "2026-03-17 11:00", "2026-03-17 11:36"),
    ("4 h last minute of the week", FOUR_HOURS, "2026-03-20 16:59", "2026-03-23 11:59", "2026-03-23 10:59", "2026-03-23 11:35"),
    ("4 h on Saturday", FOUR_HOURS, "2026-03-21 12:00", "2026-03-23 12:00", "2026-03-23 11:00", "2026-03-23 11:36"),
    ("4 h daylight saving", FOUR_HOURS, "2026-03-27 16:00", "2026-03-30 11:00", "2026-03-30 10:00", "2026-03-30 10:36"),
    ("4 h Easter", FOUR_HOURS, "2026-04-03 14:00", "2026-04-07 09:00", "2026-04-03 17:00", "2026-04-07 08:36"),
    ("4 h 1 May", FOUR_HOURS, "2026-04-30 15:00", "2026-05-04 10:00", "2026-05-04 09:00", "2026-05-04 09:36"),
    ("4 h Corpus Christi", FOUR_HOURS, "2026-06-03 16:30", "2026-06-05 11:30", "2026-06-05 10:30", "2026-06-05 11:06"),
    ("4 h 11 November", FOUR_HOURS, "2026-11-10 16:00", "2026-11-12 11:00", "2026-11-12 10:00", "2026-11-12 10:36"),
    ("4 h Christmas", FOUR_HOURS, "2026-12-23 16:00", "2026-12-28 11:00", "2026-12-28 10:00", "2026-12-28 10:36"),
    ("4 h New Year", FOUR_HOURS, "2026-12-31 15:00", "2027-01-04 10:00", "2027-01-04 09:00", "2027-01-04 09:36"),
    ("8 h in a day", EIGHT_HOURS, "2026-05-13 09:00", "2026-05-13 17:00", "2026-05-13 15:00", "2026-05-13 16:12"),
    ("8 h 1 November", EIGHT_HOURS, "2026-10-30 15:00", "2026-11-02 14:00", "2026-11-02 12:00", "2026-11-02 13:12"),
    ("1 BD", ONE_DAY, "2026-02-03 10:00", "2026-02-04 10:00", "2026-02-03 16:45", "2026-02-04 09:06"),
    ("1 BD over a weekend", ONE_DAY, "2026-02-06 15:00", "2026-02-09 15:00", "2026-02-09 12:45", "2026-02-09 14:06"),
    ("1 BD from Saturday", ONE_DAY, "2026-02-07 09:00", "2026-02-09 17:00", "2026-02-09 14:45", "2026-02-09 16:06"),
    ("1 BD over Christmas", ONE_DAY, "2026-12-23 11:00", "2026-12-28 11:00", "2026-12-28 08:45", "2026-12-28 10:06"),
    ("NBD before closing", NEXT_DAY, "2026-03-16 16:59", "2026-03-17 17:00", None, None),
    ("NBD at closing", NEXT_DAY, "2026-03-16 17:00", "2026-03-18 17:00", None, None),
    ("NBD Friday", NEXT_DAY, "2026-03-20 10:00", "2026-03-23 17:00", None, None),
    ("NBD Saturday", NEXT_DAY, "2026-03-21 12:00", "2026-03-24 17:00", None, None),
    ("NBD Easter", NEXT_DAY, "2026-04-03 10:00", "2026-04-07 17:00", None, None),
    ("NBD Christmas", NEXT_DAY, "2026-12-23 10:00", "2026-12-28 17:00", None, None),
    ("7 calendar days", WEEK, "2026-03-25 10:00", "2026-04-01 10:00", None, None),
    ("60 min around the clock", AT_ONCE, "2026-02-10 19:42", "2026-02-10 20:42", None, None),
    ("4 h extended, weekday", FOUR_EXTENDED, "2026-09-01 16:00", "2026-09-02 09:00", "2026-09-01 19:00", "2026-09-02 08:36"),
    ("4 h extended, into Saturday", FOUR_EXTENDED, "2026-09-04 18:00", "2026-09-05 12:00", "2026-09-05 11:00", "2026-09-05 11:36"),
    ("4 h extended, over Sunday", FOUR_EXTENDED, "2026-09-05 12:30", "2026-09-07 10:30", "2026-09-07 09:30", "2026-09-07 10:06"),
    ("4 h extended, Saturday after close", FOUR_EXTENDED, "2026-09-05 14:30", "2026-09-07 12:00", "2026-09-07 11:00", "2026-09-07 11:36"),
]


def agreement(target: dict[str, Any]) -> Agreement:
    return Agreement.model_validate(
        {
            "agreement": "table",
            "kind": "CUSTOMER_SLA",
            "provider": "p",
            "customer": "c",
            "service": "s",
            "time_zone": "Europe/Warsaw",
            "effective_from": "2026-01-01",
            "calendars": CALENDARS,
            "targets": [{"target": "t", "stop": "DONE", **target}],
        }
    )


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=WARSAW)


@pytest.mark.parametrize(("row", "target", "start", "due", "first", "last"), TABLE, ids=[row[0] for row in TABLE])
def test_a_row_of_the_table(row: str, target: dict[str, Any], start: str, due: str, first: str | None, last: str | None) -> None:
    story = Story(customer="c", service="s")
    story.created(local(start).isoformat())
    [reading] = read_clocks([agreement(target)], story.events, local(start))
    warnings = [each.at for each in reading.milestones() if each.kind == "WARNING"]

    assert reading.due_at == local(due), f"{row}: due"
    assert [each.at for each in reading.milestones() if each.kind == "BREACH"] == [local(due)], f"{row}: breach"
    if first is not None and last is not None:
        assert warnings == [local(first), local(last)], f"{row}: warnings"


@pytest.mark.parametrize(
    ("target", "start", "first", "last"),
    [
        (NEXT_DAY, "2026-03-16 16:59", "2026-03-17 14:44:45", "2026-03-17 16:05:54"),
        (NEXT_DAY, "2026-03-16 17:00", "2026-03-18 12:30", "2026-03-18 15:12"),
        (NEXT_DAY, "2026-03-20 10:00", "2026-03-23 13:00", "2026-03-23 15:24"),
        (NEXT_DAY, "2026-03-21 12:00", "2026-03-24 12:30", "2026-03-24 15:12"),
        (NEXT_DAY, "2026-04-03 10:00", "2026-04-07 13:00", "2026-04-07 15:24"),
        (NEXT_DAY, "2026-12-23 10:00", "2026-12-28 13:00", "2026-12-28 15:24"),
        (WEEK, "2026-03-25 10:00", "2026-03-30 16:15", "2026-03-31 17:18"),
        (AT_ONCE, "2026-02-10 19:42", "2026-02-10 20:27", "2026-02-10 20:36"),
    ],
    ids=["NBD before closing", "NBD at closing", "NBD Friday", "NBD Saturday", "NBD Easter", "NBD Christmas", "7 calendar days", "60 min"],
)
def test_the_rows_without_warnings_warn_at_shares_of_their_business_time(target: dict[str, Any], start: str, first: str, last: str) -> None:
    story = Story(customer="c", service="s")
    story.created(local(start).isoformat())
    [reading] = read_clocks([agreement(target)], story.events, local(start))

    assert [each.at for each in reading.milestones() if each.kind == "WARNING"] == [local(first), local(last)]


def test_a_week_over_the_change_to_summer_time_has_167_hours() -> None:
    story = Story(customer="c", service="s")
    story.created(local("2026-03-25 10:00").isoformat())
    [reading] = read_clocks([agreement(WEEK)], story.events, local("2026-03-25 10:00"))

    assert reading.remaining == timedelta(hours=167)
