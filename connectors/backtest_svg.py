"""A backtest as pictures: every promise month by month at a glance, its range, and the hours in which breaches came."""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from html import escape

from connectors.cells_svg import COLUMN, PAINTS, ROW, STYLE, Cell, cell, legend, opening, said, shortened
from connectors.readable.words import Words
from domain.backtest.report import BacktestReport, Certainty, CostPlace, PeriodBacktest, PromiseBacktest, ProposalBacktest
from domain.results import Colour

_LABELS, _RESULT, _HEAD, _FOOT, _TITLE = 200, 190, 30, 40, 30
_NARROWEST = 660
"""Pixels the legend needs."""
_LABEL_LETTERS = 27
_PLOT, _MARGIN = 120, 54
_BARS = 110


def glance_svg(report: BacktestReport, words: Words) -> str:
    """Every proposal with its promises, a cell a month, and beside them what was missed and what it would have cost."""
    months = list(dict.fromkeys(month.period for each in report.proposals for promise in each.promises for month in promise.months))
    width = max(_NARROWEST, _LABELS + COLUMN * len(months) + _RESULT)
    height = _HEAD + sum(_TITLE + ROW * len(each.promises) for each in report.proposals) + _FOOT
    parts = [
        opening(width, height, "glance", words),
        f'<title id="glance-title">{escape(words["glance"])}</title>',
        f'<desc id="glance-desc">{escape(" ".join(in_words(each, words) for each in report.proposals))}</desc>',
        f"<style>{STYLE}</style>",
        f'<rect class="slam-ground" fill="#ffffff" width="{width}" height="{height}"/>',
        *(said(_LABELS + COLUMN * place + COLUMN / 2, 20, month, "middle", size=12) for place, month in enumerate(months)),
    ]
    top: float = _HEAD
    for each in report.proposals:
        parts += _proposal(each, months, top, words)
        top += _TITLE + ROW * len(each.promises)
    return "\n".join([*parts, *legend(top + 10, words), "</svg>"])


def in_words(proposal: ProposalBacktest, words: Words) -> str:
    """A proposal as a sentence or two."""
    key = "told_missed" if proposal.judged else "told_unjudged"
    told = words.say(key, proposal=proposal.proposal, missed=proposal.missed, judged=proposal.judged)
    if proposal.missed:
        told += words.say("told_thin", clear=proposal.missed_clearly, thin=proposal.missed_thin)
    credit = "" if proposal.credit_total is None else " " + words.say("told_credit", credit=_money(proposal.credit_total, proposal, words))
    return told + credit


def _money(amount: str, proposal: ProposalBacktest, words: Words) -> str:
    return words.money(Decimal(amount), proposal.currency)


def _proposal(proposal: ProposalBacktest, months: Sequence[str], top: float, words: Words) -> Iterator[str]:
    name = shortened(proposal.proposal, 60)
    fee = f" · {words.say('monthly', amount=_money(proposal.monthly, proposal, words))}" if proposal.monthly is not None else ""
    yield f'<text class="slam-said" fill="#1b1b1b" x="8" y="{top + 20}" font-size="15" font-weight="700">{escape(name + fee)}</text>'
    left = _LABELS + COLUMN * len(months) + 10
    for place, promise in enumerate(proposal.promises):
        at = top + _TITLE + ROW * place
        yield said(8, at + 19, shortened(promise.target, _LABEL_LETTERS), "start")
        yield said(8, at + 35, words.figure(promise.promised) if promise.promised is not None else words["no_share"], "start", size=11)
        for month in promise.months:
            is_outlined = month.certainty is Certainty.THIN
            shown = Cell(month.colour, month.achieved, month_in_words(month, words), is_outlined=is_outlined)
            yield from cell(shown, _LABELS + COLUMN * months.index(month.period), at, words)
        if promise.promised is not None:
            yield said(left, at + 27, words.say("missed_of", missed=promise.missed, judged=promise.judged), "start")
    if proposal.credit_total is not None:
        yield said(left, top + 20, words.say("credit", credit=_money(proposal.credit_total, proposal, words)), "start", size=14)


def month_in_words(month: PeriodBacktest, words: Words) -> str:
    """A period as a few words: its name, colour, share and range."""
    parts = [month.period, words[f"said.{month.colour}"], words.figure(month.achieved)]
    if month.range is not None:
        parts.append(words.say("range", low=words.figure(month.range.low), high=words.figure(month.range.high)))
    if month.certainty is Certainty.THIN:
        parts.append(words["certainty.THIN"])
    if not month.is_whole:
        parts.append(words["not_whole"])
    return ", ".join(parts)


def range_svg(promise: PromiseBacktest, floor: int, name: str, words: Words) -> str:
    """A promise month by month: its share, the range it might have had, and the line of what is promised."""
    width, height = _MARGIN + COLUMN * len(promise.months) + 10, _PLOT + 50

    def y(percent: float) -> float:
        return 14 + _PLOT * (100 - percent) / (100 - floor)

    parts = [
        opening(width, height, name, words),
        f'<title id="{name}-title">{escape(words.say("ranges", target=promise.target))}</title>',
        f'<desc id="{name}-desc">{escape("; ".join(month_in_words(each, words) for each in promise.months))}</desc>',
        f"<style>{STYLE} .axis {{ stroke: #767676 }}</style>",
        f'<rect class="slam-ground" fill="#ffffff" width="{width}" height="{height}"/>',
        said(_MARGIN - 8, y(100) + 4, "100 %", "end", size=11),
        said(_MARGIN - 8, y(floor) + 4, f"{floor} %", "end", size=11),
        f'<path class="axis" stroke-width="1" d="M{_MARGIN} {y(100)}H{width - 10}M{_MARGIN} {y(floor)}H{width - 10}"/>',
    ]
    if promise.promised is not None:
        at = y(_number(promise.promised))
        parts.append(f'<path stroke="#0b57d0" stroke-width="2" stroke-dasharray="6 4" d="M{_MARGIN} {at}H{width - 10}"/>')
        parts.append(said(width - 12, at - 4, words.figure(promise.promised), "end", size=11))
    for place, month in enumerate(promise.months):
        middle = _MARGIN + COLUMN * place + COLUMN / 2
        parts.append(said(middle, _PLOT + 36, month.period, "middle", size=11))
        if month.achieved is not None:
            parts += _mark(month, middle, y, words)
    return "\n".join([*parts, "</svg>"])


def _mark(month: PeriodBacktest, middle: float, y: Callable[[float], float], words: Words) -> Iterator[str]:
    paint = PAINTS[month.colour].ground if month.colour is not Colour.GREY else "#767676"
    yield f"<g><title>{escape(month_in_words(month, words))}</title>"
    if month.range is not None:
        low, high = y(_number(month.range.low)), y(_number(month.range.high))
        yield f'<path stroke="{paint}" stroke-width="6" stroke-linecap="round" opacity=".45" d="M{middle} {low}V{high}"/>'
    yield f'<circle cx="{middle}" cy="{y(_number(month.achieved or ""))}" r="5" fill="{paint}"/></g>'


def bars_svg(places: Sequence[CostPlace], name: str, words: Words) -> str:
    """Breaches by hour of the day, by the wall clock of the agreement."""
    by_hour = {each.name: each for each in places}
    hours = [f"{hour:02}" for hour in range(24)]
    most = max((each.breached for each in places), default=0) or 1
    width, step = 8 + 28 * 24, 28
    described = "; ".join(words.say("hour", hour=each.name, breached=each.breached, of=each.of) for each in places)
    parts = [
        opening(width, _BARS + 30, name, words),
        f'<title id="{name}-title">{escape(words["hours"])}</title>',
        f'<desc id="{name}-desc">{escape(described)}</desc>',
        f"<style>{STYLE}</style>",
        f'<rect class="slam-ground" fill="#ffffff" width="{width}" height="{_BARS + 30}"/>',
    ]
    for place, hour in enumerate(hours):
        each = by_hour.get(hour)
        tall = round((_BARS - 20) * each.breached / most) if each is not None else 0
        left = 4 + step * place
        if each is not None:
            told = escape(words.say("hour", hour=hour, breached=each.breached, of=each.of))
            bar = f'<rect x="{left + 2}" y="{_BARS - tall}" width="{step - 4}" height="{tall}" fill="{PAINTS[Colour.RED].ground}"/>'
            parts.append(f"<g><title>{told}</title>{bar}</g>")
        parts.append(said(left + step / 2, _BARS + 18, hour, "middle", size=11))
    return "\n".join([*parts, "</svg>"])


def floor_of(report: BacktestReport) -> int:
    """The lowest per cent drawn, one for all pictures so that they can be compared: the ten below everything there is to see."""
    promises = [each for proposal in report.proposals for each in proposal.promises]
    figures = [each.promised for each in promises] + [month.achieved for each in promises for month in each.months]
    figures += [month.range.low for each in promises for month in each.months if month.range is not None]
    lowest = min((_number(figure) for figure in figures if figure is not None), default=90.0)
    return max(0, min(90, int(lowest // 10) * 10))


def _number(figure: str) -> float:
    return float(figure.removesuffix(" %"))
