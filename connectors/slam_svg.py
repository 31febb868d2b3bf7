"""The SLAM chart as a picture: colour and letter in every cell, so that neither is needed to read the other."""

from collections.abc import Iterator
from html import escape
from typing import NamedTuple

from connectors.readable.words import Words
from domain.results import Colour
from domain.slam import MONTHS_SHOWN, SlamCell, SlamChart, SlamRow

_LABELS, _COLUMN, _ROW, _HEAD, _FOOT, _GAP = 190, 58, 44, 34, 40, 3
"""Widths and heights in pixels of a picture that grows and shrinks with its page."""
_LABEL_LETTERS = 25
"""As many as fit beside the cells; the table and the description have the whole name."""


class Paint(NamedTuple):
    """The colours of a cell and of what is written in it."""

    ground: str
    letter: str


PAINTS = {
    Colour.GREEN: Paint("#1a7f37", "#ffffff"),
    Colour.AMBER: Paint("#f2b01e", "#1b1b1b"),
    Colour.RED: Paint("#b3261e", "#ffffff"),
    Colour.GREY: Paint("#5f6670", "#ffffff"),
}
"""Every pair has a contrast of at least 4.5 to 1 (WCAG 2, AA), on light and on dark pages alike."""

_STYLE = """
.slam-ground { fill: #ffffff } .slam-said { fill: #1b1b1b }
@media (prefers-color-scheme: dark) { .slam-ground { fill: #16181d } .slam-said { fill: #f0f0f0 } }
"""


def slam_svg(chart: SlamChart, words: Words) -> str:
    """The chart as one SVG document with its title and, as text, all it shows; no script, nothing from outside."""
    width = _LABELS + _COLUMN * MONTHS_SHOWN
    height = _HEAD + _ROW * len(chart.rows) + _FOOT
    title = words.say("slam_of", registry_no=chart.registry_no, title=chart.title)
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img"'
        f' aria-labelledby="slam-title slam-desc" lang="{words["language"]}" style="max-width: 100%; height: auto"'
        ' font-family="system-ui, sans-serif" font-size="13">'
    )
    parts = [
        opening,
        f'<title id="slam-title">{escape(title)}</title>',
        f'<desc id="slam-desc">{escape(slam_in_words(chart, words))}</desc>',
        f"<style>{_STYLE}</style>",
        f'<rect class="slam-ground" fill="#ffffff" width="{width}" height="{height}"/>',
        *(_said(_LABELS + _COLUMN * column + _COLUMN / 2, 22, month, "middle", size=12) for column, month in enumerate(chart.months)),
        *(line for place, row in enumerate(chart.rows) for line in _row(chart, row, _HEAD + _ROW * place, words)),
        *_legend(_HEAD + _ROW * len(chart.rows) + 10, words),
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
    yield _said(8, top + 18, _short(row.target), "start")
    yield _said(8, top + 34, words.figure(row.promised), "start", size=11)
    for cell in row.cells:
        left = _LABELS + _COLUMN * chart.months.index(cell.first_month)
        yield from _cell(cell, left, top, words)


def _cell(cell: SlamCell, left: float, top: float, words: Words) -> Iterator[str]:
    paint, width = PAINTS[cell.colour], _COLUMN * cell.columns
    middle = left + width / 2
    yield "<g>"
    yield f"<title>{escape(cell_in_words(cell, words))}</title>"
    yield (f'<rect x="{left + _GAP}" y="{top + _GAP}" width="{width - 2 * _GAP}" height="{_ROW - 2 * _GAP}" rx="4" fill="{paint.ground}"/>')
    base = top + (20 if cell.achieved is not None else 27)
    letter = escape(words[f"letter.{cell.colour}"])
    yield f'<text x="{middle}" y="{base}" text-anchor="middle" font-weight="700" fill="{paint.letter}">{letter}</text>'
    if cell.achieved is not None:
        achieved = escape(words.figure(_to_hundredths(cell.achieved)))
        yield f'<text x="{middle}" y="{top + 35}" text-anchor="middle" font-size="11" fill="{paint.letter}">{achieved}</text>'
    yield "</g>"


def _legend(top: float, words: Words) -> Iterator[str]:
    left = 8.0
    for colour in (Colour.GREEN, Colour.AMBER, Colour.RED, Colour.GREY):
        paint = PAINTS[colour]
        yield f'<rect x="{left}" y="{top}" width="20" height="20" rx="4" fill="{paint.ground}"/>'
        letter = escape(words[f"letter.{colour}"])
        yield f'<text x="{left + 10}" y="{top + 15}" text-anchor="middle" font-weight="700" fill="{paint.letter}">{letter}</text>'
        said = words[f"colour.{colour}"]
        yield _said(left + 27, top + 15, said, "start", size=11)
        left += 44 + 6.1 * len(said)


def _said(x: float, y: float, text: str, anchor: str, size: int = 13) -> str:
    return f'<text class="slam-said" fill="#1b1b1b" x="{x}" y="{y}" text-anchor="{anchor}" font-size="{size}">{escape(text)}</text>'


def _short(name: str) -> str:
    return name if len(name) <= _LABEL_LETTERS else name[: _LABEL_LETTERS - 1] + "…"


def _to_hundredths(figure: str) -> str:
    """A figure cut off after two decimals, so that it fits: 99.8999 reads 99.89, never 99.9."""
    whole, _, decimals = figure.removesuffix(" %").partition(".")
    return f"{whole}.{decimals[:2]}"
