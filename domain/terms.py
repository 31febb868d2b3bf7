"""What was promised: agreement versions, and which of them a ticket runs under."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from enum import StrEnum
from functools import cached_property
from typing import Annotated, NamedTuple, Self

from pydantic import Field, model_validator

from domain.calendar_definitions import CalendarDefinition, Zone
from domain.calendars import ServiceCalendar, calendar_of
from domain.canonical import digest_of
from domain.errors import InvalidTerms, NoBusinessDay
from domain.instants import SERVICE_YEARS
from domain.targets import ALWAYS, OneOrMore, ServiceTarget, TargetKind, TargetRule
from domain.values import Document

ESCALATION_LADDER = ("TEAM_LEAD", "SLM_MANAGER", "SERVICE_DIRECTOR")
"""Default steps after a breach, one each further 100 % of the limit."""


class AgreementKind(StrEnum):
    """Whose promise it is: ours to a customer or department, a team's (OLA) or a supplier's (UC)."""

    CUSTOMER_SLA = "CUSTOMER_SLA"
    INTERNAL_SLA = "INTERNAL_SLA"
    OLA = "OLA"
    UC = "UC"


SUPPORT_KINDS = frozenset({AgreementKind.OLA, AgreementKind.UC})


class Agreement(Document):
    """One version of an agreement, as far as tickets need it: parties, scope, validity, calendars, targets."""

    agreement: Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[\w.-]+$", description="name, the same for all versions")]
    version: Annotated[str, Field(pattern=r"^\d+\.\d+$")] = "1.0"
    kind: AgreementKind
    title: str = ""
    provider: str
    customer: Annotated[str, Field(description="customer or department; for OLA and UC the party supported")]
    service: Annotated[str | None, Field(description="the one service promised; an OLA or UC may leave it out")] = None
    regions: Annotated[OneOrMore, Field(description="regions it holds in; none: every region")] = ()
    groups: Annotated[OneOrMore, Field(description="the customer's groups it holds for; none: every group")] = ()
    supports: Annotated[tuple[str, ...], Field(description="OLA and UC: the agreements that rest on it")] = ()
    supported_by: Annotated[tuple[str, ...], Field(description="SLA: the OLAs and UCs it rests on, where they do not name it")] = ()
    time_zone: Zone
    effective_from: Annotated[date, Field(description="first day in force, in the agreement's zone")]
    effective_until: Annotated[date | None, Field(description="first day no longer in force")] = None
    reopening_days: Annotated[int, Field(gt=0, le=366, description="business days in which a reopened ticket goes on with its clock")] = 5
    escalation: Annotated[tuple[str, ...], Field(description="who is told after a breach, each further 100 % of the limit")] = (
        ESCALATION_LADDER
    )
    calendars: tuple[CalendarDefinition, ...] = ()
    targets: Annotated[tuple[ServiceTarget, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if (self.supports and self.kind not in SUPPORT_KINDS) or (self.supported_by and self.kind in SUPPORT_KINDS):
            raise ValueError(f"supports: an OLA or UC supports, an SLA is supported_by ({self.agreement!r} is {self.kind})")
        if self.kind not in SUPPORT_KINDS and self.service is None:
            raise ValueError(f"service: agreement {self.agreement!r} must promise exactly one service")
        if self.effective_until is not None and self.effective_until <= self.effective_from:
            raise ValueError("effective_until must lie after effective_from")
        for name, on in (("effective_from", self.effective_from), ("effective_until", self.effective_until)):
            if on is not None and on.year not in SERVICE_YEARS:
                raise ValueError(f"{name} must lie in the years {SERVICE_YEARS[0]} to {SERVICE_YEARS[-1]}; without an end leave it out")
        _refuse_twice("calendar", [definition.calendar for definition in self.calendars])
        _refuse_twice("target", [target.target for target in self.targets])
        for target in self.targets:
            for row in target.rows:
                self._check_calendar(target, row)
        return self

    def _check_calendar(self, target: ServiceTarget, row: TargetRule) -> None:
        assert row.calendar is not None
        try:
            calendar = self.calendar(row.calendar)
            if row.kind is TargetKind.BUSINESS_DAYS:
                calendar.business_day  # noqa: B018  (asked for its refusal)
        except (InvalidTerms, NoBusinessDay) as wrong:
            raise ValueError(f"target {target.target!r}: {wrong}") from wrong

    @cached_property
    def _calendars(self) -> dict[str, ServiceCalendar]:
        return {ALWAYS: calendar_of(around_the_clock(self.time_zone))} | {each.calendar: calendar_of(each) for each in self.calendars}

    def calendar(self, name: str) -> ServiceCalendar:
        """A calendar of this agreement.

        Raises:
            InvalidTerms: the agreement has no calendar of that name.
        """
        if name not in self._calendars:
            raise InvalidTerms(f"calendar {name!r} is not among the agreement's: {', '.join(sorted(self._calendars))}")
        return self._calendars[name]

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON: the identity of the version's content.

        What stands at its default is left out, so that a field added by a later release changes no hash; for that reason
        no default ever changes.
        """
        return digest_of(self.model_dump(mode="json", exclude_defaults=True))

    def in_force(self, at: datetime) -> bool:
        """Is this version in force at an instant?"""
        calendar = self._calendars[ALWAYS]
        if at < calendar.local(self.effective_from, time()):
            return False
        return self.effective_until is None or at < calendar.local(self.effective_until, time())

    @property
    def place(self) -> tuple[int, ...]:
        """Its place among the versions of the agreement: 1.9 comes before 1.10."""
        return tuple(map(int, self.version.split(".")))

    def covers(self, attributes: Mapping[str, str]) -> bool:
        """Does it promise this customer this service in this region?"""
        return self.covers_service(attributes) and (not self.regions or attributes.get("region") in self.regions)

    def covers_service(self, attributes: Mapping[str, str]) -> bool:
        """Does it promise this customer, or this group of it, this service, in whatever region?"""
        if attributes.get("customer") != self.customer or (self.groups and attributes.get("group") not in self.groups):
            return False
        return self.service is None or attributes.get("service") == self.service


_INTERNED: dict[str, Agreement] = {}
_MOST_INTERNED = 10_000


def interned(agreement: Agreement) -> Agreement:
    """The one object for this content in the process, so that thousands of tickets share its calendars and rules."""
    if len(_INTERNED) >= _MOST_INTERNED:
        _INTERNED.clear()
    return _INTERNED.setdefault(agreement.digest, agreement)


def around_the_clock(time_zone: str) -> CalendarDefinition:
    """The calendar `24x7` in a zone."""
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    return CalendarDefinition.model_validate({"calendar": ALWAYS, "time_zone": time_zone, "weekly": {day: ["00:00-24:00"] for day in days}})


def _newest(agreements: Iterable[Agreement]) -> Iterable[Agreement]:
    """Of each agreement the last version."""
    found: dict[str, Agreement] = {}
    for each in agreements:
        if each.agreement not in found or found[each.agreement].place < each.place:
            found[each.agreement] = each
    return found.values()


def _refuse_twice(what: str, names: list[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"{what} {name!r} stands twice")


class Alert(StrEnum):
    """Why a ticket has no promise to run under."""

    UNCOVERED_TICKET = "UNCOVERED_TICKET"
    NO_REGION = "NO_REGION"


class Terms(NamedTuple):
    """The agreement versions a ticket runs under: SLAs first, then the OLAs and UCs they rest on."""

    agreements: tuple[Agreement, ...] = ()
    alert: Alert | None = None

    def moved(self, agreements: Iterable[Agreement], to: Iterable[tuple[str, str]]) -> "Terms":
        """With the versions (name, version) that a ticket was moved to, and came to run under by that."""
        wanted = set(to) - {(each.agreement, each.version) for each in self.agreements}
        more = [each for each in agreements if (each.agreement, each.version) in wanted]
        return self._replace(agreements=_in_order([*self.agreements, *more]))


def _in_order(agreements: Iterable[Agreement]) -> tuple[Agreement, ...]:
    return tuple(sorted(agreements, key=lambda each: (each.kind in SUPPORT_KINDS, each.agreement, each.place)))


def scope_of(attributes: Mapping[str, str]) -> tuple[str | None, ...]:
    """What of a ticket decides which agreements cover it: its customer, group, service and region."""
    return attributes.get("customer"), attributes.get("group"), attributes.get("service"), attributes.get("region")


def terms_for(
    agreements: Iterable[Agreement], attributes: Mapping[str, str], created_at: datetime, pinned: Iterable[Agreement] = ()
) -> Terms:
    """Find what a ticket runs under: the versions in force when it was created.

    Of several versions of one agreement in force the newest counts: it is in force instead of those before it.

    `pinned` are versions it already runs under; they stay, so that a ticket moved to another region and back is
    measured by the promise it came with.
    """
    kept = list(pinned)
    names = {each.agreement for each in kept}
    known = [*kept, *_newest(each for each in agreements if each.agreement not in names and each.in_force(created_at))]
    slas = [each for each in known if each.kind not in SUPPORT_KINDS]
    covering = [each for each in slas if each.covers(attributes)]
    chosen = {each.agreement for each in [*kept, *covering]}
    rested_on = {name for each in [*kept, *covering] for name in each.supported_by}
    carrying = {
        each.agreement
        for each in known
        if each.kind in SUPPORT_KINDS and (each.agreement in rested_on or any(name in chosen for name in each.supports))
    }
    running = [each for each in known if each.agreement in chosen | carrying]
    ordered = _in_order(running)
    if covering:
        return Terms(ordered)
    in_region = any(each.covers_service(attributes) for each in slas)
    return Terms(ordered, Alert.NO_REGION if in_region else Alert.UNCOVERED_TICKET)
