"""A service report as a table for spreadsheets: one row for each figure."""

import csv
from collections.abc import Iterator, Mapping
from io import StringIO
from typing import Any

from domain.service_report import ServiceReport

_SECTIONS = ("targets", "breaches", "workload", "supports", "satisfaction", "credits", "penalties", "trend", "improvement")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def report_csv(report: ServiceReport) -> str:
    """The report as CSV (RFC 4180): section, place in it, figure, value; a text that a spreadsheet would run as a formula gets a quote."""
    text = StringIO()
    rows = csv.writer(text)
    rows.writerow(("section", "place", "figure", "value"))
    told = report.model_dump(mode="json")
    rows.writerows(_rows("report", "", {name: value for name, value in told.items() if name not in _SECTIONS}))
    for section in _SECTIONS:
        rows.writerows(_rows(section, "", told[section]))
    return text.getvalue()


def _rows(section: str, place: str, value: Any, figure: str = "") -> Iterator[tuple[str, str, str, str]]:
    if isinstance(value, Mapping):
        for name, part in value.items():
            below = f"{place}.{name}".strip(".") if isinstance(part, Mapping | list) else place
            yield from _rows(section, below, part, name)
    elif isinstance(value, list):
        for number, part in enumerate(value, start=1):
            yield from _rows(section, f"{place}.{number}".strip("."), part, figure)
    elif value is not None:
        said = str(value)
        yield section, place, figure, f"'{said}" if isinstance(value, str) and said.startswith(_FORMULA) else said
