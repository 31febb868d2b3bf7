"""The sections of a report that tell what stands behind its figures."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from connectors.readable.blocks import Cell, facts, link, table, text
from connectors.readable.words import Words
from domain.improvement import PlannedStep
from domain.period_evidence import PartFigures, SupportFigures, WorkloadFigures
from domain.period_figures import SatisfactionFigures
from domain.service_report import ReportedBreaches, ServiceReport


def breaches(report: ServiceReport, words: Words) -> Iterator[dict[str, Any]]:
    """Breached tickets, and whose time it was."""
    if not report.breaches:
        yield {"heading": None, "blocks": [text(words["breaches_none" if report.judged_in is None else "in_their_reports"])]}
    zone = ZoneInfo(report.time_zone)
    for each in report.breaches:
        blocks = [text(words.say("breaches_counted", count=each.count)), _tickets(each, words, zone)]
        if each.count > len(each.tickets):
            blocks.append(text(words.say("breaches_more", shown=len(each.tickets), count=each.count, address=each.address)))
        yield {"heading": each.target, "blocks": blocks}
        if each.parts:
            rows = [(_holder(part, words), *_times(part, words)) for part in each.parts]
            head = words.labels("holder", "held", "limit", "over")
            yield {"heading": f"{words['attribution']}: {each.target}", "blocks": [table(head, rows, is_named=True)]}


def _tickets(found: ReportedBreaches, words: Words, zone: ZoneInfo) -> Any:
    is_shared = any(each.parts for each in found.tickets)
    rows = [
        (
            link(each.ticket, f"/tickets/{quote(each.ticket)}"),
            f"{each.breach_at.astimezone(zone):%Y-%m-%d %H:%M}",
            words.say("minutes", count=words.minutes(each.late_minutes)) if each.late_minutes is not None else "–",
            *((_parts(each.parts, words),) if is_shared else ()),
        )
        for each in found.tickets
    ]
    return table(words.labels("ticket", "breached_at", "late", *(("whose",) if is_shared else ())), rows, is_named=True)


def _parts(parts: Iterable[PartFigures], words: Words) -> str:
    return ", ".join(f"{_holder(part, words)} {_over(part, words)}" for part in parts) or "–"


def workload(report: ServiceReport, words: Words) -> Iterator[dict[str, Any]]:
    """What came in, beside its limit."""
    yield {"heading": None, "blocks": [_volumes(report.workload.volumes, words)]}
    if report.workload.trend:
        yield {"heading": words["workload_trend"], "blocks": [_volumes(report.workload.trend, words)]}


def _volumes(volumes: Sequence[WorkloadFigures], words: Words) -> Any:
    rows = (
        (
            each.period,
            words.name("counted", each.unit),
            str(each.volume) if each.volume is not None else words["workload_not_counted"],
            str(each.limit) if each.limit is not None else words["none"],
            words.figure(each.used),
        )
        for each in volumes
    )
    return table(words.labels("period", "unit", "volume", "limit", "share"), rows, is_named=True)


def supports(report: ServiceReport, words: Words) -> Iterator[dict[str, Any]]:
    """What teams and suppliers came to on these tickets."""
    if report.supports:
        head = words.labels("support", "target", "promised", "achieved", "verdict", "counts")
        yield {"heading": None, "blocks": [table(head, (_support(each, words) for each in report.supports), is_named=True)]}
    else:
        yield {"heading": None, "blocks": [text(words["supports_inside" if report.supports is None else "supports_none"])]}


def _support(each: SupportFigures, words: Words) -> tuple[Cell, ...]:
    verdict = words[f"verdict.{each.verdict}"] if each.verdict is not None else "–"
    return each.support, each.target, words.figure(each.promised), words.figure(each.achieved), verdict, f"{each.met} / {each.breached}"


def satisfaction(report: ServiceReport, words: Words) -> Iterator[dict[str, Any]]:
    """What customers say and reach, beside the goals that were kept."""
    said = report.satisfaction
    red = "; ".join(words[f"watermelon.{reason}"] for reason in said.watermelon) or words["no"]
    yield {"heading": None, "blocks": [facts((words["csat"], csat(said.answers, words)), (words["watermelon"], red))]}
    if said.outcomes:
        rows = [(each.outcome, words.say("reached_of", reached=each.reached, of=each.of)) for each in said.outcomes]
        yield {"heading": words["outcomes"], "blocks": [table(words.labels("outcome", "reached"), rows, is_named=True)]}
    if said.trend:
        months = [(each.period, str(each.met), str(each.missed), csat(each.satisfaction, words)) for each in said.trend]
        head = (words["period"], words["verdict.MET"], words["verdict.MISSED"], words["csat"])
        yield {"heading": words["goals_trend"], "blocks": [table(head, months, is_named=True)]}


def csat(said: SatisfactionFigures, words: Words) -> str:
    """The share of content answers, or that there are too few."""
    if said.share is None:
        return words.say("csat_too_few", answers=said.answers)
    return words.say("csat_value", share=words.figure(said.share), content=said.content, answers=said.answers)


def improvement(report: ServiceReport, words: Words) -> Iterator[dict[str, Any]]:
    """Plans, reviews, and what was agreed to be done."""
    found = report.improvement
    for name, steps in (("plans", found.plans), ("reviews", found.reviews), ("actions", found.actions)):
        yield {"heading": words[name], "blocks": [_steps(steps, words, ZoneInfo(report.time_zone))]}


def _steps(steps: Iterable[PlannedStep], words: Words, zone: ZoneInfo) -> Any:
    rows = [
        (
            link(each.name, each.address),
            each.owner or "–",
            f"{each.due_at.astimezone(zone):%Y-%m-%d}" if each.due_at is not None else "–",
            each.state,
            ", ".join(each.verified) or "–",
        )
        for each in steps
    ]
    return (
        table(words.labels("name", "owner", "due", "plan_state", "verified"), rows, is_named=True)
        if rows
        else text(words["improvement_none"])
    )


def _holder(part: PartFigures, words: Words) -> str:
    return words.name("holder", part.holder)


def _times(part: PartFigures, words: Words) -> tuple[str, str, str]:
    limit = words.say("minutes", count=words.minutes(part.limit_minutes)) if part.limit_minutes is not None else "–"
    return words.say("minutes", count=words.minutes(part.held_minutes)), limit, _over(part, words)


def _over(part: PartFigures, words: Words) -> str:
    sign = "+" if part.over_minutes > 0 else ""
    return words.say("minutes", count=sign + words.minutes(part.over_minutes))
