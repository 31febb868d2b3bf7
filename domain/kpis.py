"""The KPI set: each figure with its numerator and denominator, or why there is none (R-112). Pure, from counts and measured times."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Annotated, NamedTuple

from pydantic import Field

from domain.attainment import Attainment
from domain.figures import shown
from domain.follow_ups.plan import Plan
from domain.follow_ups.review import Review
from domain.human_tasks import TaskState
from domain.instants import MICROSECOND
from domain.spans import Span
from domain.values import Message
from domain.watermelon import Satisfaction


class Kpi(StrEnum):
    """What is watched."""

    ATTAINMENT = "attainment"
    AVAILABILITY = "availability"
    MTTR = "mttr"
    MTBF = "mtbf"
    FIRST_CONTACT_RESOLUTION = "first_contact_resolution"
    REOPEN_RATE = "reopen_rate"
    CSAT = "csat"
    BACKLOG = "backlog"
    NEAR_BREACH_RATE = "near_breach_rate"
    SUPPORT_ATTAINMENT = "support_attainment"
    COVERAGE = "coverage"
    REVIEWS_ON_TIME = "reviews_on_time"
    IMPROVEMENT_ON_TIME = "improvement_on_time"
    CREDITS = "credits"
    LEAD_TIME = "lead_time"
    FORECAST_ERROR = "forecast_error"


INSIDE = frozenset({Kpi.FIRST_CONTACT_RESOLUTION, Kpi.SUPPORT_ATTAINMENT})
"""What tells of the provider's teams and suppliers: none of a customer's business."""


class Lack(StrEnum):
    """Why a KPI has no value."""

    NOTHING_COUNTED = "NOTHING_COUNTED"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"
    NOT_MEASURED = "NOT_MEASURED"
    NOT_RECORDED = "NOT_RECORDED"
    NOT_OVER = "NOT_OVER"


class KpiValue(Message):
    """A KPI: its value, cut off and never rounded up, its unit, and what was divided by what."""

    kpi: Kpi
    value: str | None
    unit: Annotated[str, Field(description="percent, minutes, days, tickets, or a currency")]
    numerator: float | None = None
    denominator: float | None = None
    reason: Annotated[Lack | None, Field(description="why there is no value")] = None


class TicketFacts(NamedTuple):
    """Tickets of a period. Completed: every clock of theirs is, the last one in the period; held: of those, whose holder is known."""

    completed: int = 0
    reopened: int = 0
    held: int = 0
    held_once: int = 0
    """Of those: one team alone held them, and nobody reopened them."""
    backlog: int = 0
    near_breached: int = 0
    """Clocks completed in the period that used 90 % of their limit or more (`domain/early_warning.py`)."""
    completed_clocks: int = 0
    """All that were completed in it and have a limit to come near to, or were breached."""

    def __add__(self, other: object) -> "TicketFacts":
        """Both together."""
        return TicketFacts(*map(sum, zip(self, other, strict=True))) if isinstance(other, TicketFacts) else NotImplemented


class Uptime(NamedTuple):
    """Measured time: agreed, down, in how many outages; `is_unknown` says that some target could not be measured."""

    agreed: timedelta = timedelta()
    down: timedelta = timedelta()
    outages: int = 0
    is_unknown: bool = False

    def __add__(self, other: object) -> "Uptime":
        """Both together."""
        if not isinstance(other, Uptime):
            return NotImplemented
        return Uptime(self.agreed + other.agreed, self.down + other.down, self.outages + other.outages, self.is_unknown or other.is_unknown)


class KpiFacts(NamedTuple):
    """What the KPIs of a period are computed from."""

    attainment: Attainment = Attainment()
    supports: Attainment = Attainment()
    tickets: TicketFacts = TicketFacts()
    uptime: Uptime = Uptime()
    satisfaction: Satisfaction = Satisfaction(0, 0)
    credits: Mapping[str, Decimal] = {}
    """By currency: what the misses of the period give."""
    lead_times: tuple[timedelta, ...] = ()
    """From request to signature, of agreements signed in the period."""
    reviews: Attainment = Attainment()
    """Those due in the period: held in time, or not."""
    improvement: Attainment = Attainment()
    """Actions of improvement plans that were due in it: done by then, or not."""
    coverage: Attainment | None = None
    """Offers that are sold: with an agreement of their own in force, or not; None where that is not known of the period."""
    is_over: bool = True


def kpis_of(facts: KpiFacts) -> list[KpiValue]:
    """Every KPI in the order of R-112; credits once for each currency."""
    tickets, judged = facts.tickets, facts.attainment.judged
    return [
        _share(Kpi.ATTAINMENT, facts.attainment.met, judged),
        *_of_uptime(facts.uptime),
        _share(Kpi.FIRST_CONTACT_RESOLUTION, tickets.held_once, tickets.held),
        _share(Kpi.REOPEN_RATE, tickets.reopened, tickets.completed),
        _csat(facts.satisfaction),
        KpiValue(kpi=Kpi.BACKLOG, value=str(tickets.backlog), unit="tickets", numerator=tickets.backlog),
        _share(Kpi.NEAR_BREACH_RATE, tickets.near_breached, tickets.completed_clocks),
        _share(Kpi.SUPPORT_ATTAINMENT, facts.supports.met, facts.supports.judged),
        _covered(facts.coverage),
        _share(Kpi.REVIEWS_ON_TIME, facts.reviews.met, facts.reviews.judged),
        _share(Kpi.IMPROVEMENT_ON_TIME, facts.improvement.met, facts.improvement.judged),
        *_credits(facts),
        _lead_time(facts.lead_times),
        _without(Kpi.FORECAST_ERROR, "percent", Lack.NOT_RECORDED),
    ]


def reviews_on_time(reviews: Iterable[Review], span: Span) -> Attainment:
    """Reviews that were due in a span that is gone: those held without having been missed, and the others."""
    due = [each for each in reviews if span.start <= (each.due_at or each.meeting_at) < span.end]
    held = sum(each.held_at is not None and not each.was_missed for each in due)
    return Attainment(held, len(due) - held)


def actions_on_time(plans: Iterable[Plan], span: Span) -> Attainment:
    """Actions of improvement plans that were due in a span that is gone: those done by then, and the others."""
    due = [task for plan in plans for task in plan.tasks if task.kind == "PLAN_ACTION" and span.start <= task.due_at < span.end]
    done = sum(task.state is TaskState.DECIDED and task.closed_at is not None and task.closed_at <= task.due_at for task in due)
    return Attainment(done, len(due) - done)


def mttr(uptime: Uptime) -> Fraction | None:
    """Mean time to restore, in minutes: outages of 40, 60 and 20 minutes make 40 (R-112). None without an outage."""
    return _in(_MINUTE, uptime.down) / uptime.outages if uptime.outages else None


def mtbf(uptime: Uptime) -> Fraction | None:
    """Mean time between failures, in minutes: those three in a month of 43,200 make 14,360 (R-112). None without an outage."""
    return _in(_MINUTE, uptime.agreed - uptime.down) / uptime.outages if uptime.outages else None


_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)


def _in(unit: timedelta, length: timedelta) -> Fraction:
    return Fraction(length // MICROSECOND, unit // MICROSECOND)


def _without(kpi: Kpi, unit: str, reason: Lack) -> KpiValue:
    return KpiValue(kpi=kpi, value=None, unit=unit, reason=reason)


def _share(kpi: Kpi, part: int, whole: int) -> KpiValue:
    if not whole:
        return _without(kpi, "percent", Lack.NOTHING_COUNTED)
    return KpiValue(kpi=kpi, value=shown(Fraction(100 * part, whole), 4), unit="percent", numerator=part, denominator=whole)


def _covered(offers: Attainment | None) -> KpiValue:
    if offers is None:
        return _without(Kpi.COVERAGE, "percent", Lack.NOT_RECORDED)
    return _share(Kpi.COVERAGE, offers.met, offers.judged)


def _of_uptime(uptime: Uptime) -> Iterator[KpiValue]:
    lack = Lack.NOT_MEASURED if uptime.is_unknown else Lack.NOTHING_COUNTED
    up, agreed = uptime.agreed - uptime.down, uptime.agreed
    if agreed:
        value = shown(Fraction(100 * (up // MICROSECOND), agreed // MICROSECOND), 4)
        times = {"numerator": float(_in(_MINUTE, up)), "denominator": float(_in(_MINUTE, agreed))}
        yield KpiValue(kpi=Kpi.AVAILABILITY, value=value, unit="percent", **times)
    else:
        yield _without(Kpi.AVAILABILITY, "percent", lack)
    for kpi, mean, length in ((Kpi.MTTR, mttr(uptime), uptime.down), (Kpi.MTBF, mtbf(uptime), up)):
        if mean is None:
            yield _without(kpi, "minutes", lack)
        else:
            counts = {"numerator": float(_in(_MINUTE, length)), "denominator": float(uptime.outages)}
            yield KpiValue(kpi=kpi, value=shown(mean, 2), unit="minutes", **counts)


def _csat(said: Satisfaction) -> KpiValue:
    if said.percent is None:
        return _without(Kpi.CSAT, "percent", Lack.INSUFFICIENT_DATA)
    return KpiValue(kpi=Kpi.CSAT, value=shown(said.percent, 1), unit="percent", numerator=said.content, denominator=said.answers)


def _credits(facts: KpiFacts) -> Iterator[KpiValue]:
    if not facts.is_over or not facts.credits:
        yield _without(Kpi.CREDITS, "currency", Lack.NOTHING_COUNTED if facts.is_over else Lack.NOT_OVER)
        return
    for currency, amount in sorted(facts.credits.items()):
        yield KpiValue(kpi=Kpi.CREDITS, value=f"{amount:.2f}", unit=currency, numerator=float(amount))


def _lead_time(lead_times: tuple[timedelta, ...]) -> KpiValue:
    if not lead_times:
        return _without(Kpi.LEAD_TIME, "days", Lack.NOTHING_COUNTED)
    days, count = _in(_DAY, sum(lead_times, timedelta())), len(lead_times)
    return KpiValue(kpi=Kpi.LEAD_TIME, value=shown(days / count, 2), unit="days", numerator=float(days), denominator=count)
