"""A promise and the links it rests on as a picture: one bar below the other, what is left, and what is too much."""

from collections.abc import Iterator
from fractions import Fraction
from html import escape
from typing import NamedTuple

from connectors.readable.plain import hours_said, in_hours, limit_said
from connectors.readable.words import Words
from domain.alignment_chains import Chain, ChainLink, Level, Stretch
from domain.figures import shown
from domain.findings import Verdict

_WIDTH, _ROW, _BAR, _FOOT = 560, 46, 18, 10
"""Widths and heights of a picture that grows and shrinks with its page; a label stands above each bar, so that it fits a phone."""
_LETTERS = 68
"""As many as fit above a bar; the table has the whole text."""

_LINE, _PROMISE, _TAKEN = "var(--line, #c9cdd3)", "var(--accent, #0b57d0)", "var(--quiet, #565b63)"
_LEFT, _OVER = "var(--good, #1a7f37)", "var(--fault, #b3261e)"
"""Colours of the page, light or dark; a word or a sign stands beside each."""


class _Bar(NamedTuple):
    label: str
    part: Stretch | None
    colour: str
    is_filled: bool = True


def alignment_svg(chain: Chain, words: Words, name: str) -> str:
    """The chain as one SVG with its title and, as text, all it shows; `name` tells pictures of one page apart."""
    bars = list(_bars(chain, words))
    height = _ROW * len(bars) + _FOOT
    reach = max([Fraction(1), *(each.part.ends for each in bars if each.part is not None)])
    title = words.say("chain_of", target=chain.target)
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" role="img"'
        f' aria-labelledby="{name}-title {name}-desc" font-family="system-ui, sans-serif" font-size="14">'
    )
    return "\n".join(
        [
            opening,
            f'<title id="{name}-title">{escape(title)}</title>',
            f'<desc id="{name}-desc">{escape(chain_in_words(chain, words))}</desc>',
            *(line for place, bar in enumerate(bars) for line in _drawn(bar, _ROW * place, reach)),
            *_end_of_promise(height, reach),
            "</svg>",
        ]
    )


def chain_in_words(chain: Chain, words: Words) -> str:
    """All that the picture shows as sentences."""
    parts = "; ".join(link_said(each, words) for each in chain.links) or words["self_provided" if chain.is_self_provided else "none"]
    return words.say("chain_said", promise=level_said(chain.level, words), parts=parts.removesuffix("."), margin=margin_said(chain, words))


def link_said(link: ChainLink, words: Words) -> str:
    """Who does what within what."""
    limit = _short(link.level, words) if link.level is not None else words["chain_no_limit"]
    return words.say("chain_part", segment=link.segment, owner=link.owner or words["chain_unknown"], limit=limit)


def level_said(level: Level, words: Words) -> str:
    """A limit with its hours, or a share of them."""
    if level.row is not None and level.hours is not None:
        return in_hours(level.row, level.hours, words)
    hours = f", {hours_said(level.hours, words)}" if level.hours is not None else ""
    return f"{_short(level, words)}{hours}"


def margin_said(chain: Chain, words: Words) -> str:
    """What is left of a promise, at worst, or how much is too much; nothing where nothing was counted."""
    if chain.level.percent is not None:
        together = next((each.message for each in chain.findings if each.code == "AVAILABILITY"), None)
        return words.say("margin_up", together=words.figure(together.partition(" under ")[0])) if together else words["margin_unknown"]
    minutes = chain.slack_minutes
    if minutes is None:
        return "" if chain.is_self_provided else words["margin_unknown"]
    if not minutes:
        return words["margin_none"]
    hours, left = divmod(abs(minutes), 60)
    length = " ".join(part for part in (f"{hours} h" if hours else "", f"{left} min" if left else "") if part)
    return words.say("margin_left" if minutes > 0 else "margin_over", margin=length)


def _short(level: Level, words: Words) -> str:
    if level.row is not None and level.hours is not None:
        return limit_said(level.row, level.hours, words)
    return words.say("up_for", percent=words.figure(_percent(level.percent or Fraction(0))))


def _percent(value: Fraction) -> str:
    exact = shown(value, 6)
    return exact.rstrip("0").rstrip(".")


def _bars(chain: Chain, words: Words) -> Iterator[_Bar]:
    yield _Bar(f"{words['chain_promise']}: {_short(chain.level, words)}", Stretch(Fraction(0), Fraction(1)), _PROMISE)
    for link in chain.links:
        yield _Bar(link_said(link, words), link.takes, _TAKEN)
    if chain.margin is not None:
        is_over = chain.margin < 0 or chain.verdict is Verdict.FAILS
        part = Stretch(min(Fraction(1), 1 - chain.margin), max(Fraction(1), 1 - chain.margin))
        yield _Bar(f"{'✗' if is_over else '✓'} {margin_said(chain, words)}", part, _OVER if is_over else _LEFT, is_filled=chain.margin < 0)
    elif chain.is_self_provided:
        yield _Bar(f"✓ {words['self_provided']}", None, _LEFT)


def _drawn(bar: _Bar, top: int, reach: Fraction) -> Iterator[str]:
    label = bar.label if len(bar.label) <= _LETTERS else bar.label[: _LETTERS - 1] + "…"
    yield f'<text x="1" y="{top + 17}" fill="currentColor">{escape(label)}</text>'
    if bar.part is None:
        return
    left, right = _x(bar.part.begins, reach), _x(bar.part.ends, reach)
    fill = bar.colour if bar.is_filled else "none"
    dash = "" if bar.is_filled else ' stroke-dasharray="5 3"'
    yield (
        f'<rect x="{left:.1f}" y="{top + 23}" width="{max(2.0, right - left):.1f}" height="{_BAR}" rx="3"'
        f' style="fill:{fill};stroke:{bar.colour}" stroke-width="1.5"{dash}/>'
    )


def _end_of_promise(height: int, reach: Fraction) -> Iterator[str]:
    """A line where the promise ends, through all bars."""
    x = _x(Fraction(1), reach)
    yield f'<line x1="{x:.1f}" x2="{x:.1f}" y1="23" y2="{height - 2}" style="stroke:{_LINE}" stroke-width="1.5" stroke-dasharray="2 3"/>'


def _x(place: Fraction, reach: Fraction) -> float:
    return float(1 + place / reach * (_WIDTH - 2))
