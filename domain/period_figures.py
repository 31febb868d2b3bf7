"""The figures of a period as people read them: cut off, never rounded up; and what differs between two versions of them."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from pydantic import AwareDatetime

from domain.attainment import Counted
from domain.availability import Availability
from domain.duties import Duty, DutyCount
from domain.figures import shown
from domain.people import Side
from domain.period_results import PeriodResults
from domain.results import Colour, Verdict
from domain.values import Message
from domain.watermelon import WatermelonReason


class TargetFigures(Message):
    """A promise in the period; shares in per cent, cut off after four decimals.

    Of tickets: clocks met and breached; `over_limit` are those beyond the agreed volume. Of availability: minutes agreed,
    down, and left out as unknown. `warnings`: BURN_RATE while a running period uses its allowance too fast, so far and of late, CHRONIC
    and MAY_BE_ENDED where this period and the closed ones before it were missed too often.
    """

    target: str
    promised: str
    achieved: str | None
    allowance_used: str | None
    verdict: Verdict
    colour: Colour
    warnings: tuple[str, ...]
    met: int | None = None
    breached: int | None = None
    over_limit: int | None = None
    agreed_minutes: float | None = None
    down_minutes: float | None = None
    unknown_minutes: float | None = None

    @classmethod
    def of(cls, target: str, found: PeriodResults) -> "TargetFigures":
        """A result as it is shown."""
        result, measured = found.results[target], found.measured.get(target)
        return cls(
            target=target,
            promised=result.promised_shown,
            achieved=result.shown,
            allowance_used=f"{shown(result.used, 1)} %" if result.used is not None else None,
            verdict=result.verdict,
            colour=result.colour,
            warnings=tuple(found.warnings(target)),
            **_facts(target, found, measured),
        )


def _facts(target: str, found: PeriodResults, measured: Availability | None) -> dict[str, float]:
    if measured is not None:
        return _minutes(measured)
    return _counts(found.counted.get(target, Counted())) if found.document.target(target) is not None else {}


def _counts(counted: Counted) -> dict[str, float]:
    return {"met": counted.within.met, "breached": counted.within.breached, "over_limit": counted.over_limit}


def _minutes(measured: Availability) -> dict[str, float]:
    return {f"{name}_minutes": getattr(measured, name) / timedelta(minutes=1) for name in measured._fields}


class CreditFigures(Message):
    """A credit the table gives for it; finance has not approved anything."""

    target: str
    percent: str
    amount: str
    currency: str
    why: tuple[str, ...]


class SatisfactionFigures(Message):
    """Answers of the period; the share of content ones once there are enough of them."""

    content: int
    answers: int
    share: str | None


class OutcomeFigures(Message):
    """How often the customer reached what it wants."""

    outcome: str
    reached: int
    of: int


class DutyFigures(Message):
    """A duty of one side, and how often it was kept and missed; both 0 where nothing was reported."""

    obligation: str
    side: Side
    kept: int
    missed: int

    @classmethod
    def of(cls, duty: Duty, count: DutyCount) -> "DutyFigures":
        """A count as it is shown."""
        return cls(obligation=duty.obligation, side=duty.side, kept=count.kept, missed=count.missed)


class PeriodFigures(Message):
    """A period of an agreement as it stands; while it is not over, it may still change by time alone.

    `watermelon` says why it is green outside and red inside; nothing where it is not.
    """

    registry_no: str
    period: str
    start: AwareDatetime
    end: AwareDatetime
    is_over: bool
    targets: tuple[TargetFigures, ...]
    credits: tuple[CreditFigures, ...]
    satisfaction: SatisfactionFigures
    outcomes: tuple[OutcomeFigures, ...]
    watermelon: tuple[WatermelonReason, ...]
    duties: tuple[DutyFigures, ...] = ()

    def of_target(self, target: str) -> TargetFigures | None:
        """The figures of a target, if it was promised by this kind of period."""
        return next((each for each in self.targets if each.target == target), None)


def figures_of(registry_no: str, found: PeriodResults) -> PeriodFigures:
    """The figures of a period, as they are shown and kept."""
    price, said = found.document.price, found.satisfaction
    return PeriodFigures(
        satisfaction=SatisfactionFigures(
            content=said.content, answers=said.answers, share=f"{shown(said.percent, 1)} %" if said.percent is not None else None
        ),
        outcomes=tuple(OutcomeFigures(outcome=name, reached=each.reached, of=each.of) for name, each in sorted(found.outcomes.items())),
        watermelon=found.watermelon,
        duties=tuple(DutyFigures.of(duty, count) for duty, count in found.duties.items()),
        registry_no=registry_no,
        period=found.period.name,
        start=found.period.start,
        end=found.period.end,
        is_over=found.is_over,
        targets=tuple(TargetFigures.of(name, found) for name in found.results),
        credits=tuple(
            CreditFigures(
                target=draft.target,
                percent=f"{draft.percent.normalize():f} %",
                amount=f"{draft.amount:.2f}",
                currency=price.currency,
                why=draft.why,
            )
            for draft in found.drafts
            if price is not None
        ),
    )


PERIOD = "period"
"""What figures of no single target are of."""


class FigureChange(Message):
    """A figure that is not what it was. `target` is what it is of: a target, an outcome, an obligation with its side, or the period."""

    target: str
    figure: str
    before: str | None
    after: str | None


def figure_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[FigureChange]:
    """What changed between two versions of a period: its targets, credits, outcomes and duties, and its own figures."""
    old, new = dict(_single(before)), dict(_single(after))
    return [
        FigureChange(target=of, figure=figure, before=_said(old.get((of, figure))), after=_said(new.get((of, figure))))
        for of, figure in dict.fromkeys([*old, *new])
        if old.get((of, figure)) != new.get((of, figure))
    ]


def _single(version: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], Any]]:
    """Each figure of a version under what it is of and its name."""
    named = [("", each["target"], each) for each in version["targets"]]
    named += [("credit ", each["target"], each) for each in version["credits"]]
    named += [("outcome ", each["outcome"], each) for each in version["outcomes"]]
    named += [("duty ", f"{each['obligation']} ({each['side']})", each) for each in version.get("duties", ())]
    named += [("workload ", f"{each['unit']} {each['period']}", each) for each in _listed(version, "workload")]
    named += [(_OF_SUPPORTS, f"{each['support']} {each['target']}", each) for each in _listed(version, "supports")]
    named += [("satisfaction ", PERIOD, version["satisfaction"]), ("", PERIOD, {"watermelon": version["watermelon"]})]
    for name, of, figures in named:
        for figure, value in figures.items():
            yield (of, name + figure), value


def seen_outside(changes: Iterable[FigureChange]) -> Iterator[FigureChange]:
    """Those that are the customer's business: what teams and suppliers came to is not."""
    return (change for change in changes if not change.figure.startswith(_OF_SUPPORTS))


_OF_SUPPORTS = "support "
_COMPARED = (
    ("targets", ("target",), ""),
    ("credits", ("target",), "credit "),
    ("workload", ("unit", "period"), "workload "),
    ("supports", ("support", "target"), _OF_SUPPORTS),
)
"""The lists of a version, what names an entry of each, and how its figures are called."""


def _listed(version: Mapping[str, Any], kind: str) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = version.get(kind) or version.get("evidence", {}).get(kind) or []
    return found


def _said(figure: Any) -> str | None:
    return None if figure is None else str(figure)
