"""The agreement as a document: everything the parties promise each other, typed, hashed, never edited in place."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, NamedTuple, Self

from pydantic import Field, model_validator

from domain.agreement_parts import (
    AvailabilityTarget,
    ControlLayer,
    CreditLimits,
    CreditTable,
    DocumentTarget,
    Exclusion,
    LatenessPenalty,
    LevelTerm,
    ModificationPlan,
    Obligation,
    Outcome,
    Party,
    Period,
    Price,
    RenewalClause,
    ReviewPlan,
    TerminationRoute,
    WorkloadLimit,
)
from domain.calendar_definitions import CalendarDefinition, Zone
from domain.calendars import ServiceCalendar, calendar_of
from domain.canonical import digest_of
from domain.errors import InvalidTerms
from domain.people import Key
from domain.registry_numbers import in_addresses
from domain.targets import ALWAYS, OneOrMore, ServiceTarget
from domain.terms import ESCALATION_LADDER, Agreement, AgreementKind, around_the_clock
from domain.values import Document


class AgreementLevel(StrEnum):
    """Which layer of a multi-level agreement a document is; only the service level carries targets."""

    CORPORATE = "CORPORATE"
    CUSTOMER = "CUSTOMER"
    SERVICE = "SERVICE"


class SupportLink(Document):
    """Which OLA or UC, by registry number, carries which target, as one segment of its chain.

    Segments of the same `lane` follow each other; lanes run side by side.
    """

    target: str
    support: Annotated[str, Field(min_length=1, description="registry number of the OLA or UC, or its support case")]
    support_target: str
    segment: Annotated[str, Field(min_length=1, max_length=100, description="what is done: triage, travel, repair")]
    lane: Annotated[int, Field(ge=0)] = 0


class AgreementDocument(Document):
    """One document of an agreement: an SLA of some level, an OLA or a UC.

    A point that was not answered is None; an empty list is the answer "none". What is left open is no fault until the
    draft is frozen (`domain/completeness.py`).
    """

    document: Key
    kind: AgreementKind
    level: AgreementLevel = AgreementLevel.SERVICE
    parent: Annotated[Key | None, Field(description="the document of the level above")] = None
    title: Annotated[str, Field(min_length=1, max_length=500)]
    provider: Party
    customer: Party
    group: Annotated[Key | None, Field(description="the customer's group it holds for; none: all of the customer")] = None
    services: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=200)], ...], Field(description="exactly one at service level")
    ] = ()
    regions: OneOrMore = ()
    time_zone: Zone
    effective_from: date | None = None
    effective_until: Annotated[date | None, Field(description="first day no longer in force")] = None
    renews: Annotated[bool, Field(description="goes on by itself when its term ends")] = False
    terms: tuple[LevelTerm, ...] = ()
    calendars: tuple[CalendarDefinition, ...] = ()
    targets: tuple[DocumentTarget, ...] = ()
    availability: tuple[AvailabilityTarget, ...] = ()
    reopening_days: Annotated[int, Field(gt=0, le=366)] = 5
    escalation: tuple[str, ...] = ESCALATION_LADDER
    workload_limits: tuple[WorkloadLimit, ...] | None = None
    exclusions: tuple[Exclusion, ...] | None = None
    obligations: tuple[Obligation, ...] = ()
    outcomes: tuple[Outcome, ...] | None = None
    price: Price | None = None
    credits: tuple[CreditTable, ...] | None = None
    credit_limits: CreditLimits | None = None
    penalties: tuple[LatenessPenalty, ...] = ()
    modification_plan: ModificationPlan | None = None
    reviews: ReviewPlan | None = None
    termination: TerminationRoute | None = None
    renewal: Annotated[RenewalClause | None, Field(description="what happens at the end of its term; none: it ends")] = None
    control_layer: ControlLayer = ControlLayer()
    links: Annotated[tuple[SupportLink, ...], Field(description="what each target rests on")] = ()
    self_provided: Annotated[tuple[str, ...], Field(description="targets that rest on nobody else")] = ()

    @cached_property
    def _calendars(self) -> Mapping[str, ServiceCalendar]:
        return {ALWAYS: calendar_of(around_the_clock(self.time_zone))} | {each.calendar: calendar_of(each) for each in self.calendars}

    def calendar(self, name: str) -> ServiceCalendar:
        """A calendar of this document.

        Raises:
            InvalidTerms: it has none of that name.
        """
        if name not in self._calendars:
            raise InvalidTerms(f"calendar {name!r} is not among the calendars of {self.document}: {', '.join(sorted(self._calendars))}")
        return self._calendars[name]

    def target(self, name: str) -> DocumentTarget | None:
        """A target by its name."""
        return next((each for each in self.targets if each.target == name), None)

    @property
    def renewal_clause(self) -> RenewalClause | None:
        """What is agreed for the end of the term; where it only says that it goes on, then for as long again."""
        return self.renewal or (RenewalClause(automatic=True) if self.renews else None)

    @property
    def currency(self) -> str:
        """Of all its amounts: its price's, else the one prices have by default."""
        return (self.price or Price(monthly=Decimal(0))).currency

    @property
    def periods(self) -> tuple[Period, ...]:
        """The periods its shares are judged by."""
        judged = [each.period for each in self.targets if each.compliance is not None]
        return tuple(dict.fromkeys([*judged, *(each.period for each in self.availability)]))

    def terms_for_tickets(self, registry_no: str, version: str, supports: Iterable[str]) -> Agreement:
        """What tickets need of the document, under its registry number; `supports` are the registry numbers it rests on.

        Raises:
            ValidationError: the document promises something that cannot be measured.
        """
        assert self.effective_from is not None
        return Agreement.model_validate(
            {
                "agreement": in_addresses(registry_no),
                "version": version,
                "kind": self.kind,
                "title": self.title,
                "provider": self.provider.name,
                "customer": self.customer.name,
                "service": self.services[0] if self.services else None,
                "regions": self.regions,
                "groups": (self.group,) if self.group is not None else (),
                "supported_by": tuple(sorted(map(in_addresses, supports))),
                "time_zone": self.time_zone,
                "effective_from": self.effective_from,
                "effective_until": self.effective_until,
                "reopening_days": self.reopening_days,
                "escalation": self.escalation,
                "calendars": self.calendars,
                "targets": tuple(target.for_tickets for target in self.targets),
            }
        )


def document_of(terms: Agreement) -> AgreementDocument:
    """Ready terms as a document: who promises what to whom, and nothing of what else an agreement answers."""
    return AgreementDocument(
        document=terms.agreement,
        kind=terms.kind,
        title=terms.title or terms.agreement,
        provider=Party(name=terms.provider),
        customer=Party(name=terms.customer),
        group=terms.groups[0] if len(terms.groups) == 1 else None,
        services=(terms.service,) if terms.service is not None else (),
        regions=terms.regions,
        time_zone=terms.time_zone,
        effective_from=terms.effective_from,
        effective_until=terms.effective_until,
        calendars=terms.calendars,
        targets=tuple(
            DocumentTarget.model_validate({name: getattr(each, name) for name in ServiceTarget.model_fields}) for each in terms.targets
        ),
        reopening_days=terms.reopening_days,
        escalation=terms.escalation,
    )


class FinalDraft(Document):
    """All documents of a case that are discussed, reviewed and signed together, and why unusual terms are right."""

    documents: Annotated[tuple[AgreementDocument, ...], Field(min_length=1, max_length=100)]
    umbrella_justification: Annotated[str | None, Field(description="why one target fits regions of different classes")] = None
    same_terms_justification: Annotated[str | None, Field(description="why several departments get the same terms")] = None

    @model_validator(mode="after")
    def _names_are_single(self) -> Self:
        names = [each.document for each in self.documents]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"documents: {twice[0]!r} stands twice")
        for each in self.documents:
            if each.parent is not None and each.parent not in names:
                raise ValueError(f"documents: {each.document} names parent {each.parent!r}, which is not in the draft")
        if any(_is_own_ancestor(each, self.documents) for each in self.documents):
            raise ValueError("documents: a document is its own parent")
        return self

    def named(self, name: str) -> AgreementDocument:
        """A document of the draft."""
        return next(each for each in self.documents if each.document == name)

    def in_full(self, document: AgreementDocument) -> AgreementDocument:
        """A document with what those above it answer for it, as it is held against its supports."""
        found = {name: [value for each in self.ancestors(document) if (value := getattr(each, name)) is not None] for name in _HANDED_DOWN}
        return document.model_copy(update={name: values[0] for name, values in found.items() if values and getattr(document, name) is None})

    def ancestors(self, document: AgreementDocument) -> tuple[AgreementDocument, ...]:
        """The documents above, nearest first."""
        return (parent := self.named(document.parent), *self.ancestors(parent)) if document.parent is not None else ()


_HANDED_DOWN = ("workload_limits", "price", "credits", "termination")
"""What a support is measured by and a document above may have answered."""


def _is_own_ancestor(document: AgreementDocument, documents: Iterable[AgreementDocument]) -> bool:
    parents = {each.document: each.parent for each in documents}
    seen, at = {document.document}, document.parent
    while at is not None and at not in seen:
        seen.add(at)
        at = parents[at]
    return at is not None


class EffectiveTerm(NamedTuple):
    """A term that holds for a document, and the document of the level it comes from."""

    term: LevelTerm
    origin: AgreementLevel
    document: str


def effective_terms(draft: FinalDraft, document: AgreementDocument) -> tuple[EffectiveTerm, ...]:
    """The terms that hold for a document: its own before those of the levels above."""
    found: dict[str, EffectiveTerm] = {}
    for each in (document, *draft.ancestors(document)):
        for term in each.terms:
            found.setdefault(term.term, EffectiveTerm(term, each.level, each.document))
    return tuple(found[name] for name in sorted(found))


def content_of(value: Document) -> dict[str, Any]:
    """A document as it is stored and hashed; what stands at its default is left out, so later fields change no hash."""
    return value.model_dump(mode="json", exclude_defaults=True, by_alias=True)


def hash_of(value: Document) -> str:
    """SHA-256 of the canonical JSON: what decisions and signatures are attached to."""
    return digest_of(content_of(value))
