"""The SLAM chart as a picture."""

from collections.abc import Iterator
from html import escape

from connectors.cells_svg import COLUMN, ROW, STYLE, Cell, legend, opening, said, shortened
from connectors.cells_svg import cell as cell_svg
from connectors.readable.words import Words
from domain.slam import MONTHS_SHOWN, SlamCell, SlamChart, SlamRow

_LABELS, _HEAD, _FOOT = 190, 34, 40
_LABEL_LETTERS = 25
"""As many as fit beside the cells; the table and the description have the whole name."""


def slam_svg(chart: SlamChart, words: Words) -> str:
    """The chart as one SVG document with its title and, as text, all it shows; no script, nothing from outside."""
    width = _LABELS + COLUMN * MONTHS_SHOWN
    height = _HEAD + ROW * len(chart.rows) + _FOOT
    title = words.say("slam_of", registry_no=chart.registry_no, title=chart.title)
    parts = [
        opening(width, height, "slam", words),
        f'<title id="slam-title">{escape(title)}</title>',
        f'<desc id="slam-desc">{escape(slam_in_words(chart, words))}</desc>',
        f"<style>{STYLE}</style>",
        f'<rect class="slam-ground" fill="#ffffff" width="{width}" height="{height}"/>',
        *(said(_LABELS + COLUMN * column + COLUMN / 2, 22, month, "middle", size=12) for column, month in enumerate(chart.months)),
        *(line for place, row in enumerate(chart.rows) for line in _row(chart, row, _HEAD + ROW * place, words)),
        *legend(_HEAD + ROW * len(chart.rows) + 10, words),
        "</svg>",
    ]
    return "\n".join(parts)


def slam_in_words(chart: SlamChart, words: Words) -> str:
    """All that the chart shows as sentences."""
    if not chart.months:
        return words["slam_empty"]
    return " ".join(f"{row.target}: {', '.join(cell_in_words(cell, words) for cell in row.cells) or words['none']}." for row in chart.rows)


def cell_in_words(cell: SlamCell, words: Words) -> str:
    """A cell as a few words: the period, its colour and what it came to, or why it is grey."""
    said = words.say("slam_cell", period=cell.period, colour=words[f"said.{cell.colour}"])
    return f"{said} ({words.figure(cell.achieved) if cell.reason is None else words[f'cell.{cell.reason}']})"


def _row(chart: SlamChart, row: SlamRow, top: float, words: Words) -> Iterator[str]:
    yield said(8, top + 18, shortened(row.target, _LABEL_LETTERS), "start")
    yield said(8, top + 34, words.figure(row.promised), "start", size=11)
    for cell in row.cells:
        left = _LABELS + COLUMN * chart.months.index(cell.first_month)
        shown = Cell(cell.colour, cell.achieved, cell_in_words(cell, words))
        yield from cell_svg(shown, left, top, words, COLUMN * cell.columns)
