"""The months of a proof of quality as a picture: colour, letter and share of each."""

from collections.abc import Iterator
from html import escape

from connectors.cells_svg import COLUMN, ROW, STYLE, Cell, opening, said
from connectors.cells_svg import cell as cell_svg
from connectors.readable.words import Words
from domain.proof_months import months_of
from domain.quality_proofs import ProofCell, ProofContent, attainment_shown

_HEAD, _IN_A_ROW = 24, 12
"""Height of a row's head in pixels; a row is a year."""


def proof_svg(proof: ProofContent, words: Words) -> str:
    """The picture as one SVG document, with all it shows as text; months that are shown together have the same figures."""
    months = [(month, cell) for cell in proof.cells for month in months_of(cell.first_month, cell.last_month)]
    width, height = COLUMN * min(len(months), _IN_A_ROW), (_HEAD + ROW) * -(-len(months) // _IN_A_ROW)
    title = words.say("strip_of", service=proof.service_name, first=proof.first_month, last=proof.last_month)
    parts = [
        opening(width, height, "proof", words),
        f'<title id="proof-title">{escape(title)}</title>',
        f'<desc id="proof-desc">{escape(proof_in_words(proof, words))}</desc>',
        f"<style>{STYLE}</style>",
        f'<rect class="slam-ground" fill="#ffffff" width="{width}" height="{height}"/>',
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
    left, top = COLUMN * (place % _IN_A_ROW), (_HEAD + ROW) * (place // _IN_A_ROW)
    yield said(left + COLUMN / 2, top + 16, month, "middle", size=12)
    yield from cell_svg(Cell(cell.colour, attainment_shown(cell), cell_in_words(cell, words)), left, top + _HEAD, words)
