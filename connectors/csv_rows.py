"""Rows for spreadsheets: CSV (RFC 4180) in which no cell is run as a formula."""

import csv
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from types import NoneType
from typing import Any, TypeAlias, get_args

from pydantic import BaseModel

Column: TypeAlias = tuple[str, ...]
"""Where a cell's value stands in a row: the names on the way to it, which the head of the column joins by dots."""

_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?( ?%)?")
_RUNS = re.compile(r"(^|[;\t\r\n])(?=\s*[=+\-@＝＋－＠])|^(?=[\t\r\n])")
"""Where a spreadsheet may begin a formula: at the start, and after what separates cells where the comma does not (`;` in Poland)."""


def harmless(text: str) -> str:
    """A text as a cell: a quote stands before what a spreadsheet would run, unless it is a number."""
    return text if _NUMBER.fullmatch(text) else _RUNS.sub(r"\1'", text)


def columns_of(form: type[BaseModel], above: Column = ()) -> list[Column]:
    """The columns of rows of a form, in the order of its fields; a form within it gives columns of its own."""
    found: list[Column] = []
    for name, field in form.model_fields.items():
        here = (*above, field.serialization_alias or field.alias or name)
        inner = _form_in(field.annotation)
        found += columns_of(inner, here) if inner is not None else [here]
    return [*found, *((*above, name) for name in form.model_computed_fields)]


def columns_in(rows: Iterable[Mapping[str, Any]]) -> list[Column]:
    """The columns of rows that have no form: every name there is, in the order in which they come."""
    return [(name,) for name in dict.fromkeys(name for row in rows for name in row)]


def csv_head(columns: Sequence[Column]) -> str:
    """The line with the names of the columns."""
    return csv_line([".".join(column) for column in columns])


def csv_rows(columns: Sequence[Column], rows: Iterable[Mapping[str, Any]]) -> str:
    """A line for each row; lists and maps are JSON, what is not there is empty."""
    return "".join(csv_line([_value(row, column) for column in columns]) for row in rows)


def csv_line(values: Iterable[Any]) -> str:
    """One line of cells."""
    text = StringIO()
    csv.writer(text).writerow([_cell(value) for value in values])
    return text.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool | Mapping | list):
        return harmless(json.dumps(value, ensure_ascii=False))
    return harmless(str(value))


def _value(row: Any, column: Column) -> Any:
    for name in column:
        row = row.get(name) if isinstance(row, Mapping) else None
    return row


def _form_in(annotation: Any) -> type[BaseModel] | None:
    """The form a field holds once, or not at all."""
    kinds = [each for each in (get_args(annotation) or (annotation,)) if each is not NoneType]
    if len(kinds) == 1 and isinstance(kinds[0], type) and issubclass(kinds[0], BaseModel) and not _is_many(annotation):
        return kinds[0]
    return None


def _is_many(annotation: Any) -> bool:
    origin = getattr(annotation, "__origin__", None)
    return isinstance(origin, type) and issubclass(origin, Iterable)
