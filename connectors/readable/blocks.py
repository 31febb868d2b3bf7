"""What a readable document consists of: sections of blocks, and a block is text, a heading, facts or a table.

They are plain values, as one template writes them as a web page and another, from JSON, as a PDF.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from domain.results import Colour

Block: TypeAlias = dict[str, Any]
Cell: TypeAlias = str | dict[str, str]


def text(shown: str) -> Block:
    """A paragraph; its line breaks are kept."""
    return {"is": "text", "text": shown}


def lead(shown: str) -> Block:
    """A paragraph that carries the promise."""
    return {"is": "lead", "text": shown}


def heading(shown: str) -> Block:
    """A heading below that of the section."""
    return {"is": "heading", "text": shown}


def facts(*rows: tuple[str, str]) -> Block:
    """Pairs of label and value."""
    return {"is": "facts", "rows": [list(row) for row in rows]}


def table(head: Sequence[str], rows: Iterable[Sequence[Cell]], *, is_named: bool = False) -> Block:
    """Rows under a head; every row has as many cells as the head. `is_named` says that the first cell names its row."""
    return {"is": "table", "head": list(head), "rows": [list(row) for row in rows], "is_named": is_named}


def link(shown: str, address: str) -> Cell:
    """A cell that leads somewhere; in a file that is printed it is its text."""
    return {"text": shown, "address": address}


_TONES: Mapping[Colour, str] = {Colour.GREEN: "good", Colour.AMBER: "warn", Colour.RED: "fault", Colour.GREY: ""}


def marked(shown: str, colour: Colour) -> Cell:
    """A cell in the colour of a result, where it is shown in colours; its text says the same."""
    return {"text": shown, "tone": _TONES[colour]}


def chart(svg: str, described: str) -> Block:
    """A picture of our own making, and all it shows as text."""
    return {"is": "chart", "svg": svg, "described": described}
