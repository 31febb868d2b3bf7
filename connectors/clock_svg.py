"""A clock over its calendar as a picture: open hours to scale, closed ones narrow, what was counted and what was not, and its instants."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from html import escape
from typing import NamedTuple

from connectors.readable.words import Words
from domain.clock_strips import ClockStrip, Mark, MarkKind, Stretch, StretchKind

_WIDTH, _SIDE, _TOP, _BAR, _LANE = 960.0, 10.0, 30.0, 34.0, 18.0
"""Pixels of a picture that grows and shrinks with its page: width, margin, and where the bar and the lines of labels are."""
_LETTER = 6.9
"""Width of a letter of the labels, on the wide side."""
_DAY_APART = 86.0
"""Days are named where there is room for a name."""
_CLOSED_HOURS, _FOLD_HOURS = 1.0, 2.0
"""A closed stretch is drawn as wide as so much open time at most, a fold as wide as this."""
_MOST_STRETCHES, _AROUND = 40, 3
"""A longer strip is folded: only stretches this close to its ends and to its instants are drawn."""
_OVER_LINES = ' paint-order="stroke" stroke="var(--panel)" stroke-width="4"'
"""Letters keep free of the lines they lie on."""
_HOUR = timedelta(hours=1)

_FILLS = {
    StretchKind.CLOSED: "url(#{name}-closed)",
    StretchKind.AHEAD: "var(--ground)",
    StretchKind.COUNTED: "var(--accent)",
    StretchKind.OVER: "url(#{name}-over)",
    StretchKind.PAUSED: "url(#{name}-paused)",
}
_SIGNS = {
    MarkKind.START: "▷",
    MarkKind.WARNING: "△",
    MarkKind.DUE: "◆",
    MarkKind.BREACH: "✕",
    MarkKind.COMPLETED: "✓",
    MarkKind.NOW: "●",
}
_PATTERNS = """<defs>
<pattern id="{name}-closed" width="6" height="6" patternUnits="userSpaceOnUse"><rect width="6" height="6" fill="var(--panel)"/>
<path d="M0 6 6 0" stroke="var(--line)" stroke-width="1"/></pattern>
<pattern id="{name}-over" width="8" height="8" patternUnits="userSpaceOnUse"><rect width="8" height="8" fill="var(--fault)"/>
<path d="M0 0 8 8" stroke="var(--ground)" stroke-width="1.5"/></pattern>
<pattern id="{name}-paused" width="6" height="6" patternUnits="userSpaceOnUse"><rect width="6" height="6" fill="var(--warn-ground)"/>
<path d="M3 0V6" stroke="var(--warn)" stroke-width="2"/></pattern>
</defs>"""


class ClockWords(NamedTuple):
    """How a picture speaks: its phrases (`clock.…`), and how its language writes a day and an instant of the calendar's zone."""

    words: Words
    day: Callable[[datetime], str]
    moment: Callable[[datetime], str]


class _Piece(NamedTuple):
    """A stretch where it is drawn; without a kind it is a fold of many."""

    kind: StretchKind | None
    start: datetime
    end: datetime
    left: float
    width: float


def clock_svg(strip: ClockStrip, said: ClockWords, name: str) -> str:
    """The picture; `name` tells it from others on its page. No script, nothing from outside."""
    pieces = _laid_out(strip)
    labels, lanes = _labels(strip.marks, pieces, said)
    base = _TOP + _BAR
    height = base + 14 + _LANE * lanes + 30
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH:g} {height:g}" role="img" aria-labelledby="{name}-title {name}-desc"'
        ' font-family="system-ui, sans-serif" font-size="13">'
    )
    parts = [
        opening,
        f'<title id="{name}-title">{escape(said.words.say("clock.title", clock=strip.clock))}</title>',
        f'<desc id="{name}-desc">{escape(strip_in_words(strip, said))}</desc>',
        _PATTERNS.format(name=name),
        *_days(strip, pieces, said),
        *(_bar(piece, name, said) for piece in pieces),
        *(_pause(_place(pause.start, pieces), _place(pause.end, pieces)) for pause in strip.pauses),
        *labels,
        *_legend([piece.kind for piece in pieces if piece.kind is not None], height - 20, name, said),
        "</svg>",
    ]
    return "\n".join(parts)


def strip_in_words(strip: ClockStrip, said: ClockWords) -> str:
    """The instants of the picture and its pauses as text."""
    marks = [f"{_label(mark, said)}" for mark in strip.marks]
    pauses = [f"{said.words['clock.PAUSED']} {said.moment(pause.start)} – {said.moment(pause.end)}" for pause in strip.pauses]
    return "; ".join([*marks, *pauses]) + "."


def _laid_out(strip: ClockStrip) -> list[_Piece]:
    """Stretches side by side over the whole width; open hours to one scale."""
    folded = list(_folded(strip))
    hours = [_hours(kind, end - start) for kind, start, end in folded]
    scale = (_WIDTH - 2 * _SIDE) / (sum(hours) or 1)
    pieces, left = [], _SIDE
    for (kind, start, end), units in zip(folded, hours, strict=True):
        pieces.append(_Piece(kind, start, end, left, units * scale))
        left += units * scale
    return pieces


def _hours(kind: StretchKind | None, length: timedelta) -> float:
    if kind is None:
        return _FOLD_HOURS
    return min(length / _HOUR, _CLOSED_HOURS) if kind is StretchKind.CLOSED else length / _HOUR


def _folded(strip: ClockStrip) -> Iterator[tuple[StretchKind | None, datetime, datetime]]:
    stretches = strip.stretches
    if len(stretches) <= _MOST_STRETCHES:
        yield from ((each.kind, each.start, each.end) for each in stretches)
        return
    shown = _near(stretches, strip.marks)
    since: datetime | None = None
    for number, stretch in enumerate(stretches):
        if number in shown:
            if since is not None:
                yield None, since, stretch.start
            since = None
            yield stretch.kind, stretch.start, stretch.end
        elif since is None:
            since = stretch.start
    if since is not None:
        yield None, since, stretches[-1].end


def _near(stretches: Sequence[Stretch], marks: Sequence[Mark]) -> set[int]:
    centres = [0, len(stretches) - 1]
    centres += [number for number, each in enumerate(stretches) if any(each.start <= mark.at <= each.end for mark in marks)]
    return {number for centre in centres for number in range(centre - _AROUND, centre + _AROUND + 1)}


def _place(at: datetime, pieces: Sequence[_Piece]) -> float:
    """Where an instant is drawn."""
    for piece in pieces:
        if at <= piece.end:
            share = max(0.0, (at - piece.start) / (piece.end - piece.start)) if piece.end > piece.start else 0.0
            return piece.left + piece.width * share
    return pieces[-1].left + pieces[-1].width if pieces else _SIDE


def _days(strip: ClockStrip, pieces: Sequence[_Piece], said: ClockWords) -> Iterator[str]:
    """The names of days above the bar, each where its first open hour is drawn, as far as there is room."""
    last = -_DAY_APART
    for at in _beginnings(strip, pieces):
        left = _place(at, pieces)
        if left - last >= _DAY_APART and left <= _WIDTH - _DAY_APART:
            yield f'<text x="{left:.1f}" y="{_TOP - 10:g}" font-size="12">{escape(said.day(at))}</text>'
            yield f'<path d="M{left:.1f} {_TOP - 6:g}V{_TOP:g}" stroke="currentColor"/>'
            last = left


def _beginnings(strip: ClockStrip, pieces: Sequence[_Piece]) -> Iterator[datetime]:
    known = None
    for piece in pieces:
        if piece.kind in {None, StretchKind.CLOSED} and len(pieces) > 1:
            continue
        at = piece.start
        while at < piece.end:
            local = at.astimezone(strip.zone)
            if local.date() != known:
                known = local.date()
                yield at
            at = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)


def _bar(piece: _Piece, name: str, said: ClockWords) -> str:
    if piece.kind is None:
        middle, days = piece.left + piece.width / 2, (piece.end - piece.start).days
        text = f'<text x="{middle:.1f}" y="{_TOP + _BAR / 2 + 4:g}" text-anchor="middle">⋯</text>'
        return f"<g><title>{escape(said.words.counted('clock.folded', days))}</title>{text}</g>"
    hint = f"{said.words[f'clock.{piece.kind}']}: {said.moment(piece.start)} – {said.moment(piece.end)}"
    fill, stroke = _FILLS[piece.kind].format(name=name), "var(--line)" if piece.kind is StretchKind.CLOSED else "currentColor"
    box = f'x="{piece.left:.1f}" y="{_TOP:g}" width="{max(piece.width, 0.5):.1f}" height="{_BAR:g}"'
    return f'<rect {box} fill="{fill}" stroke="{stroke}" stroke-width=".5"><title>{escape(hint)}</title></rect>'


def _pause(left: float, right: float) -> str:
    """A pause is a line below the bar, through closed hours too."""
    y = _TOP + _BAR + 5
    return f'<path d="M{left:.1f} {y:g}H{right:.1f}" stroke="var(--warn)" stroke-width="4"/>'


def _labels(marks: Sequence[Mark], pieces: Sequence[_Piece], said: ClockWords) -> tuple[list[str], int]:
    """The instants as lines through the bar with their labels below, each on the first line with room for it; and how many lines."""
    ends: list[float] = []
    lines: list[str] = []
    texts: list[str] = []
    for mark in marks:
        at, text = _place(mark.at, pieces), _label(mark, said)
        length = _LETTER * len(text)
        is_left = at + length > _WIDTH
        begins = at - length if is_left else at
        lane = next((number for number, end in enumerate(ends) if begins > end + 8), len(ends))
        ends[lane : lane + 1] = [begins + length]
        y = _TOP + _BAR + 14 + _LANE * lane + 12
        dash = ' stroke-dasharray="3 3"' if mark.kind in {MarkKind.NOW, MarkKind.WARNING} else ""
        width = 2.5 if mark.kind in {MarkKind.DUE, MarkKind.BREACH} else 1.2
        lines.append(f'<path d="M{at:.1f} {_TOP - 3:g}V{y - 10:g}" stroke="currentColor" stroke-width="{width}"{dash}/>')
        anchor = "end" if is_left else "start"
        weight = ' font-weight="700"' if mark.kind in {MarkKind.DUE, MarkKind.BREACH} else ""
        texts.append(f'<text x="{at:.1f}" y="{y:g}" text-anchor="{anchor}"{weight}{_OVER_LINES}>{escape(text)}</text>')
    return [*lines, *texts], max(len(ends), 1)


def _label(mark: Mark, said: ClockWords) -> str:
    what = (
        said.words.say("clock.mark.WARNING", level=mark.level) if mark.kind is MarkKind.WARNING else said.words[f"clock.mark.{mark.kind}"]
    )
    return f"{_SIGNS[mark.kind]} {what} {said.moment(mark.at)}"


def _legend(kinds: Sequence[StretchKind], top: float, name: str, said: ClockWords) -> Iterator[str]:
    left = _SIDE
    for kind in (each for each in StretchKind if each in kinds):
        text = said.words[f"clock.{kind}"]
        fill = _FILLS[kind].format(name=name)
        yield f'<rect x="{left:.1f}" y="{top:g}" width="22" height="14" fill="{fill}" stroke="currentColor" stroke-width=".5"/>'
        yield f'<text x="{left + 28:.1f}" y="{top + 12:g}" font-size="12">{escape(text)}</text>'
        left += 28 + _LETTER * len(text) + 18
