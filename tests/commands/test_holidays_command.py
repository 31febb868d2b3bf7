"""`servanda calendar holidays` as people and scripts use it."""

import json
from pathlib import Path

import pytest

from cli import run
from tests.commands.refusals import refused


@pytest.mark.parametrize("year", ["2026", "2027"])
def test_each_year_in_poland_has_14_holidays(year: str, capsys: pytest.CaptureFixture[str]) -> None:
    run(["calendar", "holidays", "--country", "PL", "--years", year])
    lines = capsys.readouterr().out.splitlines()

    assert lines[0] == "holidays:"
    assert len(lines[1:]) == 14
    assert f'  - "{year}-12-24"   # Christmas Eve' in lines


def test_proposed_holidays_are_lines_of_a_calendar_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["calendar", "holidays", "--country", "PL", "--years", "2026-2027"])
    path = tmp_path / "pl.yaml"
    path.write_text("calendar: pl\ntime_zone: Europe/Warsaw\nweekly: {mon: ['08:00-12:00']}\n" + capsys.readouterr().out, encoding="utf-8")

    assert run(["calendar", "check", str(path)]) == 0
    assert "written out up to 2027-12-26" in capsys.readouterr().err


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


def test_no_dates_are_an_empty_list_of_a_calendar_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "free.ics"
    path.write_text(ICS, encoding="utf-8")
    run(["calendar", "holidays", "--ics", str(path), "--years", "2027"])

    assert capsys.readouterr().out == "holidays: []\n"


def test_years_choose_among_the_dates_of_an_icalendar_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "free.ics"
    path.write_text(ICS, encoding="utf-8")
    run(["calendar", "holidays", "--ics", str(path), "--years", "2027", "--json"])

    assert json.loads(capsys.readouterr().out) == []


def icalendar(path: Path, *lines: str) -> str:
    """A file of one event; its path."""
    path.write_text("\n".join(["BEGIN:VCALENDAR", "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR", ""]), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    "lines",
    [
        ["DTSTART;VALUE=DATE:20260601", "RRULE:FREQ=YEARLY"],
        ["DTSTART;VALUE=DATE:20260601", "RDATE;VALUE=DATE:20260701"],
        ["DTSTART;VALUE=DATE:20260231"],
        ["DTSTART;VALUE=DATE:20260602", "DTEND;VALUE=DATE:20260601"],
        ["DTSTART;VALUE=DATE:20200101", "DTEND;VALUE=DATE:20260101"],
        ["DTSTART;VALUE=DATE:99991231"],
    ],
    ids=["a rule", "further dates", "no such date", "backwards", "six years", "the last date"],
)
def test_an_event_that_cannot_become_dates_is_refused(lines: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = icalendar(tmp_path / "free.ics", *lines, "SUMMARY:free")

    assert refused(capsys, "calendar", "holidays", "--ics", path).startswith(f"error: {path}: 'free'")


def test_an_event_of_three_days_written_as_a_duration_is_three_dates_or_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = icalendar(tmp_path / "free.ics", "DTSTART;VALUE=DATE:20260601", "DURATION:P3D", "SUMMARY:free")
    code = run(["calendar", "holidays", "--ics", path, "--json"])

    assert code == 2 or len(json.loads(capsys.readouterr().out)) == 3


def test_appointments_and_cancelled_events_are_no_holidays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    weekly = icalendar(tmp_path / "weekly.ics", "DTSTART:20260601T080000Z", "RRULE:FREQ=WEEKLY", "SUMMARY:meeting")
    cancelled = icalendar(tmp_path / "off.ics", "dtstart;value=date:20260601", "status:CANCELLED", "SUMMARY:picnic")

    for path in (weekly, cancelled):
        run(["calendar", "holidays", "--ics", path, "--json"])
        assert json.loads(capsys.readouterr().out) == []


def test_the_reminder_of_an_event_does_not_name_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reminder = ["BEGIN:VALARM", "SUMMARY:Reminder", "END:VALARM"]
    path = icalendar(tmp_path / "free.ics", "DTSTART;VALUE=DATE:20260601", "SUMMARY:Company day", *reminder)
    run(["calendar", "holidays", "--ics", path, "--json"])

    assert json.loads(capsys.readouterr().out) == [{"date": "2026-06-01", "name": "Company day"}]
