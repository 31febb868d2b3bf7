"""One ticket's rows of an event log, told as the events that happened to it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from itertools import pairwise
from typing import NamedTuple, TypedDict, Unpack

from connectors.event_mappings import EventLogMapping, StateMeaning
from domain.canonical import canonical_json
from domain.events import EventKind, TicketEvent, order_of

_OPEN = StateMeaning()


class Record(NamedTuple):
    """One row of the log, read: what it says of its ticket at its instant; what it does not know is missing.

    `instants` are the milestones' own columns. Logs are often written at export, so any row may know the future:
    an instant counts only for the change of state it belongs to.
    """

    line: int
    at: datetime
    order: int
    state: str
    created_at: datetime | None
    attributes: Mapping[str, str]
    instants: Mapping[str, datetime]


class Note(NamedTuple):
    """Something of a row that was not taken as it stands, and where."""

    reason: str
    line: int


class Story(NamedTuple):
    """A ticket's events in order, the lines they come from, and what was not taken as it stands."""

    events: list[TicketEvent]
    lines: frozenset[int]
    notes: list[Note]


def tell_story(mapping: EventLogMapping, ticket_id: str, records: Sequence[Record]) -> Story | None:
    """A ticket's rows, in any order, as its events; None if no row knows when it was created.

    Rows are taken by instant, then by their order column. The same rows always give the same events with the same ids.
    """
    ordered = sorted(records, key=lambda record: (record.at, record.order, record.line))
    created_at = ordered[0].at
    if mapping.created_at is not None:
        known = next((record.created_at for record in ordered if record.created_at is not None), None)
        if known is None:
            return None
        created_at = known
    return _Teller(mapping, ticket_id, ordered, created_at).story()


class _Facts(TypedDict, total=False):
    """What an event says besides its instant."""

    milestone: str
    reason: str
    attributes: Mapping[str, str]


class _Teller:
    """Walks through the rows of one ticket and keeps what is true of it so far."""

    def __init__(self, mapping: EventLogMapping, ticket_id: str, records: Sequence[Record], created_at: datetime) -> None:
        self._mapping = mapping
        self._ticket_id = ticket_id
        self._records = records
        self._created_at = created_at
        self._events: list[TicketEvent] = []
        self._lines: set[int] = set()
        self._notes: list[Note] = []
        self._attributes: Mapping[str, str] = {}
        self._reached: set[str] = set()
        self._ids: Counter[str] = Counter()
        self._meanings = list(self._read_states())
        self._reopened = 0
        self._reopenings = [
            record.at for record, (before, now) in zip(records[1:], pairwise(self._meanings), strict=True) if before.ends and not now.ends
        ]

    def story(self) -> Story:
        before = _OPEN
        self._create(self._records[0])
        for record, now in zip(self._records, self._meanings, strict=True):
            if record.at < self._created_at:
                self._note("the row is older than its ticket: taken at the ticket's creation", record)
            self._change(record)
            if now is not before:
                self._move(record, before, now)
                before = now
        return Story(sorted(self._events, key=order_of), frozenset(self._lines), self._notes)

    def _read_states(self) -> Iterator[StateMeaning]:
        """The meaning of each row's state; a state that is unknown leaves the ticket as it was."""
        now = _OPEN
        for record in self._records:
            meaning = self._mapping.state.states.get(record.state)
            if meaning is None:
                self._note(f"state {record.state or 'unknown'!r} is not in the mapping: the state before it was kept", record)
            now = meaning or now
            yield now

    def _create(self, record: Record) -> None:
        self._attributes = record.attributes
        self._add(record, EventKind.CREATED, at=self._created_at, attributes={**self._mapping.constants, **record.attributes})

    def _change(self, record: Record) -> None:
        changed = {name: value for name, value in record.attributes.items() if self._attributes.get(name) != value}
        if changed:
            self._attributes = {**self._attributes, **changed}
            self._add(record, EventKind.CHANGED, attributes=changed)

    def _move(self, record: Record, before: StateMeaning, now: StateMeaning) -> None:
        """From one state to another: what was reached, whether the ticket waits, whether it is open again."""
        if before.ends and not now.ends:
            self._reopened += 1
            self._reached -= self._mapping.final_milestones
            self._add(record, EventKind.REOPENED)
        for milestone, at in self._instants(record, now).items():
            if milestone not in self._reached:
                self._reached.add(milestone)
                self._add(record, EventKind.MILESTONE, at=at, milestone=milestone)
        if now.pauses is not None and now.pauses != before.pauses:
            self._add(record, EventKind.PAUSED, reason=now.pauses)
        elif before.pauses is not None and now.pauses is None:
            self._add(record, EventKind.RESUMED)

    def _instants(self, record: Record, now: StateMeaning) -> dict[str, datetime]:
        """When the state's milestones were reached; those without a column of their own not after those with one."""
        known = {name: self._own_instant(record, name) for name in now.reaches if name not in self._reached}
        latest = min((at for at in known.values() if at is not None), default=record.at)
        return {name: at or min(record.at, latest) for name, at in known.items()}

    def _own_instant(self, record: Record, milestone: str) -> datetime | None:
        """The milestone's column, if its value belongs here: after the last reopening and before the next.

        Exports copy the final value to every row, so the value of an earlier resolution is lost.
        """
        at = record.instants.get(milestone)
        if at is None:
            return None
        begin = self._reopenings[self._reopened - 1] if self._reopened else self._created_at
        if at < begin:
            what = "reopened" if self._reopened else "created"
            self._note(f"{self._mapping.milestones[milestone]} lies before the ticket was {what}: the row's instant was taken", record)
            return None
        return at if self._reopened == len(self._reopenings) or at < self._reopenings[self._reopened] else None

    def _add(self, record: Record, kind: EventKind, at: datetime | None = None, **facts: Unpack[_Facts]) -> None:
        occurred_at = max(at or record.at, self._created_at)
        self._lines.add(record.line)
        self._events.append(
            TicketEvent(
                source=self._mapping.source,
                event_id=self._new_id(record, kind, facts),
                ticket_id=self._ticket_id,
                kind=kind,
                occurred_at=occurred_at,
                received_at=max(record.at, occurred_at),
                sequence=record.order,
                **facts,
            )
        )

    def _new_id(self, record: Record, kind: EventKind, facts: _Facts) -> str:
        """The same for the same fact in every export, whatever a later export knows besides."""
        if kind is EventKind.CREATED:
            return f"{self._ticket_id}-created"
        fact = f"{self._ticket_id}\n{record.at.isoformat()}\n{record.order}\n{canonical_json(facts)}"
        name = f"{self._ticket_id}-{kind.value}-{sha256(fact.encode()).hexdigest()[:16]}"
        self._ids[name] += 1
        return name if self._ids[name] == 1 else f"{name}-{self._ids[name]}"

    def _note(self, reason: str, record: Record) -> None:
        self._notes.append(Note(reason, record.line))
