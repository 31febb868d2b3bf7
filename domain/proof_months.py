"""Which months a proof of quality covers: nobody chooses the good ones (R-152). Months are called `2026-04`."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, NamedTuple

from pydantic import Field

from domain.closing import LATE_FACTS_FOR
from domain.errors import BadInput, Conflict
from domain.instants import SERVICE_YEARS

FEWEST_MONTHS = 6
"""Months of the shortest proof (R-152)."""
_MONTH = re.compile(r"(?P<year>\d{4})-(?P<month>0[1-9]|1[0-2])")

MonthName = Annotated[str, Field(pattern=r"^(19[7-9]\d|20\d\d|2100)-(0[1-9]|1[0-2])$", description="a month, such as 2026-04")]
"""The name of a month within the years that count."""


class ProofAsked(NamedTuple):
    """What somebody asks a proof of: `leave_out` are months or agreements they would rather not show."""

    first: str
    last: str
    leave_out: Sequence[str] = ()


class Promised(NamedTuple):
    """When a service was promised, as of an instant.

    `months` are those at whose first instant an agreement was in force, earliest first; `newest` is the last month that is over,
    with its last instant.
    """

    months: Sequence[str]
    newest: str
    newest_ended: datetime


def month_number(month: str) -> int:
    """The number of a month among all months.

    Raises:
        BadInput: it is no name of one.
    """
    found = _MONTH.fullmatch(month)
    if found is None or int(found["year"]) not in SERVICE_YEARS:
        raise BadInput(f"{month!r} is no month; write 2026-04")
    return int(found["year"]) * 12 + int(found["month"]) - 1


def month_named(number: int) -> str:
    """A month by its number."""
    return f"{number // 12}-{number % 12 + 1:02}"


def months_of(first: str, last: str) -> list[str]:
    """Every month from one to another, both included; none where the last comes first."""
    return [month_named(number) for number in range(month_number(first), month_number(last) + 1)]


def refuse_chosen(asked: ProofAsked, promised: Promised, now: datetime) -> list[str]:
    """The months of a proof, unless somebody chose them.

    A proof ends with the newest month that is over, or the one before while facts of the newest may still come late. It goes back
    whole years, or to the first month of the unbroken stretch in which the service was promised.

    Raises:
        BadInput: CHERRY_PICKING where something is left out; TOO_SHORT below six months; NOT_PROMISED where no agreement was in force.
        Conflict: PERIOD_NOT_OVER.
    """
    if asked.leave_out:
        raise BadInput(f"{', '.join(asked.leave_out)}: nothing is left out of a proof, neither a month nor an agreement", "CHERRY_PICKING")
    months, newest = months_of(asked.first, asked.last), month_number(promised.newest)
    if month_number(asked.last) > newest:
        raise Conflict("PERIOD_NOT_OVER", f"{asked.last} is not over; the last month that is over is {promised.newest}")
    if len(months) < FEWEST_MONTHS:
        raise BadInput(f"{asked.first} to {asked.last} are {len(months)} months; a proof has {FEWEST_MONTHS} at least", "TOO_SHORT")
    if missing := [month for month in months if month not in set(promised.months)]:
        raise BadInput(f"no agreement promised the service from the first day of {', '.join(missing)}", "NOT_PROMISED")
    ends = [newest, newest - 1] if now < promised.newest_ended + LATE_FACTS_FOR else [newest]
    if month_number(asked.last) not in ends:
        raise BadInput(f"the months after {asked.last} are left out; a proof ends with {month_named(ends[0])}", "CHERRY_PICKING")
    begins = _unbroken_from(promised.months, asked.last)
    if len(months) % 12 and asked.first != begins:
        raise BadInput(
            f"the months from {begins} before {asked.first} are left out; a proof goes back whole years, or to {begins}", "CHERRY_PICKING"
        )
    return months


def _unbroken_from(months: Sequence[str], last: str) -> str:
    number, known = month_number(last), set(months)
    while month_named(number - 1) in known:
        number -= 1
    return month_named(number)
