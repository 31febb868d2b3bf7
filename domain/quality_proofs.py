"""A proof of quality: what a service came to in whole, closed months under every agreement that promises it, with no name in it (R-151)."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Annotated, NamedTuple

from pydantic import AwareDatetime, Field

from domain.errors import BadInput
from domain.figures import shown
from domain.period_figures import TargetFigures
from domain.proof_months import MonthName, months_of
from domain.results import AMBER_FROM, Colour, Verdict
from domain.values import Message

METHOD = "1"
"""Which rules a proof follows; another number once they change."""
FEWEST_CUSTOMERS = 3
"""Customers behind any figure that is shown (R-152)."""
FEWEST_CLOCKS = 100
"""Judged clocks of a whole proof: below, one clock more or less moves the share by over a percentage point (a rule of ours)."""


class ProofState(StrEnum):
    """Where a proof stands."""

    DRAFT = "DRAFT"
    PUBLISHED = "PUBLISHED"
    WITHDRAWN = "WITHDRAWN"


class ClosedMonth(NamedTuple):
    """What one agreement came to in a closed month, or in its part of one."""

    customer: str
    month: str
    targets: Sequence[TargetFigures]


class ProofSums(Message):
    """Clocks that were judged, and how many of them might have been breached by what was promised of each, as a decimal."""

    met: Annotated[int, Field(ge=0)]
    breached: Annotated[int, Field(ge=0)]
    allowed: Annotated[str, Field(pattern=r"^\d+(\.\d+)?$")]


class ProofLine(ProofSums):
    """A target by its name, summed over all agreements that have it; without a name those that too few customers have, together."""

    target: str | None


class ProofCounts(ProofSums):
    """Sums, and how many promises were kept, missed, or not measured: a promise is a target of an agreement in a month."""

    kept: Annotated[int, Field(ge=0)]
    missed: Annotated[int, Field(ge=0)]
    unmeasured: Annotated[int, Field(ge=0)]


class ProofCell(ProofCounts):
    """A month, or months in a row that are shown together because in one of them too few customers had judged clocks."""

    first_month: MonthName
    last_month: MonthName
    colour: Colour
    lines: tuple[ProofLine, ...]


class ProofTotal(ProofCounts):
    """All months together; `months` counts them by colour."""

    attainment: str
    months: Mapping[Colour, int]


class ProofMethod(Message):
    """How the figures came about, for those who read them; the same is said in each language."""

    version: str
    note: Mapping[str, tuple[str, ...]]


class ProofContent(Message):
    """What is approved, hashed and published."""

    provider: str
    service: str
    service_name: str
    first_month: MonthName
    last_month: MonthName
    customers: Annotated[int, Field(description="customers with judged clocks in these months")]
    cells: tuple[ProofCell, ...]
    total: ProofTotal
    method: ProofMethod
    made_at: AwareDatetime


class About(NamedTuple):
    """What a proof is of: `names` are those that must not stand in it."""

    provider: str
    service: str
    service_name: str
    names: Iterable[str]
    note: Mapping[str, tuple[str, ...]]
    made_at: datetime


def quality_proof(about: About, first: str, last: str, closed: Sequence[ClosedMonth]) -> ProofContent:
    """The content of a proof over months that `proof_months.refuse_chosen` let pass.

    Args:
        about: the service, and who publishes.
        first: its first month, such as 2026-01.
        last: its last one.
        closed: every closed month, or part of one, of every agreement that promises the service.

    Raises:
        BadInput: NOT_ANONYMOUS, with figures of fewer than three customers or a name in it; TOO_FEW judged clocks.
    """
    customers = _customers(closed)
    if len(customers) < FEWEST_CUSTOMERS:
        raise BadInput(f"figures of {len(customers)} customers; a proof shows none of fewer than {FEWEST_CUSTOMERS}", "NOT_ANONYMOUS")
    groups = _groups(months_of(first, last), closed)
    named = _named_targets(groups)
    cells = tuple(_cell(group, named) for group in groups)
    total = _total(cells)
    if total.met + total.breached < FEWEST_CLOCKS:
        raise BadInput(f"{total.met + total.breached} clocks were judged; a proof rests on {FEWEST_CLOCKS} at least", "TOO_FEW")
    _refuse_names(about, named)
    return ProofContent(
        provider=about.provider,
        service=about.service,
        service_name=about.service_name,
        first_month=first,
        last_month=last,
        customers=len(customers),
        cells=cells,
        total=total,
        method=ProofMethod(version=METHOD, note=about.note),
        made_at=about.made_at,
    )


def colour_of(counts: ProofCounts) -> Colour:
    """Red: more clocks breached than the promises allow, or more promises missed than kept. Grey: nothing judged.

    Amber: a promise missed, or at least 80 % of what is allowed used. Green: otherwise.
    """
    allowed = Decimal(counts.allowed)
    if counts.breached > allowed or counts.missed > counts.kept:
        return Colour.RED
    if not (counts.met + counts.breached or counts.kept):
        return Colour.GREY
    is_amber = counts.missed or (counts.breached and 100 * counts.breached >= AMBER_FROM * Fraction(allowed))
    return Colour.AMBER if is_amber else Colour.GREEN


WORSE = (Colour.GREY, Colour.GREEN, Colour.AMBER, Colour.RED)
"""Colours, the worst last."""


def attainment_shown(sums: ProofSums) -> str | None:
    """The share of judged clocks that were met, cut off after one decimal; None where none was judged."""
    judged = sums.met + sums.breached
    return f"{shown(Fraction(100 * sums.met, judged), 1)} %" if judged else None


# ---- what it is made of ---------------------------------------------------------------------------------------------


class _Group(NamedTuple):
    """Months that are shown as one cell."""

    months: tuple[str, ...]
    closed: tuple[ClosedMonth, ...]

    def customers(self, *targets: str) -> set[str]:
        """Customers with judged clocks, of some targets or of all."""
        return _customers(self.closed, targets)


def _customers(closed: Iterable[ClosedMonth], targets: Sequence[str] = ()) -> set[str]:
    return {
        each.customer for each in closed if any(_judged(figures) for figures in each.targets if not targets or figures.target in targets)
    }


def _judged(figures: TargetFigures) -> int:
    return (figures.met or 0) + (figures.breached or 0)


def _groups(months: Sequence[str], closed: Sequence[ClosedMonth]) -> list[_Group]:
    """Each month alone, or with those after it until enough customers stand behind it; what is left over goes to the last."""
    groups: list[_Group] = []
    waiting = _Group((), ())
    for month in months:
        waiting = _Group((*waiting.months, month), (*waiting.closed, *(each for each in closed if each.month == month)))
        if len(waiting.customers()) >= FEWEST_CUSTOMERS:
            groups.append(waiting)
            waiting = _Group((), ())
    if not groups:
        raise BadInput(f"no months in a row have figures of {FEWEST_CUSTOMERS} customers", "NOT_ANONYMOUS")
    groups[-1] = _Group(groups[-1].months + waiting.months, groups[-1].closed + waiting.closed)
    return groups


def _named_targets(groups: Sequence[_Group]) -> frozenset[str]:
    """The targets that may have a line of their own in every cell, such that the rest together may have one too."""
    size: dict[str, int] = {}
    for figures in (each for group in groups for closed in group.closed for each in closed.targets if _judged(each)):
        size[figures.target] = size.get(figures.target, 0) + _judged(figures)
    named = {target for target in size if all(_may_be_shown(group, target) for group in groups)}
    while named and len(named) < len(size) and not all(_may_be_shown(group, *(size.keys() - named)) for group in groups):
        named.remove(min(named, key=lambda target: (size[target], target)))
    return frozenset(named)


def _may_be_shown(group: _Group, *targets: str) -> bool:
    return len(group.customers(*targets)) not in range(1, FEWEST_CUSTOMERS)


def _cell(group: _Group, named: frozenset[str]) -> ProofCell:
    every = [figures for closed in group.closed for figures in closed.targets]
    monthly = [_counts([each for closed in group.closed if closed.month == month for each in closed.targets]) for month in group.months]
    targets = sorted({each.target for each in every if _judged(each)} & named)
    lines = [ProofLine(target=name, **_sums([each for each in every if each.target == name])) for name in targets]
    rest = [each for each in every if _judged(each) and each.target not in named]
    if rest:
        lines.append(ProofLine(target=None, **_sums(rest)))
    return ProofCell(
        first_month=group.months[0],
        last_month=group.months[-1],
        colour=max((colour_of(each) for each in monthly), key=WORSE.index),
        lines=tuple(lines),
        **dict(_counts(every)),
    )


def _sums(figures: Iterable[TargetFigures]) -> dict[str, int | str]:
    met = breached = 0
    allowed = Decimal(0)
    for each in figures:
        met, breached = met + (each.met or 0), breached + (each.breached or 0)
        allowed += _judged(each) * (100 - Decimal(each.promised.removesuffix(" %"))) / 100
    return {"met": met, "breached": breached, "allowed": in_short(allowed)}


def _counts(figures: Sequence[TargetFigures]) -> ProofCounts:
    verdicts = [each.verdict for each in figures]
    counted = {"kept": Verdict.MET, "missed": Verdict.MISSED, "unmeasured": Verdict.NOT_MEASURED}
    return ProofCounts.model_validate(_sums(figures) | {name: verdicts.count(verdict) for name, verdict in counted.items()})


def in_short(allowed: Decimal) -> str:
    """A decimal without zeros at its end."""
    return f"{allowed:f}".rstrip("0").rstrip(".") if allowed % 1 else f"{allowed:.0f}"


def total_of(cells: Sequence[ProofCell]) -> ProofCounts:
    """All cells together."""
    sums = {name: sum(getattr(each, name) for each in cells) for name in ("met", "breached", "kept", "missed", "unmeasured")}
    return ProofCounts.model_validate(sums | {"allowed": in_short(sum((Decimal(each.allowed) for each in cells), Decimal(0)))})


def colours_of(cells: Sequence[ProofCell]) -> dict[Colour, int]:
    """How many months have each colour that there is."""
    every = [each.colour for each in cells for _ in months_of(each.first_month, each.last_month)]
    return {colour: every.count(colour) for colour in reversed(WORSE) if colour in every}


def _total(cells: Sequence[ProofCell]) -> ProofTotal:
    counts = total_of(cells)
    return ProofTotal(**dict(counts), attainment=attainment_shown(counts) or "–", months=colours_of(cells))


def _refuse_names(about: About, targets: Iterable[str]) -> None:
    """What people named, a service or a target, must not name a customer or an agreement."""
    told = "\n".join((about.service, about.service_name, *targets)).casefold()
    for name in about.names:
        if re.search(rf"(?<!\w){re.escape(name.casefold())}(?!\w)", told):
            raise BadInput(f"the service or a target names {name}; a proof names nobody", "NOT_ANONYMOUS")
