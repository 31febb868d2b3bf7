"""Reports and charts as tables for spreadsheets: one row for each figure, one for each cell."""

from collections.abc import Iterator, Mapping
from typing import Any

from connectors.csv_rows import csv_line
from domain.service_report import ServiceReport
from domain.slam import SlamCell, SlamChart

_SECTIONS = (
    "judged_in",
    "targets",
    "breaches",
    "workload",
    "supports",
    "satisfaction",
    "credits",
    "credit_cases",
    "penalties",
    "trend",
    "improvement",
)


def report_csv(report: ServiceReport) -> str:
    """The report as CSV (RFC 4180): section, place in it, figure, value."""
    told = report.model_dump(mode="json")
    rows = [("section", "place", "figure", "value")]
    rows += _rows("report", "", {name: value for name, value in told.items() if name not in _SECTIONS})
    for section in _SECTIONS:
        rows += _rows(section, "", told[section])
    return "".join(map(csv_line, rows))


def slam_csv(chart: SlamChart) -> str:
    """The chart as CSV: a row for each cell of each target, earliest first."""
    names = list(SlamCell.model_fields)
    lines = [csv_line(["target", "promised", *names])]
    for row in chart.rows:
        lines += [csv_line([row.target, row.promised, *cell.model_dump(mode="json").values()]) for cell in row.cells]
    return "".join(lines)


def _rows(section: str, place: str, value: Any, figure: str = "") -> Iterator[tuple[str, str, str, str]]:
    if isinstance(value, Mapping):
        for name, part in value.items():
            below = f"{place}.{name}".strip(".") if isinstance(part, Mapping | list) else place
            yield from _rows(section, below, part, name)
    elif isinstance(value, list):
        for number, part in enumerate(value, start=1):
            yield from _rows(section, f"{place}.{number}".strip("."), part, figure)
    elif value is not None:
        yield section, place, figure, str(value)
