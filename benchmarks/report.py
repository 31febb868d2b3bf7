"""What was measured, as a table for people and as JSON for machines."""

import json
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

LATEST = Path(__file__).parent / "latest.json"

_WIDTH = 118
_RATIO = "times"


class Aim(NamedTuple):
    """A bound on the ratio (`unit` says `times`) or on the value itself."""

    at_least: bool
    bound: float
    unit: str

    def __str__(self) -> str:
        return f"{'>=' if self.at_least else '<='} {self.bound:g} {self.unit}"

    def is_met_by(self, value: float, ratio: float | None) -> bool:
        """Does the measured number keep the bound?"""
        number = ratio if self.unit == _RATIO else value
        return number is not None and (number >= self.bound if self.at_least else number <= self.bound)


class Other(NamedTuple):
    """What ours was measured beside, in the same run and unit."""

    name: str
    value: float


@dataclass(frozen=True)
class Result:
    """One measured number. `ratio` is how many times ours is faster, or, where the aim is a `<=`, ours over the other's."""

    name: str
    value: float
    unit: str
    against: Other | None = None
    ratio: float | None = None
    aim: Aim | None = None
    note: str | None = None

    @property
    def met(self) -> bool | None:
        """Was the aim reached? None where there is none."""
        return None if self.aim is None else self.aim.is_met_by(self.value, self.ratio)

    def noted(self, note: str) -> "Result":
        """The same with a note: the reason of a missed aim, what a peer gets wrong, what exactly was compared."""
        return replace(self, note=note if self.note is None else f"{self.note}; {note}")

    def as_json(self) -> dict[str, Any]:
        """The entry in `latest.json`."""
        other = None if self.against is None else f"{self.against.name}: {_short(self.against.value)} {self.unit}"
        entry = {
            "name": self.name,
            "value": _rounded(self.value),
            "unit": self.unit,
            "against": other,
            "ratio": None if self.ratio is None else _rounded(self.ratio),
            "aim": None if self.aim is None else str(self.aim),
            "met": self.met,
        }
        return entry if self.note is None else {**entry, "note": self.note}


def faster(name: str, ours: float, unit: str, other: Other, aim: float | None = None) -> Result:
    """A time that should be shorter than another's: the ratio is how many times."""
    return Result(name, ours, unit, other, other.value / ours, None if aim is None else Aim(at_least=True, bound=aim, unit=_RATIO))


def share(name: str, ours: float, unit: str, other: Other, aim: float | None = None) -> Result:
    """A rate that should reach a share of another's: the ratio is the share."""
    return Result(name, ours, unit, other, ours / other.value, None if aim is None else Aim(at_least=True, bound=aim, unit=_RATIO))


def cost(name: str, ours: float, unit: str, other: Other, aim: float | None = None) -> Result:
    """A cost that should stay within some times another's: the ratio is ours over the other's."""
    return Result(name, ours, unit, other, ours / other.value, None if aim is None else Aim(at_least=False, bound=aim, unit=_RATIO))


def within(name: str, ours: float, unit: str, aim: float, other: Other | None = None) -> Result:
    """A number with a bound of its own, whatever stands beside it."""
    ratio = None if other is None else ours / other.value
    return Result(name, ours, unit, other, ratio, Aim(at_least=False, bound=aim, unit=unit))


def table(results: Sequence[Result]) -> str:
    """A line for each result, its note below it."""
    rows = [("", "ours", "beside it", "", "ratio", "aim", ""), *(_cells(result) for result in results)]
    widths = [max(len(row[column]) for row in rows) for column in range(7)]
    lines: list[str] = []
    for row, note in zip(rows, [None, *(result.note for result in results)], strict=True):
        cells = [
            cell.rjust(width) if column in {1, 3, 4} else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
        lines += textwrap.wrap(note or "", _WIDTH, initial_indent="    ", subsequent_indent="    ")
    return "\n".join(lines)


def _cells(result: Result) -> tuple[str, ...]:
    other = result.against
    return (
        result.name,
        f"{_short(result.value)} {result.unit}",
        "" if other is None else other.name,
        "" if other is None else f"{_short(other.value)} {result.unit}",
        "" if result.ratio is None else f"{_short(result.ratio)}",
        "" if result.aim is None else str(result.aim),
        {None: "", True: "met", False: "MISSED"}[result.met],
    )


def write(results: Iterable[Result], path: Path = LATEST) -> None:
    """Keep the results for machines."""
    path.write_text(json.dumps([result.as_json() for result in results], indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _rounded(number: float) -> float:
    return float(f"{number:.4g}")


def _short(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"
