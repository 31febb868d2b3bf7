"""What a readable document consists of: sections of blocks, and a block is text, a heading, facts or a table.

They are plain values, as one template writes them as a web page and another, from JSON, as a PDF.
"""

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

Block: TypeAlias = dict[str, Any]


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


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Block:
    """Rows under a head; every row has as many cells as the head."""
    return {"is": "table", "head": list(head), "rows": [list(row) for row in rows]}
