"""How long a case stood in each stage, from its request to its end: elapsed time, nights and holidays included (R-173)."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from domain.audit import AuditEvent
from domain.lifecycle import CASE_ENDS
from domain.support_case import SUPPORT_ENDS

_ENDS = frozenset({state.value for state in (*CASE_ENDS, *SUPPORT_ENDS)})


class StageVisit(NamedTuple):
    """One stay in a stage; `number` counts the stays in this stage, so that a way back shows. None in `left_at`: still there."""

    stage: str
    number: int
    entered_at: datetime
    left_at: datetime | None
    lasted: timedelta


class StageTimes(NamedTuple):
    """The visits of a case in their order; the lead time is their sum, exactly."""

    visits: Sequence[StageVisit]
    lead_time: timedelta
    is_over: bool


def stage_times(opened_at: datetime, state: str, events: Iterable[AuditEvent], as_of: datetime) -> StageTimes:
    """Tell a case's visits from its trail.

    What happens inside a stage (a deed, a refusal, a reminder) leaves it where it is: only a change of state ends a visit.
    A state that is left at the very instant of the request is none (REQUESTED, where nobody is waited for).

    Args:
        opened_at: when the case was asked for.
        state: where it stands now; counts only while the trail tells of no change.
        events: its trail, earliest first.
        as_of: until when an open visit is counted.
    """
    moves = [event for event in events if event.from_state != event.to_state]
    stage, entered = moves[0].from_state if moves else state, opened_at.astimezone(UTC)
    visits: list[StageVisit] = []
    for move in moves:
        at = move.at.astimezone(UTC)
        if visits or at > entered:
            visits.append(_visit(visits, stage, entered, at))
        stage, entered = move.to_state, at
    if stage not in _ENDS:
        still = _visit(visits, stage, entered, max(as_of.astimezone(UTC), entered))
        visits.append(still._replace(left_at=None))
    return StageTimes(visits, sum((visit.lasted for visit in visits), timedelta()), stage in _ENDS)


def _visit(before: Sequence[StageVisit], stage: str, entered: datetime, left: datetime) -> StageVisit:
    number = 1 + sum(visit.stage == stage for visit in before)
    return StageVisit(stage, number, entered, left, left - entered)
