"""What the clocks of a proposal came to, kept as it is counted: by promise, ticket by ticket."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from domain.attainment import verdict_at
from domain.clocks import ClockReading
from domain.folding import FoldedTicket
from domain.history import TicketHistory
from domain.instants import from_us, span_us
from domain.targets import TargetKind, TargetRule


class Promise(NamedTuple):
    """A target of a document of the proposal, by their names."""

    document: str
    target: str


class Case(NamedTuple):
    """One clock of one ticket that came to a verdict, or is still open.

    `spent` is business time in microseconds; `verdict_at` is None while it is open and not late. Judged by `met`.
    """

    ticket: str
    clock: str
    rule: TargetRule
    created_at: datetime
    region: str | None
    verdict_at: datetime | None
    met: bool
    is_done: bool
    spent: int
    limit: int | None
    late: int


class Tally:
    """Collects the clocks of a proposal."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.cases: dict[Promise, list[Case]] = {}
        self.created: dict[str, list[tuple[datetime, str]]] = {}
        self.covered = 0
        self.outside = 0
        self.excluded = 0

    def add(self, ticket: str, history: TicketHistory, folded: Iterable[FoldedTicket]) -> None:
        """Count a ticket as it was folded under the proposal."""
        under = [each for each in folded if each.terms.agreements]
        if not under:
            self.outside += 1
            return
        self.covered += 1
        created_at = from_us(history.created_at)
        for each in under:
            for terms in each.terms.agreements:
                self.created.setdefault(terms.agreement, []).append((created_at, ticket))
            for reading in each.readings:
                self._take(ticket, created_at, each.attributes, reading)

    def _take(self, ticket: str, created_at: datetime, attributes: Mapping[str, str], reading: ClockReading) -> None:
        at = verdict_at(reading)
        if at is None and not reading.is_open:
            self.excluded += 1
            return
        row = reading.segment.row
        assert row is not None
        promise = Promise(reading.agreement, reading.target)
        spent = span_us(reading.spent)
        limit = reading.plan.limit if reading.plan is not None else None
        late = max(0, -span_us(reading.remaining)) if reading.breached and reading.remaining is not None else 0
        region = attributes.get("region")
        is_done = reading.completed_at is not None
        case = Case(ticket, reading.clock, row, created_at, region, at, reading.met, is_done, spent, limit, late)
        self.cases.setdefault(promise, []).append(case)


def is_scalable(case: Case) -> bool:
    """Would another limit of this clock only have moved its due time? Of dates and of work for a date it is more than a number."""
    return case.rule.kind in {TargetKind.DURATION, TargetKind.IMMEDIATE} and case.limit is not None
