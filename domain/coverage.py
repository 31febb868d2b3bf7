"""The covered spans of some years as sorted arrays, so that a question costs two binary searches."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from typing import NamedTuple, Self, TypeAlias
from zoneinfo import ZoneInfo

from domain.calendar_definitions import CALENDAR_YEARS
from domain.instants import DAY_US, SECOND_US, from_us

_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_DAY_SECONDS = 86_400
_PROBE_SECONDS = _DAY_SECONDS // 4
"""Zones change their offset at most once in such a stretch: the shortest pause between two changes in the time-zone
database since 1970 is days, so a quarter of a day misses none."""

Hours: TypeAlias = Callable[[date], Sequence[tuple[int, int]]]
Pauses: TypeAlias = Sequence[tuple[int, int | None]]


_LONG_AGO = -(2**63)
BEYOND = -(2**63)
"""What `CoverageTable.due` answers when the table ends before the budget is used up."""


class Instants(NamedTuple):
    """The same spans as UTC datetimes and timedeltas.

    For questions asked in those: turning them into numbers and back would cost more than the answer.
    """

    first: datetime
    last: datetime
    starts: list[datetime]
    ends: list[datetime]
    totals: list[timedelta]

    @classmethod
    def of(cls, first: int, last: int, starts: list[int], ends: list[int], totals: list[int]) -> Self:
        """The arrays of a table, the span that ended long ago included."""
        closes = [datetime.min.replace(tzinfo=UTC), *map(from_us, ends[1:])]
        return cls(from_us(first), from_us(last), list(map(from_us, starts)), closes, [timedelta(0, 0, total) for total in totals])


class CoverageTable(NamedTuple):
    """Covered spans between `first` and `last`, in microseconds since 1970.

    Before the first span stands one that ended long ago, in `ends` and `totals` only: so `bisect_right(starts, at)` is the
    place of the span begun last in both. `totals` is the covered time from `first` to the end of a span. `days` are
    ordinals of local dates with an opening, and `day_closes` when each closes.
    """

    first: int
    last: int
    first_year: int
    last_year: int
    starts: list[int]
    ends: list[int]
    totals: list[int]
    days: list[int]
    day_closes: list[int]
    instants: "Instants"

    @classmethod
    def empty(cls) -> Self:
        """A table that covers nothing, to start from."""
        return cls(0, 0, 0, 0, [], [_LONG_AGO], [0], [], [], Instants.of(0, 0, [], [_LONG_AGO], [0]))

    def covered_before(self, at: int) -> int:
        """Covered time from the table's beginning to `at`."""
        i = bisect_right(self.starts, at)
        end = self.ends[i]
        return self.totals[i] if at >= end else self.totals[i] - end + at

    def elapsed(self, start: int, end: int, pauses: Pauses = ()) -> int:
        """Covered time in `[start, end)` less the pauses; both ends inside the table, pauses merged."""
        spent = self.covered_before(end) - self.covered_before(start)
        for pause_start, pause_end in pauses:
            low, high = max(start, pause_start), end if pause_end is None else min(end, pause_end)
            if high > low:
                spent -= self.covered_before(high) - self.covered_before(low)
        return spent

    def due(self, start: int, budget: int, pauses: Pauses = ()) -> int | None:
        """Earliest instant at which the budget is used up; None if an open pause holds it, BEYOND if the table ends."""
        starts, ends, totals = self.starts, self.ends, self.totals
        i = bisect_right(starts, start)
        goal = budget + totals[i]
        if start < (closes := ends[i]):
            goal -= closes - start
        if pauses:
            shifted = self._past_pauses(start, goal, pauses)
            if shifted is None:
                return None
            goal = shifted
        i = bisect_left(totals, goal)
        if i == len(totals):
            return BEYOND
        return ends[i] - totals[i] + goal

    def _past_pauses(self, start: int, goal: int, pauses: Pauses) -> int | None:
        for pause_start, pause_end in pauses:
            if pause_end is not None and pause_end <= start:
                continue
            low = max(start, pause_start)
            covered = self.covered_before(low)
            # Reached at the very instant a pause begins is reached: equal is met. A pause beyond the table may yet be
            # passed, so the goal is compared with what the table knows.
            if covered >= goal:
                break
            if low >= self.last or (pause_end is not None and pause_end >= self.last):
                return self.totals[-1] + goal
            if pause_end is None:
                return None
            goal += self.covered_before(pause_end) - covered
        return goal

    def spans(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Covered stretches cut to `[start, end)`."""
        for i in range(max(0, bisect_right(self.starts, start) - 1), bisect_left(self.starts, end)):
            low, high = max(start, self.starts[i]), min(end, self.ends[i + 1])
            if high > low:
                yield low, high


def build_table(first_year: int, last_year: int, zone: ZoneInfo, hours_of: Hours, holidays: frozenset[date]) -> CoverageTable:
    """Lay the local hours of whole years onto the UTC axis.

    The table answers for the instants of `first_year`…`last_year` less a day at both ends, so that no zone's offset
    brings in hours it does not know; for none outside of the years that calendars count.
    """
    begin, finish = date(first_year, 1, 1), date(last_year, 12, 31)
    first, last = _midnight_us(begin) + DAY_US, _midnight_us(finish)
    offsets = _OffsetSegments(zone, first // SECOND_US - 5 * _DAY_SECONDS, last // SECOND_US + 5 * _DAY_SECONDS)
    first, last = max(first, _FIRST_US), min(last, _LAST_US)
    stretches: list[tuple[int, int]] = []
    days: list[int] = []
    day_closes: list[int] = []
    for ordinal in range(begin.toordinal() - 1, finish.toordinal() + 2):
        own = [span for start, end in hours_of(date.fromordinal(ordinal)) for span in _open_parts(ordinal, start, end, holidays)]
        covered = [part for low, high in own for part in offsets.to_utc(low, high)]
        stretches += covered
        # A shift that begins on a holiday is open after midnight only: business time, but no business day of its own.
        if covered and date.fromordinal(ordinal) not in holidays:
            days.append(ordinal)
            closes = max(end for _, end in covered) * SECOND_US
            # An exception may run on after the next date's own hours: business has not closed there before it does.
            day_closes.append(max([closes, *day_closes[-1:]]))
    starts, ends, totals = _accumulate(sorted(stretches))
    instants = Instants.of(first, last, starts, ends, totals)
    return CoverageTable(first, last, first_year, last_year, starts, ends, totals, days, day_closes, instants)


def _midnight_us(on: date) -> int:
    return (on.toordinal() - _EPOCH_ORDINAL) * DAY_US


_FIRST_US, _LAST_US = _midnight_us(date(CALENDAR_YEARS[0], 1, 1)), _midnight_us(date(CALENDAR_YEARS[-1] + 1, 1, 1))


def _open_parts(ordinal: int, start: int, end: int, holidays: frozenset[date]) -> Iterator[tuple[int, int]]:
    """An interval of a date in local seconds since 1970, without what falls on a holiday."""
    base = (ordinal - _EPOCH_ORDINAL) * _DAY_SECONDS
    for day in range(2):
        low, high = max(start, day * _DAY_SECONDS), min(end, (day + 1) * _DAY_SECONDS)
        if high > low and date.fromordinal(ordinal + day) not in holidays:
            yield base + low, base + high


def _accumulate(stretches: list[tuple[int, int]]) -> tuple[list[int], list[int], list[int]]:
    starts: list[int] = []
    ends: list[int] = []
    for low, high in stretches:
        if ends and low * SECOND_US <= ends[-1]:
            ends[-1] = max(ends[-1], high * SECOND_US)
        else:
            starts.append(low * SECOND_US)
            ends.append(high * SECOND_US)
    totals = list(accumulate((high - low for low, high in zip(starts, ends, strict=True)), initial=0))
    return starts, [_LONG_AGO, *ends], totals


class _OffsetSegments:
    """Stretches of UTC in which a zone's offset stays the same."""

    def __init__(self, zone: ZoneInfo, begin: int, finish: int) -> None:
        self._zone = zone
        self._segments: list[tuple[int, int, int]] = []
        start, offset = begin, self._offset(begin)
        for probe in range(begin + _PROBE_SECONDS, finish + _PROBE_SECONDS, _PROBE_SECONDS):
            if (new := self._offset(probe)) != offset:
                change = self._change(probe - _PROBE_SECONDS, probe, offset)
                self._segments.append((start, change, offset))
                start, offset = change, new
        self._segments.append((start, finish + _PROBE_SECONDS, offset))
        self._ends = [end for _, end, _ in self._segments]

    def _offset(self, at: int) -> int:
        shown = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=at)).astimezone(self._zone).utcoffset()
        assert shown is not None
        return shown.days * _DAY_SECONDS + shown.seconds

    def _change(self, low: int, high: int, offset: int) -> int:
        while high - low > 1:
            middle = (low + high) // 2
            if self._offset(middle) == offset:
                low = middle
            else:
                high = middle
        return high

    def to_utc(self, low: int, high: int) -> Iterator[tuple[int, int]]:
        """UTC stretches during which the wall clock shows a time in `[low, high)`: none in a skipped hour, two in a repeated one."""
        for i in range(bisect_right(self._ends, low - 2 * _DAY_SECONDS), len(self._segments)):
            start, end, offset = self._segments[i]
            if start > high + 2 * _DAY_SECONDS:
                break
            begins, finishes = max(start, low - offset), min(end, high - offset)
            if finishes > begins:
                yield begins, finishes
