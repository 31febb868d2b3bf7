"""The targets of an agreement in words: the promise in one sentence, a row for each kind of ticket, how it is measured."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from connectors.readable.blocks import Block, facts, heading, lead, table, text
from connectors.readable.chapter import Chapter
from connectors.readable.words import Words
from domain.agreement_parts import AvailabilityTarget, DocumentTarget, Measurement
from domain.targets import ALWAYS, Limit, TargetKind, TargetRule

_COUNTED_IN = ("kind", "calendar", "pauses", "starts_on_change")
_SHOWN: dict[TargetKind, tuple[str, ...]] = {
    TargetKind.DURATION: (*_COUNTED_IN, "limit"),
    TargetKind.IMMEDIATE: (*_COUNTED_IN, "limit"),
    TargetKind.BUSINESS_DAYS: (*_COUNTED_IN, "days"),
    TargetKind.CALENDAR_DAYS: (*_COUNTED_IN, "days"),
    TargetKind.NEXT_BUSINESS_DAY: (*_COUNTED_IN, "by"),
    TargetKind.END_OF_DATE: (*_COUNTED_IN, "date_from"),
}
"""The parts of a limit that its row tells, by kind."""


def targets(chapter: Chapter) -> Iterator[Block]:
    """The promises about tickets."""
    for target in chapter.document.targets:
        yield from _target(target, chapter.words, is_sold=chapter.is_sold)
    if not chapter.document.targets:
        yield text(chapter.words["no_answer"])


def availability(chapter: Chapter) -> Iterator[Block]:
    """The promises that a service is up."""
    words = chapter.words
    for target in chapter.document.availability:
        yield heading(target.target)
        yield lead(availability_line(target, words))
        yield facts((words["service_hours"], target.calendar))
        yield from _measurement(target.target, target.measurement, words)


def target_line(target: DocumentTarget, words: Words) -> str:
    """A promise about tickets in one line, its rules one after the other."""
    if not target.rules:
        return _promise(target, words)
    rules = "; ".join(f"{_tickets(row, words, is_only=len(target.rows) == 1)}: {limit_in_words(row, words)}" for row in target.rows)
    share = f"; {_share(target, words)}" if target.compliance is not None else ""
    return f"{_milestones(target, words)}: {rules}{share}" if target.stop else f"{rules}{share}"


def availability_line(target: AvailabilityTarget, words: Words) -> str:
    """A promise that a service is up, in one line."""
    return words.say("up", percent=words.number(target.percent), period=words[f"period.{target.period}"])


def _target(target: DocumentTarget, words: Words, *, is_sold: bool) -> Iterator[Block]:
    yield heading(target.target)
    if not target.rules:
        yield lead(_promise(target, words))
    rows = (_rule(row, words, is_only=len(target.rows) == 1) for row in target.rows)
    yield table(words.labels("tickets", "limit", "calendar", "pauses"), rows)
    yield facts(*_facts(target, words, is_sold=is_sold))
    yield from _measurement(target.target, target.measurement, words)


def _promise(target: DocumentTarget, words: Words) -> str:
    what = _milestones(target, words) if target.held_by is None else f"{target.target}:"
    share = f", {_share(target, words)}" if target.compliance is not None else ""
    return f"{what} {limit_in_words(target.rows[0], words)}{share}"


def _share(target: DocumentTarget, words: Words) -> str:
    period = words[f"period.{target.period}"]
    if target.compliance is None:
        return f"{words['no_answer']} ({period})"
    return words.say("share", percent=words.number(target.compliance), period=period)


def _tickets(row: TargetRule, words: Words, *, is_only: bool) -> str:
    when = "; ".join(f"{name}: {words['or'].join(values)}" for name, values in row.when.items())
    return when or words["all_tickets" if is_only else "all_other_tickets"]


def _rule(row: TargetRule, words: Words, *, is_only: bool) -> tuple[str, ...]:
    limit = limit_in_words(row, words) + (f"; {words['on_change']}" if row.starts_on_change else "")
    return _tickets(row, words, is_only=is_only), limit, words.optional(row.calendar), words.names("pause", row.pauses or ())


def limit_in_words(limit: Limit, words: Words) -> str:
    """How long something may take, such as "within 4 h of business time"."""
    length = words.length(limit.limit or timedelta())
    match limit.kind:
        case TargetKind.IMMEDIATE:
            return words.say("immediate", limit=length)
        case TargetKind.BUSINESS_DAYS:
            return words.counted("business_days", limit.days or 0)
        case TargetKind.CALENDAR_DAYS:
            return words.counted("calendar_days", limit.days or 0)
        case TargetKind.NEXT_BUSINESS_DAY:
            return words.say("next_business_day_by", by=limit.by) if limit.by is not None else words["next_business_day"]
        case TargetKind.END_OF_DATE:
            return words.say("end_of_date", date_from=limit.date_from)
    return words.say("around_the_clock" if limit.calendar == ALWAYS else "business_time", limit=length)


def _milestones(target: DocumentTarget, words: Words) -> str:
    """What stops the clock: every one of the milestones, or the first of them where a clock starts again or is held."""
    joint = "or" if target.repeats or target.held_by is not None else "and"
    return words[joint].join(words.name("milestone", name) for name in target.stop)


def _clock(target: DocumentTarget, words: Words) -> str:
    stop = _milestones(target, words)
    if target.held_by is not None:
        return words.say("runs_while_held_until" if target.stop else "runs_while_held", team=target.held_by, stop=stop)
    return words.say("runs_repeatedly" if target.repeats else "runs", start=words.name("milestone", target.start), stop=stop)


def _facts(target: DocumentTarget, words: Words, *, is_sold: bool) -> Iterator[tuple[str, str]]:
    yield words["clock"], _clock(target, words)
    yield words["compliance"], _share(target, words)
    yield words["warn_at"], words.say("warn_value", levels=", ".join(map(str, target.warn_at))) if target.warn_at else words["none"]
    yield words["may_reopen"], words.yes_or_no(answer=target.may_reopen)
    if is_sold or target.accepted is not None:
        yield words["accepted"], _accepted(target, words)
    yield words["procedures"], "\n".join(target.procedures) or words["none"]
    yield words["handling_buffer"], words.say("minutes", count=target.handling_buffer_minutes)
    if idle := "; ".join(_without_effect(target, words)):
        yield words["without_effect"], idle


def _accepted(target: DocumentTarget, words: Words) -> str:
    """The accepted level, row by row where rows differ, and where it is counted if that was said by name."""
    accepted = target.accepted
    if accepted is None:
        return words["no_answer"]
    levels = [limit_in_words(accepted.over(row), words) for row in target.rows]
    if len(set(levels)) > 1:
        levels = [f"{_tickets(row, words, is_only=False)}: {level}" for row, level in zip(target.rows, levels, strict=True)]
    calendar = f"{words['calendar']}: {accepted.calendar}" if accepted.calendar is not None else ""
    pauses = f"{words['pauses']}: {words.names('pause', accepted.pauses)}" if accepted.pauses is not None else ""
    return "\n".join(filter(None, (*dict.fromkeys(levels), calendar, pauses)))


def _without_effect(target: DocumentTarget, words: Words) -> Iterator[str]:
    """What is stated and hashed, but tells no row anything; it is shown, as nobody should sign what they cannot read."""
    accepted = target.accepted or Limit()
    yield from _idle((target, *target.rules), target.rows, words)
    # The accepted level tells its calendar and pauses by itself, and no start.
    stated = accepted.model_copy(update={"calendar": None, "pauses": None})
    yield from _idle((stated,), [accepted.over(row).model_copy(update={"starts_on_change": None}) for row in target.rows], words)


def _idle(stated: Sequence[Limit], rows: Sequence[Limit], words: Words) -> Iterator[str]:
    """Stated parts of limits that none of the rows shows."""
    shown = {(name, getattr(row, name)) for row in rows for name in _SHOWN[row.kind or TargetKind.DURATION]}
    for name, value in dict.fromkeys((name, getattr(limit, name)) for limit in stated for name in Limit.model_fields):
        if value and (name, value) not in shown:
            said = words.length(value) if isinstance(value, timedelta) else ", ".join(value) if isinstance(value, tuple) else value
            yield f"{name}: {said}"


def _measurement(target: str, measurement: Measurement, words: Words) -> Iterator[Block]:
    yield heading(words.say("measured", target=target))
    yield facts(*((words[name], words.optional(getattr(measurement, name))) for name in Measurement.model_fields))
