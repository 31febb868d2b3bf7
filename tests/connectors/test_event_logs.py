import json
import lzma
import os
import random
import subprocess
import sys
from collections.abc import Sequence
from csv import DictReader
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.documents import FaultyDocument
from connectors.event_logs import EventLog, LogReport
from connectors.event_mappings import EventLogMapping, agreement_files, read_mapping
from domain.cloud_events import CloudEvent, cloud_event
from domain.errors import BadInput
from domain.events import TicketEvent
from tests.conftest import EXAMPLES

INVENTED = EXAMPLES / "invented_event_log.csv"
MAPPING_FILE = EXAMPLES / "incident_event_log.yaml"
HEADER = "number,sys_mod_count,incident_state,opened_at,sys_updated_at,resolved_at,priority,location,category,assignment_group"

Told = tuple[str, str, str | dict[str, str | None] | None]


def mapping(**changed: Any) -> EventLogMapping:
    known = read_mapping(MAPPING_FILE).model_dump(exclude_none=True)
    return EventLogMapping.model_validate({**known, **changed})


def row(count: int, state: str, at: str, **cells: str) -> str:
    known = {"number": "7", "opened": "5/1/2026 09:00", "resolved": "?", "priority": "3", **cells}
    return f"{known['number']},{count},{state},{known['opened']},{at},{known['resolved']},{known['priority']},?,?,?"


def csv(path: Path, rows: Sequence[str]) -> Path:
    path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return path


def read(path: Path, meaning: EventLogMapping | None = None, limit: int | None = None) -> tuple[list[list[TicketEvent]], LogReport]:
    log = EventLog(path, meaning or mapping(), limit)
    return list(log.stories()), log.report


def told(tmp_path: Path, *rows: str) -> list[Told]:
    """What happened to the one ticket of some rows, after its creation: when in UTC, what, and which."""
    [[created, *events]], _ = read(csv(tmp_path / "log.csv", rows))
    assert (created.kind, created.occurred_at) == ("created", datetime(2026, 1, 5, 9, tzinfo=UTC))
    return [
        (f"{event.occurred_at:%d %H:%M}", event.kind.value, event.milestone or event.reason or dict(event.attributes) or None)
        for event in events
    ]


def ids(stories: list[list[TicketEvent]]) -> list[str]:
    return [event.event_id for events in stories for event in events]


def refused(report: LogReport) -> dict[str, tuple[int, list[int]]]:
    return {reason: (tally.count, tally.first_lines) for reason, tally in report.refused.items()}


def noted(report: LogReport) -> dict[str, tuple[int, list[int]]]:
    return {reason: (tally.count, tally.first_lines) for reason, tally in report.notes.items()}


def all_accounted_for(report: LogReport) -> bool:
    return report.rows == report.used + report.unchanged + sum(tally.count for tally in report.refused.values())


# ---- what states mean ------------------------------------------------------------------------------------------------


def test_a_ticket_is_told_from_its_opening_through_response_to_resolution(tmp_path: Path) -> None:
    assert told(
        tmp_path,
        row(0, "New", "5/1/2026 09:05", resolved="6/1/2026 10:00"),
        row(1, "Active", "5/1/2026 09:40", resolved="6/1/2026 10:00"),
        row(2, "Resolved", "6/1/2026 10:00", resolved="6/1/2026 10:00"),
        row(3, "Closed", "11/1/2026 10:00", resolved="6/1/2026 10:00"),
    ) == [("05 09:40", "milestone", "RESPONDED"), ("06 10:00", "milestone", "RESOLVED")]


def test_a_ticket_carries_constants_and_known_columns_from_its_creation(tmp_path: Path) -> None:
    [[created]], _ = read(csv(tmp_path / "log.csv", ["7,0,New,5/1/2026 09:00,5/1/2026 09:05,?,3,Gdynia,?,Desk"]))

    assert created.attributes == {
        "customer": "Anonymous IT company",
        "service": "it-support",
        "priority": "3",
        "region": "Gdynia",
        "held_by": "Desk",
    }
    assert created.received_at == datetime(2026, 1, 5, 9, 5, tzinfo=UTC)


def test_waiting_for_the_user_and_for_a_vendor_are_pauses_with_reasons_of_their_own(tmp_path: Path) -> None:
    assert told(
        tmp_path,
        row(0, "New", "5/1/2026 09:00"),
        row(1, "Awaiting User Info", "5/1/2026 10:00"),
        row(2, "Awaiting Vendor", "5/1/2026 11:00"),
        row(3, "Active", "5/1/2026 12:00"),
    ) == [
        ("05 10:00", "milestone", "RESPONDED"),
        ("05 10:00", "paused", "AWAITING_CUSTOMER"),
        ("05 11:00", "paused", "AWAITING_SUPPLIER"),
        ("05 12:00", "resumed", None),
    ]


def test_a_ticket_first_seen_resolved_was_responded_to_then_at_the_latest(tmp_path: Path) -> None:
    assert sorted(told(tmp_path, row(4, "Resolved", "5/1/2026 15:00", resolved="5/1/2026 14:00"))) == [
        ("05 14:00", "milestone", "RESOLVED"),
        ("05 14:00", "milestone", "RESPONDED"),
    ]


def test_the_instant_of_a_resolution_is_that_of_its_column_where_it_was_saved_twice(tmp_path: Path) -> None:
    assert told(
        tmp_path,
        row(0, "New", "5/1/2026 09:00", resolved="5/1/2026 16:17"),
        row(1, "Resolved", "5/1/2026 15:27", resolved="5/1/2026 16:17"),
        row(2, "Resolved", "5/1/2026 16:17", resolved="5/1/2026 16:17"),
    ) == [("05 15:27", "milestone", "RESPONDED"), ("05 16:17", "milestone", "RESOLVED")]


def test_the_resolved_column_counts_for_the_last_of_several_resolutions_only(tmp_path: Path) -> None:
    assert told(
        tmp_path,
        row(0, "Active", "5/1/2026 09:30", resolved="8/1/2026 11:55"),
        row(1, "Resolved", "5/1/2026 12:00", resolved="8/1/2026 11:55"),
        row(2, "Active", "6/1/2026 08:00", resolved="8/1/2026 11:55"),
        row(3, "Resolved", "6/1/2026 10:00", resolved="8/1/2026 11:55"),
        row(4, "Awaiting User Info", "7/1/2026 08:00", resolved="8/1/2026 11:55"),
        row(5, "Resolved", "8/1/2026 12:00", resolved="8/1/2026 11:55"),
        row(6, "Closed", "13/1/2026 12:00", resolved="8/1/2026 11:55"),
    ) == [
        ("05 09:30", "milestone", "RESPONDED"),
        ("05 12:00", "milestone", "RESOLVED"),
        ("06 08:00", "reopened", None),
        ("06 10:00", "milestone", "RESOLVED"),
        ("07 08:00", "reopened", None),
        ("07 08:00", "paused", "AWAITING_CUSTOMER"),
        ("08 11:55", "milestone", "RESOLVED"),
        ("08 12:00", "resumed", None),
    ]


def test_a_resolved_column_from_before_the_reopening_is_not_taken_and_noted(tmp_path: Path) -> None:
    rows = [
        row(0, "Resolved", "5/1/2026 12:00", resolved="5/1/2026 12:00"),
        row(1, "New", "6/1/2026 08:00", resolved="5/1/2026 12:00"),
        row(2, "Closed", "9/1/2026 08:00", resolved="5/1/2026 12:00"),
    ]
    [events], report = read(csv(tmp_path / "log.csv", rows))

    assert [f"{event.occurred_at:%d %H:%M}" for event in events if event.milestone == "RESOLVED"] == ["05 12:00", "09 08:00"]
    assert noted(report) == {"resolved_at lies before the ticket was reopened: the row's instant was taken": (1, [4])}


def test_a_ticket_closed_without_a_resolution_is_resolved_by_its_closing(tmp_path: Path) -> None:
    assert sorted(told(tmp_path, row(0, "New", "5/1/2026 09:10"), row(1, "Closed", "9/1/2026 10:00"))) == [
        ("09 10:00", "milestone", "RESOLVED"),
        ("09 10:00", "milestone", "RESPONDED"),
    ]


def test_a_closed_ticket_that_is_active_again_was_reopened(tmp_path: Path) -> None:
    assert told(tmp_path, row(0, "Resolved", "5/1/2026 10:00"), row(1, "Closed", "6/1/2026 10:00"), row(2, "Active", "7/1/2026 10:00"))[
        -1
    ] == ("07 10:00", "reopened", None)


def test_an_unknown_state_leaves_the_ticket_as_it_was_and_is_counted(tmp_path: Path) -> None:
    rows = [
        row(0, "Awaiting User Info", "5/1/2026 10:00"),
        row(1, "-100", "5/1/2026 11:00"),
        row(2, "?", "5/1/2026 12:00"),
        row(3, "Awaiting User Info", "5/1/2026 13:00"),
    ]
    [events], report = read(csv(tmp_path / "log.csv", rows))

    assert [event.kind.value for event in events] == ["created", "milestone", "paused"]
    assert noted(report) == {
        "state '-100' is not in the mapping: the state before it was kept": (1, [3]),
        "state 'unknown' is not in the mapping: the state before it was kept": (1, [4]),
    }


def test_a_changed_attribute_is_told_and_an_unknown_one_keeps_what_was_known(tmp_path: Path) -> None:
    assert told(
        tmp_path,
        "7,0,New,5/1/2026 09:00,5/1/2026 09:00,?,3,?,?,Desk",
        "7,1,New,5/1/2026 09:00,5/1/2026 09:10,?,2,?,mail,?",
        "7,2,New,5/1/2026 09:00,5/1/2026 09:20,?,2,?,mail,Desk",
        "7,3,New,5/1/2026 09:00,5/1/2026 09:30,?,2,?,?,Servers",
    ) == [("05 09:10", "changed", {"category": "mail", "priority": "2"}), ("05 09:30", "changed", {"held_by": "Servers"})]


def test_texts_of_a_column_may_be_given_another_meaning(tmp_path: Path) -> None:
    meaning = mapping(attributes={"priority": {"column": "priority", "values": {"3": "normal"}}})
    stories, _ = read(csv(tmp_path / "log.csv", [row(0, "New", "5/1/2026 09:00"), row(1, "New", "5/1/2026 09:05", priority="1")]), meaning)

    assert [event.attributes for event in stories[0]] == [{"priority": "normal"}, {"priority": "1"}]


# ---- order -----------------------------------------------------------------------------------------------------------


def test_rows_of_one_minute_are_taken_in_the_order_of_their_counter(tmp_path: Path) -> None:
    assert told(
        tmp_path,
        row(3, "Resolved", "5/1/2026 09:30"),
        row(2, "Active", "5/1/2026 09:30"),
        row(1, "Awaiting User Info", "5/1/2026 09:30"),
        row(0, "New", "5/1/2026 09:30"),
    ) == [
        ("05 09:30", "milestone", "RESPONDED"),
        ("05 09:30", "paused", "AWAITING_CUSTOMER"),
        ("05 09:30", "resumed", None),
        ("05 09:30", "milestone", "RESOLVED"),
    ]


def test_without_a_counter_rows_of_one_minute_are_taken_as_they_stand(tmp_path: Path) -> None:
    meaning = mapping(order=None)
    [events], _ = read(csv(tmp_path / "log.csv", [row(9, "New", "5/1/2026 09:30"), row(1, "Resolved", "5/1/2026 09:30")]), meaning)

    assert [(event.kind.value, event.sequence) for event in events] == [("created", 0), ("milestone", 1), ("milestone", 1)]


def test_a_row_older_than_its_ticket_is_taken_at_the_creation_and_noted(tmp_path: Path) -> None:
    [events], report = read(csv(tmp_path / "log.csv", [row(0, "Active", "5/1/2026 07:14"), row(1, "Resolved", "5/1/2026 12:00")]))

    assert [f"{event.occurred_at:%H:%M}" for event in events] == ["09:00", "09:00", "12:00"]
    assert noted(report) == {"the row is older than its ticket: taken at the ticket's creation": (1, [2])}


def test_rows_in_any_order_and_tickets_mixed_up_give_the_same_events_with_the_same_ids(tmp_path: Path) -> None:
    header, *lines = INVENTED.read_text(encoding="utf-8").splitlines()
    mixed = random.Random(1).sample(lines, len(lines))
    (tmp_path / "mixed.csv").write_text("\n".join([header, *mixed]), encoding="utf-8")
    stories, _ = read(INVENTED)
    again, report = read(tmp_path / "mixed.csv")

    assert sorted(again, key=lambda events: events[0].ticket_id) == stories
    assert all_accounted_for(report)


def test_every_event_has_an_id_of_its_own_and_the_same_in_every_reading() -> None:
    first, second = ids(read(INVENTED)[0]), ids(read(INVENTED)[0])

    assert first == second
    assert len(set(first)) == len(first)


def test_a_later_export_gives_the_events_of_an_earlier_one_their_ids(tmp_path: Path) -> None:
    early = [row(0, "New", "5/1/2026 09:00"), row(1, "Active", "5/1/2026 09:30")]
    late = [*(line.replace("?", "6/1/2026 12:00", 1) for line in early), row(2, "Resolved", "6/1/2026 12:00", resolved="6/1/2026 12:00")]
    before = ids(read(csv(tmp_path / "early.csv", early))[0])

    assert ids(read(csv(tmp_path / "late.csv", late))[0])[: len(before)] == before


def test_every_event_can_be_posted() -> None:
    for events in read(INVENTED)[0]:
        for event in events:
            assert CloudEvent.model_validate(cloud_event(event)).ticket_event(event.received_at) == event


# ---- every row is accounted for --------------------------------------------------------------------------------------


def test_every_row_is_used_unchanged_or_refused_with_its_reason_and_lines(tmp_path: Path) -> None:
    rows = [
        row(0, "New", "5/1/2026 09:05"),
        row(1, "New", "5/1/2026 09:06"),
        row(2, "Active", "soon"),
        row(3, "Active", "?"),
        row(4, "Active", "2026-01-05 10:00"),
        row(0, "New", "5/1/2026 10:00", number="?"),
        row(0, "New", "5/1/2026 10:00", number="no blank"),
        "7,5,Active",
        "",
        row(0, "New", "5/1/2026 10:00", number="8", opened="?"),
        row(5, "Active", "5/1/2026 10:10"),
    ]
    _, report = read(csv(tmp_path / "log.csv", rows))

    assert (report.rows, report.used, report.unchanged, report.tickets) == (10, 2, 1, 1)
    assert refused(report) == {
        "sys_updated_at: fits no time format": (2, [4, 6]),
        "sys_updated_at: unknown": (1, [5]),
        "number: no ticket id of letters, digits, dot, dash and underscore": (2, [7, 8]),
        "not as many cells as the first line": (1, [9]),
        "opened_at: unknown in every row of the ticket": (1, [11]),
    }
    assert all_accounted_for(report)


def test_a_cell_that_cannot_be_used_is_noted_and_its_row_is_not_lost(tmp_path: Path) -> None:
    rows = [f"7,many,Resolved,5/1/2026 09:00,5/1/2026 10:00,noon,3,{'x' * 201},?,?"]
    [events], report = read(csv(tmp_path / "log.csv", rows))

    assert [event.kind.value for event in events] == ["created", "milestone", "milestone"]
    assert noted(report) == {
        "resolved_at: fits no time format, not taken": (1, [2]),
        "sys_mod_count: no whole number, the row comes first of its instant": (1, [2]),
        "location: longer than 200 characters, not taken": (1, [2]),
    }


def test_the_invented_log_is_read_without_an_unexplained_row() -> None:
    stories, report = read(INVENTED)

    assert (report.tickets, report.rows, report.used, report.unchanged, report.events) == (300, 1798, 1280, 518, 1436)
    assert len(stories) == 300
    assert all_accounted_for(report)
    assert refused(report) == {}
    assert noted(report) == {
        "state '-100' is not in the mapping: the state before it was kept": (4, [104, 647, 1186]),
        "the row is older than its ticket: taken at the ticket's creation": (5, [169, 541, 881]),
    }


def test_a_limit_takes_the_first_tickets_whole_and_counts_their_rows_only() -> None:
    stories, report = read(INVENTED, limit=2)

    assert [events[0].ticket_id for events in stories] == ["9000001", "9000002"]
    assert (report.tickets, report.rows) == (2, 12)
    assert all_accounted_for(report)


def test_the_invented_log_is_what_its_script_writes(tmp_path: Path) -> None:
    subprocess.run([sys.executable, EXAMPLES / "make_invented_event_log.py", tmp_path / "log.csv"], check=True)

    assert (tmp_path / "log.csv").read_bytes() == INVENTED.read_bytes()


@pytest.mark.skipif("SERVANDA_INCIDENT_LOG" not in os.environ, reason="SERVANDA_INCIDENT_LOG names no incident log (UCI dataset 498)")
def test_the_last_resolution_of_every_real_incident_is_where_its_column_says_it_is() -> None:
    path = Path(os.environ["SERVANDA_INCIDENT_LOG"])
    with lzma.open(path, "rt", encoding="utf-8") as file:
        final = {each["number"]: each["resolved_at"] for each in DictReader(file) if each["resolved_at"] != "?"}
    stories, report = read(path)
    resolutions = {events[0].ticket_id: [event.occurred_at for event in events if event.milestone == "RESOLVED"] for events in stories}
    elsewhere = {
        number: each[-1].isoformat()
        for number, each in resolutions.items()
        if number in final and each[-1] != datetime.strptime(final[number], "%d/%m/%Y %H:%M").replace(tzinfo=UTC)
    }

    assert (report.rows, report.used, report.unchanged, report.tickets, report.events) == (141_712, 82_296, 59_416, 24_918, 108_622)
    assert all_accounted_for(report)
    assert refused(report) == {}
    assert {reason: tally.count for reason, tally in report.notes.items()} == {
        "the row is older than its ticket: taken at the ticket's creation": 5,
        "state '-100' is not in the mapping: the state before it was kept": 5,
        "resolved_at lies before the ticket was reopened: the row's instant was taken": 1,
    }
    assert len(set(ids(stories))) == 108_622
    assert len(final) == 23_362
    assert sum(len(each) for each in resolutions.values()) == 24_918 + 332, "one for each ticket and one for each reopening"
    assert elsewhere == {"0000137": "2016-03-05T12:00:00+00:00"}, "the one whose first row is stamped after its resolution"


# ---- forms and faults ------------------------------------------------------------------------------------------------


def test_a_log_reads_the_same_as_csv_and_jsonl_packed_or_not(tmp_path: Path) -> None:
    header, *lines = INVENTED.read_text(encoding="utf-8").splitlines()
    objects: list[dict[str, Any]] = [dict(zip(header.split(","), line.split(","), strict=True)) for line in lines]
    for each in objects:
        each["sys_mod_count"] = int(each["sys_mod_count"])
        each["location"] = None if each["location"] == "?" else each["location"]
    jsonl = "\n".join(json.dumps(each) for each in objects).encode()
    (tmp_path / "log.jsonl").write_bytes(jsonl)
    (tmp_path / "log.jsonl.xz").write_bytes(lzma.compress(jsonl))
    (tmp_path / "log.csv.xz").write_bytes(lzma.compress(INVENTED.read_bytes()))
    stories, report = read(INVENTED)

    for name in ("log.jsonl", "log.jsonl.xz", "log.csv.xz"):
        again, other = read(tmp_path / name)
        assert again == stories, name
        assert (other.rows, other.used, other.unchanged) == (report.rows, report.used, report.unchanged), name


def test_lines_that_are_no_json_objects_are_refused(tmp_path: Path) -> None:
    good = dict(zip(HEADER.split(","), row(0, "New", "5/1/2026 09:05").split(","), strict=True))
    (tmp_path / "log.jsonl").write_text("\n".join([json.dumps(good), "{", "", "[1]"]), encoding="utf-8")
    _, report = read(tmp_path / "log.jsonl")

    assert refused(report) == {"not JSON": (1, [2]), "not a JSON object": (1, [4])}
    assert all_accounted_for(report)


def test_wall_clock_times_are_those_of_the_mapping_s_zone_and_offsets_count_where_they_stand(tmp_path: Path) -> None:
    rows = [row(0, "New", "17/1/2026 12:00", opened="17/1/2026 12:00"), row(1, "Active", "2026-07-17T12:00:00+0500")]
    meaning = mapping(time_zone="Europe/Warsaw", time_formats=["%d/%m/%Y %H:%M", "%Y-%m-%dT%H:%M:%S%z"])
    [events], _ = read(csv(tmp_path / "log.csv", rows), meaning)

    assert [event.occurred_at.isoformat() for event in events] == ["2026-01-17T11:00:00+00:00", "2026-07-17T07:00:00+00:00"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("missing.csv", None, "missing.csv: No such file or directory"),
        ("log.txt", b"", "log.txt: its name must end with one of .csv, .csv.xz, .jsonl, .jsonl.xz"),
        ("log.csv", b"", "log.csv: there is no column 'number', 'sys_updated_at'"),
        ("log.csv", HEADER.encode() + b"\n", "log.csv: the log has no rows"),
        ("log.csv", b"\xff\xfe\x00", "log.csv: not UTF-8 text"),
        ("log.csv", HEADER.replace("priority", "urgency").encode(), "log.csv: there is no column 'priority'; there are number, sys_mod"),
        ("log.jsonl", b'{"number": "7"}', "log.jsonl: there is no column 'sys_updated_at'"),
        ("log.jsonl", b"{", "log.jsonl: none of 1 rows can be read; line 1: not JSON"),
        ("log.csv.xz", b"no xz", "log.csv.xz: not a whole xz file"),
        ("log.csv.xz", lzma.compress(HEADER.encode())[:-8], "log.csv.xz: not a whole xz file"),
    ],
)
def test_a_file_that_is_no_log_is_refused_in_one_line(tmp_path: Path, name: str, content: bytes | None, message: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)

    with pytest.raises(BadInput) as refusal:
        read(tmp_path / name)
    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_time_format_that_fits_no_row_is_refused_in_one_line() -> None:
    with pytest.raises(BadInput) as refusal:
        read(INVENTED, mapping(time_formats=["%Y-%m-%d %H:%M"]))
    assert str(refusal.value).endswith("none of 1798 rows can be read; line 2: sys_updated_at: fits no time format")


def test_a_mapping_names_its_agreements_beside_itself() -> None:
    assert agreement_files(MAPPING_FILE, mapping()) == [EXAMPLES / "agreements" / "it-incidents.yaml"]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("ticket_id: number", "ticket: number", "ticket: unknown field"),
        ('"%d/%m/%Y %H:%M"', '"%d/%m/%Y"', "time_formats.0: '%d/%m/%Y' does not tell date, hour and minute"),
        ('"%d/%m/%Y %H:%M"', '"%Q"', "time_formats.0: '%Q' is no time format"),
        ("{column: priority}", "{}", "attributes.priority: write either value or column"),
        ("pauses: AWAITING_CUSTOMER", "pauses: waiting", "state.states.Awaiting User Info.pauses: String should match"),
        ("RESOLVED: resolved_at", "SHIPPED: resolved_at", "milestones: no state reaches SHIPPED"),
        ("RESOLVED], ends: true}", "RESOLVED], ends: true, pauses: NO}", "a state that ends the ticket pauses nothing"),
    ],
)
def test_a_fault_of_a_mapping_is_named_with_its_file_and_line(tmp_path: Path, old: str, new: str, fault: str) -> None:
    text = MAPPING_FILE.read_text(encoding="utf-8")
    # A rule over several fields is shown at the document's first field, line 7; all others where they stand.
    line = next((number for number, each in enumerate(text.splitlines(), start=1) if old in each and not each.startswith("#")), 0)
    (tmp_path / "mapping.yaml").write_text(text.replace(old, new), encoding="utf-8")

    with pytest.raises(FaultyDocument) as refusal:
        read_mapping(tmp_path / "mapping.yaml")
    assert any(fault in each.rule and each.line in {line, 7} for each in refusal.value.faults), str(refusal.value)
