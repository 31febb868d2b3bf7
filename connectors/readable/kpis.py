"""KPIs in words: what each is, where it comes from, and why one has no value."""

from typing import Any, NamedTuple

from connectors.readable.blocks import table, text
from connectors.readable.words import Words
from domain.kpis import Kpi, KpiValue

_SOURCES = {
    Kpi.ATTAINMENT: "tickets",
    Kpi.AVAILABILITY: "measurements",
    Kpi.MTTR: "measurements",
    Kpi.MTBF: "measurements",
    Kpi.FIRST_CONTACT_RESOLUTION: "events",
    Kpi.REOPEN_RATE: "events",
    Kpi.CSAT: "feedback",
    Kpi.BACKLOG: "tickets",
    Kpi.NEAR_BREACH_RATE: "tickets",
    Kpi.SUPPORT_ATTAINMENT: "tickets",
    Kpi.COVERAGE: "registry",
    Kpi.REVIEWS_ON_TIME: "follow_ups",
    Kpi.IMPROVEMENT_ON_TIME: "follow_ups",
    Kpi.CREDITS: "periods",
    Kpi.LEAD_TIME: "registry",
}


class KpiWords(NamedTuple):
    """A KPI in a language."""

    name: str
    formula: str
    source: str
    shown: str


def kpi_words(value: KpiValue, words: Words) -> KpiWords:
    """What a KPI is called, how and from what it is computed, and its value with its unit, or why there is none."""
    source = words[f"from.{_SOURCES.get(value.kpi, 'nowhere')}"]
    if value.value is None:
        shown = f"{words['no_value']}: {words[f'lacks.{value.reason}']}"
    else:
        shown = f"{words.figure(value.value)} {words.name('unit', value.unit)}"
    return KpiWords(words[f"kpi.{value.kpi}"], words[f"formula.{value.kpi}"], source, shown)


def readable_kpis(scope: tuple[str, str], period: str, values: list[KpiValue], agreements: list[str], words: Words) -> dict[str, Any]:
    """The KPIs of a period as one table; `scope` is what they are asked of, and its name."""
    rows = []
    for each in values:
        told = kpi_words(each, words)
        divided = (words.minutes(number) if number is not None else "–" for number in (each.numerator, each.denominator))
        rows.append((told.name, told.shown, *divided, told.formula, told.source))
    head = words.labels("kpi", "value", "numerator", "denominator", "formula", "source")
    blocks = [table(head, rows, is_named=True), text(f"{words['agreements']}: {', '.join(agreements) or words['none']}")]
    return {
        "title": words.say("kpis", period=period),
        "subtitle": words.say(f"scope.{scope[0]}", name=scope[1]),
        "hash": None,
        "language": words["language"],
        "words": {name: words[name] for name in ("hash", "page", "contents")},
        "documents": [{"title": words["kpis_heading"], "sections": [{"heading": None, "blocks": blocks}]}],
    }
