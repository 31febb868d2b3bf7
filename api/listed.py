"""Which addresses answer a list or a report, read from what their functions say they return."""

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import UnionType
from typing import Any, NamedTuple, Union, get_args, get_origin, get_type_hints

from annotated_types import Le
from fastapi import Response
from pydantic import BaseModel

from connectors.csv_rows import Column, columns_in, columns_of
from connectors.report_csv import report_csv, slam_csv
from domain.errors import BadInput
from domain.service_report import ServiceReport
from domain.slam import SlamChart

ALL = ""
"""The part of an answer that is a list itself."""

_WHOLE: Mapping[type[BaseModel], Callable[[Any], str]] = {ServiceReport: report_csv, SlamChart: slam_csv}
"""What has a table of its own, over all its parts."""

_KEYS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "search": lambda row: f"{row['registry_no']}@{row['version']}",
    "show_events": lambda row: str(row["number"]),
}
"""How a list that names no `next` goes on after a row, by the function that answers it."""

Row = Mapping[str, Any]


class Listed(NamedTuple):
    """An address that has tables.

    `parts` are the lists in its answer and the form of their rows; None where only the answer shows which there are.
    `most` is how many rows it gives at once; None where it gives all.
    """

    parts: Mapping[str, type[BaseModel] | None] | None
    whole: type[BaseModel] | None
    key: Callable[[Row], str] | None
    most: int | None
    goes_on_with: str

    def part(self, named: str | None, answer: Any) -> str | None:
        """Which list is wanted; None for the table of the whole.

        Raises:
            BadInput: it has no such list.
        """
        if named is None and self.whole is not None:
            return None
        there = list(self.parts) if self.parts is not None else _lists_in(answer)
        if not there or (named is not None and named not in there):
            raise BadInput(f"part: the lists here are {', '.join(filter(None, there)) or 'none'}")
        return named if named is not None else there[0]

    def table_of(self, answer: Any) -> str:
        """The table of the whole answer."""
        assert self.whole is not None
        return _WHOLE[self.whole](self.whole.model_validate(answer))

    def columns(self, part: str, rows: Sequence[Row]) -> list[Column]:
        """The columns of a part."""
        form = self.parts[part] if self.parts is not None else None
        return columns_of(form) if form is not None else columns_in(rows)

    def next_after(self, answer: Any, rows: Sequence[Row]) -> str | None:
        """The place after which the list goes on; None where it is over, or cannot."""
        if isinstance(answer, Mapping):
            place = answer.get("next")
            return str(place) if place is not None else None
        return self.key(rows[-1]) if self.key is not None and rows else None

    def is_full(self, rows: Sequence[Row], asked: int) -> bool:
        """Is this a list that stops at its limit and cannot go on?"""
        return self.key is None and self.most is not None and len(rows) == min(asked, self.most)


def rows_of(answer: Any, part: str) -> list[Row]:
    """The rows of a part."""
    return list(answer if part == ALL else answer[part])


def listed_by(endpoint: Callable[..., Any]) -> Listed | None:
    """What a route's function lists; None if it is about one thing that holds no list."""
    hints = get_type_hints(endpoint, include_extras=True)
    answer = _without_response(hints.get("return"))
    parts = _parts(answer)
    if parts is not None and not parts and answer not in _WHOLE:
        return None
    if parts is None and not _is_map(answer):
        return None
    name = endpoint.__name__
    goes_on_with = "before" if "before" in hints else "after"
    return Listed(parts, answer if answer in _WHOLE else None, _KEYS.get(name), _most(hints.get("limit")), goes_on_with)


def _parts(answer: Any) -> dict[str, type[BaseModel] | None] | None:
    if (row := _row_of(answer)) is not None:
        return {ALL: row if issubclass(row, BaseModel) else None}
    if _is_map(answer):
        return None
    if not (inspect.isclass(answer) and issubclass(answer, BaseModel)):
        return {}
    fields = {field.serialization_alias or field.alias or name: field.annotation for name, field in answer.model_fields.items()}
    rows = {name: row for name, annotation in fields.items() if (row := _row_of(annotation)) is not None}
    return {name: row if issubclass(row, BaseModel) else None for name, row in rows.items()}


def _row_of(annotation: Any) -> type | None:
    """Of what a list of rows is made: a form, or a map; None of what is no such list."""
    origin, of = get_origin(annotation), get_args(annotation)
    if origin in {Union, UnionType}:
        found = [row for each in of if (row := _row_of(each)) is not None]
        return found[0] if len(found) == 1 else None
    if not (inspect.isclass(origin) and issubclass(origin, Iterable) and not issubclass(origin, Mapping) and of):
        return None
    if inspect.isclass(of[0]) and issubclass(of[0], BaseModel):
        return of[0]
    return dict if _is_map(of[0]) else None


def _is_map(annotation: Any) -> bool:
    origin = get_origin(annotation)
    return inspect.isclass(origin) and issubclass(origin, Mapping)


def _without_response(answer: Any) -> Any:
    if get_origin(answer) not in {Union, UnionType}:
        return answer
    left = [each for each in get_args(answer) if not (inspect.isclass(each) and issubclass(each, Response))]
    return left[0] if len(left) == 1 else answer


def _most(limit: Any) -> int | None:
    """The largest `limit` an address takes."""
    bounds = [each.le for part in getattr(limit, "__metadata__", ()) for each in getattr(part, "metadata", ()) if isinstance(each, Le)]
    return int(bounds[0]) if bounds else None  # type: ignore[call-overload]


def _lists_in(answer: Any) -> list[str]:
    return [name for name, value in answer.items() if isinstance(value, list) and all(isinstance(each, Mapping) for each in value)]
