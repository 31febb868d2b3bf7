"""How a ticket leaves the terms it came with: they end under it, or it is moved to others.

Both are facts of the ticket, written by us and by nobody else. An end may be known before it comes; one that was revoked
never was.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Self

from domain.events import EventKind, TicketEvent
from domain.instants import to_us
from domain.terms import SUPPORT_KINDS, Agreement

TERMINATION = "TERMINATION"
"""Why clocks are excluded whose agreement has ended."""


_KINDS = frozenset({EventKind.ENDED, EventKind.MOVED, EventKind.RESTORED})


class VersionName(NamedTuple):
    """A version of an agreement, as terms name it: `SLA-2026-0001`, `2.0`."""

    agreement: str
    version: str


class End(NamedTuple):
    """From `at` (microseconds) on the agreement of this name promises the ticket nothing any more."""

    at: int
    agreement: str


class Move(NamedTuple):
    """From `at` (microseconds) on what the one version promised the ticket is promised by the other."""

    at: int
    left: VersionName
    to: VersionName


class Departures(NamedTuple):
    """All that is known of a ticket, earliest first: ends that have come or will, moves that were made, and those to come."""

    ends: tuple[End, ...] = ()
    moves: tuple[Move, ...] = ()
    to_come: tuple[Move, ...] = ()

    @property
    def led_to(self) -> list[VersionName]:
        """Every version a ticket was moved to, or will be."""
        return [move.to for move in (*self.moves, *self.to_come)]

    @classmethod
    def of(cls, events: Iterable[TicketEvent], as_of: int) -> Self:
        """Read a ticket's events, in the order of its story."""
        story = [event for event in events if event.kind in _KINDS]
        if not story:
            return cls()
        undone = {event.attributes["order"] for event in story if event.kind is EventKind.RESTORED}
        standing = [(to_us(event.occurred_at), event.kind, _said(event)) for event in story if event.attributes.get("order") not in undone]
        moves = [
            Move(at, VersionName(said["agreement"], said["version"]), VersionName(said["to"], said["to_version"]))
            for at, kind, said in standing
            if kind is EventKind.MOVED
        ]
        return cls(
            tuple(End(at, said["agreement"]) for at, kind, said in standing if kind is EventKind.ENDED),
            tuple(move for move in moves if move.at <= as_of),
            tuple(move for move in moves if move.at > as_of),
        )

    def is_current(self, agreement: Agreement, at: int) -> bool:
        """Does this version count then: the ticket came with it, or was moved to it, and not away from it since?"""
        if not self.moves and not self.to_come:
            return True
        name = VersionName(agreement.agreement, agreement.version)
        concerning = [move for move in (*self.moves, *self.to_come) if name in (move.left, move.to)]
        before = [move for move in concerning if move.at <= at]
        if before:
            return before[-1].to == name
        return not concerning or concerning[0].left == name

    def end_of(self, agreement: Agreement, agreements: Sequence[Agreement]) -> int | None:
        """When it ends for the ticket: itself, or the agreement that rests on it; None if never, as far as is known."""
        return min((end.at for end in self.ends if agreement.agreement in _ended_with(end, agreements)), default=None)


def _said(event: TicketEvent) -> dict[str, str]:
    return {name: value for name, value in event.attributes.items() if value is not None}


def _ended_with(end: End, agreements: Sequence[Agreement]) -> set[str]:
    """The agreement of an end, and the ticket's OLAs and UCs that nothing else rests on."""
    carried = {name for each in agreements if each.agreement == end.agreement for name in each.supported_by}
    carried |= {each.agreement for each in agreements if each.kind in SUPPORT_KINDS and end.agreement in each.supports}
    others = [each for each in agreements if each.agreement != end.agreement and each.kind not in SUPPORT_KINDS]
    kept = {name for each in others for name in each.supported_by}
    kept |= {each.agreement for each in agreements if any(other.agreement in each.supports for other in others)}
    return {end.agreement} | (carried - kept)
