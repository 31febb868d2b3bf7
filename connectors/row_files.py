"""Tables as files: CSV or a JSON object a line, as they are or packed by xz."""

import csv
import json
import lzma
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, TextIO

from domain.errors import BadInput

SUFFIXES = (".csv", ".csv.xz", ".jsonl", ".jsonl.xz")


class Row(NamedTuple):
    """The cells of a row by column, all as text; of a row that cannot be read, the reason."""

    line: int
    cells: Mapping[str, str]
    fault: str | None = None


def read_rows(path: Path, columns: Sequence[str]) -> Iterator[Row]:
    """Every row of a table; empty lines are none.

    Args:
        path: the form is known by its suffix.
        columns: those that must be there.

    Raises:
        BadInput: no such file, another form than its suffix says, or a column is not there.
    """
    with _opened(path) as file:
        yield from _csv_rows(file, path, columns) if ".csv" in path.suffixes else _jsonl_rows(file, path, columns)


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    """The file as text; whatever goes wrong while it is read is one clear line."""
    if not path.name.endswith(SUFFIXES):
        raise BadInput(f"{path}: its name must end with one of {', '.join(SUFFIXES)}")
    try:
        if path.suffix == ".xz":
            with lzma.open(path, "rt", encoding="utf-8-sig", newline="") as file:
                yield file
        else:
            with path.open(encoding="utf-8-sig", newline="") as file:
                yield file
    except OSError as wrong:
        raise BadInput(f"{path}: {wrong.strerror or wrong}") from wrong
    except UnicodeDecodeError as wrong:
        raise BadInput(f"{path}: not UTF-8 text") from wrong
    except (lzma.LZMAError, EOFError) as wrong:
        raise BadInput(f"{path}: not a whole xz file") from wrong


def _csv_rows(file: TextIO, path: Path, columns: Sequence[str]) -> Iterator[Row]:
    rows = csv.reader(file)
    try:
        header = next(rows, [])
        _check_columns(path, columns, header)
        places = [(column, header.index(column)) for column in columns]
        for row in rows:
            if len(row) == len(header):
                yield Row(rows.line_num, {column: row[place] for column, place in places})
            elif row:
                yield Row(rows.line_num, {}, "not as many cells as the first line")
    except csv.Error as wrong:
        raise BadInput(f"{path}:{rows.line_num}: {wrong}") from wrong


def _jsonl_rows(file: TextIO, path: Path, columns: Sequence[str]) -> Iterator[Row]:
    seen: set[str] = set()
    for number, line in enumerate(file, start=1):
        if line.strip():
            row = _jsonl_row(number, line)
            seen |= row.cells.keys()
            yield row
    if seen:  # a cell that is unknown may be left out, one that no row has is a wrong name
        _check_columns(path, columns, sorted(seen))


def _jsonl_row(number: int, line: str) -> Row:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return Row(number, {}, "not JSON")
    if not isinstance(value, dict):
        return Row(number, {}, "not a JSON object")
    return Row(number, {name: cell if isinstance(cell, str) else "" if cell is None else json.dumps(cell) for name, cell in value.items()})


def _check_columns(path: Path, columns: Sequence[str], present: Sequence[str]) -> None:
    missing = [column for column in columns if column not in present]
    if missing:
        raise BadInput(f"{path}: there is no column {', '.join(map(repr, missing))}; there are {', '.join(present) or 'none'}")
