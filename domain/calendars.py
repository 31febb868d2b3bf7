"""Service calendars: when business time passes.

The definition, which everything else must agree with: an instant is *covered* when the wall clock of the calendar's
zone shows a time inside an open interval on a date that is not a holiday. Intervals are half-open and belong to the
date they start on; they may pass midnight. A holiday closes its local date 00:00–24:00, whatever interval runs through
it; an exception replaces the hours that start on its date. Clocks that skip an hour skip it here too, and an hour the
wall clock shows twice counts twice, because covered time is real elapsed time.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from domain.calendar_definitions import CALENDAR_YEARS, DAY_SECONDS, CalendarDefinition, Weekday, parse_interval
from domain.coverage import BEYOND, CoverageTable, build_table
from domain.durations import format_duration
from domain.errors import BadInput, CalendarNeverOpens, NoBusinessDay
from domain.instants import from_us, refuse_naive, span_us, to_us
from domain.spans import Span, merge_pauses

HORIZON = timedelta(days=36_525)
"""How far a search for an opening goes before it says that there is none: a century, which is also the longest budget
`parse_duration` takes, used up around the clock."""

_NOTHING = timedelta()
_HORIZON_US = span_us(HORIZON)
_MOST_YEARS = 400
"""Years counted at once: the horizon on both sides of the years that tickets live in, with room. It bounds time and memory."""
_MOST_US = span_us(timedelta(days=365 * _MOST_YEARS))


def _utc(instant: datetime) -> datetime:
    if instant.utcoffset() is None:
        raise refuse_naive(instant)
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise _too_far() from None


def _too_far() -> BadInput:
    return BadInput(f"calendars count the years {CALENDAR_YEARS[0]} to {CALENDAR_YEARS[-1]}")


def _too_many() -> BadInput:
    return BadInput(f"calendars count at most {_MOST_YEARS} years at once")


class ServiceCalendar:
    """Counts business time by one calendar definition. All answers are instants in UTC.

    Holds a table of the covered spans of some years, which grows when a question falls outside it; the answers do not
    depend on what was asked before.
    """

    def __init__(self, definition: CalendarDefinition) -> None:
        """Prepare the hours; the table is built at the first question."""
        self.definition = definition
        self.name = definition.calendar
        self.zone = ZoneInfo(definition.time_zone)
        self._weekly = tuple(tuple(parse_interval(text) for text in definition.weekly.get(day, ())) for day in Weekday)
        self._exceptions = {on: tuple(parse_interval(text) for text in texts) for on, texts in definition.exceptions.items()}
        self._holidays = frozenset(definition.holidays)
        self._table: CoverageTable = CoverageTable.empty()

    # ---- the definition, and what must agree with it ---------------------------------------------------------------

    def covers(self, instant: datetime) -> bool:
        """The definition itself: does the wall clock show an open time on a date that is not a holiday?"""
        local = self._wall_clock(instant)
        on, seconds = local.date(), timedelta(hours=local.hour, minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
        if on in self._holidays:
            return False
        before = on - timedelta(days=1)
        return any(timedelta(seconds=start) <= seconds < timedelta(seconds=end) for start, end in self.hours_of(on)) or any(
            seconds < timedelta(seconds=end - DAY_SECONDS) for _, end in self.hours_of(before)
        )

    def hours_of(self, on: date) -> tuple[tuple[int, int], ...]:
        """Intervals that start on a local date, before holidays are taken out, in seconds of that date."""
        return self._exceptions.get(on, self._weekly[on.weekday()])

    # The two questions asked most are written out here without helpers: a call costs as much as a binary search.

    def elapsed(self, start: datetime, end: datetime, pauses: Sequence[Span] = ()) -> timedelta:
        """Covered time in `[start, end)`, less what lies in a pause.

        Raises:
            BadInput: the end lies before the start.
            NaiveTime: an instant has no time zone.
        """
        begin, finish = start if start.tzinfo is UTC else _utc(start), end if end.tzinfo is UTC else _utc(end)
        if finish < begin:
            raise BadInput(f"the end {end.isoformat()} lies before the start {start.isoformat()}")
        table = self._table.instants
        if pauses or begin < table.first or finish >= table.last:
            first, last = to_us(begin), to_us(finish)
            return timedelta(0, 0, self._reaching(first, last).elapsed(first, last, merge_pauses(pauses)))
        starts, ends, totals = table.starts, table.ends, table.totals
        i, j = bisect_right(starts, begin), bisect_right(starts, finish)
        spent = totals[j] - totals[i]
        if begin < (closes := ends[i]):
            spent += closes - begin
        if finish < (closes := ends[j]):
            spent -= closes - finish
        return spent

    def due(self, start: datetime, budget: timedelta, pauses: Sequence[Span] = ()) -> datetime:
        """The earliest instant at which `elapsed` reaches the budget: used up exactly at closing is due at closing.

        Raises:
            BadInput: the budget is zero or negative.
            CalendarNeverOpens: the budget is not used up within the horizon.
            NaiveTime: the start has no time zone.
        """
        begin = start if start.tzinfo is UTC else _utc(start)
        if budget <= _NOTHING:
            raise BadInput(f"the budget {format_duration(budget)} must be more than zero")
        table = self._table.instants
        if not pauses and table.first <= begin < table.last:
            ends, totals = table.ends, table.totals
            i = bisect_right(table.starts, begin)
            goal = totals[i] + budget
            if begin < (closes := ends[i]):
                goal -= closes - begin
            if goal <= totals[-1]:
                i = bisect_left(totals, goal)
                return ends[i] - (totals[i] - goal)
        reached = self.reach(to_us(begin), span_us(budget), merge_pauses(pauses))
        if reached is None:
            raise BadInput("a pause that has not ended leaves no due time")
        return from_us(reached)

    def reach(self, start: int, budget: int, pauses: Sequence[tuple[int, int | None]] = ()) -> int | None:
        """`due` in microseconds for the clocks; None while a pause without an end holds it.

        `pauses` are merged, earliest first, as `merge_pauses` gives them.
        """
        table = self._table
        if not table.first <= start < table.last:
            table = self._reaching(start, start)
        # A pause is no part of the search: the horizon is counted from where the clock runs for good.
        horizon = max([start, *(end for _, end in pauses if end is not None)]) + _HORIZON_US
        if horizon - start > _MOST_US:
            raise _too_many()
        while (reached := table.due(start, budget, pauses)) == BEYOND:
            table = self._further(horizon, start, budget)
        if reached is not None and reached > horizon:
            raise self._never_opens(start, budget)
        return reached

    def elapsed_us(self, start: int, end: int, pauses: Sequence[tuple[int, int | None]] = ()) -> int:
        """`elapsed` in microseconds for the clocks; a pause without an end runs on."""
        return self._reaching(start, max(start, end)).elapsed(start, end, pauses) if end > start else 0

    def open_spans(self, start: datetime, end: datetime) -> list[Span]:
        """The covered stretches between two instants, earliest first, for explanations and pictures."""
        first, last = to_us(start), to_us(end)
        return [Span(from_us(a), from_us(b)) for a, b in self._reaching(first, last).spans(first, last)]

    # ---- dates --------------------------------------------------------------------------------------------------

    @property
    def business_day(self) -> timedelta:
        """Length of a business day: as stated, else the length all open weekdays have in common.

        Raises:
            NoBusinessDay: the open days differ and no length is stated.
        """
        if self.definition.business_day is not None:
            return self.definition.business_day
        lengths = {sum(end - start for start, end in hours) for hours in self._weekly if hours}
        if len(lengths) != 1:
            raise NoBusinessDay(f"calendar {self.name!r} has open days of different length; state business_day to promise in business days")
        return timedelta(seconds=lengths.pop())

    def is_business_day(self, on: date) -> bool:
        """Is a local date one that opens and no holiday?"""
        return on not in self._holidays and bool(self.hours_of(on))

    def close_of_next_business_day(self, instant: datetime) -> datetime:
        """Close of the business day after the logging day; after close or on a free day the logging day is the next one."""
        return self.close_of_business_day(instant, ahead=1)

    def close_of_business_day(self, instant: datetime, ahead: int) -> datetime:
        """Close of the business day `ahead` of the first one that has not closed at `instant`.

        Raises:
            CalendarNeverOpens: there is no such day within the horizon.
        """
        at = to_us(instant)
        table, horizon = self._reaching(at, at), at + _HORIZON_US
        while (day := bisect_right(table.day_closes, at) + ahead) >= len(table.day_closes):
            table = self._further(horizon, at, None)
        if table.day_closes[day] > horizon:
            raise self._never_opens(at, None)
        return from_us(table.day_closes[day])

    def close_of_date(self, on: date) -> datetime:
        """When business closes on a local date; on a closed date its first instant, as business is closed all day."""
        midnight = self.local(on, time())
        table = self._reaching(to_us(midnight), to_us(midnight + timedelta(days=2)))
        day = bisect_left(table.days, on.toordinal())
        if day < len(table.days) and table.days[day] == on.toordinal():
            return from_us(table.day_closes[day])
        return midnight

    def local(self, on: date, at: time) -> datetime:
        """The instant of a local wall-clock time.

        A time the clock skips is taken with the offset before the change, a time it shows twice the first time.
        """
        if on.year not in CALENDAR_YEARS:
            raise _too_far()
        return datetime.combine(on, at.replace(fold=0), self.zone).astimezone(UTC)

    def same_time_days_later(self, start: datetime, days: int) -> datetime:
        """The same local wall-clock time, `days` dates later."""
        local = self._wall_clock(start)
        return self.local(local.date() + timedelta(days=days), local.time())

    def _wall_clock(self, instant: datetime) -> datetime:
        utc = _utc(instant)
        if utc.year not in CALENDAR_YEARS:
            raise _too_far()
        return utc.astimezone(self.zone)

    # ---- the table ----------------------------------------------------------------------------------------------

    def _reaching(self, first: int, last: int) -> CoverageTable:
        table = self._table
        if table.first <= first and last < table.last:
            return table
        low, high = from_us(first).year - 1, from_us(last).year + 2
        if low < CALENDAR_YEARS[0] - 1 or high > CALENDAR_YEARS[-1] + 2:
            raise _too_far()
        if high - low > _MOST_YEARS:
            raise _too_many()
        if table.last > table.first:
            both = min(low, table.first_year), max(high, table.last_year)
            # Years far apart are not joined: the table of those asked for before is given up instead.
            low, high = both if both[1] - both[0] <= _MOST_YEARS else (low, high)
        return self._build(low, high)

    def _further(self, horizon: int, start: int, budget: int | None) -> CoverageTable:
        """The table, reaching twice as far, until the horizon.

        Raises:
            CalendarNeverOpens: the horizon is reached.
        """
        table = self._table
        if table.last > horizon:
            raise self._never_opens(start, budget)
        last_year = min(from_us(horizon).year + 1, table.last_year + max(2, table.last_year - table.first_year))
        if last_year > CALENDAR_YEARS[-1] + 2:
            raise self._never_opens(start, budget)
        first_year = table.first_year if last_year - table.first_year <= _MOST_YEARS else from_us(start).year - 1
        return self._build(first_year, last_year)

    def _never_opens(self, start: int, budget: int | None) -> CalendarNeverOpens:
        what = "another business day" if budget is None else f"{format_duration(timedelta(microseconds=budget))} of business time"
        years = HORIZON.days // 365
        return CalendarNeverOpens(f"calendar {self.name!r} has not {what} within {years} years after {from_us(start).isoformat()}")

    def _build(self, low: int, high: int) -> CoverageTable:
        self._table = build_table(low, high, self.zone, self.hours_of, self._holidays)
        return self._table


@lru_cache(maxsize=1024)
def _calendar_of_text(canonical: str) -> ServiceCalendar:
    return ServiceCalendar(CalendarDefinition.model_validate_json(canonical))


def calendar_of(definition: CalendarDefinition) -> ServiceCalendar:
    """The calendar of a definition; equal definitions share one, so its table is built once in a process."""
    return _calendar_of_text(definition.model_dump_json())
