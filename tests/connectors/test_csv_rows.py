"""Rows for spreadsheets: no cell runs, nothing is lost."""

import csv
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from connectors.csv_rows import columns_in, columns_of, csv_head, csv_line, csv_rows, harmless

RUN = ("=", "+", "-", "@", "\t", "\r")


class Inner(BaseModel):
    met: int
    notes: list[str]


class Outer(BaseModel):
    name: str
    inner: Inner | None
    parts: tuple[Inner, ...] = ()
    words: dict[str, str] = {}


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+48 22 123", "'+48 22 123"),
        ("-cmd|' /C calc'!A0", "'-cmd|' /C calc'!A0"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t'=1"),
        ("\rx", "'\rx"),
        ("  =1", "'  =1"),
        ("＝1", "'＝1"),
        ("a;=1+1;b", "a;'=1+1;b"),
        ("a\n=1", "a\n'=1"),
        ("-12.50", "-12.50"),
        ("+3", "+3"),
        ("-0.5000 %", "-0.5000 %"),
        ("-12-3", "'-12-3"),
        ("SLA/2026/0001", "SLA/2026/0001"),
        ("a=b", "a=b"),
        ("", ""),
    ],
)
def test_a_text_that_a_spreadsheet_would_run_gets_a_quote_and_a_number_does_not(text: str, cell: str) -> None:
    assert harmless(text) == cell


@given(st.text(alphabet=st.sampled_from(";=+-@\t\r\n a1'\",|!%."), max_size=12))
def test_whatever_is_written_no_cell_begins_like_a_formula_even_where_the_semicolon_separates(text: str) -> None:
    [[cell]] = csv.reader(StringIO(csv_line([text]), newline=""))
    for piece in (cell, *cell.replace("\r", ";").replace("\n", ";").replace("\t", ";").split(";")):
        assert not piece.lstrip().startswith(("=", "@", "+", "-")) or cell == text, piece
    assert cell.replace("'", "") == text.replace("'", "")


def test_the_columns_are_the_fields_in_order_and_what_is_within_comes_by_dots() -> None:
    columns = columns_of(Outer)
    rows: list[dict[str, object]] = [
        {"name": 'Łódź, "x"\n2', "inner": {"met": 3, "notes": ["a", "=b"]}, "parts": [], "words": {"k": "v"}},
        {"name": "n", "inner": None},
    ]
    table = list(csv.DictReader(StringIO(csv_head(columns) + csv_rows(columns, rows), newline="")))

    assert csv_head(columns) == "name,inner.met,inner.notes,parts,words\r\n"
    assert table[0] == {"name": 'Łódź, "x"\n2', "inner.met": "3", "inner.notes": '["a", "=b"]', "parts": "[]", "words": '{"k": "v"}'}
    assert table[1] == {"name": "n", "inner.met": "", "inner.notes": "", "parts": "", "words": ""}


def test_rows_without_a_form_have_every_name_there_is() -> None:
    rows: list[dict[str, object]] = [{"b": True, "a": None}, {"c": 1.5}]

    assert csv_rows(columns_in(rows), rows) == "true,,\r\n,,1.5\r\n"
