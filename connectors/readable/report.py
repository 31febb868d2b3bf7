"""A service report in words: its eight sections, each there even when it has nothing to tell."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from connectors.readable.blocks import Block, Cell, facts, link, marked, table, text
from connectors.readable.report_parts import breaches, improvement, satisfaction, supports, workload
from connectors.readable.slam import slam_sections
from connectors.readable.words import Words
from domain.credit_standing import CreditStanding
from domain.judged_periods import JudgedPeriod
from domain.penalties import PenaltyFigures
from domain.service_report import ReportedTarget, ServiceReport

Sections = Iterable[dict[str, Any]]


def readable_report(report: ServiceReport, words: Words) -> dict[str, Any]:
    """The report in words: a document for each section."""
    told: list[tuple[str, Callable[[ServiceReport, Words], Sections]]] = [
        ("about", _about),
        ("targets", _targets),
        ("breaches", breaches),
        ("workload", workload),
        ("supports", supports),
        ("satisfaction", satisfaction),
        ("credits", _credits),
        ("trend", lambda report, words: slam_sections(report.trend, words)),
        ("improvement", improvement),
    ]
    subtitle = words.say(
        "report_of", registry_no=report.registry_no, title=report.title, provider=report.provider, customer=report.customer
    )
    return {
        "title": words.say("report", period=report.period),
        "subtitle": subtitle,
        "hash": report.version.hash if report.version is not None else None,
        "language": words["language"],
        "words": {name: words[name] for name in ("hash", "page", "contents")},
        "documents": [{"title": words[name], "sections": list(sections(report, words))} for name, sections in told],
    }


def _about(report: ServiceReport, words: Words) -> Iterator[dict[str, Any]]:
    span = words.say("from_to", start=_local(report.start, report), end=_local(report.end, report))
    yield {"heading": None, "blocks": [facts((words["period"], span), (words["state"], _state(report, words)))]}
    if report.version is not None and report.version.differences:
        rows = [(each.target, each.figure, words.figure(each.before), words.figure(each.after)) for each in report.version.differences]
        yield {"heading": words["changes"], "blocks": [table(words.labels("target", "figure", "before", "after"), rows, is_named=True)]}


def _state(report: ServiceReport, words: Words) -> str:
    if report.version is not None:
        return words.say("is_closed", at=_local(report.version.closed_at, report), version=report.version.number)
    return words["is_not_closed"] if report.is_over else words.say("is_running", at=_local(report.as_of, report))


def _targets(report: ServiceReport, words: Words) -> Iterator[dict[str, Any]]:
    head = words.labels("target", "promised", "achieved", "used", "verdict", "colour", "measured_by")
    blocks: list[Block] = [table(head, (_target(each, words) for each in report.targets), is_named=True)]
    warned = [(each.target, words[f"warning.{code}"]) for each in report.targets for code in each.warnings]
    if report.judged_in is not None:
        blocks = list(_judged_elsewhere(report, report.judged_in, words))
    yield {"heading": None, "blocks": blocks if report.targets or report.judged_in is not None else [text(words["none"])]}
    if warned:
        yield {"heading": words["warnings"], "blocks": [facts(*warned)]}


def _judged_elsewhere(report: ServiceReport, periods: Sequence[JudgedPeriod], words: Words) -> Iterator[Block]:
    yield text(words.say("judged_elsewhere", period=report.period))
    rows = [
        (
            link(each.period, each.address),
            marked(words[f"said.{each.colour}"], each.colour) if each.colour is not None else "–",
            _standing(each, words),
        )
        for each in periods
    ]
    yield table(words.labels("period", "colour", "state"), rows, is_named=True) if rows else text(words["none"])


def _standing(each: JudgedPeriod, words: Words) -> str:
    if each.version is not None:
        return words.say("slam_version", version=each.version)
    return words["cell.NOT_CLOSED" if each.is_over else "runs"]


def _target(target: ReportedTarget, words: Words) -> tuple[Cell, ...]:
    measured: Cell = "–"
    if target.agreed_minutes is not None:
        minutes = {name: words.minutes(getattr(target, f"{name}_minutes") or 0) for name in ("agreed", "down", "unknown")}
        measured = words.say("of_minutes", **minutes)
    if target.tickets is not None:
        counts = {"met": target.met, "breached": target.breached, "over": target.over_limit}
        measured = link(words.say("of_tickets", **counts), target.tickets)
    return (
        target.target,
        words.figure(target.promised),
        words.figure(target.achieved),
        words.figure(target.allowance_used),
        marked(words[f"verdict.{target.verdict}"], target.colour),
        marked(words[f"said.{target.colour}"], target.colour),
        measured,
    )


def _credits(report: ServiceReport, words: Words) -> Iterator[dict[str, Any]]:
    head = words.labels("target", "percent", "amount", "became")
    became = {each.target: each for each in report.credit_cases}
    rows = [
        (
            each.target,
            words.figure(each.percent),
            words.money(Decimal(each.amount), each.currency),
            _became(became.get(each.target), words),
        )
        for each in report.credits
    ]
    given = [table(head, rows, is_named=True), text(words["credits_draft"])]
    without = words["credits_none" if report.judged_in is None else "in_their_reports"]
    yield {"heading": None, "blocks": given if rows else [text(without)]}
    if report.penalties:
        late = [_penalty(each, words) for each in report.penalties]
        head = words.labels("target", "late_tickets", "started_hours", "per_started_hour", "amount")
        yield {"heading": words["penalties"], "blocks": [table(head, late, is_named=True), text(words["penalties_draft"])]}


def _became(found: CreditStanding | None, words: Words) -> Cell:
    if found is None:
        return "–"
    amount = words.money(Decimal(found.amount), found.currency)
    return link(words.say(f"credit_state.{found.state}", amount=amount), found.address)


def _penalty(each: PenaltyFigures, words: Words) -> tuple[Cell, ...]:
    amount = words.money(Decimal(each.amount), each.currency)
    counted = words.say("late_of", late=each.tickets, of=each.of)
    return each.target, counted, str(each.started_hours), words.money(Decimal(each.per_started_hour), each.currency), amount


def _local(at: datetime, report: ServiceReport) -> str:
    return f"{at.astimezone(ZoneInfo(report.time_zone)):%Y-%m-%d %H:%M}"
