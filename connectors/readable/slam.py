"""The SLAM chart as people read it: the picture, and the same as tables."""

from collections.abc import Iterator
from typing import Any

from connectors.readable.blocks import Block, Cell, chart, link, marked, table, text
from connectors.readable.words import Words
from connectors.slam_svg import slam_in_words, slam_svg
from domain.slam import CellReason, SlamCell, SlamChart, SlamRow


def readable_slam(slam: SlamChart, words: Words) -> dict[str, Any]:
    """The chart in words: one document of a picture and a table for each target."""
    return {
        "title": words["slam"],
        "subtitle": f"{slam.registry_no} {slam.title}",
        "hash": None,
        "language": words["language"],
        "words": {name: words[name] for name in ("hash", "page", "contents")},
        "documents": [{"title": words["trend"], "sections": list(slam_sections(slam, words))}],
    }


def slam_sections(slam: SlamChart, words: Words) -> Iterator[dict[str, Any]]:
    """The picture, then each target as a table; a word where no month is over."""
    if not slam.months:
        yield {"heading": None, "blocks": [text(words["slam_empty"])]}
        return
    yield {"heading": None, "blocks": [chart(slam_svg(slam, words), slam_in_words(slam, words))]}
    for row in slam.rows:
        yield {"heading": f"{row.target}: {words.figure(row.promised)}", "blocks": [_table(row, words)]}


def _table(row: SlamRow, words: Words) -> Block:
    head = words.labels("period", "colour", "achieved", "used", "state")
    return table(head, (_row(cell, words) for cell in row.cells), is_named=True)


def _row(cell: SlamCell, words: Words) -> tuple[Cell, ...]:
    version = words.say("slam_version", version=cell.version) if cell.version is not None else None
    state = ", ".join(filter(None, (version, words[f"cell.{cell.reason}"] if cell.reason is not None else None)))
    period = cell.period if cell.reason is CellReason.NOT_PROMISED else link(cell.period, cell.address)
    return period, marked(words[f"said.{cell.colour}"], cell.colour), words.figure(cell.achieved), words.figure(cell.allowance_used), state
