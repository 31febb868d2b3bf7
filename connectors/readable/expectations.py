"""What those who use a service can expect, in plain words: how soon, in which hours, what stops the clock, what a miss costs."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from connectors.readable.plain import hours_said, in_hours
from connectors.readable.words import Words
from domain.agreement_parts import AvailabilityTarget, CreditTable, DocumentTarget, Period
from domain.documents import AgreementDocument
from domain.targets import ALWAYS, TargetKind, TargetRule

_ON_SITE = frozenset({"on-site", "onsite", "arrival", "ARRIVED", "ON_SITE"})
"""Targets and milestones that speak of being there by their names."""

_BY_DAYS = frozenset({TargetKind.NEXT_BUSINESS_DAY, TargetKind.BUSINESS_DAYS})


class Expectation(NamedTuple):
    """One promise: the sentence that carries it, those that explain it, and the row and calendar its due times follow from."""

    target: str
    promise: str
    notes: tuple[str, ...]
    row: TargetRule | None = None


def expectations(document: AgreementDocument, words: Words, *, is_on_site: bool = False) -> tuple[Expectation, ...]:
    """Every promise of a document about tickets, then those that the service is up.

    Args:
        document: of the service level, with what the levels above answer for it.
        words: the book `plain` of a language.
        is_on_site: is the service given at the customer's place? Then a reaction is somebody's arrival.
    """
    is_arrival = is_on_site and not any(_says_on_site(each) for each in document.targets)
    tickets = (each for target in document.targets for each in _of_tickets(document, target, words, is_arrival=is_arrival))
    return (*tickets, *(_of_service(document, target, words) for target in document.availability))


def _of_tickets(document: AgreementDocument, target: DocumentTarget, words: Words, *, is_arrival: bool) -> Iterator[Expectation]:
    what = _what(target, words, is_arrival=is_arrival)
    for row in target.rows:
        assert row.calendar is not None
        limit = in_hours(row, document.calendar(row.calendar).definition, words)
        if row.when or len(target.rows) > 1:
            said = words.say("promise_for", what=what, tickets=_tickets(row, words), limit=limit)
        else:
            said = words.say("promise", what=what, limit=limit)
        yield Expectation(target.target, said, tuple(_notes(document, target, row, words)), row)


def _what(target: DocumentTarget, words: Words, *, is_arrival: bool) -> str:
    if target.held_by is not None:
        return words.say("what.held", team=target.held_by)
    if _says_on_site(target) or (is_arrival and target.stop == ("RESPONDED",)):
        return words["what.on_site"]
    named = [words.name("what", each) for each in target.stop]
    first, *others = [each if each not in target.stop else each.replace("_", " ").capitalize() for each in named]
    return words["or" if target.repeats else "and"].join([first, *(each[:1].lower() + each[1:] for each in others)])


def _says_on_site(target: DocumentTarget) -> bool:
    return target.target in _ON_SITE or bool(_ON_SITE & set(target.stop))


def _tickets(row: TargetRule, words: Words) -> str:
    return (
        "; ".join(f"{words.name('attribute', name)} {words['or'].join(values)}" for name, values in row.when.items())
        or words["other_tickets"]
    )


def _notes(document: AgreementDocument, target: DocumentTarget, row: TargetRule, words: Words) -> Iterator[str]:
    assert row.calendar is not None
    hours = document.calendar(row.calendar).definition
    if row.kind in _BY_DAYS and row.calendar != ALWAYS:
        yield words.say("business_days", hours=hours_said(hours, words))
    yield words.say("pauses", reasons=words["or"].join(_pause(each, words) for each in row.pauses)) if row.pauses else words["pauses_never"]
    if target.compliance is not None:
        yield words.say("share", percent=words.number(target.compliance), period=words[f"period.{target.period}"])
    if target.repeats:
        yield words["repeats"]
    elif target.may_reopen:
        yield words.say("reopens", days=words.counted("days_after", document.reopening_days))
    yield from _missed(document, target.target, target.period, words, "credit")


def _pause(reason: str, words: Words) -> str:
    said = words.name("pause", reason)
    return said if said != reason else words.say("pause.other", reason=reason.replace("_", " ").lower())


def _of_service(document: AgreementDocument, target: AvailabilityTarget, words: Words) -> Expectation:
    facts = {"percent": words.number(target.percent), "period": words[f"period.{target.period}"]}
    is_always = target.calendar == ALWAYS
    hours = hours_said(document.calendar(target.calendar).definition, words)
    said = words.say("up_always", **facts) if is_always else words.say("up", **facts, hours=hours)
    notes = (words["up_only_agreed" if is_always else "up_counted"], *_missed(document, target.target, target.period, words, "credit_up"))
    return Expectation(target.target, said, notes)


def _missed(document: AgreementDocument, target: str, period: Period, words: Words, key: str) -> Iterator[str]:
    """What the customer gets back, the mildest step first; said to be nothing where that was agreed."""
    tables = [each for each in document.credits or () if each.target == target]
    penalties = [each for each in document.penalties if each.target == target]
    if tables:
        yield _bands(tables[0], period, words, key)
    for each in penalties:
        yield words.say("penalty", amount=words.money(each.per_started_hour, document.currency))
    if document.credits is not None and not tables and not penalties:
        yield words["no_credit"]


def _bands(table: CreditTable, period: Period, words: Words, key: str) -> str:
    first, *others = sorted(table.bands, key=lambda band: band.below, reverse=True)
    said = [
        _band(key, first.below, first.credit, period, words),
        *(_band("credit_more", each.below, each.credit, period, words) for each in others),
    ]
    return " ".join(said)


def _band(key: str, below: Decimal, credit: Decimal, period: Period, words: Words) -> str:
    return words.say(key, below=words.number(below), credit=words.number(credit), period=words[f"period.{period}"])


def volumes_said(document: AgreementDocument, words: Words) -> Sequence[str]:
    """The volumes up to which the promises hold."""
    limits = document.workload_limits or ()
    return [
        words.say(
            "volume", volume=each.volume, unit=words["tickets"] if each.unit == "tickets" else each.unit, period=words[f"period.{each.per}"]
        )
        for each in limits
    ]
