"""Stretches of time: those a calendar answers with, and those that do not count."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from domain.errors import BadInput
from domain.instants import to_us


class Span(NamedTuple):
    """A stretch of time, start in, end out."""

    start: datetime
    end: datetime


def merge_pauses(pauses: Iterable[Span]) -> list[tuple[int, int | None]]:
    """Pauses as the table wants them: microseconds, earliest first, overlapping ones counted once.

    Raises:
        BadInput: a pause ends before it starts.
    """
    ordered: list[tuple[int, int | None]] = []
    for pause in pauses:
        start, end = to_us(pause.start), to_us(pause.end)
        if end < start:
            raise BadInput(f"the pause {pause.start.isoformat()}/{pause.end.isoformat()} ends before it starts")
        ordered.append((start, end))
    return merge(ordered)


def merge(stretches: Iterable[tuple[int, int | None]]) -> list[tuple[int, int | None]]:
    """Stretches in order, overlapping or touching ones joined; an end of None is open for ever."""
    merged: list[tuple[int, int | None]] = []
    for start, end in sorted(stretches, key=lambda stretch: stretch[0]):
        if merged:
            last_start, last_end = merged[-1]
            if last_end is None:
                break
            if start <= last_end:
                merged[-1] = (last_start, None if end is None else max(end, last_end))
                continue
        merged.append((start, end))
    return merged
