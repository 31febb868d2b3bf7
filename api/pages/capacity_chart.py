"""A pool's months as a picture: how much of its time was used and is expected to be, beside both limits, with all of it as text."""

from collections.abc import Iterator
from fractions import Fraction
from html import escape
from math import ceil

from api.pages.words import PageWords
from domain.capacity import OVER, UNDER, Load, PoolPlan, hours_of, utilisation
from domain.figures import rounded
from domain.results import Colour

MONTHS_DRAWN = 12
"""Known months in the picture, the last ones; the table has those before."""

_AXIS, _COLUMN, _BAR, _HEAD, _BODY, _FOOT = 52, 44, 28, 20, 220, 26
"""Widths and heights of a picture that grows and shrinks with its page."""

_PAINT = {Colour.RED: "var(--fault, #b3261e)", Colour.AMBER: "var(--warn, #8a5a00)", Colour.GREEN: "var(--good, #1a7f37)"}
_SIGN = {Colour.RED: "▲", Colour.AMBER: "!", Colour.GREEN: ""}
"""A sign beside each colour but the good one, so that nobody needs to tell red from green."""

_LINE = "var(--quiet, #565b63)"


def capacity_chart(plan: PoolPlan, words: PageWords, name: str) -> str | None:
    """The picture as one SVG; `name` tells pictures of one page apart. None for a pool of nobody: no share can be drawn of it."""
    if not plan.pool.people:
        return None
    known, ahead = plan.observed[-MONTHS_DRAWN:], plan.ahead
    top = _top(plan, (*known, *ahead))
    width, height = _AXIS + _COLUMN * (len(known) + len(ahead)) + 8, _HEAD + _BODY + _FOOT
    title = words.say("capacity.chart_title", pool=plan.pool.name)
    return "\n".join(
        [
            (
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img"'
                f' aria-labelledby="{name}-title {name}-desc" font-family="system-ui, sans-serif" font-size="12">'
            ),
            f'<title id="{name}-title">{escape(title)}</title>',
            f'<desc id="{name}-desc">{escape(in_words((*known, *ahead), words))}</desc>',
            *_limits(top, width),
            *(line for place, load in enumerate(known) for line in _known(load, place, top)),
            *(line for place, load in enumerate(ahead) for line in _ahead(plan, load, len(known) + place, top)),
            *(line for place, load in enumerate((*known, *ahead)) for line in _labels(load, place, top, words)),
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


def _top(plan: PoolPlan, loads: tuple[Load, ...]) -> Fraction:
    """The highest share the picture holds: above 100 % with room for figures, in steps of 20 %."""
    reached = [load.utilisation or Fraction(0) for load in loads]
    reached += [_share(plan, load, load.high) for load in loads if load.high is not None]
    return Fraction(ceil(max([Fraction(11, 10), *reached]) * Fraction(21, 4)), 5)


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
    paint = _PAINT[load.colour] if load.is_over else _LINE
    look = f"fill:{paint}" if load.is_over else f"fill:none;stroke:{paint};stroke-dasharray:2 3"
    yield _bar(place, Fraction(0), load.utilisation or Fraction(0), top, look)


def _ahead(plan: PoolPlan, load: Load, place: int, top: Fraction) -> Iterator[str]:
    """A month ahead as a pale bar, the pipeline's share on top of it as an outline, and a line from low to high."""
    paint, share = _PAINT[load.colour], load.utilisation or Fraction(0)
    of_tickets = utilisation(hours_of(load.tickets, plan.pool), plan.pool) or Fraction(0)
    yield _bar(place, Fraction(0), of_tickets, top, f"fill:{paint};fill-opacity:.45;stroke:{paint}")
    if share > of_tickets:
        yield _bar(place, of_tickets, share, top, f"fill:none;stroke:{paint};stroke-dasharray:5 3")
    if load.low is not None and load.high is not None:
        x, ends = _middle(place), [_y(_share(plan, load, each), top) for each in (load.low, load.high)]
        yield f'<line x1="{x}" x2="{x}" y1="{ends[0]:.1f}" y2="{ends[1]:.1f}" style="stroke:var(--text, #1b1b1b)" stroke-width="1.5"/>'


def _labels(load: Load, place: int, top: Fraction, words: PageWords) -> Iterator[str]:
    x, said = _middle(place), f"{load.first_on:%m.%y}"
    yield f'<text x="{x}" y="{_HEAD + _BODY + 17}" text-anchor="middle">{said}</text>'
    share = words.figure(rounded((load.utilisation or Fraction(0)) * 100, 0))
    sign = _SIGN[load.colour] if load.is_over else "…"
    yield f'<text x="{x}" y="{_y(load.utilisation or Fraction(0), top) - 5:.1f}" text-anchor="middle">{share}{sign}</text>'


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
