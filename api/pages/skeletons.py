"""What an empty field of YAML begins with: every name it may hold, to be filled in, with what it means beside it."""

from collections.abc import Iterator, Mapping
from typing import Any

_DEEPEST = 4
"""Levels a skeleton goes down; what lies deeper is rarely written by hand."""


def skeleton_of(part: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    """The YAML of a schema with its values left open; names that may be left out stand behind a `#`."""
    return "".join(f"{line}\n" for line in _lines(part, schema, 0))


def _lines(part: Mapping[str, Any], schema: Mapping[str, Any], depth: int) -> Iterator[str]:
    one = resolved(part, schema)
    if one.get("type") == "array":
        inner = list(_lines(one.get("items", {}), schema, depth + 1))
        yield from (f"{'- ' if number == 0 else '  '}{line}" for number, line in enumerate(inner or [""]))
        return
    required = set(one.get("required", ()))
    for name, value in one.get("properties", {}).items():
        known = {key: value[key] for key in ("description",) if key in value}
        yield from _entry(name, {**resolved(value, schema), **known}, schema, depth if name in required else None)


def _entry(name: str, value: Mapping[str, Any], schema: Mapping[str, Any], depth: int | None) -> Iterator[str]:
    """A name and what belongs below it; without a depth it may be left out."""
    nested = list(_lines(value, schema, depth + 1)) if depth is not None and depth < _DEEPEST and _is_nested(value) else []
    said = f"  # {_said(value)}" if not nested and _said(value) else ""
    yield f"{'# ' if depth is None else ''}{name}:{said}"
    yield from (f"  {line}" for line in nested)


def _is_nested(value: Mapping[str, Any]) -> bool:
    return "properties" in value or (value.get("type") == "array" and "enum" not in value)


def _said(value: Mapping[str, Any]) -> str:
    """What a value means, or may be."""
    if "enum" in value:
        return ", ".join(map(str, value["enum"]))
    description: str = value.get("description", "")
    return description.splitlines()[0] if description else value.get("format", "")


def resolved(part: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a schema says, with references followed and without "or nothing"."""
    options = [each for each in part.get("anyOf", (part,)) if each.get("type") != "null"]
    one: Mapping[str, Any] = options[0]
    while "$ref" in one:
        one = schema["$defs"][one["$ref"].rpartition("/")[2]]
    return one
