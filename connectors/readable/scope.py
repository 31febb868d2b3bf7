"""Who agrees on what, in words: parties, scope, terms that hold, service hours."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from connectors.readable.blocks import Block, facts, heading, table, text
from connectors.readable.chapter import Chapter
from connectors.readable.words import Words
from domain.agreement_parts import Party
from domain.calendar_definitions import CalendarDefinition, Weekday
from domain.documents import EffectiveTerm, effective_terms
from domain.people import Side


def parties(chapter: Chapter) -> Iterator[Block]:
    """Both sides: who speaks for them and who signs."""
    document, (giver, taker) = chapter.document, chapter.sides
    rows = (_party(chapter.words, side, party) for side, party in ((giver, document.provider), (taker, document.customer)))
    yield table(chapter.words.labels("side", "name", "representative", "signatories", "contact"), rows)


def _party(words: Words, side: Side, party: Party) -> tuple[str, ...]:
    signatories = ", ".join(party.signatories) or words["no_answer"]
    return words[f"side.{side}"], party.name, words.optional(party.representative), signatories, party.contact or "–"


def scope(chapter: Chapter) -> Iterator[Block]:
    """What the document holds for, and when."""
    document, words = chapter.document, chapter.words
    parent = chapter.draft.named(document.parent) if document.parent is not None else None
    until = document.effective_until
    yield facts(
        (words["document"], document.document),
        (words["kind"], words[f"kind.{document.kind}"]),
        (words["level"], words[f"level.{document.level}"]),
        (words["parent"], f"{parent.title} ({parent.document})" if parent is not None else words["none"]),
        (words["services"], ", ".join(document.services) or words["all_services"]),
        (words["regions"], ", ".join(document.regions) or words["all_regions"]),
        (words["group"], document.group or words["all_groups"]),
        (words["effective_from"], words.optional(document.effective_from)),
        (words["effective_until"], str(until) if until is not None else words["no_end"]),
        (words["renews"], words.yes_or_no(answer=document.renews)),
        (words["time_zone"], document.time_zone),
    )


def terms(chapter: Chapter) -> Iterator[Block]:
    """The terms that hold here, each with the level it comes from; nothing if there are none."""
    if found := effective_terms(chapter.draft, chapter.document):
        head = chapter.words.labels("term", "text", "value", "mandatory", "basis", "origin")
        yield table(head, (_term(chapter, each) for each in found))


def _term(chapter: Chapter, found: EffectiveTerm) -> tuple[str, ...]:
    words, term = chapter.words, found.term
    requirement = words.say("requirement", name=term.requirement) if term.requirement is not None else None
    value = f"{words.number(term.value)} ({words[f'better.{term.better}']})" if term.value is not None else "–"
    basis = "; ".join(filter(None, (requirement, term.standard_clause))) or "–"
    origin = f"{words[f'level.{found.origin}']}: {chapter.draft.named(found.document).title}"
    return term.term, term.text, value, words.yes_or_no(answer=term.mandatory), basis, origin


def calendars(chapter: Chapter) -> Iterator[Block]:
    """The hours in which clocks run, with every date that differs."""
    for each in chapter.document.calendars:
        yield from _calendar(each, chapter.words)
    if not chapter.document.calendars:
        yield text(chapter.words["no_answer"])


def _calendar(calendar: CalendarDefinition, words: Words) -> Iterator[Block]:
    exceptions = "\n".join(f"{on}: {_hours(calendar.exceptions[on], words)}" for on in sorted(calendar.exceptions))
    yield heading(f"{calendar.calendar} ({calendar.time_zone})")
    yield table(words.labels("day", "hours"), _week(calendar, words))
    yield facts(
        (words["business_day"], words.length(calendar.business_day) if calendar.business_day is not None else words["common_length"]),
        (words["holidays"], ", ".join(map(str, sorted(calendar.holidays))) or words["none"]),
        (words["exceptions"], exceptions or words["none"]),
    )


def _week(calendar: CalendarDefinition, words: Words) -> Iterator[tuple[str, str]]:
    """Days that follow each other with the same hours share a row."""
    for hours, group in groupby(Weekday, key=lambda day: _hours(calendar.weekly.get(day, ()), words)):
        days = [words[f"day.{day}"] for day in group]
        yield (days[0] if len(days) == 1 else f"{days[0]} – {days[-1]}"), hours


def _hours(intervals: Sequence[str], words: Words) -> str:
    return ", ".join(each.replace("-", "–") for each in intervals) or words["closed"]
