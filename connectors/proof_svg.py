"""The months of a proof of quality as a picture: colour, letter and share of each."""

from collections.abc import Iterator
from html import escape

from connectors.readable.words import Words
from connectors.slam_svg import PAINTS
from domain.proof_months import months_of
from domain.quality_proofs import ProofCell, ProofContent, attainment_shown

_COLUMN, _ROW, _HEAD, _GAP, _IN_A_ROW = 64, 52, 22, 3, 12
"""Widths and heights in pixels of a picture that grows and shrinks with its page; a row is a year."""

_STYLE = """
.proof-ground { fill: #ffffff } .proof-said { fill: #1b1b1b }
@media (prefers-color-scheme: dark) { .proof-ground { fill: #16181d } .proof-said { fill: #f0f0f0 } }
"""


def proof_svg(proof: ProofContent, words: Words) -> str:
    """The picture as one SVG document, with all it shows as text; months that are shown together have the same figures."""
    months = [(month, cell) for cell in proof.cells for month in months_of(cell.first_month, cell.last_month)]
    rows = -(-len(months) // _IN_A_ROW)
    width, height = _COLUMN * min(len(months), _IN_A_ROW), (_HEAD + _ROW) * rows
    title = words.say("strip_of", service=proof.service_name, first=proof.first_month, last=proof.last_month)
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img"'
        f' aria-labelledby="proof-title proof-desc" lang="{words["language"]}" style="max-width: 100%; height: auto"'
        ' font-family="system-ui, sans-serif" font-size="13">'
    )
    parts = [
        opening,
        f'<title id="proof-title">{escape(title)}</title>',
        f'<desc id="proof-desc">{escape(proof_in_words(proof, words))}</desc>',
        f"<style>{_STYLE}</style>",
        f'<rect class="proof-ground" fill="#ffffff" width="{width}" height="{height}"/>',
        *(line for place, (month, cell) in enumerate(months) for line in _month(month, cell, place, words)),
        "</svg>",
    ]
    return "\n".join(parts)


def proof_in_words(proof: ProofContent, words: Words) -> str:
    """All that the picture shows, as one sentence."""
    return ", ".join(cell_in_words(cell, words) for cell in proof.cells) + "."


def cell_in_words(cell: ProofCell, words: Words) -> str:
    """A cell as a few words: its months, its colour, its share."""
    return f"{stretch_of(cell)} {words[f'said.{cell.colour}']} ({words.figure(attainment_shown(cell))})"


def stretch_of(cell: ProofCell) -> str:
    """The months of a cell."""
    return cell.first_month if cell.first_month == cell.last_month else f"{cell.first_month} – {cell.last_month}"


def _month(month: str, cell: ProofCell, place: int, words: Words) -> Iterator[str]:
    left, top = _COLUMN * (place % _IN_A_ROW), (_HEAD + _ROW) * (place // _IN_A_ROW)
    middle, paint = left + _COLUMN / 2, PAINTS[cell.colour]
    side, tall, base = _COLUMN - 2 * _GAP, _ROW - 2 * _GAP, top + _HEAD
    yield f'<text class="proof-said" fill="#1b1b1b" x="{middle}" y="{top + 15}" text-anchor="middle" font-size="12">{month}</text>'
    yield f"<g><title>{escape(cell_in_words(cell, words))}</title>"
    yield f'<rect x="{left + _GAP}" y="{base + _GAP}" width="{side}" height="{tall}" rx="4" fill="{paint.ground}"/>'
    letter, share = escape(words[f"letter.{cell.colour}"]), escape(words.figure(attainment_shown(cell)))
    yield f'<text x="{middle}" y="{base + 22}" text-anchor="middle" font-weight="700" fill="{paint.letter}">{letter}</text>'
    yield f'<text x="{middle}" y="{base + 40}" text-anchor="middle" font-size="12" fill="{paint.letter}">{share}</text></g>'
