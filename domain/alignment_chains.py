"""The chain under each promise as it can be drawn: what follows what, which part of the promise each link takes, what is left."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import groupby
from math import prod
from typing import NamedTuple

from domain.agreement_parts import AvailabilityTarget, DocumentTarget
from domain.calendar_definitions import CalendarDefinition
from domain.calendars import ServiceCalendar
from domain.documents import AgreementDocument, SupportLink
from domain.errors import CalendarNeverOpens, InvalidTerms, NoBusinessDay
from domain.findings import AlignmentReport, Finding, Verdict
from domain.limits import due_of
from domain.support_chains import Link, Segment, latest_end, limit_of, plain, row_for
from domain.targets import DATE_KINDS, TargetKind, TargetRule
from domain.terms import AgreementKind

_TIMING = frozenset({"IN_TIME", "NO_SLACK", "TOO_LONG", "NOT_COUNTABLE", "NO_ROW"})
"""Codes of which there is one for each row of a target; the others are of the target as a whole."""


class Level(NamedTuple):
    """What is promised: a rule with the hours it counts in, or a share of time."""

    row: TargetRule | None = None
    hours: CalendarDefinition | None = None
    percent: Fraction | None = None


class Stretch(NamedTuple):
    """A part of a promise: 0 is its start and 1 its end; what goes beyond 1 is too late."""

    begins: Fraction
    ends: Fraction


class ChainLink(NamedTuple):
    """One link: who does what, by which agreement, within what, and the part of the promise it takes, where that can be counted."""

    segment: str
    lane: int
    support: str
    target: str
    owner: str | None = None
    kind: AgreementKind | None = None
    level: Level | None = None
    takes: Stretch | None = None


class Chain(NamedTuple):
    """A promise with the links it rests on. `margin` is what is left of it, below 0 where links take too much."""

    target: str
    level: Level
    links: tuple[ChainLink, ...]
    findings: tuple[Finding, ...]
    is_self_provided: bool = False
    margin: Fraction | None = None
    played_from: datetime | None = None

    @property
    def slack_minutes(self) -> int | None:
        """Minutes that are left at worst."""
        return next((each.slack_minutes for each in self.findings if each.slack_minutes is not None), None)

    @property
    def verdict(self) -> Verdict:
        """The worst that any rule says."""
        said = {each.verdict for each in self.findings}
        return next((each for each in (Verdict.FAILS, Verdict.WARNING) if each in said), Verdict.HOLDS)


def chains_of(sla: AgreementDocument, supports: Mapping[str, AgreementDocument], report: AlignmentReport) -> tuple[Chain, ...]:
    """Every promise of a document as a chain, one for each row of a target, with what the report says of it.

    Args:
        sla: the promise, with its links.
        supports: OLAs and UCs by the names its links use; one that is not there stays without an owner.
        report: what the alignment rules said of it.
    """
    found: list[Chain] = []
    for target in sla.targets:
        links = [each for each in sla.links if each.target == target.target]
        of_rows, of_target = _findings(report, target.target)
        for place, row in enumerate(target.rows):
            said = [*of_rows[place : place + 1], *(of_target if not place else ())]
            found.append(_of_row(sla, target, row, _Held(links, supports, said)))
    return (*found, *(_of_availability(sla, each, supports, report) for each in sla.availability))


class _Held(NamedTuple):
    links: Sequence[SupportLink]
    supports: Mapping[str, AgreementDocument]
    findings: Sequence[Finding]


def _findings(report: AlignmentReport, target: str) -> tuple[list[Finding], list[Finding]]:
    mine = [each for each in report.findings if each.target == target]
    return [each for each in mine if each.code in _TIMING], [each for each in mine if each.code not in _TIMING]


# ---- of tickets ------------------------------------------------------------------------------------------------------


def _of_row(sla: AgreementDocument, target: DocumentTarget, row: TargetRule, held: _Held) -> Chain:
    calendar = sla.calendar(row.calendar or "")
    attributes = {name: values[0] for name, values in row.when.items()} | {"customer": sla.customer.name}
    attributes |= {"service": sla.services[0]} if sla.services else {}
    if len(sla.regions) == 1:
        attributes.setdefault("region", sla.regions[0])
    links = [_named(each, held.supports) for each in held.links]
    rows = [_rule(each, held.supports, attributes) for each in held.links]
    links = [
        each if rule is None else each._replace(level=Level(rule.row, rule.calendar.definition))
        for each, rule in zip(links, rows, strict=True)
    ]
    chain = Chain(target.target, Level(row, calendar.definition), tuple(links), tuple(held.findings), target.target in sla.self_provided)
    known = [each for each in rows if each is not None]
    if not known or len(known) < len(rows):
        return chain
    try:
        return _placed(chain, known, calendar, timedelta(minutes=target.handling_buffer_minutes))
    except (CalendarNeverOpens, NoBusinessDay, InvalidTerms):
        return chain  # the report says that it cannot be counted


def _named(link: SupportLink, supports: Mapping[str, AgreementDocument]) -> ChainLink:
    document = supports.get(link.support)
    made = ChainLink(link.segment, link.lane, link.support, link.support_target)
    return made if document is None else made._replace(owner=document.provider.name, kind=document.kind)


def _rule(link: SupportLink, supports: Mapping[str, AgreementDocument], attributes: Mapping[str, str]) -> Link | None:
    document = supports.get(link.support)
    promise = document.target(link.support_target) if document is not None else None
    row = row_for(promise, attributes) if promise is not None else None
    if document is None or row is None or row.calendar is None:
        return None
    return Link(Segment(link.segment, link.lane, link.support, document, link.support_target), row, document.calendar(row.calendar))


def _placed(chain: Chain, rules: Sequence[Link], calendar: ServiceCalendar, buffer: timedelta) -> Chain:
    """The chain with the part of the promise each link takes: business time summed, or a ticket played where dates count."""
    row = chain.level.row
    assert row is not None
    kinds = {row.kind, *(each.row.kind for each in rules)}
    if TargetKind.END_OF_DATE in kinds:
        return chain
    played_from = None
    if kinds & DATE_KINDS:
        lanes = [[each for each in rules if each.segment.lane == lane] for lane in sorted({each.segment.lane for each in rules})]
        _, played_from = latest_end(row, calendar, lanes)
        limit = due_of(row, plain(calendar), played_from) - played_from
    else:
        limit = limit_of(row, calendar) or timedelta()
    if limit <= timedelta():
        return chain
    ends: dict[int, timedelta] = {}
    taken = []
    for each in rules:
        begins = ends.get(each.segment.lane, timedelta())
        ends[each.segment.lane] = _end(each, begins, played_from)
        taken.append(Stretch(_share(begins, limit), _share(ends[each.segment.lane], limit)))
    links = tuple(link._replace(takes=part) for link, part in zip(chain.links, taken, strict=True))
    last = max(ends.values()) + buffer
    return chain._replace(links=links, margin=1 - _share(last, limit), played_from=played_from)


def _end(link: Link, begins: timedelta, played_from: datetime | None) -> timedelta:
    if played_from is None:
        return begins + (limit_of(link.row, link.calendar) or timedelta())
    return due_of(link.row, plain(link.calendar), played_from + begins) - played_from


def _share(length: timedelta, limit: timedelta) -> Fraction:
    return Fraction(length // timedelta(seconds=1), limit // timedelta(seconds=1))


# ---- of availability -------------------------------------------------------------------------------------------------


def _of_availability(
    sla: AgreementDocument, target: AvailabilityTarget, supports: Mapping[str, AgreementDocument], report: AlignmentReport
) -> Chain:
    """Of a service that is up the promise is the time it may be down; links of one segment stand in for each other."""
    percent = Fraction(target.percent)
    allowed, up = 100 - percent, Fraction(1)
    placed: list[ChainLink] = []
    by_segment = sorted(_up(sla, target, supports), key=lambda each: each.segment)
    for _, backups in groupby(by_segment, key=lambda each: each.segment):
        same = list(backups)
        before, up = up, up * (1 - prod(1 - _share_up(each) for each in same))
        part = Stretch((1 - before) * 100 / allowed, (1 - up) * 100 / allowed) if allowed else None
        placed += [each._replace(takes=part) for each in same]
    return Chain(
        target=target.target,
        level=Level(None, sla.calendar(target.calendar).definition, percent),
        links=tuple(placed),
        findings=tuple(each for each in report.findings if each.target == target.target),
        is_self_provided=target.target in sla.self_provided,
        margin=1 - (1 - up) * 100 / allowed if allowed and placed else None,
    )


def _share_up(link: ChainLink) -> Fraction:
    return link.level.percent / 100 if link.level is not None and link.level.percent is not None else Fraction(0)


def _up(sla: AgreementDocument, target: AvailabilityTarget, supports: Mapping[str, AgreementDocument]) -> Iterator[ChainLink]:
    for link in (each for each in sla.links if each.target == target.target):
        document = supports.get(link.support)
        promise = next((each for each in document.availability if each.target == link.support_target), None) if document else None
        level = None
        if document is not None and promise is not None:
            level = Level(None, document.calendar(promise.calendar).definition, Fraction(promise.percent))
        yield _named(link, supports)._replace(level=level)
