"""What stands behind a period's figures and is kept with them: breached tickets and whose time it was, volume, supports."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from fractions import Fraction
from typing import Annotated

from pydantic import AwareDatetime, Field

from domain.agreement_parts import Period
from domain.attainment import Attainment, Counted
from domain.attribution import Part
from domain.figures import shown
from domain.results import Colour, Verdict, of_attainment
from domain.terms import AgreementKind
from domain.values import Message

MOST_BREACHES = 100
"""Breached tickets of a target that a report names; the others stand in the list its address leads to."""

Minutes = Annotated[float, Field(description="minutes of the promise's business time")]


class PartFigures(Message):
    """A holder's part of breached tickets: business time in its hands, its own limit, and what is beyond it."""

    holder: str
    held_minutes: Minutes
    limit_minutes: Minutes | None
    over_minutes: Minutes

    @classmethod
    def of(cls, part: Part) -> "PartFigures":
        """A part in minutes."""
        limit = _minutes(part.limit) if part.limit is not None else None
        return cls(holder=part.holder, held_minutes=_minutes(part.held), limit_minutes=limit, over_minutes=_minutes(part.over))


class BreachFigures(Message):
    """A ticket that passed a limit; late as it was when the period ended."""

    ticket: str
    clock: str
    breach_at: AwareDatetime
    late_minutes: Minutes | None
    parts: tuple[PartFigures, ...]


class TargetBreaches(Message):
    """The breached tickets of a target, the last ones first; `count` are all of them, `parts` add up those named."""

    target: str
    count: int
    tickets: tuple[BreachFigures, ...]
    parts: tuple[PartFigures, ...]

    @classmethod
    def of(cls, target: str, count: int, tickets: Sequence[BreachFigures]) -> "TargetBreaches":
        """Those of a target, with whose time it was."""
        return cls(target=target, count=count, tickets=tuple(tickets), parts=tuple(_added(part for each in tickets for part in each.parts)))


class WorkloadFigures(Message):
    """What came in in a stretch a limit is agreed for, or in the period where none is; `volume` is None for what is not counted here."""

    unit: str
    per: Period
    period: str
    volume: int | None
    limit: int | None
    used: Annotated[str | None, Field(description="share of the limit, in per cent, cut off after one decimal")]

    @classmethod
    def of(cls, unit: str, per: Period, period: str, volume: int | None, limit: int | None) -> "WorkloadFigures":
        """A volume beside its limit."""
        used = f"{shown(Fraction(100 * volume, limit), 1)} %" if volume is not None and limit else None
        return cls(unit=unit, per=per, period=period, volume=volume, limit=limit, used=used)


class SupportFigures(Message):
    """A target of an OLA or UC, on the tickets of this agreement alone; judged where a share was agreed."""

    support: str
    kind: AgreementKind
    target: str
    promised: str | None
    achieved: str | None
    verdict: Verdict | None
    colour: Colour
    met: int
    breached: int

    @classmethod
    def of(cls, support: str, kind: AgreementKind, target: str, compliance: Fraction | None, counted: Counted) -> "SupportFigures":
        """What a support came to."""
        within: Attainment = counted.within
        result = of_attainment(compliance if compliance is not None else Fraction(0), within)
        return cls(
            support=support,
            kind=kind,
            target=target,
            promised=f"{shown(compliance, 4)} %" if compliance is not None else None,
            achieved=result.shown,
            verdict=result.verdict if compliance is not None else None,
            colour=result.colour if compliance is not None else Colour.GREY,
            met=within.met,
            breached=within.breached,
        )


class PeriodEvidence(Message):
    """What stands behind the figures."""

    breaches: tuple[TargetBreaches, ...] = ()
    workload: tuple[WorkloadFigures, ...] = ()
    supports: tuple[SupportFigures, ...] = ()


def _added(parts: Iterable[PartFigures]) -> list[PartFigures]:
    """One part for each holder, all of its time together, who was most over its limit first."""
    found: dict[str, PartFigures] = {}
    for part in parts:
        before = found.get(part.holder)
        if before is not None:
            limits = [each for each in (before.limit_minutes, part.limit_minutes) if each is not None]
            part = PartFigures(  # noqa: PLW2901  (the sum so far stands in for the part)
                holder=part.holder,
                held_minutes=before.held_minutes + part.held_minutes,
                limit_minutes=sum(limits) if limits else None,
                over_minutes=before.over_minutes + part.over_minutes,
            )
        found[part.holder] = part
    return sorted(found.values(), key=lambda part: (-part.over_minutes, part.holder))


def _minutes(length: timedelta) -> float:
    return length / timedelta(minutes=1)
