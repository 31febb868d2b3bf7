"""Event logs of help desks as files: every row read becomes part of a ticket's story, or is refused with a reason."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from connectors.event_mappings import EventLogMapping
from connectors.event_stories import Record, tell_story
from connectors.row_files import Row, read_rows
from domain.errors import BadInput
from domain.events import TicketEvent

_TICKET_ID = re.compile(r"[A-Za-z0-9._-]{1,100}")
_LONGEST_ATTRIBUTE = 200
_LARGEST_ORDER = 2**31 - 1
_LINES_SHOWN = 3

Cells = Mapping[str, str]


@dataclass
class Tally:
    """How often something was found, and the lines where it was found first."""

    count: int = 0
    first_lines: list[int] = field(default_factory=list)

    def add(self, line: int) -> None:
        """Count one more."""
        self.count += 1
        if len(self.first_lines) < _LINES_SHOWN:
            self.first_lines.append(line)


@dataclass
class LogReport:
    """What became of every row: `rows` = `used` + `unchanged` + all of `refused`.

    A row is used if it gave an event, unchanged if it said nothing new. `notes` tell of rows of which something was
    not taken as it stands; they are used or unchanged all the same.
    """

    rows: int = 0
    used: int = 0
    unchanged: int = 0
    tickets: int = 0
    events: int = 0
    refused: dict[str, Tally] = field(default_factory=dict)
    notes: dict[str, Tally] = field(default_factory=dict)

    def refuse(self, reason: str, line: int) -> None:
        """Count a row that could not be read."""
        self.refused.setdefault(reason, Tally()).add(line)

    def note(self, reason: str, line: int) -> None:
        """Count a row of which something was not taken."""
        self.notes.setdefault(reason, Tally()).add(line)


class _Refused(Exception):
    """This row cannot be read; the message is the reason, the same for every row of its kind."""


class EventLog:
    """A help desk's log, read. `report` is complete when all tickets were taken."""

    def __init__(self, path: Path, mapping: EventLogMapping, limit: int | None = None) -> None:
        """Read the rows of the first `limit` tickets, or of all; a ticket's rows may stand anywhere.

        Raises:
            BadInput: no such file, not of a form we read, a column that is not there, or no row that can be used.
        """
        self.report = LogReport()
        self._mapping = mapping
        self._tickets: dict[str, list[Record]] = {}
        self._last_at = datetime.min.replace(tzinfo=UTC)
        reader = _RowReader(mapping, self.report)
        for row in read_rows(path, mapping.columns):
            self._take(reader, row, limit)
        self._check_usable(path)

    def __len__(self) -> int:
        """How many tickets it holds."""
        return len(self._tickets)

    @property
    def last_at(self) -> datetime:
        """When the last row of its tickets was written."""
        return self._last_at

    def stories(self) -> Iterator[list[TicketEvent]]:
        """The events of each ticket, in order; tickets in the order of their first rows. To be taken once."""
        while self._tickets:
            ticket_id = next(iter(self._tickets))
            events = self._tell(ticket_id, self._tickets.pop(ticket_id))
            if events:
                yield events

    def _take(self, reader: "_RowReader", row: Row, limit: int | None) -> None:
        try:
            ticket_id = reader.ticket_id(row)
            if limit is not None and len(self._tickets) >= limit and ticket_id not in self._tickets:
                return  # not asked for, so not counted
            record = reader.record(row, place=len(self._tickets.get(ticket_id, ())))
            self._tickets.setdefault(ticket_id, []).append(record)
            self._last_at = max(self._last_at, record.at)
        except _Refused as refusal:
            self.report.refuse(str(refusal), row.line)
        self.report.rows += 1

    def _tell(self, ticket_id: str, records: list[Record]) -> list[TicketEvent]:
        story = tell_story(self._mapping, ticket_id, records)
        if story is None:
            for record in records:
                self.report.refuse(f"{self._mapping.created_at}: unknown in every row of the ticket", record.line)
            return []
        self.report.tickets += 1
        self.report.events += len(story.events)
        self.report.used += len(story.lines)
        self.report.unchanged += len(records) - len(story.lines)
        for note in story.notes:
            self.report.note(note.reason, note.line)
        return story.events

    def _check_usable(self, path: Path) -> None:
        if self.report.rows == 0:
            raise BadInput(f"{path}: the log has no rows")
        if not self._tickets:
            reason, tally = max(self.report.refused.items(), key=lambda refused: refused[1].count)
            raise BadInput(f"{path}: none of {self.report.rows} rows can be read; line {tally.first_lines[0]}: {reason}")


class _RowReader:
    """Turns the texts of a row into instants and attributes."""

    def __init__(self, mapping: EventLogMapping, report: LogReport) -> None:
        self._mapping = mapping
        self._report = report
        self._unknown = {"", *mapping.unknown}
        self._zone = ZoneInfo(mapping.time_zone)
        self._instants: dict[str, datetime | None] = {}

    def ticket_id(self, row: Row) -> str:
        if row.fault is not None:
            raise _Refused(row.fault)
        text = self._known(row.cells, self._mapping.ticket_id)
        if text is None or not _TICKET_ID.fullmatch(text):
            raise _Refused(f"{self._mapping.ticket_id}: no ticket id of letters, digits, dot, dash and underscore")
        return text

    def record(self, row: Row, place: int) -> Record:
        mapping, line, cells = self._mapping, row.line, row.cells
        text = self._known(cells, mapping.row_at)
        if text is None:
            raise _Refused(f"{mapping.row_at}: unknown")
        at = self._instant(text)
        if at is None:
            raise _Refused(f"{mapping.row_at}: fits no time format")
        instants = {name: self._optional_instant(cells, column, line) for name, column in mapping.milestones.items()}
        return Record(
            line=line,
            at=at,
            order=place if mapping.order is None else self._order(cells, mapping.order, line),
            state=self._known(cells, mapping.state.column) or "",
            created_at=self._optional_instant(cells, mapping.created_at, line) if mapping.created_at is not None else None,
            attributes=self._attributes(cells, line),
            instants={name: reached for name, reached in instants.items() if reached is not None},
        )

    def _known(self, cells: Cells, column: str) -> str | None:
        text = cells.get(column, "").strip()
        return None if text in self._unknown else text

    def _attributes(self, cells: Cells, line: int) -> dict[str, str]:
        known: dict[str, str] = {}
        for name, (column, values) in self._mapping.attribute_columns.items():
            text = self._known(cells, column)
            if text is not None and len(text) > _LONGEST_ATTRIBUTE:
                self._report.note(f"{column}: longer than {_LONGEST_ATTRIBUTE} characters, not taken", line)
            elif text is not None:
                known[name] = values.get(text, text)
        return known

    def _order(self, cells: Cells, column: str, line: int) -> int:
        text = self._known(cells, column) or ""
        if text.isascii() and text.isdigit() and len(text) < 11 and int(text) <= _LARGEST_ORDER:
            return int(text)
        self._report.note(f"{column}: no whole number, the row comes first of its instant", line)
        return 0

    def _optional_instant(self, cells: Cells, column: str, line: int) -> datetime | None:
        text = self._known(cells, column)
        if text is None:
            return None
        at = self._instant(text)
        if at is None:
            self._report.note(f"{column}: fits no time format, not taken", line)
        return at

    def _instant(self, text: str) -> datetime | None:
        """The instant a text means, in UTC. Most texts stand in many rows, so each is read once."""
        if text not in self._instants:
            self._instants[text] = next((at for form in self._mapping.time_formats if (at := self._parsed(text, form))), None)
        return self._instants[text]

    def _parsed(self, text: str, form: str) -> datetime | None:
        try:
            at = datetime.strptime(text, form)  # noqa: DTZ007  (the zone follows)
            return (at if at.tzinfo is not None else at.replace(tzinfo=self._zone)).astimezone(UTC)
        except (ValueError, OverflowError):
            return None
