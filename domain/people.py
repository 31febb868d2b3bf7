"""People: which party they stand for, what they may decide, and who decides when they are away."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from domain.calendar_definitions import Interval, Weekday, Zone
from domain.values import Document

Key = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[\w.-]+$", description="short name, one word, never given to another")]

Language: TypeAlias = Literal["pl", "en"]
"""What people read."""


class Side(StrEnum):
    """The party a person acts for. Nobody acts for two."""

    PROVIDER = "PROVIDER"
    CUSTOMER = "CUSTOMER"
    SUPPLIER = "SUPPLIER"


class Role(StrEnum):
    """What a person may decide (`docs/glossary.md`, people and roles)."""

    SLA_TEAM = "SLA_TEAM"
    SLM_MANAGER = "SLM_MANAGER"
    CRM_STAFF = "CRM_STAFF"
    REQUIREMENTS_AGENT = "REQUIREMENTS_AGENT"
    SUPPLY_MANAGER = "SUPPLY_MANAGER"
    PRICING_APPROVER = "PRICING_APPROVER"
    SERVICE_DEV_OWNER = "SERVICE_DEV_OWNER"
    CUSTOMER_REP = "CUSTOMER_REP"
    SIGNATORY = "SIGNATORY"
    SUPPLIER_REP = "SUPPLIER_REP"
    TEAM_OWNER = "TEAM_OWNER"
    RESOURCE_MANAGER = "RESOURCE_MANAGER"
    FINANCE = "FINANCE"
    FINANCE_DIRECTOR = "FINANCE_DIRECTOR"
    SERVICE_DIRECTOR = "SERVICE_DIRECTOR"
    CRM_MANAGER = "CRM_MANAGER"
    CONTROL_TIER = "CONTROL_TIER"
    LEGAL = "LEGAL"
    ADMIN = "ADMIN"
    TEAM_LEAD = "TEAM_LEAD"
    ON_CALL = "ON_CALL"


_ANY_SIDE = frozenset(Side)
SIDES_OF: Mapping[Role, frozenset[Side]] = MappingProxyType(
    {
        Role.CUSTOMER_REP: frozenset({Side.CUSTOMER}),
        Role.SUPPLIER_REP: frozenset({Side.SUPPLIER}),
        Role.SIGNATORY: _ANY_SIDE,
        Role.LEGAL: frozenset({Side.PROVIDER, Side.CUSTOMER}),
    }
)
"""Which parties a role exists for; the others belong to the provider."""


class Delegation(Document):
    """A deputy for a stretch of dates, the last one included."""

    deputy: Key
    first_on: Annotated[date, Field(description="first day, in the provider's zone")]
    last_on: Annotated[date, Field(description="last day")]
    reason: Annotated[str | None, Field(max_length=500, description="why somebody else decides")] = None

    @model_validator(mode="after")
    def _is_a_stretch(self) -> Self:
        if self.last_on < self.first_on:
            raise ValueError(f"last_on: the delegation to {self.deputy} ends before it begins")
        return self


OUTSIDE_CALENDAR = "OUTSIDE_CALENDAR"
"""Quiet hours that are all hours outside the provider's calendar."""


class QuietHours(Document):
    """Hours in which somebody wants no message that can wait, week by week."""

    weekly: Annotated[
        Mapping[Weekday, tuple[Interval, ...]], Field(min_length=1, description="quiet intervals by weekday, such as 18:00-07:00")
    ]
    time_zone: Annotated[Zone | None, Field(description="where the person lives; default: the provider's zone")] = None


class NoticePreferences(Document):
    """How somebody wants to be told. Breaches and escalations come at once, whatever it says."""

    quiet: Annotated[
        Literal["OUTSIDE_CALENDAR"] | QuietHours | None,
        Field(description="when messages wait: OUTSIDE_CALENDAR for all hours the provider is closed, or hours of one's own"),
    ] = None
    digest: Annotated[bool, Field(description="reminders and news gathered into one message a business day")] = False
    channels: Annotated[tuple[str, ...], Field(description="channels that reach the person; none: every channel there is")] = ()


class Person(Document):
    """Somebody who acts in the process.

    `party` is the customer or supplier acted for; the provider's own people have none. `services` are those the person
    is an authority for: only such a person may become the requirements agent of a case about them.
    """

    person: Key
    name: Annotated[str, Field(min_length=1, max_length=200)]
    side: Side = Side.PROVIDER
    party: Annotated[str | None, Field(max_length=200, description="customer or supplier acted for")] = None
    roles: Annotated[tuple[Role, ...], Field(min_length=1)]
    services: Annotated[tuple[Key, ...], Field(description="services this person is an authority for")] = ()
    language: Language = "pl"
    mail: Annotated[str | None, Field(max_length=200, pattern=r"^[^@\s]+@[^@\s]+$")] = None
    subject: Annotated[str | None, Field(min_length=1, max_length=255, description="the OpenID provider's name for this person")] = None
    manager: Annotated[Key | None, Field(description="who may delegate for this person")] = None
    delegations: tuple[Delegation, ...] = ()
    notices: Annotated[NoticePreferences, Field(description="quiet hours, digest, channels")] = NoticePreferences()
    active: Annotated[bool, Field(description="false once the person has left")] = True
    erased: Annotated[bool, Field(description="their record was erased; the entry holds its key, which nobody gets again")] = False

    @model_validator(mode="after")
    def _acts_for_one_party(self) -> Self:
        if (self.side is Side.PROVIDER) != (self.party is None):
            raise ValueError(f"party: {self.person} acts for the {self.side.value.lower()}" + (": say which" if self.party is None else ""))
        for role in self.roles:
            if self.side not in SIDES_OF.get(role, {Side.PROVIDER}):
                raise ValueError(f"roles: {role} is no role of a {self.side.value.lower()}'s person")
        return self

    def deputies_on(self, day: date) -> tuple[str, ...]:
        """Who may decide for this person on a date."""
        return tuple(each.deputy for each in self.delegations if each.first_on <= day <= each.last_on)
