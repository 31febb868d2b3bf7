"""A ticket's events, told once from first to last: what clocks are read from."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from domain.departures import Departures
from domain.events import CREATED, EventKind, TicketEvent, order_of
from domain.instants import to_us


class Pause(NamedTuple):
    """A stretch in which the ticket waited for a stated reason; an end of None has not come yet."""

    start: int
    end: int | None
    reason: str


class Ending(NamedTuple):
    """A cancellation or exclusion of the ticket."""

    at: int
    kind: EventKind
    reason: str


Moment = tuple[int, int]
"""An instant, and the place among the ticket's events: what happened in one minute still has an order."""


class TicketHistory(NamedTuple):
    """What is known of a ticket at an instant. Instants are microseconds, lists are in order of time."""

    created_at: int
    changes: list[tuple[int, Mapping[str, str]]]
    milestones: dict[str, list[Moment]]
    pauses: list[Pause]
    reopenings: list[Moment]
    endings: list[Ending]
    departures: Departures = Departures()

    def ending(self, at: int, reason: str) -> "TicketHistory":
        """The same, with the ticket excluded from an instant on."""
        return self._replace(endings=sorted([*self.endings, Ending(at, EventKind.VOIDED, reason)], key=lambda each: each.at))

    def first(self, milestone: str, since: Moment | None = None) -> Moment | None:
        """When a milestone was first reached, at or after a moment."""
        return next((moment for moment in self.milestones.get(milestone, ()) if since is None or moment >= since), None)


def tell(events: Iterable[TicketEvent], as_of: int) -> TicketHistory | None:
    """Put the events that had happened by `as_of` in order; None if the ticket did not exist yet."""
    ordered = sorted(events, key=order_of)
    story = [(to_us(event.occurred_at), event) for event in ordered]
    story = [(at, event) for at, event in story if at <= as_of]
    created_at = next((at for at, event in story if event.kind is EventKind.CREATED), None)
    if created_at is None:
        return None
    history = TicketHistory(created_at, [], {CREATED: [(created_at, 0)]}, [], [], [], Departures.of(ordered, as_of))
    attributes: dict[str, str] = {}
    for place, (at, event) in enumerate(story):
        _add(history, attributes, (at, place), event)
    return history


def _add(history: TicketHistory, attributes: dict[str, str], moment: Moment, event: TicketEvent) -> None:
    at = moment[0]
    match event.kind:
        case EventKind.CREATED | EventKind.CHANGED:
            _change(history, attributes, at, event)
        case EventKind.MILESTONE if event.milestone is not None:
            history.milestones.setdefault(event.milestone, []).append(moment)
        case EventKind.PAUSED:
            _end_pause(history, at)
            history.pauses.append(Pause(at, None, event.reason or ""))
        case EventKind.RESUMED:
            _end_pause(history, at)
        case EventKind.REOPENED:
            _end_pause(history, at)
            history.reopenings.append(moment)
        case EventKind.MOVED:
            history.changes.append((at, dict(attributes)))
        case EventKind.CANCELLED | EventKind.VOIDED:
            history.endings.append(Ending(at, event.kind, event.reason or ""))


def _change(history: TicketHistory, attributes: dict[str, str], at: int, event: TicketEvent) -> None:
    for name, value in event.attributes.items():
        if value is None:
            attributes.pop(name, None)
        else:
            attributes[name] = value
    if at <= history.created_at:
        history.changes[:] = [(history.created_at, dict(attributes))]
    else:
        history.changes.append((at, dict(attributes)))


def _end_pause(history: TicketHistory, at: int) -> None:
    if history.pauses and history.pauses[-1].end is None:
        history.pauses[-1] = history.pauses[-1]._replace(end=at)
