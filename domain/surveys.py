"""Satisfaction surveys: who is asked about what, when, and what the answers come to (R-117, R-118)."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from hashlib import sha256
from typing import Annotated, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import Field

from domain.agreement_parts import Period
from domain.calendars import ServiceCalendar
from domain.clocks import NEVER_STARTED, NOT_PROMISED, ClockState
from domain.figures import shown
from domain.instants import MICROSECOND
from domain.people import Language
from domain.periods import PeriodSpan, period_at
from domain.spans import Span
from domain.values import Document, Message
from domain.watermelon import CSAT_GOAL, Satisfaction

REQUESTER = "requester"
"""The attribute of a ticket that names who asked for help; nobody is asked about a ticket without it."""

SOURCE = "survey"
"""The source under which answers count as feedback; their name is the survey's."""

LONGEST_COMMENT = 2000

Days = Annotated[int, Field(gt=0, le=366)]


class SurveyPolicy(Document):
    """How often people are asked, and for how long."""

    rest_days: Annotated[Days, Field(description="days from one survey of a person to the next after a ticket (R-117)")] = 14
    fresh_days: Annotated[Days, Field(description="days after the closing, or the quarter's end, in which it is still asked about")] = 14
    open_days: Annotated[Days, Field(description="days in which a survey may be answered")] = 30
    most_a_day: Annotated[int, Field(gt=0, le=1000, description="people an agreement asks on one day; the others wait for the next")] = 500


class EndedClock(NamedTuple):
    """A clock of an SLA on a ticket, as far as it tells whether and when the ticket was closed."""

    agreement: str
    state: ClockState
    reason: str | None
    completed_at: datetime | None


class Closing(NamedTuple):
    """When a ticket was closed, and the agreement whose clock ended last."""

    agreement: str
    at: datetime


def closing_of(clocks: Iterable[EndedClock]) -> Closing | None:
    """The closing of a ticket by its SLA clocks; None while one is open, and for a ticket that was cancelled or excluded."""
    ended = [each for each in clocks if each.reason not in {NOT_PROMISED, NEVER_STARTED}]
    completed = [(each.completed_at, each.agreement) for each in ended if each.completed_at is not None]
    if not completed or any(each.state is not ClockState.COMPLETED for each in ended):
        return None
    last = max(at for at, _ in completed)
    return Closing(min(agreement for at, agreement in completed if at == last), last)


class ClosedTicket(NamedTuple):
    """A closed ticket nobody was asked about yet, and who asked for help."""

    ticket: str
    person: str
    closed_at: datetime


def asked_about(
    closed: Iterable[ClosedTicket], last_asked: Mapping[str, datetime], at: datetime, calendar: ServiceCalendar, policy: SurveyPolicy
) -> list[ClosedTicket]:
    """The tickets people are asked about on the day of `at`, in the order of their closings.

    A ticket is asked about on the first business day after the date of its closing, or on a later one if that was missed. Each
    person is asked about the ticket that was closed first, and about no other before the days of rest are over.

    Args:
        closed: tickets of one customer, in any order.
        last_asked: when each person was last asked.
        at: the instant of asking; its date counts, in the calendar's zone.
        calendar: the provider's business days.
        policy: how often people are asked.
    """
    today, zone = at.astimezone(calendar.zone).date(), calendar.zone
    if not calendar.is_business_day(today):
        return []
    first: dict[str, ClosedTicket] = {}
    for each in sorted(closed, key=lambda each: (each.closed_at, each.ticket)):
        age = today - each.closed_at.astimezone(zone).date()
        if timedelta() < age <= timedelta(days=policy.fresh_days):
            first.setdefault(each.person, each)
    rested = today - timedelta(days=policy.rest_days)
    return [each for person, each in first.items() if person not in last_asked or last_asked[person].astimezone(zone).date() <= rested]


def quarter_asked_about(term: Span, at: datetime, zone: ZoneInfo, calendar: ServiceCalendar, policy: SurveyPolicy) -> PeriodSpan | None:
    """The quarter that the customer's representative is asked about on the day of `at`: the last one, from its next business day on.

    Args:
        term: when the agreement is in force; a quarter it does not touch is not asked about.
        at: the instant of asking.
        zone: the agreement's, in which quarters end.
        calendar: the provider's business days.
        policy: for how long a quarter is asked about.
    """
    today, ended = at.astimezone(calendar.zone).date(), period_at(Period.QUARTER, at, zone).start
    quarter = period_at(Period.QUARTER, ended - MICROSECOND, zone)
    if not calendar.is_business_day(today) or today - _date(ended, zone) > timedelta(days=policy.fresh_days):
        return None
    return quarter if quarter.cut_to(term) is not None else None


def _date(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()


def survey_name(about: str) -> str:
    """The name of the survey about a ticket, or about an agreement's quarter: always the same, and no data of a person."""
    return sha256(f"survey\n{about}".encode()).hexdigest()[:32]


class SurveyState(StrEnum):
    """Whether a survey waits for its answer."""

    OPEN = "OPEN"
    ANSWERED = "ANSWERED"
    EXPIRED = "EXPIRED"


class Survey(NamedTuple):
    """A question to one person, about a ticket or about a quarter of an agreement; `title` is the agreement's."""

    survey: str
    registry_no: str
    title: str
    ticket: str | None
    period: str | None
    person: str
    language: Language
    expires_at: datetime
    answered_at: datetime | None

    def state(self, now: datetime) -> SurveyState:
        """Whether it waits for its answer at an instant; at the instant of its expiry it does no longer."""
        if self.answered_at is not None:
            return SurveyState.ANSWERED
        return SurveyState.OPEN if now < self.expires_at else SurveyState.EXPIRED


class CsatVerdict(StrEnum):
    """Satisfaction held against its goal. Exactly the goal is met."""

    MET = "MET"
    MISSED = "MISSED"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


class SurveyFigures(Message):
    """The surveys of an agreement that were asked in a period, and what all answers given in it come to.

    `answered` of those `asked`, whenever they were; `csat` is the share of content ones among all `answers` of the period,
    from whatever source, as the period's results have it. Shares are cut off after one decimal.
    """

    registry_no: str
    period: str
    asked: int
    answered: int
    rate: str | None
    content: int
    answers: int
    csat: str | None
    verdict: CsatVerdict


class SurveyCount(NamedTuple):
    """Surveys asked in a period, and how many of them were answered."""

    asked: int
    answered: int


def survey_figures(
    registry_no: str, period: str, counted: SurveyCount, satisfaction: Satisfaction, goal: Fraction = CSAT_GOAL
) -> SurveyFigures:
    """The figures of a period as people read them."""
    percent = satisfaction.percent
    return SurveyFigures(
        registry_no=registry_no,
        period=period,
        asked=counted.asked,
        answered=counted.answered,
        rate=f"{shown(Fraction(100 * counted.answered, counted.asked), 1)} %" if counted.asked else None,
        content=satisfaction.content,
        answers=satisfaction.answers,
        csat=f"{shown(percent, 1)} %" if percent is not None else None,
        verdict=CsatVerdict.INSUFFICIENT_DATA if percent is None else CsatVerdict.MET if percent >= goal else CsatVerdict.MISSED,
    )
