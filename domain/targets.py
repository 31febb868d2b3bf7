"""Service targets: one measurable promise each, with a rule for every kind of ticket."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from domain.durations import Duration
from domain.events import CREATED
from domain.values import Document

ALWAYS = "24x7"
"""The calendar every agreement has without writing it: around the clock in the agreement's zone."""

IMMEDIATE_LIMIT = timedelta(minutes=60)
"""Default limit of an IMMEDIATE target: "at once" made measurable (`docs/rules.md`, rule 5)."""


class TargetKind(StrEnum):
    """How a due time is found (`docs/rules.md`, rule 5)."""

    DURATION = "DURATION"
    BUSINESS_DAYS = "BUSINESS_DAYS"
    NEXT_BUSINESS_DAY = "NEXT_BUSINESS_DAY"
    CALENDAR_DAYS = "CALENDAR_DAYS"
    IMMEDIATE = "IMMEDIATE"
    END_OF_DATE = "END_OF_DATE"


DATE_KINDS = frozenset({TargetKind.NEXT_BUSINESS_DAY, TargetKind.CALENDAR_DAYS, TargetKind.END_OF_DATE})
UNPAUSABLE = DATE_KINDS | {TargetKind.IMMEDIATE}


def _as_tuple(value: object) -> object:
    return (
        (str(value),) if isinstance(value, str | int) else tuple(str(item) for item in value) if isinstance(value, list | tuple) else value
    )


OneOrMore = Annotated[tuple[str, ...], BeforeValidator(_as_tuple)]


class Limit(Document):
    """How much time a target gives; every part may be left to the target it stands in."""

    kind: TargetKind | None = None
    limit: Annotated[Duration | None, Field(description="DURATION and IMMEDIATE: the time allowed")] = None
    days: Annotated[int | None, Field(gt=0, le=3660, description="BUSINESS_DAYS and CALENDAR_DAYS: how many")] = None
    by: Annotated[
        str | None, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="NEXT_BUSINESS_DAY: until when that day; else its close")
    ] = None
    date_from: Annotated[str | None, Field(description="END_OF_DATE: the ticket attribute that names the date")] = None
    calendar: Annotated[str | None, Field(description="name of a calendar of this agreement, or 24x7")] = None
    pauses: Annotated[tuple[str, ...] | None, Field(description="reasons that stop this clock")] = None
    starts_on_change: Annotated[
        bool | None, Field(description="a ticket that comes here by a change starts at the change, not at its creation")
    ] = None

    def over(self, default: "Limit") -> "Limit":
        """This limit, with what it leaves open taken from another."""
        mine = {name: value for name in Limit.model_fields if (value := getattr(self, name)) is not None}
        return Limit.model_construct(**{**{name: getattr(default, name) for name in Limit.model_fields}, **mine})


class TargetRule(Limit):
    """One row of a target: for which tickets, and what differs there."""

    when: Annotated[Mapping[str, OneOrMore], Field(description="ticket attributes and the values they may have")] = {}

    def takes(self, attributes: Mapping[str, str]) -> bool:
        """Are all conditions met?"""
        # Asked for every rule of every clock: a loop takes half the time of a generator.
        for name, values in self.when.items():  # noqa: SIM110
            if attributes.get(name) not in values:
                return False
        return True


class ServiceTarget(Limit):
    """One measurable promise about a ticket.

    The clock runs from the `start` milestone until every `stop` milestone was reached (`repeats`: until the first of
    them, once for every start). With `held_by` it runs while that team or supplier holds the ticket. `rules` are read
    from the top, the first that takes the ticket counts; without rules the target's own limit holds for every ticket.
    """

    target: Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[\w.-]+$", description="name, one word")]
    start: str = CREATED
    stop: OneOrMore = ()
    held_by: str | None = None
    repeats: bool = False
    reopens: Annotated[bool | None, Field(description="may a reopened ticket start it again; default: all but RESPONDED")] = None
    warn_at: Annotated[tuple[Annotated[int, Field(gt=0, lt=100)], ...], Field(description="per cent of the limit")] = (75, 90)
    rules: tuple[TargetRule, ...] = ()

    @model_validator(mode="after")
    def _is_measurable(self) -> Self:
        if self.held_by is None and not self.stop:
            raise ValueError(f"target {self.target!r}: name the stop milestone, for example stop: RESPONDED")
        if self.held_by is not None and (self.repeats or self.start != CREATED):
            raise ValueError(f"target {self.target!r}: held_by is its own start; leave out start and repeats")
        for number, row in enumerate(self.rows, start=1):
            _check_limit(f"target {self.target!r}" + (f", rule {number}" if self.rules else ""), row)
        return self

    @cached_property
    def rows(self) -> tuple[TargetRule, ...]:
        """The rules, each complete."""
        own = Limit.model_construct(**{name: getattr(self, name) for name in Limit.model_fields})
        rules = self.rules or (TargetRule(),)
        return tuple(TargetRule.model_construct(when=rule.when, **_complete(rule.over(own))) for rule in rules)

    @cached_property
    def may_reopen(self) -> bool:
        """Does a reopened ticket start this clock again? A response is given once."""
        return self.reopens if self.reopens is not None else not self.repeats and self.held_by is None and self.stop != ("RESPONDED",)


def _complete(limit: Limit) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(limit, name) for name in Limit.model_fields}
    values["kind"] = limit.kind or TargetKind.DURATION
    if limit.kind is TargetKind.IMMEDIATE:
        values["limit"] = limit.limit or IMMEDIATE_LIMIT
        values["calendar"] = ALWAYS
    return values


def _check_limit(where: str, row: Limit) -> None:
    needs = {
        TargetKind.DURATION: ("limit", row.limit),
        TargetKind.IMMEDIATE: ("limit", row.limit),
        TargetKind.BUSINESS_DAYS: ("days", row.days),
        TargetKind.CALENDAR_DAYS: ("days", row.days),
        TargetKind.END_OF_DATE: ("date_from", row.date_from),
    }
    assert row.kind is not None
    field, value = needs.get(row.kind, ("", True))
    if value is None:
        raise ValueError(f"{where}: {row.kind} needs {field}")
    if row.kind in UNPAUSABLE and row.pauses:
        raise ValueError(f"{where}: a clock of kind {row.kind} does not pause; leave out pauses")
    if row.by is not None and row.kind is not TargetKind.NEXT_BUSINESS_DAY:
        raise ValueError(f"{where}: by is for NEXT_BUSINESS_DAY; leave it out of {row.kind}")
    if row.calendar is None:
        raise ValueError(f"{where}: name its calendar ({ALWAYS} counts around the clock)")
