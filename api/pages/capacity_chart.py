"""A pool's months as a picture: how much of its time was used and is expected to be, beside both limits, with all of it as text."""

from collections.abc import Iterator
from fractions import Fraction
from html import escape
from math import ceil

from api.pages.words import PageWords
from domain.capacity import OVER, UNDER, Load, PoolPlan, Use, hours_of, utilisation
from domain.figures import rounded
from domain.results import Colour

MONTHS_DRAWN = 12
"""Known months in the picture, the last ones; the table has those before."""

_AXIS, _COLUMN, _BAR, _HEAD, _BODY, _FOOT = 52, 44, 28, 20, 220, 26
"""Widths and heights of a picture that grows and shrinks with its page."""

_FEWEST_COLUMNS = 15
"""So that the picture of a pool that is new is drawn no larger than the others."""

_PAINT = {Colour.RED: "var(--fault, #b3261e)", Colour.AMBER: "var(--warn, #8a5a00)", Colour.GREEN: "var(--good, #1a7f37)"}
_SIGN = {Use.OVER: "▲", Use.UNDER: "▼", Use.WITHIN: ""}
"""A sign beside each colour but the good one, so that nobody needs to tell red from green."""

_LINE, _TEXT, _GROUND = "var(--quiet, #565b63)", "var(--text, #1b1b1b)", "var(--panel, #f5f6f8)"


def capacity_chart(plan: PoolPlan, words: PageWords, name: str) -> str | None:
    """The picture as one SVG; `name` tells pictures of one page apart. None for a pool of nobody: no share can be drawn of it."""
    if not plan.pool.people:
        return None
    known = [load for load in plan.observed if load.is_over or not plan.ahead][-MONTHS_DRAWN:]
    top, first = _top(plan), len(known)
    width, height = _AXIS + _COLUMN * max(first + len(plan.ahead), _FEWEST_COLUMNS) + 8, _HEAD + _BODY + _FOOT
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img"'
        f' aria-labelledby="{name}-title {name}-desc" font-family="system-ui, sans-serif" font-size="12">'
    )
    return "\n".join(
        [
            opening,
            f'<title id="{name}-title">{escape(words.say("capacity.chart_title", pool=plan.pool.name))}</title>',
            f'<desc id="{name}-desc">{escape(in_words((*plan.observed[-MONTHS_DRAWN - 1 :], *plan.ahead), words))}</desc>',
            *(line for place, load in enumerate(known) for line in _known(load, place, top)),
            *(line for place, load in enumerate(plan.ahead, first) for line in _ahead(plan, load, place, top)),
            # What came so far in the running month stands inside what it is expected to bring.
            *([_so_far(plan.observed[-1], first, top)] if plan.ahead else []),
            *_limits(top, width),
            *(line for place, load in enumerate((*known, *plan.ahead)) for line in _labels(plan, load, place, top)),
            "</svg>",
        ]
    )


def in_words(loads: tuple[Load, ...], words: PageWords) -> str:
    """All that the picture shows as sentences."""
    return " ".join(
        words.say(
            "capacity.chart_ahead" if load.is_over and load.low is not None else "capacity.chart_month",
            month=f"{load.first_on:%Y-%m}",
            share=_percent(load, words),
            tickets=load.tickets,
            low=load.low,
            high=load.high,
        )
        for load in loads
    )


def _top(plan: PoolPlan) -> Fraction:
    """The highest share the picture holds: above 100 % with room for figures, in steps of 20 %."""
    reached = [Fraction(11, 10), *(_reach(plan, load) for load in (*plan.observed, *plan.ahead))]
    return Fraction(ceil(max(reached) * Fraction(21, 4)), 5)


def _reach(plan: PoolPlan, load: Load) -> Fraction:
    """How high a month is drawn."""
    return max(load.utilisation or Fraction(0), _share(plan, load, load.high) if load.high is not None else Fraction(0))


def _share(plan: PoolPlan, load: Load, tickets: int) -> Fraction:
    """What the month would use if another number of tickets came, the pipeline as it is."""
    hours = load.hours + hours_of(tickets - load.tickets, plan.pool)
    return utilisation(hours, plan.pool) or Fraction(0)


def _limits(top: Fraction, width: int) -> Iterator[str]:
    for share, dash in ((UNDER, "4 4"), (OVER, "4 4"), (Fraction(1), "none")):
        y, look = _y(share, top), f"stroke:{_LINE};stroke-dasharray:{dash}"
        yield f'<line x1="{_AXIS}" x2="{width}" y1="{y:.1f}" y2="{y:.1f}" style="{look}" stroke-width="1.5"/>'
        yield f'<text x="{_AXIS - 6}" y="{y + 4:.1f}" text-anchor="end">{rounded(share * 100, 0)} %</text>'


def _known(load: Load, place: int, top: Fraction) -> Iterator[str]:
    """A month that is over as a full bar, the running one as an outline."""
    if not load.is_over:
        yield _so_far(load, place, top)
        return
    yield _bar(place, Fraction(0), load.utilisation or Fraction(0), top, f"fill:{_PAINT[load.colour]}")


def _so_far(load: Load, place: int, top: Fraction) -> str:
    look = f"fill:none;stroke:{_TEXT};stroke-dasharray:2 3"
    return _bar(place, Fraction(0), load.utilisation or Fraction(0), top, look)


def _ahead(plan: PoolPlan, load: Load, place: int, top: Fraction) -> Iterator[str]:
    """A month ahead as a pale bar, the pipeline's share on top of it as an outline, and a line from low to high."""
    paint, share = _PAINT[load.colour], load.utilisation or Fraction(0)
    of_tickets = utilisation(hours_of(load.tickets, plan.pool), plan.pool) or Fraction(0)
    yield _bar(place, Fraction(0), of_tickets, top, f"fill:{paint};fill-opacity:.45;stroke:{paint}")
    if share > of_tickets:
        yield _bar(place, of_tickets, share, top, f"fill:none;stroke:{paint};stroke-dasharray:5 3")
    if load.low is not None and load.high is not None:
        x, ends = _middle(place), [_y(_share(plan, load, each), top) for each in (load.low, load.high)]
        yield f'<line x1="{x}" x2="{x}" y1="{ends[0]:.1f}" y2="{ends[1]:.1f}" style="stroke:{_TEXT}" stroke-width="1.5"/>'


def _labels(plan: PoolPlan, load: Load, place: int, top: Fraction) -> Iterator[str]:
    """The month below, its share above all that is drawn of it; a rim in the colour of the ground keeps figures off the lines."""
    x, above = _middle(place), _y(_reach(plan, load), top) - 5
    share = rounded((load.utilisation or Fraction(0)) * 100, 0)
    sign = _SIGN[load.use] if load.is_over else "…"
    rim = f"paint-order:stroke;stroke:{_GROUND};stroke-width:4px"
    yield f'<text x="{x}" y="{_HEAD + _BODY + 17}" text-anchor="middle">{load.first_on:%m.%y}</text>'
    yield f'<text x="{x}" y="{above:.1f}" text-anchor="middle" style="{rim}">{share}{sign}</text>'


def _bar(place: int, begins: Fraction, ends: Fraction, top: Fraction, look: str) -> str:
    y = _y(ends, top)
    return (
        f'<rect x="{_middle(place) - _BAR / 2}" y="{y:.1f}" width="{_BAR}" height="{max(0.5, _y(begins, top) - y):.1f}"'
        f' style="{look}" stroke-width="1.5"/>'
    )


def _middle(place: int) -> float:
    return _AXIS + _COLUMN * place + _COLUMN / 2


def _y(share: Fraction, top: Fraction) -> float:
    return float(_HEAD + _BODY * (1 - share / top))


def _percent(load: Load, words: PageWords) -> str:
    return words.figure(f"{rounded((load.utilisation or Fraction(0)) * 100, 1)} %")
