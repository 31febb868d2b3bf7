"""The chain of supports under one target: which row of which OLA or UC carries it, and when it ends."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from domain.agreement_parts import DocumentTarget
from domain.calendar_definitions import CalendarDefinition
from domain.calendars import ServiceCalendar, calendar_of
from domain.canonical import canonical_json
from domain.documents import AgreementDocument
from domain.limits import due_of
from domain.targets import DATE_KINDS, TargetKind, TargetRule

REFERENCE_WEEK = datetime(2026, 1, 5, tzinfo=UTC)
"""Monday of a plain week: calendars are compared by their weekly hours here, without holidays and clock changes."""

_WEEK = timedelta(days=7)
_MINUTE = timedelta(minutes=1)


class Segment(NamedTuple):
    """One link of a chain. `support` names the OLA or UC as people know it; lanes run side by side."""

    name: str
    lane: int
    support: str
    document: AgreementDocument
    target: str

    @property
    def promise(self) -> DocumentTarget | None:
        """The support's target."""
        return self.document.target(self.target)


class Link(NamedTuple):
    """A segment's rule for one kind of ticket, with its calendar."""

    segment: Segment
    row: TargetRule
    calendar: ServiceCalendar


def lanes_of(segments: Sequence[Segment]) -> list[list[Segment]]:
    """The segments by lane, in their order."""
    return [[each for each in segments if each.lane == lane] for lane in sorted({each.lane for each in segments})]


def row_for(target: DocumentTarget, attributes: Mapping[str, str]) -> TargetRule | None:
    """The row of a target that takes such a ticket; one that asks for what is not known is not taken."""
    return next((row for row in target.rows if row.takes(attributes)), None)


def plain(calendar: ServiceCalendar) -> ServiceCalendar:
    """The calendar's ordinary week: without holidays and exceptions."""
    return _plain(canonical_json(calendar.definition.model_dump(mode="json")))


@lru_cache(maxsize=256)
def _plain(definition: str) -> ServiceCalendar:
    return calendar_of(CalendarDefinition.model_validate_json(definition).model_copy(update={"holidays": (), "exceptions": {}}))


def limit_of(row: TargetRule, calendar: ServiceCalendar) -> timedelta | None:
    """Business time a row gives; None for date kinds, which give until a date."""
    if row.kind in DATE_KINDS:
        return None
    if row.kind is TargetKind.BUSINESS_DAYS:
        return (row.days or 0) * calendar.business_day
    return row.limit


def weekly_gap(promised: ServiceCalendar, supported: ServiceCalendar) -> timedelta:
    """Time of the reference week that is promised and not supported."""
    wanted, had = plain(promised), plain(supported)
    gap = timedelta()
    for span in wanted.open_spans(REFERENCE_WEEK, REFERENCE_WEEK + _WEEK):
        assert span.end is not None
        gap += (span.end - span.start) - had.elapsed(span.start, span.end)
    return gap


def most_taken(link: Link, promised: ServiceCalendar) -> timedelta:
    """Business time of the promise that a link takes at most, whatever start minute of the reference week a ticket has."""
    own, theirs = plain(promised), plain(link.calendar)
    if own.definition == theirs.definition:
        return limit_of(link.row, own) or timedelta()
    starts = (REFERENCE_WEEK + minute * _MINUTE for minute in range(int(_WEEK / _MINUTE)))
    return max(own.elapsed(start, due_of(link.row, theirs, start)) for start in starts)


def latest_end(promise: TargetRule, calendar: ServiceCalendar, lanes: Sequence[Sequence[Link]]) -> tuple[timedelta, datetime]:
    """How late a chain with date kinds ends at worst, and the start for which it does.

    Every start minute of the reference week is played: each lane's segments follow each other, the last lane to end
    counts. Negative or zero: never late.
    """
    own = plain(calendar)
    played = [[(link.row, plain(link.calendar)) for link in lane] for lane in lanes]
    worst: tuple[timedelta, datetime] | None = None
    for minute in range(int(_WEEK / _MINUTE)):
        start = REFERENCE_WEEK + minute * _MINUTE
        late = max(_end(start, lane) for lane in played) - due_of(promise, own, start)
        if worst is None or late > worst[0]:
            worst = late, start
    assert worst is not None
    return worst


def _end(start: datetime, lane: Sequence[tuple[TargetRule, ServiceCalendar]]) -> datetime:
    for row, calendar in lane:
        start = due_of(row, calendar, start)
    return start
