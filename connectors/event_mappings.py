"""Mapping files: what the columns and states of a help desk's event log mean, in our words."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from connectors.documents import read_yaml, validate
from domain.calendar_definitions import Zone
from domain.cloud_events import AttributeName, AttributeValue, MilestoneName, PauseReason
from domain.values import Document

_PROBE = datetime(2026, 3, 17, 10, 30, tzinfo=UTC)


def _check_format(text: str) -> str:
    try:
        read = datetime.strptime(_PROBE.strftime(text), text).replace(tzinfo=UTC)
    except ValueError as wrong:
        raise ValueError(f"{text!r} is no time format; write for example %d/%m/%Y %H:%M") from wrong
    if read != _PROBE:
        raise ValueError(f"{text!r} does not tell date, hour and minute; write for example %d/%m/%Y %H:%M")
    return text


TimeFormat = Annotated[str, AfterValidator(_check_format)]
Column = Annotated[str, Field(min_length=1, description="name of a column of the log")]


class AttributeSource(Document):
    """Where an attribute of a ticket comes from: one `value` for every ticket, or a `column`."""

    value: AttributeValue | None = None
    column: Column | None = None
    values: Annotated[Mapping[str, AttributeValue], Field(description="what texts of the column mean; others stay as they are")] = {}

    @model_validator(mode="after")
    def _has_one_source(self) -> Self:
        if (self.value is None) == (self.column is None):
            raise ValueError("write either value or column")
        return self


class StateMeaning(Document):
    """What it means that a ticket is in a state. Without anything: the ticket is open and nothing was reached."""

    reaches: Annotated[tuple[MilestoneName, ...], Field(description="milestones that a ticket in this state has reached")] = ()
    pauses: Annotated[PauseReason | None, Field(description="why clocks that allow this reason stand still")] = None
    ends: Annotated[bool, Field(description="the work is done; a ticket that goes on from here was reopened")] = False

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        if self.ends and self.pauses is not None:
            raise ValueError("a state that ends the ticket pauses nothing")
        return self


class StateColumn(Document):
    """The column with the ticket's state, and what each of its texts means."""

    column: Column
    states: Annotated[Mapping[str, StateMeaning], Field(min_length=1)]


class EventLogMapping(Document):
    """How to read one help desk's event log, a row for each time a ticket was saved.

    A text of `unknown` says nothing: what was known before stays true. `milestones` names columns that say when a
    milestone was reached; without one it was reached when the first row said so. Instants without an offset are wall
    clock in `time_zone`.
    """

    source: Annotated[str, Field(pattern=r"^[A-Za-z0-9._~/:@-]{1,200}$", description="name of the system the tickets live in")]
    ticket_id: Column
    time_zone: Zone
    time_formats: Annotated[tuple[TimeFormat, ...], Field(min_length=1, description="tried from the first, as strptime reads them")]
    unknown: Annotated[tuple[str, ...], Field(description="texts that mean unknown; the empty text always does")] = ()
    row_at: Annotated[Column, Field(description="when the row was written")]
    order: Annotated[Column | None, Field(description="a number that orders rows of one instant; default: their order in the file")] = None
    created_at: Annotated[Column | None, Field(description="when the ticket was created; default: at its first row")] = None
    attributes: Mapping[AttributeName, AttributeSource] = {}
    state: StateColumn
    milestones: Annotated[Mapping[MilestoneName, Column], Field(description="columns that say when a milestone was reached")] = {}
    agreements: Annotated[tuple[str, ...], Field(description="agreement files to fold under, relative to this file")] = ()

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        reached = {name for meaning in self.state.states.values() for name in meaning.reaches}
        for name in self.milestones:
            if name not in reached:
                raise ValueError(f"milestones: no state reaches {name}")
        return self

    @cached_property
    def final_milestones(self) -> frozenset[str]:
        """Milestones that only a state which ends the ticket reaches: a reopened ticket has them before it again."""
        ending, open_ = (
            {name for meaning in self.state.states.values() if meaning.ends is ends for name in meaning.reaches} for ends in (True, False)
        )
        return frozenset(ending - open_)

    @cached_property
    def constants(self) -> Mapping[str, str]:
        """Attributes that every ticket has."""
        return {name: source.value for name, source in self.attributes.items() if source.value is not None}

    @cached_property
    def attribute_columns(self) -> Mapping[str, tuple[str, Mapping[str, str]]]:
        """By attribute: its column, and what texts of it mean."""
        return {name: (source.column, source.values) for name, source in self.attributes.items() if source.column is not None}

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Every column the mapping names, each once."""
        named = [self.ticket_id, self.row_at, self.order, self.created_at, self.state.column, *self.milestones.values()]
        named += [column for column, _ in self.attribute_columns.values()]
        return tuple(dict.fromkeys(column for column in named if column is not None))


def read_mapping(path: Path) -> EventLogMapping:
    """A mapping file.

    Raises:
        FaultyDocument: with file, line and rule of every fault.
    """
    return validate(read_yaml(path), EventLogMapping)


def agreement_files(path: Path, mapping: EventLogMapping) -> list[Path]:
    """The agreement files that a mapping file names."""
    return [path.parent / name for name in mapping.agreements]
