"""`servanda calendar` as people and scripts use it."""

import json
from pathlib import Path

import pytest

from cli import run
from tests.conftest import EXAMPLES

OFFICE = str(EXAMPLES / "calendars" / "pl-bh-8-17.yaml")
START = ("--start", "2026-03-16T15:30+01:00")


@pytest.mark.parametrize("budget", ["4h30m", "270m", "16200s", "PT4H30M"])
def test_a_budget_may_be_written_in_four_ways(budget: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["calendar", "due", OFFICE, *START, "--budget", budget, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["due"] == "2026-03-17T11:00:00+01:00"


def test_due_as_json_has_both_times_and_the_steps(capsys: pytest.CaptureFixture[str]) -> None:
    run(["calendar", "due", OFFICE, *START, "--budget", "4h", "--json"])
    answer = json.loads(capsys.readouterr().out)

    assert (answer["due"], answer["due_utc"]) == ("2026-03-17T10:30:00+01:00", "2026-03-17T09:30:00Z")
    assert [(step["from"], step["counted_seconds"], step["total_seconds"]) for step in answer["steps"]] == [
        ("2026-03-16T15:30:00+01:00", 5400, 5400),
        ("2026-03-17T08:00:00+01:00", 9000, 14400),
    ]


def test_pauses_are_taken_out(capsys: pytest.CaptureFixture[str]) -> None:
    pause = "2026-03-16T16:00+01:00/2026-03-17T09:00+01:00"
    run(["calendar", "due", OFFICE, *START, "--budget", "4h", "--pause", pause, "--explain"])
    shown = capsys.readouterr().out

    assert shown.startswith("due Tue 2026-03-17 12:30")
    assert "paused" in shown


def test_elapsed_is_whole_seconds_as_json_and_words_without(capsys: pytest.CaptureFixture[str]) -> None:
    end = ("--end", "2026-03-17T10:05:30+01:00")
    run(["calendar", "elapsed", OFFICE, *START, *end, "--json"])
    as_json = json.loads(capsys.readouterr().out)
    run(["calendar", "elapsed", OFFICE, *START, *end])

    assert as_json["elapsed_seconds"] == 215 * 60 + 30
    assert capsys.readouterr().out == "3h35m30s of business time in PL-BH-8-17\n"


def test_check_says_that_nothing_is_wrong_and_what_may_not_be_meant(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["calendar", "check", OFFICE]) == 0
    shown = capsys.readouterr()

    assert shown.out.startswith("PL-BH-8-17: no fault. Europe/Warsaw, business day 9h")
    assert shown.err == "note: holidays are written out up to 2027-12-26; later years count as having none\n"


def test_the_holidays_of_poland_are_proposed_with_christmas_eve(capsys: pytest.CaptureFixture[str]) -> None:
    run(["calendar", "holidays", "--country", "PL", "--years", "2026-2027", "--json"])
    dates = [holiday["date"] for holiday in json.loads(capsys.readouterr().out)]

    assert len(dates) == 28
    assert {"2026-12-24", "2027-12-24", "2026-04-06", "2026-06-04"} <= set(dates)


ICS = """BEGIN:VCALENDAR
BEGIN:VEVENT
DTSTART;VALUE=DATE:20260601
DTEND;VALUE=DATE:20260603
SUMMARY:Company
 \\, two days
END:VEVENT
BEGIN:VEVENT
DTSTART:20260610T100000Z
SUMMARY:a meeting
END:VEVENT
END:VCALENDAR
"""


def test_holidays_are_taken_from_an_icalendar_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "free.ics"
    path.write_text(ICS, encoding="utf-8")
    run(["calendar", "holidays", "--ics", str(path)])

    assert capsys.readouterr().out == 'holidays:\n  - "2026-06-01"   # Company, two days\n  - "2026-06-02"   # Company, two days\n'


BAD_CALENDARS = {
    "overlap": "weekly: {mon: ['08:00-12:00', '11:00-13:00']}",
    "zone": "weekly: {mon: ['08:00-12:00']}\ntime_zone: Mars/Olympus",
    "never": "weekly: {}",
    "twice": "weekly: {mon: ['08:00-12:00'], mon: ['08:00-12:00']}",
    "no yaml": "weekly: {mon: [",
    "empty": "",
}


@pytest.mark.parametrize("fault", BAD_CALENDARS)
def test_a_faulty_calendar_is_one_line_with_its_place(fault: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bad.yaml"
    text = BAD_CALENDARS[fault]
    zone = "" if "time_zone" in text else "time_zone: Europe/Warsaw\n"
    path.write_text(f"calendar: bad\n{zone}{text}\n" if text else "", encoding="utf-8")

    assert run(["calendar", "due", str(path), *START, "--budget", "4h"]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.count("\n") == 1
    assert shown.err.startswith(f"error: {path}:")


@pytest.mark.parametrize(
    "arguments",
    [
        ["due", OFFICE, "--start", "2026-03-16T15:30", "--budget", "4h"],
        ["due", OFFICE, "--start", "yesterday", "--budget", "4h"],
        ["due", OFFICE, *START, "--budget", "0h"],
        ["due", OFFICE, *START, "--budget", "-4h"],
        ["due", OFFICE, *START, "--budget", "1d"],
        ["due", OFFICE, *START, "--budget", "4h", "--pause", "2026-03-16T16:00+01:00"],
        ["due", OFFICE, *START, "--budget", "4h", "--pause", "2026-03-17T16:00+01:00/2026-03-16T16:00+01:00"],
        ["due", OFFICE, *START],
        ["due", "/no/such/file.yaml", *START, "--budget", "4h"],
        ["elapsed", OFFICE, *START, "--end", "2026-03-15T15:30+01:00"],
        ["holidays", "--country", "XX", "--years", "2026"],
        ["holidays", "--country", "PL"],
        ["holidays", "--country", "PL", "--years", "2027-2026"],
        ["holidays"],
        ["holidays", "--ics", "/no/such.ics"],
        ["nonsense"],
    ],
    ids=lambda arguments: " ".join(arguments)[-40:],
)
def test_bad_input_is_one_clear_line_and_exit_code_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["calendar", *arguments]) == 2
    shown = capsys.readouterr()

    assert shown.out == ""
    assert shown.err.count("\n") == 1, shown.err
    assert shown.err.startswith("error: ")
