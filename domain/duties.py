"""Duties of both sides: how often each obligation of an agreement was kept or missed in a period (R-088)."""

from collections.abc import Iterable, Mapping
from typing import Annotated, NamedTuple

from pydantic import AwareDatetime, Field

from domain.agreement_parts import Obligation
from domain.people import Key, Side
from domain.reports import Name, Report
from domain.values import Document


class DutyFact(Document):
    """An obligation was due once, and was kept or missed."""

    fact: Name
    obligation: Annotated[Key, Field(description="as the agreement names it")]
    kept: bool
    at: AwareDatetime
    note: Annotated[str, Field(max_length=500, description="what happened, such as the form and the days it took")] = ""


class Duties(Report):
    """What one source saw of the duties under one agreement."""

    duties: Annotated[tuple[DutyFact, ...], Field(min_length=1, max_length=10_000)]


class Duty(NamedTuple):
    """An obligation and whose it is. In another version of the agreement it may have passed to the other side."""

    obligation: str
    side: Side


class DutyCount(NamedTuple):
    """How often a duty was kept and missed in a period."""

    kept: int = 0
    missed: int = 0


def duty_counts(obligations: Iterable[Obligation], counted: Mapping[Duty, DutyCount]) -> dict[Duty, DutyCount]:
    """Every duty of a period: those the agreement states, in its order, also where nothing was reported; then those it stated once.

    Args:
        obligations: what the agreement in force states.
        counted: what was reported, under the side whose duty it was then.
    """
    stated = {Duty(each.obligation, each.side): DutyCount() for each in obligations}
    return stated | {duty: counted[duty] for duty in sorted(counted)}
