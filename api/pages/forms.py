"""Forms made from the bodies of decisions: whatever the API takes, a page can ask for, and nothing else.

Plain values become fields of their own; what is built of parts (requirements, prices, drafts) is edited as YAML, as agreements are.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, ValidationError

from api.errors import faults_of
from api.pages.skeletons import resolved, skeleton_of
from api.pages.visitors import Sent
from connectors.documents import parse_yaml
from domain.errors import BadInput

LONG = 200
"""Characters from which on a text gets several lines."""


YES_OR_NO = (("true", "yes"), ("false", "no"))
"""The values of a question that must be answered, and the keys of their words."""


class FieldKind(StrEnum):
    """How a value is asked for."""

    TEXT = "text"
    LONG = "long"
    NUMBER = "number"
    DECIMAL = "decimal"
    DATE = "date"
    INSTANT = "instant"
    TICK = "tick"
    CHOICE = "choice"
    TICKS = "ticks"
    LINES = "lines"
    DATA = "data"
    HIDDEN = "hidden"


class Given(NamedTuple):
    """What a page knows of a field: its value, what can be chosen (value and name), and whether the person may change it."""

    value: Any = None
    choices: Sequence[tuple[str, str]] = ()
    is_fixed: bool = False


class Field(NamedTuple):
    """One field of a form, with what stands in it now and what is wrong with it."""

    name: str
    kind: FieldKind
    is_required: bool
    value: Any = None
    choices: Sequence[tuple[str, str]] = ()
    longest: int | None = None
    fault: str | None = None

    @property
    def shown(self) -> str:
        """The value as it stands in a field of one text."""
        return "" if self.value is None else str(self.value)


def fields_of(body: type[BaseModel], given: Mapping[str, Given], zone: ZoneInfo) -> list[Field]:
    """The fields a body is asked for by, filled with what is known."""
    schema = body.model_json_schema()
    required = set(schema.get("required", ()))
    return [
        _field(name, _Shape.of(part, schema), given.get(name, Given()), zone, is_required=name in required)
        for name, part in schema.get("properties", {}).items()
    ]


class _Shape(NamedTuple):
    """What a schema says of a value."""

    kind: FieldKind
    choices: tuple[str, ...] = ()
    longest: int | None = None
    default: Any = None
    skeleton: str | None = None

    @classmethod
    def of(cls, part: Mapping[str, Any], schema: Mapping[str, Any]) -> "_Shape":
        options = [each for each in part.get("anyOf", (part,)) if each.get("type") != "null"]
        one, default = resolved(options[0], schema), part.get("default")
        if len(options) > 1:  # a number that may be written as text
            return cls(FieldKind.DECIMAL, default=default)
        if one.get("type") == "array":
            return cls._list(resolved(one.get("items", {}), schema))._replace(skeleton=skeleton_of(one, schema))
        choices = tuple(one.get("enum", ()))
        kind = _text_kind(one, choices) if one.get("type") == "string" else _PLAIN.get(one.get("type", ""), FieldKind.DATA)
        skeleton = skeleton_of(one, schema) if kind is FieldKind.DATA else None
        return cls(kind, choices, one.get("maxLength"), default, skeleton)

    @classmethod
    def _list(cls, items: Mapping[str, Any]) -> "_Shape":
        if items.get("type") != "string":
            return cls(FieldKind.DATA)
        return cls(FieldKind.TICKS if "enum" in items else FieldKind.LINES, tuple(items.get("enum", ())))


_PLAIN = {"boolean": FieldKind.TICK, "integer": FieldKind.NUMBER, "number": FieldKind.DECIMAL}


def _text_kind(one: Mapping[str, Any], choices: Sequence[str]) -> FieldKind:
    if choices:
        return FieldKind.CHOICE
    by_format = {"date": FieldKind.DATE, "date-time": FieldKind.INSTANT}
    return by_format.get(one.get("format", "")) or (FieldKind.LONG if one.get("maxLength", LONG + 1) > LONG else FieldKind.TEXT)


def _field(name: str, shape: _Shape, given: Given, zone: ZoneInfo, *, is_required: bool) -> Field:
    value = given.value if given.value is not None else shape.default
    if given.is_fixed:
        return Field(name, FieldKind.HIDDEN, is_required, value)
    kind, choices = shape.kind, given.choices or [(each, each) for each in shape.choices]
    if kind is FieldKind.TICK and is_required:
        kind, choices = FieldKind.CHOICE, YES_OR_NO  # a box left alone is no answer
    if given.choices:
        kind = FieldKind.TICKS if shape.kind in {FieldKind.LINES, FieldKind.TICKS} else FieldKind.CHOICE
    if kind is FieldKind.LINES and not isinstance(value, str):
        value = "\n".join(value or ())
    if kind is FieldKind.DATA and not isinstance(value, str):
        value = yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=100) if value else _offered(shape, is_required=is_required)
    if kind is FieldKind.INSTANT and isinstance(value, datetime):
        value = value.astimezone(zone).strftime("%Y-%m-%dT%H:%M")
    return Field(name, kind, is_required, value, choices, shape.longest)


def _offered(shape: _Shape, *, is_required: bool) -> str:
    """What an empty field of YAML begins with; where nothing need stand in it, all of it is a remark."""
    lines = (shape.skeleton or "").splitlines()
    return "\n".join(line if is_required or line.startswith("#") else f"# {line}" for line in lines)


# ---- what was sent --------------------------------------------------------------------------------------------------


class Filled(NamedTuple):
    """A form as somebody filled it in: the body it makes, or the fields with what is wrong with them."""

    body: BaseModel | None
    fields: list[Field]
    faults: tuple[str, ...] = ()

    def blaming(self, message: str) -> "Filled":
        """The same form, refused as a whole."""
        return Filled(None, self.fields, (*self.faults, message))


def filled(body: type[BaseModel], fields: Sequence[Field], sent: Sent, zone: ZoneInfo) -> Filled:
    """The body that a sent form makes; what is wrong stands at its field, and nothing that was typed is lost."""
    values: dict[str, Any] = {}
    faults: dict[str, str] = {}
    typed = [field._replace(value=_typed(field, sent)) for field in fields]
    for field in typed:
        try:
            value = _value(field, zone)
        except (ValueError, BadInput) as wrong:
            faults[field.name] = str(wrong)
        else:
            if value is not None:
                values[field.name] = value
    made: BaseModel | None = None
    if not faults:
        try:
            made = body.model_validate(values)
        except ValidationError as wrong:
            faults = _by_field(faults_of(wrong.errors()))
    shown = [field._replace(fault=faults.pop(field.name, None)) for field in typed]
    return Filled(made, shown, tuple(f"{name}: {fault}" for name, fault in faults.items()))


def _by_field(found: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Faults by the first part of where they are; the rest of it stands in the message."""
    faults: dict[str, str] = {}
    for each in found:
        name, _, rest = each["field"].partition(".")
        message = f"{rest}: {each['message']}" if rest else each["message"]
        faults[name] = f"{faults[name]}\n{message}" if name in faults else message
    return faults


def _typed(field: Field, sent: Sent) -> Any:
    if field.kind is FieldKind.TICKS:
        return sent.all(field.name)
    if field.kind is FieldKind.TICK:
        return sent.has(field.name)
    return sent.text(field.name)


def _value(field: Field, zone: ZoneInfo) -> Any:
    """The value of a field as JSON would hold it; None where it was left empty."""
    if field.kind is FieldKind.TICK:
        return field.value
    if not field.value or (field.kind is FieldKind.DATA and all(line.lstrip().startswith("#") for line in _lines(field.value))):
        return None
    read: Mapping[FieldKind, Callable[[str], Any]] = {
        FieldKind.LINES: lambda typed: list(_lines(typed)),
        FieldKind.INSTANT: lambda typed: datetime.fromisoformat(typed).replace(tzinfo=zone).isoformat(),
        FieldKind.DECIMAL: lambda typed: typed.replace("\u00a0", "").replace(" ", "").replace(",", "."),
        FieldKind.DATA: _data,
    }
    return read[field.kind](field.value) if field.kind in read else field.value


def _lines(text: str) -> Iterator[str]:
    return (line.strip() for line in text.splitlines() if line.strip())


def _data(text: str) -> Any:
    """What stands in a field of YAML, read as agreements are.

    Raises:
        FaultyDocument: it is no YAML, or a key stands twice.
    """
    return parse_yaml(text, Path("YAML")).value
