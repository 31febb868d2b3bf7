"""Mapping files of connectors: what the fields and words of a CRM or help desk mean, in ours. One file per installation."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from connectors.documents import read_yaml, validate
from domain.calendar_definitions import Zone
from domain.cloud_events import AttributeName, AttributeValue, MilestoneName, PauseReason
from domain.termination import TerminationBasis
from domain.values import Document

STATUS = "status"
"""The attribute that keeps the other system's own word for where a ticket stands: what was told of it is derived from these."""

Where = Annotated[
    str,
    Field(
        pattern=r"^[^.\s]+(\.[^.\s]+)*$",
        description="place in the record: names with dots between them, a number for a place in a list",
        examples=["ticket.priority", "items.0.toString"],
    ),
]


def _short_form(value: object) -> object:
    return {"path": value} if isinstance(value, str) else value


class RecordField(Document):
    """Where a value comes from: a `path` into the record, or one `value` for all. A text alone is a path.

    `values` says what texts mean; others stay as they are. Without a text at the path nothing is known.
    """

    path: Where | None = None
    value: AttributeValue | None = None
    values: Annotated[Mapping[str, AttributeValue], Field(description="what texts at the path mean")] = {}

    @model_validator(mode="after")
    def _has_one_source(self) -> Self:
        if (self.value is None) == (self.path is None):
            raise ValueError("write either path or value")
        return self


AField = Annotated[RecordField, BeforeValidator(_short_form)]


def _as_tuple(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Texts = Annotated[tuple[str, ...], BeforeValidator(_as_tuple)]
Conditions = Annotated[
    Mapping[Where, Texts], Field(description="by place, the texts of which one must stand there; `*` is any text, the empty one is none")
]


class StatusMeaning(Document):
    """What it means that a ticket has a status. Without anything: it is worked on and has reached nothing by it."""

    reaches: Annotated[tuple[MilestoneName, ...], Field(description="milestones that a ticket of this status has reached")] = ()
    pauses: Annotated[PauseReason | None, Field(description="why clocks that allow this reason stand still")] = None
    ends: Annotated[bool, Field(description="the work is done; a ticket that goes on from here was reopened")] = False
    cancels: Annotated[PauseReason | None, Field(description="why the ticket counts no more")] = None

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        if sum((self.ends, self.pauses is not None, self.cancels is not None)) > 1:
            raise ValueError("a status ends, pauses or cancels a ticket: one of them")
        return self


class Happening(Document):
    """Something other than a status that reaches a milestone: an agent's reply."""

    when: Annotated[Conditions, Field(min_length=1)]
    reaches: MilestoneName


class TicketRecords(Document):
    """Records about tickets. `created_when` says which create a ticket nobody knows yet; default: those with a status."""

    when: Annotated[Conditions, Field(default_factory=dict)]
    id: Annotated[Where, Field(description="the ticket's number: letters, digits, dot, dash, underscore")]
    at: Annotated[Where | None, Field(description="when it happened; default: when the posting says it was made")] = None
    sequence: Annotated[Where | None, Field(description="a whole number that orders records of one instant")] = None
    created_at: Where | None = None
    created_when: Conditions | None = None
    status: Where | None = None
    statuses: Annotated[Mapping[str, StatusMeaning], Field(description="by the texts of the status")] = {}
    attributes: Mapping[AttributeName, AField] = {}
    milestones: Annotated[Mapping[MilestoneName, Where], Field(description="places that say when a milestone was reached")] = {}
    happenings: tuple[Happening, ...] = ()

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if (self.status is None) != (not self.statuses):
            raise ValueError("status: a place and what its texts mean belong together")
        if STATUS in self.attributes:
            raise ValueError(f"attributes.{STATUS}: that name is kept for the text of the status")
        return self


class DealRecords(Document):
    """Records about deals: when one means that the customer wants an agreement."""

    when: Annotated[Conditions, Field(min_length=1, description="which records ask for an agreement: those of a stage")]
    id: Annotated[Where, Field(description="the deal's number; it asks once")]
    at: Where | None = None
    customer: AField
    services: Annotated[tuple[AField, ...], Field(max_length=50)] = ()
    wish: Where | None = None


class EndingRecords(Document):
    """Records that order the end of an agreement."""

    when: Annotated[Conditions, Field(min_length=1)]
    id: Annotated[Where, Field(description="the CRM's own number of the order's case")]
    at: Where | None = None
    registry_no: AField
    basis: AField
    legal_ref: AField
    requested_by: AField
    effective_at: Where | None = None

    @model_validator(mode="after")
    def _names_bases_there_are(self) -> Self:
        named = (*self.basis.values.values(), *((self.basis.value,) if self.basis.value is not None else ()))
        for name in named:
            if name not in set(TerminationBasis):
                raise ValueError(f"basis: {name!r} is not one of {', '.join(TerminationBasis)}")
        return self


class RecordMapping(Document):
    """How to read what one system posts. A record no part is for is ignored. Instants without offset are in `time_zone`."""

    source: Annotated[str, Field(pattern=r"^[A-Za-z0-9._~:@-]{1,80}$", description="name of the system; tickets and cases carry it")]
    time_zone: Zone = "UTC"
    tickets: TicketRecords | None = None
    deals: DealRecords | None = None
    endings: EndingRecords | None = None

    @model_validator(mode="after")
    def _reads_something(self) -> Self:
        if self.tickets is None and self.deals is None and self.endings is None:
            raise ValueError("a mapping reads tickets, deals or endings")
        return self


def read_record_mapping(path: Path) -> RecordMapping:
    """A mapping file.

    Raises:
        FaultyDocument: with file, line and rule of every fault.
    """
    return validate(read_yaml(path), RecordMapping)


def found_at(record: Any, where: str) -> Any:
    """What stands at a place of a record; None for nothing."""
    for part in where.split("."):
        if isinstance(record, Mapping):
            record = record.get(part)
        elif isinstance(record, list) and part.isdecimal() and len(part) < 6:
            record = record[int(part)] if int(part) < len(record) else None
        else:
            return None
    return record


def text_at(record: Any, where: str) -> str | None:
    """The text at a place: also a number or truth value as JSON writes it. Empty, or anything that holds others, is none."""
    value = found_at(record, where)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip() or None if isinstance(value, str | int | float) else None


def value_of(record: Any, field: RecordField) -> str | None:
    """What a field says of a record, in our words."""
    if field.path is None:
        return field.value
    text = text_at(record, field.path)
    return field.values.get(text, text) if text is not None else None


def fits(record: Any, conditions: Mapping[str, tuple[str, ...]]) -> bool:
    """Does each place hold one of its texts? Without conditions every record fits."""
    return all(_is_one_of(text_at(record, where), texts) for where, texts in conditions.items())


def _is_one_of(text: str | None, texts: tuple[str, ...]) -> bool:
    return "" in texts if text is None else text in texts or "*" in texts
