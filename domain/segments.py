"""Which rule of which agreement a clock runs under, from when on."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from domain.departures import Departures
from domain.history import TicketHistory
from domain.instants import SERVICE_YEARS
from domain.targets import ServiceTarget, TargetRule
from domain.terms import SUPPORT_KINDS, Agreement


class Family(NamedTuple):
    """The targets that make one clock.

    A ticket moved from one region's SLA to another's keeps its clock `response`, so SLA targets of one name belong
    together. Teams and suppliers promise each for themselves.
    """

    name: str
    members: tuple[tuple[Agreement, ServiceTarget], ...]


class Segment(NamedTuple):
    """From `start` (microseconds) on, this row counts; none if nothing promises this any more.

    `on` is the date an END_OF_DATE row names, as the ticket has it then.
    """

    start: int
    agreement: Agreement
    target: ServiceTarget
    row: TargetRule | None
    on: date | None


def families_of(agreements: Sequence[Agreement]) -> list[Family]:
    """The clocks that agreements may give a ticket, SLAs first."""
    grouped: dict[str, list[tuple[Agreement, ServiceTarget]]] = {}
    for agreement in agreements:
        for target in agreement.targets:
            name = f"{agreement.agreement}/{target.target}" if agreement.kind in SUPPORT_KINDS else target.target
            grouped.setdefault(name, []).append((agreement, target))
    return [Family(name, tuple(members)) for name, members in grouped.items()]


def segments_of(family: Family, history: TicketHistory) -> list[Segment]:
    """The rules in effect over the ticket's life; a change that leaves the rule as it was makes no new segment."""
    segments: list[Segment] = []
    for at, attributes in history.changes:
        segment = _choose(family, attributes, at, history.departures)
        last = segments[-1] if segments else None
        # The same row of another version counts in that version's calendar.
        if last is None or last.row is not segment.row or last.agreement is not segment.agreement or last.on != segment.on:
            segments.append(segment)
    return segments


def _choose(family: Family, attributes: Mapping[str, str], at: int, departures: Departures) -> Segment:
    for agreement, target in family.members:
        if departures.is_current(agreement, at) and _applies(agreement, attributes):
            row = next((row for row in target.rows if row.takes(attributes)), None)
            if row is not None:
                return Segment(at, agreement, target, row, _date(attributes.get(row.date_from or "")))
    agreement, target = family.members[0]
    return Segment(at, agreement, target, None, None)


def _applies(agreement: Agreement, attributes: Mapping[str, str]) -> bool:
    if agreement.kind not in SUPPORT_KINDS:
        return agreement.covers(attributes)
    in_region = not agreement.regions or attributes.get("region") in agreement.regions
    return in_region and (agreement.service is None or attributes.get("service") == agreement.service)


def _date(text: str | None) -> date | None:
    """The date a ticket names; None for what is no date, or no date a ticket can mean: the clock then waits for a better one."""
    try:
        named = date.fromisoformat(text) if text else None
    except ValueError:
        return None
    return named if named is not None and named.year in SERVICE_YEARS else None
