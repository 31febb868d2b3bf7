"""Periods that promises are judged by, where somebody looks at another kind: a quarter of an agreement that promises by months."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field

from domain.agreement_parts import Period
from domain.periods import PeriodSpan, kind_of
from domain.registry_numbers import in_addresses
from domain.results import Colour
from domain.slam import Closed
from domain.spans import Span
from domain.values import Message
from domain.versions import VersionTerm, parts

_WORST_FIRST = tuple(Colour)


class JudgedPeriod(Message):
    """A period that has begun and that something is promised by: its worst colour once it is closed, and where its report is."""

    period: str
    is_over: bool
    version: Annotated[int | None, Field(description="which version of the closed period; none where it is not closed")]
    colour: Annotated[Colour | None, Field(description="the worst of its targets; none where it is not closed")]
    address: str


def judged_within(kinds: Sequence[Period], looked_at: PeriodSpan, terms: Sequence[VersionTerm], now: datetime) -> list[PeriodSpan] | None:
    """The periods of the promised kinds that a period touches and that have begun; None if its own kind is promised.

    Args:
        kinds: those the agreement's shares are judged by.
        looked_at: the period a report is about, in the agreement's zone.
        terms: those of the agreement's stages: a period into which a switch falls is two.
        now: periods that begin later are left out.
    """
    if kind_of(looked_at.name) in kinds:
        return None
    zone = looked_at.start.tzinfo
    assert isinstance(zone, ZoneInfo)
    span = Span(looked_at.start, looked_at.end)
    return [period for kind in kinds for period, _ in parts(kind, terms, span, zone) if period.start < now]


def judged_period(registry_no: str, period: PeriodSpan, closed: Closed | None, now: datetime) -> JudgedPeriod:
    """What such a period came to: by its closed version, if it has one."""
    return JudgedPeriod(
        period=period.name,
        is_over=now >= period.end,
        version=closed.version if closed is not None else None,
        colour=_worst(closed) if closed is not None else None,
        address=f"/registry/{in_addresses(registry_no)}/reports/{period.name}",
    )


def _worst(closed: Closed) -> Colour:
    colours = [target.colour for target in closed.figures.targets]
    return min(colours, key=_WORST_FIRST.index, default=Colour.GREY)
