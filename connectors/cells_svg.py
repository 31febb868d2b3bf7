"""Coloured cells of charts: colour and letter in each, so that neither is needed to read the other; and their legend."""

from collections.abc import Iterator
from html import escape
from typing import NamedTuple

from connectors.readable.words import Words
from domain.results import Colour

COLUMN, ROW = 58, 44
"""Width and height of a cell in pixels of a picture that grows and shrinks with its page."""
_GAP = 3


class Paint(NamedTuple):
    """A colour, and what is readable on it."""

    ground: str
    letter: str


PAINTS = {
    Colour.GREEN: Paint("#1a7f37", "#ffffff"),
    Colour.AMBER: Paint("#f2b01e", "#1b1b1b"),
    Colour.RED: Paint("#b3261e", "#ffffff"),
    Colour.GREY: Paint("#5f6670", "#ffffff"),
}
"""Every pair has a contrast of at least 4.5 to 1 (WCAG 2, AA), on light and on dark pages alike."""

STYLE = """
.slam-ground { fill: #ffffff } .slam-said { fill: #1b1b1b }
@media (prefers-color-scheme: dark) { .slam-ground { fill: #16181d } .slam-said { fill: #f0f0f0 } }
"""


class Cell(NamedTuple):
    """A cell: its colour, what it came to, and all of it in words."""

    colour: Colour
    achieved: str | None
    in_words: str
    is_outlined: bool = False
    """Does it rest on too little to say much?"""


def cell(shown: Cell, left: float, top: float, words: Words, width: float = COLUMN) -> Iterator[str]:
    """A cell at a place; figures are cut off to fit. One that says little is drawn as an outline."""
    paint, middle = PAINTS[shown.colour], left + width / 2
    ground = f'fill="none" stroke="{paint.ground}" stroke-width="2"' if shown.is_outlined else f'fill="{paint.ground}"'
    letters = 'class="slam-said" fill="#1b1b1b"' if shown.is_outlined else f'fill="{paint.letter}"'
    yield "<g>"
    yield f"<title>{escape(shown.in_words)}</title>"
    yield f'<rect x="{left + _GAP}" y="{top + _GAP}" width="{width - 2 * _GAP}" height="{ROW - 2 * _GAP}" rx="4" {ground}/>'
    base = top + (20 if shown.achieved is not None else 27)
    letter = escape(words[f"letter.{shown.colour}"])
    yield f'<text x="{middle}" y="{base}" text-anchor="middle" font-weight="700" {letters}>{letter}</text>'
    if shown.achieved is not None:
        achieved = escape(words.figure(_to_hundredths(shown.achieved)))
        yield f'<text x="{middle}" y="{top + 35}" text-anchor="middle" font-size="11" {letters}>{achieved}</text>'
    yield "</g>"


def legend(top: float, words: Words) -> Iterator[str]:
    """What the colours mean, in one line."""
    left = 8.0
    for colour in (Colour.GREEN, Colour.AMBER, Colour.RED, Colour.GREY):
        paint = PAINTS[colour]
        yield f'<rect x="{left}" y="{top}" width="20" height="20" rx="4" fill="{paint.ground}"/>'
        letter = escape(words[f"letter.{colour}"])
        yield f'<text x="{left + 10}" y="{top + 15}" text-anchor="middle" font-weight="700" fill="{paint.letter}">{letter}</text>'
        text = words[f"colour.{colour}"]
        yield said(left + 27, top + 15, text, "start", size=11)
        left += 44 + 6.1 * len(text)


def said(x: float, y: float, text: str, anchor: str, size: int = 13) -> str:
    """A line of text, readable on light and dark pages."""
    return f'<text class="slam-said" fill="#1b1b1b" x="{x}" y="{y}" text-anchor="{anchor}" font-size="{size}">{escape(text)}</text>'


def shortened(name: str, letters: int) -> str:
    """A name cut off to fit; the table and the description have the whole of it."""
    return name if len(name) <= letters else name[: letters - 1] + "…"


def opening(width: float, height: float, name: str, words: Words) -> str:
    """The opening tag of a picture; `name` begins the ids of its title and description."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img"'
        f' aria-labelledby="{name}-title {name}-desc" lang="{words["language"]}" style="max-width: 100%; height: auto"'
        ' font-family="system-ui, sans-serif" font-size="13">'
    )


def _to_hundredths(figure: str) -> str:
    """A figure cut off after two decimals, so that it fits: 99.8999 reads 99.89, never 99.9."""
    whole, _, decimals = figure.removesuffix(" %").partition(".")
    return f"{whole}.{decimals[:2]}"
