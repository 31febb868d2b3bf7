"""Terms in the making, completed into documents that can be measured: from what is registered and published, else by stated defaults."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, NamedTuple

from pydantic import Field, ValidationError

from domain.agreement_parts import DocumentTarget, Price
from domain.calendar_definitions import CalendarDefinition
from domain.documents import AgreementDocument
from domain.targets import ALWAYS, Limit
from domain.terms import AgreementKind
from domain.values import Message

_STOPS = {"response": "RESPONDED", "resolution": "RESOLVED"}
"""Milestones that everybody calls alike; another target's is its name in capitals."""


class RemarkKind(StrEnum):
    """What was assumed of a promise in the making, or why it is not measured."""

    NO_LIMIT = "NO_LIMIT"
    NO_SERVICE = "NO_SERVICE"
    """The service has to be developed: it has no tickets."""
    NO_CALENDAR = "NO_CALENDAR"
    """A calendar that no agreement has and nobody published."""
    OTHER_UNIT = "OTHER_UNIT"
    """Not in minutes, hours or days: no ticket is measured by it."""
    NOT_MEASURABLE = "NOT_MEASURABLE"
    TOO_MANY = "TOO_MANY"
    """More proposals than are measured at once."""
    ASSUMED_STOP = "ASSUMED_STOP"
    """The milestone is that of the name, as no registered agreement of the service has the target."""
    ASSUMED_CALENDAR = "ASSUMED_CALENDAR"
    """The provider's calendar, as nobody named one."""
    CREDITS_FROM = "CREDITS_FROM"
    """The credit table is that of a registered agreement."""


class Remark(Message):
    """A remark on a promise by its name; the detail is a name, a number or a fault."""

    remark: RemarkKind
    about: str
    detail: Annotated[str | None, Field(max_length=500)] = None


class Known(NamedTuple):
    """What promises are completed from: registered agreements, the nearest first, and calendars by name."""

    agreements: Sequence[AgreementDocument]
    calendars: Mapping[str, CalendarDefinition]


class Sides(NamedTuple):
    """Who promises whom, and the provider's calendar."""

    kind: AgreementKind
    provider: str
    customer: str
    calendar: CalendarDefinition


class Promised(NamedTuple):
    """What is to be promised of one target: its limit and the share of tickets; `about` is the option or requirement it comes from."""

    about: str
    target: str
    limit: Limit
    share: Decimal | None = None
    called: str | None = None
    """Its name where the target's own is taken."""


class Scope(NamedTuple):
    """For which service and regions, at what price; `name` is what the document is called."""

    name: str
    service: str
    regions: tuple[str, ...] = ()
    price: Price | None = None


class Completing:
    """Completes promises, and keeps what it assumed and what it could not do."""

    def __init__(self, sides: Sides, known: Known) -> None:
        """Begin with nothing to remark."""
        self._sides = sides
        self._known = known
        self.remarks: list[Remark] = []

    def remark(self, kind: RemarkKind, about: str, detail: str | None = None) -> None:
        """Keep a remark."""
        self.remarks.append(Remark(remark=kind, about=about, detail=detail and detail[:500]))

    def document(self, scope: Scope, promises: Sequence[Promised]) -> AgreementDocument | None:
        """A document of what can be measured; None where nothing can."""
        targets: list[DocumentTarget] = []
        calendars: dict[str, CalendarDefinition] = {}
        for each in promises:
            made = self._target(scope, each)
            if made is not None:
                targets.append(made)
                calendars |= self._calendars_of(made)
        if not targets:
            return None
        back = self._credits(scope, targets) if scope.price is not None else {}
        return AgreementDocument.model_validate(
            {
                "document": scope.name,
                "kind": self._sides.kind,
                "title": scope.name,
                "provider": {"name": self._sides.provider},
                "customer": {"name": self._sides.customer},
                "services": (scope.service,),
                "regions": scope.regions,
                "time_zone": self._sides.calendar.time_zone,
                "calendars": tuple(calendars.values()),
                "targets": tuple(targets),
                "price": scope.price,
                **back,
            }
        )

    def _target(self, scope: Scope, promised: Promised) -> DocumentTarget | None:
        """The target as the nearest registered agreement runs it, with what is promised here."""
        name = promised.called or promised.target
        known = next((target for each in self._nearest(scope) if (target := each.target(promised.target)) is not None), None)
        if known is not None:
            values = {field: getattr(known, field) for field in ("start", "stop", "held_by", "repeats", "reopens", "warn_at", "period")}
            pauses, calendar = known.pauses, known.calendar
        else:
            stop = _STOPS.get(promised.target, promised.target.upper())
            self.remark(RemarkKind.ASSUMED_STOP, promised.about, stop)
            values, pauses, calendar = {"stop": stop}, None, None
        calendar = promised.limit.calendar or calendar
        if calendar is None:
            calendar = self._sides.calendar.calendar
            self.remark(RemarkKind.ASSUMED_CALENDAR, promised.about, calendar)
        limit = promised.limit.over(Limit(calendar=calendar)).model_dump(exclude_none=True)
        try:
            made = DocumentTarget.model_validate({**values, **limit, "target": name, "compliance": promised.share})
            if pauses and made.pauses is None:
                made = _pausing(made, pauses)
        except ValidationError as wrong:
            self.remark(RemarkKind.NOT_MEASURABLE, promised.about, wrong.errors()[0]["msg"].removeprefix("Value error, "))
            return None
        if unknown := [each for each in self._names_of(made) if each != ALWAYS and each not in self._all_calendars()]:
            self.remark(RemarkKind.NO_CALENDAR, promised.about, unknown[0])
            return None
        return made

    def _nearest(self, scope: Scope) -> list[AgreementDocument]:
        """The registered agreements of the service, those of the regions first."""
        found = [each for each in self._known.agreements if scope.service in each.services]
        return sorted(found, key=lambda each: bool(each.regions) and not set(each.regions) & set(scope.regions))

    def _credits(self, scope: Scope, targets: Sequence[DocumentTarget]) -> dict[str, Any]:
        """The credit tables of the nearest agreement of the service that has one for these targets."""
        names = {each.target for each in targets}
        for each in self._nearest(scope):
            tables = tuple(table for table in each.credits or () if table.target in names)
            if tables:
                self.remark(RemarkKind.CREDITS_FROM, scope.name, each.title)
                return {"credits": tables, "credit_limits": each.credit_limits}
        return {}

    def _all_calendars(self) -> Mapping[str, CalendarDefinition]:
        mine = {self._sides.calendar.calendar: self._sides.calendar}
        agreed = {calendar.calendar: calendar for each in reversed(self._known.agreements) for calendar in each.calendars}
        return {**mine, **self._known.calendars, **agreed}

    def _calendars_of(self, target: DocumentTarget) -> dict[str, CalendarDefinition]:
        return {name: self._all_calendars()[name] for name in self._names_of(target) if name != ALWAYS}

    @staticmethod
    def _names_of(target: DocumentTarget) -> list[str]:
        return sorted({row.calendar for row in target.rows if row.calendar is not None})


def _pausing(target: DocumentTarget, pauses: tuple[str, ...]) -> DocumentTarget:
    """The target with an agreement's reasons to pause, where its kind of limit can pause."""
    try:
        return target.model_copy(update={"pauses": pauses})
    except ValidationError:
        return target
