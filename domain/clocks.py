"""Ticket clocks: a pure fold over a ticket's events and the terms it runs under.

A clock is one target on one ticket, or one cycle of it. Nothing here counts ticks: every instant is computed from the
events, so whoever asks, late or early, gets the same answer. The rules are numbered in `docs/rules.md`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from domain.clock_milestones import ClockMilestone, MilestoneKind
from domain.departures import TERMINATION
from domain.events import EventKind, TicketEvent
from domain.history import TicketHistory, tell
from domain.instants import from_us, to_us
from domain.limits import Plan, plan_of
from domain.runs import Cycle, cycles_of
from domain.segments import Family, Segment, families_of, segments_of
from domain.targets import TargetKind, TargetRule
from domain.terms import Agreement, AgreementKind


class ClockState(StrEnum):
    """`breached` is a fact beside the state, not a state."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"
    VOIDED = "VOIDED"


OPEN_STATES = frozenset({ClockState.PENDING, ClockState.RUNNING, ClockState.PAUSED})

NOT_PROMISED = "NOT_PROMISED"
"""Why a clock is cancelled: after a change of the ticket no rule promises this any more."""
NEVER_STARTED = "NEVER_STARTED"
"""Why a clock is cancelled: its stop milestone came, its start milestone never did."""
DATE_MISSING = "DATE_MISSING"
"""Why an END_OF_DATE clock is pending: the ticket does not name the date yet, or none that can be meant."""
NEVER_OPENS = "NEVER_OPENS"
"""Why a running clock has no due time: its calendar has no business time left for it."""

DISPUTE_UPHELD = "DISPUTE_UPHELD"


@dataclass(frozen=True, slots=True)
class ClockReading:
    """One clock at one instant.

    `clock` names it within the ticket: the target for an SLA, `agreement/target` for an OLA or UC, with `#n` from the
    second cycle on. `due_at` is None while it is paused, pending or no longer promised. `spent` and `remaining` are
    business time of the clock's own calendar; a negative `remaining` is how late it is. From `ends_at` on its agreement
    promises the ticket nothing more, which may be known before.
    """

    clock: str
    agreement: str
    version: str
    kind: AgreementKind
    target: str
    target_kind: TargetKind
    calendar: str
    cycle: int
    state: ClockState
    reason: str | None
    started_at: datetime | None
    due_at: datetime | None
    completed_at: datetime | None
    breach_at: datetime | None
    executed_early: bool
    reopened: int
    spent: timedelta
    remaining: timedelta | None
    segment: Segment
    plan: Plan | None
    ends_at: datetime | None = None

    @property
    def breached(self) -> bool:
        """Was the limit passed? True from the due instant on, whenever that is noticed."""
        return self.breach_at is not None

    @property
    def met(self) -> bool:
        """Completed in time, and not before the time it was promised for."""
        return self.state is ClockState.COMPLETED and not self.breached and not self.executed_early

    @property
    def is_open(self) -> bool:
        """Can it still change by time or by the usual course of the ticket?"""
        return self.state in OPEN_STATES

    def milestones(self) -> list[ClockMilestone]:
        """Everything this clock has reached or will reach as things stand, earliest first."""
        reached = (each for each in _milestones(self) if self.ends_at is None or each.at < self.ends_at)
        return sorted(reached, key=lambda milestone: milestone.at)


def read_clocks(agreements: Sequence[Agreement], events: Iterable[TicketEvent], as_of: datetime) -> list[ClockReading]:
    """All clocks of a ticket at an instant.

    Args:
        agreements: the versions the ticket runs under, as `terms_for` finds them.
        events: all that is known of the ticket, in any order; what happened after `as_of` does not count.
        as_of: the instant of the reading.

    Returns:
        A reading per clock: SLA targets first, then those of OLAs and UCs; later cycles after earlier ones. Targets
        that never applied to the ticket have no clock.
    """
    at = to_us(as_of)
    history = tell(events, at)
    return read_history(agreements, history, at) if history is not None else []


def read_history(agreements: Sequence[Agreement], history: TicketHistory, as_of: int) -> list[ClockReading]:
    """The same for a ticket that was told already, at the instant (microseconds) it was told for."""
    return [reading for family in families_of(agreements) for reading in _read_family(family, history, as_of, agreements)]


def _read_family(family: Family, history: TicketHistory, as_of: int, agreements: Sequence[Agreement]) -> Iterator[ClockReading]:
    segments = segments_of(family, history)
    promised = [segment for segment in segments if segment.row is not None]
    if promised:
        ends_at = history.departures.end_of(promised[-1].agreement, agreements)
        if ends_at is not None and ends_at <= as_of:
            history = history.ending(ends_at, TERMINATION)
        for cycle in cycles_of(promised[-1], history):
            yield _Measurement(family.name, segments, cycle, history, as_of).reading(ends_at)


class _Measurement:
    """One cycle of one clock, measured at an instant."""

    def __init__(self, name: str, segments: list[Segment], cycle: Cycle, history: TicketHistory, as_of: int) -> None:
        self._name = name if cycle.number == 1 else f"{name}#{cycle.number}"
        self._history = history
        self._as_of = as_of
        self._segments = segments
        self._cycle = cycle
        self._runs = list(cycle.runs)
        self._completed_at = cycle.completed_at
        self._gaps: list[tuple[int, int | None]] = [(end, after[0]) for (_, end), after in pairwise(self._runs) if end is not None]
        self._plans: dict[int, Plan | None] = {}
        self._breach_at: int | None = None
        self._state, self._reason = ClockState.PENDING, cycle.reason
        # A clock that has ended keeps the rule it ended under: a later change of the ticket promises nothing about it.
        ended = cycle.completed_at if cycle.completed_at is not None else self._ended(EventKind.CANCELLED, EventKind.VOIDED)
        self._current = max((i for i, each in enumerate(segments) if ended is None or each.start <= ended), default=0)
        current = segments[self._current]
        self._segment = current if current.row is not None else next(s for s in reversed(segments) if s.row is not None)

    def reading(self, ends_at: int | None) -> ClockReading:
        plan = self._plan(self._current) if self._runs else None
        self._breach_at = self._first_breach(self._ended(EventKind.CANCELLED, EventKind.VOIDED))
        self._settle(plan)
        end = self._end()
        spent = plan.spent(end) if plan is not None else 0
        shows_due = plan is not None and self._state in {ClockState.RUNNING, ClockState.PAUSED, ClockState.COMPLETED}
        row = self._row(self._segment)
        return ClockReading(
            clock=self._name,
            agreement=self._segment.agreement.agreement,
            version=self._segment.agreement.version,
            kind=self._segment.agreement.kind,
            target=self._segment.target.target,
            target_kind=row.kind or TargetKind.DURATION,
            calendar=row.calendar or "",
            cycle=self._cycle.number,
            state=self._state,
            reason=self._reason,
            started_at=from_us(plan.start) if plan is not None else None,
            due_at=from_us(plan.due) if plan is not None and shows_due and plan.due is not None else None,
            completed_at=from_us(self._completed_at) if self._completed_at is not None and self._state is ClockState.COMPLETED else None,
            breach_at=from_us(self._breach_at) if self._breach_at is not None else None,
            executed_early=plan is not None and self._is_early(plan),
            reopened=self._cycle.reopened,
            spent=timedelta(microseconds=spent),
            remaining=timedelta(microseconds=plan.budget - spent) if plan is not None else None,
            segment=self._segment,
            plan=plan,
            ends_at=from_us(ends_at) if ends_at is not None else None,
        )

    @staticmethod
    def _row(segment: Segment) -> TargetRule:
        assert segment.row is not None
        return segment.row

    def _plan(self, index: int) -> Plan | None:
        if index not in self._plans:
            self._plans[index] = self._planned(index)
        return self._plans[index]

    def _planned(self, index: int) -> Plan | None:
        segment = self._segments[index]
        if segment.row is None or (segment.row.kind is TargetKind.END_OF_DATE and segment.on is None):
            return None
        first = self._runs[0][0]
        start = max(first, segment.start) if segment.row.starts_on_change and index > 0 else first
        reasons = segment.row.pauses or ()
        pauses = [(pause.start, pause.end) for pause in self._history.pauses if pause.reason in reasons]
        return plan_of(segment, start, self._gaps, pauses)

    def _first_breach(self, stopped: int | None) -> int | None:
        """The earliest instant at which a due time in effect then had passed unmet."""
        for begin, finish in self._runs:
            end = finish if stopped is None or (finish is not None and finish <= stopped) else stopped
            for index, segment in enumerate(self._segments):
                following = self._segments[index + 1].start if index + 1 < len(self._segments) else None
                low = begin if index == 0 else max(begin, segment.start)
                high = min((limit for limit in (end, following) if limit is not None), default=None)
                plan = self._plan(index) if high is None or low < high else None
                if plan is None or plan.due is None:
                    continue
                at = max(plan.due, low)
                if at < high if high is not None else at <= self._as_of:
                    return at
        return None

    def _ended(self, *kinds: EventKind) -> int | None:
        return next((ending.at for ending in self._history.endings if ending.kind in kinds), None)

    def _is_open_at(self, at: int) -> bool:
        return not self._runs or self._runs[-1][1] is None or self._runs[-1][1] > at

    def _settle(self, plan: Plan | None) -> None:
        for ending in self._history.endings:
            breached_before = self._breach_at is not None and self._breach_at < ending.at
            if ending.kind is EventKind.VOIDED and ending.reason == TERMINATION and breached_before:
                continue
            if self._is_open_at(ending.at) or ending.reason == DISPUTE_UPHELD:
                self._state = ClockState.CANCELLED if ending.kind is EventKind.CANCELLED else ClockState.VOIDED
                self._reason = ending.reason or None
                return
        if self._completed_at is not None:
            self._state, self._reason = (ClockState.COMPLETED, None) if self._runs else (ClockState.CANCELLED, NEVER_STARTED)
        elif self._segments[self._current].row is None:
            self._state, self._reason = ClockState.CANCELLED, NOT_PROMISED
        elif self._runs:
            self._state, self._reason = self._running(plan)

    def _running(self, plan: Plan | None) -> tuple[ClockState, str | None]:
        if plan is None:
            return ClockState.PENDING, DATE_MISSING
        last = self._history.pauses[-1] if self._history.pauses else None
        if last is not None and last.end is None and last.reason in (self._row(self._segment).pauses or ()):
            return ClockState.PAUSED, last.reason
        return ClockState.RUNNING, None if plan.due is not None else NEVER_OPENS

    def _end(self) -> int:
        """The instant up to which time was spent."""
        if self._completed_at is not None:
            return self._completed_at
        ended = self._ended(EventKind.CANCELLED, EventKind.VOIDED)
        return min(self._as_of, ended) if ended is not None else self._as_of

    def _is_early(self, plan: Plan) -> bool:
        return self._state is ClockState.COMPLETED and plan.not_before is not None and (self._completed_at or 0) < plan.not_before


def _milestones(reading: ClockReading) -> Iterator[ClockMilestone]:
    plan, target = reading.plan, reading.segment.target
    if plan is None or reading.state not in {ClockState.RUNNING, ClockState.PAUSED, ClockState.COMPLETED}:
        return
    until = to_us(reading.completed_at) if reading.completed_at is not None else None
    breach = to_us(reading.breach_at) if reading.breach_at is not None else plan.due if until is None else None
    if reading.target_kind is TargetKind.IMMEDIATE:
        yield ClockMilestone(reading.clock, MilestoneKind.PAGE, 0, from_us(plan.start))
    for level in target.warn_at:
        at = plan.at_share(level)
        if at is not None and (until is None or at < until) and (breach is None or at < breach):
            yield ClockMilestone(reading.clock, MilestoneKind.WARNING, level, from_us(at))
    if breach is None:
        return
    yield ClockMilestone(reading.clock, MilestoneKind.BREACH, 0, from_us(breach))
    for step in range(1, len(reading.segment.agreement.escalation) + 1):
        at = plan.at_share(100 * (step + 1))
        if at is not None and at > breach and (until is None or at < until):
            yield ClockMilestone(reading.clock, MilestoneKind.ESCALATION, step, from_us(at))
