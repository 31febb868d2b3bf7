"""The versions of an agreement one after the other: when each is in force, and how a switch splits the periods it falls into."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from domain.agreement_parts import Period
from domain.errors import BadInput, NotFound
from domain.periods import PeriodSpan, closed_kinds, period_named, periods
from domain.spans import Span

FIRST_VERSION = "1.0"
"""The version with which an agreement gets its number."""


LATEST = datetime.max.replace(tzinfo=UTC)
"""After every instant."""


class Validity(NamedTuple):
    """A version and the dates it was agreed for: its first day, and the first day no longer, if there is one."""

    version: str
    begins: date
    until: date | None


class VersionTerm(NamedTuple):
    """When a version is in force: from its first instant to the next one's, or to the agreement's end; open without one."""

    version: str
    begins: datetime
    ends: datetime | None

    @property
    def span(self) -> Span:
        """The same as a span; one without an end reaches as far as time does."""
        return Span(self.begins, self.ends or LATEST)


def place_of(version: str) -> tuple[int, ...]:
    """The place of a version among others: 1.9 comes before 1.10."""
    return tuple(map(int, version.split(".")))


def next_major(version: str) -> str:
    """The version after a material change."""
    return f"{place_of(version)[0] + 1}.0"


def next_minor(version: str) -> str:
    """The version after a minor one."""
    major, minor = place_of(version)
    return f"{major}.{minor + 1}"


def terms_of(versions: Iterable[Validity], zone: ZoneInfo) -> tuple[VersionTerm, ...]:
    """When each version is in force, earliest first; one whose successor begins with it, or before, never is."""
    ordered = sorted(versions, key=lambda each: (each.begins, place_of(each.version)))
    found = []
    for each, following in zip(ordered, [*ordered[1:], None], strict=True):
        ends = [on for on in (each.until, following.begins if following is not None else None) if on is not None]
        if not ends or min(ends) > each.begins:
            found.append(VersionTerm(each.version, _midnight(each.begins, zone), _midnight(min(ends), zone) if ends else None))
    return tuple(found)


def cut_at(terms: Sequence[VersionTerm], at: datetime | None) -> tuple[VersionTerm, ...]:
    """The same ending early at an instant; before the first day nothing ever is in force: a term of no length is left."""
    if at is None:
        return tuple(terms)
    kept = [each if each.ends is not None and each.ends <= at else each._replace(ends=at) for each in terms if each.begins < at]
    return tuple(kept) or (terms[0]._replace(begins=at, ends=at),)


def stages_in(terms: Sequence[VersionTerm]) -> tuple[VersionTerm, ...]:
    """The versions between material changes, each called by its first one (`2.0`): minor ones change nothing that is measured."""
    found: list[VersionTerm] = []
    for each in terms:
        name = f"{place_of(each.version)[0]}.0"
        if found and found[-1].version == name and found[-1].ends == each.begins:
            found[-1] = found[-1]._replace(ends=each.ends)
        else:
            found.append(each._replace(version=name))
    return tuple(found)


def newest_in(terms: Sequence[VersionTerm], stage: VersionTerm, before: datetime) -> str:
    """The last version within a stage that began before an instant; its first one if none did."""
    mine = [each for each in terms if each.begins >= stage.begins and (stage.ends is None or each.begins < stage.ends)]
    return ([each for each in mine if each.begins < before] or mine or list(terms))[-1].version


def in_force_at(terms: Sequence[VersionTerm], at: datetime) -> VersionTerm:
    """The version in force at an instant; before its first day the first, after its end the last."""
    begun = [each for each in terms if each.begins <= at]
    return begun[-1] if begun else terms[0]


def parts(kind: Period, terms: Sequence[VersionTerm], span: Span, zone: ZoneInfo) -> Iterator[tuple[PeriodSpan, VersionTerm]]:
    """The periods of a kind that a span touches, by the version in force in them, cut to the agreement's term.

    A period into which a material change falls is two: `2026-09@1.0` ends with it, and `2026-09@2.0` begins. A period the
    span cuts keeps its name. `terms` are those of stages.
    """
    for term in terms:
        mine = Span(max(term.begins, span.start), min(term.span.end, span.end))
        for period in periods(kind, mine, zone) if mine.start < mine.end else ():
            yield _named_apart(period, term, terms, zone), term


def part_named(name: str, terms: Sequence[VersionTerm], zone: ZoneInfo) -> tuple[Period, PeriodSpan, VersionTerm]:
    """The period of an agreement by its name.

    Raises:
        BadInput: it is no name of one, or a version must be named because a switch falls into the period.
        NotFound: the agreement, or the version named, is not in force then.
    """
    kind, whole = period_named(name, zone)
    found = list(parts(kind, terms, Span(whole.start, whole.end), zone))
    named = [each for each in found if each[0].name == name]
    if not found or (not named and "@" in name):
        raise NotFound(f"not in force in {name}")
    if not named:
        raise BadInput(f"period: in {name} one version follows another; write {' or '.join(each[0].name for each in found)}")
    return kind, *named[0]


def containing(name: str, kinds: Iterable[Period], terms: Sequence[VersionTerm], zone: ZoneInfo) -> tuple[str, ...]:
    """The month, and the periods of the kinds, in which a named period of an agreement begins; itself among them.

    Raises:
        BadInput, NotFound: as `part_named` says.
    """
    kind, named, _ = part_named(name, terms, zone)
    return tuple(dict.fromkeys(name_at(each, named.start, terms, zone) for each in (kind, *closed_kinds(kinds))))


def name_at(kind: Period, at: datetime, terms: Sequence[VersionTerm], zone: ZoneInfo) -> str:
    """The name of an agreement's period of a kind at an instant at which it is in force."""
    return next(period.name for period, _ in parts(kind, terms, Span(at, at + timedelta(microseconds=1)), zone))


def _named_apart(period: PeriodSpan, term: VersionTerm, terms: Sequence[VersionTerm], zone: ZoneInfo) -> PeriodSpan:
    switches = [each.begins for each in terms[1:]]
    if not switches:
        return period
    whole = period_named(period.name, zone)[1]
    is_split = any(whole.start < at < whole.end for at in switches)
    return period._replace(name=f"{period.name}@{term.version}") if is_split else period


def _midnight(on: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(on, time(), zone)
