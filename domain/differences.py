"""What changed between two versions of a document, in words: named entries are matched by their names, not by their places."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel

from domain.durations import format_duration
from domain.values import Document

_D = TypeVar("_D", bound=Document)
_Where = tuple[str, ...]

_LONG = 300
"""Characters of a whole entry that are shown; a changed text keeps every character that changed."""

_AROUND = 40
"""Characters shown before and after what changed in a long text."""


class DifferenceKind(StrEnum):
    """What happened to a value."""

    ADDED = "ADDED"
    REMOVED = "REMOVED"
    CHANGED = "CHANGED"


class Difference(NamedTuple):
    """One value that is not as it was; `where` is its path, such as `warsaw.targets.response.limit`."""

    where: str
    kind: DifferenceKind
    before: str | None
    after: str | None


def differences(older: _D, newer: _D) -> list[Difference]:
    """What a reader of the newer version finds changed, in the order of the document.

    A value at its default counts as absent, and amounts are compared as numbers: 95 and 95.0 are the same promise. The
    entries of the list a version consists of (the documents of a draft, the requirements, the options) stand at the
    beginning of a path without the list's name. A part that was not answered before, or is not any longer, is one line.
    """
    own = next(iter(_required(type(older))), None)
    found = _between((), older, newer)
    return [_difference(where[1:] if where[0] == own and len(where) > 1 else where, *values) for where, *values in found]


def _difference(where: _Where, before: Any, after: Any) -> Difference:
    path = ".".join(where)
    if before is None:
        return Difference(path, DifferenceKind.ADDED, None, _line(after))
    if after is None:
        return Difference(path, DifferenceKind.REMOVED, _line(before), None)
    return Difference(path, DifferenceKind.CHANGED, *_cut(_plain(before), _plain(after)))


def _between(where: _Where, old: Any, new: Any) -> Iterator[tuple[_Where, Any, Any]]:
    """The smallest parts that differ, with their values; None stands for an absent one."""
    if old == new:
        return
    if isinstance(old, BaseModel) and isinstance(new, BaseModel):
        for name in type(new).model_fields:
            yield from _between((*where, name), _given(old, name), _given(new, name))
    elif isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in dict.fromkeys([*old, *new]):
            yield from _between((*where, _plain(key)), old.get(key), new.get(key))
    elif isinstance(old, tuple) and isinstance(new, tuple):
        if any(isinstance(each, BaseModel) for each in (*old, *new)):
            names, new_names = _names(old, new)
            before: dict[_Where, Any] = dict(zip(names, old, strict=True))
            after: dict[_Where, Any] = dict(zip(new_names, new, strict=True))
            for entry in dict.fromkeys([*before, *after]):
                yield from _between((*where, *entry), before.get(entry), after.get(entry))
        else:
            yield from _between_plain(where, old, new)
    else:
        yield where, old, new


def _between_plain(where: _Where, old: tuple[Any, ...], new: tuple[Any, ...]) -> Iterator[tuple[_Where, Any, Any]]:
    """Entries that came or went; the whole lists where their order changed, or an entry stands twice."""
    kept = [each for each in old if each in new]
    if kept != [each for each in new if each in old] or len({*old}) < len(old) or len({*new}) < len(new):
        yield where, old, new
        return
    yield from ((where, each, None) for each in old if each not in new)
    yield from ((where, None, each) for each in new if each not in old)


def _given(model: BaseModel, name: str) -> Any:
    """A field's value, None at its default; an empty list and a default part stay, to be compared entry by entry."""
    value = getattr(model, name)
    at_default = value == type(model).model_fields[name].get_default(call_default_factory=True, validated_data={})
    return None if at_default and not isinstance(value, BaseModel) and value not in ((), {}) else value


def _required(model: type[BaseModel]) -> Sequence[str]:
    return [name for name, field in model.model_fields.items() if field.is_required()]


def _names(old: tuple[Any, ...], new: tuple[Any, ...]) -> tuple[list[_Where], list[_Where]]:
    """Names for the entries of two lists: the fewest required fields, texts first, that tell the entries of each list apart.

    So a target is named by `target`, and a link by its target as long as that has a single link, then by its support too.
    Entries that nothing tells apart, such as rules that are read from the top, are named by their place.
    """
    sample: BaseModel = (*old, *new)[0]
    keys = sorted(
        (name for name in _required(type(sample)) if not isinstance(getattr(sample, name), BaseModel | Mapping | tuple)),
        key=lambda name: not isinstance(getattr(sample, name), str),
    )
    for count in range(1, len(keys) + 1):
        named = [[tuple(_plain(getattr(each, key)) for key in keys[:count]) for each in entries] for entries in (old, new)]
        if all(len(set(names)) == len(names) for names in named):
            return named[0], named[1]
    return [(str(place),) for place in range(1, len(old) + 1)], [(str(place),) for place in range(1, len(new) + 1)]


def _line(value: Any) -> str:
    """What came or went; cut off when it is long."""
    shown = _plain(value)
    return shown if len(shown) <= _LONG else shown[:_LONG] + "…"


def _plain(value: Any) -> str:
    if isinstance(value, BaseModel):
        given = {name: _given(value, name) for name in type(value).model_fields}
        return _plain({name: part for name, part in given.items() if part not in (None, (), {}) and _plain(part) != "none"})
    if isinstance(value, Mapping):
        return ", ".join(f"{_plain(key)} {_inner(part)}" for key, part in value.items()) or "none"
    if isinstance(value, tuple):
        return ("; " if any(isinstance(each, BaseModel) for each in value) else ", ").join(map(_plain, value)) or "none"
    if isinstance(value, timedelta):
        return format_duration(value)
    return ("no", "yes")[value] if isinstance(value, bool) else str(value)


def _inner(part: Any) -> str:
    return f"({_plain(part)})" if isinstance(part, BaseModel | Mapping) or (isinstance(part, tuple) and len(part) > 1) else _plain(part)


def _cut(before: str, after: str) -> tuple[str, str]:
    """Two texts without the long beginning and end they share."""
    if max(len(before), len(after)) <= _LONG:
        return before, after
    shorter = min(len(before), len(after))
    first = next((place for place in range(shorter) if before[place] != after[place]), shorter)
    last = next((place for place in range(shorter - first) if before[-1 - place] != after[-1 - place]), shorter - first)
    start, end = max(0, first - _AROUND), max(0, last - _AROUND)
    opening, closing = "…" if start else "", "…" if end else ""
    return f"{opening}{before[start : len(before) - end]}{closing}", f"{opening}{after[start : len(after) - end]}{closing}"
