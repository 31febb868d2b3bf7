"""Agreements, calendars and mappings as YAML files, with file and line for every fault."""

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from domain.calendar_definitions import CalendarDefinition
from domain.catalogue import Catalogue
from domain.documents import AgreementDocument, FinalDraft
from domain.errors import BadInput
from domain.terms import Agreement
from domain.timer_policy import TimerPolicy

MAX_BYTES = 2_000_000
"""An agreement is pages, not megabytes; the bound keeps a wrong file from filling the memory."""

_MOST_PARTS = 200_000
"""Values in a document; references of references could make more of them than the memory holds."""

_M = TypeVar("_M", bound=BaseModel)
_Path = tuple[str | int, ...]


class Fault(NamedTuple):
    """One thing that is wrong in a document."""

    file: str
    line: int
    rule: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {' '.join(self.rule.split())}"


class FaultyDocument(BadInput):
    """A document that cannot be used; `faults` says each reason with its place."""

    code = "FAULTY_DOCUMENT"

    def __init__(self, faults: list[Fault]) -> None:
        """Keep the faults; the message shows all of them, a line each."""
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


class _Loader(yaml.SafeLoader):
    """YAML without surprises: `10:00`, `NO` and `2026-04-06` stay text, and a key may stand once."""


_TEXT = "tag:yaml.org,2002:str"
_FORMS = {
    "tag:yaml.org,2002:bool": re.compile(r"^(true|false)$"),
    "tag:yaml.org,2002:int": re.compile(r"^-?(0|[1-9][0-9]{0,17})$"),
    "tag:yaml.org,2002:null": re.compile(r"^(null|~|)$"),
    _TEXT: re.compile(""),
}
"""The values a document holds, and how they are written; anything else that has no quotes is text."""

_Loader.yaml_implicit_resolvers = {}
for _tag, _form in _FORMS.items():
    if _tag != _TEXT:
        _Loader.add_implicit_resolver(_tag, _form, None)


class Source(NamedTuple):
    """A parsed file: its value, and the line of each part of it."""

    path: Path
    value: Any
    lines: Mapping[_Path, int]

    def line_of(self, where: _Path) -> int:
        """The line of a part; of the nearest part around it if it has none of its own."""
        while where not in self.lines and where:
            where = where[:-1]
        return self.lines.get(where, 1)


def read_yaml(path: Path) -> Source:
    """Read one YAML file.

    Raises:
        FaultyDocument: missing, too large, not UTF-8, not YAML, or a key that stands twice.
    """
    return parse_yaml(_text_of(path), path)


def _text_of(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise FaultyDocument([Fault(str(path), 1, f"larger than {MAX_BYTES} bytes")])
        return path.read_text(encoding="utf-8")
    except OSError as wrong:
        raise FaultyDocument([Fault(str(path), 1, wrong.strerror or str(wrong))]) from wrong
    except UnicodeDecodeError as wrong:
        raise FaultyDocument([Fault(str(path), 1, "not UTF-8 text")]) from wrong


def parse_yaml(text: str, path: Path) -> Source:
    """Read YAML that stands somewhere else than in a file; `path` is what faults call it.

    Raises:
        FaultyDocument: not YAML, or a key that stands twice.
    """
    try:
        loader = _Loader(text)
    except yaml.reader.ReaderError as wrong:
        line = text.count("\n", 0, wrong.position) + 1
        raise FaultyDocument([Fault(str(path), line, f"a control character (U+{wrong.character:04X}) cannot stand in YAML")]) from wrong
    try:
        node = loader.get_single_node()
        if node is None:
            raise FaultyDocument([Fault(str(path), 1, "the file is empty")])
        lines: dict[_Path, int] = {}
        _look_through(path, node, (), lines)
        return Source(path, loader.construct_document(node), lines)
    except RecursionError as wrong:
        raise FaultyDocument([Fault(str(path), 1, "nested too deeply")]) from wrong
    except yaml.MarkedYAMLError as wrong:
        mark = wrong.problem_mark or wrong.context_mark
        raise FaultyDocument([Fault(str(path), mark.line + 1 if mark else 1, wrong.problem or "not YAML")]) from wrong
    except yaml.YAMLError as wrong:
        raise FaultyDocument([Fault(str(path), 1, "not YAML: " + str(wrong).splitlines()[0])]) from wrong
    finally:
        loader.dispose()


def _look_through(path: Path, node: yaml.Node, where: _Path, lines: dict[_Path, int]) -> None:
    """Note the line of every part, and refuse what no document of ours can mean."""
    line = node.start_mark.line + 1
    lines.setdefault(where, line)
    if len(lines) > _MOST_PARTS:
        raise FaultyDocument([Fault(str(path), line, f"more than {_MOST_PARTS} parts; one that refers to itself many times over?")])
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            key_line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                raise FaultyDocument([Fault(str(path), key_line, "a name must be one word, not a list or a mapping")])
            key.tag = _TEXT  # a name is a word, also where it looks like a number or claims to be one
            if key.value in seen:
                raise FaultyDocument([Fault(str(path), key_line, f"{key.value!r} stands twice")])
            seen.add(key.value)
            lines[(*where, key.value)] = key_line
            _look_through(path, value, (*where, key.value), lines)
    elif isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            _look_through(path, item, (*where, number), lines)
    elif (form := _FORMS.get(node.tag)) is None or not form.match(node.value):
        raise FaultyDocument([Fault(str(path), line, f"{node.value[:60]!r} is no value a document can hold")])


def validate(source: Source, model: type[_M]) -> _M:
    """A document as its model.

    Raises:
        FaultyDocument: with file, line and rule of every fault.
    """
    if not isinstance(source.value, dict):
        raise FaultyDocument(
            [Fault(str(source.path), 1, f"expected the fields of {model.__name__}, found a {type(source.value).__name__}")]
        )
    try:
        return model.model_validate(source.value)
    except ValidationError as wrong:
        errors = wrong.errors()
        # A list with a faulty item is also reported as too short; the item's fault says it all.
        inner = [error for error in errors if not any(_is_around(error["loc"], other["loc"]) for other in errors)]
        raise FaultyDocument([_fault(source, error) for error in inner]) from wrong


def _is_around(where: _Path, other: _Path) -> bool:
    return len(where) < len(other) and other[: len(where)] == where and bool(where)


def _fault(source: Source, error: Any) -> Fault:
    where: _Path = tuple(error["loc"])
    shown = ".".join(str(part) for part in where if part != "[key]")
    message = str(error["msg"]).removeprefix("Value error, ")
    message = "unknown field" if error["type"] == "extra_forbidden" else "is missing" if error["type"] == "missing" else message
    return Fault(str(source.path), source.line_of(where), f"{shown}: {message}" if shown else message)


def read_calendar(path: Path) -> CalendarDefinition:
    """A calendar file.

    Raises:
        FaultyDocument: with file, line and rule of every fault.
    """
    return validate(read_yaml(path), CalendarDefinition)


def form_of(path: Path) -> str:
    """What an agreement file holds: `draft`, `document` or `terms`.

    Raises:
        FaultyDocument: the file cannot be read.
    """
    value = read_yaml(path).value
    names = value if isinstance(value, dict) else {}
    return "draft" if "documents" in names else "document" if "document" in names else "terms"


def read_agreement(path: Path) -> Agreement:
    """An agreement file; `calendars` may name files (`- file: ../calendars/x.yaml`), which become part of it.

    Raises:
        FaultyDocument: with file, line and rule of every fault.
    """
    source = read_yaml(path)
    return validate(source._replace(value=_with_calendars(path, source.value)), Agreement)


def read_catalogue(path: Path) -> Catalogue:
    """A catalogue file; `calendar` may name a file (`file: ../calendars/x.yaml`), which becomes part of it.

    Raises:
        FaultyDocument: with file, line and rule of every fault.
    """
    source = read_yaml(path)
    if isinstance(source.value, dict) and "calendar" in source.value:
        source = source._replace(value={**source.value, "calendar": _include(path, source.value["calendar"])})
    return validate(source, Catalogue)


def read_document(path: Path) -> AgreementDocument:
    """An agreement document; its `calendars` may name files.

    Raises:
        FaultyDocument: with file, line and rule of every fault.
    """
    source = read_yaml(path)
    return validate(source._replace(value=_with_calendars(path, source.value)), AgreementDocument)


def read_draft(path: Path) -> FinalDraft:
    """The documents of one agreement; `calendars` of each may name files.

    Raises:
        FaultyDocument: with file, line and rule of every fault.
    """
    source = read_yaml(path)
    if isinstance(source.value, dict) and isinstance(source.value.get("documents"), list):
        documents = [_with_calendars(path, document) for document in source.value["documents"]]
        source = source._replace(value={**source.value, "documents": documents})
    return validate(source, FinalDraft)


def read_policy(path: Path) -> TimerPolicy:
    """A file of times and thresholds for agreement cases.

    Raises:
        FaultyDocument: with file, line and rule of every fault.
    """
    return validate(read_yaml(path), TimerPolicy)


def _with_calendars(path: Path, value: Any) -> Any:
    if isinstance(value, dict) and isinstance(value.get("calendars"), list):
        return {**value, "calendars": [_include(path, entry) for entry in value["calendars"]]}
    return value


def _include(path: Path, entry: Any) -> Any:
    if isinstance(entry, dict) and set(entry) == {"file"}:
        return read_calendar(path.parent / str(entry["file"])).model_dump(mode="json")
    return entry


def calendar_notes(definition: CalendarDefinition) -> list[str]:
    """What is legal in a calendar and probably not meant."""
    notes = [f"{on}: the exception has no effect, the date is a holiday" for on in definition.exceptions if on in definition.holidays]
    if definition.holidays:
        notes.append(f"holidays are written out up to {max(definition.holidays)}; later years count as having none")
    else:
        notes.append("no holidays: every date counts as its weekday")
    twice = {on for on in definition.holidays if definition.holidays.count(on) > 1}
    return notes + [f"{on}: stands twice under holidays" for on in sorted(twice, key=date.isoformat)]
