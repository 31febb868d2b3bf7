"""From a record of a CRM or help desk to our events, by the mapping of its connector.

A help desk says where a ticket stands, our clocks count by what happened. So every record is kept as it was told, with the
other system's own word for the status, and what happened is derived from the row of statuses in the order of their time: whatever
order the records arrive in, the same comes out.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from connectors.incoming import Posting, UnreadablePosting
from connectors.record_mappings import (
    STATUS,
    DealRecords,
    EndingRecords,
    RecordMapping,
    StatusMeaning,
    TicketRecords,
    fits,
    found_at,
    text_at,
    value_of,
)
from domain.case_requests import REQUESTED
from domain.cloud_events import FIELDS
from domain.events import EventKind, TicketEvent, order_of
from domain.termination_events import TERMINATION_ORDERED

_CHANGED = ":changed"
_NUMBER = re.compile(r"(?=.{1,100}$)[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")
_MILLISECONDS_FROM = 10**11
"""A number this large counts milliseconds, not seconds: as seconds it would lie 3000 years from now."""


class Told(NamedTuple):
    """What a posting says, as the JSON objects of `/crm/events`; without events it is ignored, and `why` says for what reason."""

    events: list[dict[str, Any]]
    why: str | None = None


class _Standing(NamedTuple):
    """A status, and the record that told it; `place` orders it."""

    status: str
    base: str
    place: tuple[datetime, int, str]


def ticket_of(mapping: RecordMapping, posting: Posting) -> str | None:
    """The number of the ticket a posting is about; None for one that is about none."""
    if mapping.tickets is None or not fits(posting.record, mapping.tickets.when):
        return None
    return text_at(posting.record, mapping.tickets.id)


def tell(mapping: RecordMapping, posting: Posting, known: Sequence[TicketEvent]) -> Told:
    """What a posting says, given everything known of its ticket.

    Raises:
        UnreadablePosting: a field that the mapping needs is not there, or says no such thing.
    """
    record = posting.record
    if mapping.endings is not None and fits(record, mapping.endings.when):
        return Told([_ending(mapping, mapping.endings, posting)])
    if mapping.deals is not None and fits(record, mapping.deals.when):
        return Told([_request(mapping, mapping.deals, posting)])
    if mapping.tickets is None or not fits(record, mapping.tickets.when):
        return Told([], "the mapping is for no record of this kind")
    told = _TicketRecord(mapping, mapping.tickets, posting, known)
    events = list(told.events())
    return Told(events, told.note if events else "the record says nothing that the mapping reads")


class _TicketRecord:
    """One record about one ticket, beside what is known of it."""

    def __init__(self, mapping: RecordMapping, form: TicketRecords, posting: Posting, known: Sequence[TicketEvent]) -> None:
        self._mapping = mapping
        self._form = form
        self._record = posting.record
        self._key = posting.key
        self._known = [event for event in known if not event.event_id.startswith(f"{posting.key}:")]
        self._ticket_id = _number(posting.record, form.id)
        self._at = _time_of(mapping, posting, form.at)
        self._sequence = _sequence(posting.record, form)
        self._status = text_at(posting.record, form.status) if form.status is not None else None
        self._facts = {name: value for name, each in form.attributes.items() if (value := value_of(posting.record, each)) is not None}
        self.note: str | None = None
        if self._status is not None and self._status not in form.statuses:
            self.note = f"the mapping does not say what the status {self._status!r} means"

    def events(self) -> Iterator[dict[str, Any]]:
        """What it says happened, each event with an id that the same record gives again."""
        if self._is_new():
            created_at = self._instant(self._form.created_at) or self._at
            yield self._event(f"{self._ticket_id}:created", EventKind.CREATED, min(created_at, self._at), _data(self._facts), 0)
        if told := self._facts | ({STATUS: self._status} if self._status is not None else {}):
            # All it states, also what is known: a record that comes late must not undo what this one said.
            yield self._event(f"{self._key}{_CHANGED}", EventKind.CHANGED, self._at, _data(told))
        yield from self._entered()
        yield from self._milestones()

    def _is_new(self) -> bool:
        if any(event.kind is EventKind.CREATED for event in self._known):
            return False
        form = self._form
        return fits(self._record, form.created_when) if form.created_when is not None else self._status is not None

    def _entered(self) -> Iterator[dict[str, Any]]:
        """What it means to come to this status from the one before, and to the one after it from this."""
        if self._status is None or self._status not in self._form.statuses:
            return
        mine = _Standing(self._status, self._key, (self._at, self._sequence, self._key))
        row = sorted([*self._standings(), mine], key=lambda each: each.place)
        place = row.index(mine)
        yield from self._step(row[place - 1] if place else None, mine)
        if place + 1 < len(row):
            yield from self._step(mine, row[place + 1])

    def _standings(self) -> Iterator[_Standing]:
        for event in sorted(self._known, key=order_of):
            status = event.attributes.get(STATUS)
            if status is not None and status in self._form.statuses and event.event_id.endswith(_CHANGED):
                base = event.event_id.removesuffix(_CHANGED)
                yield _Standing(status, base, (event.occurred_at, event.sequence, base))

    def _step(self, before: _Standing | None, after: _Standing) -> Iterator[dict[str, Any]]:
        was = self._form.statuses[before.status] if before is not None else StatusMeaning()
        now = self._form.statuses[after.status]
        at, sequence, _ = after.place
        for name in now.reaches:
            if name not in was.reaches:
                yield self._event(f"{after.base}:{name}", EventKind.MILESTONE, at, {"milestone": name}, sequence)
        if (was.ends or was.cancels is not None) and not (now.ends or now.cancels is not None):
            yield self._event(f"{after.base}:reopened", EventKind.REOPENED, at, {}, sequence)
        if now.cancels is not None and was.cancels is None:
            yield self._event(f"{after.base}:cancelled", EventKind.CANCELLED, at, {"reason": now.cancels}, sequence)
        if now.pauses is not None and now.pauses != was.pauses:
            yield self._event(f"{after.base}:paused", EventKind.PAUSED, at, {"reason": now.pauses}, sequence)
        elif was.pauses is not None and now.pauses is None:
            yield self._event(f"{after.base}:resumed", EventKind.RESUMED, at, {}, sequence)

    def _milestones(self) -> Iterator[dict[str, Any]]:
        for name, where in self._form.milestones.items():
            if (at := self._instant(where)) is not None:
                yield self._event(f"{self._ticket_id}:{name}:{int(at.timestamp())}", EventKind.MILESTONE, at, {"milestone": name}, 0)
        for number, happening in enumerate(self._form.happenings):
            if fits(self._record, happening.when) and not self._was_reached(happening.reaches):
                data = {"milestone": happening.reaches}
                yield self._event(f"{self._key}:happening-{number}", EventKind.MILESTONE, self._at, data)

    def _was_reached(self, milestone: str) -> bool:
        """Was it reached before, and the ticket not reopened since? Then another reply is no news."""
        before = [event for event in sorted(self._known, key=order_of) if event.occurred_at <= self._at]
        reopened = max((place for place, event in enumerate(before) if event.kind is EventKind.REOPENED), default=-1)
        return any(event.milestone == milestone for event in before[reopened + 1 :])

    def _instant(self, where: str | None) -> datetime | None:
        return _instant(self._mapping, found_at(self._record, where), where) if where is not None else None

    def _event(self, key: str, kind: EventKind, at: datetime, data: Mapping[str, Any], sequence: int | None = None) -> dict[str, Any]:
        return _envelope(self._mapping, key, f"ticket.{kind.value}", at) | {
            "sequence": self._sequence if sequence is None else sequence,
            "data": {"ticket_id": self._ticket_id, **data},
        }


def _request(mapping: RecordMapping, form: DealRecords, posting: Posting) -> dict[str, Any]:
    record, deal = posting.record, _number(posting.record, form.id)
    data = {
        "crm_case": f"{mapping.source}/{deal}",
        "customer": _needed(value_of(record, form.customer), "the customer"),
        "services": [name for each in form.services if (name := value_of(record, each)) is not None],
        "wish": (text_at(record, form.wish) if form.wish is not None else None) or "",
    }
    # The deal asks once: whatever else is changed while it stands in that stage gives the same event again.
    return _envelope(mapping, f"deal:{deal}", REQUESTED, _time_of(mapping, posting, form.at)) | {"data": data}


def _ending(mapping: RecordMapping, form: EndingRecords, posting: Posting) -> dict[str, Any]:
    record, case = posting.record, _number(posting.record, form.id)
    data: dict[str, Any] = {name: _needed(value_of(record, getattr(form, name)), name) for name in _ORDERED}
    data["crm_case"] = f"{mapping.source}/{case}"
    if form.effective_at is not None and (at := _instant(mapping, found_at(record, form.effective_at), form.effective_at)) is not None:
        data["effective_at"] = at.isoformat()
    return _envelope(mapping, f"ending:{case}", TERMINATION_ORDERED, _time_of(mapping, posting, form.at)) | {"data": data}


_ORDERED = ("registry_no", "basis", "legal_ref", "requested_by")


def _envelope(mapping: RecordMapping, key: str, kind: str, at: datetime) -> dict[str, Any]:
    return {"specversion": "1.0", "id": key, "source": mapping.source, "type": kind, "time": at.isoformat()}


def _data(facts: Mapping[str, str | None]) -> dict[str, Any]:
    own = {name: value for name, value in facts.items() if name in FIELDS}
    return own | {"attributes": {name: value for name, value in facts.items() if name not in FIELDS}}


def _number(record: Mapping[str, Any], where: str) -> str:
    """A number of theirs. It becomes part of addresses when we write back, so it is nothing that leads elsewhere."""
    text = _needed(text_at(record, where), where)
    if not _NUMBER.fullmatch(text):
        raise UnreadablePosting(f"{where}: {text[:40]!r} is no number of letters, digits, dash, underscore and dots between them")
    return text


def _needed(text: str | None, what: str) -> str:
    if text is None:
        raise UnreadablePosting(f"{what}: the mapping needs it, and the record says nothing there")
    return text


def _time_of(mapping: RecordMapping, posting: Posting, where: str | None) -> datetime:
    at = _instant(mapping, found_at(posting.record, where), where) if where is not None else None
    if at is None:
        at = posting.at
    if at is None:
        raise UnreadablePosting(f"{where or 'at'}: neither the record nor its posting says when it happened; name a place in the mapping")
    return at


def _sequence(record: Mapping[str, Any], form: TicketRecords) -> int:
    text = text_at(record, form.sequence) if form.sequence is not None else None
    if text is None:
        return 0
    if not (text.isdecimal() and len(text) <= 10 and int(text) < 2**31):
        raise UnreadablePosting(f"{form.sequence}: {text[:40]!r} is no whole number that orders records")
    return int(text)


def _instant(mapping: RecordMapping, value: Any, where: str) -> datetime | None:
    """An instant as systems write it: ISO 8601, or seconds or milliseconds since 1970."""
    if value is None or value == "":
        return None
    text = str(value)
    try:
        if text.isdecimal():
            number = int(text)
            return datetime.fromtimestamp(number / 1000 if number >= _MILLISECONDS_FROM else number, UTC)
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo is not None else at.replace(tzinfo=ZoneInfo(mapping.time_zone))).astimezone(UTC)
    except (ValueError, OverflowError, OSError) as wrong:
        raise UnreadablePosting(f"{where}: {text[:40]!r} is no instant") from wrong
