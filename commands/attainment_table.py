"""Attainment as people read it, a table a target, and as machines do."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from domain.attainment import Attainment, Cell

ALL = "all"


def attainment_lines(counts: Mapping[Cell, Attainment]) -> Iterator[str]:
    """A table for each target: months down, priorities across, sums at both ends."""
    for target in sorted({cell.target for cell in counts}):
        rows = _rows(target, {cell: count for cell, count in counts.items() if cell.target == target})
        first, *others = (max(map(len, column)) for column in zip(*rows, strict=True))
        for name, *cells in rows:
            yield "  ".join([name.ljust(first), *(cell.rjust(width) for cell, width in zip(cells, others, strict=True))])
        yield ""


def _rows(target: str, counts: Mapping[Cell, Attainment]) -> list[list[str]]:
    priorities = sorted({cell.priority for cell in counts})
    months = sorted({cell.month for cell in counts})
    header = [target, *(f"priority {priority}" for priority in priorities), ALL]
    return [header, *(_row(month, [month], priorities, counts) for month in months), _row(ALL, months, priorities, counts)]


def _row(name: str, months: Sequence[str], priorities: Sequence[str], counts: Mapping[Cell, Attainment]) -> list[str]:
    by_priority = [
        sum((count for cell, count in counts.items() if cell.priority == priority and cell.month in months), Attainment())
        for priority in priorities
    ]
    return [name, *map(_shown, [*by_priority, sum(by_priority, Attainment())])]


def _shown(count: Attainment) -> str:
    return "–" if count.percent is None else f"{count.percent} % ({count.met}/{count.judged})"


def attainment_json(counts: Mapping[Cell, Attainment]) -> list[dict[str, Any]]:
    """A row for each target, priority and month; percentages are decimal strings."""
    return [
        {**cell._asdict(), "met": count.met, "breached": count.breached, "attainment_pct": str(count.percent)}
        for cell, count in sorted(counts.items())
    ]
