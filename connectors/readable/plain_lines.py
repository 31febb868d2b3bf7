"""A readable document as lines of text, for a terminal: the same words, tables in columns, no pictures."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from connectors.readable.blocks import Block, Cell

_WIDEST = 60
"""Letters of a cell; a longer one goes on below."""


def plain_lines(told: Mapping[str, Any]) -> Iterator[str]:
    """Every line."""
    yield f"{told['title']} · {told['subtitle']}"
    for document in told["documents"]:
        yield ""
        yield f"== {document['title']}"
        for section in document["sections"]:
            if section["heading"]:
                yield ""
                yield f"-- {section['heading']}"
            for block in section["blocks"]:
                yield from _block(block)


def _block(block: Block) -> Iterator[str]:
    match block["is"]:
        case "table":
            yield from _columns([block["head"], *block["rows"]])
        case "facts":
            yield from _columns(block["rows"])
        case "chart":
            return
        case _:
            yield block["text"]


def _columns(rows: Sequence[Sequence[Cell]]) -> Iterator[str]:
    lines = [[" ".join(_shown(cell).split()) for cell in row] for row in rows]
    if not lines:
        return
    widths = [min(_WIDEST, max(map(len, column))) for column in zip(*lines, strict=True)]
    for line in lines:
        yield "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()


def _shown(cell: Cell) -> str:
    return cell["text"] if isinstance(cell, dict) else cell
