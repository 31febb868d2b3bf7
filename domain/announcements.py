"""Which milestones of a ticket's clocks are news, to whom, and when to look again."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from domain.clock_milestones import ClockMilestone, MilestoneKind
from domain.clocks import ClockReading, ClockState
from domain.effects import Telling
from domain.terms import AgreementKind

OLD_NEWS_AFTER = timedelta(hours=24)
"""Default age from which a milestone first known then is recorded and counted, but not told one by one."""


SILENTLY = "silently"
"""Ending of a key in the record of what was told: the milestone was recorded, and nobody was told of it."""


class Reached(NamedTuple):
    """A milestone that is reached and was not dealt with before."""

    key: str
    milestone: ClockMilestone
    reading: ClockReading
    telling: Telling
    recipients: tuple[str, ...]


class Withdrawn(NamedTuple):
    """A breach that was recorded and, as is known now, never happened; `silently` if nobody was told of it."""

    key: str
    clock: str
    told_at: datetime
    silently: bool


class Announcements(NamedTuple):
    """What to do now, and the next instant at which there may be something to do."""

    reached: list[Reached]
    withdrawn: list[Withdrawn]
    next_milestone: ClockMilestone | None


def announce(readings: Sequence[ClockReading], told: Mapping[str, datetime], now: datetime) -> Announcements:
    """Compare what the clocks have reached with what was told.

    `told` maps the keys of milestones dealt with before to their instants. A milestone is dealt with once, however
    often its clock is planned anew; a breach that was withdrawn may be told again.
    """
    reached: list[Reached] = []
    ahead: list[ClockMilestone] = []
    for reading in readings:
        milestones = reading.milestones()
        past = [milestone for milestone in milestones if milestone.at <= now]
        news = [(key, milestone) for milestone in past if (key := _key(milestone, told)) not in told]
        reached += _with_escalation([_reached(key, milestone, reading, past, now) for key, milestone in news])
        if reading.state in {ClockState.RUNNING, ClockState.PAUSED}:
            ahead += [milestone for milestone in milestones if milestone.at > now and _key(milestone, told) not in told]
    return Announcements(reached, list(_withdrawn(readings, told)), min(ahead, key=lambda milestone: milestone.at, default=None))


def mark_told(announcements: Announcements, told: dict[str, datetime]) -> None:
    """Remember that these announcements were dealt with."""
    told.update({each.key: each.milestone.at for each in announcements.reached})
    told.update({f"{each.key}:{SILENTLY}": each.milestone.at for each in announcements.reached if each.telling is not Telling.TOLD})
    told.update({f"{each.key}:withdrawn": each.told_at for each in announcements.withdrawn})


def needs_process(readings: Sequence[ClockReading], told: Mapping[str, datetime], now: datetime) -> bool:
    """Is there anything left for a ticket's process to wait for or to tell?"""
    pending = announce(readings, told, now)
    return any(reading.is_open for reading in readings) or bool(pending.reached or pending.withdrawn)


def _key(milestone: ClockMilestone, told: Mapping[str, datetime]) -> str:
    key = milestone.key
    while f"{key}:withdrawn" in told:
        key += "+"
    return key


def _reached(key: str, milestone: ClockMilestone, reading: ClockReading, past: Iterable[ClockMilestone], now: datetime) -> Reached:
    return Reached(key, milestone, reading, _telling(milestone, reading, past, now), recipients_of(milestone, reading))


def _with_escalation(news: list[Reached]) -> list[Reached]:
    """A breach and its escalations noticed together, after an outage, are one notice: to those of the last step too."""
    breach = next((each for each in news if each.milestone.kind is MilestoneKind.BREACH and each.telling is Telling.TOLD), None)
    escalation = next((each for each in news if each.milestone.kind is MilestoneKind.ESCALATION and each.telling is Telling.TOLD), None)
    if breach is None or escalation is None:
        return news
    changed = {
        breach.key: breach._replace(recipients=breach.recipients + tuple(set(escalation.recipients) - set(breach.recipients))),
        escalation.key: escalation._replace(telling=Telling.SUPERSEDED),
    }
    return [changed.get(each.key, each) for each in news]


def _telling(milestone: ClockMilestone, reading: ClockReading, past: Iterable[ClockMilestone], now: datetime) -> Telling:
    if now - milestone.at > OLD_NEWS_AFTER:
        return Telling.DIGEST
    if milestone.kind is not MilestoneKind.BREACH and not reading.is_open:
        return Telling.SUPERSEDED
    supersedes = {
        MilestoneKind.PAGE: (),
        MilestoneKind.WARNING: (MilestoneKind.WARNING, MilestoneKind.BREACH),
        MilestoneKind.BREACH: (),
        MilestoneKind.ESCALATION: (MilestoneKind.ESCALATION,),
    }[milestone.kind]
    later = any(other.kind in supersedes and (other.at, other.level) > (milestone.at, milestone.level) for other in past)
    return Telling.SUPERSEDED if later else Telling.TOLD


def _withdrawn(readings: Sequence[ClockReading], told: Mapping[str, datetime]) -> Iterable[Withdrawn]:
    breached = {reading.clock for reading in readings if reading.breached or not (reading.is_open or reading.state is ClockState.COMPLETED)}
    for key, at in told.items():
        clock, _, rest = key.partition(":")
        is_breach = rest.rstrip("+") == f"{MilestoneKind.BREACH.value.lower()}:0"
        if is_breach and clock not in breached and f"{key}:withdrawn" not in told:
            yield Withdrawn(key, clock, at, silently=f"{key}:{SILENTLY}" in told)


def recipients_of(milestone: ClockMilestone, reading: ClockReading) -> tuple[str, ...]:
    """Roles told of a milestone (`docs/rules.md`, rule 12)."""
    if milestone.kind is MilestoneKind.ESCALATION:
        return (reading.segment.agreement.escalation[milestone.level - 1],)
    if milestone.kind is MilestoneKind.PAGE:
        return ("ON_CALL",)
    breach = milestone.kind is MilestoneKind.BREACH
    if reading.kind is AgreementKind.OLA:
        return ("TEAM_OWNER", "SLM_MANAGER") if breach else ("TEAM_OWNER",)
    if reading.kind is AgreementKind.UC:
        return ("SUPPLIER_REP", "SUPPLY_MANAGER") if breach else ("SUPPLY_MANAGER",)
    if breach:
        return ("CUSTOMER_REP", "SLM_MANAGER")
    last = milestone.level == max(reading.segment.target.warn_at, default=0) and len(reading.segment.target.warn_at) > 1
    return ("OWNER", "TEAM_LEAD", "SLM_MANAGER") if last else ("OWNER", "TEAM_LEAD")
