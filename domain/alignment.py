"""Whether supports carry a promise: eight rules, exact arithmetic, and what could be promised instead (`docs/rules.md`, rule 17)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction

from domain.agreement_parts import AvailabilityTarget, DocumentTarget
from domain.alignment_scope import availability, compliance_gaps, penalty_gap, scope_gaps, term_gaps
from domain.calendars import ServiceCalendar
from domain.documents import AgreementDocument, SupportLink
from domain.durations import format_duration
from domain.errors import CalendarNeverOpens, InvalidTerms, NoBusinessDay
from domain.figures import shown
from domain.findings import AlignmentReport, Finding, fails, holds, warns
from domain.support_chains import Link, Segment, lanes_of, latest_end, limit_of, most_taken, row_for, weekly_gap
from domain.targets import DATE_KINDS, TargetKind, TargetRule


def check_alignment(sla: AgreementDocument, supports: Mapping[str, AgreementDocument]) -> AlignmentReport:
    """Hold a document's promises against what its links rest on.

    Args:
        sla: the promise, with its links and the targets it provides itself.
        supports: OLAs and UCs by the names its links use.
    """
    findings: list[Finding] = []
    targets: list[DocumentTarget | AvailabilityTarget] = [*sla.targets, *sla.availability]
    for target in targets:
        links = [link for link in sla.links if link.target == target.target]
        if target.target in sla.self_provided:
            findings.append(holds("SELF_PROVIDED", target.target, "rests on nobody else"))
        elif fault := _link_fault(links, supports):
            findings.append(fails("NO_SUPPORT", target.target, fault))
        else:
            segments = [Segment(link.segment, link.lane, link.support, supports[link.support], link.support_target) for link in links]
            findings += _of_target(sla, target, segments)
    return AlignmentReport(document=sla.document, findings=tuple(findings))


def _link_fault(links: Sequence[SupportLink], supports: Mapping[str, AgreementDocument]) -> str | None:
    if not links:
        return "nothing supports it, and it is not marked as provided by ourselves"
    for link in links:
        if link.support not in supports:
            return f"{link.support} is not known"
        document = supports[link.support]
        known = {each.target for each in document.targets} | {each.target for each in document.availability}
        if link.support_target not in known:
            return f"{link.support} has no target {link.support_target!r}"
    return None


def _of_target(sla: AgreementDocument, target: DocumentTarget | AvailabilityTarget, segments: Sequence[Segment]) -> Iterator[Finding]:
    if isinstance(target, AvailabilityTarget):
        yield availability(target, segments)
        yield from _open_for(sla, target, segments)
    else:
        yield from _in_time(sla, target, segments)
        yield from compliance_gaps(target, segments)
        if not target.procedures:
            yield warns("NO_PROCEDURE", target.target, "no internal procedure is linked to it")
    for segment in {each.support: each for each in segments}.values():
        yield from scope_gaps(sla, target.target, segment)
        yield from term_gaps(sla, target.target, segment)
        yield from penalty_gap(sla, target.target, segment)


def _open_for(sla: AgreementDocument, target: AvailabilityTarget, segments: Sequence[Segment]) -> Iterator[Finding]:
    """Rule 3 for a share of service time: what stands in a chain is kept up in all of it."""
    for segment in segments:
        promise = next((each for each in segment.document.availability if each.target == segment.target), None)
        if promise is not None:
            calendars = sla.calendar(target.calendar), segment.document.calendar(promise.calendar)
            yield from _closed(sla, target.target, segment.support, calendars)


# ---- rules 1 to 3: time ---------------------------------------------------------------------------------------------


def _in_time(sla: AgreementDocument, target: DocumentTarget, segments: Sequence[Segment]) -> Iterator[Finding]:
    for row in target.rows:
        assert row.calendar is not None
        attributes = {name: values[0] for name, values in row.when.items()} | {"customer": sla.customer.name}
        attributes |= {"service": sla.services[0]} if sla.services else {}
        if len(sla.regions) == 1:
            attributes.setdefault("region", sla.regions[0])
        lanes: list[list[Link]] = []
        for lane in lanes_of(segments):
            links = [_link(segment, attributes) for segment in lane]
            if any(link is None for link in links):
                yield fails("NO_ROW", target.target, f"a support has no level for {dict(row.when) or 'such tickets'}")
                return
            lanes.append([link for link in links if link is not None])
        yield from _rows_in_time(sla, target, row, lanes)


def _link(segment: Segment, attributes: Mapping[str, str]) -> Link | None:
    promise = segment.promise
    row = row_for(promise, attributes) if promise is not None else None
    if row is None or row.calendar is None:
        return None
    return Link(segment, row, segment.document.calendar(row.calendar))


def _rows_in_time(sla: AgreementDocument, target: DocumentTarget, row: TargetRule, lanes: Sequence[Sequence[Link]]) -> Iterator[Finding]:
    assert row.calendar is not None
    calendar = sla.calendar(row.calendar)
    links = [link for lane in lanes for link in lane]
    for link in links:
        if _PACE[_kind(link.row)] > _BEARS[_kind(row)]:
            yield fails(
                "SLOWER_KIND",
                target.target,
                f"{_kind(row)} rests on {link.segment.support}, which promises {_kind(link.row)}",
                achievable=_kind(link.row).value,
            )
        yield from _closed(sla, target.target, link.segment.support, (calendar, link.calendar))
    try:
        yield _played(target, row, calendar, lanes) if _is_played(row, links) else _summed(target, row, calendar, lanes)
    except (CalendarNeverOpens, NoBusinessDay, InvalidTerms) as wrong:
        yield fails("NOT_COUNTABLE", target.target, str(wrong))


_PACE = {
    TargetKind.IMMEDIATE: 0,
    TargetKind.DURATION: 1,
    TargetKind.BUSINESS_DAYS: 1,
    TargetKind.NEXT_BUSINESS_DAY: 2,
    TargetKind.CALENDAR_DAYS: 3,
    TargetKind.END_OF_DATE: 3,
}
"""A promise may rest on one of its own pace or faster."""

_BEARS = _PACE | {TargetKind.BUSINESS_DAYS: 3}
"""The slowest pace each kind may rest on. Business days may rest on any days: whether those are few enough is played."""


def _kind(row: TargetRule) -> TargetKind:
    assert row.kind is not None
    return row.kind


def _closed(sla: AgreementDocument, target: str, support: str, calendars: tuple[ServiceCalendar, ServiceCalendar]) -> Iterator[Finding]:
    """When a support is closed while the promise runs; the promise's calendar comes first."""
    promised, supported = calendars
    if gap := weekly_gap(promised, supported):
        yield fails("HOURS_GAP", target, f"{support} is closed {format_duration(gap)} a week in which the promise runs")
    if days := _days_off(sla, promised, supported):
        yield fails("HOLIDAY_GAP", target, f"{support} has free days on which the promise runs: {', '.join(map(str, days[:5]))}")


def _days_off(sla: AgreementDocument, promised: ServiceCalendar, supported: ServiceCalendar) -> list[date]:
    """Free days of a support that the promise does not share, within its term."""
    days = set(supported.definition.holidays) - set(promised.definition.holidays)
    begins, ends = sla.effective_from, sla.effective_until
    return sorted(day for day in days if (begins is None or day >= begins) and (ends is None or day < ends))


def _is_played(row: TargetRule, links: Sequence[Link]) -> bool:
    kinds = {_kind(row), *(_kind(link.row) for link in links)}
    return bool(kinds & DATE_KINDS) and TargetKind.END_OF_DATE not in kinds


def _summed(target: DocumentTarget, row: TargetRule, calendar: ServiceCalendar, lanes: Sequence[Sequence[Link]]) -> Finding:
    limit = limit_of(row, calendar)
    if limit is None or any(limit_of(link.row, link.calendar) is None for lane in lanes for link in lane):
        return warns("IN_TIME", target.target, "a named date cannot be summed; look at it together")
    buffer = timedelta(minutes=target.handling_buffer_minutes)
    needed = buffer + max(sum((limit_of(link.row, link.calendar) or timedelta() for link in lane), timedelta()) for lane in lanes)
    if needed > limit:  # of the promise's hours a support that is open longer takes no more than of its own, maybe fewer
        needed = buffer + max(sum((most_taken(link, calendar) for link in lane), timedelta()) for lane in lanes)
    slack = limit - needed
    minutes = int(slack.total_seconds()) // 60
    taken = f"{format_duration(needed)} of {format_duration(limit)}"
    if slack < timedelta():
        message = f"the chain takes {taken}: {format_duration(-slack)} too long"
        return fails("TOO_LONG", target.target, message, format_duration(needed), minutes)
    if not slack:
        return warns("NO_SLACK", target.target, f"the chain takes {taken}: nothing is left", 0)
    share = Fraction(minutes * 60 * 100) / Fraction(limit.total_seconds())
    message = f"the chain takes {taken}, slack {format_duration(slack)} ({shown(share, 1)} %)"
    return holds("IN_TIME", target.target, message, minutes)


def _played(target: DocumentTarget, row: TargetRule, calendar: ServiceCalendar, lanes: Sequence[Sequence[Link]]) -> Finding:
    late, start = latest_end(row, calendar, lanes)
    late += timedelta(minutes=target.handling_buffer_minutes)
    minutes = -int(late.total_seconds()) // 60
    if late > timedelta():
        message = f"a ticket of {start:%a %H:%M} UTC would end {format_duration(late)} after its due time"
        slowest = max((_kind(link.row) for lane in lanes for link in lane), key=_PACE.__getitem__)
        return fails("TOO_LONG", target.target, message, slowest.value, minutes)
    if not late:
        return warns("NO_SLACK", target.target, "the chain may end at the due time: nothing is left", 0)
    return holds("IN_TIME", target.target, f"no start of a week ends late; slack {format_duration(-late)}", minutes)
