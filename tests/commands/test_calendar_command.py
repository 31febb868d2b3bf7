"""`servanda calendar` as people and scripts use it."""

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from cli import run
from tests.commands.refusals import refused
from tests.conftest import EXAMPLES, ROOT

OFFICE = str(EXAMPLES / "calendars" / "pl-bh-8-17.yaml")
EXTENDED = str(EXAMPLES / "calendars" / "pl-ext.yaml")
START = ("--start", "2026-03-16T15:30+01:00")
PAUSE = ("--pause", "2026-03-16T16:00+01:00/2026-03-17T09:00+01:00")


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


def test_due_as_json_has_these_fields_and_no_others(capsys: pytest.CaptureFixture[str]) -> None:
    run(["calendar", "due", OFFICE, *START, "--budget", "4h", *PAUSE, "--json"])
    answer = json.loads(capsys.readouterr().out)

    assert list(answer) == ["due", "due_utc", "steps"]
    assert answer["steps"][1] == {
        "kind": "NOT_COUNTED",
        "from": "2026-03-16T16:00:00+01:00",
        "to": "2026-03-16T17:00:00+01:00",
        "counted_seconds": 0,
        "total_seconds": 1800,
    }


def test_due_is_one_line_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    run(["calendar", "due", OFFICE, *START, "--budget", "4h"])

    assert capsys.readouterr().out == "due Tue 2026-03-17 10:30 (Europe/Warsaw), 2026-03-17T09:30:00Z\n"


def test_an_explained_due_time_shows_every_stretch(capsys: pytest.CaptureFixture[str]) -> None:
    run(["calendar", "due", OFFICE, *START, "--budget", "4h", *PAUSE, "--explain"])

    assert capsys.readouterr().out.splitlines() == [
        "due Tue 2026-03-17 12:30 (Europe/Warsaw), 2026-03-17T11:30:00Z",
        "  Mon 2026-03-16 15:30 … 16:00  + 30m = 30m",
        "  Mon 2026-03-16 16:00 … 17:00    paused",
        "  Tue 2026-03-17 08:00 … 09:00    paused",
        "  Tue 2026-03-17 09:00 … 12:30  + 3h30m = 4h",
    ]


def test_several_pauses_may_be_given(capsys: pytest.CaptureFixture[str]) -> None:
    second = ("--pause", "2026-03-17T10:00+01:00/2026-03-17T11:00+01:00")
    run(["calendar", "due", OFFICE, *START, "--budget", "4h", *PAUSE, *second, "--json"])

    assert json.loads(capsys.readouterr().out)["due"] == "2026-03-17T13:30:00+01:00"


def test_a_start_in_another_zone_is_the_same_instant(capsys: pytest.CaptureFixture[str]) -> None:
    run(["calendar", "due", OFFICE, "--start", "2026-03-16T14:30Z", "--budget", "4h", "--json"])

    assert json.loads(capsys.readouterr().out)["due"] == "2026-03-17T10:30:00+01:00"


def test_elapsed_leaves_pauses_out_and_shows_them(capsys: pytest.CaptureFixture[str]) -> None:
    run(["calendar", "elapsed", OFFICE, *START, "--end", "2026-03-17T10:05+01:00", *PAUSE, "--json"])
    answer = json.loads(capsys.readouterr().out)

    assert list(answer) == ["elapsed_seconds", "elapsed", "steps"]
    assert (answer["elapsed_seconds"], answer["elapsed"]) == (5700, "1h35m")
    assert [step["kind"] for step in answer["steps"]] == ["COUNTED", "NOT_COUNTED", "NOT_COUNTED", "COUNTED"]


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


def test_check_as_json_says_what_the_calendar_holds(capsys: pytest.CaptureFixture[str]) -> None:
    run(["calendar", "check", OFFICE, "--json"])
    answer = json.loads(capsys.readouterr().out)

    assert list(answer) == ["calendar", "time_zone", "weekly", "business_day", "notes"]
    assert (answer["calendar"], answer["time_zone"], answer["business_day"]) == ("PL-BH-8-17", "Europe/Warsaw", "9h")
    assert answer["weekly"]["fri"] == ["08:00-17:00"]


def test_check_says_when_a_business_day_has_no_length(capsys: pytest.CaptureFixture[str]) -> None:
    run(["calendar", "check", EXTENDED])

    assert "business day not defined: targets in business days are refused" in capsys.readouterr().out


def test_check_notes_an_exception_on_a_holiday_and_a_date_that_stands_twice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "odd.yaml"
    path.write_text(
        "calendar: odd\ntime_zone: Europe/Warsaw\nweekly: {mon: ['08:00-12:00']}\n"
        "holidays: ['2026-03-16', '2026-03-16']\nexceptions: {'2026-03-16': ['09:00-10:00']}\n",
        encoding="utf-8",
    )

    assert run(["calendar", "check", str(path)]) == 0
    assert capsys.readouterr().err.splitlines() == [
        "note: 2026-03-16: the exception has no effect, the date is a holiday",
        "note: holidays are written out up to 2026-03-16; later years count as having none",
        "note: 2026-03-16: stands twice under holidays",
    ]


HEAD = "calendar: bad\ntime_zone: Europe/Warsaw\n"
WHOLE = HEAD + "weekly: {mon: ['08:00-12:00']}\n"

BAD_CALENDARS = {
    "overlap": HEAD + "weekly: {mon: ['08:00-12:00', '11:00-13:00']}",
    "spill": HEAD + "weekly: {fri: ['22:00-06:00'], sat: ['05:00-09:00']}",
    "zone": "calendar: bad\nweekly: {mon: ['08:00-12:00']}\ntime_zone: Mars/Olympus",
    "no zone": "calendar: bad\nweekly: {mon: ['08:00-12:00']}",
    "never": HEAD + "weekly: {}",
    "twice": HEAD + "weekly: {mon: ['08:00-12:00'], mon: ['08:00-12:00']}",
    "unknown field": WHOLE + "hours: {}",
    "no such date": WHOLE + "holidays: ['2026-02-30']",
    "business day without unit": WHOLE + "business_day: 8",
    "no yaml": HEAD + "weekly: {mon: [",
    "two documents": WHOLE + "---\n" + WHOLE,
    "a list": "- 1",
    "a word": "calendar",
    "in itself": "weekly: &a {mon: *a}",
    "many times itself": "a: &a [x]\n" + "".join(f"{b}: &{b} [{', '.join(['*' + a] * 9)}]\n" for a, b in pairwise("abcdefghijkl")),
    "unknown tag": WHOLE + "business_day: !!python/object:os.system {}",
    "wrong whole number": WHOLE + "business_day: !!int abc",
    "wrong number": WHOLE + "business_day: !!float abc",
    "wrong time": WHOLE + "business_day: !!timestamp abc",
    "wrong truth": WHOLE + "business_day: !!bool abc",
    "number of 5000 digits": WHOLE + "holidays: [" + "9" * 5000 + "]",
    "a list as key": WHOLE + "? [a, b]\n: c",
    "wrong whole number as key": WHOLE + "? !!int abc\n: c",
    "wrong time as key": WHOLE + "? !!timestamp abc\n: c",
    "control character": WHOLE + "# \x07",
    "field of two lines": WHOLE + '"hours\\nof opening": 1',
    "empty": "",
}


@pytest.mark.parametrize("fault", BAD_CALENDARS)
def test_a_faulty_calendar_is_one_line_with_its_place(fault: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(BAD_CALENDARS[fault], encoding="utf-8")

    assert refused(capsys, "calendar", "due", str(path), *START, "--budget", "4h").startswith(f"error: {path}:")


def test_a_calendar_that_is_no_text_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bad.yaml"
    path.write_bytes(b"\xff\xfe")

    assert refused(capsys, "calendar", "check", str(path)) == f"error: {path}:1: not UTF-8 text\n"


def test_a_calendar_with_two_faults_says_both_each_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text("calendar: bad\ntime_zone: Mars/Olympus\nweekly:\n  mon: ['8-17']\n", encoding="utf-8")

    assert run(["calendar", "check", str(path)]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert [line.partition(" ")[0] for line in shown.err.removeprefix("error: ").splitlines()] == [f"{path}:2:", f"{path}:4:"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["due", OFFICE, "--start", "2026-03-16T15:30", "--budget", "4h"],
        ["due", OFFICE, "--start", "yesterday", "--budget", "4h"],
        ["due", OFFICE, "--start", "2026-02-30T15:30+01:00", "--budget", "4h"],
        ["due", OFFICE, "--start", "0001-01-01T00:00+01:00", "--budget", "4h"],
        ["due", OFFICE, "--start", "9999-12-31T23:00-05:00", "--budget", "4h"],
        ["due", OFFICE, *START, "--budget", "0h"],
        ["due", OFFICE, *START, "--budget", "-4h"],
        ["due", OFFICE, *START, "--budget", "1d"],
        ["due", OFFICE, *START, "--budget", "4"],
        ["due", OFFICE, *START, "--budget", ""],
        ["due", OFFICE, *START, "--budget", "876601h"],
        ["due", OFFICE, *START, "--budget", "9" * 5000 + "h"],
        ["due", OFFICE, *START, "--budget", "4h", "--pause", "2026-03-16T16:00+01:00"],
        ["due", OFFICE, *START, "--budget", "4h", "--pause", "2026-03-16T16:00+01:00/"],
        ["due", OFFICE, *START, "--budget", "4h", "--pause", "2026-03-16T16:00+01:00/2026-03-16T17:00"],
        ["due", OFFICE, *START, "--budget", "4h", "--pause", "2026-03-17T16:00+01:00/2026-03-16T16:00+01:00"],
        ["due", OFFICE, *START, "--budget", "4h", "--jsn"],
        ["due", OFFICE, *START, "--budget", "4h", "more"],
        ["due", OFFICE, *START],
        ["due", OFFICE, "--budget", "4h"],
        ["due", "/no/such/file.yaml", *START, "--budget", "4h"],
        ["due", "/", *START, "--budget", "4h"],
        ["elapsed", OFFICE, *START, "--end", "2026-03-15T15:30+01:00"],
        ["elapsed", OFFICE, *START, "--end", "2026-03-17T15:30"],
        ["elapsed", OFFICE, *START],
        ["check", "/no/such/file.yaml"],
        ["check"],
        ["holidays", "--country", "XX", "--years", "2026"],
        ["holidays", "--country", "DE-XX", "--years", "2026"],
        ["holidays", "--country", "", "--years", "2026"],
        ["holidays", "--country", "PL"],
        ["holidays", "--country", "PL", "--years", "2027-2026"],
        ["holidays", "--country", "PL", "--years", "soon"],
        ["holidays", "--country", "PL", "--years", "0-1"],
        ["holidays", "--country", "PL", "--years", "1900-2100"],
        ["holidays", "--country", "PL", "--years", "2026", "--ics", "free.ics"],
        ["holidays"],
        ["holidays", "--ics", "/no/such.ics"],
        ["holidays", "--ics", OFFICE],
        ["nonsense"],
    ],
    ids=lambda arguments: " ".join(arguments)[-60:],
)
def test_bad_input_is_one_clear_line_and_exit_code_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    refused(capsys, "calendar", *arguments)


def servanda(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The program as a shell starts it."""
    return subprocess.run(
        [sys.executable, "-m", "cli", *arguments], cwd=ROOT, capture_output=True, encoding="utf-8", timeout=60, check=False
    )


def test_the_program_answers_on_standard_output() -> None:
    ended = servanda("calendar", "due", OFFICE, *START, "--budget", "4h", "--json")

    assert (ended.returncode, ended.stderr) == (0, "")
    assert json.loads(ended.stdout)["due_utc"] == "2026-03-17T09:30:00Z"


def test_the_program_refuses_with_one_line_and_exit_code_2() -> None:
    ended = servanda("calendar", "due", OFFICE, *START, "--budget", "soon")

    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == "error: 'soon' is no length of time; write 90m, 4h30m, 16200s or PT4H30M, more than zero\n"
