"""An agreement in force: the occasions on which it is looked at, one after the other, from its first day to its last report.

The occasions are a fixed, ordered sequence that follows from the agreement alone. Its process waits for the next one and
carries it out; whatever dies, the next one is the next one. So none is missing, and none is done twice.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, Field

from domain.agreement_parts import Period, RenewalClause, ReviewPlan
from domain.business_days import business_days_from, next_opening
from domain.calendar_definitions import CalendarDefinition
from domain.calendars import ServiceCalendar, calendar_of
from domain.documents import AgreementDocument
from domain.periods import closed_kinds, months_after
from domain.spans import Span
from domain.terms import SUPPORT_KINDS, AgreementKind
from domain.timer_policy import TimerPolicy
from domain.values import Message
from domain.versions import VersionTerm, parts

CLOSING_DELAY = timedelta(minutes=5)
"""A period is closed a little after its end: what a help desk sends in its last minute is there (`SC-5`: 1 July 00:05)."""

REPORT_AT = time(6)
"""Local time at which reports of the periods that ended are made (R-109)."""

MEETING_AT = time(10)
MEETING_DAY = 15
"""Reviews meet by the 15th of the month after the stretch they look at (R-122), at this local time unless people agree otherwise."""

SCHEDULED_DAYS = 5
"""Business days before its pack is ready from which a planned review is a case people see."""

_WINDOW = timedelta(days=45)
_SOON = timedelta(days=3)
"""Most occasions follow each other within a day: these are looked for first."""

_LOOK_BACK = timedelta(days=400)


class Term(NamedTuple):
    """The instants between which an agreement is in force; the end is open for one without."""

    begins: datetime
    ends: datetime | None


class Watched(Message):
    """What must be known of an agreement to know when it is looked at."""

    kind: AgreementKind
    periods: tuple[Period, ...]
    targets: tuple[str, ...]
    calendar: CalendarDefinition
    policy: TimerPolicy = TimerPolicy()
    reviews: ReviewPlan | None = None
    renewal: RenewalClause | None = None
    renewal_days: Annotated[int, Field(description="calendar days before its end at which a renewal is opened; 0: none is")] = 0
    asks_for_changes: Annotated[bool, Field(description="a target that is missed again and again asks for a change")] = False


def watched_of(document: AgreementDocument, calendar: CalendarDefinition, policy: TimerPolicy) -> Watched | None:
    """What is watched of a document; nothing where it promises no shares, as documents above service level do not."""
    if not document.periods:
        return None
    targets = (*(each.target for each in document.targets), *(each.target for each in document.availability))
    return Watched(
        kind=document.kind,
        periods=document.periods,
        targets=targets,
        calendar=calendar,
        policy=policy,
        reviews=document.reviews,
        asks_for_changes=document.kind not in SUPPORT_KINDS,
        renewal=document.renewal_clause,
        renewal_days=0 if document.kind in SUPPORT_KINDS else _renewal_days(document.renewal_clause, policy),
    )


def _renewal_days(clause: RenewalClause | None, policy: TimerPolicy) -> int:
    """Early enough for every warning before the last day of notice."""
    notice = clause.notice_days if clause is not None and clause.automatic else 0
    return max(policy.renewal_days, notice + max(policy.renewal_notice_warnings, default=0)) if notice else policy.renewal_days


class Stage(NamedTuple):
    """The agreement between two material changes; one that is not watched states no shares."""

    term: VersionTerm
    watched: Watched | None


class Switch(NamedTuple):
    """An instant from which on another version, material or minor, is in force."""

    at: datetime
    version: str


class OccasionKind(StrEnum):
    """Why the agreement is looked at; those of one instant come in this order."""

    BEGIN = "BEGIN"
    SWITCH = "SWITCH"
    END = "END"
    LOOK = "LOOK"
    ASK = "ASK"
    CLOSE = "CLOSE"
    REPORT = "REPORT"
    SETTLE = "SETTLE"
    REVIEW = "REVIEW"
    RENEW = "RENEW"


_RANK = {kind: place for place, kind in enumerate(OccasionKind)}


class Occasion(Message):
    """An instant at which the agreement is looked at. `name` is the period, the date, the version or the review."""

    at: AwareDatetime
    kind: OccasionKind
    name: str
    meeting_at: AwareDatetime | None = None

    @property
    def place(self) -> tuple[datetime, int, str]:
        """Its place among all occasions of the agreement; no two have the same."""
        return self.at, _RANK[self.kind], self.name


def next_occasion(stages: Sequence[Stage], zone: ZoneInfo, last: Occasion | None, switches: Sequence[Switch] = ()) -> Occasion | None:
    """The occasion after the last one; None when all is done, which an agreement without an end never is."""
    begins, ends = stages[0].term.begins, stages[-1].term.ends
    at = last.at if last is not None else begins
    final = ends + _WINDOW if ends is not None else None
    width = _SOON
    while final is None or at <= final:
        window, width = Span(at, at + width), _WINDOW
        found = [
            each for each in (*_occasions(stages, zone, window), *_switches(switches, window)) if last is None or each.place > last.place
        ]
        if found:
            return min(found, key=lambda each: each.place)
        if final is None and all(stage.watched is None for stage in stages) and all(at > each.at for each in switches):
            return None
        at = window.end
    return None


def _occasions(stages: Sequence[Stage], zone: ZoneInfo, window: Span) -> Iterator[Occasion]:
    terms = [stage.term for stage in stages]
    never_begins = terms[0].ends is not None and terms[0].ends <= terms[0].begins
    everything = [] if never_begins else [Occasion(at=terms[0].begins, kind=OccasionKind.BEGIN, name="")]
    everything += [Occasion(at=terms[-1].ends, kind=OccasionKind.END, name="")] if terms[-1].ends is not None else []
    for term, watched in stages:
        if watched is not None:
            whole = Term(terms[0].begins, term.ends)
            everything += [*_closings(watched, (term, terms), zone, window), *_looks(watched, (term, whole), zone, window)]
            if watched.kind not in SUPPORT_KINDS:
                everything += _reviews(watched, (term, whole), zone, window)
    everything += _renewals(stages, zone)
    return (each for each in everything if window.start <= each.at <= window.end)


def _switches(switches: Sequence[Switch], window: Span) -> Iterator[Occasion]:
    return (Occasion(at=at, kind=OccasionKind.SWITCH, name=version) for at, version in switches if window.start <= at <= window.end)


def _closings(watched: Watched, mine: tuple[VersionTerm, Sequence[VersionTerm]], zone: ZoneInfo, window: Span) -> Iterator[Occasion]:
    (term, terms), calendar = mine, calendar_of(watched.calendar)
    begin = max(term.begins, window.start - _LOOK_BACK)
    end = min(window.end, term.ends) if term.ends is not None else window.end
    for kind in closed_kinds(watched.periods):
        for period, _ in parts(kind, terms, Span(begin, end), zone) if begin < end else ():
            if period.end == window.end != term.ends:
                continue  # cut by the window, not by the calendar: it is not over
            close = period.end + CLOSING_DELAY
            yield Occasion(at=close, kind=OccasionKind.CLOSE, name=period.name)
            report = datetime.combine(close.astimezone(zone).date(), REPORT_AT, zone)
            yield Occasion(at=max(report, close), kind=OccasionKind.REPORT, name=period.name)
            yield Occasion(at=next_opening(calendar, close), kind=OccasionKind.SETTLE, name=period.name)


def _looks(watched: Watched, mine: tuple[VersionTerm, Term], zone: ZoneInfo, window: Span) -> Iterator[Occasion]:
    """Every midnight it is looked at; when business opens customers are asked how content they are."""
    (term, whole), calendar = mine, calendar_of(watched.calendar)
    on = max(window.start, term.begins).astimezone(zone).date()
    while (at := datetime.combine(on, time(), zone)) <= window.end and (term.ends is None or at < term.ends):
        if at >= term.begins and at > whole.begins:
            yield Occasion(at=at, kind=OccasionKind.LOOK, name=on.isoformat())
            opens = next_opening(calendar, at)
            if watched.kind not in SUPPORT_KINDS and calendar.is_business_day(on) and (whole.ends is None or opens < whole.ends):
                yield Occasion(at=opens, kind=OccasionKind.ASK, name=on.isoformat())
        on += timedelta(days=1)


def _reviews(watched: Watched, mine: tuple[VersionTerm, Term], zone: ZoneInfo, window: Span) -> Iterator[Occasion]:
    """Those whose meeting a version is in force at; planned from the agreement's first day, whatever versions it had since."""
    (term, whole), calendar = mine, calendar_of(watched.calendar)
    ahead = watched.policy.pack_ready_days + SCHEDULED_DAYS
    for name, meeting in planned_reviews(watched, whole, zone, window):
        if meeting < term.begins:
            continue
        at = max(business_days_from(calendar, meeting, -ahead), term.begins)
        yield Occasion(at=at, kind=OccasionKind.REVIEW, name=name, meeting_at=meeting)


def _renewals(stages: Sequence[Stage], zone: ZoneInfo) -> Iterator[Occasion]:
    """Midnight so many days before the end, at the beginning where the term is shorter; named by the first day no longer in force."""
    (_, _, ends), watched = stages[-1].term, stages[-1].watched
    if watched is not None and watched.renewal_days and ends is not None:
        on = ends.astimezone(zone).date()
        at = datetime.combine(on - timedelta(days=watched.renewal_days), time(), zone)
        yield Occasion(at=max(at, stages[0].term.begins), kind=OccasionKind.RENEW, name=on.isoformat())


def renewal_within(stages: Sequence[Stage], zone: ZoneInfo, span: Span) -> Occasion | None:
    """The renewal that is opened in a span, if one is."""
    return next((each for each in _renewals(stages, zone) if span.start <= each.at < span.end), None)


def planned_reviews(watched: Watched, term: Term, zone: ZoneInfo, window: Span) -> Iterator[tuple[str, datetime]]:
    """Planned reviews whose meeting lies in a window or somewhat after it, with their names: the stretch they look at, or `annual`.

    Every so many months the stretch since the last one is looked at, the first being the first whole one; and once a year
    the agreement itself.
    """
    plan, calendar = watched.reviews or ReviewPlan(every_months=3), calendar_of(watched.calendar)
    first, last = window.start.astimezone(zone).date(), (window.end + _WINDOW).astimezone(zone).date()
    begins = term.begins.astimezone(zone).date()
    planned = [*_regular(plan, begins, last), *_annual(begins, last)]
    for name, on in planned:
        meeting = _open_date(calendar, on, zone)
        if on >= first and meeting > term.begins and (term.ends is None or meeting < term.ends):
            yield name, meeting


def _regular(plan: ReviewPlan, begins: date, last: date) -> Iterator[tuple[str, date]]:
    every = plan.every_months
    if plan.first_on is not None:
        on, number = plan.first_on, 0
        while on <= last:
            yield f"{on:%Y-%m}", on
            number += 1
            on = months_after(plan.first_on, number * every)
        return
    start = date(begins.year, 1, 1) if 12 % every == 0 else date(begins.year, begins.month, 1)
    while (after := months_after(start, every)) <= last:
        if start >= begins:
            yield _stretch(start, every), after.replace(day=MEETING_DAY)
        start = after


def _annual(begins: date, last: date) -> Iterator[tuple[str, date]]:
    number = 1
    while (on := months_after(begins, 12 * number)) <= last:
        yield f"annual-{on.year}", on
        number += 1


def _stretch(start: date, months: int) -> str:
    names = {1: f"{start:%Y-%m}", 3: f"{start.year}-Q{(start.month + 2) // 3}", 12: f"{start.year}"}
    return names.get(months) or f"{start:%Y-%m}-{months}m"


def _open_date(calendar: ServiceCalendar, on: date, zone: ZoneInfo) -> datetime:
    """The meeting's instant on that date, or on the last open one before it."""
    for _ in range(31):
        if calendar.is_business_day(on):
            break
        on -= timedelta(days=1)
    return datetime.combine(on, MEETING_AT, zone)


def reviews_of(watched: Watched, term: Term, zone: ZoneInfo, span: Span) -> list[tuple[str, datetime]]:
    """The review calendar: every planned meeting in a span, earliest first."""
    found: Iterable[tuple[str, datetime]] = planned_reviews(watched, term, zone, span)
    return sorted({pair for pair in found if span.start <= pair[1] < span.end}, key=lambda pair: pair[1])
