"""A backtest as people read it: the answer, what was assumed, what was measured, and what is not known."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from connectors.backtest_svg import bars_svg, floor_of, glance_svg, in_words, month_in_words, range_svg
from connectors.readable.blocks import Block, chart, facts, heading, lead, table, text
from connectors.readable.words import Language, Words, phrases_of
from domain.backtest.report import (
    BacktestReport,
    CostPlace,
    CreditTerms,
    PromiseBacktest,
    ProposalBacktest,
    RuleBacktest,
    StrictestLimit,
    Unknown,
)
from domain.figures import shown
from domain.instants import MICROSECOND
from domain.targets import Limit, TargetKind

_PLACES_SHOWN = 10
"""Regions, hours and breached tickets that are listed; the first cost most, or were most late. `--json` has all regions."""

Section = dict[str, Any]


def words_of_backtests(language: Language) -> Words:
    """The words of backtests, with those of reports for colours."""
    return Words({**phrases_of(language, "report"), **phrases_of(language, "backtest")})


def readable_backtest(report: BacktestReport, words: Words) -> dict[str, Any]:
    """The whole of it in words."""
    documents = [
        {"title": words["answer"], "sections": list(_answer(report, words))},
        {"title": words["unknown"], "sections": list(_unknown(report.unknown, words))},
        {"title": words["assumed"], "sections": list(_assumed(report, words))},
        {"title": words["measured"], "sections": list(_record(report, words))},
        *(
            {"title": words.say("proposal", proposal=each.proposal), "sections": list(_proposal(each, place, report, words))}
            for place, each in enumerate(report.proposals, start=1)
        ),
    ]
    zone = ZoneInfo(report.measured.time_zone)
    span = words.say("between", since=_day(report.measured.since, zone), until=_day(report.measured.until - MICROSECOND, zone))
    return {
        "title": words["backtest"],
        "subtitle": span,
        "hash": None,
        "language": words["language"],
        "words": {name: words[name] for name in ("hash", "page", "contents")},
        "documents": documents,
    }


def _answer(report: BacktestReport, words: Words) -> Iterator[Section]:
    told = [lead(in_words(each, words)) for each in report.proposals]
    described = " ".join(in_words(each, words) for each in report.proposals)
    yield {"heading": words["question"], "blocks": [*told, chart(glance_svg(report, words), described), text(words["judged_is"])]}
    rows = [_compared(each, words) for each in report.proposals]
    head = words.labels("proposal_name", "fee", "tickets", "clocks", "breached", "missed", "credits", "earned")
    yield {"heading": words["compared"], "blocks": [table(head, rows, is_named=True), text(words["earned_is"])]}


def _compared(each: ProposalBacktest, words: Words) -> tuple[str, ...]:
    missed = words.say("missed_of", missed=each.missed, judged=each.judged)
    counts = [str(each.tickets), str(each.clocks), str(each.breached), missed]
    return (
        each.proposal,
        _money(each.monthly, each, words),
        *counts,
        _money(each.credit_total, each, words),
        _money(each.earned, each, words),
    )


def _money(amount: str | None, proposal: ProposalBacktest, words: Words) -> str:
    return words.money(Decimal(amount), proposal.currency) if amount is not None else words["not_known"]


def _assumed(report: BacktestReport, words: Words) -> Iterator[Section]:
    assumed, zone = report.assumed, ZoneInfo(report.measured.time_zone)
    rows = [
        (words["terms"], words["terms_as_if"]),
        (words["whose"], words[f"whose.{assumed.whose}"]),
        (words["wanted"], words.figure(assumed.wanted) if assumed.wanted is not None else words["wanted_own"]),
        (words["as_of"], f"{assumed.as_of.astimezone(zone):%Y-%m-%d %H:%M} ({zone})"),
        (words["method"], words.say("method_is", draws=assumed.draws, confidence=assumed.confidence, seed=assumed.seed)),
        (words["thin"], words.say("thin_is", judged=assumed.least_judged, weeks=assumed.least_weeks)),
    ]
    yield {"heading": None, "blocks": [facts(*rows)]}


def _record(report: BacktestReport, words: Words) -> Iterator[Section]:
    measured, zone = report.measured, ZoneInfo(report.measured.time_zone)
    span = words.say("between", since=_day(measured.since, zone), until=_day(measured.until - MICROSECOND, zone))
    rows = [
        (words["source"], measured.source),
        *([(words["record_digest"], measured.digest)] if measured.digest is not None else []),
        (words["span"], words.say("span_is", span=span, weeks=measured.weeks, zone=measured.time_zone)),
        (words["tickets"], str(measured.tickets)),
        (words["events"], str(measured.events)),
        (words["verdicts"], words["verdicts_are"]),
        (words["charts"], words["charts_are"]),
    ]
    yield {"heading": None, "blocks": [facts(*rows)]}


def _proposal(proposal: ProposalBacktest, place: int, report: BacktestReport, words: Words) -> Iterator[Section]:
    rows = [
        (words["titles"], "\n".join(proposal.titles)),
        (words["services"], ", ".join(proposal.services) or words["none"]),
        (words["regions"], ", ".join(proposal.regions) or words["everywhere"]),
        (words["customers"], ", ".join(proposal.customers)),
        (words["fee"], _money(proposal.monthly, proposal, words)),
        (words["digest"], proposal.digest),
    ]
    yield {"heading": None, "blocks": [facts(*rows)]}
    yield {"heading": words["promised_terms"], "blocks": list(_terms(proposal, words))}
    for number, promise in enumerate(proposal.promises, start=1):
        yield {"heading": _named(promise, words), "blocks": list(_promise(promise, floor_of(report), f"range-{place}-{number}", words))}
    yield {"heading": words["credits_heading"], "blocks": list(_credits(proposal, words))}
    yield {"heading": words["where"], "blocks": list(_where(proposal, f"hours-{place}", words))}
    if proposal.strictest:
        yield {"heading": words["strictest"], "blocks": [text(words["strictest_is"]), _strictest(proposal.strictest, words)]}
    yield {"heading": words["breaches"], "blocks": list(_breaches(proposal, report, words))}


def _terms(proposal: ProposalBacktest, words: Words) -> Iterator[Block]:
    """Each limit, with how many of its tickets kept it; and what a miss gives back."""
    rows = [
        (
            promise.target,
            each.when or words["every_ticket"],
            limit_in_words(each.limit, words),
            each.limit.calendar or "–",
            _kept(each, words),
        )
        for promise in proposal.promises
        for each in promise.rules
    ]
    if rows:
        yield table(words.labels("target", "when", "limit_head", "calendar_head", "kept_head"), rows, is_named=True)
    if given := [said for each in proposal.credit_terms for said in _given_back(each, proposal, words)]:
        yield facts((words["gives_back"], "\n".join(given)))


def _kept(rule: RuleBacktest, words: Words) -> str:
    share = Fraction(100 * rule.met, rule.judged) if rule.judged else None
    told = words.say("of", breached=rule.met, of=rule.judged)
    return f"{words.figure(shown(share, 2))} % ({told})" if share is not None else "–"


def limit_in_words(limit: Limit, words: Words) -> str:
    """How much time a rule gives."""
    match limit.kind:
        case TargetKind.BUSINESS_DAYS:
            told = words.say("business_days", count=limit.days)
        case TargetKind.CALENDAR_DAYS:
            told = words.say("days", count=limit.days)
        case TargetKind.NEXT_BUSINESS_DAY | TargetKind.END_OF_DATE:
            told = words[f"limit.{limit.kind}"]
        case _:
            told = words.length(limit.limit or timedelta())
    return words.say("by_end", limit=told, by=limit.by) if limit.by is not None else told


def _given_back(terms: CreditTerms, proposal: ProposalBacktest, words: Words) -> Iterator[str]:
    for target, below, credit in terms.bands:
        yield words.say("band", target=target, below=words.figure(below), credit=words.figure(credit))
    for target, amount in terms.penalties:
        yield words.say("penalty", target=target, amount=_money(amount, proposal, words))
    if terms.month_percent is not None:
        yield words.say("cap_month", percent=words.figure(terms.month_percent))
    if terms.year_percent is not None:
        yield words.say("cap_year", percent=words.figure(terms.year_percent))


def _named(promise: PromiseBacktest, words: Words) -> str:
    share = words.figure(promise.promised) if promise.promised is not None else words["no_share"]
    return f"{promise.document}: {promise.target}, {share}"


def _promise(promise: PromiseBacktest, floor: int, name: str, words: Words) -> Iterator[Block]:
    over_all = words.say("over_all", achieved=words.figure(promise.achieved))
    if promise.range is not None:
        over_all += " " + words.say("range_said", low=words.figure(promise.range.low), high=words.figure(promise.range.high))
    else:
        over_all += " " + words["range_thin"]
    yield text(over_all)
    yield chart(range_svg(promise, floor, name, words), "; ".join(month_in_words(each, words) for each in promise.months))
    head = words.labels("period", "achieved", "range_head", "counted", "verdict", "certainty")
    yield table(head, (_period_row(each, words) for each in (*promise.months, *promise.longer)), is_named=True)


def _period_row(each: Any, words: Words) -> tuple[str, ...]:
    drawn = (
        words.say("range", low=words.figure(each.range.low), high=words.figure(each.range.high))
        if each.range is not None
        else words["too_thin"]
    )
    if each.agreed_minutes is not None:
        counted = words.say("of_time", agreed=words.minutes(each.agreed_minutes), down=words.minutes(each.down_minutes))
    else:
        counted = words.say("of_clocks", met=each.met, breached=each.breached) if each.met is not None else "–"
        counted += words.say("over_volume", over=each.over_limit) if each.over_limit else ""
    verdict = words[f"verdict.{each.verdict}"] if each.verdict is not None else words["not_judged"]
    sure = words[f"certainty.{each.certainty}"] if each.certainty is not None else "–"
    return each.period + ("" if each.is_whole else f" ({words['not_whole']})"), words.figure(each.achieved), drawn, counted, verdict, sure


def _credits(proposal: ProposalBacktest, words: Words) -> Iterator[Block]:
    if proposal.credit_total is None:
        yield text(words["no_price"])
        return
    yield text(words.say("credit_total", total=_money(proposal.credit_total, proposal, words), months=proposal.credit_months))
    if (expected := proposal.expected_credits) is not None:
        yield text(words.say("credit_expected", monthly=expected.monthly, backtest=expected.backtest, months=expected.months))
    if proposal.before_caps not in {None, proposal.credit_total}:
        yield text(words.say("before_caps", amount=_money(proposal.before_caps, proposal, words)))
    if proposal.credits:
        rows = [
            (each.period, each.document, each.target, _money(each.amount, proposal, words), "; ".join(each.why))
            for each in proposal.credits
        ]
        yield table(words.labels("period", "document", "target", "amount", "why"), rows, is_named=True)


def _where(proposal: ProposalBacktest, name: str, words: Words) -> Iterator[Block]:
    for label, places in (("by_target", proposal.targets), ("by_region", proposal.places)):
        if places:
            yield heading(words[label])
            yield table(words.labels("name", "breached", "share", "credits"), _places(places, proposal, words), is_named=True)
            if len(places) > _PLACES_SHOWN:
                yield text(words.say("more", count=len(places) - _PLACES_SHOWN))
    if proposal.hours:
        yield heading(words["by_hour"])
        yield chart(bars_svg(proposal.hours, name, words), words["hours"])
        yield table(words.labels("hour_head", "breached", "share", "credits"), _places(proposal.hours, proposal, words), is_named=True)
        if len(proposal.hours) > _PLACES_SHOWN:
            yield text(words.say("more", count=len(proposal.hours) - _PLACES_SHOWN))


def _places(places: Sequence[CostPlace], proposal: ProposalBacktest, words: Words) -> Iterator[tuple[str, ...]]:
    for each in places[:_PLACES_SHOWN]:
        share = words.say("of", breached=each.breached, of=each.of)
        yield each.name, str(each.breached), share, _money(each.credit, proposal, words)


def _strictest(limits: Iterable[StrictestLimit], words: Words) -> Block:
    def row(each: StrictestLimit) -> tuple[str, ...]:
        held = words.say("minutes", count=each.held_minutes) if each.held_minutes is not None else words["none_held"]
        promised = words.say("minutes", count=each.promised_minutes)
        return (
            f"{each.document}: {each.target}",
            each.when or words["every_ticket"],
            words.figure(each.wanted),
            promised,
            held,
            str(each.judged),
        )

    return table(words.labels("target", "when", "wanted", "promised_limit", "held_limit", "clocks"), map(row, limits), is_named=True)


def _breaches(proposal: ProposalBacktest, report: BacktestReport, words: Words) -> Iterator[Block]:
    zone = ZoneInfo(report.measured.time_zone)
    named = proposal.breaches[:_PLACES_SHOWN]
    yield text(words.say("breaches_shown", count=proposal.breached, shown=len(named)))
    rows = [
        (
            each.ticket,
            each.clock,
            f"{each.breach_at.astimezone(zone):%Y-%m-%d %H:%M}",
            words.say("minutes", count=each.late_minutes),
            each.region or "–",
        )
        for each in named
    ]
    if rows:
        yield table(words.labels("ticket", "clock", "breached_at", "late", "region"), rows, is_named=True)


def _unknown(unknown: Iterable[Unknown], words: Words) -> Iterator[Section]:
    rows = [(each.proposal or words["all_proposals"], words.say(f"gap.{each.gap}", about=each.about, count=each.count)) for each in unknown]
    yield {"heading": None, "blocks": [table(words.labels("proposal_name", "not_known_head"), rows, is_named=True)]}


def _day(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d}"
